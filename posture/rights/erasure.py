"""Erasing: first a plan that names each file, then the keys, then the files, and last an entry in the audit log.

What the keys encrypted cannot be read from the moment they are gone, wherever copies of it are; deleting the files
after that is tidiness. The plan stands in the data folder while it is carried out, so that a run that was killed is
taken up again by the next one. The log gets numbers and the SHA-256 of the plan, no name: whoever kept the plan can
show what it was about.
"""

import hashlib
from collections.abc import Callable, Collection
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from posture.audit.events import Event
from posture.audit.folder import sync_folder
from posture.errors import ConfigError, Damaged, Locked, SinkError
from posture.live.profiles import NAME as CALIBRATIONS
from posture.live.profiles import Profiles, seal_of
from posture.output import whole_file
from posture.results import prune
from posture.rights.holdings import JOURNAL, Kind, Places, holdings
from posture.sinks.archive import NAME as HISTORY
from posture.sinks.archive import Archive, connect
from posture.vault.historykeys import HistoryKeys
from posture.vault.ring import DayKey, Use

VERSION = 1
_ADVICE = "nothing was erased; check the permissions of the data folder"

_USES: tuple[tuple[Kind, Use], ...] = (("recordings", "clips"), ("history", "history"), ("consents", "consents"))

Progress = Callable[[int, int, str], object]
"""Hears how many steps are done, of how many, and what is done now."""


def _quiet(done: int, of: int, words: str) -> None:
    """For who shows no progress."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be erased; by default everything but the audit log, which holds no name and keeps the proof."""

    kinds: frozenset[Kind] = frozenset()
    """Only these; empty: all."""
    first: date | None = None
    """Only recordings and history from this day on."""
    last: date | None = None
    """And through this one."""
    calibration: str = ""
    """Only the remembered calibrations of this name."""
    audit: bool = False
    """The audit log too; another one begins, with the proof as its first entry."""


class Target(msgspec.Struct, frozen=True):
    """One file that goes."""

    path: str
    kind: Kind
    bytes: int


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an erasure does. It changes nothing yet."""

    version: int = VERSION
    whole: bool = False
    """The vault goes, with every key."""
    keys: tuple[str, ...] = ()
    """Key ids in hex that are erased; of a vault that goes, all that there are."""
    files: tuple[Target, ...] = ()
    history_days: tuple[str, ...] = ()
    """Days whose minutes are deleted from the file of the history."""
    calibration: str = ""

    @property
    def sha256(self) -> str:
        """Hex; what the audit log gets."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    @property
    def bytes(self) -> int:
        """Of all files together."""
        return sum(file.bytes for file in self.files)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to erase."""
        return not (self.whole or self.keys or self.files or self.history_days or self.calibration)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was erased."""

    plan: Plan
    removed: int
    """Files that are gone."""
    failed: tuple[str, ...]
    """Files that could not be deleted; what is encrypted in them can be read by nobody."""
    finished: bool
    """False after `cancelled`, or where a file is left: calling `erase` again goes on."""


def planned(places: Places, scope: Scope, today: date) -> Plan:
    """What an erasure of this scope would do. Raises ConfigError for a scope that is none, SinkError, Damaged."""
    if scope.calibration:
        names = {profile.name for profile in _profiles(places).all}
        if scope.calibration not in names:
            known = ", ".join(sorted(names)) or "none"
            raise ConfigError(f"no calibration {scope.calibration!r} is remembered; there are: {known}")
        return Plan(calibration=scope.calibration)
    if scope.first is not None or scope.last is not None:
        return _of_days(places, scope.first or date.min, scope.last or today)
    return _of_kinds(places, scope, today)


def unfinished(places: Places) -> Plan | None:
    """What a run that was killed or cancelled left to do. Raises SinkError for a plan that cannot be read."""
    path = places.data / JOURNAL
    try:
        return msgspec.json.decode(path.read_bytes(), type=Plan)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, OSError) as exc:
        raise SinkError(f"{path} cannot be read: {exc}; delete it and erase again") from exc


def erase(plan: Plan, places: Places, progress: Progress = _quiet, cancelled: Callable[[], bool] = _never) -> Outcome:
    """Carry out a plan. May be killed at any moment: `unfinished` tells, and erasing that again goes on.

    Raises SinkError; Damaged, Locked where keys cannot be erased; then no file was deleted yet.
    """
    with whole_file(places.data / JOURNAL, overwrite=True, advice=_ADVICE, private=True) as out:
        out.write(msgspec.json.encode(plan))
    steps = len(plan.files) + 1
    progress(0, steps, "keys")
    _erase_keys(plan, places)
    failed: list[str] = []
    for number, file in enumerate(plan.files, 1):
        if cancelled():
            return Outcome(plan, number - 1 - len(failed), tuple(failed), False)
        progress(number, steps, file.path)
        if not _removed(Path(file.path)):
            failed.append(file.path)
    _tidy(plan, places)
    removed = len(plan.files) - len(failed)
    if failed:
        return Outcome(plan, removed, tuple(failed), False)
    places.vault.record(Event.DATA_ERASED, files=removed, keys=len(plan.keys), sha256=plan.sha256)
    (places.data / JOURNAL).unlink(missing_ok=True)
    progress(steps, steps, "")
    return Outcome(plan, removed, (), True)


def _of_kinds(places: Places, scope: Scope, today: date) -> Plan:
    wanted = scope.kinds
    whole = not wanted or "keys" in wanted
    every = holdings(places)
    found = [one for one in every if _goes(one.kind, wanted, audit=scope.audit)]
    if not whole and "history" in wanted:
        found = [one for one in found if one.kind != "history"]  # its rows go, the file stays for the days to come
    uses = {use for kind, use in _USES if kind in wanted}
    keys = _keys(places, lambda key: whole or (key.use in uses and key.day <= today))
    return Plan(
        whole=whole and any(one.kind == "keys" for one in every),
        keys=keys,
        files=tuple(Target(str(one.path), one.kind, one.size_bytes) for one in found),
        history_days=_history_days(places, date.min, today) if not whole and "history" in wanted else (),
    )


def _goes(kind: Kind, wanted: Collection[Kind], *, audit: bool) -> bool:
    if kind == "audit":
        return audit or kind in wanted
    return not wanted or kind in wanted


def _of_days(places: Places, first: date, last: date) -> Plan:
    if last < first:
        raise ConfigError(f"{last} lies before {first}: give the days the other way round")
    keys = _keys(places, lambda key: key.use != "consents" and first <= key.day <= last)
    found = [one for one in holdings(places) if one.kind == "recordings" and one.day and first <= one.day <= last]
    targets = tuple(Target(str(one.path), one.kind, one.size_bytes) for one in found)
    return Plan(keys=keys, files=targets, history_days=_history_days(places, first, last))


def _keys(places: Places, wanted: Callable[[DayKey], bool]) -> tuple[str, ...]:
    try:
        return tuple(key.key_id.hex() for key in places.vault.ring().keys if wanted(key))
    except (Locked, Damaged):
        return ()


def _history_days(places: Places, first: date, last: date) -> tuple[str, ...]:
    if not (places.vault.folder / HISTORY).exists():
        return ()
    with closing(_archive(places)) as archive:
        return tuple(day.isoformat() for day in archive.days() if first <= day <= last)


def _erase_keys(plan: Plan, places: Places) -> None:
    seal = seal_of(places.vault)
    if plan.whole:
        places.vault.destroy()
    elif plan.keys and places.vault.exists:
        places.vault.erase([bytes.fromhex(key) for key in plan.keys])
    if seal is not None and any(file.kind == "calibrations" for file in plan.files):
        with suppress(Locked):  # a keyring that gives up no key: it opens a file that goes
            seal.forget()


def _tidy(plan: Plan, places: Places) -> None:
    """What stands in files that stay, and folders that are empty now."""
    if not plan.whole and plan.keys and places.vault.exists:
        ring = places.vault.ring()
        places.library.catalogue.expire(ring.erased)
        prune(places.vault.folder, ring)
        if (places.vault.folder / HISTORY).exists():
            with closing(_archive(places)) as archive:
                archive.prune(lambda key_id: ring.find(key_id) is not None)
    if plan.calibration:
        profiles = _profiles(places)
        profiles.remember = True
        if any(profile.name == plan.calibration for profile in profiles.all):
            profiles.delete(plan.calibration)
            profiles.save()
    for folder in sorted({Path(file.path).parent for file in plan.files}, reverse=True):
        while folder.is_relative_to(places.data) and folder != places.data and _is_empty(folder):
            folder.rmdir()
            folder = folder.parent


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _removed(path: Path) -> bool:
    """Whether the file is gone, for good."""
    try:
        path.unlink(missing_ok=True)
        if path.parent.exists():
            sync_folder(path.parent)
    except (OSError, SinkError):
        return False
    return True


def _archive(places: Places) -> Archive:
    return Archive(connect(places.vault.folder / HISTORY), HistoryKeys(places.vault))


def _profiles(places: Places) -> Profiles:
    profiles = Profiles(places.data / CALIBRATIONS, seal_of(places.vault))
    profiles.load()
    return profiles
