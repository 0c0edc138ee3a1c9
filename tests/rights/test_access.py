"""A copy of everything, in open formats, whole or not at all; what could not be read is said."""

import csv
import hashlib
import json
import stat
import sys

import pytest

from posture.audit.archive import read_export
from posture.audit.verify import verify
from posture.errors import OutputExists
from posture.rights import access
from posture.rights.access import Cancelled, export
from posture.rights.consents import Consents


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
    assert "1 notes of consents are locked" in said
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
    from posture.rights.index_page import page

    content = page("now", "own-posture", [("a<b>.json", "x & y", 3)], ["<script>"]).decode()
    assert "<script>" not in content
    assert "a&lt;b&gt;.json" in content
