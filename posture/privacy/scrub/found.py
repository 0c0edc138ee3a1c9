"""What is found in a file: a kind and a place, never a value."""

from dataclasses import dataclass, field
from typing import Literal, get_args

Kind = Literal[
    "position",
    "device",
    "date",
    "name or text",
    "editing history",
    "maker's note",
    "preview picture",
    "further picture",
    "video in the picture",
    "sound",
    "subtitles",
    "chapters",
    "attachment",
    "telemetry",
    "time code",
    "text of the encoder",
    "captions or user data",
    "text of a colour profile",
    "bytes after the end",
    "unknown part",
]
"""Words of reports and of `--json`; a closed list, so that nothing of a file gets into them."""
KINDS: tuple[Kind, ...] = get_args(Kind)

PLACE_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is no picture."""

    kind: Kind
    place: str
    """Where it lies, in words of the format: "EXIF", "segment APP5", "box udta"."""


@dataclass(frozen=True, slots=True)
class Clean:
    """A file without what was found."""

    content: bytes
    findings: tuple[Finding, ...]
    kept: tuple[str, ...] = ()
    """What is no picture and stays: "orientation", "colour profile"."""


@dataclass(slots=True)
class Notes:
    """What a walk has found so far. The same thing at the same place is noted once."""

    findings: dict[Finding, None] = field(default_factory=dict)
    kept: dict[str, None] = field(default_factory=dict)

    def add(self, kind: Kind, place: str) -> None:
        """Note something that is left out."""
        self.findings[Finding(kind, place[:PLACE_LIMIT])] = None

    def keep(self, what: str) -> None:
        """Note something that stays."""
        self.kept[what] = None

    def keep_profile(self, profile: bytes, plain: bytes) -> None:
        """Note a colour profile of which only the colours stay."""
        self.keep("colour profile")
        if plain != profile:
            self.add("text of a colour profile", "ICC")

    def clean(self, content: bytes) -> Clean:
        """The file that came of it."""
        return Clean(content, tuple(self.findings), tuple(self.kept))


class Broken(ValueError):
    """The bytes are not what the format says: cut, or altered. Nothing is guessed."""


class OnlyAnew(ValueError):
    """The file cannot be cleaned without encoding its pictures anew, or nobody knows how."""


def shown(kind: bytes) -> str:
    """A four-letter code for people; it comes from a file that nobody vouches for."""
    return "".join(chr(byte) if 32 < byte < 127 else "?" for byte in kind[:4])
