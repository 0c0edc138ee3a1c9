"""Where redacted files go, and which files they never replace."""

from collections.abc import Sequence
from pathlib import Path

from posture import wire
from posture.errors import PostureError, SinkError
from posture.output import probe, refuse_existing
from posture.redaction.plan import Task

_SUFFIXES: dict[str, wire.RedactedSuffix] = {
    ".jpg": "jpg",
    ".jpeg": "jpg",
    ".avif": "jpg",
    ".heic": "jpg",
    ".heif": "jpg",
    ".png": "png",
    ".bmp": "png",
    ".tif": "png",
    ".tiff": "png",
    ".webp": "webp",
}
"""What a picture becomes, judged by its name. The child looks into the file and has the last word."""


def is_picture(path: Path) -> bool:
    """Whether the name is that of a picture. Decides about the order of the work, and nothing else."""
    return path.suffix.lower() in _SUFFIXES


class Outputs:
    """The names of all redacted files of a run."""

    def __init__(self, tasks: Sequence[Task], *, overwrite: bool) -> None:
        self._overwrite = overwrite
        self._sources = {_identity(task.path) for task in tasks} - {None}

    def of(self, task: Task, suffix: wire.RedactedSuffix) -> Path:
        """The file for `task`. Raises SinkError where it is there and must not be replaced."""
        output = task.target.with_name(f"{task.target.name}.{suffix}")
        if _identity(output) in self._sources:
            raise SinkError(f"{output} is one of the files to redact, and none of them is replaced; choose another -o")
        refuse_existing(output, overwrite=self._overwrite)
        return output

    def hindrance(self, task: Task) -> PostureError | None:
        """What the work would end with, as far as that can be known before it."""
        try:
            probe(self.of(task, _SUFFIXES.get(task.path.suffix.lower(), "mp4")))
        except PostureError as exc:
            return exc
        return None


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and number of the file, which all its names share; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
