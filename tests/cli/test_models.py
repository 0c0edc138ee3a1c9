"""`posture models` as a user runs it, with a copy of the program in which one byte of a model is another one."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHANGED = "pose_landmark_lite.onnx"


def posture(*arguments, root=ROOT):
    done = subprocess.run(
        [sys.executable, "-P", "-c", "from posture.cli import main; main()", "models", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The program beside models of its own; all but the one that is changed are links."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "posture", root / "posture", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "models").mkdir()
    for file in (ROOT / "models").iterdir():
        (root / "models" / file.name).symlink_to(file)
    data = bytearray((ROOT / "models" / CHANGED).read_bytes())
    data[len(data) // 2] ^= 1
    (root / "models" / CHANGED).unlink()
    (root / "models" / CHANGED).write_bytes(data)
    return root


def test_the_list_is_true():
    done = posture("list", "--json")
    tree = json.loads(done.stdout)
    assert (done.returncode, tree["schema"]) == (0, "posture.models/1")
    for model in tree["models"]:
        file = ROOT / "models" / model["file"]
        if file.exists() or not model["optional"]:
            assert hashlib.sha256(file.read_bytes()).hexdigest() == model["sha256"]
            assert file.stat().st_size == model["bytes"]


def test_the_list_for_a_person_names_every_model():
    names = [model["name"] for model in json.loads(posture("list", "--json").stdout)["models"]]
    words = posture("list").stdout
    assert "--model movenet" in words
    assert 'detector = "nanodet"' in words
    assert len(names) >= 10
    assert all(name in words for name in names)


def test_sound_models_are_verified():
    done = posture("verify", "--json")
    states = {model["name"]: model["state"] for model in json.loads(done.stdout)["models"]}
    assert done.returncode == 0
    assert states["pose_landmark_lite"] == states["pose_landmark_full"] == "verified"
    assert set(states.values()) <= {"verified", "missing"}


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_one_changed_bit_is_found_and_named(copy):
    done = posture("verify", "--json", root=copy)
    models = {model["name"]: model for model in json.loads(done.stdout)["models"]}
    assert done.returncode == 65
    assert [name for name, model in models.items() if model["state"] == "failed"] == ["pose_landmark_lite"]
    found = hashlib.sha256((copy / "models" / CHANGED).read_bytes()).hexdigest()
    assert found in models["pose_landmark_lite"]["message"]
    assert "FAILED" in posture("verify", root=copy).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_a_changed_model_is_not_run(copy, tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-c", "from posture.cli import main; main()", "demo", "-o", tmp_path],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(copy), "POSTURE_POSE__MODEL": "lite"},
    )  # fmt: skip
    assert done.returncode == 65
    assert "restore the file" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_proposed_entry_is_toml_that_can_be_signed(tmp_path):
    """BlazePose's landmark model is recognised, as TOML and as JSON; what it cannot know stands in comments."""
    file = ROOT / "models" / "pose_landmark_lite.onnx"
    done = posture("inspect", file)
    entry = tomllib.loads(done.stdout)
    assert (done.returncode, entry["head"], entry["input"]["dtype"]) == (0, "blazepose", "uint8")
    tree = json.loads(posture("inspect", file, "--json").stdout)
    assert tree["use"] == entry
    assert tree["model"]["inputs"][0]["shape"] == [1, 256, 256, 3]


@pytest.mark.parametrize(
    ("name", "words"),
    [("selfie_segmentation.onnx", "no head reads such outputs: mask"), ("README.md", "README.md: ")],
)
def test_a_file_that_no_head_reads_gets_no_entry(name, words):
    done = posture("inspect", ROOT / "models" / name)
    assert done.returncode == 65
    assert words in done.stderr
    assert done.stdout == ""
