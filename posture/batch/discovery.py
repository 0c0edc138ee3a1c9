"""Which files a job is about: folders are walked as they are read, so that a million files take no memory."""

import errno
import os
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

from posture.batch.journal import Found
from posture.batch.manifest import MARK
from posture.batch.plan import JobPlan
from posture.inputs import CLIP_SUFFIX, KEYPOINT_FRAMES, MEDIA_SUFFIXES, find_inputs

MOST_BYTES = 180
"""Of the name of results without a suffix: a file name has at most 255 bytes, and suffixes come behind it."""
DATE = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
SUMMARY = "posture-batch"
"""Name of the summary in the folder of the results, without a suffix."""
CHECKPOINTS = ".posture-checkpoints-{job}"
"""Folder beside the results in which the files of a fleet's job keep how far they are, so that any machine goes on."""
OnTrouble = Callable[[str], None]


def discover(plan: JobPlan, on_trouble: OnTrouble) -> Iterator[Found]:
    """Every file of the job. A folder that cannot be read is told to `on_trouble`; the others go on.

    Raises NoInput for a name that is no folder and matches nothing.
    """
    output = Path(plan.output).expanduser().absolute()
    for argument in plan.inputs:
        root = Path(argument).expanduser()
        if not root.is_dir() or any(root.glob(KEYPOINT_FRAMES)):
            for item in find_inputs([str(root)], suffixes=_suffixes(plan)):
                below = os.fsencode(item.path.name)
                yield _found(plan, os.fsencode(item.path.absolute()), below, _size(item.path))
            continue
        start = os.fsencode(root.absolute())
        for path, size in _walked(start, os.fsencode(output), _suffixes(plan), on_trouble):
            below = os.path.relpath(path, start)
            if not _is_copy(plan, path):
                yield _found(plan, path, below, size)


def stem_of(below: bytes, alone: bool, number: int) -> bytes:
    """The name of the results of the file at `below`; as `posture analyze` gives it, but never too long.

    See `Journal.name_results`.
    """
    folder, name = os.path.split(below)
    short = os.path.splitext(name)[0] if alone and number == 1 else name
    if number > 2:
        short = b"%s-%d" % (name, number - 1)
    if len(short) > MOST_BYTES or os.path.join(folder, short) == SUMMARY.encode():
        import hashlib

        digest = hashlib.sha256(name).hexdigest()[:8].encode()
        short = _cut(short) + b"-" + digest + (b"-%d" % number if number > 2 else b"")
    return os.path.join(folder, short)


def _cut(name: bytes) -> bytes:
    """Not in the middle of a character."""
    return name[:MOST_BYTES].decode("utf-8", "ignore").encode() if _is_text(name) else name[:MOST_BYTES]


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _walked(
    folder: bytes, output: bytes, suffixes: frozenset[str], on_trouble: OnTrouble
) -> Iterator[tuple[bytes, int]]:
    """Files below `folder` with their sizes, a folder at a time, each in the order of its names."""
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError as exc:
        on_trouble(f"{os.fsdecode(folder)}: {exc.strerror}; what lies in it was left out")
        return
    for entry in entries:
        if entry.name.startswith(b"."):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                if entry.path != output:
                    yield from _walked(entry.path, output, suffixes, on_trouble)
            elif os.path.splitext(os.fsdecode(entry.name))[1].lower() in suffixes and entry.is_file():
                yield entry.path, entry.stat().st_size
        except OSError as exc:
            if exc.errno != errno.ENOENT:  # it went away meanwhile
                on_trouble(f"{os.fsdecode(entry.path)}: {exc.strerror}; it was left out")


def _suffixes(plan: JobPlan) -> frozenset[str]:
    return MEDIA_SUFFIXES | {CLIP_SUFFIX}


def _is_copy(plan: JobPlan, path: bytes) -> bool:
    """Whether the name is that of a copy that such a job makes."""
    mark = MARK[plan.what]
    return bool(mark) and os.path.splitext(path)[0].endswith(mark.encode())


def _found(plan: JobPlan, path: bytes, below: bytes, size: int) -> Found:
    text = os.fsdecode(path)
    groups = _groups(plan, text)
    return Found(
        path,
        below,
        size,
        priority=next((rule.priority for rule in plan.priority if fnmatch(text, f"*{rule.match}")), 0),
        person=groups.get("person", ""),
        task=groups.get("task", ""),
        day=groups.get("day") or _day(path),
    )


def _groups(plan: JobPlan, path: str) -> dict[str, str]:
    if not plan.groups or (match := re.search(plan.groups, path)) is None:
        return {}
    return {name: value for name, value in match.groupdict().items() if value}


def _day(path: bytes) -> str:
    """The day in the name of the file or its folders, the nearest to the end; else when it was last changed, in UTC."""
    found: Sequence[tuple[str, ...]] = DATE.findall(os.fsdecode(path))
    if found:
        return "-".join(found[-1])
    try:
        return datetime.fromtimestamp(os.stat(path).st_mtime, UTC).date().isoformat()
    except (OSError, ValueError, OverflowError):
        return ""


def _size(path: Path) -> int:
    try:
        return sum(p.stat().st_size for p in path.iterdir()) if path.is_dir() else path.stat().st_size
    except OSError:
        return 0
