"""`posture merge` on a recording and a second view made of it: its offset, and what it says of wrong ones."""

import json
import signal
import sys

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from posture.cli import app, exits

LATE_S, FRAME_S = 2.4, 1 / 5


@pytest.fixture(autouse=True)
def _lite(monkeypatch):
    monkeypatch.setenv("POSTURE_POSE__MODEL", "lite")


def merge(*arguments):
    return CliRunner().invoke(app, ["merge", *map(str, arguments)])


def refused(done):
    """The exit code that the program would end with, and what it would say."""
    assert done.exception is not None, done.output
    return exits.exit_code(done.exception), " ".join(str(done.exception).split())


def second_view(source, path, start_s, *, mirrored):
    """Another camera that began later: a part of the picture, flipped or not. Writes `path`."""
    with av.open(str(source)) as there, av.open(str(path), "w") as here:
        rate = there.streams.video[0].average_rate
        stream = None
        for frame in there.decode(video=0):
            if frame.time < start_s:
                continue
            picture = frame.to_ndarray(format="rgb24")[:1200, 60:700]
            picture = np.ascontiguousarray(picture[:, ::-1] if mirrored else picture)
            if stream is None:
                stream = here.add_stream("libx264", rate=rate)
                stream.height, stream.width, stream.pix_fmt = *picture.shape[:2], "yuv420p"
            here.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        here.mux(stream.encode())


@pytest.fixture(scope="module")
def squats(media):
    return media / "videos" / "front_squats_portrait_5fps.mp4"


@pytest.fixture(scope="module")
def cropped(squats, tmp_path_factory):
    path = tmp_path_factory.mktemp("views") / "second.mp4"
    second_view(squats, path, LATE_S, mirrored=False)
    return path


def test_the_offset_of_a_second_view_is_found_within_a_frame(squats, cropped, tmp_path):
    done = merge(squats, cropped, "-o", tmp_path, "--format", "html,json", "--language", "de", "--json")
    assert done.exit_code == 0, done.output
    both = json.loads(done.stdout)["report"]["two_views"]
    assert both["proposed"]
    assert both["offset_s"] == pytest.approx(-LATE_S, abs=FRAME_S)
    assert both["paired_s"] > 9
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{squats.stem}+second.{kind}" for kind in ("html", "json")
    ]
    assert "Zwei Ansichten" in (tmp_path / f"{squats.stem}+second.html").read_text("utf-8")


def test_a_mirrored_view_needs_the_offset_and_then_merges(squats, tmp_path):
    """Squats one after the other look alike, so that another place fits nearly as well: nobody guesses."""
    mirrored = tmp_path / "mirrored.mp4"
    second_view(squats, mirrored, LATE_S, mirrored=True)
    done = merge(squats, mirrored, "-o", tmp_path / "out", "--format", "json")
    code, words = refused(done)
    assert code == exits.USAGE
    assert "give --offset SECONDS" in words
    assert not (tmp_path / "out").exists()
    done = merge(squats, mirrored, "-o", tmp_path / "out", "--format", "json", "--offset", -LATE_S)
    assert done.exit_code == 0, done.output
    (report,) = (tmp_path / "out").iterdir()
    both = json.loads(report.read_bytes())["two_views"]
    assert (both["offset_s"], both["proposed"]) == (-LATE_S, False)


def test_a_wrong_offset_is_told_and_one_without_overlap_refused(squats, cropped, tmp_path):
    done = merge(squats, cropped, "-o", tmp_path, "--format", "json", "--offset", "3")
    assert done.exit_code == 0, done.output
    assert "not at the 3 s that was given: check --offset" in " ".join(done.output.split())
    code, words = refused(merge(squats, cropped, "-o", tmp_path / "none", "--format", "json", "--offset", "60"))
    assert code == exits.USAGE
    assert "SECOND from -60.0 to -49" in words
    assert not (tmp_path / "none").exists()


def test_what_is_there_stays_and_bad_input_is_named(squats, cropped, tmp_path):
    report = tmp_path / f"{squats.stem}+second.json"
    report.write_text("mine")
    done = merge(squats, cropped, "-o", tmp_path, "--format", "json")
    code, words = refused(done)
    assert code == exits.CANNOT_WRITE
    assert report.name in words
    assert report.read_text() == "mine"
    for wrong, word in (((squats, tmp_path / "gone.mp4"), "gone.mp4"), ((squats, report), report.name)):
        _, words = refused(merge(*wrong, "-o", tmp_path / "out"))
        assert word in words
    assert not (tmp_path / "out").exists()


def test_a_number_that_nobody_has_is_named(squats, cropped, tmp_path):
    code, words = refused(merge(squats, cropped, "-o", tmp_path / "out", "--format", "json", "--person", "1,7"))
    assert code == exits.USAGE
    assert "nobody in SECOND has the number 7" in words


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_leaves_nothing_behind(decoding, tmp_path):
    child = decoding("merge", "VIDEO", "VIDEO", "-o", tmp_path / "out")
    child.send_signal(signal.SIGINT)
    _, words = child.communicate(timeout=60)
    assert child.returncode == exits.CANCELLED, words
    assert "Traceback" not in words
    assert not list(tmp_path.glob("out/*"))
