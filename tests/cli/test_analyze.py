"""`posture analyze` and `posture demo` as a user runs them: real processes, real files, exit codes."""

import csv
import io
import json
import os
import platform
import re
import signal
import subprocess
import sys

import pypdf
import pytest

from posture.sources.clipwriter import write_clip
from posture.sources.demo import DemoSource

POSTURE = [sys.executable, "-c", "from posture.cli import main; main()"]


def posture(*arguments, environment=None, cwd=None):
    done = subprocess.run(
        [*POSTURE, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "Ada L. left knee.mp4"
    write_clip(path, DemoSource(320, 240, 30.0, 6.0))
    return path


@pytest.fixture(scope="module")
def report(clip, tmp_path_factory):
    """Folder with every format of the clip."""
    folder = tmp_path_factory.mktemp("report")
    done = posture("analyze", clip, "-o", folder, "--format", "all", "--model", "lite")
    assert done.returncode == 0, done.stderr
    return folder


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_every_format_is_there_and_nothing_else(clip, report):
    assert names(report) == sorted(f"{clip.stem}.{suffix}" for suffix in ("html", "json", "csv", "pdf", "xlsx"))


def test_the_report_says_what_was_analysed(clip, report):
    tree = json.loads((report / f"{clip.stem}.json").read_text())
    assert tree["schema"] == "posture.report/1"
    assert tree["quality"]["frames_decoded"] == 180
    assert tree["quality"]["frames_analysed"] == 60
    assert tree["quality"]["frames_with_person"] == 60
    rows = list(csv.DictReader((report / f"{clip.stem}.csv").read_text().splitlines()))
    assert len(rows) == 60


def test_no_output_names_the_file_the_machine_or_the_user(clip, report):
    words = [clip.stem, str(clip.parent), os.path.expanduser("~"), platform.node()]
    words = [word for word in words if len(word) > 4]  # a host called "vm" stands in every compressed file
    for path in report.iterdir():
        content = path.read_bytes()
        if path.suffix == ".pdf":
            content = whole_pdf(content)
            assert b"Posture report" in content
        for word in words:
            assert word.encode() not in content, (path.suffix, word)


def whole_pdf(content):
    """Text and every object of a PDF, decompressed, so that nothing hides in a compressed stream."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    objects = [reader.get_object(number) for number in range(1, reader.trailer["/Size"])]
    streams = [o.get_data() for o in objects if isinstance(o, pypdf.generic.StreamObject)]
    texts = [page.extract_text() for page in reader.pages] + [repr(o) for o in objects]
    return b"\n".join([*streams, *(text.encode() for text in texts)])


def test_the_same_input_gives_the_same_bytes(clip, report, tmp_path):
    environment = {"PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    copy = tmp_path / "renamed.mp4"
    copy.write_bytes(clip.read_bytes())
    done = posture(
        "analyze", copy, "-o", tmp_path / "out", "--format", "all", "--model", "lite", environment=environment
    )
    assert done.returncode == 0
    for suffix in ("html", "json", "csv", "pdf"):
        assert (tmp_path / "out" / f"renamed.{suffix}").read_bytes() == (report / f"{clip.stem}.{suffix}").read_bytes()


def test_leaving_out_frames_changes_no_row(clip, report, tmp_path):
    done = posture("analyze", clip, "-o", tmp_path, "--format", "csv", "--model", "lite",
                   environment={"POSTURE_ANALYSIS__DECODE": "all"})  # fmt: skip
    assert done.returncode == 0
    assert (tmp_path / f"{clip.stem}.csv").read_bytes() == (report / f"{clip.stem}.csv").read_bytes()


def test_a_report_that_is_there_is_kept_unless_asked(clip, report, tmp_path):
    before = {p.name: p.read_bytes() for p in report.iterdir()}
    refused = posture("analyze", clip, "-o", report, "--format", "json")
    assert refused.returncode == 73
    assert "--overwrite" in refused.stderr
    assert {p.name: p.read_bytes() for p in report.iterdir()} == before


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (lambda p: None, 66, "no such file"),
        (lambda p: p.write_bytes(b""), 65, "empty"),
        (lambda p: p.write_bytes(b"just text, a lot of it" * 99), 65, "not a readable video"),
    ],
)
def test_a_bad_file_has_an_exit_code_and_one_clear_line(tmp_path, make, code, words):
    path = tmp_path / "bad.mp4"
    make(path)
    done = posture("analyze", path, "-o", tmp_path / "out")
    assert done.returncode == code
    assert words in done.stderr
    assert "bad.mp4" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_goes_on_after_a_bad_file_and_ends_with_a_table(clip, tmp_path):
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "a_bad.mp4").write_bytes(b"no video")
    (folder / "sub" / "good.mp4").write_bytes(clip.read_bytes())
    done = posture("analyze", folder, "-o", tmp_path / "out", "--to", "1", "--format", "json", "--model", "lite")
    assert done.returncode == 3
    assert "2 files, 1 failed" in done.stdout
    assert names(tmp_path / "out") == ["sub"]
    assert names(tmp_path / "out" / "sub") == ["good.json"]


def test_json_is_one_document_and_nothing_else(clip, tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    done = posture(
        "analyze", tmp_path / "bad.mp4", clip, "-o", tmp_path / "out", "--json", "--to", "1", "--format", "json"
    )
    tree = json.loads(done.stdout)
    assert tree["schema"] == "posture.analyze/1"
    bad, good = tree["files"]
    assert (bad["exit"], bad["error"]) == (65, "VideoUnreadable")
    assert good["report"]["quality"]["frames_analysed"] == 10


def test_a_part_of_the_video(clip, tmp_path):
    done = posture(
        "analyze", clip, "-o", tmp_path, "--from", "0:02", "--to", "0:03.5", "--format", "csv", "--model", "lite"
    )
    assert done.returncode == 0
    times = [float(row["time_s"]) for row in csv.DictReader((tmp_path / f"{clip.stem}.csv").read_text().splitlines())]
    assert times[0] == pytest.approx(2.0, abs=0.04)
    assert times[-1] == pytest.approx(3.4, abs=0.04)


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no Unicode")
@pytest.mark.parametrize("raw", [b"junk\xff.mp4", b"junk\x1b[31m.mp4"])
def test_a_name_that_cannot_be_printed_is_printed_safely(tmp_path, raw):
    path = os.fsencode(tmp_path) + b"/" + raw
    with open(path, "wb") as file:
        file.write(b"no video" * 100)
    done = posture("analyze", os.fsdecode(path), "-o", tmp_path / "out")
    assert done.returncode == 65
    assert "not a readable video" in done.stderr
    assert "\x1b" not in done.stderr


def test_an_output_that_cannot_be_written_is_said_before_the_work(clip, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    done = posture("analyze", clip, "-o", tmp_path / "file", "--progress", "json")
    assert done.returncode == 73
    assert "cannot write" in done.stderr
    assert '"frames"' not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", ""], "output.formats"),
        (["--model", "huge"], "pose.model"),
        (["--rate", "fast"], "--rate"),
        (["--rate", "-1"], "analysis.rate"),
        (["--people", "0"], "pose.people"),
        (["--format", "doc"], "output.formats"),
        (["--from", "5", "--to", "3"], "--to"),
        (["--from", "soon"], "--from"),
        (["--provider", "tpu"], "pose.providers"),
        (["--level", "1,2,1,2"], "--level"),
        (["--level", "1,2,3,4", "--camera-roll", "2"], "--camera-roll"),
        (["--keypoints", "--format", "html,json"], "--keypoints"),
        (["--key-frames", "picture", "--format", "csv"], "--key-frames"),
    ],
)
def test_a_wrong_option_is_named(clip, tmp_path, arguments, words):
    done = posture("analyze", clip, "-o", tmp_path, *arguments)
    assert done.returncode == 2
    assert words in re.sub(r"\s+", " ", done.stderr)


def test_the_camera_tilt_is_calibrated_from_a_level_line(clip, tmp_path):
    done = posture(
        "analyze", clip, "-o", tmp_path, "--to", "0.5", "--level", "0,100,100,90", "--json", "--format", "json"
    )
    assumption = json.loads(done.stdout)["files"][0]["report"]["assumptions"][0]
    assert "clockwise by 5.7" in assumption


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_ends_with_what_was_done_so_far(tmp_path):
    path = tmp_path / "long.mp4"
    write_clip(path, DemoSource(320, 240, 30.0, 60.0))
    (tmp_path / "next.mp4").write_bytes(path.read_bytes())
    how = ["--rate", "all", "--format", "json", "--progress", "json"]
    arguments = ["analyze", path, tmp_path / "next.mp4", "-o", tmp_path / "out", *how]
    child = subprocess.Popen(
        [*POSTURE, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in child.stderr:
        if '"frames"' in line:
            break
    child.send_signal(signal.SIGINT)
    _, words = child.communicate(timeout=60)
    assert child.returncode == 130, words
    assert names(tmp_path / "out") == ["long.json"]
    tree = json.loads((tmp_path / "out" / "long.json").read_text())
    assert tree["source"]["stopped_early"]
    assert 0 < tree["quality"]["frames_analysed"] < 1800


def test_the_demo_finds_its_person_and_says_that_it_is_a_demo(tmp_path):
    done = posture("demo", "-o", tmp_path, "--json")
    tree = json.loads(done.stdout)["files"][0]
    assert done.returncode == 0
    assert names(tmp_path) == ["report.csv", "report.html", "report.json"]
    assert tree["report"]["source"]["kind"] == "demo"
    assert tree["report"]["quality"]["frames_with_person"] == tree["report"]["quality"]["frames_analysed"] == 240
    assert "demo" in (tmp_path / "report.html").read_text().lower()
