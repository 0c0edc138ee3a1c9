"""The calibrated places of this person: in memory, and on the disk only where the person chose to remember them.

What is kept is a file of a few numbers a profile (`posture/ergonomics/baseline.py`), readable by its owner alone, whole
or not at all. No picture, no background and no time is in it.
"""

import itertools
from pathlib import Path

import msgspec

from posture.ergonomics.baseline import Profile
from posture.ergonomics.desk_profile import replaces
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
    """The profiles; a name may stand for one at each place. Changing them changes memory alone; `save` brings the disk
    up to date.

    `save`, `forget` and `load` may take their time and belong into a thread that may; everything else returns at once.
    Calls that change something come from one thread at a time.
    """

    def __init__(self, path: Path | None = None) -> None:
        """`path`: where they are kept once `remember` is true; None keeps them nowhere."""
        self._path = path
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
            self._profiles = _decoded(content)
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
        """A new calibration; it takes the place of the one with its name at its place. `undo` brings that back."""
        self._before = self._profiles
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
