"""What is asked of a redaction, and what came out of it."""

from dataclasses import dataclass
from pathlib import Path

from posture import wire
from posture.errors import PostureError


@dataclass(frozen=True, slots=True)
class Task:
    """One file, and where its redacted copy goes."""

    path: Path
    target: Path
    """Without a suffix, which depends on what the file holds."""
    key: bytes = b""
    """Of a clip of the vault: opens it, and nothing else."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for beside the settings."""

    start_s: float = 0.0
    end_s: float | None = None
    """The part of each video, in seconds of its stream."""
    replacement: Path | None = None
    """A picture that stands in for the background."""
    jobs: int | None = None
    """Files at a time; None: as many pictures as there are processors, and one video."""
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Redacted:
    """A redacted file that is complete."""

    output: Path
    size_bytes: int
    seconds: float
    """Wall time."""
    begun: wire.Begun
    done: wire.Done


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the task of this number, counted from 0: one of the two is set."""

    number: int
    result: Redacted | None = None
    error: PostureError | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """How far the task of this number is."""

    number: int
    part: float
    """0 to 1; NaN where the length of a video is unknown."""
    frames: int
