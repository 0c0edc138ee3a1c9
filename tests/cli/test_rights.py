"""`posture privacy export`, `erase`, `consent` and `paperwork` as a user runs them."""

import json
import sys
from datetime import date, timedelta

import pytest
from vault_office import HEAD, WORDS, new_clip, second
from vault_verbs import posture, typed

from posture.vault.store import Vault

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals")


@pytest.fixture
def vault(data_folder, tmp_path, monkeypatch):
    (tmp_path / "recordings").mkdir()
    monkeypatch.setenv("POSTURE_VAULT__FOLDER", str(tmp_path / "recordings"))
    assert posture("keys", "create", words=WORDS).returncode == 0
    return Vault(data_folder / "vault")


@pytest.fixture
def clip(vault, tmp_path):
    writer, path = new_clip(tmp_path / "recordings", vault.recipients(date.today()))
    for fragment in (HEAD, second(1), second(2)):
        writer.fragment(fragment)
    writer.close()
    return path


def events():
    return [entry["ev"] for entry in json.loads(posture("audit", "show", "--json", "--last", "20").stdout)["entries"]]


def test_erasing_lists_first_and_wants_a_word(vault, clip):
    listed = posture("privacy", "erase", "--list")
    assert listed.returncode == 0
    assert clip.name in listed.stdout.replace("\n", "")
    assert "reports, redacted copies and exports" in listed.stderr
    for answer in ("erase",):
        shown, code = typed("privacy", "erase", answers=[answer])
        assert "Type ERASE" in shown
        assert code == 130
        assert clip.exists(), "negative control: another word erases nothing"
    assert posture("privacy", "erase").returncode == 130, "who cannot be asked has not said yes"
    shown, code = typed("privacy", "erase", answers=["ERASE"])
    assert code == 0, shown
    assert not clip.exists()
    assert not vault.exists
    assert events()[-2:] == ["data.erased", "program.ended"]


def test_erasing_as_json_says_what_the_log_has(vault, clip):
    plan = json.loads(posture("privacy", "erase", "--list", "--json").stdout)
    assert plan["done"] is None
    done = json.loads(posture("privacy", "erase", "--yes", "--json").stdout)
    assert done["sha256"] == plan["sha256"], "what was listed is what was erased"
    assert done["done"] == {"finished": True, "removed": len(plan["plan"]["files"]), "failed": []}
    proof = json.loads(posture("audit", "show", "--json", "--last", "2").stdout)["entries"][0]
    assert (proof["ev"], proof["sha256"]) == ("data.erased", plan["sha256"])
    assert posture("audit", "verify").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--only", "pictures"), "choose from keys, recordings"),
        (("--only", "history", "--from", "2026-01-01"), "give one of"),
        (("--from", "yesterday"), "takes a day such as"),
        (("--only", "history", "--audit-log"), "alone it is --only audit"),
    ],
)
def test_what_makes_no_sense_is_refused(vault, arguments, words):
    done = posture("privacy", "erase", "--yes", *arguments)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.replace("│", " ").split())
    assert vault.exists


def test_a_copy_asks_and_says_what_is_missing(vault, clip, tmp_path):
    assert posture("privacy", "export", "-o", tmp_path / "copy", words=WORDS).returncode == 130
    assert not (tmp_path / "copy").exists()
    done = posture("privacy", "export", "-o", tmp_path / "copy", "--yes", words=WORDS)
    assert done.returncode == 3
    assert "The videos were not asked for" in done.stderr
    full = posture("privacy", "export", "-o", tmp_path / "full", "--clips", "--yes", "--json", words=WORDS)
    index = json.loads(full.stdout)
    assert [one["file"] for one in index["files"] if one["file"].endswith(".mp4")] != []
    again = posture("privacy", "export", "-o", tmp_path / "full", "--yes", words=WORDS)
    assert again.returncode == 73


def test_consents_from_note_to_withdrawal(vault, clip, tmp_path):
    paper = tmp_path / "notice.pdf"
    paper.write_bytes(b"shown")
    noted = posture("privacy", "consent", "add", "P07", "--document", paper, "--json", words=WORDS)
    note = json.loads(noted.stdout)
    assert (note["alias"], note["purpose"], note["withdrawn"]) == ("P07", "own-posture", None)
    assert "P07" not in posture("privacy", "consent", "list").stdout
    unlocked = posture("privacy", "consent", "list", "--unlock", "--json", words=WORDS)
    assert [one["alias"] for one in json.loads(unlocked.stdout)["notes"]] == ["P07"]
    kept = posture("privacy", "consent", "withdraw", "P07", "--keep", words=WORDS)
    assert kept.returncode == 0
    assert clip.exists()
    again = posture("privacy", "consent", "add", "P08", words=WORDS)
    assert again.returncode == 0, again.stderr
    assert posture("privacy", "consent", "withdraw", "P08", "--erase", words=WORDS).returncode == 0
    assert not clip.exists()
    said = events()
    assert [said.count(event) for event in ("consent.noted", "consent.withdrawn", "data.erased")] == [2, 2, 1]


def test_without_a_vault_the_note_is_said_to_be_plain(data_folder):
    done = posture("privacy", "consent", "add", "P07")
    assert "the note is not encrypted" in done.stderr
    assert "▲ not encrypted" in posture("privacy", "consent", "list").stderr


def test_paperwork_is_written_and_logged(data_folder, tmp_path):
    done = posture("privacy", "paperwork", "art30,notice", "--language", "de", "-o", tmp_path / "papers", "--json")
    assert done.returncode == 0, done.stderr
    files = json.loads(done.stdout)["files"]
    assert {(one["document"], one["format"]) for one in files} == {
        ("art30", "html"), ("art30", "pdf"), ("notice", "html"), ("notice", "pdf"),
    }  # fmt: skip
    assert "Verzeichnis von Verarbeitungstätigkeiten" in (tmp_path / "papers" / "art30.de.html").read_text()
    assert "soeben geprüft" in (tmp_path / "papers" / "art30.de.html").read_text(), "the network is closed here"
    assert events().count("report.exported") == 4
    again = posture("privacy", "paperwork", "art30", "--language", "de", "-o", tmp_path / "papers")
    assert again.returncode == 73
    assert posture("privacy", "paperwork", "art31").returncode == 2


def test_a_range_of_days_leaves_the_rest(vault, clip):
    tomorrow = date.today() + timedelta(days=1)
    done = posture("privacy", "erase", "--from", tomorrow, "--yes", "--json")
    assert done.returncode == 2, "the last day is today"
    done = posture("privacy", "erase", "--from", tomorrow, "--to", tomorrow, "--yes", "--json")
    assert json.loads(done.stdout)["plan"]["files"] == []
    assert clip.exists()
