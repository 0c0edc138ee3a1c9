"""`posture recordings play`: one recording in a window of its own, and the reel whose thread it watches."""

import threading

import pytest
from filled_vault import PASSPHRASE
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QApplication

from posture.appearance import WindowSettings
from posture.errors import Damaged, PostureError
from posture.gui.app import leave
from posture.gui.recordings import alone
from posture.gui.recordings.alone import PlayerWindow
from posture.gui.recordings.reel import Reel


@pytest.fixture
def item(filled):
    filled.safe.unlock(PASSPHRASE)
    yield filled.safe.items()[0]
    filled.safe.lock()


@pytest.fixture
def window(qtbot, filled, item):
    made = PlayerWindow(item, lambda: filled.safe.clip(item))
    qtbot.addWidget(made)
    made.show()
    return made


def test_it_plays_at_once_and_ctrl_l_closes_it_with_everything(qtbot, window):
    qtbot.waitUntil(lambda: window.player.moment.playing, timeout=20_000)
    reel = window.player._reel
    qtbot.keyClick(window, "L", Qt.KeyboardModifier.ControlModifier)
    assert not window.isVisible()
    assert reel.join()
    assert window.player.moment.shown is None


def test_what_cannot_be_played_is_an_error_of_the_command(qtbot, item, qapp, tmp_path):
    def refused():
        raise Damaged("not one second of it can be read")

    font, sheet, palette = qapp.font(), qapp.styleSheet(), qapp.palette()
    patience = QTimer(singleShot=True, interval=5000, timeout=leave)
    try:
        patience.start()
        with pytest.raises(PostureError, match="not one second"):
            alone.play(item, refused, WindowSettings(), 300.0, qapp)
    finally:
        patience.stop()  # it would end the wait of another test
        qapp.setFont(font)
        qapp.setStyleSheet(sheet)
        qapp.setPalette(palette)


def test_a_reel_that_is_closed_while_its_disk_does_not_answer_holds_nobody_up(qtbot):
    gate = threading.Event()

    def slow():
        gate.wait(10)
        raise OSError("gone")

    reel = Reel(slow)
    heard = []
    reel.connect(lambda: heard.append(reel.take()))
    reel.play()
    reel.seek(3.0)
    reel.close()
    assert not reel.join(0.0)
    gate.set()
    assert reel.join()
    QApplication.processEvents()
    assert heard == []


def test_an_error_in_the_thread_is_one_sentence(qtbot, item):
    def broken():
        raise Damaged("altered")

    reel = Reel(broken)
    qtbot.waitUntil(lambda: reel.take().message == "altered", timeout=20_000)
    reel.close()
    assert reel.join()
