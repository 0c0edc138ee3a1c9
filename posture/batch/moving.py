"""Moving a file that is done, where that was asked for: never over another one, and never losing it on the way."""

import errno
import os
import shutil
from pathlib import Path

from posture.batch.manifest import Meanwhile, digest
from posture.errors import CannotRead, SinkError
from posture.output import translated, whole_file

_ADVICE = "the file stays where it was"


def move(source: Path, target: Path, sha256: str, meanwhile: Meanwhile = lambda: None) -> Path:
    """Move `source` to `target`, or to a name with a number where that is taken. Returns where it is now.

    To another file system it is copied, compared with `sha256`, and only then removed; what `meanwhile` raises ends
    that. Raises SinkError.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        free = _free(target)
        try:
            os.link(source, free)  # unlike a rename, this never replaces a file that has come meanwhile
            os.unlink(source)
        except FileExistsError:
            return move(source, target, sha256, meanwhile)
        except OSError as exc:
            if exc.errno not in {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}:
                raise
            _copy(source, free, sha256, meanwhile)
    except OSError as exc:
        raise translated(target, exc, _ADVICE) from exc
    return free


def _copy(source: Path, target: Path, sha256: str, meanwhile: Meanwhile) -> None:
    with source.open("rb") as read, whole_file(target, advice=_ADVICE) as written:
        while block := read.read(1 << 20):
            written.write(block)
            meanwhile()
    shutil.copystat(source, target)
    whole = False
    try:
        whole = _is(target, sha256, meanwhile)
    finally:
        if not whole:
            target.unlink()
    if not whole:
        raise SinkError(f"{target} did not arrive whole; {_ADVICE}")
    source.unlink()


def _is(path: Path, sha256: str, meanwhile: Meanwhile) -> bool:
    try:
        return digest(path, meanwhile)[0] == sha256
    except CannotRead:
        return False


def _free(target: Path) -> Path:
    number, free = 2, target
    while os.path.lexists(free):
        free = target.with_name(f"{target.stem}-{number}{target.suffix}")
        number += 1
    return free
