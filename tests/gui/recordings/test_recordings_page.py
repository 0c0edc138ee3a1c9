"""The Recordings page on a real vault: making it, opening it, looking at recordings, and what leaves or goes."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from controls import cut_off, focusable, unnamed
from filled_vault import PASSPHRASE
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QLabel, QMessageBox

from posture.errors import Locked, WrongKey
from posture.gui.recordings.clip_list import Keeping
from posture.gui.recordings.dialogs import Delete, Export, Keep
from posture.gui.recordings.keeper import Door
from posture.sources.video import VideoSource


def words(widget):
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


@pytest.fixture
def fresh(qtbot, keeper, page):
    """Before there is a vault."""
    qtbot.waitUntil(lambda: keeper.door is Door.MISSING, timeout=20_000)
    return page


def play(qtbot, page, place):
    page.list.selectRow(place)
    page.list.setFocus()
    qtbot.keyClick(page.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.player.moment.shown is not None, timeout=20_000)


def dialog(page, kind):
    (found,) = [one for one in page.findChildren(kind) if one.isVisible()]
    return found


def test_a_vault_is_made_with_a_strong_passphrase_typed_twice_by_who_knows_what_it_means(qtbot, fresh, keeper, vault):
    making = fresh.making
    assert not making.make.isEnabled()
    making.first.field.setText("posture1")
    making.second.field.setText("posture1")
    making.understood.setChecked(True)
    assert not making.make.isEnabled(), "too weak"
    making.first.field.setText(PASSPHRASE)
    making.second.field.setText(PASSPHRASE + "x")
    assert "not the same" in words(making)
    assert not making.make.isEnabled()
    making.second.field.setText(PASSPHRASE)
    making.understood.setChecked(False)
    assert not making.make.isEnabled()
    assert "no way back" in words(making)
    making.understood.setChecked(True)
    qtbot.keyClick(making.second.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: keeper.is_open, timeout=20_000)
    assert making.first.text == making.second.text == ""
    assert "Nothing is recorded" in words(fresh)
    vault.vault.unlock(PASSPHRASE).close()
    assert not vault.vault.has_keyring


def test_the_keyring_opens_a_vault_that_was_made_with_it(qtbot, fresh, keeper, vault):
    making = fresh.making
    for field in (making.first.field, making.second.field):
        field.setText(PASSPHRASE)
    making.understood.setChecked(True)
    making.keyring.setChecked(True)
    making.make.click()
    qtbot.waitUntil(lambda: keeper.is_open, timeout=20_000)
    keeper.lock()
    qtbot.waitUntil(fresh.opening.keyring.isVisible, timeout=20_000)
    fresh.opening.keyring.click()
    qtbot.waitUntil(lambda: keeper.is_open, timeout=20_000)


def test_a_passphrase_shows_only_while_somebody_wants_to_see_it(fresh):
    field = fresh.making.first
    assert field.field.echoMode() == field.field.EchoMode.Password
    field.eye.click()
    assert field.field.echoMode() == field.field.EchoMode.Normal
    field.clear()
    assert field.field.echoMode() == field.field.EchoMode.Password


def test_a_wrong_passphrase_says_so_and_can_be_typed_again(qtbot, filled, keeper, page):
    keeper.look()
    qtbot.waitUntil(lambda: keeper.door is Door.LOCKED and bool(keeper.items), timeout=20_000)
    assert "2 recordings" in words(page), "how many there are is no secret"
    page.opening.passphrase.field.setText("something else")
    page.opening.open.click()
    qtbot.waitUntil(lambda: "not the passphrase" in words(page), timeout=20_000)
    assert page.opening.passphrase.field.selectedText() != ""
    assert page.list.clips.rows == []


def test_rows_say_what_was_recorded_and_how_much_can_be_read(opened):
    whole, cut = opened._rows
    today = date.today()
    assert (whole.length, whole.content, whole.damage) == ("0:03", "faces blurred", "")
    assert whole.about == "faces blurred · Webcam C920"
    assert str((today + timedelta(days=3)).day) in whole.kept
    assert whole.keeping is Keeping.USUAL
    assert cut.damage == "ended early: 0:04 can be read"
    model = opened.list.clips
    spoken = model.data(model.index(1, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert "0:04 can be read" in spoken
    assert "until" in spoken


def test_a_clip_plays_to_its_end_and_is_sought_with_keys(qtbot, opened):
    play(qtbot, opened, 0)
    player = opened.player
    qtbot.waitUntil(lambda: player.moment.time_s > 0.3, timeout=20_000)
    qtbot.keyClick(player.picture, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: not player.playing, timeout=20_000)
    qtbot.keyClick(player.picture, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: player.moment.time_s > 2.8, timeout=20_000)
    qtbot.keyClick(player.picture, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: player.moment.time_s == pytest.approx(2.8), timeout=20_000)
    qtbot.keyClick(player.picture, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: player.moment.time_s == 0.0, timeout=20_000)
    qtbot.keyClick(player.picture, Qt.Key.Key_L)
    qtbot.keyClick(player.picture, Qt.Key.Key_L)
    assert player.speed.text() == "2×"
    qtbot.waitUntil(lambda: not player.playing and player.moment.time_s > 2.8, timeout=20_000)
    assert player.time.text() == "0:02 / 0:03"


def test_the_picture_is_that_of_the_clip_with_people_as_lines(qtbot, opened):
    play(qtbot, opened, 0)
    opened.player.pause()
    qtbot.waitUntil(lambda: opened.player.moment.shown.image is not None, timeout=20_000)
    snapshot = opened.player.moment.shown.snapshot
    assert snapshot.observation.people
    image = opened.player.picture.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(0, 600, 3) for y in range(0, 600, 3)}
    assert "#4da3ff" in colours
    assert len(colours) > 200, "a photograph lies beneath"
    opened.player.lines.click()
    qtbot.waitUntil(lambda: opened.player.moment.shown.snapshot.observation is None, timeout=20_000)


def test_a_click_on_the_time_line_goes_to_that_very_place(qtbot, opened):
    play(qtbot, opened, 0)
    opened.player.pause()
    line = opened.player.line
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=line.rect().center())
    qtbot.waitUntil(lambda: opened.player.moment.time_s == pytest.approx(1.5, abs=0.11), timeout=20_000)
    assert line.accessibleDescription() == "0:01 of 0:03"


def test_an_altered_clip_says_while_it_plays_how_much_can_be_read(qtbot, opened, keeper):
    path = keeper.items[0].entry.path
    data = bytearray(path.read_bytes())
    data[len(data) * 3 // 4] ^= 1
    path.write_bytes(data)
    play(qtbot, opened, 0)
    qtbot.waitUntil(lambda: "of 0:03 can be read" in opened.about.text(), timeout=20_000)


def test_locking_takes_everything_away_also_a_dialog(qtbot, opened, keeper):
    play(qtbot, opened, 0)
    opened.list.selectRow(0)
    opened.export.click()
    shown, reel = dialog(opened, Export), opened.player._reel
    keeper.lock()
    assert reel.join()
    assert opened.player.moment.shown is None
    assert opened.list.clips.rows == []
    assert not shown.isVisible()
    black = opened.player.picture.grab().toImage()
    assert black.pixelColor(black.width() // 2, black.height() // 3).name() == "#0b0d10"
    QApplication.processEvents()
    assert opened.player.moment.shown is None, "a picture that was on its way does not come back"


def test_an_export_needs_a_reason_and_leaves_a_whole_video(qtbot, opened, filled, tmp_path):
    opened.list.selectRow(0)
    opened.export.click()
    asked = dialog(opened, Export)
    assert "The video as it was recorded (faces blurred), 0:03 long." in words(asked)
    assert "Poses and measurements" in words(asked)
    out = tmp_path / "out.mp4"
    asked.target.setText(str(out))
    assert not asked.act.isEnabled()
    asked.reason.setCurrentIndex(asked.reason.findData("medical"))
    assert asked.act.isEnabled()
    asked.act.click()
    qtbot.waitUntil(lambda: out.exists(), timeout=20_000)
    video = VideoSource(out)
    assert len(list(video)) == 30
    video.close()
    assert any(event == "clip.exported" and "medical" in fields.values() for event, fields in filled.logged)


def test_an_export_never_writes_over_a_file(opened, tmp_path):
    asked = Export(opened._rows[0], tmp_path)
    asked.reason.setCurrentIndex(1)
    there = tmp_path / "there.mp4"
    there.write_bytes(b"mine")
    asked.target.setText(str(there))
    assert not asked.act.isEnabled()
    assert "there already" in asked.problem.text()
    asked.target.setText(str(tmp_path / "no" / "such.mp4"))
    assert not asked.act.isEnabled()


def test_enter_in_a_dialog_does_nothing_that_cannot_be_taken_back(qtbot, opened):
    opened.list.selectRow(0)
    opened.list.setFocus()
    qtbot.keyClick(opened.list, Qt.Key.Key_Delete)
    asked = dialog(opened, Delete)
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    assert not asked.isVisible()
    assert len(opened._rows) == 2


def test_deleting_says_what_it_cannot_promise_and_deletes(qtbot, opened, filled):
    play(qtbot, opened, 0)
    opened.delete.click()
    asked = dialog(opened, Delete)
    assert "Copies elsewhere" in words(asked)
    asked.act.click()
    qtbot.waitUntil(lambda: len(opened._rows) == 1, timeout=20_000)
    assert opened.player.moment.shown is None
    assert len(list(filled.folder.glob("*.pclip"))) == 1


def test_keeping_longer_gives_it_a_key_of_its_own(qtbot, opened, keeper):
    opened.list.selectRow(0)
    opened.longer.click()
    dialog(opened, Keep).act.click()
    qtbot.waitUntil(lambda: any(item.entry.held for item in keeper.items), timeout=20_000)
    (held,) = [item for item in keeper.items if item.entry.held]
    assert held.entry.last_day == date.today() + timedelta(days=10)
    assert opened._rows[keeper.items.index(held)].keeping is Keeping.HELD


def test_what_is_not_readable_can_only_be_deleted(qtbot, opened, keeper, filled):
    (filled.folder / "00.pclip").write_bytes(b"x")
    keeper.look()
    qtbot.waitUntil(lambda: len(opened._rows) == 3, timeout=20_000)
    opened.list.selectRow(2)
    enabled = [button.isEnabled() for button in (opened.play, opened.export, opened.longer, opened.delete)]
    assert enabled == [False, False, False, True]


def test_a_new_recording_appears_and_what_is_marked_stays_marked(qtbot, opened, keeper, filled):
    opened.list.selectRow(1)
    marked = keeper.items[1].clip_id
    filled.clip(1)
    keeper.look()
    qtbot.waitUntil(lambda: len(opened._rows) == 3, timeout=20_000)
    assert [keeper.items[place].clip_id for place in opened.list.marked] == [marked]


def test_few_keys_are_said_on_every_page_until_somebody_puts_it_away(qtbot, filled, keeper, window):
    keeper.look()
    qtbot.waitUntil(lambda: keeper.door is Door.LOCKED, timeout=20_000)
    assert not window.keys.isVisible()
    keeper.days_left = 6
    keeper.changed.emit()
    assert "6 days" in words(window.keys)
    window.show_page("recordings")
    assert not window.keys.isVisible()
    assert "6 days" in words(window.pages.recordings)
    window.show_page("today")
    window.keys._put_away()
    keeper.changed.emit()
    assert not window.keys.isVisible()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("percent", [100, 200])
def test_every_control_has_a_name_and_room(qtbot, opened, window, program, language, percent):
    program.file.change({"window.language": language, "window.text_scale_percent": percent})
    qtbot.waitUntil(lambda: window.pages.recordings is not opened)
    page = window.pages.recordings
    qtbot.waitUntil(lambda: len(page._rows) == 2, timeout=20_000)
    rows, last = page._rows, date.today()
    asked = [Export(rows[0], Path.home(), page), Delete(rows, page), Keep(rows, last, last, page)]
    assert len(focusable(page)) > 25
    for part in (page, *asked):
        part.show()
        QApplication.processEvents()
        assert unnamed(part) == []
        qtbot.waitUntil(lambda part=part: cut_off(part) == [], timeout=20_000)
    assert page.lock.accessibleName() == ("Aufnahmen sperren" if language == "de" else "Lock the recordings")


def test_errors_of_the_vault_are_told_in_its_words(qtbot, opened, window, keeper, monkeypatch):
    told = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: told.append(box.text()))
    keeper._tell(Locked("the vault is locked: unlock it first"))
    assert told == ["the vault is locked: unlock it first"]
    opened.refuse(WrongKey("/somewhere/identity.pkey does not open"))
    assert "/somewhere" not in opened.opening.problem.text()
