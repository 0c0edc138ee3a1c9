"""The vault's door: what opens it, and everything that shuts it."""

import threading
from dataclasses import dataclass, field

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLineEdit

from posture.errors import WrongKey
from posture.gui.recordings.errands import Errands
from posture.gui.recordings.keeper import Door, Keeper
from posture.gui.system.session import Session
from posture.gui.system.shell import Shell, Surface
from posture.live.snapshot import Pause
from posture.vault.library import Retained

PANIC = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@dataclass
class Box:
    """Implements `Safe`; `gate` holds up what takes its time."""

    gate: threading.Event = field(default_factory=threading.Event)
    asked: list = field(default_factory=list)
    open: bool = False
    keyring_answers: threading.Event | None = None
    clips: tuple = ()

    def there(self):
        return True

    def keyring(self):
        return self.keyring_answers is not None and self.keyring_answers.wait(30)

    def unlock(self, passphrase):
        self.gate.wait(10)
        if passphrase == "wrong":
            raise WrongKey("wrong or altered")
        self.open = True
        return ()

    def lock(self):
        self.asked.append("lock")
        self.open = False

    def days_left(self):
        return 35

    def retain(self):
        self.asked.append("retain")
        return Retained((), (), (), (), doubted=False)

    def items(self):
        return self.clips


@pytest.fixture
def now():
    return [1000.0]


@pytest.fixture
def box():
    return Box()


@pytest.fixture
def held(qtbot, box, now):
    """A keeper of `box`, whose door was looked at."""
    made = Keeper(box, lambda: 300.0, clock=lambda: now[0])
    made.look()
    qtbot.waitUntil(lambda: made.door is Door.LOCKED, timeout=20_000)
    yield made
    box.gate.set()
    made.close()


@pytest.fixture
def unlocked(qtbot, box, held):
    box.gate.set()
    held.unlock("right")
    qtbot.waitUntil(lambda: held.is_open, timeout=20_000)
    return held


def test_trying_a_passphrase_does_not_hold_up_the_window(held, box):
    held.unlock("right")
    assert held.door is Door.OPENING
    assert not box.open


def test_a_wrong_one_leaves_it_locked_and_says_so(qtbot, held, box):
    box.gate.set()
    with qtbot.waitSignal(held.refused) as refused:
        held.unlock("wrong")
    assert held.door is Door.LOCKED
    assert isinstance(refused.args[0], WrongKey)


def test_it_locks_after_five_minutes_without_use(unlocked, box, now, qtbot):
    now[0] += 299.0
    unlocked.tick()
    assert unlocked.is_open
    now[0] += 1.0
    with qtbot.waitSignal(unlocked.locked):
        unlocked.tick()
    assert unlocked.door is Door.LOCKED
    assert not box.open


def test_keys_and_the_mouse_in_any_window_are_use_and_playing_is(unlocked, now, qtbot):
    other = QLineEdit()
    qtbot.addWidget(other)
    for use in (lambda: qtbot.keyClick(other, Qt.Key.Key_A), lambda: qtbot.mouseClick(other, Qt.MouseButton.LeftButton),
                unlocked.touch):  # fmt: skip
        now[0] += 299.0
        use()
    now[0] += 299.0
    unlocked.tick()
    assert unlocked.is_open
    other.setText("what a program does is no use")
    now[0] += 1.0
    unlocked.tick()
    assert not unlocked.is_open


def test_who_locks_while_it_opens_finds_it_locked(qtbot, held, box):
    held.unlock("right")
    held.lock()
    box.gate.set()
    qtbot.waitUntil(lambda: box.asked.count("lock") == 2 and not box.open, timeout=20_000)
    assert held.door is Door.LOCKED


def test_what_was_read_before_a_lock_shows_nothing_after_it(qtbot, unlocked, box):
    box.gate.clear()
    box.items = lambda: box.gate.wait(10) and ("secret",)
    unlocked.look()
    unlocked.lock()
    box.gate.set()
    del box.items
    qtbot.waitUntil(lambda: not unlocked._errands.busy, timeout=20_000)
    assert unlocked.items == ()


def test_what_is_due_goes_once_an_hour_and_at_the_start(qtbot, held, box, now):
    def look():
        held.look()
        qtbot.waitUntil(lambda: not held._errands.busy, timeout=20_000)

    look()
    assert box.asked.count("retain") == 1
    now[0] += 3601.0
    look()
    assert box.asked.count("retain") == 2


def test_an_errand_that_fails_is_told_and_the_next_one_is_done(qtbot):
    errands, heard = Errands(), []
    errands.run(lambda: 1 / 0, heard.append, lambda error: heard.append(type(error)))
    errands.run(lambda: 7, heard.append, heard.append)
    qtbot.waitUntil(lambda: len(heard) == 2, timeout=20_000)
    assert heard == [ZeroDivisionError, 7]
    assert not errands.busy
    errands.close()
    errands.run(lambda: 8, heard.append, heard.append)
    assert len(heard) == 2


@pytest.mark.parametrize("why", [Pause.LOCKED, Pause.SLEEP, Pause.SWITCHED])
def test_a_locked_screen_sleep_and_another_account_lock_it(opened, window, keeper, tmp_path, why):
    sessions = []

    def session(is_off, parent):
        sessions.append(Session(is_off, parent))
        return sessions[0]

    shell = Shell(window, tmp_path, surface=Surface(session=session))
    try:
        sessions[0].say(why, True)
        assert not keeper.is_open
        assert opened._rows == []
    finally:
        shell.close()


def test_panic_closes_the_camera_and_locks(opened, window, keeper, monitor, qtbot):
    qtbot.keyClick(window, "L", PANIC)
    assert not keeper.is_open
    assert monitor.asked == [("stop_recording",), ("pause", Pause.PERSON)]


def test_ctrl_l_locks(opened, window, keeper, qtbot):
    qtbot.keyClick(window, "L", Qt.KeyboardModifier.ControlModifier)
    assert not keeper.is_open


def test_the_passphrase_is_forgotten_once_it_was_used(opened):
    assert opened.opening.passphrase.text == ""


def test_a_keyring_that_never_answers_holds_up_no_list(qtbot, box):
    box.keyring_answers = threading.Event()
    box.clips = ("a recording",)
    keeper = Keeper(box, lambda: 300.0)
    try:
        keeper.look()
        qtbot.waitUntil(lambda: keeper.items == ("a recording",), timeout=5_000)
        assert keeper.door is Door.LOCKED
        box.clips = ("a recording", "another")
        keeper.look()
        qtbot.waitUntil(lambda: len(keeper.items) == 2, timeout=5_000)
        assert not keeper.has_keyring, "nobody knows yet"
        box.keyring_answers.set()
        qtbot.waitUntil(lambda: keeper.has_keyring, timeout=5_000)
    finally:
        box.keyring_answers.set()
        keeper.close()
