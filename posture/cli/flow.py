"""The map of data flows of this installation: the declarations of all rooms, and the places of this account."""

import tempfile
from contextlib import closing, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from posture.cli.opening import user_vault
from posture.cli.touchpoints import TOUCHPOINTS
from posture.errors import PostureError
from posture.folders import autostart_folder, data_folder, menu_folder

if TYPE_CHECKING:
    from posture.config import Settings
    from posture.privacy.flow import FlowMap, Places


def places(settings: "Settings") -> "Places":
    """Where everything lies, as the settings say."""
    from posture import config
    from posture.cli.redact import FOLDER as REDACTED
    from posture.cli.scrub import FOLDER as SCRUBBED
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
        "redacted": (Path(REDACTED).absolute(),),
        "scrubbed": (Path(SCRUBBED).absolute(),),
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

    return flow_map(TOUCHPOINTS, places(settings), values(settings), settings.flow.declared, _ends(settings), _fleet())


def _fleet() -> list[str]:
    from posture.batch.running import running

    return [f"{one.role}, {one.address}, process {one.pid}" for one in running()]


def _ends(settings: "Settings") -> dict[str, date]:
    """The last days on which the oldest recording and the oldest day of the history can be read, as far as known."""
    from posture.sinks.archive import NAME, Archive, connect
    from posture.vault.historykeys import HistoryKeys
    from posture.vault.library import Library
    from posture.vault.places import recordings_folders

    vault = user_vault()
    found: dict[str, date] = {}
    with suppress(PostureError):
        library = Library(vault, recordings_folders(settings.vault.folder), settings.vault.keep_days)
        days = [entry.last_day for entry in library.entries() if entry.last_day is not None]
        found |= {"recordings": min(days)} if days else {}
    history = vault.folder / NAME
    with suppress(PostureError):
        if history.exists():
            with closing(Archive(connect(history), HistoryKeys(vault))) as archive:
                kept = archive.days()
            found |= {"history": kept[0] + timedelta(days=settings.live.history_days)} if kept else {}
    return found
