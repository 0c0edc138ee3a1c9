"""Everything that a person may want to know about their privacy here, looked at now; the Privacy page and
`posture privacy report` show the same.

Nothing is changed, but the consents that were kept long enough go, as with every look at them.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from posture.audit.archive import read_folder
from posture.audit.events import Event
from posture.audit.records import EntryError, decode
from posture.audit.verify import verify
from posture.config import Settings
from posture.errors import PostureError
from posture.privacy import guard
from posture.privacy.flow import FlowMap
from posture.privacy.guard import Layer
from posture.rights.consents import KEEP_YEARS, Consents, Listed
from posture.vault.store import Unlocked, Vault

Entry = dict[str, Any]
"""The fields of an entry of the audit log."""
VARIABLES = ("ORT_DISABLE_TELEMETRY", *guard.REMOVED_VARIABLES)
"""Variables that decide about telemetry and detours."""
EXPORTS = frozenset({
    Event.REPORT_EXPORTED, Event.REDACTED_EXPORTED, Event.SCRUBBED_EXPORTED, Event.CLIP_EXPORTED, Event.DATA_EXPORTED,
})  # fmt: skip
"""What left, because somebody asked for it."""


@dataclass(frozen=True, slots=True)
class CameraTime:
    """How long the camera was on, on one day, after the audit log."""

    seconds: float
    times: int
    """How often it was switched on."""
    on: bool
    """It is on, or the program ended without a word."""
    certain: bool
    """False where the program was ended while it was on: then only a part of that time is known."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One rule of retention."""

    what: str
    """"recordings", "history", "audit" or "consents"."""
    days: int | None
    months: int | None
    setting: str
    """The setting that says so; empty where the law does."""


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it."""

    when: datetime
    layers: tuple[Layer, ...]
    variables: dict[str, str | None]
    """Name to value; None where it is not set."""
    camera: CameraTime | None
    """None where no log is kept or it cannot be read."""
    flow: FlowMap
    log: Path
    entries: tuple[Entry, ...]
    """Of the audit log, the newest last."""
    log_enabled: bool
    log_problem: str
    """Why the log cannot be read; empty where it can."""
    exports: tuple[Entry, ...]
    retention: tuple[Kept, ...]
    retained: datetime | None
    """When retention ran last."""
    consents: tuple[Listed, ...]
    consents_problem: str

    @property
    def blocked(self) -> bool:
        """Whether the system refused the network when it was tried."""
        return any(layer.name == "system" and layer.active for layer in self.layers)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where all of it comes from."""

    data: Path
    vault: Vault
    settings: Callable[[], Settings]
    flow: Callable[[Settings], FlowMap]
    layers: Callable[[], tuple[Layer, ...]] = guard.layers
    now: Callable[[], datetime] = lambda: datetime.now().astimezone()

    @property
    def log(self) -> Path:
        """The folder of the audit log."""
        return self.data / "audit"


def overview(sources: Sources, unlocked: Unlocked | None = None) -> Overview:
    """Look at everything; takes as long as the slowest folder. `unlocked` opens the notes of consents."""
    settings, when = sources.settings(), sources.now()
    entries, problem = _entries(sources.log)
    consents, no_consents = _consents(sources, unlocked)
    ran = [entry for entry in entries if entry["ev"] == Event.RETENTION_RUN]
    return Overview(
        when=when,
        layers=sources.layers(),
        variables={name: os.environ.get(name) for name in VARIABLES},
        camera=None if problem or not settings.audit.enabled else camera_time(entries, when.date(), when),
        flow=sources.flow(settings),
        log=sources.log,
        entries=entries,
        log_enabled=settings.audit.enabled,
        log_problem=problem,
        exports=tuple(entry for entry in entries if entry["ev"] in EXPORTS),
        retention=_retention(settings),
        retained=datetime.fromtimestamp(ran[-1]["wall"]).astimezone() if ran else None,
        consents=consents,
        consents_problem=no_consents,
    )


def camera_time(entries: Sequence[Entry], day: date, now: datetime) -> CameraTime:
    """How long the camera was on, on a local day. One that is opened twice without being closed was left open."""
    begin, over = _midnight(day), _midnight(day + timedelta(days=1))
    end = min(over, now.timestamp())
    seconds, times, certain, since, last = 0.0, 0, True, None, 0.0
    for entry in entries:
        wall, event = float(entry["wall"]), entry["ev"]
        if since is not None and event in (Event.CAMERA_OPENED, Event.PROGRAM_CRASHED):
            seconds += _within(since, last, begin, end)
            certain, since = certain and last < begin, None
        if event == Event.CAMERA_OPENED:
            since, times = wall, times + (begin <= wall < over)
        elif event == Event.CAMERA_CLOSED and since is not None:
            seconds, since = seconds + _within(since, wall, begin, end), None
        last = wall
    if since is not None:
        seconds += _within(since, end, begin, end)
    return CameraTime(seconds, times, since is not None, certain)


def checked(log: Path) -> int:
    """The number of entries of a log that holds. Raises LogDamaged, SinkError."""
    return sum(month.size for month in verify(read_folder(log)))


def _midnight(day: date) -> float:
    """Where this computer is; a day may have 23 or 25 hours."""
    return datetime(day.year, day.month, day.day).timestamp()


def _within(since: float, until: float, begin: float, end: float) -> float:
    return max(0.0, min(until, end) - max(since, begin))


def _entries(log: Path) -> tuple[tuple[Entry, ...], str]:
    """All that can be read, and why not more."""
    try:
        return tuple(decode(entry) for entry in read_folder(log).entries()), ""
    except EntryError as exc:
        return (), f"the audit log holds something that is no entry ({exc})"
    except PostureError as exc:
        return (), str(exc)


def _consents(sources: Sources, unlocked: Unlocked | None) -> tuple[tuple[Listed, ...], str]:
    try:
        return tuple(Consents(sources.data, sources.vault, unlocked).listed()), ""
    except PostureError as exc:
        return (), str(exc)


def _retention(settings: Settings) -> tuple[Kept, ...]:
    return (
        Kept("recordings", settings.vault.keep_days, None, "vault.keep_days"),
        Kept("history", settings.live.history_days, None, "live.history_days"),
        Kept("audit", None, settings.audit.keep_months, "audit.keep_months"),
        Kept("consents", None, 12 * KEEP_YEARS, ""),
    )
