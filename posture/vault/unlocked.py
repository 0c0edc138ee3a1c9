"""A vault that is open: the secrets of its keys are in memory until `close`."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Protocol, Self

import msgspec

from posture.audit.events import Event, Value
from posture.errors import ConfigError, Locked, SinkError
from posture.vault import keyfile
from posture.vault.files import KeyFiles
from posture.vault.hpke import Random, secret_of
from posture.vault.keyfile import KEYRING, PASSPHRASE, Cost, KeyFile, NotOpened, Slot
from posture.vault.keystore import KeyStore
from posture.vault.memory import allow_dumps, forbid_dumps
from posture.vault.recipient import X_WING, Recipient, Secret
from posture.vault.ring import HALF_BYTES, MOST_OTHERS, DayKey, Other, Ring, Use, seed
from posture.vault.transfer import COPY_VERSION, Copy

LEAST_CHARACTERS = 8
"""Of a passphrase: NIST SP 800-63B asks for 8 at least, and for length rather than odd characters."""
CONTENT_VERSION = 1


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the identity file holds."""

    version: int
    halves: dict[str, bytes]
    """The sealed half of each key, by its key id in hex."""
    others: tuple[bytes, ...] = ()
    """SHA-256 over each key of others and its name: nobody can add one to the ring who cannot open this file."""
    stale: tuple[str, ...] = ()
    """Names in the keyring that are to be removed."""


class Record(Protocol):
    """Where the audit log gets its entries from."""

    def __call__(self, event: Event, **fields: Value) -> object:
        """Write one entry, or raise."""


@dataclass(frozen=True, slots=True, repr=False)
class Tools:
    """What a vault works with."""

    files: KeyFiles
    keystore: KeyStore
    cost: Cost
    random: Random
    record: Record


@dataclass(slots=True, repr=False)
class Opened:
    """An identity file that was opened, as it stands on the disk."""

    slots: tuple[Slot, ...]
    file_key: bytes
    content: Content


class Unlocked:
    """Made by `Vault.unlock`. Every change is on the disk when its call returns, and other processes see it.

    May be used from any thread, one call at a time.
    """

    def __init__(self, tools: Tools, opened: Opened, ring: Ring) -> None:
        self._tools = tools
        self._opened: Opened | None = opened
        self._secrets: dict[bytes, Secret] = {}
        self._derived: dict[DayKey, Secret] = {}
        self.rejected: tuple[str, ...] = ()
        """What somebody put into the ring who had no right to, in sentences for the person."""
        forbid_dumps()
        self._take(ring)

    def secrets(self, key_id: bytes) -> Secret | None:
        """The secret of a key id, where there is one: what `Secrets` asks for."""
        return self._secrets.get(key_id)

    @property
    def is_open(self) -> bool:
        """Until `close`."""
        return self._opened is not None

    @property
    def has_passphrase(self) -> bool:
        """Whether a passphrase opens it."""
        return any(slot.kind == PASSPHRASE for slot in self._state.slots)

    @property
    def has_keyring(self) -> bool:
        """Whether the keyring of the system opens it."""
        return any(slot.kind == KEYRING for slot in self._state.slots)

    def close(self) -> None:
        """Forget every secret. Python cannot wipe memory; nothing refers to them any more."""
        if self._opened is not None:
            self._opened = None
            self._secrets, self._derived = {}, {}
            allow_dumps()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def refill(self, today: date) -> tuple[DayKey, ...]:
        """Make the keys that are missing for 35 days from today on; those that were made. Raises SinkError."""
        with self._changing() as ring:
            made = [self._new_key(day, use=use) for day, use in ring.missing(today)]
            return self._add(ring, made, today)

    def rotate(self, today: date) -> tuple[DayKey, ...]:
        """New keys for today and every day after it. Today's old key stays for reading; later ones go, unused."""
        with self._changing() as ring:
            now = [key for key in ring.keys if key.day >= today and key.until is None and not key.retired]
            later = frozenset(key.key_id for key in ring.keys if key.day > today and key.until is None)
            kept = tuple(_retired(key, today) for key in ring.without(later).keys)
            made = [self._new_key(day, use=use) for day, use in sorted({(key.day, key.use) for key in now})]
            return self._add(msgspec.structs.replace(ring, keys=kept), made, today)

    def new_hold(self, day: date, until: date, today: date, use: Use = "clips") -> Recipient:
        """A key for one recording of `day`, or one note, that is to stay readable through `until`."""
        with self._changing() as ring:
            (key,) = self._add(ring, [self._new_key(day, until, use)], today)
            return key.recipient

    def set_others(self, others: tuple[Other, ...], today: date) -> None:
        """Who else can read what is recorded from now on. Raises ConfigError for too many and for this vault itself."""
        if len(others) > MOST_OTHERS:
            raise ConfigError(f"there may be {MOST_OTHERS} other readers at most: remove one first")
        with self._changing() as ring:
            own = {key.public for key in ring.keys}
            if strange := next((other for other in others if any(key.public in own for key in other.keys)), None):
                raise ConfigError(
                    f"the keys of {strange.name!r} are those of this vault, which reads everything anyway"
                )
            new = digests(others)
            self._write(msgspec.structs.replace(self._state.content, others=tuple({*digests(ring.others), *new})))
            self._store(ring.changed(today, others=others))
            self._write(msgspec.structs.replace(self._state.content, others=new))

    def adopt(self, copy: Copy, today: date) -> tuple[DayKey, ...]:
        """Take in the keys of another computer: from now on both record for the same keys. Those that were new."""
        with self._changing() as ring:
            known = {*ring.erased, *(key.key_id for key in ring.keys)}
            new = [(key, sealed) for key, sealed in zip(copy.keys, copy.halves, strict=True) if key.key_id not in known]
            return self._add(ring, new, today)

    def copy(self) -> Copy:
        """Every key with both halves, for another computer."""
        self.refresh()
        halves = self._state.content.halves
        keys = tuple(key for key in self._tools.files.read_ring().keys if key.key_id in self._secrets)
        return Copy(COPY_VERSION, keys, tuple(halves[key.key_id.hex()] for key in keys))

    def change_passphrase(self, passphrase: str) -> None:
        """Open with this one from now on; copies of the identity file from before open with the old one.

        Raises ConfigError for one that is too short.
        """
        check_passphrase(passphrase)
        with self._changing() as ring:
            self._reseal(ring, passphrase=passphrase, keyring=self.has_keyring)

    def use_keyring(self, on: bool) -> None:
        """Whether the keyring of the system opens the vault too. Raises Locked where there is no such keyring.

        Without a passphrase it is the only way, and stays.
        """
        with self._changing():
            state = self._state
            others = tuple(slot for slot in state.slots if slot.kind != KEYRING)
            if on == self.has_keyring or not others:
                return
            content = msgspec.structs.replace(state.content, stale=(*state.content.stale, *_names(state.slots)))
            self._write(content, slots=(*others, self._keyring_slot(state.file_key)) if on else others)
            self._clean()

    def refresh(self) -> None:
        """See what other processes changed: keys that were made, or erased. Raises Locked: close it, unlock again."""
        with self._changing():
            pass

    def settle(self, passphrase: str | None = None) -> None:
        """What is due at every unlocking. A disk that cannot be written puts it off.

        The sealed halves of erased keys are forgotten, and the rest is sealed under another key than before; a way that
        opens with a passphrase gets another key only where it is given. Keys in the ring that are not of this vault are
        used no more, and `rejected` says so.
        """
        with suppress(SinkError), self._changing() as ring:
            if self._state.content.halves.keys() - _ids(ring):
                if self.has_passphrase and passphrase is None:
                    self._write(self._pruned(ring))
                else:
                    self._reseal(ring, passphrase=passphrase, keyring=self.has_keyring)
            self._clean()
            self._reject_strangers(ring)

    @property
    def _state(self) -> Opened:
        if self._opened is None:
            raise Locked("the vault is locked again: unlock it first")
        return self._opened

    @contextmanager
    def _changing(self) -> Iterator[Ring]:
        """Alone with the files, with what other processes changed taken in; afterwards with what this one changed."""
        files, state = self._tools.files, self._state
        with files.alone():
            try:
                file = KeyFile.parse(files.read_identity())
                state.content = decoded(file.opened(state.file_key))
            except NotOpened as exc:
                raise Locked(
                    "another program changed the keys or the passphrase: lock the vault and unlock again"
                ) from exc
            state.slots = file.slots
            ring = files.read_ring()
            self._take(ring)
            yield ring
            self._take(files.read_ring())

    def _take(self, ring: Ring) -> None:
        """The secrets of every key of which both halves are there and which is what it was made as."""
        halves = self._state.content.halves
        ids = {key: key.key_id for key in ring.keys}
        whole = ((key, halves[key_id.hex()]) for key, key_id in ids.items() if key_id.hex() in halves)
        self._derived = {key: self._derived.get(key) or secret_of(key.kem, key.seed(sealed)) for key, sealed in whole}
        self._secrets = {ids[key]: known for key, known in self._derived.items() if known.recipient == key.recipient}

    def _reject_strangers(self, ring: Ring) -> None:
        path, known = self._tools.files.ring_path, frozenset(self._state.content.others)
        strange = {key.key_id for key in ring.keys if key.key_id not in self._secrets and not key.retired}
        others = tuple(other for other in ring.others if known.issuperset(digests((other,))))
        words = []
        if strange:
            words.append(f"{len(strange)} keys in {path} are not of this vault: nothing is encrypted for them any more")
        words += [
            f"{path} names {other.name!r} as another reader, whom nobody added here: removed"
            for other in ring.others
            if other not in others
        ]
        self.rejected = tuple(words)
        if words:
            keys = tuple(_as_retired(key) if key.key_id in strange else key for key in ring.keys)
            self._store(msgspec.structs.replace(ring, keys=keys, others=others))

    def _new_key(self, day: date, until: date | None = None, use: Use = "clips") -> tuple[DayKey, bytes]:
        """A key and its sealed half."""
        sealed, half = self._tools.random(HALF_BYTES), self._tools.random(HALF_BYTES)
        recipient = secret_of(X_WING, seed(sealed, half, day, until, use)).recipient
        return DayKey(day, recipient.public, half, recipient.kem, until, use=use), sealed

    def _add(self, ring: Ring, new: list[tuple[DayKey, bytes]], today: date) -> tuple[DayKey, ...]:
        """Write keys: the sealed halves first."""
        keys = tuple(key for key, _ in new)
        if keys or ring.keys != self._tools.files.read_ring().keys:
            content = self._state.content
            halves = {**content.halves, **{key.key_id.hex(): sealed for key, sealed in new}}
            self._write(msgspec.structs.replace(content, halves=halves))
            self._store(ring.changed(today, keys=(*ring.keys, *keys)))
        for key in keys:
            self._tools.record(Event.KEY_CREATED, key_id=key.key_id.hex())
        return keys

    def _reseal(self, ring: Ring, *, passphrase: str | None, keyring: bool) -> None:
        """Another file key, and other keys that wrap it."""
        tools, file_key = self._tools, self._tools.random(keyfile.KEY_BYTES)
        slots: tuple[Slot, ...] = ()
        if passphrase is not None:
            slots = (Slot.of_passphrase(file_key, passphrase, tools.cost, tools.random),)
        if keyring:
            slots = (*slots, self._keyring_slot(file_key))
        stale = (*self._state.content.stale, *_names(self._state.slots))
        self._write(msgspec.structs.replace(self._pruned(ring), stale=stale), slots=slots, file_key=file_key)
        self._clean()

    def _keyring_slot(self, file_key: bytes) -> Slot:
        tools = self._tools
        name, key = tools.random(keyfile.NAME_BYTES), tools.random(keyfile.KEY_BYTES)
        tools.keystore.put(name.hex(), key)
        return Slot.of_keyring(file_key, name, key, tools.random)

    def _pruned(self, ring: Ring) -> Content:
        content, there = self._state.content, _ids(ring)
        return msgspec.structs.replace(content, halves={k: v for k, v in content.halves.items() if k in there})

    def _write(self, content: Content, *, slots: tuple[Slot, ...] | None = None, file_key: bytes | None = None) -> None:
        state = self._state
        slots, file_key = slots or state.slots, file_key or state.file_key
        data = keyfile.built(slots, file_key, msgspec.json.encode(content), self._tools.random)
        self._tools.files.write_identity(data)
        state.slots, state.file_key, state.content = slots, file_key, content

    def _store(self, ring: Ring) -> None:
        self._tools.files.write_ring(ring)

    def _clean(self) -> None:
        """Remove from the keyring what opens the identity no more; what cannot be removed is tried again later."""
        content = self._state.content
        if not content.stale:
            return
        with suppress(Locked):
            for name in content.stale:
                self._tools.keystore.remove(name)
            self._write(msgspec.structs.replace(content, stale=()))


def check_passphrase(passphrase: str) -> None:
    """Raise ConfigError for one that is too short."""
    if len(passphrase) < LEAST_CHARACTERS:
        raise ConfigError(f"a passphrase needs {LEAST_CHARACTERS} characters at least; some words are easy to remember")


def digests(others: tuple[Other, ...]) -> tuple[bytes, ...]:
    """One for each key of each other reader."""
    keys = [(other.name, key.day.isoformat(), key.kem, key.public) for other in others for key in other.keys]
    return tuple(hashlib.sha256(msgspec.json.encode(key)).digest() for key in keys)


def decoded(content: bytes) -> Content:
    """Raises NotOpened."""
    try:
        return msgspec.json.decode(content, type=Content)
    except msgspec.DecodeError as exc:
        raise NotOpened from exc


def _ids(ring: Ring) -> set[str]:
    return {key.key_id.hex() for key in ring.keys}


def _names(slots: tuple[Slot, ...]) -> tuple[str, ...]:
    return tuple(slot.about.hex() for slot in slots if slot.kind == KEYRING)


def _retired(key: DayKey, today: date) -> DayKey:
    return _as_retired(key) if key.day == today and key.until is None else key


def _as_retired(key: DayKey) -> DayKey:
    return msgspec.structs.replace(key, retired=True)
