"""A monitor as the command line composes it: profiles, history and audit log of this user."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posture import config
from posture.capture import LiveSource
from posture.cli import trail
from posture.cli.opening import user_vault
from posture.folders import data_folder
from posture.live.monitor import Monitor
from posture.live.profiles import NAME, Profiles, seal_of
from posture.live.recording import new_recorder
from posture.sinks.archive import NAME as HISTORY
from posture.sinks.archive import Archive, connect
from posture.sinks.history import History
from posture.vault.catalogue import NAME as CATALOGUE
from posture.vault.catalogue import Catalogue
from posture.vault.historykeys import HistoryKeys

if TYPE_CHECKING:
    from posture.config import Settings


@dataclass(frozen=True, slots=True)
class Calibrations:
    """What was asked for of the remembered ones."""

    name: str | None = None
    """Judge by this one."""
    remember: bool = False
    """Keep new ones, whatever the settings say."""


def composed(
    open: Callable[[], LiveSource],
    presence: Callable[[], Hashable],
    settings: "Settings",
    wanted: Calibrations,
) -> Monitor:
    """Nothing is opened yet. Raises ConfigError where no calibration of that name was remembered."""
    profiles = Profiles(data_folder() / NAME, seal_of(user_vault()))
    profiles.remember = wanted.remember or settings.live.remember_profiles
    if wanted.name is not None or profiles.remember:
        profiles.load()
    monitor: Monitor

    def source() -> str:
        camera = monitor.newest.camera
        return camera.name if camera is not None else ""

    def purpose() -> str:
        return monitor.settings.privacy.purpose

    ruling = config.in_force()
    broken = ruling is not None and ruling.stands_in  # nobody knows what it would allow: no history is kept
    vault, record = user_vault(), trail.record if settings.audit.enabled else None
    catalogue = Catalogue(vault.folder / CATALOGUE)
    monitor = Monitor(
        open,
        settings,
        profiles=profiles,
        history=History((lambda: None) if broken else _archive, keep_days=settings.live.history_days, purpose=purpose),
        recorder=new_recorder(settings, settings.vault.folder, vault.recipients, catalogue, record, source, purpose),
        record=record,
        presence=presence,
    )
    if wanted.name is not None:
        monitor.use_profile(wanted.name)
    return monitor


def _archive() -> Archive | None:
    """Where the history is kept; None where there is no vault."""
    vault = user_vault()
    return Archive(connect(vault.folder / HISTORY), HistoryKeys(vault)) if vault.exists else None
