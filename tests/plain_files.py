"""Does a file hold pictures and nothing else? For everything that writes pictures or videos of people.

`check` walks the whole file by an allow-list: what is not known to be needed is a fault. It raises `NotPlain`, which
names what was found, and never looks away from bytes between or behind the parts.

    python3 tests/plain_files.py FILE...
"""

import re
import struct
import sys
import zlib
from pathlib import Path


class NotPlain(AssertionError):
    """Something is in the file that need not be there."""


def check(content: bytes, suffix: str) -> None:
    """Raise NotPlain unless the file is plain. `suffix`: jpg, png, webp or mp4."""
    {"jpg": check_jpeg, "png": check_png, "webp": check_webp, "mp4": check_mp4}[suffix](content)


def check_file(path: Path) -> None:
    check(path.read_bytes(), path.suffix.removeprefix("."))


def _require(holds: object, what: str) -> None:
    if not holds:
        raise NotPlain(what)


# JPEG (ITU-T T.81, annex B): markers that a baseline picture needs, and the JFIF header of 16 bytes.
_SOI, _EOI, _SOS, _APP0 = 0xD8, 0xD9, 0xDA, 0xE0
_JPEG_SEGMENTS = {_APP0: "APP0", 0xDB: "DQT", 0xC0: "SOF0", 0xC4: "DHT", 0xDD: "DRI", _SOS: "SOS"}
_JFIF_BYTES = 16


def check_jpeg(content: bytes) -> None:
    _require(content[:2] == bytes([0xFF, _SOI]), "no JPEG")
    offset = 2
    while content[offset : offset + 2] != bytes([0xFF, _EOI]):
        _require(content[offset] == 0xFF, f"no marker at {offset}")
        marker, size = content[offset + 1], int.from_bytes(content[offset + 2 : offset + 4], "big")
        _require(marker in _JPEG_SEGMENTS, f"JPEG segment {marker:#x}")
        if marker == _APP0:
            _require(content[offset + 4 : offset + 9] == b"JFIF\0" and size == _JFIF_BYTES, "JFIF with something in it")
        offset += 2 + size
        if marker == _SOS:
            offset = _after_scan(content, offset)
    _require(offset + 2 == len(content), "bytes after the end of the JPEG")


def _after_scan(content: bytes, offset: int) -> int:
    """Offset of the first marker that is no stuffed byte and no restart."""
    found = re.compile(rb"\xff[^\x00\xd0-\xd7]", re.DOTALL).search(content, offset)
    _require(found, "a JPEG without an end")
    return found.start()


_PNG_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}  # ISO/IEC 15948, 11.2: the critical ones


def check_png(content: bytes) -> None:
    _require(content[:8] == b"\x89PNG\r\n\x1a\n", "no PNG")
    offset, kind = 8, b""
    while kind != b"IEND":
        size, kind = int.from_bytes(content[offset : offset + 4], "big"), content[offset + 4 : offset + 8]
        _require(kind in _PNG_CHUNKS, f"PNG chunk {kind!r}")
        body = content[offset + 4 : offset + 8 + size]
        _require(zlib.crc32(body).to_bytes(4, "big") == content[offset + 8 + size : offset + 12 + size], "a wrong CRC")
        offset += 12 + size
    _require(offset == len(content), "bytes after the end of the PNG")


def check_webp(content: bytes) -> None:
    _require(content[:4] == b"RIFF" and content[8:12] == b"WEBP", "no WebP")
    _require(int.from_bytes(content[4:8], "little") + 8 == len(content), "bytes after the end of the WebP")
    size = int.from_bytes(content[16:20], "little")
    _require(content[12:16] in (b"VP8 ", b"VP8L"), f"WebP chunk {content[12:16]!r}")
    _require(20 + size + size % 2 == len(content), "a second chunk in the WebP")


# MP4 (ISO/IEC 14496-12): which boxes may stand in which.
_INSIDE = {
    "": {"ftyp", "moov", "moof", "mdat", "free"},
    "moov": {"mvhd", "trak", "mvex"},
    "trak": {"tkhd", "mdia"},
    "mdia": {"mdhd", "hdlr", "minf"},
    "minf": {"vmhd", "dinf", "stbl"},
    "dinf": {"dref"},
    "stbl": {"stsd", "stts", "stsc", "stsz", "stco"},
    "mvex": {"trex", "mehd"},
    "moof": {"mfhd", "traf"},
    "traf": {"tfhd", "tfdt", "trun"},
    "avc1": {"avcC", "colr", "pasp", "btrt"},
}
_VISUAL_SAMPLE_ENTRY_BYTES, _COMPRESSOR = 78, slice(42, 74)  # 12.1.3: fields before the boxes; the encoder's name
_BRANDS = b"iso6" + b"\0\0\2\0"
_NAL_TYPES = {1, 5, 7, 8}  # ITU-T H.264 table 7-1: slices and parameter sets
_WORDS = re.compile(rb"lav[fc]|x26[45]|svt|ffmpeg|options|core \d|mdir|appl|handler|opencv", re.IGNORECASE)
_UND = 0x55C4  # language code "und"


def check_mp4(content: bytes) -> None:
    videos = 0
    for name, body, offset in _boxes(content, "", 0):
        if name == "ftyp":
            _require(body.startswith(_BRANDS), "ftyp with another brand or version")
        if name == "free":
            _require(not any(body), "a free box with something in it")
        if name == "moov":
            videos += _check_moov(body)
        if name == "moof":
            _check_fragment(content, body, offset)
    _require(videos == 1, f"{videos} tracks")
    _require(not (found := _WORDS.search(_without_samples(content))), f"the words {found and found.group()!r}")


def _boxes(content: bytes, parent: str, start: int) -> list[tuple[str, bytes, int]]:
    """Name, body and offset of each box in `content`, which begins at `start` of the file."""
    found, offset = [], 0
    while offset < len(content):
        size, name = (
            int.from_bytes(content[offset : offset + 4], "big"),
            content[offset + 4 : offset + 8].decode("latin1"),
        )
        _require(8 <= size <= len(content) - offset, f"a box {name!r} of {size} bytes")
        _require(name in _INSIDE[parent], f"a box {name!r} in {parent or 'the file'!r}")
        found.append((name, content[offset + 8 : offset + size], start + offset))
        offset += size
    return found


def _check_moov(moov: bytes) -> int:
    """How many tracks there are."""
    tracks = 0
    for name, body, _ in _boxes(moov, "moov", 0):
        if name == "mvhd":
            _check_times(name, body)
        if name == "trak":
            tracks += 1
            _check_track(body)
        if name == "mvex":
            _boxes(body, "mvex", 0)
    return tracks


def _check_track(track: bytes) -> None:
    boxes = {name: body for name, body, _ in _boxes(track, "trak", 0)}
    media = {name: body for name, body, _ in _boxes(boxes["mdia"], "mdia", 0)}
    _check_times("tkhd", boxes["tkhd"])
    _check_times("mdhd", media["mdhd"])
    _require(int.from_bytes(media["mdhd"][20:22], "big") == _UND, "a language")
    _require(media["hdlr"][8:12] == b"vide", "a track that is no video")
    _require(not media["hdlr"][12:].strip(b"\0"), "a handler name")
    inner = {name: body for name, body, _ in _boxes(media["minf"], "minf", 0)}
    tables = {name: body for name, body, _ in _boxes(inner["stbl"], "stbl", 0)}
    ((_, reference, _),) = _boxes(inner["dinf"], "dinf", 0)
    _require(reference == struct.pack(">IIII", 0, 1, 12, 0x75726C20) + struct.pack(">I", 1), "data in another file")
    entry = tables["stsd"][8:]
    _require(entry[4:8] == b"avc1" and int.from_bytes(entry[:4], "big") == len(entry), "another kind of sample")
    _require(not any(entry[8:][_COMPRESSOR]), "the name of an encoder")
    for name, body, _ in _boxes(entry[8 + _VISUAL_SAMPLE_ENTRY_BYTES :], "avc1", 0):
        if name == "avcC":
            _require(not _WORDS.search(body), "words in the parameter sets")


def _check_times(name: str, body: bytes) -> None:
    """Creation and modification time, of 32 or 64 bits each."""
    _require(not any(body[4 : 4 + (16 if body[0] else 8)]), f"a date in {name}")


def _fragment(content: bytes, moof: bytes, offset: int) -> list[bytes]:
    """Samples of a fragment; the `mdat` behind it must be made of them wholly."""
    fragment = {name: body for name, body, _ in _boxes(moof, "moof", 0)}
    boxes = {name: body for name, body, _ in _boxes(fragment["traf"], "traf", 0)}
    run = boxes["trun"]
    flags, count = int.from_bytes(run[1:4], "big"), int.from_bytes(run[4:8], "big")
    _require(flags & 0x1, "a fragment that does not say where its samples are")
    place = offset + int.from_bytes(run[8:12], "big")
    sizes = _sizes(run[12 + 4 * bool(flags & 0x4) :], flags, count) if flags & 0x200 else [_size(boxes["tfhd"])] * count
    _require(place == offset + len(moof) + 16, "bytes before the first sample")
    _require(content[place - 4 : place] == b"mdat", "samples outside the data box")
    _require(int.from_bytes(content[place - 8 : place - 4], "big") == 8 + sum(sizes), "bytes between the samples")
    found = []
    for size in sizes:
        found.append(content[place : place + size])
        place += size
    return found


def _sizes(table: bytes, flags: int, count: int) -> list[int]:
    """Sizes of the samples from the table of a `trun` box (8.8.8), which has a column for each flag."""
    columns = [flag for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag]
    _require(len(table) == 4 * len(columns) * count, "a table of another length")
    rows = [table[4 * len(columns) * number :] for number in range(count)]
    return [int.from_bytes(row[4 * columns.index(0x200) :][:4], "big") for row in rows]


def _size(head: bytes) -> int:
    """Size of every sample from a `tfhd` box (8.8.7)."""
    flags = int.from_bytes(head[1:4], "big")
    _require(flags & 0x10, "a fragment that does not say how long its samples are")
    before = 8 + 8 * bool(flags & 0x1) + 4 * bool(flags & 0x2) + 4 * bool(flags & 0x8)
    return int.from_bytes(head[before : before + 4], "big")


def _check_fragment(content: bytes, moof: bytes, offset: int) -> None:
    for sample in _fragment(content, moof, offset):
        place = 0
        while place < len(sample):
            size = int.from_bytes(sample[place : place + 4], "big")
            _require(0 < size <= len(sample) - place - 4, "a sample that is no row of units")
            kind = sample[place + 4] & 31
            _require(kind in _NAL_TYPES, f"a unit of type {kind} in the stream")
            place += 4 + size


def _without_samples(content: bytes) -> bytes:
    """The file but for the coded pictures, in which any three letters come up by chance."""
    return b"".join(name.encode() + body for name, body, _ in _boxes(content, "", 0) if name != "mdat")


def main(names: list[str]) -> int:
    """Say of each file whether it is plain; 1 if one is not, 2 if none was named."""
    if not names:
        print("name the files to check: plain_files.py FILE...", file=sys.stderr)
        return 2
    faults = 0
    for name in names:
        try:
            check_file(Path(name))
            print(f"{name}: pictures and nothing else")
        except (NotPlain, KeyError, IndexError, ValueError, struct.error, OSError) as fault:
            faults += 1
            print(f"{name}: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
