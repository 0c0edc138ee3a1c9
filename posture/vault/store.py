"""The vault of a user: keys for every day, with which recordings are encrypted and without which none can be read.

Recording needs the public keys alone (`Vault.recipients`), and so does erasing (`Vault.expire`). Reading needs an
`Unlocked` vault.
"""

import os
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import NoReturn

import msgspec

from posture.audit.events import Event, Value
from posture.errors import Damaged, Locked, OutputExists, WrongKey
from posture.vault import keyfile
from posture.vault.files import KeyFiles
from posture.vault.hpke import Random
from posture.vault.keyfile import DEFAULT_COST, KEYRING, PASSPHRASE, Cost, KeyFile, NotOpened, Slot
from posture.vault.keystore import KeyStore, SystemKeyring
from posture.vault.recipient import Recipient
from posture.vault.ring import VERSION, Erased, Ring, Use
from posture.vault.transfer import Copy
from posture.vault.unlocked import (
    CONTENT_VERSION,
    Content,
    Opened,
    Record,
    Tools,
    Unlocked,
    check_passphrase,
    decoded,
)

__all__ = ["Unlocked", "Vault"]

UNLOCK = "unlock the vault once (`posture keys refill`), which makes keys for 35 days"


def unrecorded(event: Event, **fields: Value) -> None:
    """For who keeps no log."""


class Vault:
    """The vault in a folder; it need not exist. Opening it reads and writes nothing."""

    def __init__(
        self,
        folder: Path,
        *,
        keystore: KeyStore | None = None,
        cost: Cost = DEFAULT_COST,
        random: Random = os.urandom,
        record: Record = unrecorded,
    ) -> None:
        """`keystore`: the keyring of the system by default. `cost`: of a passphrase that is set from now on.

        `record`: writes an entry of the audit log for every key that is made or erased, and every recording that is
        exported, deleted or kept; without it there are none.
        """
        self._files = KeyFiles(folder)
        self._tools = Tools(self._files, keystore or SystemKeyring(), cost, random, record)
        self.record = record

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._files.folder

    @property
    def exists(self) -> bool:
        """Whether `create` was called."""
        return self._files.identity_path.exists()

    @property
    def has_passphrase(self) -> bool:
        """Whether a passphrase opens it."""
        return self._has(PASSPHRASE)

    @property
    def has_keyring(self) -> bool:
        """Whether the keyring of the system opens it."""
        return self._has(KEYRING)

    def ring(self) -> Ring:
        """The public keys as they stand on the disk. Raises Locked where there is no vault, Damaged."""
        with self._files.alone_for_reading():
            return self._files.read_ring()

    def recipients(self, day: date, use: Use = "clips") -> tuple[Recipient, ...]:
        """For whom a recording of `day` is encrypted, or its history; never none.

        Raises Locked, with what to do, where there is no vault or no key is left; Damaged.
        """
        recipients = self.ring().recipients(day, use)
        if not recipients:
            what = "the history" if use == "history" else "recordings"
            raise Locked(f"there is no key for {what} of {day} in {self.folder}: {UNLOCK}")
        return recipients

    def days_left(self, today: date) -> int:
        """Days in a row, beginning today, for which there is a key; ask for unlocking below `FEW_DAYS`."""
        return self.ring().days_left(today)

    def create(
        self, passphrase: str | None, today: date, *, keyring: bool = False, copy: Copy | None = None
    ) -> Unlocked:
        """Make it, with keys for 35 days; those of another computer first, where there is a `copy` of them.

        `keyring`: the keyring of the system opens it too, or alone.

        Raises OutputExists where there is one, ConfigError for a passphrase that is too short, Locked where there is no
        keyring, SinkError. After an error there is no vault, or one whose keys `Unlocked.refill` makes.
        """
        if passphrase is None and not keyring:
            raise ValueError("a vault opens with a passphrase, with the keyring, or with both")
        if passphrase is not None:
            check_passphrase(passphrase)
        tools, file_key = self._tools, self._tools.random(keyfile.KEY_BYTES)
        slots: tuple[Slot, ...] = ()
        if passphrase is not None:
            slots = (Slot.of_passphrase(file_key, passphrase, tools.cost, tools.random),)
        self._files.make_folder()
        with self._files.alone():
            if self.exists:
                raise OutputExists(f"there is a vault in {self.folder} already: unlock it, or move its folder away")
            if keyring:
                name, key = tools.random(keyfile.NAME_BYTES), tools.random(keyfile.KEY_BYTES)
                tools.keystore.put(name.hex(), key)
                slots = (*slots, Slot.of_keyring(file_key, name, key, tools.random))
            content, ring = Content(CONTENT_VERSION, {}), Ring(VERSION, today)
            self._files.write_ring(ring)
            self._files.write_identity(keyfile.built(slots, file_key, msgspec.json.encode(content), tools.random))
        unlocked = Unlocked(tools, Opened(slots, file_key, content), ring)
        if copy is not None:
            _settled(unlocked, lambda: unlocked.adopt(copy, today))
        return _settled(unlocked, lambda: unlocked.refill(today))

    def unlock(self, passphrase: str) -> Unlocked:
        """Open it. Takes as long as one guess costs, 0.7 s.

        Raises Locked where there is no vault, and WrongKey for a wrong passphrase as for an altered file: the same one.
        """
        try:
            file = self._parsed()
            slot = file.slot(PASSPHRASE)
            if slot is None:
                raise Locked(f"no passphrase opens the vault in {self.folder}: it opens with the keyring of the system")
            unlocked = self._unlocked(file, slot, slot.key_of(passphrase))
        except NotOpened:
            self._refuse()
        return _settled(unlocked, lambda: unlocked.settle(passphrase))

    def unlock_with_keyring(self) -> Unlocked | None:
        """Open it with the keyring of the system; None where that is not set up, or the keyring is not there.

        Raises Locked where there is no vault, WrongKey where the key of the keyring does not open the file.
        """
        try:
            file = self._parsed()
            slot = file.slot(KEYRING)
            key = None if slot is None else self._tools.keystore.get(slot.about.hex())
            if slot is None or key is None or len(key) != keyfile.KEY_BYTES:
                return None
            unlocked = self._unlocked(file, slot, key)
        except NotOpened:
            self._refuse()
        return _settled(unlocked, unlocked.settle)

    def expire(self, today: date, keep_days: int, use: Use = "clips") -> Erased:
        """Erase the keys of days that are kept long enough and of recordings whose hold is over; works while locked.

        The keys of the history are kept for a time of their own, and erased by a call of their own.

        What was encrypted with them, wherever copies of it are, cannot be read any more. Raises Locked where there is
        no vault, Damaged, SinkError.
        """
        with self._files.alone():
            before = self._files.read_ring()
            ring, erased = before.expired(today, keep_days, use)
            if ring != before:
                self._files.write_ring(ring)
        for key in erased.keys:
            self.record(Event.KEY_ERASED, key_id=key.key_id.hex())
        return erased

    def erase(self, key_ids: Collection[bytes]) -> None:
        """Erase single keys, as `expire` does. Raises as it does."""
        with self._files.alone():
            before = self._files.read_ring()
            ring = before.without(frozenset(key_ids))
            if ring != before:
                self._files.write_ring(ring)
        for key_id in {key.key_id for key in before.keys}.intersection(key_ids):
            self.record(Event.KEY_ERASED, key_id=key_id.hex())

    def destroy(self) -> None:
        """Erase every key, forget the one in the keyring of the system, then delete the key files; works while locked.

        What was encrypted for this vault cannot be read any more, wherever copies of it are, but by other readers. May
        be called again after an interruption, and where there is no vault. A key that the keyring does not give up
        opens nothing without the files. Raises SinkError.
        """
        with suppress(Locked, Damaged):  # a damaged ring has no key left, and is deleted below
            self.erase([key.key_id for key in self.ring().keys])
        with suppress(NotOpened, Locked):
            slot = self._parsed().slot(KEYRING)
            if slot is not None:
                self._tools.keystore.remove(slot.about.hex())
        with self._files.alone():
            self._files.remove()

    def _has(self, kind: int) -> bool:
        try:
            return self.exists and self._parsed().slot(kind) is not None
        except NotOpened:
            return False

    def _parsed(self) -> KeyFile:
        return KeyFile.parse(self._files.read_identity())

    def _unlocked(self, file: KeyFile, slot: Slot, key: bytes) -> Unlocked:
        file_key = slot.file_key(key)
        return Unlocked(self._tools, Opened(file.slots, file_key, decoded(file.opened(file_key))), self.ring())

    def _refuse(self) -> NoReturn:
        raise WrongKey(
            f"{self._files.identity_path} does not open: the passphrase is wrong, or the file was altered or cut; try "
            "again, or put a copy of the file back"
        ) from None


def _settled(unlocked: Unlocked, work: Callable[[], object]) -> Unlocked:
    """The same after `work`; closed again where that raises, because nobody gets it then."""
    try:
        work()
    except BaseException:
        unlocked.close()
        raise
    return unlocked
