"""The benchmark on tiny clips: that it measures, refuses what it cannot measure, and prints one document."""

import importlib
import io
import json
import os
import select
import subprocess
import sys

import pytest
from rich.console import Console

from posture.bench import runs
from posture.bench.clips import repeat
from posture.bench.measured import Measured
from posture.bench.runs import Comparison
from posture.errors import SourceError
from posture.sources.clipwriter import write_clip
from posture.sources.demo import DemoSource

verb = importlib.import_module("posture.cli.bench")  # the package has the function of that name

POSTURE = [sys.executable, "-c", "from posture.cli import main; main()"]


def bench(*arguments):
    command = [*POSTURE, "bench", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Four seconds, 480 frames of pose at most in the 0.5 s of one batch; the name lies about the size."""
    path = tmp_path_factory.mktemp("clips") / "not_4k_2160.mp4"
    write_clip(path, DemoSource(320, 240, 25.0, 4.0))
    return path


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "short.mp4"
    write_clip(path, DemoSource(320, 240, 25.0, 0.16))
    return path


def measured(**changes):
    values = {"frames": 100, "wall_s": 2.0, "cpu_s": 1.0, "start_s": 0.5, "peak_memory_mib": 140.0, "poses": 100}
    return Measured(**(values | changes))


def test_rates_are_divisions():
    assert (measured().fps, measured().cpu_ms) == (50, 10)


@pytest.mark.parametrize(
    ("width", "height", "goals"),
    [
        (1920, 1080, [1.15, 2.0, 0.7]),
        (1080, 1920, [1.15, 2.0, 0.7]),
        (2560, 1440, [1.15, 2.0, 0.7]),
        (3840, 2160, [1.05, 1.6, 0.7]),
    ],
)
def test_the_goals_follow_the_real_size(clip, width, height, goals):
    info = runs.probe(clip)
    info = type(info)(kind="video", width=width, height=height, frame_rate=30.0, duration_s=1.0)
    peer = measured(wall_s=5.0, peak_memory_mib=200.0)
    comparison = Comparison("any.mp4", info, {"ours": (measured(),), "floor": (measured(cpu_s=0.8),), "peer": (peer,)})
    found = list(runs.ratios(comparison))
    assert [round(value, 6) for _, value, _ in found] == [1.25, 2.5, 0.7]
    assert [goal for _, _, goal in found] == goals


def test_json_is_one_document_and_nothing_else(clip):
    done = bench(clip, "--json", "--rounds", 1, "--frames", 20)
    assert done.returncode == 0, done.stderr
    tree = json.loads(done.stdout)
    (comparison,) = tree["comparisons"]
    ours, floor = comparison["runs"]["ours"][0], comparison["runs"]["floor"][0]
    assert tree["schema"] == "posture.bench/1"
    assert floor["frames"] == 15  # 20 without the warm-up of 5
    assert 0 < ours["frames"] < 100
    assert ours["poses"] == 100
    ratio = (ours["cpu_s"] / ours["frames"]) / (floor["cpu_s"] / floor["frames"])
    assert comparison["ratios"]["CPU time a frame / floor"] == pytest.approx(ratio)
    assert comparison["goals"]["CPU time a frame / floor"] == 1.15


def test_streams_name_the_clip_as_it_is_and_give_the_answer(tmp_path):
    clip = tmp_path / "not_4k_2160.mp4"
    write_clip(clip, DemoSource(320, 240, 25.0, 40.0))  # a fast computer decodes what is not looked at in no time
    done = bench(clip, "--streams", 1)
    assert done.returncode == 0, done.stderr
    assert "1 streams of 320×240 at 25 frames/s" in done.stdout
    assert "this machine holds" in done.stdout
    assert "goal: 4" in done.stdout


@pytest.mark.parametrize("runner", ["ours", "floor", "decode"])
def test_too_few_frames_are_said_clearly(short, runner):
    arguments = {"ours": ("all", "1", "all"), "floor": ("20",), "decode": ()}[runner]
    with pytest.raises(SourceError, match=r"short\.mp4: too short to measure"):
        runs.run(runs._module(runner, str(short), *arguments), short)


def test_every_frame_is_decoded_for_streams():
    assert runs._ours("clip.mp4", "10", decode="all")[-1] == "all"


def test_one_that_fails_ends_the_others(clip, monkeypatch):
    started = []
    real = runs._start

    def start(command):
        code = "raise SystemExit('broken')" if not started else "import time; time.sleep(60)"
        started.append(real([sys.executable, "-c", code]))
        return started[-1]

    monkeypatch.setattr(runs, "_start", start)
    with pytest.raises(SourceError, match="broken"):
        runs.streams(clip, 3)
    assert [child.poll() is not None for child in started] == [True, True, True]


def test_an_analysis_with_its_reports_is_measured_whole(clip):
    found = runs.analyse(clip)
    assert (found.frames, found.poses) == (100, 40)  # at the default 10 Hz
    assert found.report_bytes > 40 * 33 * 4 * 4  # at least the digits of the keypoints
    assert found.wall_s > found.start_s > 0


def test_a_clip_is_repeated_packet_by_packet(clip, tmp_path):
    repeat(clip, tmp_path / "long.mp4", seconds=10)
    assert runs.probe(tmp_path / "long.mp4").duration_s == pytest.approx(12, abs=0.1)  # three whole times 4 s


def test_the_hour_says_its_goals_and_includes_the_reports(clip, tmp_path, monkeypatch):
    """The same verb with a minute of four seconds and an hour of eight."""
    monkeypatch.setattr(verb, "MINUTE_S", 4.0)
    monkeypatch.setattr(verb, "HOUR_S", 8.0)
    screen = Console(file=io.StringIO(), width=200)
    tree = verb._hour(clip, tmp_path, screen)
    words = screen.file.getvalue()
    assert "one hour of 320×240 at 25 frames/s" in words
    assert "(goal 10)" in words
    assert (tree["hour"]["minute"]["frames"], tree["hour"]["hour"]["frames"]) == (100, 200)
    assert tree["hour"]["hour"]["report_bytes"] > tree["hour"]["minute"]["report_bytes"] > 10_000
    assert tree["goals"] == {"hour_s": 600.0, "growth_mib": 50.0}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--streams", "2", "a.mp4", "b.mp4"], "one clip"), (["--hour", "a.mp4", "b.mp4"], "one clip"),
     (["--hour", "--streams", "2"], "choose one")],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(arguments, words):
    done = bench(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in " ".join(done.stderr.split())


def test_a_file_that_is_no_video_is_one_clear_line(tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"text" * 99)
    done = bench(tmp_path / "bad.mp4")
    assert done.returncode == 65
    assert "bad.mp4" in done.stderr


PARENT = """
import subprocess, sys
code = "from posture.bench import measured; measured.Stopwatch(); print(flush=True); input()"
child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
input()
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process that is not its child: Linux")
def test_a_runner_ends_when_its_parent_is_killed():
    """Its stdin stays open, as a terminal does."""
    reader, writer = os.pipe()
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=reader, stdout=subprocess.PIPE) as parent:
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    ended, _, _ = select.select([child], [], [], 20)
    for descriptor in (child, reader, writer):
        os.close(descriptor)
    assert ended
