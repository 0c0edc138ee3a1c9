"""The coded pictures themselves: nothing in the stream but pictures and what is needed to decode them.

An allow-list, as everywhere: a unit of another type is a finding, whatever it holds.
"""

from collections.abc import Callable, Iterator

Units = Callable[[bytes], Iterator[str]]
"""What is found in one sample, in words."""

H264_TYPES = frozenset({1, 5, 7, 8})
"""ITU-T H.264 table 7-1: slices, IDR slices, sequence and picture parameter sets."""
HEVC_TYPES = frozenset({*range(22), 32, 33, 34})
"""ITU-T H.265 table 7-1: slices, and video, sequence and picture parameter sets."""
AV1_TYPES = frozenset({1, 2, 3, 4, 6, 7})
"""AV1 specification 6.2.2: sequence header, temporal delimiter, frame header, tile group, frame, redundant header."""
_SEQUENCE_HEADER = 1
_HEVC_SETS = frozenset({32, 33, 34})
_LEB128_BYTES = 8


class NoUnits(ValueError):
    """The bytes are no row of units."""


def h264(sample: bytes, length_bytes: int) -> Iterator[str]:
    """Units behind their lengths of `length_bytes` (ISO/IEC 14496-15). Raises NoUnits."""
    for unit in _by_length(sample, length_bytes):
        if unit[0] & 31 not in H264_TYPES:
            yield f"a unit of type {unit[0] & 31} in the H.264 stream"


def hevc(sample: bytes, length_bytes: int) -> Iterator[str]:
    """The same for HEVC. Raises NoUnits."""
    for unit in _by_length(sample, length_bytes):
        if unit[0] >> 1 & 63 not in HEVC_TYPES:
            yield f"a unit of type {unit[0] >> 1 & 63} in the HEVC stream"


def av1(sample: bytes) -> Iterator[str]:
    """Open bitstream units that say their size. Raises NoUnits."""
    for kind in _obus(sample):
        if kind not in AV1_TYPES:
            yield f"a unit of type {kind} in the AV1 stream"


def avc_configuration(body: bytes) -> tuple[int, list[str]]:
    """Of `avcC` (ISO/IEC 14496-15, 5.3.3.1): bytes of a unit's length, and what is found. Raises NoUnits."""
    found: list[str] = []
    place = 6
    try:
        for _ in range(body[5] & 31):
            place = _set(body, place, 31, 7, found)
        count, place = body[place], place + 1
        for _ in range(count):
            place = _set(body, place, 31, 8, found)
    except IndexError as exc:
        raise NoUnits("a configuration that is cut") from exc
    if len(body) - place not in (0, 4):  # four bytes on bit depths for the higher profiles
        found.append("bytes behind the parameter sets")
    return (body[4] & 3) + 1, found


def hevc_configuration(body: bytes) -> tuple[int, list[str]]:
    """The same of `hvcC` (8.3.3.1). Raises NoUnits."""
    found: list[str] = []
    try:
        length_bytes, arrays, place = (body[21] & 3) + 1, body[22], 23
        for _ in range(arrays):
            kind, count, place = body[place] & 63, int.from_bytes(body[place + 1 : place + 3], "big"), place + 3
            if kind not in _HEVC_SETS:
                found.append(f"a unit of type {kind} beside the parameter sets")
            for _ in range(count):
                place += 2 + int.from_bytes(body[place : place + 2], "big")
    except IndexError as exc:
        raise NoUnits("a configuration that is cut") from exc
    if place != len(body):
        found.append("bytes behind the parameter sets")
    return length_bytes, found


def av1_configuration(body: bytes) -> list[str]:
    """The same of `av1C` (AV1 in ISOBMFF, 2.3.3), which holds the sequence header at most. Raises NoUnits."""
    return [f"a unit of type {kind} beside the header" for kind in _obus(body[4:]) if kind != _SEQUENCE_HEADER]


def _set(body: bytes, place: int, mask: int, wanted: int, found: list[str]) -> int:
    """The place behind a parameter set, which has to be of the type `wanted`."""
    size = int.from_bytes(body[place : place + 2], "big")
    if body[place + 2] & mask != wanted:
        found.append(f"a unit of type {body[place + 2] & mask} among the parameter sets")
    return place + 2 + size


def _by_length(sample: bytes, length_bytes: int) -> Iterator[bytes]:
    place = 0
    while place < len(sample):
        end = place + length_bytes + int.from_bytes(sample[place : place + length_bytes], "big")
        if not place + length_bytes < end <= len(sample):
            raise NoUnits("a picture that is no row of units")
        yield sample[place + length_bytes : end]
        place = end


def _obus(sample: bytes) -> Iterator[int]:
    """Types of the units (AV1 specification 5.3)."""
    place = 0
    while place < len(sample):
        head, place = sample[place], place + 1
        if head & 0x80 or not head & 0x02:  # the forbidden bit, or no size
            raise NoUnits("a picture that is no row of units")
        place += head >> 2 & 1
        size, place = _leb128(sample, place)
        if place + size > len(sample):
            raise NoUnits("a picture that is no row of units")
        place += size
        yield head >> 3 & 15


def _leb128(sample: bytes, place: int) -> tuple[int, int]:
    """The number, and the place behind it (AV1 specification 4.10.5)."""
    value = 0
    for number, byte in enumerate(sample[place : place + _LEB128_BYTES]):
        value |= (byte & 0x7F) << 7 * number
        if not byte & 0x80:
            return value, place + number + 1
    raise NoUnits("a picture that is no row of units")
