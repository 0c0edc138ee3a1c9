"""The map of data flows: what the rooms declare, held against this computer.

`Places` are the folders of this installation; each `Touchpoint` names its files below them. What is found: how many
files and bytes there are, who could open them by their permissions, and what lies in the data folder that nobody
declares.
"""

import fnmatch
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from posture.privacy.settings import Declared
from posture.touchpoint import Touchpoint
from posture.vault.places import copied_by

Places = Mapping[str, tuple[Path, ...]]
"""Name of a place ("data", "recordings", ...) to its folders or files, absolute."""
Access = Literal["", "owner", "group", "everyone"]
"""Who could open files by their permissions; empty where there are none, or where the system tells it otherwise."""

PARTIAL = re.compile(r"\.[0-9a-f]{12}-[^/]*\.partial|\.poses-[^/]*\.partial|\.posture-[^/]*")
"""Of files and folders that stand beside a file until it is whole: `posture.output`, interchange, xlsx."""
MOST_FILES = 100_000
"""Looked at below one pattern: a share may have more, and then only these are counted."""
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Found:
    """A touchpoint, and what is there."""

    touchpoint: Touchpoint
    patterns: tuple[str, ...]
    """Its paths on this computer."""
    files: int = 0
    size_bytes: int = 0
    access: Access = ""
    others: bool = False
    """Whether some of it belongs to another account than this one."""
    copied_by: str = ""
    """The program that copies the folder to other computers."""
    problem: str = ""
    """What could not be looked at, and why."""
    more: bool = False
    """There are more files than were counted."""

    @property
    def exists(self) -> bool:
        """Whether there is anything now."""
        return self.files > 0


@dataclass(frozen=True, slots=True)
class Outside:
    """A touchpoint that a person declares."""

    declared: Declared
    known: bool
    """Whether `receives` is a touchpoint of the program."""
    exists: bool | None
    """Whether `where` is there; None where it is no path."""


@dataclass(frozen=True, slots=True)
class FlowMap:
    """All of them."""

    found: tuple[Found, ...]
    outside: tuple[Outside, ...]
    undeclared: tuple[Path, ...]
    """Files in the data folder that no touchpoint declares."""
    settings: Mapping[str, object]
    """Key paths to values, for what the texts say."""


def flow_map(
    touchpoints: Sequence[Touchpoint], places: Places, settings: Mapping[str, object], declared: Sequence[Declared]
) -> FlowMap:
    """Look at everything now; takes as long as the slowest share. Changes nothing."""
    found = tuple(_found(touchpoint, places) for touchpoint in touchpoints)
    names = {touchpoint.name for touchpoint in touchpoints}
    outside = tuple(Outside(one, one.receives in names, _exists(one.where)) for one in declared)
    patterns = [pattern for one in found for pattern in one.patterns]
    there = (path for folder in places["data"] for path in _below(folder))
    undeclared = tuple(sorted(path for path in there if not covers(patterns, path)))
    return FlowMap(found, outside, undeclared, settings)


def covers(patterns: Sequence[str], path: Path) -> bool:
    """Whether a file (or a folder above declared files) is one that a touchpoint declares."""
    text = path.as_posix()
    if any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns):
        return True
    if any(Path(_fixed(pattern)).is_relative_to(path) for pattern in patterns):
        return True  # a folder that has to be there first
    return _is_partial(patterns, path)


def _is_partial(patterns: Sequence[str], path: Path) -> bool:
    """Whether it is half of a file: it, or a folder above, has such a name and lies where declared files do."""
    for part in (path, *path.parents):
        if PARTIAL.fullmatch(part.name):
            return any(part.parent.is_relative_to(_fixed(p)) or _fixed(p).is_relative_to(part.parent) for p in patterns)
    return False


def expanded(touchpoint: Touchpoint, places: Places) -> tuple[str, ...]:
    """Its paths, with the places of this installation put in; one for each folder of a place."""
    patterns = []
    for path in touchpoint.paths:
        match = re.match(r"\{(\w+)\}", path)
        if match is None:
            patterns.append(path)
            continue
        patterns += [root.as_posix() + path[match.end() :] for root in places.get(match[1], ())]
    return tuple(dict.fromkeys(patterns))


def _found(touchpoint: Touchpoint, places: Places) -> Found:
    patterns = expanded(touchpoint, places)
    size = files = modes = 0
    reach: dict[Path, int] = {}
    others, problems, program, more = False, list[str](), "", False
    for pattern in patterns:
        try:
            for number, (path, about) in enumerate(_matching(pattern)):
                if number >= MOST_FILES:
                    more = True
                    break
                if path.parent not in reach:
                    reach[path.parent] = _reach(path.parent)
                files, size = files + 1, size + about.st_size
                modes |= about.st_mode & reach[path.parent]
                others = others or (sys.platform != "win32" and about.st_uid != os.getuid())
        except OSError as exc:
            problems.append(f"{exc.filename or pattern}: {exc.strerror}")
        program = program or (copied_by(_fixed(pattern)) or "" if touchpoint.personal else "")
    return Found(
        touchpoint, patterns, files, size, _access(modes) if files else "", others, program, "; ".join(problems), more
    )


def _reach(folder: Path) -> int:
    """The read bits that count in a folder: who cannot enter it, or one above, cannot read what is in it either."""
    kept = stat.S_IRGRP | stat.S_IROTH
    for place in (folder, *folder.parents):
        mode = place.stat().st_mode
        kept &= (stat.S_IRGRP if mode & stat.S_IXGRP else 0) | (stat.S_IROTH if mode & stat.S_IXOTH else 0)
    return kept


def _access(modes: int) -> Access:
    if sys.platform == "win32":  # the read bits say nothing there
        return ""
    if modes & stat.S_IROTH:
        return "everyone"
    return "group" if modes & stat.S_IRGRP else "owner"


def _matching(pattern: str) -> Iterator[tuple[Path, os.stat_result]]:
    """Files of a pattern. Raises OSError for what is there and cannot be looked at."""
    if not _WILD.search(pattern):
        try:
            about = os.stat(pattern)
        except (FileNotFoundError, NotADirectoryError):
            return
        if not stat.S_ISDIR(about.st_mode):
            yield Path(pattern), about
        return
    for path in _below(_fixed(pattern)):
        if fnmatch.fnmatchcase(path.as_posix(), pattern):
            try:
                yield path, path.lstat()
            except FileNotFoundError:
                continue


def _below(folder: Path) -> Iterator[Path]:
    """Every file in a folder and those below. Raises OSError where one cannot be read."""

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise error

    for place, _, names in os.walk(folder, onerror=refuse):
        yield from (Path(place, name) for name in names)


def _fixed(pattern: str) -> Path:
    """The folder that all files of a pattern lie in; the file itself where there is but one."""
    match = _WILD.search(pattern)
    return Path(pattern) if match is None else Path(pattern[: match.start()].rpartition("/")[0] or "/")


def _exists(where: str) -> bool | None:
    try:
        path = Path(where).expanduser()
        return path.exists() if where and path.is_absolute() else None
    except (OSError, RuntimeError):
        return False
