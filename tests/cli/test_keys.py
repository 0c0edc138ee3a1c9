"""`posture keys` and `posture recordings` as a user runs them: by pipe, file or terminal."""

import base64
import json
import os
import sys
from datetime import date, timedelta

import pytest
from vault_office import HEAD, WORDS, new_clip, second
from vault_verbs import posture, typed

from posture.vault.catalogue import NAME, About, Catalogue
from posture.vault.hpke import new_secret
from posture.vault.store import Vault

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals")


@pytest.fixture
def clips(tmp_path, monkeypatch):
    folder = tmp_path / "recordings"
    folder.mkdir()
    monkeypatch.setenv("POSTURE_VAULT__FOLDER", str(folder))
    return folder


@pytest.fixture
def vault(data_folder):
    assert posture("keys", "create", words=WORDS).returncode == 0
    return Vault(data_folder / "vault")


def recorded(vault, folder, days=0, finished=True):
    """A recording of so many days ago, with its row; its clip id."""
    day = date.today() - timedelta(days)
    recipients = vault.recipients(day)
    writer, path = new_clip(folder, recipients)
    for fragment in (HEAD, second(1), second(2)):
        writer.fragment(fragment)
    if finished:
        writer.close()
    else:
        writer.abandon()
        os.utime(path, (0, 0))
    about = About(started_s=1e9, length_s=62.0, source="desk", content="skeleton", mode="manual")
    Catalogue(vault.folder / NAME).put(writer.clip_id, day, recipients, about)
    return writer.clip_id.hex(), path


def events():
    done = posture("audit", "show", "--json")
    return [(entry["ev"], entry.get("verb", "")) for entry in json.loads(done.stdout)["entries"]]


def test_a_vault_from_its_making_to_another_passphrase(data_folder, tmp_path):
    none = posture("keys", "list")
    assert (none.returncode, "posture keys create" in none.stderr) == (77, True)
    made = posture("keys", "create", words=WORDS)
    assert made.returncode == 0, made.stderr
    assert "keys for 35 days" in made.stderr
    assert "no other way in" in made.stderr
    assert posture("keys", "create", words=WORDS).returncode == 73
    tree = json.loads(posture("keys", "list", "--json").stdout)
    assert (tree["schema"], tree["days_left"], len(tree["keys"])) == ("posture.keys/1", 35, 70)
    assert (tree["passphrase"], tree["keyring"], tree["others"]) == (True, False, [])
    new = tmp_path / "new"
    new.write_text("battery staple\n")
    changed = posture("keys", "passphrase", words=WORDS, POSTURE_NEW_PASSPHRASE_FILE=str(new))
    assert changed.returncode == 0, changed.stderr
    wrong = posture("keys", "refill", words=WORDS)
    assert wrong.returncode == 77
    assert str(data_folder / "vault" / "identity.pkey") in wrong.stderr
    assert wrong.stderr.count("\n") == 1
    right = posture("keys", "refill", POSTURE_PASSPHRASE_FILE=str(new))
    assert (right.returncode, "0 keys made" in right.stderr) == (0, True)
    assert posture("keys", "rotate", words="battery staple").returncode == 0
    log = events()
    assert [event for event, _ in log].count("key.created") == 140
    assert [verb for event, verb in log if event == "program.started"].count("keys.create") == 2


def test_a_passphrase_comes_from_a_terminal_twice_and_is_never_shown(data_folder):
    shown, code = typed("keys", "create", answers=[WORDS, WORDS])
    assert code == 0, shown
    assert WORDS not in shown
    shown, code = typed("keys", "refill", answers=[WORDS])
    assert code == 0, shown
    assert WORDS not in shown


@pytest.mark.parametrize("words", ["", "short"])
def test_without_a_passphrase_that_will_do_nothing_is_made(data_folder, words):
    done = posture("keys", "create", words=words)
    assert done.returncode == 2
    assert "passphrase" in done.stderr
    assert not Vault(data_folder / "vault").exists


def test_a_passphrase_file_that_is_none_is_named(data_folder, tmp_path):
    for file in (tmp_path / "missing", tmp_path / "empty"):
        if file.name == "empty":
            file.write_text("\n")
        done = posture("keys", "create", POSTURE_NEW_PASSPHRASE_FILE=str(file))
        assert done.returncode == 2
        assert str(file) in done.stderr


def test_a_keyring_that_is_not_there_is_said(data_folder):
    done = posture("keys", "create", "--keyring", words=WORDS, DBUS_SESSION_BUS_ADDRESS="")
    assert done.returncode == 77
    assert "passphrase" in done.stderr
    assert not Vault(data_folder / "vault").exists


def test_two_computers_with_the_same_keys(vault, tmp_path):
    copy, there = tmp_path / "copy.pkeys", tmp_path / "there"
    pass_on = tmp_path / "words"
    pass_on.write_text("on the stick\n")
    done = posture("keys", "export", copy, words=WORDS, POSTURE_NEW_PASSPHRASE_FILE=str(pass_on))
    assert done.returncode == 0, done.stderr
    assert "delete it" in done.stderr
    assert copy.stat().st_mode & 0o777 == 0o600
    again = posture("keys", "export", copy, words=WORDS, POSTURE_NEW_PASSPHRASE_FILE=str(pass_on))
    assert (again.returncode, "--overwrite" in again.stderr) == (73, True)
    wrong = posture("keys", "import", copy, words=WORDS, POSTURE_DATA=str(there))
    assert (wrong.returncode, str(copy) in wrong.stderr) == (77, True)
    assert not (there / "vault" / "identity.pkey").exists()
    done = posture("keys", "import", copy, words="on the stick", POSTURE_DATA=str(there))
    assert done.returncode == 0, done.stderr
    assert Vault(there / "vault").recipients(date.today()) == vault.recipients(date.today())
    assert posture("keys", "import", tmp_path / "nowhere", words="x").returncode == 66
    done = posture("keys", "import", copy, words=WORDS, POSTURE_NEW_PASSPHRASE_FILE=str(pass_on))
    assert "0 of 70 keys were new" in done.stderr


def test_another_reader_is_shown_in_words_and_can_be_removed(vault, tmp_path):
    there, file = tmp_path / "there", tmp_path / "clinic.json"
    assert posture("keys", "create", words=WORDS, POSTURE_DATA=str(there)).returncode == 0
    shared = posture("keys", "recovery", "share", file, POSTURE_DATA=str(there))
    mark = shared.stderr.split()[-1]
    unasked = posture("keys", "recovery", "add", "clinic", file, words=WORDS)
    assert (unasked.returncode, len(vault.recipients(date.today()))) == (130, 1)
    assert mark in unasked.stderr
    assert "will be able to read everything" in unasked.stderr
    added = posture("keys", "recovery", "add", "clinic", file, "--yes", words=WORDS)
    assert added.returncode == 0, added.stderr
    assert vault.recipients(date.today())[1:] == Vault(there / "vault").recipients(date.today())
    assert "clinic can read what is recorded through" in posture("keys", "list").stderr
    own = tmp_path / "own.json"
    posture("keys", "recovery", "share", own)
    refused = posture("keys", "recovery", "add", "me", own, "--yes", words=WORDS)
    assert (refused.returncode, "this vault" in refused.stderr) == (2, True)
    assert posture("keys", "recovery", "remove", "nobody", words=WORDS).returncode == 2
    assert posture("keys", "recovery", "remove", "clinic", words=WORDS).returncode == 0
    assert len(vault.recipients(date.today())) == 1
    file.write_text("{}")
    assert posture("keys", "recovery", "add", "x", file, "--yes", words=WORDS).returncode == 77


def test_recordings_are_listed_locked_and_with_more_once_unlocked(vault, clips):
    clip, _ = recorded(vault, clips)
    locked = posture("recordings", "list")
    assert locked.returncode == 0
    assert clip[:12] in locked.stdout
    assert "locked" in locked.stdout
    assert "skeleton" not in locked.stdout
    opened = posture("recordings", "list", "--unlock", words=WORDS)
    assert "skeleton" in opened.stdout
    assert "1:02" in opened.stdout
    (entry,) = json.loads(posture("recordings", "list", "--json").stdout)["recordings"]
    assert (entry["recording"], entry["state"], entry["about"]) == (clip, "locked", None)
    assert entry["kept_through"] == (date.today() + timedelta(3)).isoformat()


def test_an_export_asks_and_says_why(vault, clips, tmp_path):
    clip, _ = recorded(vault, clips)
    out = tmp_path / "clip.mp4"
    no_reason = posture("recordings", "export", clip[:8], "-o", out, "--yes", words=WORDS)
    assert (no_reason.returncode, "own-use" in no_reason.stderr) == (2, True)
    unasked = posture("recordings", "export", clip[:8], "-o", out, "--reason", "medical", words=WORDS)
    assert (unasked.returncode, out.exists()) == (130, False)
    done = posture("recordings", "export", clip[:8], "-o", out, "--reason", "medical", "--yes", words=WORDS)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes()[4:8] == b"ftyp"
    assert posture("recordings", "export", clip, "-o", out, "--reason", "medical", "-y", words=WORDS).returncode == 73
    entry = json.loads(posture("audit", "show", "--json").stdout)["entries"]
    assert [e["purpose"] for e in entry if e["ev"] == "clip.exported"] == ["medical"]
    shown, code = typed("recordings", "export", clip, "-o", out, "--overwrite", answers=["own-use", WORDS, "y"])
    assert (code, "Export it?" in shown) == (0, True), shown


def test_checking_and_repairing(vault, clips):
    whole, _ = recorded(vault, clips)
    cut, path = recorded(vault, clips, finished=False)
    done = posture("recordings", "verify", "--json", words=WORDS)
    verdicts = {entry["recording"]: entry["verdict"] for entry in json.loads(done.stdout)["recordings"]}
    assert (done.returncode, verdicts) == (65, {whole: "whole", cut: "cut"})
    assert "repair" in posture("recordings", "verify", cut[:9], words=WORDS).stdout
    done = posture("recordings", "repair", cut[:9], words=WORDS)
    assert done.returncode == 0, done.stderr
    assert not path.exists()
    assert posture("recordings", "verify", words=WORDS).returncode == 0
    assert "nothing to repair" in posture("recordings", "repair", whole[:9], words=WORDS).stderr


def test_a_recording_is_held_against_what_the_audit_log_says_of_it(vault, clips):
    clip, _ = recorded(vault, clips, finished=False)
    posture("recordings", "repair", clip[:9], words=WORDS)
    done = posture("recordings", "verify", words=WORDS)
    assert done.stdout.startswith("● whole")
    assert "does not say" not in done.stdout
    (path,) = clips.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert posture("recordings", "verify", words=WORDS).returncode == 65


def test_keeping_deleting_and_what_is_over(vault, clips):
    kept, held_path = recorded(vault, clips)
    gone, gone_path = recorded(vault, clips)
    last = (date.today() + timedelta(30)).isoformat()
    done = posture("recordings", "hold", kept[:9], "--until", last, words=WORDS)
    assert (done.returncode, last in done.stderr) == (0, True), done.stderr
    assert posture("recordings", "hold", kept[:9], "--days", 2, words=WORDS).returncode == 0
    for wrong in ([], ["--until", "tomorrow"], ["--until", "2020-01-01"], ["--days", 1, "--until", last]):
        assert posture("recordings", "hold", kept[:9], *wrong, words=WORDS).returncode == 2
    unasked = posture("recordings", "delete", gone[:9])
    assert (unasked.returncode, gone_path.exists()) == (130, True)
    assert "This copy is deleted" in unasked.stderr
    assert posture("recordings", "delete", gone[:9], "--yes").returncode == 0
    assert not gone_path.exists()
    _, over_path = recorded(vault, clips)
    rekeyed = posture("recordings", "rekey", words=WORDS)
    assert "0 recordings encrypted" in rekeyed.stderr
    tree = json.loads((vault.folder / "ring.json").read_text())
    assert len([key for key in tree["keys"] if key["until"]]) == 1
    assert posture("recordings", "retain").stderr.startswith("0 keys erased")
    return_to(vault, days=4)
    done = posture("recordings", "retain")
    assert done.returncode == 0, done.stderr
    assert "1 key erased" in done.stderr
    assert (held_path.exists(), over_path.exists()) == (True, False)
    assert {"recordings.retain", "recordings.hold"} <= {verb for _, verb in events()}


def return_to(vault, days):
    """Make the keys of today those of some days ago, as if time had passed: locked, by the ring alone."""
    path = vault.folder / "ring.json"
    tree = json.loads(path.read_text())
    old = (date.today() - timedelta(days)).isoformat()
    for key in tree["keys"]:
        if key["day"] == date.today().isoformat() and not key["until"]:
            key["day"] = old
    path.write_text(json.dumps(tree))


def test_a_folder_that_is_copied_elsewhere_gets_a_warning(vault, tmp_path):
    folder = tmp_path / "Dropbox" / "clips"
    folder.mkdir(parents=True)
    recorded(vault, folder)
    done = posture("recordings", "list", POSTURE_VAULT__FOLDER=str(folder))
    assert "copied to other computers by Dropbox" in done.stderr


def test_others_cannot_be_played_a_trick_with_a_strange_key(vault):
    path = vault.folder / "ring.json"
    tree = json.loads(path.read_text())
    tree["keys"][0]["public"] = base64.b64encode(new_secret().recipient.public).decode()
    path.write_text(json.dumps(tree))
    done = posture("keys", "refill", words=WORDS)
    assert "warning 1 keys" in done.stderr.replace("\n", " ")
    assert vault.days_left(date.today()) == 35
