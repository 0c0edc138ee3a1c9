import base64
import itertools
import json
import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from vault_office import HEAD, TODAY, WORDS, Crash, Machine, after, second

from posture.audit.events import Event, check
from posture.errors import ConfigError, Damaged, Locked, OutputExists, OutputFull, SinkError, WrongKey
from posture.vault import boxes, header
from posture.vault.clip import open_clip
from posture.vault.hpke import new_secret, secret_of
from posture.vault.keyfile import KeyFile
from posture.vault.ring import Other, OtherKey, seed
from posture.vault.sealed import open_stream


def video(path, unlocked):
    with path.open("rb") as file:
        reader = open_clip(file, unlocked.secrets, recover=True)
        return reader.read(reader.size)


def payload(path):
    with path.open("rb") as file:
        return path.read_bytes()[len(header.read(file).raw) :]


def slots(path):
    with path.open("rb") as file:
        return [slot.key_id for slot in header.read(file).slots]


def test_locked_a_recording_shows_its_day_and_unlocked_what_is_known(office):
    office.created().close()
    path = office.clip()
    (entry,) = office.library().entries()
    assert (entry.state, entry.day, entry.last_day, entry.finished) == ("locked", TODAY, after(3), True)
    assert entry.about is None
    assert entry.path == path
    with office.unlock() as unlocked:
        (entry,) = office.library(unlocked).entries()
        assert entry.state == "readable"
        assert entry.about.source == "desk"
    (entry,) = office.library(unlocked).entries()
    assert entry.state == "locked", "a vault that was closed again"


def test_a_recording_without_a_row_is_listed_and_read_like_any_other(office):
    with office.created() as unlocked:
        path = office.clip(about=False)
        (entry,) = office.library(unlocked).entries()
        assert entry.state == "readable"
        assert entry.about is None
        assert office.library(unlocked).verify(entry).fragments == 3
        assert len(video(path, unlocked)) > 60_000


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to be read as one" * 100])
def test_a_damaged_catalogue_hides_no_recording(office, content):
    with office.created() as unlocked:
        office.clip()
        library = office.library(unlocked)
        library.catalogue.path.write_bytes(content)
        (entry,) = library.entries()
        assert entry.state == "readable"
        assert entry.about is None


def test_a_row_that_was_altered_or_moved_to_another_clip_says_nothing(office):
    with office.created() as unlocked:
        office.clip()
        office.clip()
        library = office.library(unlocked)
        with sqlite3.connect(library.catalogue.path) as db:
            db.execute("UPDATE clips SET day = '2026-11-27' WHERE rowid = 1")
        db.close()
        assert sorted(entry.about is None for entry in library.entries()) == [False, True]


def test_nothing_in_the_catalogue_can_be_read_in_plain(office):
    office.created().close()
    office.clip()
    data = office.library().catalogue.path.read_bytes()
    assert b"desk" not in data
    assert b"skeleton" not in data
    assert TODAY.isoformat().encode() in data


def test_damaged_foreign_and_unfinished_recordings_are_listed_as_such(office):
    with office.created() as unlocked:
        whole = office.clip()
        unfinished = office.clip(finished=False)
        (office.clips / "0123456789abcdef.pclip").write_bytes(b"PCLIP001" + bytes(40))
        foreign = type(office)(office.folder / "elsewhere")
        foreign.created().close()
        foreign.clip().rename(office.clips / "fedcba9876543210.pclip")
        (office.clips / "notes.txt").write_text("no recording")
        (office.clips / ".partial.pclip").write_text("none either")
        found = {entry.path.stem: entry for entry in office.library(unlocked).entries()}
    assert len(found) == 4
    assert found[whole.stem].finished
    assert not found[unfinished.stem].finished
    assert found["0123456789abcdef"].state == "damaged"
    assert "altered" in found["0123456789abcdef"].problem
    assert found["fedcba9876543210"].state == "unknown"


def test_recordings_are_found_by_the_beginning_of_an_id_or_by_their_path(office):
    office.created().close()
    path = office.clip()
    library = office.library()
    (entry,) = library.entries()
    for name in (entry.name, entry.name[:6], path.stem[:8], path.name, str(path)):
        assert library.find(name).path == path
    office.clip()
    for name in ("", "xyz", str(path.with_name("0000.pclip"))):
        with pytest.raises(ConfigError, match="posture recordings list"):
            library.find(name)


def test_after_its_day_nothing_left_on_the_disk_opens_a_recording_or_what_was_known_of_it(office):
    """Every sealed half with every open half: what somebody could try who has the disk and the passphrase."""
    office.created(keyring=True).close()
    path = office.clip()
    copy = path.read_bytes()  # on a network drive, say
    row = next(iter(office.library().catalogue.rows().values()))
    assert any(try_everything(office, copy, row)), "while the key is there, this very search finds it"
    done = office.library().retain(after(4))
    assert len(done.keys) == 1
    assert done.removed == (path,)
    assert not any(try_everything(office, copy, row)), "while locked"
    office.unlock().close()
    assert not any(try_everything(office, copy, row)), "after the next unlocking"
    assert office.library().catalogue.rows() == {}
    assert not any(row.sealed in data or row.header in data for data in office.everything().values())


def try_everything(office, clip, row):
    """Whether the clip, and the row, open with a seed that the disk can give."""
    file = KeyFile.parse((office.folder / "vault" / "identity.pkey").read_bytes())
    slot = file.slots[0]
    halves = json.loads(file.opened(slot.file_key(slot.key_of(WORDS))))["halves"]
    sealed = [base64.b64decode(half) for half in halves.values()]
    ring = office.vault().ring()
    opening = [key.half for key in ring.keys]
    wanted = header.parse(clip[: int.from_bytes(clip[8:12], "big")]).slots[0].key_id
    for one, other in itertools.product(sealed, opening):
        secret = secret_of(0x647A, seed(one, other, TODAY, None))
        if secret.recipient.key_id == wanted:
            open_stream(row.header, lambda key_id, secret=secret: secret, "posture catalogue v1")
            yield True
            return
    yield False


def test_the_proof_of_erasure_stands_in_the_log_with_fields_that_it_allows(office):
    office.created().close()
    office.clip()
    office.clip()
    office.log.clear()
    office.library().retain(after(4))
    assert [event for event, _ in office.log] == ["key.erased", "retention.run"]
    assert office.log[-1][1] == {"removed": 2}
    for event, fields in office.log:
        check(Event(event), fields)
    office.log.clear()
    assert office.library().retain(after(4)).keys == ()
    assert office.log == [], "a run that had nothing to do is no entry"


def test_retention_leaves_what_it_does_not_know_and_what_is_not_due(office):
    office.created().close()
    foreign = type(office)(office.folder / "elsewhere")
    foreign.created().close()
    stranger = office.clips / "fedcba9876543210.pclip"
    foreign.clip().rename(stranger)
    due, kept = office.clip(), office.clip(day=after(2))
    done = office.library().retain(after(4))
    assert done.removed == (due,)
    assert stranger.exists()
    assert kept.exists()


def test_a_recording_that_comes_back_after_its_day_is_deleted_by_the_next_run(office):
    office.created().close()
    path = office.clip()
    copy = path.read_bytes()
    office.library().retain(after(4))
    path.write_bytes(copy)
    assert office.library().entries()[0].state == "erased"
    assert office.library().retain(after(4)).removed == (path,)


def test_retention_goes_on_after_the_vault_was_locked_again(office):
    unlocked = office.created()
    office.clip()
    library = office.library(unlocked)
    unlocked.close()
    assert library.retain(after(4)).keys


def test_retention_while_unlocked_forgets_the_secret(office):
    with office.created() as unlocked:
        office.clip()
        (recipient,) = office.vault().recipients(TODAY)
        office.library(unlocked).retain(after(4))
        assert unlocked.secrets(recipient.key_id) is None


def test_what_cannot_be_deleted_is_said_and_erased_all_the_same(office, monkeypatch):
    office.created().close()
    path = office.clip()

    def refused(self, missing_ok=False):
        if self.suffix == ".pclip":
            raise PermissionError(1, "Operation not permitted")
        real(self, missing_ok)

    real = Path.unlink
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refused)
        done = office.library().retain(after(4))
    assert done.failed == (path,)
    assert done.keys
    assert office.library().retain(after(4)).removed == (path,)


def test_others_who_could_read_are_named_in_the_proof(office):
    with office.created() as unlocked:
        clinic = Other("clinic", (OtherKey(TODAY, new_secret().recipient.public),))
        unlocked.set_others((clinic,), TODAY)
    office.clip()
    assert office.library().entries()[0].others == 1
    assert office.library().retain(after(4)).others == ("clinic",)


def test_a_held_recording_outlives_its_day_and_not_its_date(office):
    with office.created() as unlocked:
        path = office.clip()
        before, content = payload(path), video(path, unlocked)
        library = office.library(unlocked)
        library.hold(library.find(str(path)), after(30), TODAY)
        assert payload(path) == before, "the payload is not touched"
        assert (office.clips / path.name).stat().st_mode & 0o077 == 0
        entry = library.find(str(path))
        assert (entry.held, entry.last_day, entry.state) == (True, after(30), "readable")
        assert entry.about.source == "desk"
        assert library.retain(after(30)).removed == ()
        assert video(path, unlocked) == content
        assert library.find(str(path)).about.source == "desk"
        assert library.retain(after(31)).removed == (path,)
    assert "clip.held" in office.events()


def test_copies_made_before_a_hold_are_erased_with_their_day(office):
    with office.created() as unlocked:
        path = office.clip()
        copy = path.read_bytes()
        library = office.library(unlocked)
        library.hold(library.find(str(path)), after(30), TODAY)
        library.retain(after(4))
        other = office.clips / "0000000000000000.pclip"
        other.write_bytes(copy)
        assert library.find(str(other)).state == "erased"
        with other.open("rb") as file, pytest.raises(WrongKey):
            open_clip(file, unlocked.secrets)
        assert library.find(str(path)).state == "readable"


def test_extending_again_leaves_one_hold_and_deleting_erases_it(office):
    with office.created() as unlocked:
        path = office.clip()
        library = office.library(unlocked)
        assert library.extend(library.find(str(path)), 7, TODAY) == after(10)
        first = slots(path)
        assert library.extend(library.find(str(path)), 7, TODAY) == after(17)
        assert slots(path) != first
        held = [key.key_id for key in office.vault().ring().keys if key.until]
        assert held == slots(path)
        copy = path.read_bytes()
    library = office.library()
    library.delete(library.find(str(path)))  # locked
    assert not path.exists()
    assert [key for key in office.vault().ring().keys if key.until] == []
    path.write_bytes(copy)
    assert office.library().find(str(path)).state == "erased"


def test_a_hold_needs_a_day_to_come_and_an_open_vault(office):
    with office.created() as unlocked:
        path = office.clip()
        library = office.library(unlocked)
        entry = library.find(str(path))
        with pytest.raises(ConfigError, match="passed"):
            library.hold(entry, after(-1), TODAY)
        library.hold(entry, TODAY, TODAY)
        assert library.find(str(path)).last_day == TODAY, "shorter than its day"
    with pytest.raises(Locked, match="unlock"):
        library.hold(entry, after(9), TODAY)


@pytest.mark.parametrize("seconds", [0, 3])
def test_a_hold_that_is_interrupted_anywhere_leaves_a_recording_that_can_be_read(office, monkeypatch, seconds):
    office.created().close()
    path = office.clip(seconds=seconds)
    before, whole = office.everything(), payload(path)

    def hold():
        with office.unlock() as unlocked:
            library = office.library(unlocked)
            library.extend(library.find(str(path)), 30, TODAY)

    with monkeypatch.context() as patch:
        machine = Machine(patch)
        hold()
    for at in range(machine.done):
        office.put(before)
        with monkeypatch.context() as patch:
            Machine(patch, at)
            with pytest.raises(Crash):
                hold()
        with office.unlock() as unlocked:
            (entry,) = office.library(unlocked).entries()
            assert entry.state == "readable"
            assert payload(path) == whole
            with path.open("rb") as file:
                assert not open_clip(file, unlocked.secrets, recover=True).torn


def test_a_full_disk_leaves_the_recording_as_it_was(office, monkeypatch):
    with office.created() as unlocked:
        path = office.clip()
        before = path.read_bytes()
        library = office.library(unlocked)
        entry = library.find(str(path))

        def full(source, target):
            if str(target).endswith(".pclip"):
                raise OSError(28, "No space left on device")
            return real(source, target)

        real = os.replace
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", full)
            with pytest.raises(OutputFull):
                library.hold(entry, after(9), TODAY)
        assert path.read_bytes() == before
        assert sorted(p.name for p in office.clips.iterdir()) == [path.name]


def test_rekeying_follows_a_rotation_and_the_other_readers(office):
    with office.created() as unlocked:
        path = office.clip()
        library = office.library(unlocked)
        assert not library.rekey(library.find(str(path)))
        old, whole = slots(path), payload(path)
        unlocked.rotate(TODAY)
        assert library.rekey(library.find(str(path)))
        assert slots(path) != old
        reader = new_secret()
        unlocked.set_others((Other("clinic", (OtherKey(TODAY, reader.recipient.public),)),), TODAY)
        assert library.rekey(library.find(str(path)))
        assert slots(path)[1] == reader.recipient.key_id
        with path.open("rb") as file:
            assert open_clip(file, {reader.recipient.key_id: reader}.get).size
        library.hold(library.find(str(path)), after(9), TODAY)
        assert slots(path)[1] == reader.recipient.key_id, "a hold keeps the other readers"
        unlocked.set_others((), TODAY)
        assert library.rekey(library.find(str(path)))
        assert len(slots(path)) == 1
        assert library.find(str(path)).held
        assert payload(path) == whole
        assert library.find(str(path)).about.source == "desk"


def torn(office, cut=30_000):
    path = office.clip(seconds=5)
    data = path.read_bytes()
    path.write_bytes(data[:-cut])
    return path


def test_a_damaged_recording_is_repaired_with_all_that_can_be_read(office):
    with office.created() as unlocked:
        path = torn(office)
        library = office.library(unlocked)
        office.now_s = path.stat().st_mtime + 61
        entry = library.find(str(path))
        assert library.verify(entry).torn
        expected = fragments_of(video(path, unlocked))
        repaired = library.repair(entry)
        assert not path.exists()
        verdict = library.verify(repaired)
        assert not verdict.torn
        assert repaired.finished
        assert repaired.clip_id != entry.clip_id
        assert repaired.about == entry.about
        assert fragments_of(video(repaired.path, unlocked)) == expected
        assert len(expected) > 3
        assert library.repair(repaired) is None
    closed = dict(office.log)["clip.closed"]
    assert closed == {"clip": repaired.name, "bytes": verdict.closed.length, "sha256": verdict.closed.sha256}


def fragments_of(data):
    return [data[box.start : box.end] for box in boxes.boxes(data) if box.kind != b"free"]


def test_nothing_to_read_is_nothing_to_repair(office):
    with office.created() as unlocked:
        path = office.clip(seconds=1)
        data = path.read_bytes()
        path.write_bytes(data[: len(data) - 40_000])
        office.now_s = path.stat().st_mtime + 61
        library = office.library(unlocked)
        with pytest.raises(Damaged, match="not one second"):
            library.repair(library.find(str(path)))
        assert path.read_bytes() == data[: len(data) - 40_000]
        assert [p.name for p in office.clips.iterdir()] == [path.name]


@pytest.mark.parametrize("what", ["hold", "rekey", "repair", "delete"])
def test_what_is_still_being_recorded_is_left_alone(office, what):
    with office.created() as unlocked:
        path = office.clip(finished=False)
        before = path.read_bytes()
        library = office.library(unlocked)
        entry = library.find(str(path))
        office.now_s = path.stat().st_mtime + 59
        arguments = {"hold": (after(9), TODAY)}.get(what, ())
        with pytest.raises(Locked, match="still being recorded"):
            getattr(library, what)(entry, *arguments)
        assert path.read_bytes() == before
        office.now_s = path.stat().st_mtime + 61
        getattr(library, what)(entry, *arguments)


def test_deleting_promises_this_copy_alone(office):
    office.created().close()
    path = office.clip()
    library = office.library()
    entry = library.find(str(path))
    assert "until its key is erased: after 2026-12-01" in entry.promise
    assert entry.promise.startswith("This copy")
    library.delete(entry)
    assert not path.exists()
    assert library.catalogue.rows() == {}
    assert office.log[-1] == ("clip.deleted", {"clip": entry.name})


def test_an_export_holds_the_video_and_nothing_else(office, tmp_path):
    with office.created() as unlocked:
        path = office.clip()
        library = office.library(unlocked)
        out = tmp_path / "clip.mp4"
        assert library.export(library.find(str(path)), out, reason="own-use", confirmed=True)
    expected = HEAD + b"".join(second(number) for number in range(3))
    kinds = [box.kind for box in boxes.boxes(out.read_bytes())]
    assert kinds == [b"ftyp", b"moov", *[b"moof", b"mdat"] * 3]
    assert out.read_bytes() == b"".join(
        expected[box.start : box.end] for box in boxes.boxes(expected) if box.kind != b"uuid"
    )
    assert b"pose" not in out.read_bytes()
    assert out.stat().st_mode & 0o077 == 0
    name, fields = office.log[-1]
    assert (name, fields["purpose"]) == ("clip.exported", "own-use")
    check(Event(name), fields)


def test_nothing_is_exported_unasked_unlogged_locked_or_by_halves(office, tmp_path):
    out = tmp_path / "clip.mp4"
    with office.created() as unlocked:
        path = office.clip()
        library = office.library(unlocked)
        entry = library.find(str(path))
        with pytest.raises(Locked, match="yes"):
            library.export(entry, out, reason="own-use", confirmed=False)

        def refused(event, **fields):
            raise SinkError("the log is full")

        library._record = refused
        with pytest.raises(SinkError, match="log"):
            library.export(entry, out, reason="own-use", confirmed=True)
        library = office.library(unlocked)

        def half(reader, stream):
            stream.write(b"half of it")
            raise Damaged("no more")

        with pytest.raises(Damaged):
            library.export(entry, out, reason="own-use", confirmed=True, write=half)
        out.write_bytes(b"mine")
        with pytest.raises(OutputExists):
            library.export(entry, out, reason="own-use", confirmed=True)
        with pytest.raises(OutputExists, match=r"\.mp4"):
            library.export(entry, path, reason="own-use", confirmed=True, overwrite=True)
    with pytest.raises(Locked, match="unlock"):
        library.export(entry, out, reason="own-use", confirmed=True)
    assert out.read_bytes() == b"mine"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["clip.mp4"]
    assert "clip.exported" not in office.events()


def test_an_export_of_a_damaged_recording_says_that_it_is_shorter(office, tmp_path):
    with office.created() as unlocked:
        path = torn(office)
        library = office.library(unlocked)
        assert not library.export(library.find(str(path)), tmp_path / "c.mp4", reason="own-use", confirmed=True)
    kinds = [box.kind for box in boxes.boxes((tmp_path / "c.mp4").read_bytes())]
    assert 1 <= kinds.count(b"mdat") < 5


def test_viewing_is_an_entry(office):
    with office.created() as unlocked:
        path = office.clip()
        library = office.library(unlocked)
        entry = library.find(str(path))
        with path.open("rb") as file:
            assert library.open(entry, file).read(8)
    assert office.log[-1] == ("clip.viewed", {"clip": entry.name})


def test_without_a_vault_recordings_are_listed_all_the_same(office):
    office.created().close()
    office.clip()
    (office.folder / "vault" / "identity.pkey").unlink()
    (entry,) = office.library().entries()
    assert entry.state == "unknown"


def test_days_are_in_order(office):
    office.created().close()
    for days in (2, 0, 1):
        office.clip(day=after(days))
    days = [entry.day for entry in office.library().entries()]
    assert days == sorted(days, reverse=True)
    assert days[0] - days[-1] == timedelta(2)
