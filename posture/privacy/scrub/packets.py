"""What blocks of text are about: XMP and IPTC. By marks that stand in them; no value is looked at."""

import re

from posture.privacy.scrub.found import Kind, Notes

_XMP: tuple[tuple[re.Pattern[bytes], Kind], ...] = (
    (re.compile(rb"exif:GPS|Iptc4xmpCore:Location|photoshop:City|LocationShown|LocationCreated"), "position"),
    (re.compile(rb"tiff:Make|tiff:Model|aux:|exifEX:"), "device"),
    (re.compile(rb"Date"), "date"),
    (re.compile(rb"xmpMM:|CreatorTool|stEvt:"), "editing history"),
    (re.compile(rb"dc:|Iptc4xmp|photoshop:|mwg-rs:|xmpRights:|exif:UserComment"), "name or text"),
    (re.compile(rb"xmp:Thumbnails|xmpGImg:"), "preview picture"),
    (re.compile(rb"MotionPhoto|MicroVideo"), "video in the picture"),
)


def note_xmp(data: bytes, notes: Notes, place: str = "XMP") -> None:
    """Note what an XMP packet is about."""
    kinds = [kind for mark, kind in _XMP if mark.search(data)]
    for kind in kinds or ["name or text"]:
        notes.add(kind, place)


def note_tail(data: bytes, notes: Notes, place: str) -> None:
    """Note what stands behind the end of a picture."""
    is_video, is_picture = b"ftyp" in data, b"\xff\xd8\xff" in data
    if is_video:
        notes.add("video in the picture", place)
    if is_picture:
        notes.add("further picture", place)
    if not is_video and not is_picture:
        notes.add("bytes after the end", place)
