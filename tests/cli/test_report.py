"""`posture report` as it is typed: from an encrypted history, in its formats and languages, and what it refuses."""

import json
from datetime import date, timedelta

import pytest
from kept_weeks import fill
from vault_office import CHEAP, WORDS, MemoryKeys
from vault_verbs import posture

from posture.cli import exits
from posture.sinks.archive import NAME, Archive, connect
from posture.vault.historykeys import HistoryKeys
from posture.vault.store import Vault

TODAY = date.today()


@pytest.fixture
def sat(data_folder):
    """Two days of half an hour before the camera, in the vault of the user; yesterday worse than today."""
    vault = Vault(data_folder / "vault", keystore=MemoryKeys(), cost=CHEAP)
    vault.create(WORDS, TODAY - timedelta(days=1)).close()
    archive = Archive(connect(vault.folder / NAME), HistoryKeys(vault))
    fill(archive, TODAY - timedelta(days=1), 60, good=0.4, lean_deg=25)
    fill(archive, TODAY, 60, good=0.9, lean_deg=8)
    archive.close()


def report(*arguments):
    return posture("report", *arguments, words=WORDS)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_today_is_told_and_written_in_german(sat, tmp_path):
    done = report("today", "-o", tmp_path / "day", "--format", "html,json", "--language", "de")
    assert done.returncode == 0, done.stderr
    assert names(tmp_path) == ["day.html", "day.json"]
    assert '<html lang="de"' in (tmp_path / "day.html").read_text("utf-8")
    (day,) = json.loads((tmp_path / "day.json").read_bytes())["days"]
    assert day["good_s"] + day["poor_s"] == pytest.approx(3600)


def test_two_days_are_compared_with_intervals(sat):
    done = report("compare", TODAY - timedelta(days=1), TODAY, "--json")
    assert done.returncode == 0, done.stderr
    lean = [one for one in json.loads(done.stdout)["differences"] if one["name"] == "trunk_inclination_deg"]
    (half,) = (one for one in lean if one["figure"] == "p50")
    assert half["change"] == pytest.approx(-17, abs=1)
    assert half["low"] < half["change"] < half["high"] < 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("range",), "takes 1 stretch"),
        (("range", "28.11.2026"), "is no stretch of days"),
        (("range", "2026-11-28..2026-11-01"), "before the first one"),
        (("today", "--format", "pdf"), "--output FILE"),
        (("today", "--format", "docx", "-o", "day"), "docx"),
    ],
)
def test_what_is_typed_wrongly_is_said_before_anybody_is_asked_for_the_passphrase(
    data_folder, tmp_path, arguments, word
):
    done = posture("report", *arguments)
    assert done.returncode == exits.USAGE
    assert word in " ".join(done.stderr.split())


def test_a_wrong_passphrase_and_no_vault_write_nothing(sat, tmp_path, data_folder):
    done = posture("report", "today", "-o", tmp_path / "day", words="another phrase")
    assert done.returncode == exits.NOT_ALLOWED
    assert names(tmp_path) == []
    done = posture("report", "today", "-o", tmp_path / "day", POSTURE_DATA=str(tmp_path / "nobody"))
    assert done.returncode != 0
    assert not (tmp_path / "day.html").exists()


def test_a_report_that_is_there_stays(sat, tmp_path):
    (tmp_path / "day.xlsx").write_text("mine")
    done = report("today", "-o", tmp_path / "day")
    assert done.returncode == exits.CANNOT_WRITE
    assert names(tmp_path) == ["day.xlsx"]
    assert report("today", "-o", tmp_path / "day", "--overwrite").returncode == 0
    assert names(tmp_path) == ["day.csv", "day.html", "day.json", "day.pdf", "day.xlsx"]
