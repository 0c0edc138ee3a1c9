"""What the decoding process does of a scrubbing: parse the file, write it anew without metadata, and compare.

    clean    for each file:  Placed, Placed, … Cleaned   or Refused, whatever was sent before
    look     for each file:  Cleaned                     or Refused
    compare  one file and its copy:  Advanced, … Compared or Refused

A picture is cleaned in memory, looked through again and compared with its source before its first byte is sent. A video
is sent while it is written; afterwards another process, which has seen nothing but the two files, compares them.
"""

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from posture import wire
from posture.errors import CannotScrub, PostureError, SourceError, VideoUnreadable, printable
from posture.privacy.scrub.containers import note_video
from posture.privacy.scrub.found import Broken, Clean, Notes, OnlyAnew
from posture.privacy.scrub.kinds import HEAD_BYTES, MOVED, PICTURES, kind_of

MOST_PICTURE_BYTES = 512 << 20
"""A picture is held in memory, twice."""
ANEW = "`posture redact --faces keep` writes a copy that is encoded anew"


def messages(spec: wire.ScrubSpec, layers: tuple[str, ...], stop: threading.Event) -> Iterator[wire.Message]:
    """The whole job but for `Finished`."""
    yield wire.Ready(layers)
    for encoded in spec.paths:
        if stop.is_set():
            break
        path = Path(os.fsdecode(encoded))
        name = printable(path.name)
        try:
            yield from _file(path, spec, stop)
        except PostureError as exc:
            yield wire.Refused(type(exc).__name__, str(exc))
        except Broken as exc:
            yield wire.Refused(VideoUnreadable.__name__, f"{name}: {exc}; nothing is guessed, and no copy was written")
        except OnlyAnew as exc:
            words = f"{name}: cannot be scrubbed without encoding its pictures anew: {exc}; {ANEW}"
            yield wire.Refused(CannotScrub.__name__, words)
        except MemoryError:
            limit = spec.memory_bytes >> 20
            yield wire.Refused(SourceError.__name__, f"{name}: needs more than job.memory_mib = {limit}")


def _file(path: Path, spec: wire.ScrubSpec, stop: threading.Event) -> Iterator[wire.Message]:
    from posture.sources import reading

    with reading.opened(path) as file:
        kind = kind_of(file.read(HEAD_BYTES))
        if kind in PICTURES:
            yield from _picture(path.name, kind, file, spec)
            return
        if kind is None:
            raise VideoUnreadable(f"{path.name}: neither a video nor a picture; try to open it with another program")
        notes = Notes()
        if kind in MOVED:
            notes.add("unknown part", f"{kind} container")
        else:
            note_video(kind, file, notes)
    if spec.action == "compare" and spec.copy is not None:
        yield from _compared(path, Path(os.fsdecode(spec.copy)), spec, stop)
    else:
        yield from _video(path, kind, notes, spec, stop)


def _picture(name: str, kind: str, file: BinaryIO, spec: wire.ScrubSpec) -> Iterator[wire.Message]:
    from posture.sources.same import same_picture

    file.seek(0)
    source = file.read(MOST_PICTURE_BYTES + 1)
    if len(source) > MOST_PICTURE_BYTES:
        raise VideoUnreadable(f"{name}: a picture of more than {MOST_PICTURE_BYTES >> 20} MiB")
    clean = PICTURES[kind](source)
    if spec.action == "look":
        yield _cleaned(kind, clean)
        return
    again = PICTURES[kind](clean.content)
    if again.findings or again.content != clean.content:
        raise CannotScrub(f"{name}: something is left in the copy, so none was written; {ANEW}")
    same_picture(name, kind, source, clean.content)
    yield from _placed(0, clean.content)
    yield _cleaned(kind, clean, hashlib.sha256(clean.content).digest())


def _video(path: Path, kind: str, notes: Notes, spec: wire.ScrubSpec, stop: threading.Event) -> Iterator[wire.Message]:
    from posture.sources.streamcopy import Patch, copied

    written = MOVED.get(kind, kind)
    for part in copied(path, written, notes, with_sound=spec.with_sound):
        if stop.is_set():
            return
        if not isinstance(part, Patch):
            yield wire.Advanced(part.frames, _share(part.time_s, part.duration_s))
        elif spec.action != "look":
            yield from _placed(part.at, part.content)
    yield _cleaned(written, notes.clean(b""), converted=written != kind)


def _compared(source: Path, copy: Path, spec: wire.ScrubSpec, stop: threading.Event) -> Iterator[wire.Message]:
    """Look whether nothing but the streams is in the copy, and whether they are the same."""
    from posture.sources import reading
    from posture.sources.same import same_video
    from posture.sources.streamcopy import copied

    notes = Notes()
    with reading.opened(copy) as file:
        kind = kind_of(file.read(HEAD_BYTES)) or "mp4"
        note_video(kind, file, notes)
    for _ in copied(copy, kind, notes, with_sound=True):
        if stop.is_set():
            return
    if notes.findings:
        left = next(iter(notes.findings))
        raise CannotScrub(f"{source.name}: the copy still holds {left.kind} ({left.place}), so it was not kept; {ANEW}")
    frames = 0
    for share in same_video(source, copy, with_sound=spec.with_sound):
        if stop.is_set():
            return
        frames = share.frames
        yield wire.Advanced(share.frames, _share(share.time_s, share.duration_s))
    yield wire.Compared(frames)


def _placed(at: int, content: bytes) -> Iterator[wire.Message]:
    for start in range(0, len(content), wire.PIECE_LIMIT):
        yield wire.Placed(at + start, content[start : start + wire.PIECE_LIMIT])


def _share(time_s: float, duration_s: float) -> float:
    """0 to 1; NaN where the length is unknown."""
    return min(1.0, max(0.0, time_s / duration_s)) if duration_s > 0 else float("nan")


def _cleaned(kind: str, clean: Clean, sha256: bytes = b"", *, converted: bool = False) -> wire.Cleaned:
    found = tuple(wire.Found(one.kind, one.place) for one in clean.findings)
    kept = tuple(what for what in _KEPT if what in clean.kept)
    return wire.Cleaned(kind, found, kept, sha256, converted)


_KEPT: tuple[wire.Kept, ...] = ("orientation", "colour profile")
