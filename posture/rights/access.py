"""A copy of everything that the program keeps about its user, in formats that other programs read, with an index.

    index.html, index.json    what each file is, its size and SHA-256, and what could not be read
    settings.toml             the settings in force
    recordings.json           when each recording began, how long it is, what it shows
    recordings/*.mp4, *.json  the videos and the poses in them, where they are asked for
    analyses/N.json           what was under way on the Analyse page
    history/DAY.json, DAY.csv states, spells and angles of each day
    calibrations.json, consents.json, keys.json (no secret), audit.jsonl

The copy is not encrypted. It appears whole or not at all, and is readable by its owner alone.
"""

import csv
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np

from posture import results
from posture.audit.archive import read_folder
from posture.audit.events import Event
from posture.data import Array, Observation
from posture.errors import Damaged, Locked, OutputExists, SinkError, VaultError
from posture.live.profiles import NAME as CALIBRATIONS
from posture.live.profiles import Profiles, seal_of
from posture.output import translated
from posture.rights.consents import Consents
from posture.rights.holdings import Places
from posture.rights.index_page import Language, page
from posture.sinks import unsaved
from posture.sinks.archive import NAME as HISTORY
from posture.sinks.archive import Archive, connect
from posture.sinks.minutes import COLUMNS, Account
from posture.vault import track
from posture.vault.clip import open_clip
from posture.vault.entry import Entry
from posture.vault.historykeys import HistoryKeys
from posture.vault.library import Library
from posture.vault.store import Unlocked

SCHEMA = "posture.my-data/1"
_ADVICE = "choose another folder with -o"
_SIGNIFICANT = 5
"""Digits of an angle in the tables: they were kept as float32."""

Progress = Callable[[int, int, str], object]


class Cancelled(Exception):
    """The person wanted no copy any more; nothing is left of it."""


def _quiet(done: int, of: int, words: str) -> None:
    """For who shows no progress."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the copy."""

    file: str
    """Its name in the folder."""
    what: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Exported:
    """A copy that was written."""

    folder: Path
    parts: tuple[Part, ...]
    missing: tuple[str, ...]
    """What could not be read, in sentences."""

    @property
    def complete(self) -> bool:
        """Whether everything could be read."""
        return not self.missing


@dataclass
class _Copy:
    """A copy that is being written, in a folder that nobody knows yet."""

    folder: Path
    progress: Progress
    cancelled: Callable[[], bool]
    parts: list[Part] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def add(self, file: str, what: str, content: bytes) -> None:
        """Write one file."""
        self.begun(file).write_bytes(content)
        self.note(file, what)

    def begun(self, file: str) -> Path:
        """Where a file is to be written. Raises Cancelled."""
        if self.cancelled():
            raise Cancelled
        self.progress(len(self.parts), 0, file)
        path = self.folder / file
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def note(self, file: str, what: str) -> None:
        """Take a file that was written into the index."""
        path = self.folder / file
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        self.parts.append(Part(file, what, path.stat().st_size, digest))


def export(
    places: Places,
    folder: Path,
    *,
    unlocked: Unlocked | None,
    clips: bool,
    settings: str,
    purpose: str,
    language: Language = "en",
    progress: Progress = _quiet,
    cancelled: Callable[[], bool] = _never,
) -> Exported:
    """Write the copy into `folder`, which must not be there. A person has to have said yes: everybody can read it.

    `unlocked`: None leaves out what is encrypted, and says so. `clips`: the videos too. `settings`: those in force as
    TOML. `purpose`: what the data were collected for. `language`: of the index page. `progress` hears how many files
    are written; their number is not known before.

    Raises OutputExists, SinkError, LogDamaged; Cancelled once `cancelled()` says so, and then nothing is left.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputExists(f"{folder} is there and not empty; {_ADVICE}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as partial:
            copy = _Copy(Path(partial) / "copy", progress, cancelled)
            copy.folder.mkdir(mode=0o700)
            _write(copy, places, unlocked, clips=clips, settings=settings)
            digest = _index(copy, purpose, language)
            places.vault.record(Event.DATA_EXPORTED, files=len(copy.parts), sha256=digest)
            if folder.exists():
                folder.rmdir()
            os.replace(copy.folder, folder)
    except OSError as exc:
        raise translated(folder, exc, _ADVICE) from exc
    return Exported(folder, tuple(copy.parts), tuple(copy.missing))


def _write(copy: _Copy, places: Places, unlocked: Unlocked | None, *, clips: bool, settings: str) -> None:
    copy.add("settings.toml", "The settings in force.", settings.encode())
    _recordings(copy, places, unlocked, clips=clips)
    _history(copy, places, unlocked)
    _calibrations(copy, places)
    _unsaved(copy, places, unlocked)
    _results(copy, places, unlocked)
    _consents(copy, places, unlocked)
    _keys(copy, places)
    if (places.data / "audit").exists():
        out = io.BytesIO()
        read_folder(places.data / "audit").write(out)
        words = "What the program did: `posture audit verify audit.jsonl` checks it."
        copy.add("audit.jsonl", words, out.getvalue())


def _recordings(copy: _Copy, places: Places, unlocked: Unlocked | None, *, clips: bool) -> None:
    library = Library(places.vault, places.recordings, places.keep_days, unlocked)
    entries = library.entries()
    rows = [_row(entry) for entry in entries]
    copy.add("recordings.json", "Every recording, and how long it stays readable.", _json({"recordings": rows}))
    if not clips:
        if entries:
            copy.missing.append("The videos were not asked for.")
        return
    for entry in entries:
        if entry.state != "readable":
            copy.missing.append(f"Recording {entry.name} could not be read: it is {entry.state}.")
            continue
        try:
            _clip(copy, library, entry)
        except VaultError as exc:
            copy.missing.append(f"Recording {entry.name} could not be read: {exc}.")


def _clip(copy: _Copy, library: Library, entry: Entry) -> None:
    file = f"recordings/{entry.name}.mp4"
    whole = library.export(entry, copy.begun(file), reason="access-request", confirmed=True)
    copy.note(file, "A recording as video." if whole else "As much of a recording as could be read, as video.")
    unlocked = library.unlocked
    if unlocked is None:
        return
    try:
        with entry.path.open("rb") as stream:
            looks = [_look(one) for one in track.read(open_clip(stream, unlocked.secrets, recover=True))]
    except VaultError as exc:
        copy.missing.append(f"The poses in recording {entry.name} could not be read: {exc}.")
        return
    copy.add(f"recordings/{entry.name}.json", "The poses and angles that were seen in it.", _json({"looks": looks}))


def _look(one: Observation) -> dict[str, object]:
    """One moment of a recording. Points are pixels of the video; null is not visible."""
    return {
        "time_s": round(one.time_s, 3),
        "others": one.others,
        "people": [
            {
                "person": subject.pose.person,
                "points_px": _numbers(subject.pose.points_px),
                "visibility": _numbers(subject.pose.visibility),
                "angles": dict(zip(COLUMNS[1:], _numbers(subject.measurements.values), strict=True)),
                "zones": list(subject.assessment.zones),
            }
            for subject in one.people
        ],
    }


def _row(entry: Entry) -> dict[str, object]:
    about = entry.about
    return {
        "recording": entry.name,
        "state": entry.state,
        "day": entry.day.isoformat() if entry.day else None,
        "kept_through": entry.last_day.isoformat() if entry.last_day else None,
        "bytes": entry.size_bytes,
        "other_readers": entry.others,
        "about": None if about is None else {**msgspec.to_builtins(about), "started": _moment(about.started_s)},
    }


def _history(copy: _Copy, places: Places, unlocked: Unlocked | None) -> None:
    path = places.vault.folder / HISTORY
    if not path.exists():
        return
    if unlocked is None:
        copy.missing.append("The history is encrypted, and the vault is locked.")
        return
    with closing(Archive(connect(path), HistoryKeys(places.vault))) as archive:
        for day in archive.days():
            minutes = sorted(archive.minutes(day, unlocked.secrets), key=lambda minute: minute[0].began)
            if not minutes:
                copy.missing.append(f"The history of {day} could not be read: its key is erased, or it is damaged.")
                continue
            accounts = [_account(account) for account, _ in minutes]
            copy.add(f"history/{day}.json", f"How you sat on {day}, by minute.", _json({"minutes": accounts}))
            copy.add(f"history/{day}.csv", f"The angles of {day}; empty is not visible.", _table(minutes))


def _unsaved(copy: _Copy, places: Places, unlocked: Unlocked | None) -> None:
    for number, path in enumerate(unsaved.files(places.vault.folder), 1):
        try:
            if unlocked is None:
                raise Locked("the vault is locked")
            work = json.loads(unsaved.opened(path, unlocked.secrets))
        except (VaultError, SinkError, ValueError):
            copy.missing.append(f"What was under way on the Analyse page could not be read: {path.name}.")
            continue
        copy.add(f"analyses/{number}.json", "Files and reviews that were under way on the Analyse page.", _json(work))


def _results(copy: _Copy, places: Places, unlocked: Unlocked | None) -> None:
    for number, path in enumerate(results.files(places.vault.folder), 1):
        try:
            if unlocked is None:
                raise Locked("the vault is locked")
            key, observed = results.opened(path, unlocked.secrets)
        except (VaultError, OSError):
            copy.missing.append(f"What was seen in a file on the Analyse page could not be read: {path.name}.")
            continue
        looks = [_look(one) for one in observed.observations]
        content = _json({"source_sha256": key.sha256, "source_bytes": key.size_bytes, "looks": looks})
        copy.add(f"analyses/result-{number}.json", "The poses and angles that were seen in an analysed file.", content)


def _account(account: Account) -> dict[str, object]:
    return {
        "began": _moment(account.began),
        "purpose": account.purpose,
        "seconds_by_state": {str(state): round(lasted, 3) for state, lasted in account.seconds.items()},
        "seconds_not_judged": {str(doubt): round(lasted, 3) for doubt, lasted in account.doubts.items()},
        "spells": [
            {"kind": one.kind, "state": str(one.state), "began": _moment(one.began), "seconds": round(one.seconds, 3)}
            for one in account.spells.values()
        ],
    }


def _table(minutes: list[tuple[Account, bytes]]) -> bytes:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("time", *COLUMNS[1:]))
    for account, samples in minutes:
        for row in np.frombuffer(samples, "<f4").reshape(-1, len(COLUMNS)):
            values = ("" if np.isnan(value) else f"{value:.{_SIGNIFICANT}g}" for value in row[1:])
            table.writerow((_moment(account.began + float(row[0])), *values))
    return out.getvalue().encode()


def _calibrations(copy: _Copy, places: Places) -> None:
    """What monitoring remembers; a file that is damaged or locked is left where it is."""
    known = Profiles(places.data / CALIBRATIONS, seal_of(places.vault))
    path = places.data / CALIBRATIONS
    if not (path.exists() or path.with_suffix(".sealed").exists()):
        return
    with suppress(Damaged):
        known.load()
    if known.message:
        copy.missing.append(known.message)
    content = _json({"calibrations": msgspec.to_builtins(known.all)})
    copy.add("calibrations.json", "What you look like when you sit well, in numbers.", content)


def _consents(copy: _Copy, places: Places, unlocked: Unlocked | None) -> None:
    notes = Consents(places.data, places.vault, unlocked).listed()
    if not notes:
        return
    known = [msgspec.to_builtins(one.known) for one in notes if one.known is not None]
    if len(known) < len(notes):
        copy.missing.append(f"Notes of consents that are locked: {len(notes) - len(known)}.")
    copy.add("consents.json", "Who was told or agreed, under aliases.", _json({"notes": known}))


def _keys(copy: _Copy, places: Places) -> None:
    if not places.vault.exists:
        return
    ring = places.vault.ring()
    keys = [{"key_id": key.key_id.hex(), "use": key.use, "day": key.day.isoformat()} for key in ring.keys]
    others = [other.name for other in ring.others]
    words = "Which keys there are, and who else can read; no secret."
    copy.add("keys.json", words, _json({"keys": keys, "other_readers": others}))


def _index(copy: _Copy, purpose: str, language: Language) -> str:
    """Write the index; its SHA-256 in hex."""
    parts = [{"file": one.file, "what": one.what, "bytes": one.bytes, "sha256": one.sha256} for one in copy.parts]
    made = _moment(datetime.now(tz=UTC).timestamp())
    tree = {"schema": SCHEMA, "made": made, "purpose": purpose, "files": parts, "missing": copy.missing}
    content = _json(tree)
    files = [(one.file, one.what, one.bytes) for one in copy.parts]
    (copy.folder / "index.html").write_bytes(page(made, purpose, files, copy.missing, language))
    (copy.folder / "index.json").write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _json(tree: object) -> bytes:
    return (json.dumps(tree, indent=1, ensure_ascii=False) + "\n").encode()


def _moment(seconds: float) -> str:
    """ISO 8601 in UTC of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _numbers(values: Array) -> list[object]:
    """Nested lists in which NaN is None."""
    if values.ndim > 1:
        return [_numbers(row) for row in values]
    return [None if np.isnan(value) else float(f"{value:.{_SIGNIFICANT}g}") for value in values]
