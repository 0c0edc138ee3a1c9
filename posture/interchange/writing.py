"""A motion in the formats that somebody asked for, each file and folder whole or not at all."""

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from posture.errors import ConfigError
from posture.interchange import FORMATS, Format, Motion
from posture.output import ADVICE, refuse_existing, translated


def check_packages(names: Sequence[str]) -> None:
    """Raise ConfigError where a format needs a package that is not installed, before hours of work."""
    for name in names:
        missing = [package for package in FORMATS[name].packages if importlib.util.find_spec(package) is None]
        if missing:
            raise ConfigError(
                f'--export {name} needs {" and ".join(missing)}: install it with `pip install "posture[{name}]"`'
            )


def refuse_what_is_there(names: Sequence[str], base: Path, *, overwrite: bool) -> None:
    """Raise OutputExists before hours of work, as far as it is known before how many people there are."""
    for name in names:
        refuse_existing(_path(base, FORMATS[name]), overwrite=overwrite)


@contextmanager
def written(motion: Motion, names: Sequence[str], base: Path, *, overwrite: bool) -> Iterator[dict[str, Path]]:
    """Write `base` in each format; the files get their names when the block ends without an error.

    Yields what will stand where: a format to its path, and to one for each person where a file holds one person and
    there are several. Raises OutputExists, OutputFull or SinkError.
    """
    try:
        base.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=base.parent, prefix=".poses-", suffix=".partial"))
    except OSError as exc:
        raise translated(base, exc, ADVICE) from exc
    try:
        found = {}
        for name in names:
            for label, part, path in _files(name, motion, base):
                refuse_existing(path, overwrite=overwrite)
                FORMATS[name].write(part, beside / path.name)
                found[label] = path
        yield found
        for path in found.values():
            _move(beside / path.name, path)
    except OSError as exc:
        raise translated(base, exc, ADVICE) from exc
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _path(base: Path, kind: Format, person: str = "") -> Path:
    ending = f"-{kind.suffix}" if kind.folder else f".{kind.suffix}"
    return base.with_name(f"{base.name}{person and f'.{person}'}{ending}")


def _files(name: str, motion: Motion, base: Path) -> Iterator[tuple[str, Motion, Path]]:
    """A label, what is in it and where it will be, for each file of a format."""
    kind = FORMATS[name]
    if not kind.one_person or len(motion.people) == 1:
        yield name, motion, _path(base, kind)
        return
    for place in range(len(motion.people)):
        person = f"person-{place + 1}"  # never a name that somebody gave: it may be no name for a file
        yield f"{name} {person}", motion.person(place), _path(base, kind, person)


def _move(partial: Path, path: Path) -> None:
    if partial.is_dir():
        if path.exists():
            shutil.rmtree(path)
    else:
        with partial.open("rb") as stream:
            os.fsync(stream.fileno())
    os.replace(partial, path)
