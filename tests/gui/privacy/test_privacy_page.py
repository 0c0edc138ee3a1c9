"""The Privacy page over a real vault, log and folder: what it shows, and what its buttons do."""

import threading
import time
from datetime import UTC, datetime

import pytest
from filled_vault import PASSPHRASE
from of_privacy import fill_log
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QMessageBox

from posture.audit.events import Event
from posture.errors import SinkError
from posture.gui.privacy.dialogs import CopyData, EraseAll, Working
from posture.gui.privacy.steward import Steward
from posture.rights.consents import Consents
from posture.sinks.recording import Phase, Recording


@pytest.fixture
def noon(monkeypatch):
    """A place where it is between 12 and 13 o'clock: hours before now belong to today."""
    monkeypatch.setenv("TZ", f"XXX{(datetime.now(UTC).hour - 12):+d}")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def filled(noon, vault):
    vault.make()
    vault.clip(2)
    fill_log(vault.data / "audit", datetime.now().astimezone())
    with vault.vault.unlock(PASSPHRASE) as unlocked:
        Consents(vault.data, vault.vault, unlocked).add("P07", "consent", "own-posture")
    return vault


@pytest.fixture
def page(qtbot, filled, window):
    window.show_page("privacy")
    steward = window.house.steward
    qtbot.waitUntil(lambda: steward.overview is not None and not (steward.looking or steward.acting), timeout=20_000)
    return window.pages.privacy


def row(sheet, first):
    return next(texts for texts in sheet.texts if texts[0] == first)


def test_it_shows_what_is_there(page, filled):
    assert row(page.network.sheet, "Decoding process")[1] == "● active"
    assert page.camera.time.text() == "1 h 30 min"
    recordings = row(page.kept.sheet, "Recordings")
    assert recordings[1].startswith("1 file, ")
    assert recordings[2:4] == ["AES-256-GCM, key of the day", "3 days; then its key is erased"]
    assert page.kept.strays.isHidden()
    assert [texts[1] for texts in page.exports.sheet.texts][1].startswith("a report was written as pdf")
    assert page.log.sheet.texts[0][1].startswith("recording 5f1c")
    assert page.consents.sheet.texts[0][1] == "locked"
    assert "2 days" not in page.kept.rules.text()
    assert page.flow.chart.drawn is not None


def test_a_layer_that_is_missing_is_never_shown_as_holding(page):
    """Negative control: the tests' own process has no filter, as `guard.layers` says there."""
    assert row(page.network.sheet, "Operating system")[1] == "▲ missing"
    assert page.network.verdict.text().startswith("▲")


def test_what_nobody_declares_is_said(qtbot, page, filled, window):
    (filled.data / "faces.jpg").write_bytes(b"")
    page.again.click()
    qtbot.waitUntil(page.kept.strays.isVisible, timeout=20_000)
    assert str(filled.data / "faces.jpg") in page.kept.strays.text()


def test_verify_checks_the_log_as_it_is(qtbot, page, filled):
    page.log.verify.click()
    qtbot.waitUntil(page.log.result.isVisible, timeout=20_000)
    assert page.log.result.text().startswith("● It holds: 7 entries")
    log = next((filled.data / "audit").glob("*.log"))
    log.write_bytes(log.read_bytes().replace(b"camera.closed", b"camera.opened"))
    page.log.verify.click()
    qtbot.waitUntil(lambda: page.log.result.text().startswith("■"), timeout=20_000)


def test_unlocking_shows_who_agreed(qtbot, page, keeper_of, filled):
    keeper_of.unlock(PASSPHRASE)
    qtbot.waitUntil(lambda: page.consents.sheet.texts[0][:2] == ["P07", "agreed"], timeout=20_000)
    keeper_of.lock()
    qtbot.waitUntil(lambda: page.consents.sheet.texts[0][1] == "locked", timeout=20_000)


@pytest.fixture
def keeper_of(window):
    return window.house.keeper


def test_a_copy_is_written_where_it_was_asked_for(qtbot, page, window, tmp_path):
    page.copy.click()
    dialog = page.findChild(CopyData)
    dialog.target.setText(str(tmp_path))
    assert not dialog.act.isEnabled(), "a folder that is there is never written over"
    dialog.target.setText(str(tmp_path / "mine"))
    problems = []
    window.pages.failed.disconnect(window.tell)
    page.failed.connect(problems.append)
    dialog.act.click()
    qtbot.waitUntil(lambda: (tmp_path / "mine" / "index.html").exists() and bool(problems), timeout=20_000)
    assert "locked" in problems[0], "what is missing is said"
    assert page.findChild(Working) is None or not page.findChild(Working).isVisible()


def test_everything_goes_after_the_word_and_not_before(qtbot, page, window, filled, monkeypatch):
    said = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: said.append(box.text()))
    quits = []
    monkeypatch.setattr("posture.gui.app.leave", lambda: quits.append(True))
    page.erase.click()
    qtbot.waitUntil(lambda: page.findChild(EraseAll) is not None, timeout=20_000)
    dialog = page.findChild(EraseAll)
    clip = next(filled.folder.glob("*.pclip"))
    assert str(clip) in dialog.paths.toPlainText()
    assert not dialog.act.isEnabled()
    qtbot.keyClicks(dialog.field, "erase")
    assert not dialog.act.isEnabled()
    assert clip.exists()
    dialog.field.clear()
    qtbot.keyClicks(dialog.field, "ERASE")
    dialog.act.click()
    qtbot.waitUntil(lambda: bool(quits), timeout=20_000)
    assert not filled.vault.exists
    assert not clip.exists()
    assert Event.DATA_ERASED in [event for event, _ in filled.logged]
    assert dialog.plan.sha256 in said[0]


def test_nothing_is_erased_while_something_is_recorded(qtbot, page, window, monkeypatch):
    monkeypatch.setattr(page, "_records", lambda: Recording(Phase.RECORDING, "skeleton").shows)
    window.pages.failed.disconnect(window.tell)
    with qtbot.waitSignal(page.failed) as said:
        page.erase.click()
    assert said.args[0].startswith("Stop the recording first")
    assert page.findChild(EraseAll) is None


def test_the_diagram_is_saved_in_the_format_of_its_name(page, tmp_path):
    for name, begins in (("a.pdf", b"%PDF"), ("a.svg", b"<svg"), ("a.html", b"<!doctype"), ("a", None)):
        page.save(tmp_path / name)
        if begins is not None:
            assert (tmp_path / name).read_bytes().startswith(begins)
    assert (tmp_path / "a.pdf").exists()


def test_the_keyboard_reaches_everything(page, window, qtbot):
    seen, first = [], window.focusWidget()
    for _ in range(40):
        seen.append(window.focusWidget())
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        if window.focusWidget() is first:
            break
    for part in (page.again, page.copy, page.erase, page.log.verify, page.flow.save, page.kept.sheet, page.log.sheet):
        assert part in seen
        assert part.accessibleName()


class Stuck:
    """An office whose folder never answers; the log can be checked all the same."""

    def __init__(self):
        self.answer = threading.Event()

    def look(self):
        self.answer.wait(30)
        raise SinkError("the share does not answer")

    def decoding(self):
        return True, ""

    def verify(self):
        return 3


def test_a_share_that_never_answers_holds_up_nothing_else(qtbot):
    office = Stuck()
    steward = Steward(office)
    try:
        steward.look()
        with qtbot.waitSignal(steward.verified, timeout=10_000) as found:
            steward.verify()
        assert found.args == [3, ""]
        assert steward.looking
    finally:
        office.answer.set()
        steward.close()


def test_progress_cannot_be_closed_away(qtbot):
    working = Working("x", stoppable=False)
    qtbot.addWidget(working)
    working.show()
    qtbot.keyClick(working, Qt.Key.Key_Escape)
    assert working.isVisible()
    working.done(QDialog.DialogCode.Rejected)
    assert not working.isVisible()
