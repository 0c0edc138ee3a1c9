"""Whether nobody but administrators can change a file, and where such a file belongs on this system.

POSIX: the file and every folder above it belong to root, neither group nor others may write, nothing is a symbolic
link. (An access control list that lets somebody write shows as a write bit of the group.) Windows: see
`posture.privacy.windows_access`.
"""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from posture.errors import ConfigError

ROOT_USER = 0
_FOLDER_MODE, _FILE_MODE = 0o755, 0o644


def system_folder() -> Path:
    """The folder for what administrators decide for all users of this machine. No variable or setting moves it."""
    if sys.platform == "win32":
        from posture.privacy import windows_access

        return windows_access.program_data() / "posture"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/posture")
    return Path("/etc/posture")


def refuse_writable(path: Path, *, owner: int = ROOT_USER, top: Path | None = None) -> None:
    """Raise ConfigError, with the command that repairs it, if `path` could be changed by another than its owner.

    `owner` is the user id that counts as the administrator (POSIX). Folders are looked at from `top`, by default the
    root of the file system, down to the file.
    """
    for place in _from_top(path, top):
        if sys.platform == "win32":
            from posture.privacy import windows_access

            windows_access.refuse_writable(place, strict=place in (path, path.parent))
        else:
            _refuse_posix(place, owner)


def make_folder(folder: Path) -> None:
    """Make a folder that everybody can read and only administrators can write; one that is there stays as it is.

    Raises ConfigError where the account may not.
    """
    try:
        if sys.platform == "win32":
            from posture.privacy import windows_access

            windows_access.make_folder(folder)
        else:
            _make_posix(folder)
    except OSError as exc:
        raise ConfigError(f"{folder} cannot be made: {exc.strerror}; {as_administrator()}") from exc


def open_to_read_only(path: Path) -> None:
    """Let everybody read the file and only its owner write it (POSIX; on Windows the folder has said so)."""
    if sys.platform != "win32":
        path.chmod(_FILE_MODE)


def as_administrator() -> str:
    """What a person does to get the rights."""
    if sys.platform == "win32":
        return "run the command in a terminal that was started as administrator"
    return "run the command as root (sudo)"


def as_readable(path: Path) -> str:
    """What a person does so that everybody can read a file that only administrators write."""
    if sys.platform == "win32":
        return as_administrator()
    return f"let everybody read it: sudo chmod a+rX '{path.parent}' '{path}'"


def _make_posix(folder: Path) -> None:
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=_FOLDER_MODE)  # never looser than this,
        place.chmod(_FOLDER_MODE)  # and not stricter, whatever the umask of an administrator is


def _from_top(path: Path, top: Path | None) -> Iterator[Path]:
    places = [path, *path.parents]
    return reversed(places if top is None else places[: places.index(top) + 1])


def _refuse_posix(place: Path, owner: int) -> None:
    found = os.lstat(place)
    if stat.S_ISLNK(found.st_mode):
        raise ConfigError(f"{place} is a symbolic link, so it is not used: put the folder or file itself there")
    if found.st_uid != owner:
        raise ConfigError(
            f"{place} belongs to user {found.st_uid} and not to user {owner}, so it is not used: "
            f"sudo chown {owner} '{place}'"
        )
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ConfigError(
            f"{place} can be written by others than its owner, so it is not used: sudo chmod go-w '{place}'"
        )
