"""Coded sound without comments.

Sounds themselves are not looked into: who speaks can be heard, `--no-sound` leaves it out.
"""

from posture.privacy.scrub.found import Broken, Notes, OnlyAnew
from posture.privacy.scrub.units import Filter

_PLAIN = frozenset(
    (
        "aac",
        "mp3",
        "mp2",
        "ac3",
        "eac3",
        "opus",
        "alac",
        "amr_nb",
        "amr_wb",
        "adpcm_ms",
        "wmav1",
        "wmav2",
        "adpcm_ima_wav",
        "dts",
        "truehd",
    )
)
_STREAMINFO_BYTES = 34  # of FLAC (RFC 9639, 8.2)
_NO_COMMENT = b"\3vorbis" + bytes(8) + b"\1"
"""A comment header without vendor and comments (Vorbis I, 5.2.1)."""


def for_codec(codec: str, extradata: bytes) -> tuple[Filter, bytes, Notes]:
    """As `units.for_codec`, of sound. Raises OnlyAnew, Broken."""
    notes = Notes()
    if codec == "vorbis":
        return _same, _without_comment(extradata, notes), notes
    if codec == "flac":
        plain = extradata[:_STREAMINFO_BYTES]
        if plain != extradata:
            notes.add("name or text", "header of the sound")
        return _same, plain, notes
    if codec not in _PLAIN and not codec.startswith("pcm_"):
        raise OnlyAnew(f"its sound is coded as {codec}, in which nobody here knows what else may stand; --no-sound")
    return _same, extradata, notes


def _same(sample: bytes, notes: Notes) -> bytes:
    return sample


def _without_comment(extradata: bytes, notes: Notes) -> bytes:
    """Three headers behind their lengths ("Xiph lacing"), of which the second holds the comments."""
    if extradata[:1] != b"\2":
        raise Broken("the header of the sound is damaged")
    sizes, place = [], 1
    for _ in range(2):
        size = 0
        while extradata[place : place + 1] == b"\xff":
            size, place = size + 255, place + 1
        if place >= len(extradata):
            raise Broken("the header of the sound is damaged")
        sizes.append(size + extradata[place])
        place += 1
    first = extradata[place : place + sizes[0]]
    comment = extradata[place + sizes[0] : place + sum(sizes)]
    if comment != _NO_COMMENT:
        notes.add("name or text", "header of the sound")
    return b"\2" + _laced(len(first)) + _laced(len(_NO_COMMENT)) + first + _NO_COMMENT + extradata[place + sum(sizes) :]


def _laced(size: int) -> bytes:
    return b"\xff" * (size // 255) + bytes((size % 255,))
