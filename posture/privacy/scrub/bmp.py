"""BMP: header, colour table and pixels, and nothing between or behind them."""

import struct

from posture.privacy.scrub.found import Broken, Clean, Notes, OnlyAnew
from posture.privacy.scrub.packets import note_tail

_FILE_HEAD, _INFO, _V4, _V5 = 14, 40, 108, 124
_PLAIN_RGB, _BIT_FIELDS, _ALPHA_FIELDS = 0, 3, 6


def clean(data: bytes) -> Clean:
    """The picture alone. Raises Broken, or OnlyAnew for the rare kinds (RLE, OS/2, embedded JPEG)."""
    if data[:2] != b"BM" or len(data) < _FILE_HEAD + _INFO:
        raise Broken("no BMP")
    (at,), (size, width, height, _, bits, how) = (
        struct.unpack_from("<I", data, 10),
        struct.unpack_from("<IiiHHI", data, 14),
    )
    if size not in (_INFO, 52, 56, _V4, _V5) or how not in (_PLAIN_RGB, _BIT_FIELDS, _ALPHA_FIELDS):
        raise OnlyAnew("a kind of BMP that is rarely used")
    (colours,) = struct.unpack_from("<I", data, 46)
    table = 4 * (colours or 1 << bits) if bits <= 8 else 0
    masks = (12 if how == _BIT_FIELDS else 16) if size == _INFO and how != _PLAIN_RGB else 0
    head_end = _FILE_HEAD + size + masks + table
    length = (abs(width) * bits + 31) // 32 * 4 * abs(height)
    if not length or head_end > at or at + length > len(data):
        raise Broken("the BMP ends before its image")
    notes, head = Notes(), bytearray(data[:head_end])
    if any(data[head_end:at]) or any(data[6:10]):
        notes.add("unknown part", "before the pixels")
    if data[at + length :]:
        note_tail(data[at + length :], notes, "after the image")
    head[6:10] = bytes(4)
    if size == _V5 and any(head[14 + 112 : 14 + 124]):
        notes.add("text of a colour profile", "ICC")
        head[14 + 56 : 14 + 60], head[14 + 112 : 14 + 124] = b"BGRs", bytes(12)  # "sRGB", stored backwards
    struct.pack_into("<I", head, 2, head_end + length)
    struct.pack_into("<I", head, 10, head_end)
    return notes.clean(bytes(head) + data[at : at + length])
