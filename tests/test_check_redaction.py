"""The labelled faces are covered, and the measurement can fail."""

import json
import subprocess
import sys
from pathlib import Path

import cv2

import posture.sources.demo as demo

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ("images/image", "take09_n01", "coco_val2017_000000000785", "classroom_5_seated.gif")


def run(*arguments):
    command = [sys.executable, str(ROOT / "tools" / "check_redaction.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)


def labels_of_the_portrait(folder):
    cv2.imwrite(str(folder / "portrait.png"), cv2.imread(str(demo.PORTRAIT)))
    face = {"box": [172, 58, 108, 122], "kind": "frontal"}
    nobody = {"box": [380, 20, 60, 60], "kind": "profile"}
    for name, faces in (("one.json", [face]), ("wrong.json", [face, nobody])):
        entry = {"file": "portrait.png", "frame": 0, "width": 512, "height": 512, "faces": faces}
        (folder / name).write_text(json.dumps([entry]), encoding="utf-8")


def test_a_covered_face_a_missed_one_and_the_control(tmp_path):
    labels_of_the_portrait(tmp_path)
    covered = run("--media", tmp_path, "--labels", tmp_path / "one.json", "-o", tmp_path / "sheets")
    assert covered.returncode == 0, covered.stdout + covered.stderr
    assert "frontal   1 of 1 covered, 100.0%" in covered.stdout
    assert (tmp_path / "sheets" / "sheet_00.png").is_file()
    missed = run("--media", tmp_path, "--labels", tmp_path / "wrong.json")
    assert missed.returncode == 1
    assert "missed: profile  portrait.png frame 0 box [380, 20, 60, 60] 0% changed" in missed.stdout
    control = run("--media", tmp_path, "--labels", tmp_path / "one.json", "--control")
    assert control.returncode == 0
    assert "frontal   0 of 1 covered, 0.0%" in control.stdout


def test_labelled_faces_are_covered(media):
    for part in SAMPLE:
        done = run("--media", media, "--only", part)
        assert done.returncode == 0, done.stdout + done.stderr
        assert " covered, 100.0%" in done.stdout
