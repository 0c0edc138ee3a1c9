"""The window, put together: monitor, settings, audit log and cameras are handed to it."""

import os
import sys
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from posture import config
from posture.audit.events import Event
from posture.capture import LiveSource
from posture.cli import trail
from posture.cli.monitoring import Calibrations, composed
from posture.cli.opening import today, user_vault
from posture.cli.screen import say
from posture.errors import ConfigError, PostureError, SinkError
from posture.folders import data_folder
from posture.live.clerk import Clerk
from posture.live.opening import DEMO, opening
from posture.live.snapshot import Pause, Phase
from posture.sources.camera import cameras

if TYPE_CHECKING:
    from posture.config import Settings
    from posture.gui.app import Parts
    from posture.gui.recordings.safe import VaultSafe
    from posture.gui.system.start import Unusable
    from posture.live.monitor import Monitor
    from posture.sinks.archive import Kept
    from posture.vault.store import Unlocked

ADVICE = "use `posture live --no-window` to monitor in the background"
AT_LOGIN = ("live", "--in-tray")
"""What starts the program when a person logs in."""


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a window could be shown. Qt ends the whole program where it finds no display."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def bound() -> tuple["Settings", str]:
    """The settings in force, and why the policy of this computer does not hold; empty where it does, or there is none.

    The window says so itself, because who starts it from a menu sees no terminal. Raises ConfigError for other faults.
    """
    try:
        return config.load(), ""
    except ConfigError:
        try:
            config.in_force()
        except ConfigError as exc:
            return config.go_on_bound(), str(exc)
        raise


def open_window(source: str | None, calibrations: Calibrations | None = None, *, in_tray: bool = False) -> int:
    """Show the window until it is closed; the exit code. `source` as in `posture.live.opening`.

    Where the program runs already, its window comes to the front instead. What is wrong with the settings file or the
    policy is asked about first. Raises PostureError where there is no display or no Qt, or where no calibration of that
    name was remembered.
    """
    if not has_display():
        raise PostureError(f"no display was found (neither DISPLAY nor WAYLAND_DISPLAY is set); {ADVICE}")
    try:
        from posture.gui.system.start import Start, application, mend, run
    except ImportError as exc:
        raise PostureError(f"the window cannot be opened: {exc}; install that library, or {ADVICE}") from exc
    shown = application()
    gone = _mended(lambda found: mend(found, shown))
    if isinstance(gone, int):
        return gone
    settings, broken = bound()
    if broken:
        say(broken)
    trail.started("live")
    _settings_changed(gone)
    watched = Watched(source, settings)
    monitor = composed(watched.open, watched.presence, settings, calibrations or Calibrations())
    clerk = Clerk()
    clerk.start()
    try:
        return run(
            Start(
                data_folder(),
                config.config_path(),
                lambda safe_mode: parts(monitor, watched, clerk, safe_mode=safe_mode),
                (*program(), *AT_LOGIN),
                crashed=lambda: trail.record(Event.PROGRAM_CRASHED),
                hidden=in_tray,
                broken=broken,
            ),
            shown,
        )
    finally:
        if not clerk.close():
            raise SinkError("the settings that were changed last could not be written: the disk does not answer")


def _mended(mend: Callable[["Unusable"], int | None]) -> int | list[str]:
    """The settings that are others now, because their file could not be used and was set aside; or the exit code, where
    the person does not want that. Who starts the program from a menu would never see why it ends.
    """
    from posture.gui.app import LOOK_AND_WORDS
    from posture.gui.system import questions
    from posture.gui.system.start import Unusable

    file = config.config_path()
    why = config.fault(file)
    if not why:
        return []
    say(why)
    gone: list[str] = []

    def usual() -> "Settings":
        return config.readable(file, config.PERIODS)

    def ask(reason: str) -> bool:
        then = usual()
        with suppress(ConfigError):  # a broken policy is asked about next, and makes no period shorter
            then = config.within_policy(then, {})
        return questions.agreed(questions.settings_are_unusable(file, reason, config.free_name(file), then))

    def set_aside() -> None:
        if not config.fault(file):  # somebody mended it meanwhile
            return
        before, then = config.readable(file, config.key_paths()), usual()
        copy = config.save(file, then)
        say(f"{file} was kept as {copy}")
        gone.extend(config.changed(before, then))

    window = config.readable(file, LOOK_AND_WORDS).window
    code = mend(Unusable(data_folder(), window, why, ask, set_aside))
    return gone if code is None else code


def parts(monitor: "Monitor", watched: "Watched", clerk: Clerk, *, safe_mode: bool) -> "Parts":
    """What the window is composed of."""
    from posture.cli.report import user_sources
    from posture.cli.rights import user_places
    from posture.gui.app import Parts
    from posture.gui.history.past import Past
    from posture.gui.models.shelf import UserShelf
    from posture.gui.privacy.office import UserOffice
    from posture.gui.recordings.safe import VaultSafe
    from posture.gui.reports.page import Reporting
    from posture.gui.system.safemode import safe
    from posture.results import Results, cached
    from posture.sinks.unsaved import Unsaved
    from posture.vault.keystore import keyring_there
    from posture.vault.library import Library
    from posture.vault.places import recordings_folders

    def in_force(changed: "Settings") -> None:
        if changed.vault.results_mib < watched.settings.vault.results_mib:
            with suppress(SinkError):  # the next analysis says it
                results.trim(changed.vault.results_mib << 20)
        watched.follow(changed)
        monitor.settings = safe(changed) if safe_mode else changed

    def library(unlocked: "Unlocked | None") -> Library:
        chosen = watched.settings.vault
        return Library(vault, recordings_folders(chosen.folder), chosen.keep_days, unlocked, hold_days=chosen.hold_days)

    def past(count: int) -> Past:
        secrets = recordings.secrets if recordings.is_open else None
        days = monitor.days(count, secrets)
        if secrets is not None and not recordings.is_open:  # meanwhile it was locked: days would seem to be expired
            days = monitor.days(count)
        return Past(days, kept=vault.exists)

    def kept(first: date, last: date) -> "tuple[Kept, ...]":
        return monitor.kept(first, last, recordings.secrets if recordings.is_open else None)

    vault = user_vault()
    recordings = VaultSafe(vault, library, keyring_there, today)
    results = Results(vault, recordings.secrets, today)
    in_force(watched.settings)
    return Parts(
        monitor=monitor,
        settings_path=config.config_path(),
        record=_settings_changed,
        in_force=in_force,
        devices=cameras,
        safe=recordings,
        office=UserOffice(user_sources(), user_places, lambda: recordings.unlocked, lambda: watched.settings),
        clip_key=partial(_clip_key, recordings),
        analyse=partial(cached, results),
        unsaved=Unsaved(vault.folder, lambda: vault.recipients(today(), "history")),
        shelf=UserShelf(lambda: watched.settings.pose, lambda event, fields: trail.record(event, **fields)),
        past=past,
        reporting=Reporting(kept, trail.exported),
        try_demo=partial(_try_demo, watched, monitor),
        exported=trail.exported,
        write=clerk.put,
    )


def _try_demo(watched: "Watched", monitor: "Monitor") -> None:
    """The demonstration instead of a camera."""
    watched.source = DEMO
    if monitor.newest.phase in (Phase.STOPPED, Phase.FAILED):
        monitor.start()
    else:
        monitor.pause(Pause.PERSON)  # closes what is open
    monitor.resume(Pause.PERSON)


def _clip_key(recordings: "VaultSafe", path: Path) -> bytes:
    """What opens one recording of the vault, and nothing else. Raises PostureError."""
    from posture.cli.clips import key_of_clip
    from posture.gui.analyse.bench import no_key

    key = key_of_clip(path, recordings.secrets) if recordings.is_open else no_key(path)
    if isinstance(key, PostureError):
        raise key
    return key


class Watched:
    """What the monitor opens next: what was asked for, until the person chooses another camera."""

    def __init__(self, source: str | None, settings: "Settings") -> None:
        self.source, self.settings = source, settings
        self._presence: Callable[[], Hashable] = opening(source, settings.camera).presence

    def follow(self, changed: "Settings") -> None:
        """These settings hold now."""
        if changed.camera.device != self.settings.camera.device:
            self.source = None
        self.settings = changed

    def open(self) -> LiveSource:
        """For the capture thread."""
        now = opening(self.source, self.settings.camera)
        self._presence = now.presence
        return now.open()

    def presence(self) -> Hashable:
        """What changes when cameras come or go; for the capture thread."""
        return self._presence()


def program() -> tuple[str, ...]:
    """What starts this very installation."""
    for name in ("posture", "posture.exe"):
        script = Path(sys.executable).with_name(name)
        if script.exists():
            return (str(script),)
    return sys.executable, "-c", "from posture.cli import main; main()"


def _settings_changed(paths: list[str]) -> None:
    for path in paths:
        trail.record(Event.SETTINGS_CHANGED, setting=path)
