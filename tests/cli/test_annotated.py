"""`posture analyze --video`: the copy has faces covered, says nothing of its source, and speaks German."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing

import cv2
import numpy as np
import plain_files
import pytest

from posture.cli import exits
from posture.data import PARTS, Zone
from posture.interchange.coco import write
from posture.interchange.motion import new_motion
from posture.redaction.captions import captions
from posture.reports.language import speaking
from posture.reports.words import PARTS as PART_WORDS
from posture.skeleton import BLAZEPOSE_33
from posture.sources import open_source
from posture.sources.clipwriter import write_clip
from posture.sources.demo import DemoSource

SECRET = "Ada Planted"


def posture(*arguments):
    command = [sys.executable, "-c", "from posture.cli import main; main()", "analyze", *map(str, arguments)]
    environment = {**os.environ, "POSTURE_POSE__MODEL": "lite"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False, env=environment)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Two seconds of the demo, with a name planted in its metadata where there is ffmpeg."""
    folder = tmp_path_factory.mktemp("clips")
    plain, named = folder / "plain.mp4", folder / "clip.mp4"
    write_clip(plain, DemoSource(512, 512, 15.0, 2.0))
    if shutil.which("ffmpeg") is None:
        return plain.rename(named)
    words = ("-metadata", f"title={SECRET}", "-metadata", "location=+47.3768+008.5416/")
    subprocess.run(["ffmpeg", "-v", "error", "-i", plain, "-c", "copy", *words, named], check=True)
    assert SECRET.encode() in named.read_bytes(), "the negative control"
    return named


@pytest.fixture(scope="module")
def made(clip, tmp_path_factory):
    """The folder with what one run wrote, in German."""
    folder = tmp_path_factory.mktemp("out")
    done = posture(clip, "-o", folder, "--video", "--language", "de", "--format", "json", "--json")
    assert done.returncode == 0, done.stderr
    (file,) = json.loads(done.stdout)["files"]
    assert file["outputs"]["video"] == str(folder / "clip.annotated.mp4")
    return folder


def frames(path):
    with closing(open_source(path)) as source:
        return [frame.scaled(frame.width, frame.height) for frame in source]


def test_faces_are_covered_and_figures_drawn_in_every_frame(clip, made):
    before, after = frames(clip), frames(made / "clip.annotated.mp4")
    assert len(before) == len(after) == 30
    face = np.s_[70:150, 195:260]  # of the portrait in its own size, which stands still for these two seconds
    for one, other in zip(before, after, strict=True):
        assert np.abs(one[face].astype(int) - other[face]).mean() > 10
        assert cv2.Laplacian(other[face], cv2.CV_64F).var() < 0.3 * cv2.Laplacian(one[face], cv2.CV_64F).var()


def test_nothing_of_the_source_stands_in_it(made):
    copy = made / "clip.annotated.mp4"
    plain_files.check_file(copy)
    for word in (SECRET, "47.3768", "clip", "Lavf"):
        assert word.encode() not in copy.read_bytes()


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="needs ffprobe")
def test_ffprobe_finds_no_tags_and_no_sound(made):
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", made / "clip.annotated.mp4"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert [stream["codec_type"] for stream in found["streams"]] == ["video"]
    allowed = {"major_brand", "minor_version", "compatible_brands", "language", "handler_name", "vendor_id"}
    tags = found["format"].get("tags", {}) | found["streams"][0].get("tags", {})
    assert set(tags) <= allowed, tags


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="needs ExifTool")
def test_exiftool_finds_no_place_no_date_and_no_name(made):
    command = ["exiftool", "-j", "-G1", made / "clip.annotated.mp4"]
    (found,) = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    of_the_file = {name: value for name, value in found.items() if not name.startswith(("System:", "SourceFile"))}
    assert not [name for name in of_the_file if any(part in name for part in ("GPS", "Title", "Author", "Comment"))]
    dates = {value for name, value in of_the_file.items() if "Date" in name}
    assert dates <= {"0000:00:00 00:00:00"}


@pytest.mark.parametrize("language", ["en", "de"])
def test_captions_are_those_of_the_report_in_letters_that_can_be_drawn(language):
    words = captions(language)
    with speaking(language):
        assert [words[part] for part in PARTS] == [PART_WORDS[part] for part in PARTS]
    assert {Zone.CONDITIONAL, Zone.NOT_RECOMMENDED, "deg"} <= words.keys()
    assert "".join(words.values()).isascii()


def test_the_picture_says_it_in_german(clip, made, tmp_path):
    """The same frames with English words differ where the words are, and nearly nowhere else."""
    done = posture(clip, "-o", tmp_path, "--video", "--language", "en", "--format", "json")
    assert done.returncode == 0, done.stderr
    german, english = frames(made / "clip.annotated.mp4")[20], frames(tmp_path / "clip.annotated.mp4")[20]
    apart = np.abs(german.astype(int) - english).max(axis=2) > 60
    assert 50 < apart.sum() < 0.1 * apart.size


def test_a_copy_that_is_there_is_refused_before_anything_is_done(clip, tmp_path):
    there = tmp_path / "clip.annotated.mp4"
    there.write_bytes(b"mine")
    done = posture(clip, "-o", tmp_path, "--video", "--format", "json")
    assert done.returncode != 0
    assert there.name in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [there.name]
    assert there.read_bytes() == b"mine"


def test_keypoints_have_no_pictures_to_annotate(tmp_path):
    motion = new_motion(
        [n / 10 for n in range(30)], ["person-1"], BLAZEPOSE_33.names,
        image_px=np.full((30, 1, 33, 2), 320.0), confidence=np.full((30, 1, 33), 0.9), size_px=(640, 640),
    )  # fmt: skip
    keypoints = tmp_path / "two.coco.json"
    write(motion, keypoints)
    done = posture(keypoints, "-o", tmp_path / "out", "--video")
    assert done.returncode == exits.BAD_DATA
    assert "leave out --video" in " ".join(done.stderr.split())
    assert not list(tmp_path.glob("out/*")), "refused before anything is done"
    assert posture(keypoints, "-o", tmp_path / "out").returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, exits.CANCELLED), (signal.SIGTERM, exits.TERMINATED)])
def test_a_copy_that_is_stopped_leaves_the_report_and_no_half_copy(decoding, tmp_path, number, code):
    child = decoding("analyze", "VIDEO", "-o", tmp_path, "--video", "--to", "12", "--rate", "2", "--format", "json")
    while {path.suffix for path in tmp_path.iterdir()} != {".json", ".partial"}:
        assert child.poll() is None, child.communicate()
        os.sched_yield()
    child.send_signal(number)
    out, words = child.communicate(timeout=60)
    assert child.returncode == code, words
    assert "Traceback" not in words
    assert [path.name for path in tmp_path.iterdir()] == ["long.json"], out
    assert "no annotated copy" in " ".join(out.split()) + " ".join(words.split())
