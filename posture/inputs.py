"""From what a person names on the command line to the files to analyse and the names of their results."""

import glob
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from posture.errors import NoInput

MEDIA_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".wmv", ".asf", ".flv", ".mpg", ".mpeg", ".ts", ".m2ts", ".mts"}
    | {".3gp", ".gif", ".apng", ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif"}
)
"""What a folder is searched for. A file that is named itself is tried whatever its name."""
CLIP_SUFFIX = ".pclip"
"""Of recordings, which only some verbs can open."""

KEYPOINT_FRAMES = "*_keypoints.json"
"""A folder with such files is one input: keypoints, a file a frame."""

IsResult = Callable[[Path, Path], bool]
"""Whether a file that was found (its path) in a folder that is searched (the second path) is the result of a run."""


def no_result(path: Path, folder: Path) -> bool:
    """For verbs whose results are neither videos nor pictures."""
    return False


@dataclass(frozen=True)
class Input:
    """One file to analyse and where its results go."""

    path: Path
    stem: Path
    """Path of the results below the output folder, without a suffix."""
    named: bool = True
    """Whether somebody named it, or a pattern that it fits; otherwise it lay in a folder."""


def find_inputs(
    arguments: Sequence[str], is_result: IsResult = no_result, suffixes: frozenset[str] = MEDIA_SUFFIXES
) -> list[Input]:
    """Files, folders (searched through, hidden files left out) and glob patterns, in order, each file once.

    A file found in a folder keeps its place in the tree; two files that differ in the suffix alone keep it in the
    name of their results. Results of an earlier run are left out of folders; one that is named itself is taken.

    Raises NoInput naming the argument that matches nothing.
    """
    found: dict[Path, Path] = {}
    named: set[Path] = set()
    for argument in arguments:
        for path, below in _matches(argument, is_result, suffixes):
            found.setdefault(path.absolute(), below)
            if not Path(argument).is_dir():
                named.add(path.absolute())
    return _named(found, named)


def _matches(argument: str, is_result: IsResult, suffixes: frozenset[str]) -> Iterable[tuple[Path, Path]]:
    try:
        return _found(Path(argument), argument, is_result, suffixes)
    except OSError as exc:
        raise NoInput(f"{argument}: {exc.strerror}") from exc


def _found(path: Path, argument: str, is_result: IsResult, suffixes: frozenset[str]) -> Iterable[tuple[Path, Path]]:
    if path.is_dir() and any(path.glob(KEYPOINT_FRAMES)):
        return [(path, Path(path.name))]
    if path.is_dir():
        below = [p for p in sorted(path.rglob("*")) if _fits(p.relative_to(path), suffixes) and p.is_file()]
        if not below:
            raise NoInput(f"{argument}: no video or picture in this folder")
        sources = [p for p in below if not is_result(p, path)]
        if not sources:
            raise NoInput(f"{argument}: nothing in this folder but copies of an earlier run; name them to take them")
        return [(p, p.relative_to(path)) for p in sources]
    if path.exists():
        return [(path, Path(path.name))]
    matched = [Path(p) for p in sorted(glob.glob(argument, recursive=True)) if Path(p).is_file()]
    if not matched:
        raise NoInput(f"{argument}: no such file or folder; check the spelling, and quote a name that has spaces")
    return [(p, Path(p.name)) for p in matched]


def _fits(relative: Path, suffixes: frozenset[str]) -> bool:
    hidden = any(part.startswith(".") for part in relative.parts)
    return not hidden and relative.suffix.lower() in suffixes


def _named(found: dict[Path, Path], named: set[Path]) -> list[Input]:
    """Stems that no two inputs share, also on a file system that ignores case."""
    shorts = Counter(str(below.with_suffix("")).casefold() for below in found.values())
    taken: set[str] = set()
    inputs = []
    for path, below in found.items():
        short = below.with_suffix("")
        stem = short if shorts[str(short).casefold()] == 1 else below
        number = 2
        while str(stem).casefold() in taken:
            stem = below.with_name(f"{below.name}-{number}")
            number += 1
        taken.add(str(stem).casefold())
        inputs.append(Input(path, stem, path in named))
    return inputs
