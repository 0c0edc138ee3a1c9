"""Where recordings lie, and whether something there would copy them to other computers."""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from posture.folders import data_folder

FOLDER = "recordings"

_NAMES = re.compile(
    r"(onedrive|dropbox|google ?drive|googledrive|icloud ?drive|nextcloud|owncloud|box ?sync|pcloud ?drive|mega ?sync"
    r"|proton ?drive|creative cloud files|yandex[. ]disk|tresorit|seafile|magentacloud|my drive)( ?[-(].*)?|box|mega",
    re.IGNORECASE,
)
"""What the programs call their folders; OneDrive adds the name of an organisation: `OneDrive - Example`."""
_SERVICES = {"mobile documents": "iCloud Drive", "cloudstorage": "File Provider"}  # folders of macOS in ~/Library
_MARKS = {
    ".dropbox.cache": "Dropbox",
    ".stfolder": "Syncthing",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".tmp.drivedownload": "Google Drive",
}
"""Files or folders that a program leaves at the top of the folder that it copies."""
_DATABASE = re.compile(r"\.(_sync|sync)_[0-9a-f]+\.db")  # of Nextcloud and ownCloud
_VARIABLES = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")  # set by OneDrive for Windows
_MOST_BYTES = 1 << 16


def default_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`recordings` of a checkout, or that of the data folder of this account; it need not exist."""
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").exists() and (checkout / FOLDER / "README.md").exists():
        return checkout / FOLDER
    return data_folder(environment) / FOLDER


def recordings_folder(setting: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Where recordings are written: `vault.folder`, or the default where that is empty."""
    return Path(setting).expanduser().absolute() if setting else default_folder(environment)


def recordings_folders(setting: str, environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Where recordings may be: the wanted folder, and that of this computer for when it cannot be written."""
    spare = data_folder(environment) / FOLDER
    return tuple(dict.fromkeys((recordings_folder(setting, environment), spare)))


def copied_by(folder: Path, environment: Mapping[str, str] = os.environ, home: Path | None = None) -> str | None:
    """Which program would copy what lies in `folder` to other computers; None where none is known to.

    It is known by the names and marks of the folders above, and by what OneDrive, Dropbox and Nextcloud say about
    themselves. A folder that some other program copies, or that macOS copies as "Desktop & Documents", is not noticed.
    """
    folder = folder.absolute()
    places = {folder, folder.resolve()}
    for known, program in _declared(environment, home or Path.home()):
        if any(place.is_relative_to(known) for place in places):
            return program
    above = (part for place in places for part in (place, *place.parents))
    return next((name for part in above if (name := _named(part) or _marked(part))), None)


def warning(folder: Path, environment: Mapping[str, str] = os.environ) -> str:
    """A sentence where `folder` is copied to other computers, otherwise nothing."""
    program = copied_by(folder, environment)
    if program is None:
        return ""
    return (
        f"{folder} is copied to other computers by {program}: recordings there stay encrypted, but copies cannot be "
        "deleted from here; choose another folder (`vault.folder`)"
    )


def _named(folder: Path) -> str | None:
    if folder.parent.name == "Library" and folder.name.lower() in _SERVICES:
        return _SERVICES[folder.name.lower()]
    return folder.name if _NAMES.fullmatch(folder.name) else None


def _marked(folder: Path) -> str | None:
    try:
        names = os.listdir(folder)
    except OSError:
        return None
    if any(_DATABASE.fullmatch(name) for name in names):
        return "Nextcloud or ownCloud"
    return next((_MARKS[name] for name in names if name in _MARKS), None)


def _declared(environment: Mapping[str, str], home: Path) -> Iterator[tuple[Path, str]]:
    """Folders that the programs themselves name, and their names."""
    for variable in _VARIABLES:
        if environment.get(variable):
            yield Path(environment[variable]), "OneDrive"
    for info in _dropbox_files(environment, home):
        yield from ((path, "Dropbox") for path in _dropbox(info))
    for line in _text(home / ".config" / "Nextcloud" / "nextcloud.cfg").splitlines():
        key, _, value = line.partition("=")
        if key.strip().endswith("\\localPath") and value.strip():
            yield Path(value.strip()), "Nextcloud"


def _dropbox_files(environment: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """Where Dropbox notes its folders, after its documentation for developers ("Find the Dropbox folder paths")."""
    if sys.platform == "win32":
        named = [environment.get(name) for name in ("APPDATA", "LOCALAPPDATA")]
        return tuple(Path(folder) / "Dropbox" / "info.json" for folder in named if folder)
    return (home / ".dropbox" / "info.json",)


def _dropbox(file: Path) -> Iterator[Path]:
    try:
        accounts = json.loads(_text(file) or "{}")
    except (ValueError, RecursionError):
        return
    for account in accounts.values() if isinstance(accounts, dict) else ():
        if isinstance(account, dict) and isinstance(account.get("path"), str):
            yield Path(account["path"])


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
