import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent

from posture.gui.system.bus import Remote
from posture.gui.system.session import Session
from posture.gui.system.session_linux import LoginSession
from posture.gui.system.session_windows import MEANINGS, POWER_BROADCAST, SESSION_CHANGE, WindowsSession
from posture.live.snapshot import Pause


class Heard:
    """What a session said, in order."""

    def __init__(self, session):
        self.said = []
        session.changed.connect(lambda why, on: self.said.append((why, on)))


@pytest.fixture
def camera():
    return {"off": False}


@pytest.fixture
def make(bus, camera):
    made = []

    def build(**options):
        one = LoginSession(lambda: camera["off"], system=bus, user=bus, **options)
        made.append(one)
        return one

    yield build
    for one in made:
        one.close()


@pytest.fixture
def session(login, make, qtbot):
    one = make(session_id="7")
    qtbot.waitUntil(lambda: one.holds_sleep_up and hasattr(one, "_session"))
    return one


def test_several_sources_of_one_pause_end_with_the_last(qapp):
    session = Session(lambda: True)
    heard = Heard(session)
    session.say(Pause.LOCKED, True, "a")
    session.say(Pause.LOCKED, True, "b")
    session.say(Pause.LOCKED, False, "a")
    assert session.holding == {Pause.LOCKED}
    session.say(Pause.LOCKED, False, "b")
    session.say(Pause.LOCKED, False, "b")
    assert heard.said == [(Pause.LOCKED, True), (Pause.LOCKED, False)]
    assert session.holding == frozenset()


def test_sleep_waits_until_the_camera_is_off_and_is_held_up_again_afterwards(session, login, camera, qtbot):
    (asked,) = [call for call in login.seen if call[0] == "Inhibit"]
    assert (asked[1], asked[2], asked[4]) == ("sleep", "posture", "delay")
    assert login.held_up
    heard = Heard(session)
    login.manager_signal("PrepareForSleep", True)
    qtbot.waitUntil(lambda: heard.said == [(Pause.SLEEP, True)])
    assert login.held_up, "the camera is still on"
    camera["off"] = True
    qtbot.waitUntil(lambda: not login.held_up)
    assert not session.holds_sleep_up
    login.manager_signal("PrepareForSleep", False)
    qtbot.waitUntil(lambda: heard.said[-1] == (Pause.SLEEP, False) and session.holds_sleep_up)
    assert login.held_up


def test_a_camera_that_hangs_does_not_hold_sleep_up_for_ever(qapp, qtbot):
    session = Session(lambda: False)
    called = []
    session.when_off(lambda: called.append(True), longest_s=0.1)
    qtbot.waitUntil(lambda: called == [True])
    session.hold_until_off(0.04)


def test_locked_hint_and_another_account_in_front(session, login, qtbot):
    heard = Heard(session)
    login.session_says(LockedHint=True)
    qtbot.waitUntil(lambda: session.holding == {Pause.LOCKED})
    login.session_says(Active=False)
    qtbot.waitUntil(lambda: session.holding == {Pause.LOCKED, Pause.SWITCHED})
    login.session_says(Active=True, LockedHint=False)
    qtbot.waitUntil(lambda: session.holding == frozenset())
    assert heard.said[:2] == [(Pause.LOCKED, True), (Pause.SWITCHED, True)]


def test_what_another_interface_says_is_not_ours(session, login, qtbot):
    login.properties(login.SESSION_PATH, "org.example.Other", LockedHint=True)
    login.session_says(Active=False)
    qtbot.waitUntil(lambda: Pause.SWITCHED in session.holding)
    assert Pause.LOCKED not in session.holding


def test_what_holds_at_the_start_is_known(login, make, qtbot):
    login.values = {"Active": False, "LockedHint": True}
    session = make(session_id="7")
    qtbot.waitUntil(lambda: session.holding == {Pause.LOCKED, Pause.SWITCHED})
    assert ("GetSession", "7") in login.seen


def test_without_a_session_id_logind_finds_the_session(login, make, monkeypatch, qtbot):
    monkeypatch.delenv("XDG_SESSION_ID", raising=False)
    make()
    qtbot.waitUntil(lambda: ("GetSession", "auto") in login.seen)


@pytest.mark.parametrize("ended_by", ["unlock", "hint", "saver", "touch"])
def test_a_lock_that_was_asked_for_ends(session, login, peer, ended_by, qapp, qtbot):
    login.session_signal("Lock")
    qtbot.waitUntil(lambda: session.holding == {Pause.LOCKED})
    if ended_by == "unlock":
        login.session_signal("Unlock")
    elif ended_by == "hint":
        login.session_says(LockedHint=False)
    elif ended_by == "saver":
        peer.own("org.gnome.ScreenSaver")
        peer.signal("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged", "b", False)
    else:
        session.eventFilter(None, _Touch())
    qtbot.waitUntil(lambda: session.holding == frozenset())


class _Touch(QKeyEvent):
    """A key that comes from the window system and not from a program."""

    def __init__(self):
        super().__init__(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier)

    def spontaneous(self):
        return True


def test_a_key_that_no_person_pressed_ends_no_lock(session, login, qapp, qtbot):
    login.session_signal("Lock")
    qtbot.waitUntil(lambda: session.holding == {Pause.LOCKED})
    qapp.sendEvent(qapp, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier))
    assert session.holding == {Pause.LOCKED}


def test_a_screen_saver_that_is_on_at_the_start_and_then_dies(login, peer, make, qtbot):
    name = "org.freedesktop.ScreenSaver"
    peer.methods["/org/freedesktop/ScreenSaver", name, "GetActive"] = lambda: ("b", [True])
    peer.own(name)
    session = make(session_id="7")
    qtbot.waitUntil(lambda: session.holding == {Pause.LOCKED})
    peer.disown(name)
    qtbot.waitUntil(lambda: session.holding == frozenset())


def test_closing_lets_the_computer_sleep(session, login, qtbot):
    session.close()
    qtbot.waitUntil(lambda: not login.held_up)


def test_a_bus_without_any_service_says_nothing(bus, make, qtbot):
    session = make(session_id="7")
    answered = []
    remote = Remote(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", session)
    remote.call("org.freedesktop.DBus", "GetId", then=answered.append)
    qtbot.waitUntil(lambda: answered != [])
    assert session.holding == frozenset()
    assert not session.holds_sleep_up


class _Told(WindowsSession):
    """Its messages without Windows."""

    def __init__(self, camera_is_off):
        Session.__init__(self, camera_is_off)


@pytest.mark.parametrize(
    ("messages", "holding"),
    [
        ([(SESSION_CHANGE, 7)], {Pause.LOCKED}),
        ([(SESSION_CHANGE, 7), (SESSION_CHANGE, 8)], set()),
        ([(SESSION_CHANGE, 2)], {Pause.SWITCHED}),
        ([(SESSION_CHANGE, 4), (SESSION_CHANGE, 3)], set()),
        ([(POWER_BROADCAST, 4)], {Pause.SLEEP}),
        ([(POWER_BROADCAST, 4), (POWER_BROADCAST, 0x12)], set()),
        ([(POWER_BROADCAST, 0xA), (SESSION_CHANGE, 5), (0x10, 7)], set()),
    ],
)
def test_messages_of_windows(messages, holding, qapp):
    session = _Told(lambda: True)
    for message, parameter in messages:
        session.hear(message, parameter)
    assert session.holding == holding


def test_every_pause_of_windows_ends_again():
    begins = {why for why, on in MEANINGS.values() if on}
    ends = {why for why, on in MEANINGS.values() if not on}
    assert begins == ends == {Pause.LOCKED, Pause.SLEEP, Pause.SWITCHED}
