"""Start at login, and an entry among the programs: by choice, on and off, and shown exactly before it is written."""

import os
import plistlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QSettings

from posture.folders import autostart_folder, menu_folder
from posture.output import translated, whole_file

RUN_KEY = r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Run"
RUN_NAME = "posture"
LABEL = "posture.live"
"""Of the LaunchAgent."""
_ADVICE = "check who may write that folder"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file that makes the desktop do something. `text` is all of it."""

    path: Path
    text: str

    @property
    def is_on(self) -> bool:
        """Whether it is there, whatever it says."""
        return self.path.exists()

    def on(self) -> None:
        """Write it whole, over one that is there. Raises SinkError."""
        with whole_file(self.path, overwrite=True, advice=_ADVICE) as out:
            out.write(self.text.encode())

    def off(self) -> None:
        """Remove it. Raises SinkError."""
        try:
            with suppress(FileNotFoundError):
                self.path.unlink()
        except OSError as exc:
            raise translated(self.path, exc, _ADVICE) from exc


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """A value of the Run key; **not run on a Windows machine yet**. Tests let QSettings write a file instead."""

    store: QSettings
    text: str

    @property
    def path(self) -> str:
        """Where it stands."""
        return f"{RUN_KEY}\\{RUN_NAME}"

    @property
    def is_on(self) -> bool:
        """Whether it is there, whatever it says."""
        return self.store.contains(RUN_NAME)

    def on(self) -> None:
        """Write it."""
        self.store.setValue(RUN_NAME, self.text)
        self.store.sync()

    def off(self) -> None:
        """Remove it."""
        self.store.remove(RUN_NAME)
        self.store.sync()


Entry = FileEntry | RegistryEntry


def at_login(command: Sequence[str], environment: Mapping[str, str] = os.environ) -> Entry:
    """What starts `command` when this person logs in."""
    if sys.platform == "win32":
        store = QSettings(RUN_KEY, QSettings.Format.NativeFormat)
        return RegistryEntry(store, subprocess.list2cmdline(command))
    if sys.platform == "darwin":
        return launch_agent(command, Path.home())
    return FileEntry(autostart_folder(environment) / "posture.desktop", desktop_entry(command, hidden=True))


def in_menu(command: Sequence[str], environment: Mapping[str, str] = os.environ) -> FileEntry | None:
    """The entry among the programs; None where the platform has none that a program writes itself."""
    if sys.platform in ("win32", "darwin"):
        return None
    return FileEntry(menu_folder(environment) / "posture.desktop", desktop_entry(command))


def desktop_entry(command: Sequence[str], *, hidden: bool = False) -> str:
    """The text of a desktop entry (specifications.freedesktop.org/desktop-entry-spec 1.5).

    `hidden`: it starts at login and is not listed.
    """
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        "Name=posture",
        "Comment=Tells you gently when you slump; nothing leaves this computer",
        "Comment[de]=Sagt Ihnen behutsam, wenn Sie zusammensinken; nichts verlässt diesen Rechner",
        f"Exec={' '.join(quoted(word) for word in command)}",
        "Terminal=false",
        "Categories=Utility;",
        "StartupNotify=true",
    ]
    if hidden:
        lines[-2:] = ["NoDisplay=true", "X-GNOME-Autostart-enabled=true"]
    return "\n".join(lines) + "\n"


def quoted(word: str) -> str:
    """One argument of Exec: quoted for the shell-like rules, then escaped as every value of the file is."""
    if not word or set(word) & set(" \t\n\r\"'\\><~|&;$*?#()`"):
        word = '"' + "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in word) + '"'
    word = word.replace("%", "%%").replace("\\", "\\\\")
    return word.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def launch_agent(command: Sequence[str], home: Path) -> FileEntry:
    """launchd.plist(5); **not run on a Mac yet**."""
    agent = {"Label": LABEL, "ProgramArguments": list(command), "RunAtLoad": True, "ProcessType": "Interactive"}
    path = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    return FileEntry(path, plistlib.dumps(agent).decode())
