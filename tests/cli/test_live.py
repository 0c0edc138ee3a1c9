"""`posture live`: the real program as a process of its own, on files that are played as a camera."""

import json
import os
import signal
import subprocess
import sys

import pytest

from posture.live.lines import SCHEMA
from posture.sources.clipwriter import write_clip
from posture.sources.demo import DemoSource

COMMAND = [sys.executable, "-c", "from posture.cli import main; main()"]


def posture(*arguments, **environment):
    everything = {**os.environ, **environment}
    wanted = {name: value for name, value in everything.items() if value is not None}
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False, env=wanted
    )
    assert "Traceback" not in done.stderr
    return done


def lines_of(text):
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["schema"] for line in lines} == {SCHEMA}
    return lines


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Seven seconds of which the first four are upright."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    write_clip(path, DemoSource(320, 240, 30.0, 4.0))
    return path


def test_a_file_is_watched_to_its_end(clip, data_folder):
    done = posture("live", "--no-window", "--source", clip)
    assert done.returncode == 0, done.stderr
    lines = lines_of(done.stdout)
    kinds = [line["kind"] for line in lines]
    assert kinds[0] == "started"
    assert kinds[-1] == "ended"
    assert {"camera", "calibration", "state", "heartbeat"} <= set(kinds)
    assert lines[-1]["exit"] == 0
    assert "sit well and still" in done.stderr
    kept = sorted(path.name for path in data_folder.iterdir())
    assert kept == ["audit", "audit.lock"], "nothing of the person is on the disk"
    events = [entry["ev"] for entry in json.loads(posture("audit", "show", "--json").stdout)["entries"]]
    assert events[-4:] == ["program.started", "camera.opened", "camera.closed", "program.ended"]


def test_it_ends_after_its_duration():
    done = posture("live", "--no-window", "--source", "demo", "--duration", "2")
    assert done.returncode == 0, done.stderr
    assert lines_of(done.stdout)[-1]["kind"] == "ended"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_signals_end_it_cleanly(number, code):
    command = [*COMMAND, "live", "--no-window", "--source", "demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        seen = []
        for line in child.stdout:
            seen.append(line)
            if json.loads(line)["kind"] == "calibration":
                break
        child.send_signal(number)
        rest, words = child.communicate(timeout=60)
    assert child.returncode == code, words
    assert "Traceback" not in words
    assert lines_of("".join(seen) + rest)[-1]["exit"] == code


def test_a_profile_that_was_not_remembered_is_an_error_that_says_so():
    done = posture("live", "--no-window", "--source", "demo", "--profile", "office")
    assert done.returncode == 2
    assert "'office'" in done.stderr
    assert done.stdout == ""


def test_no_camera_is_waited_for(tmp_path):
    done = posture("live", "--no-window", "--source", "no such camera", "--duration", "1")
    assert done.returncode == 0
    states = [line["state"] for line in lines_of(done.stdout) if line["kind"] == "camera"]
    assert "none" in states
    assert "camera" in done.stderr


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
def test_without_a_display_the_window_is_a_clear_error_and_the_bare_command_prints_help():
    none = {"DISPLAY": None, "WAYLAND_DISPLAY": None, "QT_QPA_PLATFORM": None}
    refused = posture("live", **none)
    assert refused.returncode == 1
    assert "--no-window" in refused.stderr
    bare = posture(**none)
    assert bare.returncode == 2
    assert "Usage" in bare.stdout


def test_the_cameras_are_listed_as_json():
    done = posture("live", "--list-cameras")
    tree = json.loads(done.stdout)
    assert tree["schema"] == "posture.cameras/1"
    assert done.returncode == (0 if tree["cameras"] else 69)
