import pytest
from played_services import PROPERTIES

from posture.gui.system.power import UPOWER, UPOWER_PATH, AskedPower, Power, UPower, of_line, of_source


def test_upower_at_the_start_and_later(bus, peer, qtbot):
    peer.methods[UPOWER_PATH, PROPERTIES, "Get"] = lambda interface, name: ("v", [name == "OnBattery"])
    peer.own(UPOWER)
    power = UPower(system=bus)
    assert power.on_battery is None
    heard = []
    power.changed.connect(heard.append)
    qtbot.waitUntil(lambda: heard == [True])
    peer.properties(UPOWER_PATH, UPOWER, LidIsClosed=True)
    peer.properties(UPOWER_PATH, UPOWER, OnBattery=False)
    qtbot.waitUntil(lambda: heard == [True, False])
    assert power.on_battery is False


def test_only_changes_are_told(qapp):
    power = Power()
    heard = []
    power.changed.connect(heard.append)
    for said in (None, True, True, None, False):
        power.say(said)
    assert heard == [True, None, False]


def test_a_system_that_is_asked(qapp):
    assert AskedPower(lambda: True).on_battery is True


@pytest.mark.parametrize(("line", "on_battery"), [(0, True), (1, False), (255, None), (7, None)])
def test_the_line_of_windows(line, on_battery):
    assert of_line(line) is on_battery


@pytest.mark.parametrize(
    ("kind", "on_battery"), [("AC Power", False), ("Battery Power", True), ("UPS Power", True), ("", None)]
)
def test_the_source_of_macos(kind, on_battery):
    assert of_source(kind) is on_battery
