"""Where the program keeps what it holds for a user between two runs: the audit log, added models."""

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The data folder of this user; it need not exist. `POSTURE_DATA` names another one."""
    named = environment.get("POSTURE_DATA")
    return Path(named or platformdirs.user_data_dir("posture", appauthor=False))
