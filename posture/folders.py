"""Where the program keeps what it holds for a user between two runs, and where a desktop looks for programs."""

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The data folder of this user; it need not exist. `POSTURE_DATA` names another one."""
    named = environment.get("POSTURE_DATA")
    return Path(named or platformdirs.user_data_dir("posture", appauthor=False))


def autostart_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where a desktop of Linux looks for what starts at login (freedesktop.org, Autostart 0.5)."""
    return Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "autostart"


def menu_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where it looks for the programs of one person (freedesktop.org, XDG Base Directory 0.8)."""
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "applications"
