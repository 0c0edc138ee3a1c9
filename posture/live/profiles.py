"""The calibrated places of this person: in memory, and on the disk only where the person chose to remember them.

What is kept is a file of a few numbers a profile (`posture/ergonomics/baseline.py`), readable by its owner alone, whole
or not at all. No picture, no background and no time is in it.

Monitoring has to read it at its start, when nobody has typed a passphrase, so no key of the vault can encrypt it. Where
the keyring of the system opens the vault, the file is encrypted under a key of its own in that keyring; otherwise the
numbers are plain.
"""

import itertools
from pathlib import Path

import msgspec

from posture.ergonomics.baseline import Profile
from posture.ergonomics.desk_profile import replaces
from posture.errors import ConfigError, Damaged, Locked, SinkError
from posture.output import translated, whole_file
from posture.vault.keyring_file import KeyringSeal
from posture.vault.keystore import KeyStore, SystemKeyring
from posture.vault.store import Vault

NAME = "profiles.json"
VERSION = 1
MOST_BYTES = 1 << 20
"""A file that is larger is none of ours: a profile takes 2 KB."""
_ADVICE = "free some space or check the permissions of its folder; calibrations hold until the program ends"


def seal_of(vault: Vault, keystore: KeyStore | None = None) -> KeyringSeal | None:
    """What encrypts remembered calibrations: only a key that is there before anybody types a passphrase."""
    if vault.exists and vault.has_keyring:
        return KeyringSeal(keystore or SystemKeyring(), "calibrations")
    return None


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    version: int
    profiles: tuple[Profile, ...]


class _Version(msgspec.Struct):
    """What every version of the file has."""

    version: int


class Profiles:
    """The profiles; a name may stand for one at each place. Changing them changes memory alone; `save` brings the disk
    up to date.

    `save`, `forget` and `load` may take their time and belong into a thread that may; everything else returns at once.
    Calls that change something come from one thread at a time.
    """

    def __init__(self, path: Path | None = None, seal: KeyringSeal | None = None) -> None:
        """`path`: where they are kept once `remember` is true; None keeps them nowhere. `seal` encrypts them there."""
        self._path, self._seal = path, seal
        self._sealed_path = None if path is None or seal is None else path.with_suffix(".sealed")
        self._locked = False
        self._profiles: tuple[Profile, ...] = ()
        self._before: tuple[Profile, ...] | None = None
        """What there was before the last calibration."""
        self.remember = False
        """Whether changes are to be on the disk."""
        self.message = ""
        """One sentence for the person, where the file was damaged and moved aside."""

    @property
    def all(self) -> tuple[Profile, ...]:
        """In the order in which they were made."""
        return self._profiles

    def __getitem__(self, name: str) -> tuple[Profile, ...]:
        """All of this name, one for each place. Raises ConfigError with the names that there are."""
        if found := tuple(profile for profile in self._profiles if profile.name == name):
            return found
        known = ", ".join(dict.fromkeys(repr(profile.name) for profile in self._profiles)) or "none yet"
        raise ConfigError(f"there is no profile {name!r}; there are: {known}")

    def load(self) -> None:
        """Read what was remembered. A damaged file is moved aside, and `message` says so, as where it is locked.

        Raises SinkError where the file cannot be read or moved, or comes from a newer version.
        """
        if self._path is None:
            return
        if self._sealed_path is not None and (sealed := _read(self._sealed_path)) is not None:
            self._take(self._sealed_path, sealed)
        elif (content := _read(self._path)) is not None:
            self._take(self._path, content)

    def forget(self) -> None:
        """Delete the file. Raises SinkError, Locked."""
        for path in filter(None, (self._path, self._sealed_path)):
            _delete(path)
        if self._seal is not None:
            self._seal.forget()

    def save(self) -> None:
        """Write the file, where they are to be remembered. Raises SinkError; Locked where the keyring takes no key."""
        if self._path is None or not self.remember:
            return
        self._catch_up()
        content = msgspec.json.format(msgspec.json.encode(_Kept(VERSION, self.all)), indent=1)
        if self._seal is None or self._sealed_path is None:
            _write(self._path, content)
        else:
            _write(self._sealed_path, self._seal.seal(content))
            _delete(self._path)

    def _catch_up(self) -> None:
        """With what was locked when it was to be read: saving must not lose it. Raises Locked where it still is."""
        if self._locked:
            newer, self._locked = self._profiles, False
            self.load()
            for profile in newer:
                self._put(profile)
        if self._locked:
            raise Locked(self.message)

    def _take(self, path: Path, content: bytes) -> None:
        try:
            if self._seal is not None and path == self._sealed_path:
                content = self._seal.open(content)
            self._profiles = _decoded(content)
            self._locked = False
        except Locked as exc:
            self._locked = True
            self.message = f"The remembered calibrations are locked: {exc}. Until then, calibrate again."
        except (msgspec.DecodeError, Damaged):
            copy = _moved_aside(path)
            self.message = f"The remembered calibrations were damaged and now lie in {copy.name}: calibrate again."

    def calibrated(self, profile: Profile) -> None:
        """A new calibration; it takes the place of the one with its name at its place. `undo` brings that back."""
        self._before = self._profiles
        self._put(profile)

    def _put(self, profile: Profile) -> None:
        place = next((i for i, known in enumerate(self._profiles) if replaces(profile, known)), len(self._profiles))
        kept = [known for known in self._profiles if not replaces(profile, known)]
        self._profiles = (*kept[:place], profile, *kept[place:])

    def undo(self) -> bool:
        """Take the last calibration back; whether there was one to take back. It works once."""
        if self._before is None:
            return False
        self._profiles, self._before = self._before, None
        return True

    def delete(self, name: str) -> None:
        """Forget all of this name. Raises ConfigError where there is none."""
        gone = self[name]
        self._before = None
        self._profiles = tuple(profile for profile in self._profiles if profile not in gone)

    def rename(self, old: str, new: str) -> None:
        """All of this name. Raises ConfigError where there is none, or where `new` is taken or empty."""
        renamed, wanted = self[old], new.strip()
        if not wanted or any(profile.name == wanted != old for profile in self._profiles):
            raise ConfigError(f"a profile cannot be called {new!r}: choose a name that no other profile has")
        self._before = None
        self._profiles = tuple(
            msgspec.structs.replace(profile, name=wanted) if profile in renamed else profile
            for profile in self._profiles
        )


def _read(path: Path) -> bytes | None:
    """None where it is not there. Raises SinkError."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise translated(path, exc, "check the permissions of its folder") from exc


def _write(path: Path, content: bytes) -> None:
    with whole_file(path, overwrite=True, advice=_ADVICE, private=True) as out:
        out.write(content)


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as exc:
        raise SinkError(f"cannot delete {path}: {exc.strerror}; delete it by hand") from exc


def _decoded(content: bytes) -> tuple[Profile, ...]:
    """Raises msgspec.DecodeError for what is damaged, SinkError for what a newer version wrote."""
    if len(content) > MOST_BYTES:
        raise msgspec.DecodeError("too large")
    try:
        version = msgspec.json.decode(content, type=_Version).version
        if version <= VERSION:
            return msgspec.json.decode(content, type=_Kept).profiles
    except UnicodeDecodeError as exc:
        raise msgspec.DecodeError(str(exc)) from exc
    raise SinkError(f"the remembered calibrations are of version {version}: use the newer program that wrote them")


def _moved_aside(path: Path) -> Path:
    """Give what cannot be read a name of its own."""
    copies = (path.with_name(f"{path.name}.damaged{number or ''}") for number in itertools.count())
    copy = next(copy for copy in copies if not copy.exists())
    try:
        path.replace(copy)
    except OSError as exc:
        raise SinkError(f"{path} is damaged and cannot be moved aside: {exc.strerror}; delete it") from exc
    return copy
