"""One recording as a list shows it: what can be known without opening it, and a little more where the vault is open."""

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from posture.errors import Damaged, UnsupportedVersion
from posture.vault import header
from posture.vault.catalogue import About
from posture.vault.pieces import is_finished
from posture.vault.recipient import Secrets
from posture.vault.ring import DayKey, Ring

State = Literal["readable", "locked", "erased", "unknown", "damaged"]
"""`locked`: it can be read once the vault is unlocked. `erased`: its key is gone. `unknown`: no key here opens it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One recording, as far as it can be known."""

    path: Path
    size_bytes: int
    state: State
    clip_id: bytes = b""
    finished: bool = False
    """It ends as one that was closed; otherwise it is still being recorded, or was interrupted."""
    key: DayKey | None = None
    """What opens it, while that is there."""
    last_day: date | None = None
    """The last day on which it can be read."""
    about: About | None = None
    """What the catalogue knows, where it can be opened."""
    others: int = 0
    """Recipients beside this vault."""
    problem: str = ""
    """Of a damaged one: a sentence."""

    @property
    def name(self) -> str:
        """Clip id in hex, or the name of a file that has none."""
        return self.clip_id.hex() or self.path.stem

    @property
    def day(self) -> date | None:
        """When it was recorded, where its key is there."""
        return self.key.day if self.key else None

    @property
    def held(self) -> bool:
        """Whether it is kept for longer than its day."""
        return self.key is not None and self.key.until is not None

    @property
    def promise(self) -> str:
        """What deleting it means, for the person who is about to do it."""
        if self.last_day is None:
            return "This file is deleted. Copies of it elsewhere are not."
        return (
            "This copy is deleted. Copies that were made of it, on a network drive or in a backup, can be read with "
            f"this vault until its key is erased: after {self.last_day}."
        )


def examined(path: Path, ring: Ring | None, secrets: Secrets | None, keep_days: int) -> Entry:
    """The recording in a file, without what the catalogue knows.

    `ring`: None where there is no vault. `secrets`: None while it is locked.
    """
    size_bytes = 0
    try:
        with path.open("rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size
            head = header.read(file)
    except (Damaged, UnsupportedVersion) as exc:
        return Entry(path, size_bytes, "damaged", problem=str(exc))
    except OSError as exc:
        return Entry(path, 0, "damaged", problem=f"cannot read {path}: {exc.strerror}; check its permissions")
    ids = [slot.key_id for slot in head.slots]
    keys = [key for key_id in ids if ring and (key := ring.find(key_id))]
    key = max(keys, key=lambda key: key.last_day(keep_days), default=None)
    return Entry(
        path,
        size_bytes,
        _state(key, ids, ring, secrets),
        head.clip_id,
        is_finished(size_bytes, len(head.raw)),
        key,
        key.last_day(keep_days) if key else None,
        others=len(ids) - len(keys),
    )


def _state(key: DayKey | None, ids: list[bytes], ring: Ring | None, secrets: Secrets | None) -> State:
    if key is None:
        return "erased" if ring and not set(ring.erased).isdisjoint(ids) else "unknown"
    if secrets is None:
        return "locked"
    return "readable" if secrets(key.key_id) else "unknown"
