"""The map of data flows of this installation: the declarations of all rooms, and the places of this account."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from posture.cli.touchpoints import TOUCHPOINTS
from posture.folders import autostart_folder, data_folder, menu_folder

if TYPE_CHECKING:
    from posture.config import Settings
    from posture.privacy.flow import FlowMap, Places


def places(settings: "Settings") -> "Places":
    """Where everything lies, as the settings say."""
    from posture import config
    from posture.cli.redact import FOLDER
    from posture.pose.catalogue import models_folder
    from posture.privacy.administrators import system_folder
    from posture.vault.places import recordings_folders

    documents = Path(platformdirs.user_documents_dir())  # of the window, which has no current folder
    reports = settings.output.folder
    return {
        "data": (data_folder().absolute(),),
        "config": (config.config_path().absolute(),),
        "recordings": recordings_folders(settings.vault.folder),
        "reports": tuple(dict.fromkeys((Path(reports).absolute(), documents / reports))),
        "redacted": (Path(FOLDER).absolute(),),
        "models": (models_folder(),),
        "system": (system_folder(),),
        "autostart": (autostart_folder(),),
        "menu": (menu_folder(),),
        "temporary": (Path(tempfile.gettempdir()),),
    }


def values(settings: "Settings") -> dict[str, object]:
    """Key paths to values."""
    from posture import config

    paths = (path.split(".") for path in config.key_paths())
    return {f"{section}.{name}": getattr(getattr(settings, section), name) for section, name in paths}


def user_map(settings: "Settings") -> "FlowMap":
    """The map, looked at now."""
    from posture.privacy.flow import flow_map

    return flow_map(TOUCHPOINTS, places(settings), values(settings), settings.flow.declared)
