"""Real recordings, exported as they are and with faces covered, and what a decoder and a walk over their boxes find."""

import json
import shutil
from datetime import date

import av
import pytest
from recorded import Bench, number_of
from vault_office import WORDS
from vault_verbs import posture

from posture.vault import boxes
from posture.vault.keyfile import Cost
from posture.vault.store import Vault

FRAMES = 12


@pytest.fixture
def recording(tmp_path, data_folder, monkeypatch):
    """Three seconds from a real recorder, in the vault of the user."""
    vault = Vault(data_folder / "vault", cost=Cost(memory_kib=8, iterations=1, lanes=1))
    vault.create(WORDS, date.today()).close()
    bench = Bench(tmp_path / "bench", recipients=lambda day: vault.recipients(date.today()))
    bench.recorder.begin()
    bench.show(0, FRAMES)
    bench.close()
    (clip,) = bench.files()
    folder = tmp_path / "recordings"
    folder.mkdir()
    monkeypatch.setenv("POSTURE_VAULT__FOLDER", str(folder))
    return shutil.move(clip, folder / clip.name)


def decoded(path):
    with av.open(str(path), metadata_errors="ignore") as container:
        assert [stream.type for stream in container.streams] == ["video"]
        return [number_of(picture.to_ndarray(format="gray")) for picture in container.decode(video=0)]


def entries(event):
    return [e for e in json.loads(posture("audit", "show", "--json").stdout)["entries"] if e["ev"] == event]


def test_an_export_can_be_watched_by_everybody(recording, tmp_path):
    out = tmp_path / "clip.mp4"
    done = posture("recordings", "export", recording, "-o", out, "--reason", "own-use", "--yes", words=WORDS)
    assert done.returncode == 0, done.stderr
    assert decoded(out) == list(range(FRAMES))
    kinds = {box.kind for box in boxes.boxes(out.read_bytes())}
    assert kinds == {b"ftyp", b"moov", b"moof", b"mdat"}


def test_a_copy_with_covered_faces_comes_from_a_process_that_has_one_key(recording, tmp_path):
    out = tmp_path / "clip.mp4"
    command = ("recordings", "export", recording, "-o", out, "--reason", "medical", "--redact", "--yes")
    done = posture(*command, words=WORDS, POSTURE_REDACT__BACKGROUND="remove", POSTURE_POSE__PROVIDERS='["cpu"]')
    assert done.returncode == 0, done.stderr
    shown = decoded(out)
    assert len(shown) == FRAMES
    assert shown != list(range(FRAMES)), "nobody is in the picture, so all of it is background"
    assert [entry["purpose"] for entry in entries("clip.exported")] == ["medical"]
    assert entries("redacted.exported")[0]["bytes"] == out.stat().st_size
    assert posture(*command, words=WORDS).returncode == 73
    refused = posture(*command[:4], tmp_path / "clip.avi", *command[5:], words=WORDS)
    assert (refused.returncode, ".mp4" in refused.stderr) == (2, True)


def test_a_recording_that_cannot_be_read_leaves_no_copy(recording, tmp_path):
    out = tmp_path / "clip.mp4"
    data = bytearray(recording.read_bytes())
    data[-1000:] = bytes(1000)
    data[2000:3000] = bytes(1000)
    recording.write_bytes(data)
    for more in ((), ("--redact",)):
        done = posture("recordings", "export", recording, "-o", out, "--reason", "legal", "--yes", *more, words=WORDS)
        assert done.returncode in (65, 77), done.stderr
        assert not out.exists()
