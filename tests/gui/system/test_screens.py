from PyQt6.QtCore import QObject

from posture.gui.system.screens import Screens, key


class Screen:
    def __init__(self, serial, model="U2723", name="DP-1"):
        self._texts = "DEL" if model else "", model, serial
        self._name = name

    def manufacturer(self):
        return self._texts[0]

    def model(self):
        return self._texts[1]

    def serialNumber(self):
        return self._texts[2]

    def name(self):
        return self._name


def test_a_set_of_screens_is_known_again_in_any_order_at_any_plug():
    assert key([Screen("1"), Screen("2")]) == key([Screen("2", name="DP-4"), Screen("1")])


def test_another_screen_or_one_more_is_another_set():
    assert len({key([Screen("1")]), key([Screen("2")]), key([Screen("1"), Screen("2")]), key([])}) == 4


def test_a_screen_that_says_nothing_goes_by_its_plug():
    assert key([Screen("", "", "eDP-1")]) != key([Screen("", "", "HDMI-1")])


def test_no_serial_number_can_be_read_from_it():
    assert "98765" not in key([Screen("98765")])


def test_every_change_is_told(qapp, qtbot):
    told = []
    owner = QObject()
    screens = Screens(told.append, owner)
    assert told == [key(qapp.screens())]
    qapp.screenRemoved.emit(qapp.screens()[0])
    assert told[1:] == [key(qapp.screens()[1:])]
    screens.look()
    assert told[2:] == told[:1]
