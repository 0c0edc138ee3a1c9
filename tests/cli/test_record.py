"""`posture record` and `posture verify`: the real program as a process of its own."""

import json
import os
import subprocess
import sys
from datetime import date

import pytest

from posture.sources.clipwriter import write_clip
from posture.sources.demo import DemoSource
from posture.vault import track
from posture.vault.clip import open_clip
from posture.vault.keyfile import Cost
from posture.vault.store import Vault

COMMAND = [sys.executable, "-c", "from posture.cli import main; main()"]
PASSPHRASE = "seven small clouds over the bay"
MAGICS = b"ftyp", b"moov", b"moof", b"mdat", b"JFIF"


def posture(*arguments, **environment):
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def vault(data_folder, tmp_path, monkeypatch):
    """With a passphrase that is quick to try, and its clips in the data folder."""
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE + "\n")
    monkeypatch.setenv("POSTURE_PASSPHRASE_FILE", str(secret))
    folder = data_folder / "clips"
    folder.mkdir()
    monkeypatch.setenv("POSTURE_VAULT__FOLDER", str(folder))
    made = Vault(data_folder / "vault", cost=Cost(64 * 1024, 1, 1))
    made.create(PASSPHRASE, date.today()).close()
    return made


def clips(data_folder):
    return sorted((data_folder / "clips").glob("*.pclip"))


def test_a_file_becomes_an_encrypted_clip_of_figures(vault, data_folder, tmp_path):
    video = tmp_path / "me.mp4"
    write_clip(video, DemoSource(320, 240, 30.0, 3.0))
    done = posture("record", video, "--json", TMPDIR=str(data_folder))
    assert done.returncode == 0, done.stderr
    assert "records figures on a flat ground" in done.stderr
    assert "readable with the vault through" in done.stderr
    assert "● recording" in done.stderr, "the sign of the recording"
    told = json.loads(done.stdout)
    assert (told["schema"], told["content"], told["mode"], told["clips"]) == (
        "posture.record/1",
        "skeleton",
        "manual",
        1,
    )
    assert 2 <= told["safe_s"] <= 3.2
    (path,) = clips(data_folder)
    with vault.unlock(PASSPHRASE) as unlocked, path.open("rb") as file:
        looks = list(track.read(open_clip(file, unlocked.secrets)))
    assert len(looks) >= 15
    assert any(look.people for look in looks)
    for file in data_folder.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not any(b"\0\0" + magic in content for magic in MAGICS), file
        assert b"me.mp4" not in content
    entries = json.loads(posture("audit", "show", "--json").stdout)["entries"]
    events = [entry["ev"] for entry in entries]
    for event in ("clip.opened", "clip.closed", "camera.opened", "camera.closed"):
        assert event in events
    verified = posture("verify", "--metadata", path, "--json")
    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout)["files"] == [{"file": str(path), "plain": True, "findings": []}]
    junk = data_folder / "junk.pclip"
    junk.write_bytes(bytes(5000))
    refused = posture("verify", "--metadata", junk)
    assert refused.returncode == 65
    assert "junk.pclip" in refused.stderr
    junk.unlink()
    listed = json.loads(posture("recordings", "list", "--unlock", "--json").stdout)["recordings"]
    assert listed[0]["about"]["content"] == "skeleton"
    assert listed[0]["about"]["length_s"] == pytest.approx(told["safe_s"])


def test_what_is_found_in_a_video_of_others(tmp_path):
    video = tmp_path / "usual.mp4"
    write_clip(video, DemoSource(128, 96, 10.0, 1.0))
    done = posture("verify", "--metadata", video)
    assert done.returncode == 65
    assert "■" in done.stdout
    assert "pictures outside of fragments" in done.stdout
    words = json.loads(posture("verify", "--metadata", "--json", video).stdout)["files"][0]
    assert not words["plain"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["record", "demo"], 77, "there is no vault"),
        (["record", "--mode", "event"], 2, "--profile"),
        (["record", "--content", "everything"], 2, "recorder.content"),
        (["verify", "nothing.mp4"], 2, "--metadata"),
        (["verify", "--metadata", "nothing.mp4"], 66, "nothing.mp4"),
    ],
)
def test_what_cannot_be_done_is_said(arguments, code, words):
    done = posture(*arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr


def test_a_picture_is_no_video(tmp_path):
    file = tmp_path / "picture.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    done = posture("verify", "--metadata", file)
    assert done.returncode == 65
    assert "give an MP4 video or a recording" in done.stderr


def test_a_folder_that_is_full_ends_with_its_exit_code(vault, data_folder, monkeypatch):
    """Nothing can be written anywhere: loud, and with the reason."""
    done = posture("record", "demo", "--duration", "20", POSTURE_RECORDER__MOST_GIB="1e-9")
    assert done.returncode == 74, done.stderr
    assert "recorder.most_gib" in done.stderr
