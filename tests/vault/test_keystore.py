import sys

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked, PasswordSetError

from posture.errors import Locked
from posture.vault import keystore
from posture.vault.keystore import SERVICE, SystemKeyring

KEY = bytes(range(32))


class Played(KeyringBackend):
    """A keyring in memory, with faults."""

    priority = 5

    def __init__(self):
        super().__init__()
        self.entries = {}
        self.error = None

    def _checked(self):
        if self.error:
            raise self.error

    def get_password(self, service, username):
        self._checked()
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        self._checked()
        self.entries[service, username] = password

    def delete_password(self, service, username):
        self._checked()
        del self.entries[service, username]


class InPlain(Played):
    priority = 0.5


@pytest.fixture
def use(monkeypatch):
    def use(backend):
        monkeypatch.setattr(keystore, "_of_this_system", lambda: backend)
        return backend

    return use


def test_a_key_is_kept_under_its_name_and_forgotten(use):
    backend, store = use(Played()), SystemKeyring()
    assert store.get("ab") is None
    store.put("ab", KEY)
    assert store.get("ab") == KEY
    assert list(backend.entries) == [(SERVICE, "ab")]
    assert KEY not in str(backend.entries).encode()
    store.remove("ab")
    store.remove("ab")
    assert backend.entries == {}


@pytest.mark.parametrize("backend", [NoKeyring(), InPlain()], ids=["no keyring", "files without encryption"])
def test_without_a_keyring_that_keeps_secrets_the_passphrase_is_the_way(use, backend):
    use(backend)
    assert SystemKeyring().get("ab") is None
    for attempt in (lambda: SystemKeyring().put("ab", KEY), lambda: SystemKeyring().remove("ab")):
        with pytest.raises(Locked, match="passphrase"):
            attempt()


def test_a_keyring_that_nobody_unlocks_has_no_keys_and_says_why_it_takes_none(use):
    backend, store = use(Played()), SystemKeyring()
    store.put("ab", KEY)
    backend.error = KeyringLocked("dismissed")
    assert store.get("ab") is None
    with pytest.raises(Locked, match="dismissed"):
        store.put("cd", KEY)
    with pytest.raises(Locked, match="delete the entry"):
        store.remove("ab")
    backend.error = PasswordSetError("full")
    with pytest.raises(Locked, match="full"):
        store.put("cd", KEY)


def test_what_is_no_key_in_the_keyring_is_none(use):
    backend = use(Played())
    backend.entries[SERVICE, "ab"] = "not base64 at all!"
    assert SystemKeyring().get("ab") is None


def test_without_the_package_everything_else_goes_on(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setitem(sys.modules, "keyring.errors", None)
    assert SystemKeyring().get("ab") is None
    with pytest.raises(Locked, match="`keyring` is not installed"):
        SystemKeyring().put("ab", KEY)


def test_only_the_keyring_of_the_system_is_asked(monkeypatch):
    """And nothing that has registered itself as one."""
    monkeypatch.setattr("keyring.core.get_keyring", lambda: pytest.fail("plug-ins were loaded"))
    monkeypatch.setattr("keyring.backend.get_all_keyring", lambda: pytest.fail("plug-ins were loaded"))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    assert not keystore.keyring_there()
    monkeypatch.setattr(sys, "platform", "plan9")
    assert not keystore.keyring_there()
