"""`--key-frames picture`: real reports of real files that show the moments, and reports that do not."""

import base64
import json
import os
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest

from posture.sources.clipwriter import write_clip
from posture.sources.demo import DemoSource


def posture(*arguments):
    command = [sys.executable, "-c", "from posture.cli import main; main()", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=os.environ)
    assert "Traceback" not in done.stderr
    return done


def shown(folder, stem):
    """Pictures in the HTML, times of the moments in the JSON."""
    html, tree = (folder / f"{stem}.html").read_text(), json.loads((folder / f"{stem}.json").read_text())
    found = [base64.b64decode(data) for data in re.findall(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", html)]
    return found, [moment["time_s"] for person in tree["people"] for moment in person["moments"]], html


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    write_clip(path, DemoSource(320, 240, 30.0, 12.0))
    return path


def test_of_a_range_of_a_video(clip, tmp_path):
    """The demo leans from 4 s on: what is shown from 5 s on must be a leaning person, not the first frame."""
    part = ("--from", "5", "--to", "11", "--model", "lite", "--format", "all")
    done = posture("analyze", clip, "-o", tmp_path, "--key-frames", "picture", *part)
    assert done.returncode == 0, done.stderr
    found, times, html = shown(tmp_path, "clip")
    assert len(found) == len(times) >= 1
    assert all(5 <= time_s < 11 for time_s in times)
    assert "pictures of people, faces included" in html
    source = DemoSource(320, 240)
    for jpeg, time_s in zip(found, times, strict=True):
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE).astype(float)
        errors = [np.abs(picture - source.render(t).to_ndarray(format="gray")).mean() for t in (0.0, time_s)]
        assert errors[1] < errors[0] / 2
    text = (tmp_path / "clip.json").read_text() + (tmp_path / "clip.csv").read_text()
    assert "base64" not in text
    assert "contains no picture" in text  # which is true of the JSON


def test_by_default_there_is_none(clip, tmp_path):
    assert posture("analyze", clip, "-o", tmp_path, "--to", "6", "--model", "lite").returncode == 0
    found, times, html = shown(tmp_path, "clip")
    assert (found, len(times) >= 1) == ([], True)
    assert "data:" not in html
    assert "contains no picture" in html


def test_of_a_still_picture(tmp_path):
    frame = DemoSource(320, 240).render(0.0).to_ndarray(format="bgr24")
    cv2.imwrite(str(tmp_path / "one.png"), frame)
    done = posture("analyze", tmp_path / "one.png", "-o", tmp_path, "--key-frames", "picture", "--model", "lite")
    assert done.returncode == 0, done.stderr
    found, times, _ = shown(tmp_path, "one")
    assert (len(found), times) == (1, [0.0])


def test_of_the_demo(tmp_path):
    done = posture("demo", "-o", tmp_path, "--key-frames", "picture")
    assert done.returncode == 0, done.stderr
    found, times, _ = shown(tmp_path, "report")
    assert len(found) == len(times) >= 1


def test_a_wrong_choice_is_named(clip, tmp_path):
    done = posture("analyze", clip, "-o", tmp_path, "--key-frames", "video")
    assert done.returncode == 2
    assert "output.key_frames" in done.stderr
