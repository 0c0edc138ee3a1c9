"""The vault of the user and the recordings in it, for the keeper: what takes time, and one list of what there is."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from posture.errors import Locked, PostureError
from posture.gui.recordings.clip import VaultClip
from posture.vault.clip import open_clip
from posture.vault.entry import Entry
from posture.vault.library import RECORDED_WITHIN_S, Library, Retained
from posture.vault.recipient import Secret
from posture.vault.store import Unlocked, Vault
from posture.vault.timeline import timeline

_NO_KEYRING_KEY = "the keyring of the system does not open the vault: is it unlocked? The passphrase opens it too"


@dataclass(frozen=True, slots=True)
class Item:
    """One recording of the list."""

    entry: Entry
    readable_s: float | None = None
    """How much of one that is not whole can be read; None where it is whole or nobody has looked."""
    recording: bool = False
    """Whether it is being recorded now, as far as can be seen: it has no end, and grew a moment ago."""

    @property
    def clip_id(self) -> bytes:
        """16 bytes; empty for a file that is no recording any more."""
        return self.entry.clip_id

    @property
    def readable(self) -> bool:
        """Whether it can be played."""
        return self.entry.state == "readable"

    @property
    def began(self) -> datetime | None:
        """Local time, where it is known."""
        about = self.entry.about
        return None if about is None else datetime.fromtimestamp(about.started_s).astimezone()


class VaultSafe:
    """Implements `posture.gui.recordings.keeper.Safe`."""

    def __init__(
        self,
        vault: Vault,
        library: Callable[[Unlocked | None], Library],
        keyring_there: Callable[[], bool],
        today: Callable[[], date] = date.today,
    ) -> None:
        """`library` looks where the settings say now; `keyring_there`: whether a keyring here could open a vault."""
        self._vault, self._new_library = vault, library
        self._keyring_there, self._today = keyring_there, today
        self._lock = threading.Lock()
        self._unlocked: Unlocked | None = None
        self._measured: dict[tuple[Path, int], float] = {}

    @property
    def _library(self) -> Library:
        return self._new_library(self._unlocked)

    @property
    def is_open(self) -> bool:
        """Whether anything can be read."""
        return self._unlocked is not None

    @property
    def unlocked(self) -> Unlocked | None:
        """The vault, while it is open."""
        return self._unlocked

    def secrets(self, key_id: bytes) -> Secret | None:
        """Of the open vault, for who reads the history: implements `posture.vault.recipient.Secrets`."""
        unlocked = self._unlocked
        return None if unlocked is None else unlocked.secrets(key_id)

    def there(self) -> bool:
        """See Safe."""
        return self._vault.exists

    def keyring(self) -> bool:
        """See Safe."""
        return self._vault.has_keyring if self._vault.exists else self._keyring_there()

    def make(self, passphrase: str, *, keyring: bool) -> None:
        """See Safe."""
        self._take(self._vault.create(passphrase, self._today(), keyring=keyring))

    def unlock(self, passphrase: str | None) -> tuple[str, ...]:
        """See Safe."""
        unlocked = self._vault.unlock_with_keyring() if passphrase is None else self._vault.unlock(passphrase)
        if unlocked is None:
            raise Locked(_NO_KEYRING_KEY)
        self._take(unlocked)
        unlocked.refill(self._today())
        return unlocked.rejected

    def lock(self) -> None:
        """See Safe."""
        with self._lock:
            unlocked, self._unlocked = self._unlocked, None
        if unlocked is not None:
            unlocked.close()
        self._measured.clear()

    def days_left(self) -> int:
        """See Safe."""
        return self._vault.days_left(self._today())

    def retain(self) -> Retained | None:
        """See Safe."""
        return self._library.retain(self._today()) if self._vault.exists else None

    def items(self) -> Sequence[Item]:
        """See Safe."""
        return tuple(self._item(entry) for entry in self._library.entries())

    def clip(self, item: Item) -> VaultClip:
        """See Safe."""
        library, entry = self._library, item.entry
        return VaultClip(entry.path.open("rb"), lambda file: library.open(entry, file))

    def export(self, item: Item, path: Path, reason: str) -> bool:
        """See Safe."""
        return self._library.export(item.entry, path, reason=reason, confirmed=True)

    def delete(self, items: Sequence[Item]) -> None:
        """See Safe."""
        for item in items:
            self._library.delete(item.entry)

    def keep(self, items: Sequence[Item], until: date) -> None:
        """See Safe."""
        for item in items:
            self._library.hold(item.entry, until, self._today())

    def _take(self, unlocked: Unlocked) -> None:
        with self._lock:
            self._unlocked = unlocked

    def _item(self, entry: Entry) -> Item:
        if entry.state != "readable" or entry.finished:
            return Item(entry)
        return Item(entry, self._readable_s(entry), recording=self._grows(entry))

    @staticmethod
    def _grows(entry: Entry) -> bool:
        try:
            return abs(time.time() - entry.path.stat().st_mtime) < RECORDED_WITHIN_S
        except OSError:
            return False

    def _readable_s(self, entry: Entry) -> float | None:
        """Looked at once for each length of the file."""
        unlocked = self._unlocked
        if unlocked is None:
            return None
        known = entry.path, entry.size_bytes
        if known not in self._measured:
            try:
                with entry.path.open("rb") as file:
                    self._measured[known] = timeline(open_clip(file, unlocked.secrets, recover=True)).length_s
            except PostureError:
                self._measured[known] = 0.0
            except OSError:
                return None
        return self._measured[known]
