"""`posture compare` as it is typed: what changed, in formats and languages, and what it refuses."""

import json
import signal
import sys

import pytest
from two_reports import written
from typer.testing import CliRunner

from posture.cli import app, exits


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    return written(folder, "before", 25.0, 1), written(folder, "after", 5.0, 2)


def compare(*arguments):
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def refused(done):
    """The exit code that the program would end with, and what it would say."""
    assert done.exception is not None, done.output
    return exits.exit_code(done.exception), " ".join(str(done.exception).split())


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("suffix", [".json", ".csv"])
def test_the_change_is_found_in_either_format(reports, suffix):
    done = compare(*(path.with_suffix(suffix) for path in reports), "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    (bend,) = (one for one in found["differences"] if (one["name"], one["figure"]) == ("trunk_side_bend_deg", "p50"))
    assert abs(bend["change"]) == pytest.approx(20, abs=3)
    assert bend["low"] < bend["change"] < bend["high"]


def test_it_is_written_in_every_format_signed_and_in_german(reports, tmp_path):
    done = compare(*reports, "-o", tmp_path / "change", "--language", "de", "--reviewer", "Dr. A")
    assert done.exit_code == 0, done.output
    assert names(tmp_path) == ["change.html", "change.json", "change.pdf"]
    page = (tmp_path / "change.html").read_text("utf-8")
    assert '<html lang="de"' in page
    assert "Dr. A" in page
    assert (tmp_path / "change.pdf").read_bytes().startswith(b"%PDF-")


def test_one_file_that_is_there_keeps_all_of_them_from_being_written(reports, tmp_path):
    (tmp_path / "change.json").write_text("mine")
    done = compare(*reports, "-o", tmp_path / "change")
    code, words = refused(done)
    assert code == exits.CANNOT_WRITE
    assert "change.json" in words
    assert names(tmp_path) == ["change.json"]
    assert compare(*reports, "-o", tmp_path / "change", "--overwrite").exit_code == 0
    assert json.loads((tmp_path / "change.json").read_bytes())["schema"] == "posture.comparison/1"


@pytest.mark.parametrize(
    ("more", "code", "word"),
    [
        (("--format", "html"), exits.USAGE, "--output FILE"),
        (("--format", "docx", "-o", "x"), exits.USAGE, "docx"),
        (("--person", "7"), exits.BAD_DATA, "person 7"),
    ],
)
def test_what_is_typed_wrongly_is_said(reports, tmp_path, monkeypatch, more, code, word):
    monkeypatch.chdir(tmp_path)
    ended, words = refused(compare(*reports, *more))
    assert ended == code, words
    assert word in words
    assert names(tmp_path) == []


def test_bad_input_is_named(reports, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    for wrong, code in ((broken, exits.BAD_DATA), (tmp_path / "gone.json", exits.NO_INPUT)):
        done = compare(reports[0], wrong, "-o", tmp_path / "change")
        ended, words = refused(done)
        assert ended == code, words
        assert wrong.name in words
    assert names(tmp_path) == ["broken.json"]


def test_too_little_time_is_refused_with_the_reason(reports, tmp_path):
    done = compare(reports[0], written(tmp_path, "short", 5.0, 3, seconds=20.0))
    code, words = refused(done)
    assert code == exits.USAGE
    assert "too little to compare" in words


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, exits.CANCELLED), (signal.SIGTERM, exits.TERMINATED)])
def test_a_video_under_way_is_given_up_and_nothing_is_left(reports, tmp_path, number, code, decoding):
    child = decoding("compare", "VIDEO", reports[0], "-o", tmp_path / "change")
    child.send_signal(number)
    _, words = child.communicate(timeout=60)
    assert child.returncode == code, words
    assert "Traceback" not in words
    assert names(tmp_path) == []
