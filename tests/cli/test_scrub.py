"""`posture scrub` as a user runs it: real processes, real files, exit codes, the report, and the audit log."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys

import dirty_files
import pytest

from posture.privacy.scrub.found import KINDS

POSTURE = [sys.executable, "-c", "from posture.cli import main; main()"]


def posture(*arguments, **options):
    done = subprocess.run(
        [*POSTURE, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False, **options
    )
    assert "Traceback" not in done.stderr
    return done


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def dirty(tmp_path_factory):
    """A folder of files that tell more than they show, in the folder of a person."""
    folder = tmp_path_factory.mktemp("dirty")
    (folder / "Ada").mkdir()
    (folder / "Ada" / "a.jpg").write_bytes(dirty_files.jpeg())
    (folder / "b.png").write_bytes(dirty_files.png())
    (folder / "c.mp4").write_bytes(dirty_files.video("mp4"))
    (folder / "d.mkv").write_bytes(dirty_files.video("matroska"))
    (folder / "broken.mp4").write_bytes(dirty_files.video("mp4")[:800])
    return folder


def test_copies_lie_beside_their_sources_which_stay_as_they_are(dirty, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(dirty, folder)
    before = {name: (folder / name).read_bytes() for name in names(folder)}
    done = posture("scrub", folder)
    assert done.returncode == 3
    assert "broken.mp4: its parts are damaged or cut" in done.stderr or "broken.mp4: its boxes are cut" in done.stderr
    copies = ["Ada/a.scrubbed.jpg", "b.scrubbed.png", "c.scrubbed.mp4", "d.scrubbed.mkv"]
    assert set(names(folder)) == {*before, *copies}
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert [dirty_files.left((folder / name).read_bytes()) for name in copies] == [set()] * 4
    for kind in ("position (XMP, EXIF)", "chapters (", "attachment (", "maker's note (EXIF)"):
        assert kind in done.stdout
    assert "5 files, 1 failed" in done.stdout
    assert not [secret for secret in dirty_files.SECRETS if secret in done.stdout + done.stderr]
    again = posture("scrub", folder, "-o", tmp_path / "second")
    assert "4 copies of an earlier run were left out" in again.stderr


def test_json_has_kinds_and_no_values(dirty, tmp_path):
    done = posture("scrub", dirty / "Ada", dirty / "broken.mp4", "-o", tmp_path / "out", "--json")
    assert done.returncode == 3
    document = json.loads(done.stdout)
    assert document["schema"] == "posture.scrub/1"
    good, bad = document["files"]
    assert (good["exit"], good["format"], good["compared"]) == (0, "jpeg", True)
    assert {one["kind"] for one in good["found"]} <= {*KINDS}
    assert good["kept"] == ["orientation", "colour profile"]
    assert (bad["exit"], bad["error"]) == (65, "VideoUnreadable")
    assert not [secret for secret in dirty_files.SECRETS if secret in done.stdout]
    assert names(tmp_path / "out") == ["a.scrubbed.jpg"]


def test_a_check_says_what_is_there_and_writes_nothing(dirty, tmp_path):
    shutil.copyfile(dirty / "c.mp4", tmp_path / "c.mp4")
    done = posture("scrub", "--check", tmp_path / "c.mp4")
    assert done.returncode == 0
    assert "kinds of data to remove" in done.stdout
    assert names(tmp_path) == ["c.mp4"]


def test_in_place_and_with_neutral_names(dirty, tmp_path):
    shutil.copyfile(dirty / "b.png", tmp_path / "b.png")
    done = posture("scrub", "--in-place", tmp_path / "b.png")
    assert done.returncode == 0, done.stderr
    assert dirty_files.left((tmp_path / "b.png").read_bytes()) == set()
    done = posture("scrub", "--rename", dirty / "Ada" / "a.jpg", dirty / "b.png", "-o", tmp_path / "out")
    assert names(tmp_path / "out") == ["s0001.jpg", "s0002.png"]
    assert "s0001" not in done.stdout


@pytest.mark.parametrize(
    "options",
    [["--check", "--in-place"], ["--check", "-o", "x"], ["--in-place", "--rename"], ["--in-place", "-o", "x"]],
)
def test_options_that_would_do_nothing_are_refused(dirty, options):
    done = posture("scrub", dirty / "b.png", *options)
    assert done.returncode == 2
    assert "does not go with" in done.stderr


def test_the_log_has_the_hash_of_each_copy_and_no_name(dirty, tmp_path, data_folder):
    posture("scrub", dirty / "Ada", "-o", tmp_path / "out")
    (copy,) = (tmp_path / "out").iterdir()
    log = posture("audit", "show", "--json").stdout
    assert "scrubbed.exported" in log
    assert hashlib.sha256(copy.read_bytes()).hexdigest() in log
    assert "a.jpg" not in log
    assert "a.scrubbed.jpg" not in log


def heard():
    """In the child: Ctrl+C is not ignored from the start, as it would be where the tests run under nohup."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_signal_leaves_nothing_half_written(tmp_path):
    long = tmp_path / "long.mp4"
    long.write_bytes(dirty_files.video("mp4", pictures=2000))
    talkative = "from posture.cli import main, screen; screen.JSON_EVERY_S = 0; main()"
    command = [sys.executable, "-c", talkative, "scrub", str(long), "--progress", "json"]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, stdout=subprocess.DEVNULL, preexec_fn=heard)
    with child:
        assert any('"share"' in line for line in child.stderr)
        child.send_signal(signal.SIGINT)
        assert "stopping" in child.stderr.read()
    assert child.returncode == 130
    assert names(tmp_path) == ["long.mp4"]
