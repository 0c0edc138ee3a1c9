"""Coded pictures without what is no picture in them: messages (SEI), user data, padding, units that nobody needs.

A filter takes one coded picture and gives it back, byte for byte the same where there was nothing. Kept of messages are
those that a decoder or a screen needs: where decoding may begin, and the brightness of HDR pictures.
"""

import re
from collections.abc import Callable
from functools import partial

from posture.privacy.scrub import jpeg
from posture.privacy.scrub.found import Broken, Kind, Notes, OnlyAnew

Filter = Callable[[bytes, Notes], bytes]

_H264_KEPT = frozenset((1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13, 19))
"""ITU-T H.264 table 7-1: slices, parameter sets, delimiters, ends, alpha. Not 6 (messages), 12 (filler), 14 to 24."""
_H264_MESSAGES, _H264_FILLER = frozenset((6,)), 12
_HEVC_KEPT = frozenset((*range(10), *range(16, 22), 32, 33, 34, 35, 36, 37))
_HEVC_MESSAGES, _HEVC_FILLER = frozenset((39, 40)), 38
_AV1_KEPT, _AV1_METADATA, _AV1_PADDING = frozenset((1, 2, 3, 4, 6, 7)), 5, 15
_AV1_KEPT_METADATA = frozenset((1, 2))
"""AV1 6.7.1: content light level, mastering display."""
_KEPT_MESSAGES = frozenset((6, 137, 144, 147))
"""ITU-T H.264 and H.265, annex D: recovery point, mastering display, content light level, transfer characteristics."""
_MESSAGES: dict[int, Kind] = {1: "time code", 136: "time code", 4: "captions or user data", 5: "text of the encoder"}
_START = re.compile(rb"\x00\x00\x01")
_USER_DATA = re.compile(rb"\x00\x00\x01\xb2(?:(?!\x00\x00\x01).)*", re.DOTALL)
_GROUP, _NO_TIME = b"\0\0\1\xb8", b"\0\x08\0"
_GROUP_OF_PICTURES = re.compile(rb"\x00\x00\x01\xb8(.{4})", re.DOTALL)
"""Time code (25 bits, of which one is always set), and whether the group stands alone (2 bits)."""
_AVCC, _HVCC_ARRAYS = 1, 22

_PLAIN = frozenset(
    (
        *(
            "vp8",
            "vp9",
            "ffv1",
            "huffyuv",
            "ffvhuff",
            "utvideo",
            "rawvideo",
            "msmpeg4v3",
            "msmpeg4v2",
            "wmv1",
            "wmv2",
            "h263",
        ),
        *("qtrle", "prores", "png", "gif", "cinepak", "svq1", "svq3", "magicyuv", "v210"),
    )
)
"""Codecs whose pictures have no place for text."""


def for_codec(codec: str, extradata: bytes) -> tuple[Filter, bytes, Notes]:
    """The filter of a video stream, its header without what is no header, and what was found there.

    Raises OnlyAnew where nobody here knows what a coded picture may hold, Broken where the header is damaged.
    """
    notes = Notes()
    if codec in ("h264", "hevc"):
        one = _h264_unit if codec == "h264" else hevc_unit
        if extradata[:1] != bytes((_AVCC,)):  # start codes instead of lengths
            return partial(_by_start_codes, unit=one), _by_start_codes(extradata, notes, unit=one), notes
        length, header = _avcc(extradata) if codec == "h264" else hvcc(extradata, notes)
        return partial(by_length, length_bytes=length, unit=one), header, notes
    if codec == "av1":
        return av1, extradata[:4] + av1(extradata[4:], notes), notes
    if codec == "mpeg4":
        return _without_user_data, _without_user_data(extradata, notes), notes
    if codec in ("mpeg2video", "mpeg1video"):
        return _mpeg2, _mpeg2(extradata, notes), notes
    if codec == "mjpeg":
        return _jpeg, extradata, notes
    if codec in _PLAIN:
        return lambda sample, _: sample, extradata, notes
    raise OnlyAnew(f"its pictures are coded as {codec}, in which nobody here knows what else may stand")


Unit = Callable[[bytes, Notes], bytes]


def by_length(sample: bytes, notes: Notes, *, length_bytes: int, unit: Unit) -> bytes:
    """Units behind their lengths (ISO/IEC 14496-15). Raises Broken."""
    kept, place = [], 0
    while place < len(sample):
        start = place + length_bytes
        end = start + int.from_bytes(sample[place:start], "big")
        if end > len(sample):
            raise Broken("a coded picture is cut")
        if content := unit(sample[start:end], notes) if end > start else b"":
            kept.append(len(content).to_bytes(length_bytes, "big") + content)
        place = end
    return b"".join(kept)


def _by_start_codes(sample: bytes, notes: Notes, *, unit: Unit) -> bytes:
    """Units behind start codes (H.264 annex B)."""
    starts = [found.start() for found in _START.finditer(sample)]
    if sample[: starts[0] if starts else None].strip(b"\0"):
        raise Broken("a coded picture that does not begin with a unit")
    kept = []
    for start, end in zip(starts, [*starts[1:], len(sample)], strict=False):
        body = sample[start + 3 : end].rstrip(b"\0")
        if content := unit(body, notes) if body else b"":
            kept.append(b"\0\0\0\1" + content)
    return b"".join(kept)


def _h264_unit(unit: bytes, notes: Notes) -> bytes:
    kind = unit[0] & 31
    if kind in _H264_MESSAGES:
        return _messages(unit, 1, notes)
    if kind in _H264_KEPT:
        return unit
    if kind != _H264_FILLER or unit[1:].strip(b"\xff\x80"):
        notes.add("unknown part", f"unit {kind} of the stream")
    return b""


def hevc_unit(unit: bytes, notes: Notes) -> bytes:
    """A unit of HEVC, or nothing where it is not needed."""
    kind = unit[0] >> 1 & 63
    if kind in _HEVC_MESSAGES:
        return _messages(unit, 2, notes)
    if kind in _HEVC_KEPT:
        return unit
    if kind != _HEVC_FILLER or unit[2:].strip(b"\xff\x80"):
        notes.add("unknown part", f"unit {kind} of the stream")
    return b""


def _messages(unit: bytes, head: int, notes: Notes) -> bytes:
    """A unit of messages with those that are needed (7.3.2.3.1). One that cannot be read goes as a whole."""
    body = unit[head:].replace(b"\0\0\3", b"\0\0")
    kept, all_kept, place = b"", True, 0
    while place < len(body) and body[place:] not in (b"\x80", b""):
        start = place
        kind, place = _sum(body, place)
        size, place = _sum(body, place)
        place += size
        if place > len(body):
            notes.add("unknown part", "message of the stream")
            return b""
        if kind in _KEPT_MESSAGES:
            kept += body[start:place]
        else:
            all_kept = False
            notes.add(_MESSAGES.get(kind, "unknown part"), f"message {kind} of the stream")
        if not body[place:].strip(b"\0"):
            break
    if all_kept and kept:
        return unit
    return unit[:head] + _escaped(kept + b"\x80") if kept else b""


def _sum(body: bytes, place: int) -> tuple[int, int]:
    """A number of messages: as many 255 as there are, and the byte behind them; and the place behind it."""
    value = 0
    while body[place : place + 1] == b"\xff":
        value, place = value + 255, place + 1
    return value + (body[place] if place < len(body) else 0), place + 1


def _escaped(body: bytes) -> bytes:
    """With emulation prevention (7.4.1)."""
    return re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\0\0\3", body)


def av1(sample: bytes, notes: Notes) -> bytes:
    """Open bitstream units (AV1 specification 5.3). Raises Broken."""
    kept, place = [], 0
    while place < len(sample):
        start, kind = place, sample[place] >> 3 & 15
        place += 1 + (sample[place] >> 2 & 1)
        size = len(sample) - place
        if sample[start] & 2:
            size, place = _leb128(sample, place)
        body, place = sample[place : place + size], place + size
        if place > len(sample):
            raise Broken("a coded picture is cut")
        if kind in _AV1_KEPT or (kind == _AV1_METADATA and body[:1] and body[0] in _AV1_KEPT_METADATA):
            kept.append(sample[start:place])
        elif kind != _AV1_PADDING or body.strip(b"\0\x80"):
            notes.add(
                "captions or user data" if kind == _AV1_METADATA else "unknown part", f"unit {kind} of the stream"
            )
    return b"".join(kept)


def _leb128(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for number, byte in enumerate(data[place : place + 8]):
        value |= (byte & 0x7F) << 7 * number
        if not byte & 0x80:
            return value, place + number + 1
    raise Broken("a coded picture is cut")


def _avcc(body: bytes) -> tuple[int, bytes]:
    """Bytes of a unit's length, and the header with its parameter sets alone (ISO/IEC 14496-15, 5.3.3.1)."""
    try:
        place = _behind_sets(body, 6, body[5] & 31)
        place = _behind_sets(body, place + 1, body[place])
    except IndexError as exc:
        raise Broken("the header of the stream is cut") from exc
    of_high_profiles = 4 if body[1] in (100, 110, 122, 144) else 0  # bit depths; may be missing
    return (body[4] & 3) + 1, body[: place + of_high_profiles]


def _behind_sets(body: bytes, place: int, count: int) -> int:
    for _ in range(count):
        place += 2 + int.from_bytes(body[place : place + 2], "big")
    return place


def hvcc(body: bytes, notes: Notes) -> tuple[int, bytes]:
    """The same of HEVC (8.3.3.1): parameter sets stay, messages go. Raises Broken."""
    try:
        kept, place, arrays = [], _HVCC_ARRAYS + 1, body[_HVCC_ARRAYS]
        for _ in range(arrays):
            start, units = place, b""
            count, place = int.from_bytes(body[place + 1 : place + 3], "big"), place + 3
            number = 0
            for _ in range(count):
                size = int.from_bytes(body[place : place + 2], "big")
                unit, place = body[place + 2 : place + 2 + size], place + 2 + size
                if content := hevc_unit(unit, notes) if unit else b"":
                    units, number = units + len(content).to_bytes(2, "big") + content, number + 1
            if number:
                kept.append(body[start : start + 1] + number.to_bytes(2, "big") + units)
        if place > len(body):
            raise Broken("the header of the stream is cut")
        return (body[21] & 3) + 1, body[:_HVCC_ARRAYS] + bytes((len(kept),)) + b"".join(kept)
    except IndexError as exc:
        raise Broken("the header of the stream is cut") from exc


def _without_user_data(sample: bytes, notes: Notes) -> bytes:
    """MPEG-1, MPEG-2 and MPEG-4 part 2: user data begin with the start code B2."""
    if not _USER_DATA.search(sample):
        return sample
    notes.add("captions or user data", "stream")
    return _USER_DATA.sub(b"", sample)


def _mpeg2(sample: bytes, notes: Notes) -> bytes:
    """Without user data, and with groups of pictures that tell no time (ISO/IEC 13818-2, 6.2.2.6)."""

    def untimed(found: re.Match[bytes]) -> bytes:
        if found[1][:3] != _NO_TIME or found[1][3] & 0x80:
            notes.add("time code", "group of pictures")
        return _GROUP + _NO_TIME + bytes((found[1][3] & 0x60,))

    return _GROUP_OF_PICTURES.sub(untimed, _without_user_data(sample, notes))


def _jpeg(sample: bytes, notes: Notes) -> bytes:
    inner = jpeg.clean(sample, still=False)
    for finding in inner.findings:
        notes.add(finding.kind, f"{finding.place} of a picture")
    return inner.content


Plain = Callable[[bytes], bytes]


def hevc_picture(length_bytes: int, notes: Notes) -> Plain:
    """What the coded bytes of a HEIC picture go through."""
    return lambda data: by_length(data, notes, length_bytes=length_bytes, unit=hevc_unit)


def av1_picture(notes: Notes) -> Plain:
    """The same of an AVIF picture."""
    return lambda data: av1(data, notes)
