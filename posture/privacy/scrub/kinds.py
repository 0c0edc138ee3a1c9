"""What a file is, by its first bytes: its name may lie."""

from collections.abc import Callable

from posture.privacy.scrub import bmp, gif, heif, jp2, jpeg, png, tiff, webp
from posture.privacy.scrub.found import Clean

HEAD_BYTES = 400
"""So many of the first bytes are enough."""
_HEIF_BRANDS = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"msf1", b"avif", b"avis")
)

PICTURES: dict[str, Callable[[bytes], Clean]] = {
    "jpeg": jpeg.clean,
    "png": png.clean,
    "webp": webp.clean,
    "gif": gif.clean,
    "tiff": tiff.clean,
    "bmp": bmp.clean,
    "heif": heif.clean,
    "jpeg2000": jp2.clean,
}
MOVED = {"mpegts": "matroska", "mpeg": "matroska", "flv": "matroska", "asf": "avi"}
"""Containers that are full of tables and names by design: their streams move into another one."""


def kind_of(head: bytes) -> str | None:
    """One of the names above, None for what none of them is. `head`: the first `HEAD_BYTES` bytes."""
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        mp4 = {b"qt": "mov", b"3g": "3gp"}.get(brand[:2], "mp4")
        return "heif" if brand in _HEIF_BRANDS else mp4
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"AVI ": "avi"}.get(head[8:12])
    if head[:4] == b"\x1aE\xdf\xa3":
        return "webm" if b"webm" in head[:64] else "matroska"
    for start, kind in _BEGINNINGS:
        if head.startswith(start):
            return kind
    if {head[place : place + 1] for place in (4, 196, 388)} == {b"\x47"}:  # packets of 192 bytes, of camcorders
        return "mpegts"
    return "mov" if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot") else None


_BEGINNINGS = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF8", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"BM", "bmp"),
    (b"\x30\x26\xb2\x75", "asf"),
    (b"\0\0\1\xba", "mpeg"),
    (b"FLV", "flv"),
    (b"\0\0\0\x0cjP  ", "jpeg2000"),
    (b"\x47", "mpegts"),
)
