"""Every error that `posture` shows to a person.

    PostureError
    ├─ ConfigError        key path, value, what is allowed
    ├─ SourceError        CameraUnavailable · CameraBusy · CameraPermission · CameraLost
    │                     VideoUnreadable (CannotRead: not now) · Stalled · NoInput · CannotScrub
    ├─ ModelError         ModelMissing · ModelMismatch (hash, signature, shape) · ModelRefused
    ├─ VaultError         WrongKey · Damaged (altered or cut: deliberately one) · UnsupportedVersion · Locked
    │                     LogDamaged (the audit log is not what was signed)
    ├─ SinkError          OutputExists · OutputFull
    ├─ FleetError         a machine of the fleet cannot be reached, or refuses us
    └─ NetworkRefused     something tried to open a socket

The class says what the user can do, the message says what happened and what to do next. An exception of a library
is translated in the file that imports the library, always with ``from exc``.
"""

import re
from collections.abc import Sequence


def printable(text: str) -> str:
    """`text` without what a terminal or an encoding stumbles over: control characters, names that are no Unicode."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def parted(message: str) -> tuple[str, str]:
    """What msgspec says of a tree that does not fit: what is wrong, and where ("pose.threads"; "" for the whole)."""
    where = re.search(r"`\$\.?([^`]*)`$", message)
    return re.sub(r" - at `[^`]*`$", "", message), where[1] if where else ""


def nearest(name: str, known: Sequence[str]) -> str:
    """What to say of a name that nobody knows: the known one that is most like it, or all of them."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"


class PostureError(Exception):
    """Something the user can act on; `str(error)` is one printable line that names the thing and the next step."""

    def __init__(self, message: str = "") -> None:
        super().__init__(printable(message))


class ConfigError(PostureError):
    """A setting is unknown or out of range: the message names the key path, the value and what is allowed."""


class SourceError(PostureError):
    """A camera or file gives no frames."""


class CameraUnavailable(SourceError):
    """There is no such camera."""


class CameraBusy(SourceError):
    """Another program has the camera."""


class CameraPermission(SourceError):
    """The system does not let this program use the camera."""


class CameraLost(SourceError):
    """The camera was there and went away, or gives no picture any more."""


class VideoUnreadable(SourceError):
    """The file is no video or picture that can be decoded."""


class CannotRead(VideoUnreadable):
    """The system does not give the file: it went away with its disk or share, or another program holds it."""


class Stalled(SourceError):
    """Nothing came of the file for too long: it holds the decoder up, or its share does not answer."""


class CannotScrub(SourceError):
    """What is in the file beside its pictures cannot be taken out without encoding these anew."""


class NoInput(SourceError):
    """Nothing is there under the name that was given."""


class ModelError(PostureError):
    """A model cannot be used."""


class ModelMissing(ModelError):
    """The manifest names a file that is not there."""


class ModelMismatch(ModelError):
    """The bytes, the signature or a shape are not what the manifest says."""


class ModelRefused(ModelError):
    """The model asks for something that is never allowed, or no provider would run it."""


class VaultError(PostureError):
    """An encrypted recording or key file cannot be used."""


class WrongKey(VaultError):
    """No key at hand opens it."""


class Damaged(VaultError):
    """Altered or cut; deliberately not told apart."""


class LogDamaged(Damaged):
    """The audit log was altered, cut or set back, or it does not hold what a checkpoint says."""


class UnsupportedVersion(VaultError):
    """Written by a newer version of the program."""


class Locked(VaultError):
    """A passphrase is needed first."""


class SinkError(PostureError):
    """An output cannot be written."""


class OutputExists(SinkError):
    """The output is already there and overwriting was not asked for."""


class OutputFull(SinkError):
    """The disk or share is full."""


class FleetError(PostureError):
    """A machine of the fleet cannot be reached, or is not what it should be."""


class NetworkRefused(PostureError):
    """Something tried to open a socket."""
