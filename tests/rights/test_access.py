"""A copy of everything, in open formats, whole or not at all; what could not be read is said."""

import ast
import csv
import hashlib
import json
import re
import stat
import sys
from pathlib import Path

import pytest
from kept_user import TODAY
from standing import observed

from posture.audit.archive import read_export
from posture.audit.verify import verify
from posture.errors import OutputExists
from posture.results import Key, Results
from posture.rights import access
from posture.rights.access import Cancelled, export
from posture.rights.consents import Consents
from posture.rights.holdings import holdings
from posture.rights.index_page import german, page
from posture.sinks.unsaved import Unsaved

NOW = "2026-11-29T08:05:00+00:00"


@pytest.fixture
def everything(user):
    user.clip()
    user.live()
    with user.unlock() as unlocked:
        Consents(user.data, user.vault, unlocked).add("P07", "consent", "own-posture")
    return user


def copied(user, folder, unlocked, **more):
    return export(
        user.places, folder, unlocked=unlocked, clips=True, settings="[vault]\n", purpose="own-posture", **more
    )


def test_everything_is_in_it_and_in_the_index(everything, tmp_path, monkeypatch):
    monkeypatch.setattr(access.track, "read", lambda reader: [])
    with everything.unlock() as unlocked:
        done = copied(everything, tmp_path / "copy", unlocked)
    index = json.loads((done.folder / "index.json").read_text())
    assert (index["schema"], index["purpose"], index["missing"]) == ("posture.my-data/1", "own-posture", [])
    names = {one["file"] for one in index["files"]}
    on_disk = {p.relative_to(done.folder).as_posix() for p in done.folder.rglob("*") if p.is_file()}
    assert names == on_disk - {"index.json", "index.html"}
    for one in index["files"]:
        data = (done.folder / one["file"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (one["bytes"], one["sha256"])
    (clip,) = json.loads((done.folder / "recordings.json").read_text())["recordings"]
    assert clip["about"]["purpose"] == "own-posture"
    assert f"recordings/{clip['recording']}.mp4" in names
    (day,) = [name for name in names if name.startswith("history/") and name.endswith(".json")]
    minutes = json.loads((done.folder / day).read_text())["minutes"]
    assert sum(one["seconds_by_state"]["good"] for one in minutes) == pytest.approx(119, abs=2)
    assert {one["purpose"] for one in minutes} == {"own-posture"}
    rows = list(csv.DictReader((done.folder / day.replace(".json", ".csv")).read_text().splitlines()))
    assert float(rows[1]["neck_flexion_deg"]) == 2.0
    (note,) = json.loads((done.folder / "consents.json").read_text())["notes"]
    assert note["alias"] == "P07"
    assert verify(read_export((done.folder / "audit.jsonl").read_bytes()))
    assert everything.events[-1][0] == "data.exported"
    assert everything.events[-1][1]["sha256"] == hashlib.sha256((done.folder / "index.json").read_bytes()).hexdigest()
    assert sys.platform == "win32" or stat.S_IMODE(done.folder.stat().st_mode) == 0o700


def test_locked_it_says_what_is_missing_and_holds_no_alias(everything, tmp_path):
    done = copied(everything, tmp_path / "copy", None)
    assert not done.complete
    said = " ".join(done.missing)
    assert "could not be read: it is locked" in said
    assert "The history is encrypted" in said
    assert "Notes of consents that are locked: 1." in said
    assert not [p for p in done.folder.rglob("*") if p.is_file() and b"P07" in p.read_bytes()]
    assert all(words.split(":")[0] in (done.folder / "index.html").read_text() for words in done.missing)


def test_poses_that_cannot_be_read_are_said_and_the_video_stays(everything, tmp_path):
    with everything.unlock() as unlocked:
        done = copied(everything, tmp_path / "copy", unlocked)
    assert [words.startswith("The poses in recording") for words in done.missing] == [True]
    assert len(list(done.folder.glob("recordings/*.mp4"))) == 1


@pytest.mark.parametrize("step", range(4))
def test_cancelled_nothing_is_left(everything, tmp_path, step):
    left = iter(range(step))
    with everything.unlock() as unlocked, pytest.raises(Cancelled):
        copied(everything, tmp_path / "copies" / "copy", unlocked, cancelled=lambda: next(left, None) is None)
    assert list((tmp_path / "copies").iterdir()) == []
    assert "data.exported" not in [event for event, _ in everything.events]


def test_a_folder_that_is_not_empty_is_left_alone(everything, tmp_path):
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "mine").write_text("")
    with pytest.raises(OutputExists, match="not empty"):
        copied(everything, tmp_path / "copy", None)


def test_the_page_holds_no_markup_of_others():
    content = page(NOW, "own-posture", [("a<b>.json", "x & y", 3)], ["<script>"]).decode()
    assert "<script>" not in content
    assert "a&lt;b&gt;.json" in content


def said_in_english():
    """Every sentence that a copy may say of its files; a place for a value is {}."""
    tree = ast.parse(Path(access.__file__).read_text("utf-8"))
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
        if node not in docstrings and text.endswith((".", "checks it.")) and " " in text:
            yield text


def test_each_sentence_of_the_page_is_there_in_german():
    known = {re.sub(r"\{\w+\}", "{}", text) for text in german()}
    said = {text for text in said_in_english() if text[0].isupper() or text[0] == "{"}
    whole = {text for text in said if not any(text != other and text in other for other in said)}
    assert len(whole) > 10
    assert whole - known == set()


def test_the_page_speaks_german(everything, tmp_path):
    done = copied(everything, tmp_path / "copy", None, language="de")
    text = (done.folder / "index.html").read_text("utf-8")
    assert '<html lang="de">' in text
    assert "<title>Meine Daten</title>" in text
    assert "Der Verlauf ist verschlüsselt, und der Tresor ist verschlossen." in text
    assert "war nicht zu lesen: Sie ist verschlossen." in text
    assert "Erhoben für: die eigene Haltung." in text
    for english in ("The ", "Every", "Recording", "locked", "{"):
        assert english not in re.sub(r"<style>.*</style>", "", text, flags=re.DOTALL), english
    index = json.loads((done.folder / "index.json").read_text())
    assert "The history is encrypted, and the vault is locked." in index["missing"], "programs read one language"


def test_the_page_names_its_moment_and_sizes_as_each_language_does():
    files = [("a.mp4", "A recording as video.", 12_345_678)]
    english, german_page = (page(NOW, "training", files, [], language).decode() for language in ("en", "de"))
    assert "as of 2026-11-29 08:05 UTC" in english
    assert "12,346 kB" in english
    assert "Stand 29.11.2026, 08:05 UTC" in german_page
    assert "12.346 kB" in german_page
    assert "Eine Aufnahme als Video." in german_page


def test_work_that_was_under_way_is_in_the_copy_and_counts_as_a_holding(user, tmp_path):
    store = Unsaved(user.vault.folder, lambda: user.vault.recipients(TODAY, "history"))
    store.keep(b'{"version": 1, "files": [{"name": "lifting.mp4"}]}')
    with user.unlock() as unlocked:
        done = copied(user, tmp_path / "copy", unlocked)
    kept = json.loads((done.folder / "analyses" / "1.json").read_bytes())
    assert kept["files"] == [{"name": "lifting.mp4"}]
    locked = copied(user, tmp_path / "locked", None)
    assert any("on the Analyse page could not be read" in text for text in locked.missing)
    assert [one.path.name[:8] for one in holdings(user.places) if one.kind == "reviews"] == ["unsaved-"]


def test_what_was_seen_in_analysed_files_is_in_the_copy_and_counts_as_a_holding(user, tmp_path):
    with user.unlock() as unlocked:
        Results(user.vault, unlocked.secrets, lambda: TODAY).keep(Key(b"", 1000, "ab" * 32), observed(), 1 << 20)
        done = copied(user, tmp_path / "copy", unlocked)
    kept = json.loads((done.folder / "analyses" / "result-1.json").read_bytes())
    assert (kept["source_sha256"], kept["source_bytes"], len(kept["looks"])) == ("ab" * 32, 1000, 30)
    assert kept["looks"][0]["people"][0]["zones"]
    locked = copied(user, tmp_path / "locked", None)
    assert any("in a file on the Analyse page could not be read" in text for text in locked.missing)
    assert [one.path.name[:7] for one in holdings(user.places) if one.kind == "results"] == ["result-"]
