import base64
import os
import stat
import subprocess
import sys
import threading
from datetime import date

import pytest
from vault_office import CHEAP, TODAY, WORDS, Office, after

from posture.errors import ConfigError, Damaged, Locked, OutputExists, SinkError, UnsupportedVersion, WrongKey
from posture.vault.hpke import new_secret, unwrap, wrap
from posture.vault.ring import AHEAD_DAYS, Other, OtherKey
from posture.vault.transfer import packed, public_keys, shared, unpacked

ID = b"i" * 16


def opens(unlocked, recipient, wrapped):
    secret = unlocked.secrets(recipient.key_id)
    return secret is not None and unwrap(secret, wrapped, ID) == b"k" * 32


def test_what_is_written_while_locked_is_read_after_unlocking(office):
    office.created().close()
    (recipient,) = office.vault().recipients(TODAY)
    wrapped = wrap(recipient, b"k" * 32, ID)
    with office.unlock() as unlocked:
        assert opens(unlocked, recipient, wrapped)
        assert unlocked.rejected == ()


def test_keys_are_made_for_35_days_and_refilled(office):
    with office.created() as unlocked:
        assert office.vault().days_left(TODAY) == AHEAD_DAYS == 35
        assert office.vault().days_left(after(29)) == 6
        assert unlocked.refill(TODAY) == ()
        made = unlocked.refill(after(10))
        assert sorted(key.day for key in made) == [after(35 + n // 2) for n in range(20)]
        assert office.vault().days_left(after(10)) == 35
    assert len(office.events("key.created")) == 90, "for recordings and for the history"


def test_without_a_key_for_the_day_nobody_records(office):
    office.created().close()
    with pytest.raises(Locked, match=r"no key for recordings of 2027-01-02.*posture keys refill"):
        office.vault().recipients(after(35))
    with pytest.raises(Locked, match="no key"):
        office.vault().recipients(after(-1))


def test_without_a_vault_everything_says_how_to_make_one(office):
    vault = office.vault()
    assert not vault.exists
    attempts = (
        lambda: vault.recipients(TODAY),
        lambda: vault.days_left(TODAY),
        lambda: vault.unlock(WORDS),
        lambda: vault.expire(TODAY, 3),
        vault.unlock_with_keyring,
    )
    for attempt in attempts:
        with pytest.raises(Locked, match="posture keys create"):
            attempt()
    assert not vault.folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_only_the_owner_can_read_any_of_it(office):
    before = os.umask(0)
    try:
        with office.created() as unlocked:
            unlocked.refill(after(1))
    finally:
        os.umask(before)
    folder = office.folder / "vault"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = [*folder.iterdir(), folder.parent / "vault.lock"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert len(files) == 3


def test_a_hundred_wrong_passphrases_are_one_error_and_leave_nothing(office):
    office.created().close()
    before, messages = office.everything(), set()
    for number in range(100):
        with pytest.raises(WrongKey) as caught:
            office.vault().unlock(f"{WORDS}{number}")
        messages.add(str(caught.value))
    identity = office.folder / "vault" / "identity.pkey"
    for place in (0, 9, 30, 60, 100, -1):  # damage says the same
        altered = bytearray(before[identity])
        altered[place] ^= 0x80
        identity.write_bytes(altered)
        with pytest.raises((WrongKey, UnsupportedVersion)) as caught:
            office.vault().unlock(WORDS)
        if caught.type is WrongKey:
            messages.add(str(caught.value))
    identity.write_bytes(before[identity])
    assert len(messages) == 1
    assert office.everything() == before
    assert str(identity) in messages.pop()


def test_there_is_one_vault(office):
    office.created().close()
    with pytest.raises(OutputExists, match="already"):
        office.created()


@pytest.mark.parametrize("words", ["", "1234567"])
def test_a_short_passphrase_is_refused_before_anything_is_made(office, words):
    with pytest.raises(ConfigError, match="8 characters"):
        office.created(words=words)
    assert not office.vault().exists


def test_a_new_passphrase_opens_and_the_old_one_does_not(office):
    with office.created() as unlocked:
        unlocked.change_passphrase("battery staple")
        assert unlocked.refill(after(1))
    with pytest.raises(WrongKey):
        office.unlock()
    with office.vault().unlock("battery staple") as unlocked, pytest.raises(ConfigError):
        unlocked.change_passphrase("short")


def test_closing_forgets(office):
    unlocked = office.created()
    (recipient,) = office.vault().recipients(TODAY)
    assert unlocked.secrets(recipient.key_id)
    unlocked.close()
    unlocked.close()
    assert not unlocked.is_open
    assert unlocked.secrets(recipient.key_id) is None
    with pytest.raises(Locked, match="unlock"):
        unlocked.refill(TODAY)


def test_expiry_works_while_locked_and_is_final_after_the_next_unlocking(office):
    office.created().close()
    vault = office.vault()
    (recipient,) = vault.recipients(TODAY)
    half = vault.ring().find(recipient.key_id).half
    wrapped = wrap(recipient, b"k" * 32, ID)
    old_ring = office.ring_json()
    (erased,) = vault.expire(after(4), keep_days=3).keys
    assert erased.key_id == recipient.key_id
    assert office.log[-1] == ("key.erased", {"key_id": recipient.key_id.hex()})
    assert all(half not in data and half.hex().encode() not in data for data in office.everything().values())
    with office.unlock() as unlocked:
        assert not opens(unlocked, recipient, wrapped)
        assert recipient.key_id.hex() not in unlocked._state.content.halves
    office.put_ring(old_ring)  # an old copy of the ring alone brings nothing back
    with office.unlock() as unlocked:
        assert not opens(unlocked, recipient, wrapped)


@pytest.mark.skipif(sys.platform == "win32", reason="replaces no file that is open")
def test_the_open_half_is_overwritten_where_it_stood(office):
    office.created().close()
    with (office.folder / "vault" / "ring.json").open("rb") as old:
        length = len(old.read())
        office.vault().expire(after(4), keep_days=3)
        old.seek(0)
        assert old.read() == bytes(length)


def test_unlocking_after_an_expiry_seals_under_another_key(office):
    office.created(keyring=True).close()
    before = dict(office.keystore.keys)
    office.vault().expire(after(4), keep_days=3)
    old_identity = (office.folder / "vault" / "identity.pkey").read_bytes()
    office.unlock().close()
    assert len(office.keystore.keys) == 1
    assert not before.keys() & office.keystore.keys.keys()
    (office.folder / "vault" / "identity.pkey").write_bytes(old_identity)
    assert office.vault().unlock_with_keyring() is None, "the keyring opens no older identity file"


def test_what_is_not_due_stays(office):
    office.created().close()
    before = office.everything()
    assert office.vault().expire(after(3), keep_days=3).keys == ()
    assert office.everything() == before


def test_the_keyring_opens_it_and_can_be_switched_off(office):
    with office.created() as unlocked:
        assert office.vault().unlock_with_keyring() is None
        unlocked.use_keyring(True)
        unlocked.use_keyring(True)
        assert len(office.keystore.keys) == 1
    with office.vault().unlock_with_keyring() as unlocked:
        assert unlocked.secrets(office.vault().recipients(TODAY)[0].key_id)
        unlocked.use_keyring(False)
    assert office.keystore.keys == {}
    assert office.vault().unlock_with_keyring() is None
    office.unlock().close()


def test_a_vault_that_only_the_keyring_opens(office):
    office.created(words=None, keyring=True).close()
    vault = office.vault()
    assert (vault.has_passphrase, vault.has_keyring) == (False, True)
    with vault.unlock_with_keyring() as unlocked:
        unlocked.use_keyring(False)  # the only way stays
        assert unlocked.has_keyring
    with pytest.raises(Locked, match="keyring"):
        vault.unlock(WORDS)
    with vault.unlock_with_keyring() as unlocked:
        unlocked.change_passphrase(WORDS)
    office.unlock().close()
    office.keystore.keys.clear()
    assert vault.unlock_with_keyring() is None
    with pytest.raises(ValueError, match="passphrase"):
        office.created(words=None)


def test_a_key_that_the_keyring_does_not_give_up_is_tried_again(office):
    with office.created(keyring=True) as unlocked:
        office.keystore.broken = Locked("the keyring is locked")
        unlocked.change_passphrase("battery staple")
        assert len(office.keystore.keys) == 2
    office.keystore.broken = None
    office.vault().unlock("battery staple").close()
    assert len(office.keystore.keys) == 1


def test_a_wrong_key_in_the_keyring_is_said(office):
    office.created(keyring=True).close()
    (name,) = office.keystore.keys
    office.keystore.keys[name] = bytes(32)
    with pytest.raises(WrongKey, match=r"identity\.pkey"):
        office.vault().unlock_with_keyring()
    office.keystore.keys[name] = b"short"
    assert office.vault().unlock_with_keyring() is None


def test_a_stranger_in_the_ring_gets_nothing_after_the_next_unlocking(office):
    office.created().close()
    tree = office.ring_json()
    stranger = new_secret()
    tree["keys"][0]["public"] = base64.b64encode(stranger.recipient.public).decode()
    office.put_ring(tree)
    with office.unlock() as unlocked:
        assert "1 keys" in unlocked.rejected[0]
        assert stranger.recipient not in office.vault().ring().recipients(TODAY)
        unlocked.refill(TODAY)
        (recipient,) = office.vault().recipients(TODAY)
        assert unlocked.secrets(recipient.key_id)
    assert office.unlock().rejected == ()


def test_a_changed_date_in_the_ring_is_noticed(office):
    office.created().close()
    tree = office.ring_json()
    tree["keys"][0]["day"] = after(20).isoformat()
    office.put_ring(tree)
    with office.unlock() as unlocked:
        assert unlocked.rejected


def other(name="clinic"):
    return Other(name, tuple(OtherKey(after(n), new_secret().recipient.public) for n in range(3)))


def test_another_reader_is_a_recipient_of_its_days(office):
    with office.created() as unlocked:
        added = other()
        unlocked.set_others((added,), TODAY)
        assert [r.public for r in office.vault().recipients(TODAY)][1:] == [added.keys[0].public]
        assert len(office.vault().recipients(after(3))) == 1
        with pytest.raises(ConfigError, match="4"):
            unlocked.set_others(tuple(other(str(n)) for n in range(5)), TODAY)
    with office.unlock() as unlocked:
        assert unlocked.rejected == ()
        office.vault().expire(after(4), 3)
        unlocked.refresh()
    assert office.unlock().rejected == (), "days that passed are no forgery"
    with office.unlock() as unlocked:
        unlocked.set_others((), TODAY)
    assert len(office.vault().recipients(after(1))) == 1


def test_nobody_adds_another_reader_to_the_file_alone(office):
    with office.created() as unlocked:
        unlocked.set_others((other(),), TODAY)
    tree = office.ring_json()
    tree["others"][0]["name"] = "somebody else"
    office.put_ring(tree)
    with office.unlock() as unlocked:
        assert "somebody else" in unlocked.rejected[0]
    assert len(office.vault().recipients(TODAY)) == 1


def test_other_keys_from_today_on_and_the_old_one_of_today_still_reads(office):
    with office.created() as unlocked:
        (old,) = office.vault().recipients(TODAY)
        (later,) = office.vault().recipients(after(5))
        wrapped = wrap(old, b"k" * 32, ID)
        assert len(unlocked.rotate(TODAY)) == 70
        (new,) = office.vault().recipients(TODAY)
        assert new != old
        assert opens(unlocked, old, wrapped)
        assert office.vault().ring().find(later.key_id) is None
        assert office.vault().days_left(TODAY) == 35


def test_two_computers_read_each_other_after_an_import(tmp_path, office):
    with office.created() as unlocked:
        data = packed(unlocked.copy(), "on the stick", CHEAP)
    there = Office(tmp_path / "there")
    with pytest.raises(WrongKey, match="posture keys export"):
        unpacked(data, "on the sticks", "copy.pkeys")
    copy = unpacked(data, "on the stick", "copy.pkeys")
    there.created(copy=copy).close()
    assert there.vault().recipients(TODAY) == office.vault().recipients(TODAY)
    (recipient,) = there.vault().recipients(after(3))
    with office.unlock() as unlocked:
        assert opens(unlocked, recipient, wrap(recipient, b"k" * 32, ID))
        assert unlocked.adopt(copy, TODAY) == ()


def test_an_import_into_a_vault_makes_its_keys_the_current_ones_and_brings_no_erased_one_back(tmp_path, office):
    there = Office(tmp_path / "there")
    with there.created() as unlocked:
        copy = unlocked.copy()
    with office.created() as unlocked:
        assert len(unlocked.adopt(copy, TODAY)) == 70
        assert office.vault().recipients(TODAY) == there.vault().recipients(TODAY)
        office.vault().expire(after(4), 3)
        unlocked.refresh()
        assert unlocked.adopt(copy, after(4)) == ()


@pytest.mark.parametrize("place", [0, 9, 40, -1])
def test_an_altered_copy_is_refused(office, place):
    with office.created() as unlocked:
        data = bytearray(packed(unlocked.copy(), "on the stick", CHEAP))
    data[place] ^= 0x80
    with pytest.raises((WrongKey, UnsupportedVersion)):
        unpacked(bytes(data), "on the stick", "copy.pkeys")


def test_an_identity_file_is_no_copy(office):
    office.created().close()
    with pytest.raises(WrongKey, match="no copy"):
        unpacked((office.folder / "vault" / "identity.pkey").read_bytes(), WORDS, "identity.pkey")


def test_public_keys_are_handed_over_with_a_fingerprint(office):
    office.created().close()
    data = public_keys(office.vault().ring(), after(1))
    handed = shared(data, "second computer", "keys.json")
    assert len(handed.other.keys) == 34
    assert handed.other.keys[0].public == office.vault().recipients(after(1))[0].public
    assert len(handed.fingerprint) == 32
    assert handed.fingerprint != shared(public_keys(office.vault().ring(), TODAY), "x", "y").fingerprint
    for broken in (
        b"",
        b"{}",
        data[:-20],
        data.replace(b"public-keys/1", b"public-keys/2"),
        data.replace(b"25722", b"9"),
    ):
        with pytest.raises((Damaged, UnsupportedVersion), match=r"keys\.json|kind"):
            shared(broken, "x", "keys.json")


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"version":1}', b"\xff", b'{"version":"1"}'])
def test_a_ring_that_is_gone_or_damaged_is_said_and_nothing_is_forgotten(office, content):
    office.created().close()
    path = office.folder / "vault" / "ring.json"
    whole, identity = path.read_bytes(), (office.folder / "vault" / "identity.pkey").read_bytes()
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    for attempt in (
        office.unlock,
        lambda: office.vault().recipients(TODAY),
        lambda: office.vault().expire(after(9), 3),
    ):
        with pytest.raises(Damaged, match=r"ring\.json"):
            attempt()
    assert (office.folder / "vault" / "identity.pkey").read_bytes() == identity
    path.write_bytes(whole)
    office.unlock().close()


def test_an_unlocking_that_fails_leaves_no_secret_in_memory(office, monkeypatch):
    office.created().close()
    opened = []
    monkeypatch.setattr("posture.vault.unlocked.Unlocked.settle", lambda self, words=None: opened.append(self) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        office.unlock()
    assert not opened[0].is_open


def test_a_newer_ring_is_said_to_be_one(office):
    office.created().close()
    office.put_ring({**office.ring_json(), "version": 2})
    with pytest.raises(UnsupportedVersion, match="version 2"):
        office.vault().recipients(TODAY)


def test_a_changed_passphrase_is_noticed_by_who_had_it_open(office):
    with office.created() as first, office.unlock() as second:
        second.change_passphrase("battery staple")
        with pytest.raises(Locked, match="unlock again"):
            first.refill(after(1))
    office.vault().unlock("battery staple").close()


def test_who_has_it_open_sees_what_another_process_made_and_erased(office):
    with office.created() as first, office.unlock() as second:
        second.refill(after(1))
        (recipient,) = office.vault().recipients(after(35))
        assert first.secrets(recipient.key_id) is None
        first.refresh()
        assert first.secrets(recipient.key_id)
        office.vault().erase([recipient.key_id])
        first.refresh()
        assert first.secrets(recipient.key_id) is None


def test_many_at_once_lose_nothing(office):
    office.created().close()
    errors = []

    def work(number):
        try:
            with office.unlock() as unlocked:
                for _ in range(5):
                    unlocked.new_hold(TODAY, after(100 + number), TODAY)
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    with office.unlock() as unlocked:
        held = [key for key in office.vault().ring().keys if key.until]
        assert len(held) == 20
        assert all(unlocked.secrets(key.key_id) for key in held)


PROCESS = """
import sys
from datetime import date, timedelta
from pathlib import Path
from posture.vault.keyfile import Cost
from posture.vault.store import Vault
with Vault(Path(sys.argv[1]), cost=Cost(8, 1, 1)).unlock("correct horse") as unlocked:
    for _ in range(10):
        unlocked.new_hold(date(2026, 11, 28), date(2027, 6, 1), date(2026, 11, 28))
"""


def test_two_processes_at_once_lose_nothing(office):
    office.created().close()
    command = [sys.executable, "-c", PROCESS, str(office.folder / "vault")]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in running:
        _, words = process.communicate(timeout=60)
        assert process.returncode == 0, words
    with office.unlock() as unlocked:
        held = [key for key in office.vault().ring().keys if key.until]
        assert len(held) == 20
        assert all(unlocked.secrets(key.key_id) for key in held)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is forbidden to the superuser")
def test_a_vault_that_cannot_be_written_can_be_read(office):
    office.created().close()
    folder = office.folder / "vault"
    folder.chmod(0o500)
    try:
        with office.unlock() as unlocked, pytest.raises(SinkError, match=r"identity\.pkey"):
            unlocked.refill(date(2027, 1, 1))
    finally:
        folder.chmod(0o700)
