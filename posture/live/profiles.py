"""The calibrated places of this person: in memory, and on the disk only where the person chose to remember them.

What is kept is a file of a few numbers a profile (`posture/ergonomics/baseline.py`), readable by its owner alone, whole
or not at all. No picture, no background and no time is in it.
"""

import itertools
from pathlib import Path

import msgspec

from posture.ergonomics.baseline import Profile
from posture.errors import ConfigError, SinkError
from posture.output import translated, whole_file

NAME = "profiles.json"
VERSION = 1
MOST_BYTES = 1 << 20
"""A file that is larger is none of ours: a profile takes 2 KB."""
_ADVICE = "free some space or check the permissions of its folder; calibrations hold until the program ends"


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    version: int
    profiles: tuple[Profile, ...]


class _Version(msgspec.Struct):
    """What every version of the file has."""

    version: int


class Profiles:
    """The profiles by name. Changing them changes memory alone; `save` brings the disk up to date.

    `save`, `forget` and `load` may take their time and belong into a thread that may; everything else returns at once.
    Calls that change something come from one thread at a time.
    """

    def __init__(self, path: Path | None = None) -> None:
        """`path`: where they are kept once `remember` is true; None keeps them nowhere."""
        self._path = path
        self._profiles: dict[str, Profile] = {}  # replaced, never changed: another thread may be reading it
        self._undo: tuple[str, Profile | None] | None = None
        self.remember = False
        """Whether changes are to be on the disk."""
        self.message = ""
        """One sentence for the person, where the file was damaged and moved aside."""

    @property
    def all(self) -> tuple[Profile, ...]:
        """In the order in which they were made."""
        return tuple(self._profiles.values())

    def __getitem__(self, name: str) -> Profile:
        """Raises ConfigError with the names that there are."""
        if name in self._profiles:
            return self._profiles[name]
        known = ", ".join(repr(name) for name in self._profiles) or "none yet"
        raise ConfigError(f"there is no profile {name!r}; there are: {known}")

    def load(self) -> None:
        """Read what was remembered. A damaged file is moved aside, and `message` says so.

        Raises SinkError where the file cannot be read or moved, or comes from a newer version.
        """
        if self._path is None:
            return
        try:
            with self._path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return
        except OSError as exc:
            raise translated(self._path, exc, "check the permissions of its folder") from exc
        try:
            self._profiles = {profile.name: profile for profile in _decoded(content)}
        except msgspec.DecodeError:
            copy = _moved_aside(self._path)
            self.message = f"The remembered calibrations were damaged and now lie in {copy.name}: calibrate again."

    def forget(self) -> None:
        """Delete the file. Raises SinkError."""
        if self._path is not None:
            try:
                self._path.unlink(missing_ok=True)
            except OSError as exc:
                raise SinkError(f"cannot delete {self._path}: {exc.strerror}; delete it by hand") from exc

    def save(self) -> None:
        """Write the file, where they are to be remembered. Raises SinkError."""
        if self._path is None or not self.remember:
            return
        content = msgspec.json.format(msgspec.json.encode(_Kept(VERSION, self.all)), indent=1)
        with whole_file(self._path, overwrite=True, advice=_ADVICE, private=True) as out:
            out.write(content)

    def calibrated(self, profile: Profile) -> None:
        """A new calibration; it takes the place of the one with its name. `undo` brings that back."""
        self._undo = profile.name, self._profiles.get(profile.name)
        self._profiles = {**self._profiles, profile.name: profile}

    def undo(self) -> bool:
        """Take the last calibration back; whether there was one to take back. It works once."""
        if self._undo is None:
            return False
        (name, before), self._undo = self._undo, None
        profiles = dict(self._profiles)
        if before is None:
            profiles.pop(name, None)
        else:
            profiles[name] = before
        self._profiles = profiles
        return True

    def delete(self, name: str) -> None:
        """Forget one. Raises ConfigError where it is not there."""
        gone = self[name]
        self._undo = None
        self._profiles = {name: profile for name, profile in self._profiles.items() if profile is not gone}

    def rename(self, old: str, new: str) -> None:
        """Raises ConfigError where `old` is not there, or `new` is or is empty."""
        profile, wanted = self[old], new.strip()
        if not wanted or (wanted != old and wanted in self._profiles):
            raise ConfigError(f"a profile cannot be called {new!r}: choose a name that no other profile has")
        renamed = msgspec.structs.replace(profile, name=wanted)
        self._undo = None
        self._profiles = {one.name: one for one in (renamed if p is profile else p for p in self._profiles.values())}


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
    copies = (path.with_suffix(f".json.damaged{number or ''}") for number in itertools.count())
    copy = next(copy for copy in copies if not copy.exists())
    try:
        path.replace(copy)
    except OSError as exc:
        raise SinkError(f"{path} is damaged and cannot be moved aside: {exc.strerror}; delete it") from exc
    return copy
