import os
import stat
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from posture.ergonomics.baseline import Baseline, Profile
from posture.errors import ConfigError, Locked, SinkError
from posture.live.profiles import Profiles
from posture.vault.keyring_file import KeyringSeal


def profile(name, x=0.5):
    return Profile(name=name, baseline=Baseline(values={"ears_x": x}, spread={"ears_x": 0.001}), camera="usb-1")


class Keyring:
    """Implements KeyStore in memory; `locked` gives and takes nothing."""

    def __init__(self):
        self.keys, self.locked = {}, False

    def get(self, name):
        return None if self.locked else self.keys.get(name)

    def put(self, name, key):
        if self.locked:
            raise Locked("the keyring of the system did not take the key")
        self.keys[name] = key

    def remove(self, name):
        self.keys.pop(name, None)


def kept(path, *profiles, seal=None):
    store = Profiles(path, seal)
    store.remember = True
    for one in profiles:
        store.calibrated(one)
    store.save()
    return store


def read(path, seal=None):
    store = Profiles(path, seal)
    store.load()
    return store


def test_what_is_remembered_is_read_again(tmp_path):
    path = tmp_path / "data" / "profiles.json"
    kept(path, profile("desk"), profile("standing", 0.4))
    assert read(path).all == (profile("desk"), profile("standing", 0.4))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_its_owner_can_read_it(tmp_path):
    kept(tmp_path / "profiles.json", profile("desk"))
    assert stat.S_IMODE((tmp_path / "profiles.json").stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["profiles.json"]


def test_nothing_is_written_before_somebody_chose_to_remember(tmp_path):
    store = Profiles(tmp_path / "profiles.json")
    store.calibrated(profile("desk"))
    store.save()
    assert list(tmp_path.iterdir()) == []


def test_forgetting_deletes_the_file(tmp_path):
    store = kept(tmp_path / "profiles.json", profile("desk"))
    store.forget()
    store.forget()
    assert list(tmp_path.iterdir()) == []
    assert store.all == (profile("desk"),)


def test_undo_brings_the_last_calibration_back_once(tmp_path):
    store = kept(tmp_path / "profiles.json", profile("desk"), profile("desk", 0.9))
    assert store.undo()
    assert store.all == (profile("desk"),)
    assert not store.undo()
    store.calibrated(profile("new"))
    assert store.undo()
    assert store.all == (profile("desk"),)


def test_delete_and_rename(tmp_path):
    store = kept(tmp_path / "profiles.json", profile("desk"), profile("couch"))
    store.rename("desk", " office ")
    assert [one.name for one in store.all] == ["office", "couch"]
    for taken in ("couch", "", "  "):
        with pytest.raises(ConfigError, match="choose a name"):
            store.rename("office", taken)
    store.delete("office")
    with pytest.raises(ConfigError, match="there are: 'couch'"):
        store.delete("office")


def test_one_name_stands_for_a_profile_at_each_place(tmp_path):
    at = {place: replace(profile("desk"), camera=place[0], screens=place[1]) for place in (("a", ""), ("b", "two"))}
    store = kept(tmp_path / "profiles.json", *at.values())
    assert store.all == store["desk"] == tuple(at.values())
    again = replace(profile("desk", 0.9), camera="b", screens="two")
    store.calibrated(again)
    assert store.all == (at["a", ""], again)
    assert store.undo()
    assert read(tmp_path / "profiles.json").all == store.all == tuple(at.values())
    store.calibrated(replace(profile("desk"), camera="b", screens="three"))
    assert len(store.all) == 3
    store.rename("desk", "office")
    assert {one.name for one in store.all} == {"office"}
    store.delete("office")
    assert store.all == ()


@given(st.binary(max_size=200))
def test_a_damaged_file_is_moved_aside_and_said(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("profiles") / "profiles.json"
    path.write_bytes(content)
    store = read(path)
    assert store.all == ()
    assert "profiles.json.damaged" in store.message
    assert [p.name for p in path.parent.iterdir()] == ["profiles.json.damaged"]
    assert (path.parent / "profiles.json.damaged").read_bytes() == content


@pytest.mark.parametrize("cut", [1, 10, 100])
def test_a_file_that_was_cut_is_damaged(tmp_path, cut):
    path = tmp_path / "profiles.json"
    kept(path, profile("desk"))
    path.write_bytes(path.read_bytes()[:-cut])
    assert read(path).message


def test_a_second_damaged_file_does_not_replace_the_first(tmp_path):
    path = tmp_path / "profiles.json"
    for content in (b"one", b"two"):
        path.write_bytes(content)
        read(path)
    assert {p.read_bytes() for p in tmp_path.iterdir()} == {b"one", b"two"}


def test_the_file_of_a_newer_version_is_left_alone(tmp_path):
    path = tmp_path / "profiles.json"
    path.write_text('{"version": 2, "profiles": "another shape"}')
    with pytest.raises(SinkError, match="version 2"):
        read(path)
    assert path.exists()


@pytest.fixture
def keyring():
    return Keyring()


@pytest.fixture
def seal(keyring):
    return KeyringSeal(keyring, "calibrations")


def test_with_a_keyring_no_number_is_plain(tmp_path, seal):
    kept(tmp_path / "profiles.json", profile("desk"))
    kept(tmp_path / "profiles.json", profile("desk"), seal=seal)
    assert os.listdir(tmp_path) == ["profiles.sealed"], "the plain one from before is gone"
    content = (tmp_path / "profiles.sealed").read_bytes()
    assert b"desk" not in content
    assert b"ears" not in content
    assert read(tmp_path / "profiles.json", seal).all == (profile("desk"),)


def test_plain_ones_from_before_there_was_a_keyring_are_still_read(tmp_path, seal):
    kept(tmp_path / "profiles.json", profile("desk"))
    assert read(tmp_path / "profiles.json", seal).all == (profile("desk"),)


def test_a_locked_keyring_is_said_and_nothing_is_lost_or_written_plain(tmp_path, keyring, seal):
    path = tmp_path / "profiles.json"
    kept(path, profile("desk"), seal=seal)
    keyring.locked = True
    store = read(path, seal)
    assert store.all == ()
    assert "locked" in store.message
    store.remember = True
    store.calibrated(profile("new"))
    with pytest.raises(Locked):
        store.save()
    keyring.locked = False
    assert read(path, seal).all == (profile("desk"),)
    assert os.listdir(tmp_path) == ["profiles.sealed"]
    store.save()
    assert read(path, seal).all == (profile("desk"), profile("new")), "what was locked is not overwritten"


def test_forgetting_takes_the_key_too(tmp_path, keyring, seal):
    store = kept(tmp_path / "profiles.json", profile("desk"), seal=seal)
    store.forget()
    assert os.listdir(tmp_path) == []
    assert keyring.keys == {}


def test_every_flipped_bit_and_every_cut_of_a_sealed_file_is_damage(tmp_path, seal):
    path = tmp_path / "profiles.json"
    kept(path, profile("desk"), seal=seal)
    sealed = (tmp_path / "profiles.sealed").read_bytes()
    altered = [bytes((*sealed[:n], sealed[n] ^ 1, *sealed[n + 1 :])) for n in range(0, len(sealed), 7)]
    for content in (*altered, *(sealed[:n] for n in range(0, len(sealed), 11))):
        (tmp_path / "profiles.sealed").write_bytes(content)
        store = read(path, seal)
        assert store.all == ()
        assert "damaged" in store.message
