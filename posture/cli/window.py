"""The window, put together: monitor, settings, audit log and cameras are handed to it."""

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from posture import config
from posture.audit.events import Event
from posture.capture import LiveSource
from posture.cli import trail
from posture.errors import PostureError
from posture.folders import data_folder
from posture.live.monitor import Monitor
from posture.live.opening import DEMO, opening
from posture.live.profiles import NAME, Profiles
from posture.sinks.history import History
from posture.sources.camera import cameras
from posture.sources.devices import presence

if TYPE_CHECKING:
    from posture.config import Settings

ADVICE = "use `posture live --no-window` to monitor in the background"


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a window could be shown. Qt ends the whole program where it finds no display."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def open_window(source: str | None, settings: "Settings") -> int:
    """Show the window until it is closed; the exit code. `source` as in `posture.live.opening`.

    Raises PostureError where there is no display or no Qt.
    """
    if not has_display():
        raise PostureError(f"no display was found (neither DISPLAY nor WAYLAND_DISPLAY is set); {ADVICE}")
    try:
        from posture.gui import app
    except ImportError as exc:
        raise PostureError(f"the window cannot be opened: {exc}; install that library, or {ADVICE}") from exc
    watched = _Watched(source, settings)
    profiles = Profiles(data_folder() / NAME)
    profiles.remember = settings.live.remember_profiles
    if profiles.remember:
        profiles.load()
    monitor = Monitor(
        watched.open,
        settings,
        profiles=profiles,
        history=History(keep_days=settings.live.history_days),
        record=trail.record if settings.audit.enabled else None,
        presence=presence,
    )

    def in_force(changed: "Settings") -> None:
        watched.settings = changed
        monitor.settings = changed

    def try_demo() -> None:
        watched.source = DEMO
        monitor.start()

    return app.run(
        app.Parts(
            monitor=monitor,
            settings_path=config.config_path(),
            record=_settings_changed,
            in_force=in_force,
            devices=cameras,
            today=monitor.today,
            try_demo=try_demo,
        )
    )


class _Watched:
    """What the monitor opens next: the camera of the settings in force, or what was asked for."""

    def __init__(self, source: str | None, settings: "Settings") -> None:
        self.source, self.settings = source, settings

    def open(self) -> LiveSource:
        """For the capture thread."""
        return opening(self.source, self.settings.camera).open()


def _settings_changed(paths: list[str]) -> None:
    for path in paths:
        trail.record(Event.SETTINGS_CHANGED, setting=path)
