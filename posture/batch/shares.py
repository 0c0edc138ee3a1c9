r"""Where a share of the job lies on this machine: the same files have other names on other machines.

`/mnt/nas=/srv/nas` says that what the job calls /mnt/nas/... is /srv/nas/... here; `N:\=/srv/nas` the same of a job on
Windows. A worker touches nothing outside of these folders: neither `..` nor a symbolic link leads out of them.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from posture.errors import ConfigError


class NotShared(Exception):
    """No share of this machine holds the file."""


@dataclass(frozen=True, slots=True)
class Share:
    """One folder: how the job calls it, and where it is here."""

    theirs: tuple[str, ...]
    """Parts of the name; of Windows in lower case, because it makes no difference there."""
    windows: bool
    here: Path

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of "THEIRS=HERE", or of one folder that has the same name on both sides. Raises ConfigError."""
        theirs, separator, here = text.rpartition("=")
        if not separator:
            theirs = here = os.path.abspath(text)
        folder = Path(here).absolute()
        if not folder.is_dir():
            raise ConfigError(f"--share {text}: {folder} is no folder of this machine; is the share mounted?")
        windows = _is_windows(theirs)
        parts = _parts(theirs, windows)
        if not theirs or not (windows or theirs.startswith("/")) or ".." in parts:
            raise ConfigError(f"--share {text}: {theirs!r} must be a whole path, as the job has it")
        return cls(_folded(parts, windows), windows, folder)

    def find(self, name: str) -> Path | None:
        """Where the file is here; None if this share does not hold that name."""
        if _is_windows(name) != self.windows:
            return None
        parts = _parts(name, self.windows)
        if _folded(parts, self.windows)[: len(self.theirs)] != self.theirs or ".." in parts:
            return None
        path = self.here.joinpath(*parts[len(self.theirs) :])
        return path if _inside(path, self.here) else None


def find(name: bytes, shares: Sequence[Share]) -> Path:
    """Where the file is on this machine, after the share with the longest name. Raises NotShared."""
    text = os.fsdecode(name)
    for share in sorted(shares, key=lambda share: -len(share.theirs)):
        if (path := share.find(text)) is not None:
            return path
    raise NotShared(text)


def parse_all(texts: Iterable[str]) -> tuple[Share, ...]:
    """Raises ConfigError for none: a worker without a share could reach no file."""
    found = tuple(Share.parse(text) for text in texts)
    if not found:
        raise ConfigError("--share FOLDER says which files this machine may touch; name at least one")
    return found


def _is_windows(name: str) -> bool:
    """A drive letter, or a server after two backslashes."""
    return name.startswith("\\\\") or (len(name) > 1 and name[1] == ":" and name[0].isalpha())


def _parts(name: str, windows: bool) -> tuple[str, ...]:
    return tuple(part for part in (name.replace("\\", "/") if windows else name).split("/") if part and part != ".")


def _folded(parts: tuple[str, ...], windows: bool) -> tuple[str, ...]:
    return tuple(part.casefold() for part in parts) if windows else parts


def _inside(path: Path, folder: Path) -> bool:
    """Whether the file, which need not exist yet, is below the folder after every symbolic link was followed."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a loop of links
        return False
