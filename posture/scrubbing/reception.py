"""What the child processes send of one file, and the file that comes of it.

The copy gets its name only after it was read back from the disk and found to be the same: of a picture its hash is that
of the bytes which the child compared with the source; a video is compared by a second child.
"""

import hashlib
import io
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from posture import wire
from posture.errors import CannotScrub, SinkError, SourceError, VideoUnreadable
from posture.job import rebuilt
from posture.output import refuse_existing, whole_file
from posture.scrubbing.plan import Plan, Scrubbed, Task

OnShare = Callable[[float, int], None]
"""Called with the part that is done (0 to 1, NaN: unknown) and the pictures so far."""
Compare = Callable[[Task, Path], Iterator[wire.Message]]
"""Starts the comparison of the source with the file at a path, and gives what that child sends."""
SUFFIXES = {"matroska": ".mkv", "avi": ".avi"}
"""Of copies that had to move into another container."""
_WITH_PREVIEWS = ("jpeg", "heif")
_WRITING = 0.4
"""Share of the work that writing a video is; the rest is comparing."""
_BLOCK = 1 << 20


class Refusal(Exception):
    """The child cannot scrub this file, and goes on with the next."""

    def __init__(self, refused: wire.Refused) -> None:
        super().__init__(refused.message)
        self.error = rebuilt(refused)


def await_ready(messages: Iterator[wire.Message]) -> None:
    """Until the child is set up. Raises the PostureError that ended it."""
    if not isinstance(first := next(messages, None), wire.Ready):
        raise _out_of_turn(first)


def looked_at(messages: Iterator[wire.Message], on_share: OnShare) -> Scrubbed:
    """What is in the next file. Raises Refusal, or the PostureError that ended the child."""
    began_s = time.monotonic()
    cleaned = _until_cleaned(messages, None, on_share)
    return Scrubbed(None, 0, time.monotonic() - began_s, cleaned, 0)


def receive(messages: Iterator[wire.Message], task: Task, plan: Plan, compare: Compare, on_share: OnShare) -> Scrubbed:
    """The copy of the next file, under its name once it was compared.

    Raises Refusal, or the PostureError that ended it; then nothing was written, and only after a Refusal will the child
    go on.
    """
    began_s, in_place = time.monotonic(), task.output == task.path
    before = _state(task.path)
    with whole_file(task.output, overwrite=plan.overwrite or in_place, private=in_place) as stream:
        cleaned = _until_cleaned(messages, stream, lambda part, frames: on_share(part * _WRITING, frames))
        if in_place and _loses_pictures(cleaned):
            raise CannotScrub(
                f"{task.path.name}: holds further pages or tracks, which would be lost; write a copy instead"
            )
        if cleaned.converted and task.output.suffix.lower() != SUFFIXES.get(cleaned.format):
            words = f"the copy is a {cleaned.format} file, for which this is no name: give the source its right suffix"
            raise CannotScrub(f"{task.path.name}: {words}, and do not scrub it in place")
        stream.flush()
        frames = _compared(task, stream, cleaned, compare, on_share)
        size = stream.seek(0, os.SEEK_END)
        if in_place:
            _keep_owner_and_mode(stream, before)
            _refuse_changed(task.path, before)
    return Scrubbed(task.output, size, time.monotonic() - began_s, cleaned, frames)


def _loses_pictures(cleaned: wire.Cleaned) -> bool:
    """Whether whole pictures would go that somebody may want. Those in JPEG and HEIC files are previews."""
    return cleaned.format not in _WITH_PREVIEWS and any(one.kind == "further picture" for one in cleaned.found)


def hindrance(task: Task, plan: Plan) -> None:
    """Raise the PostureError that the work would end with, as far as that can be known."""
    if task.output != task.path:
        refuse_existing(task.output, overwrite=plan.overwrite)
    elif _state(task.path).st_nlink > 1:
        raise SinkError(
            f"{task.path} has other names (hard links), which would keep the metadata; write a copy instead"
        )


def _compared(task: Task, stream: BinaryIO, cleaned: wire.Cleaned, compare: Compare, on_share: OnShare) -> int:
    """How many pictures of a video are the same; 0 for a picture. Raises unless the copy is what it should be."""
    if cleaned.sha256:
        stream.seek(0)
        if hashlib.file_digest(cast(io.BufferedRandom, stream), "sha256").digest() != cleaned.sha256:
            raise SinkError(f"{task.output}: the disk gives back other bytes than were written; is it still sound?")
        return 0
    for message in compare(task, Path(stream.name)):
        match message:
            case wire.Advanced():
                on_share(_WRITING + (1 - _WRITING) * message.time_s, message.frames)
            case wire.Compared():
                return message.frames
            case wire.Refused():
                raise Refusal(message)
            case wire.Ready():
                continue
            case _:
                raise _out_of_turn(message)
    raise _out_of_turn(None)


def _until_cleaned(messages: Iterator[wire.Message], stream: BinaryIO | None, on_share: OnShare) -> wire.Cleaned:
    """Write what is sent of one file. Raises unless `Cleaned` comes, and behind at least one byte where there is to be
    a file.
    """
    size = 0
    for message in messages:
        match message:
            case wire.Placed() if stream is not None and message.at <= size:
                stream.seek(message.at)
                stream.write(message.content)
                size = max(size, message.at + len(message.content))
            case wire.Advanced():
                on_share(message.time_s, message.frames)
            case wire.Refused():
                raise Refusal(message)
            case wire.Cleaned() if size or stream is None:
                return message
            case _:
                raise _out_of_turn(message)
    raise _out_of_turn(None)


def _state(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as exc:
        raise VideoUnreadable(f"{path.name}: cannot be opened ({exc.strerror}); is it still there?") from exc


def _refuse_changed(path: Path, before: os.stat_result) -> None:
    now = _state(path)
    if (now.st_size, now.st_mtime_ns, now.st_ino) != (before.st_size, before.st_mtime_ns, before.st_ino):
        raise SinkError(f"{path} was changed by another program meanwhile; it was left as it is")


def _keep_owner_and_mode(stream: BinaryIO, before: os.stat_result) -> None:
    """Whoever could read the file still can, and nobody else."""
    if sys.platform == "win32":
        return
    os.fchmod(stream.fileno(), stat.S_IMODE(before.st_mode))
    if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()) and os.geteuid() == 0:
        os.fchown(stream.fileno(), before.st_uid, before.st_gid)


def _out_of_turn(message: wire.Message | None) -> SourceError:
    what = "ended before its work" if message is None else f"sent {type(message).__name__} out of turn"
    return SourceError(f"the decoding process {what}; nothing was written of this file")
