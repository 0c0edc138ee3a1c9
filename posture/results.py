"""The cache of results: what was observed in a file, so that the Analyse page shows it at once when it is opened again.

    VAULT/results/result-TOKEN.sealed  a sealed file (`vault/sealed_file.py`): its `Key`, then what the decoding process
                                       said, from `Started` to `Finished`

It is encrypted under the key of the day for recordings, for the owner of the vault alone: a locked vault can be written
and not read, and nothing can be read once that key is erased. A name says nothing, not even which file was analysed;
so the keys in them have to be read to find one. Without a vault, and while it is locked, the newest results are in
memory. Recordings of the vault are never kept here: their poses would outlive them.

Whoever has the public keys could write such a file, as everything else of the account.
"""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from posture import __version__, wire
from posture.analysis import Analysis, Observed, OnProgress, Range
from posture.config import Settings
from posture.data import Observation
from posture.digest import Digest
from posture.errors import Damaged, PostureError, SinkError, SourceError, VaultError, WrongKey
from posture.output import oldest_first, remove_left, removed, translated, whole_file
from posture.pose.added import AddedModels
from posture.pose.catalogue import MANIFEST_SHA256
from posture.pose.package import SignedModel
from posture.pose.settings import DETECTION_MODELS, LANDMARK_MODELS, PoseSettings
from posture.resuming import spec_sha256
from posture.vault.recipient import Secrets
from posture.vault.ring import Ring
from posture.vault.sealed import key_ids
from posture.vault.sealed_file import SealedFile, first_record
from posture.vault.store import Vault

FOLDER = "results"
"""In that of the vault."""
LABEL = "posture result v1"
ADVICE = "free some space, or keep no results (vault.results_mib = 0)"
IN_MEMORY = 8
"""Results that are held in memory; the page itself has those that it shows."""
MOST_FILES = 1000
"""Each is opened once a run, which takes half a millisecond."""
_BATCH = 256
"""Moments in one record: under 2 MB for ten people."""
T = TypeVar("T")


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a result depends on: where any of it differs, it is another result."""

    spec: bytes
    """Of the job, the models and the program; see `spec_of`."""
    size_bytes: int
    sha256: str
    """Of the file, as the report names it."""


@dataclass(frozen=True, eq=False)
class Cached(Observed):
    """What was observed, and what the cache has to do with it."""

    recalled: bool = False
    """Whether it comes from the cache."""
    unkept: PostureError | None = None
    """Why it is not there, where it should be."""
    forget: Callable[[], None] = lambda: None
    """Take it out of the cache, as far as can be told without opening the vault. Raises SinkError."""


def spec_of(job: wire.JobSpec, models: tuple[SignedModel, ...] = ()) -> bytes:
    """32 bytes: SHA-256 of all that the observations depend on but the file. `models`: those that were added."""
    return hashlib.sha256(wire.packed((LABEL, __version__, MANIFEST_SHA256, spec_sha256(job), models))).digest()


def files(folder: Path) -> list[Path]:
    """The results in the folder of a vault, oldest first."""
    return oldest_first(folder / FOLDER, "result-*.sealed")


def prune(folder: Path, ring: Ring) -> None:
    """Remove what nobody can read any more, because no key of it is left. Raises SinkError."""
    for path in files(folder):
        with suppress(OSError):
            if not any(ring.find(key_id) for key_id in _key_ids(path)):
                _remove(path)


def opened(path: Path, secrets: Secrets) -> tuple[Key, Observed]:
    """What a file holds. Raises VaultError (WrongKey, Damaged), OSError."""
    return _read(path, secrets, lambda file: (key := _key(file), _observed(file, key)))


class Results:
    """The cache of a user. From any thread; an entry that is no good is none, and its file is removed."""

    def __init__(self, vault: Vault, secrets: Secrets, today: Callable[[], date] = date.today) -> None:
        """`vault`: need not exist. `secrets`: of the open vault; none while it is locked."""
        self._vault, self._secrets, self._today = vault, secrets, today
        self._keys: dict[Path, Key] = {}
        self._held: OrderedDict[Key, Observed] = OrderedDict()

    def has(self, spec: bytes, size_bytes: int) -> bool:
        """Whether there may be a result for a file of this size: then its hash is worth while."""
        self._look()
        return any((key.spec, key.size_bytes) == (spec, size_bytes) for key in self._all())

    def find(self, key: Key) -> Cached | None:
        """What was observed earlier."""
        found = self._held.get(key)
        for path in self._paths(key):
            if found is None and (read := self._tried(path, lambda path: opened(path, self._secrets))) is not None:
                found = read[1]  # and not held: what is decrypted does not outlast its lock here
        return None if found is None else self._cached(key, found, recalled=True)

    def keep(self, key: Key, observed: Observed, most_bytes: int) -> Cached:
        """The same, which can be found from now on. Raises VaultError where no key is left, SinkError."""
        self._hold(key, observed)
        if self._vault.exists:
            before = self._paths(key)
            self._keys[self._write(key, observed)] = key
            for path in before:
                self._drop(path)
            self.trim(most_bytes)
        return self._cached(key, observed, recalled=False)

    def forget(self, key: Key) -> None:
        """See `Cached.forget`."""
        self._held.pop(key, None)
        for path in self._paths(key):
            self._drop(path)

    def trim(self, most_bytes: int) -> None:
        """Remove the oldest above so many bytes or `MOST_FILES`, and what killed runs left. Raises SinkError."""
        if not most_bytes:
            self._held.clear()
        remove_left(self._vault.folder / FOLDER)
        sizes: dict[Path, int] = {}
        for path in files(self._vault.folder):
            with suppress(OSError):  # another thread dropped it
                sizes[path] = path.stat().st_size
        over_bytes, over = sum(sizes.values()) - most_bytes, len(sizes) - MOST_FILES
        for number, (path, size) in enumerate(sizes.items()):
            if over_bytes <= 0 and number >= over:
                break
            self._drop(path)
            over_bytes -= size

    def _cached(self, key: Key, observed: Observed, *, recalled: bool) -> Cached:
        return Cached(**vars(observed), recalled=recalled, forget=partial(self.forget, key))

    def _all(self) -> tuple[Key, ...]:
        return (*list(self._held), *list(self._keys.values()))

    def _paths(self, key: Key) -> list[Path]:
        return [path for path, known in list(self._keys.items()) if known == key]

    def _hold(self, key: Key, observed: Observed) -> None:
        self._held[key] = observed
        self._held.move_to_end(key)
        while len(self._held) > IN_MEMORY:
            self._held.popitem(last=False)

    def _look(self) -> None:
        """Know every file that can be read; those that nobody can read any more go."""
        if not self._vault.exists:
            return
        with suppress(VaultError, SinkError):  # a ring that is damaged says nothing of keys
            prune(self._vault.folder, self._vault.ring())
        there = files(self._vault.folder)
        for path in set(self._keys).difference(there):
            del self._keys[path]
        for path in there:
            if path not in self._keys:
                key = self._tried(path, lambda path: _read(path, self._secrets, _key))
                if key is not None:
                    self._keys[path] = key

    def _tried(self, path: Path, read: Callable[[Path], T]) -> T | None:
        """None where the vault is locked, and for what is no good; that is removed."""
        with suppress(OSError, SinkError):  # what cannot be read or removed is none either
            try:
                return read(path)
            except VaultError as exc:
                locked = isinstance(exc, WrongKey) and not any(map(self._secrets, _key_ids(path)))
                if not locked:
                    self._drop(path)
        return None

    def _write(self, key: Key, observed: Observed) -> Path:
        path = self._vault.folder / FOLDER / f"result-{os.urandom(8).hex()}.sealed"
        own = self._vault.recipients(self._today())[:1]  # its owner; other readers are for recordings alone
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
        except OSError as exc:
            raise translated(path, exc, ADVICE) from exc
        with whole_file(path, private=True, advice=ADVICE) as out:
            file = SealedFile(out, own, self._secrets, LABEL)
            content = wire.packed(key)
            file.write(len(content).to_bytes(4, "big") + content)
            for message in _messages(observed):
                wire.write(file, message)
        return path

    def _drop(self, path: Path) -> None:
        self._keys.pop(path, None)
        _remove(path)


class CachedAnalysis(Analysis):
    """An analysis that decodes nothing where its result is in the cache, and else puts it there."""

    def __init__(self, results: Results, path: Path, settings: Settings, part: Range) -> None:
        super().__init__(path, settings, part)
        self._results, self._file = results, path
        self._most_bytes = settings.vault.results_mib << 20
        self._digest: Digest | None = None

    def abandon(self) -> None:
        """See `Analysis.abandon`."""
        super().abandon()
        if self._digest is not None:
            self._digest.cancel()

    def observe(self, on_progress: OnProgress) -> Observed:
        """See `Analysis.observe`. What cannot be kept is said in `Cached.unkept`."""
        if not self._most_bytes:
            self._results.trim(0)
            return super().observe(on_progress)
        spec = spec_of(self._spec(), _added(self._settings.pose))
        found = self._found(spec)
        if found is not None:
            return found
        observed = super().observe(on_progress)
        if self._stop or observed.finished.stopped:
            return observed
        try:
            return self._results.keep(Key(spec, observed.size_bytes, observed.sha256), observed, self._most_bytes)
        except PostureError as exc:
            return Cached(**vars(observed), unkept=exc)

    def _found(self, spec: bytes) -> Cached | None:
        with suppress(OSError):  # who decodes it says what is wrong with it
            size_bytes = self._file.stat().st_size
            if self._results.has(spec, size_bytes):
                return self._same(spec)
        return None

    def _same(self, spec: bytes) -> Cached | None:
        """Takes as long as reading the file."""
        digest = self._digest = Digest(self._file)
        digest.wait()
        if self._stop:
            raise SourceError(f"{self._file}: given up")
        return self._results.find(Key(spec, digest.size, digest.sha256))


def cached(results: Results, path: Path | None, settings: Settings, part: Range, key: bytes) -> Analysis:
    """The analysis of one file, through the cache where its result may be kept. Raises as `Analysis`.

    The demo is quick and nobody's; what a `key` opens is a recording of the vault.
    """
    if path is None or key or not path.is_file():
        return Analysis(path, settings, part, key=key)
    return CachedAnalysis(results, path, settings, part)


def _added(pose: PoseSettings) -> tuple[SignedModel, ...]:
    """Those models of the settings that came from elsewhere: what is behind a name can be another one tomorrow."""
    names = sorted({pose.model, pose.detector}.difference(LANDMARK_MODELS, DETECTION_MODELS))
    return tuple(AddedModels().signed(name)[0] for name in names)


def _messages(observed: Observed) -> Iterator[wire.Message]:
    yield observed.started
    every = observed.observations
    for first in range(0, len(every), _BATCH):
        some = list(every[first : first + _BATCH])
        yield wire.Batch(some, frames_decoded=0, time_s=some[-1].time_s, cpu_s=0.0)
    yield observed.finished


def _read(path: Path, secrets: Secrets, read: Callable[[SealedFile], T]) -> T:
    """Raises VaultError, OSError."""
    with path.open("rb") as stream:
        try:
            return read(SealedFile(stream, (), secrets, LABEL))
        except (SourceError, msgspec.MsgspecError) as exc:
            raise Damaged(f"{path}: {exc}") from exc


def _key(file: SealedFile) -> Key:
    return msgspec.msgpack.decode(file.read(int.from_bytes(file.read(4), "big")), type=Key)


def _observed(file: SealedFile, key: Key) -> Observed:
    started = wire.read(file)
    observations: list[Observation] = []
    while isinstance(message := wire.read(file), wire.Batch):
        observations += message.observations
    if not isinstance(started, wire.Started) or not isinstance(message, wire.Finished):
        raise Damaged("a result has no beginning or no end")
    return Observed(tuple(observations), started, message, key.sha256, key.size_bytes)


def _key_ids(path: Path) -> tuple[bytes, ...]:
    """For which keys a result is; none where its head is damaged."""
    with suppress(Damaged), path.open("rb") as file:
        return key_ids(first_record(file))
    return ()


def _remove(path: Path) -> None:
    removed(path, "check the permissions of its folder")
