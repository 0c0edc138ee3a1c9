"""What is asked of a scrubbing, and what came out of it."""

from dataclasses import dataclass
from pathlib import Path

from posture import wire
from posture.errors import PostureError

_MOVED = {**dict.fromkeys((".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".flv"), ".mkv"), ".wmv": ".avi", ".asf": ".avi"}
"""Suffixes of containers whose streams move into another one, and what that is called."""


def copy_suffix(path: Path) -> str:
    """The suffix of the copy of a file: its own where it can keep it."""
    return _MOVED.get(path.suffix.lower(), path.suffix)


@dataclass(frozen=True, slots=True)
class Task:
    """One file, and where its copy goes."""

    path: Path
    output: Path
    """`path` itself: in place."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for all files."""

    look: bool = False
    """Say what is in the files, and write nothing."""
    with_sound: bool = True
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A file that was looked through, and unless that was all, a copy that is complete and was compared."""

    output: Path | None
    """None: nothing was written."""
    size_bytes: int
    """Of the copy."""
    seconds: float
    """Wall time."""
    cleaned: wire.Cleaned
    frames: int
    """Pictures of a video that were compared; 0 for a picture, and for a mere look."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the task of this number, counted from 0: one of the two is set."""

    number: int
    result: Scrubbed | None = None
    error: PostureError | None = None
