"""Every file that the program keeps for this user, and what it is.

The data folder belongs to the program, so everything in it counts, known or not. Of the folders of recordings, which
others may share, only recordings count. Reports, copies and exports lie where the user put them and are not known.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from posture.errors import Damaged
from posture.live.profiles import NAME as CALIBRATIONS
from posture.results import FOLDER as RESULTS
from posture.sinks.archive import NAME as HISTORY
from posture.sinks.unsaved import NAME as UNSAVED
from posture.vault.catalogue import NAME as CATALOGUE
from posture.vault.clip import SUFFIX
from posture.vault.entry import Entry
from posture.vault.library import Library
from posture.vault.store import Vault

Kind = Literal[
    "keys",
    "recordings",
    "catalogue",
    "history",
    "reviews",
    "results",
    "calibrations",
    "consents",
    "settings",
    "models",
    "audit",
    "other",
]
KINDS: tuple[Kind, ...] = (
    "keys", "recordings", "catalogue", "history", "reviews", "results", "calibrations", "consents", "settings",
    "models", "audit", "other",
)  # fmt: skip
WHAT: dict[Kind, str] = {
    "keys": "keys of the vault",
    "recordings": "an encrypted recording",
    "catalogue": "what is known of recordings, encrypted",
    "history": "how you sat, encrypted minute by minute",
    "reviews": "an analysis that was under way, encrypted",
    "results": "what was seen in an analysed file, encrypted",
    "calibrations": "remembered calibrations",
    "consents": "who was told or agreed, under aliases",
    "settings": "settings",
    "models": "a model that was added",
    "audit": "the audit log, without names or pictures",
    "other": "a note of the program about itself",
}
CONSENTS = "consents"
"""How the names of the files of consents begin."""
JOURNAL = "erasure.json"
"""What is being erased; see `erasure.py`."""
RUNNING = ("posture.lock", "posture.raise", "posture.running", "vault.lock", "audit.lock")
"""Of a program that runs: empty, or gone when it ends."""
MEMORY = "policy-seen"
"""What is known of the administrator's policy: no data of the user."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the data of one user are."""

    data: Path
    """The data folder."""
    settings: Path
    """The settings file; it need not exist."""
    vault: Vault
    recordings: Sequence[Path]
    """Folders in which recordings may be."""
    keep_days: int = 3

    @property
    def library(self) -> Library:
        """The recordings, locked."""
        return Library(self.vault, self.recordings, self.keep_days)


@dataclass(frozen=True, slots=True)
class Holding:
    """One file."""

    path: Path
    kind: Kind
    size_bytes: int
    day: date | None = None
    """Of a recording whose key is there."""


def holdings(places: Places) -> list[Holding]:
    """Every file, keys first, then in the order of `KINDS` and by name."""
    found = {one.path: one for one in (*_in_data_folder(places), *_settings(places), *_recordings(places))}
    return sorted(found.values(), key=lambda one: (KINDS.index(one.kind), str(one.path)))


def others_recordings(places: Places) -> list[Path]:
    """Recordings in the folders of recordings for which no key was ever here: they are somebody else's."""
    return [entry.path for entry in places.library.entries() if not _is_ours(entry, places)]


def _in_data_folder(places: Places) -> Iterator[Holding]:
    for path in sorted(_files(places.data)):
        if path.name not in (*RUNNING, MEMORY, JOURNAL):
            yield Holding(path, _kind(path.relative_to(places.data)), path.lstat().st_size)


def _files(folder: Path) -> Iterator[Path]:
    """Everything but folders; what a link points at is not looked at."""
    for top, folders, names in os.walk(folder):
        yield from (Path(top) / name for name in names)
        yield from (Path(top) / name for name in folders if (Path(top) / name).is_symlink())


def _kind(place: Path) -> Kind:
    """Of a file of the data folder, by its place in it."""
    top, name = place.parts[0], place.name
    if place.suffix == SUFFIX:
        return "recordings"
    if name.startswith(CATALOGUE):
        return "catalogue"
    if name.startswith(HISTORY):
        return "history"
    if name.startswith(CONSENTS):
        return "consents"
    if name.startswith(UNSAVED):
        return "reviews"
    if place.parts[:2] == ("vault", RESULTS):
        return "results"
    if top == "vault":
        return "keys"
    if top.startswith(CALIBRATIONS.partition(".")[0]):
        return "calibrations"
    return {"models": "models", "audit": "audit"}.get(top, "other")  # type: ignore[return-value]


def _settings(places: Places) -> Iterator[Holding]:
    """The file, and what `posture config reset` kept of older ones."""
    file = places.settings
    for path in (file, *sorted(file.parent.glob(f"{file.name}.bak*"))):
        if path.is_file():
            yield Holding(path, "settings", path.stat().st_size)


def _recordings(places: Places) -> Iterator[Holding]:
    """Those of the vault; with a damaged ring nobody can tell which these are, and only the data folder counts."""
    with suppress(Damaged):
        for entry in places.library.entries():
            if _is_ours(entry, places):
                yield Holding(entry.path, "recordings", entry.size_bytes, entry.day)


def _is_ours(entry: Entry, places: Places) -> bool:
    return entry.path.is_relative_to(places.data) or entry.state in ("readable", "locked", "erased")
