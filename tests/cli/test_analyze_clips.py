"""Recordings of the vault through `posture analyze`, from a real recorder to a report."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec
import pytest
from recorded import Bench, with_

from posture.analysis import Analysis
from posture.config import Settings
from posture.data import Observation, Subject
from posture.ergonomics.iso11226 import assess
from posture.ergonomics.measure import measure
from posture.live.painting import painter
from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator
from posture.pose.settings import PoseSettings
from posture.sinks.recorder_settings import RecorderSettings
from posture.sources.clip import ClipSource
from posture.sources.demo import DemoSource
from posture.vault.clip import input_key
from posture.vault.keyfile import Cost
from posture.vault.store import Vault

POSTURE = [sys.executable, "-c", "from posture.cli import main; main()"]
PASSPHRASE = "correct horse"
LENGTH_S, RATE = 4, 5


@pytest.fixture(scope="module")
def seen():
    """Frames of the demo and what is seen in them."""
    estimator = Estimator(Catalogue.load(), PoseSettings(model="lite"))
    source = DemoSource(320, 240, RATE, LENGTH_S)
    found = []
    for frame in source:
        poses, others = estimator(frame)
        people = [(pose, measure(pose, frame.width, frame.height)) for pose in poses]
        subjects = tuple(Subject(pose, measured, assess(measured)) for pose, measured in people)
        found.append((frame, Observation(frame.index, frame.time_s, subjects, others)))
    source.close()
    estimator.close()
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory, seen):
    """A folder with a vault, and recordings of the demo: figures alone, and the full picture."""
    folder = tmp_path_factory.mktemp("made")
    vault = Vault(folder / "vault", cost=Cost(memory_kib=64, iterations=1, lanes=1))
    vault.create(PASSPHRASE, date(2026, 11, 28)).close()
    for content in ("skeleton", "full"):
        settings = with_(RecorderSettings(), content=content, rate=RATE)
        bench = Bench(
            folder / content, settings=settings, recipients=vault.recipients,
            painter=lambda wanted: painter(wanted, PoseSettings()),
        )  # fmt: skip
        bench.recorder.begin()
        for frame, observation in seen:
            bench.now_s = 100.0 + frame.time_s
            bench.recorder.push(frame, bench.now_s, observation)
            bench.settle()
        bench.close()
        (clip,) = bench.files()
        shutil.move(clip, folder / f"{content}.pclip")
    return folder


@pytest.fixture
def recordings(made, data_folder, tmp_path):
    """The recordings, with their vault as that of the user."""
    shutil.copytree(made / "vault", data_folder / "vault")
    return {clip.stem: shutil.copy(clip, tmp_path / clip.name) for clip in made.glob("*.pclip")}


@pytest.fixture
def key(made):
    with Vault(made / "vault").unlock(PASSPHRASE) as unlocked:

        def of(path):
            with Path(path).open("rb") as file:
                return input_key(file, unlocked.secrets)

        yield of


def analyze(*arguments, stdin="", **environment):
    return subprocess.run(
        [*POSTURE, "analyze", *map(str, arguments)],
        input=stdin, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, **environment},
    )  # fmt: skip


def report(folder, name):
    return json.loads((folder / f"{name}.json").read_text())


def test_figures_alone_are_analysed_by_the_poses_that_came_along(recordings, tmp_path, seen):
    out = tmp_path / "out"
    done = analyze(recordings["skeleton"], "-o", out, "--format", "json", stdin=PASSPHRASE + "\n")
    assert done.returncode == 0, done.stderr
    told = report(out, "skeleton")
    assert told["engine"]["model"] == "the poses that were recorded with it"
    assert told["quality"]["frames_analysed"] == told["quality"]["frames_with_person"] == len(seen)
    assert told["source"]["damage"] == ""
    assert [file.name for file in out.iterdir()] == ["skeleton.json"]


def test_the_full_picture_can_be_estimated_anew(recordings, tmp_path, seen):
    out = tmp_path / "out"
    arguments = ("--estimate", "--model", "lite", "--format", "json", "-o", out)
    done = analyze(recordings["full"], *arguments, stdin=PASSPHRASE + "\n")
    assert done.returncode == 0, done.stderr
    told = report(out, "full")
    assert "lite" in told["engine"]["model"]
    assert told["quality"]["frames_with_person"] == len(seen)


def test_the_key_of_one_recording_is_all_that_the_decoding_process_gets(made, key, tmp_path):
    path = made / "full.pclip"
    settings = msgspec.structs.replace(Settings(), output=msgspec.structs.replace(Settings().output, formats=("json",)))
    Analysis(path, settings, key=key(path)).run(tmp_path / "report", lambda *_: None)
    assert report(tmp_path, "report")["quality"]["frames_analysed"] > 0
    with pytest.raises(Exception, match="altered or cut"):
        Analysis(path, settings, key=key(made / "skeleton.pclip")).run(tmp_path / "other", lambda *_: None)
    assert not (tmp_path / "other.json").exists()


def test_a_recording_that_was_cut_is_analysed_to_its_last_whole_second(recordings, tmp_path):
    path = Path(recordings["full"])
    path.write_bytes(path.read_bytes()[: -path.stat().st_size // 4])
    out = tmp_path / "out"
    done = analyze(path, "-o", out, "--format", "json,html", stdin=PASSPHRASE + "\n")
    assert done.returncode == 0, done.stderr
    told = report(out, "full")
    assert "cut or altered" in told["source"]["damage"]
    assert "cut or altered" in done.stdout
    assert "cut or altered" in (out / "full.html").read_text()
    assert 0 < told["quality"]["frames_analysed"] < LENGTH_S * RATE
    assert told["quality"]["frames_analysed"] % RATE == 0


def test_a_wrong_passphrase_leaves_nothing_behind(recordings, tmp_path):
    out = tmp_path / "out"
    done = analyze(recordings["full"], "-o", out, stdin="another one\n")
    assert done.returncode == 77
    assert "passphrase is wrong" in done.stderr
    assert not out.exists()


def test_a_folder_gives_its_recordings_where_the_vault_opens(recordings, made, tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    shutil.move(recordings["skeleton"], folder / "a.pclip")
    (folder / "b.pclip").write_bytes(b"no recording")
    done = analyze(folder, "-o", tmp_path / "out")
    assert done.returncode == 77
    assert "the vault is locked" in done.stderr
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE)
    done = analyze(folder, "-o", tmp_path / "out", "--format", "json", POSTURE_PASSPHRASE_FILE=str(secret))
    assert done.returncode == 3, "one of them is none"
    assert report(tmp_path / "out", "a")["quality"]["frames_analysed"] > 0


def test_a_recording_is_a_source_with_its_track(made, key, seen):
    path = made / "skeleton.pclip"
    source = ClipSource(path, key(path))
    looks = list(source.looks())
    frames = list(source)
    source.close()
    source.close()
    assert [frame.index for frame in frames] == [look.index for look in looks] == list(range(len(seen)))
    assert [frame.time_s for frame in frames] == pytest.approx([look.time_s for look in looks], abs=1e-4)
    for look, (_, observation) in zip(looks, seen, strict=True):
        assert look.people[0].pose.points_px == pytest.approx(observation.people[0].pose.points_px, rel=1e-5)


def test_a_part_of_a_recording(made, key):
    path = made / "full.pclip"
    source = ClipSource(path, key(path), start_s=1.5, end_s=2.5)
    times = [frame.time_s for frame in source]
    source.close()
    assert times == pytest.approx([1.6, 1.8, 2.0, 2.2, 2.4], abs=1e-3)
