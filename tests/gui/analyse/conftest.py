import numpy as np
import pytest
from standing import observed

from posture.config import Settings
from posture.gui.analyse.bench import Item, Options, State
from posture.gui.analyse.case import Case
from posture.gui.analyse.far import BlankClip


@pytest.fixture
def case():
    return Case(None, observed(people=2), Settings())


@pytest.fixture
def page(window, qtbot, case, monkeypatch):
    """The page with one file that is ready: two people who stand still for six seconds."""
    monkeypatch.setattr("posture.gui.analyse.work.clip_of", lambda case: BlankClip(np.asarray(case.times_s), case.size))
    monkeypatch.setattr("PyQt6.QtWidgets.QMessageBox.exec", lambda box: 0)  # nobody is there to close it
    window.show_page("analyse")
    found = window.pages.analyse
    bench = window.house.bench
    bench.items[1] = Item(1, None, Options(), State.DONE, 1.0, case=case)
    bench.changed.emit()
    found.look_at(1)
    qtbot.waitUntil(lambda: found.work.player.moment.shown is not None and found.work.reading is not None)
    return found


@pytest.fixture
def work(page):
    return page.work


@pytest.fixture
def settled(qtbot, work):
    """Waits until all of the recording was read again after a change."""

    def wait():
        qtbot.waitUntil(lambda: not work._read_soon.isActive() and not work._errands.busy)
        assert work.reading.review == work.changes.review

    return wait
