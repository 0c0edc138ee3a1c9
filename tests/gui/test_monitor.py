"""Between the monitor's thread and Qt's: newest wins, and what began is not lost on the way."""

from dataclasses import replace

import pytest
from played import PlayedMonitor, moment, told

from posture.ergonomics.sitting import State
from posture.gui.monitor import Bridge
from posture.live.snapshot import Phase


@pytest.fixture
def monitor():
    return PlayedMonitor()


@pytest.fixture
def bridge(monitor, qapp):
    return Bridge(monitor)


def begins():
    return moment(State.SLUMP, reminder=replace(told(State.SLUMP), fired=True))


def goes_on():
    return moment(State.SLUMP, reminder=told(State.SLUMP))


def test_a_cue_that_began_while_qt_was_busy_begins_once(bridge, monitor):
    arrived = []
    bridge.arrived.connect(lambda: arrived.append(True))
    monitor.play(begins())
    monitor.play(goes_on())
    assert arrived == [True]
    assert bridge.take().snapshot.reminder.fired
    monitor.play(goes_on())
    assert not bridge.take().snapshot.reminder.fired
    assert arrived == [True, True]


def test_a_cue_that_ended_meanwhile_does_not_begin(bridge, monitor):
    monitor.play(begins())
    monitor.play(moment(State.GOOD))
    assert not bridge.take().snapshot.reminder.fired


def test_who_only_asks_consumes_nothing(bridge, monitor, qapp):
    arrived = []
    bridge.arrived.connect(lambda: arrived.append(True))
    assert bridge.newest.snapshot.phase is Phase.STOPPED
    monitor.play(begins())
    assert bridge.newest.snapshot.phase is Phase.RUNNING
    monitor.play(goes_on())
    assert arrived == [True]
    assert bridge.take().snapshot.reminder.fired


@pytest.mark.parametrize("page", ["live", "settings"])
def test_the_page_and_its_clock_leave_the_monitor_alone(window, monitor, page, monkeypatch):
    window.show_page(page)
    monkeypatch.setattr(PlayedMonitor, "latest", lambda self: pytest.fail("consumed"))
    window.moments.tick()
    assert window.house.desk.commands.phase is Phase.STOPPED
    window.build()
