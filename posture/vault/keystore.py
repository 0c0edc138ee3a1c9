"""A key in the keyring of the system: Secret Service (GNOME, KDE), Credential Manager (DPAPI), Keychain.

The passphrase is the way that always works; this is a way to open the vault without typing while one is logged in.
Windows and macOS are written after the documentation of `keyring` and were not run.
"""

import sys
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from posture.errors import Locked

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "posture vault"
"""Under which name the keyring shows the entries."""
_BACKENDS = {
    "linux": ("keyring.backends.SecretService", "Keyring"),
    "win32": ("keyring.backends.Windows", "WinVaultKeyring"),
    "darwin": ("keyring.backends.macOS", "Keyring"),
}
_LEAST_PRIORITY = 1
"""`keyring` gives less to backends that are not recommended, such as files without encryption."""
_USE_PASSPHRASE = "open the vault with its passphrase"


class KeyStore(Protocol):
    """Keys of 32 bytes by name."""

    def get(self, name: str) -> bytes | None:
        """The key; None where there is none or where it cannot be reached."""

    def put(self, name: str, key: bytes) -> None:
        """Keep it. Raises Locked, with what to do, where that is not possible."""

    def remove(self, name: str) -> None:
        """Forget it; nothing happens where it is not there. Raises Locked."""


class SystemKeyring:
    """The keyring of whoever is logged in, through the package `keyring`. Nothing is imported before it is used."""

    def get(self, name: str) -> bytes | None:
        """As in KeyStore: a keyring that is not there, or that nobody unlocked, has no keys."""
        try:
            with _said("did not give the key"):
                text = _backend().get_password(SERVICE, name)
            return None if text is None else b64decode(text, validate=True)
        except (Locked, NoBase64):
            return None

    def put(self, name: str, key: bytes) -> None:
        """As in KeyStore."""
        with _said(f"did not take the key; {_USE_PASSPHRASE}"):
            _backend().set_password(SERVICE, name, b64encode(key).decode())

    def remove(self, name: str) -> None:
        """As in KeyStore."""
        with _said(f"did not delete a key; delete the entry {SERVICE!r} {name} there"):
            backend = _backend()
            if backend.get_password(SERVICE, name) is not None:
                backend.delete_password(SERVICE, name)


@contextmanager
def _said(what: str) -> Iterator[None]:
    """The errors of the package as Locked."""
    try:
        from keyring.errors import KeyringError
    except ImportError as exc:
        raise Locked(f"the package `keyring` is not installed; install it, or {_USE_PASSPHRASE}") from exc
    try:
        yield
    except (KeyringError, OSError) as exc:
        raise Locked(f"the keyring of the system {what} ({exc})") from exc


def keyring_there() -> bool:
    """Whether this computer has a keyring that keeps a secret."""
    try:
        with _said("does not answer"):
            _backend()
    except Locked:
        return False
    return True


def _backend() -> "KeyringBackend":
    """Raises Locked where there is no keyring that keeps a secret."""
    backend = _of_this_system()
    if backend is None or backend.priority < _LEAST_PRIORITY:
        raise Locked(f"this computer has no keyring that is unlocked with your login; {_USE_PASSPHRASE}")
    return backend


def _of_this_system() -> "KeyringBackend | None":
    """By name: `keyring.get_keyring` would load whatever has registered itself as a keyring, and try it out."""
    module, name = _BACKENDS.get(sys.platform, ("", ""))
    if not module:
        return None
    kind = getattr(import_module(module), name)
    return kind() if kind.viable else None
