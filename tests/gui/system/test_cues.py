from dataclasses import replace

import pytest
from played import moment
from PyQt6.QtCore import QElapsedTimer, QRect, QVariantAnimation
from PyQt6.QtGui import QGuiApplication, QImage

from posture.ergonomics.sitting import State
from posture.gui.system.cues import Cues, silent_after_s, wanted
from posture.gui.system.foreground import Foreground
from posture.gui.system.overlay import Glow, Shade, Side, strip
from posture.live.snapshot import Figures, Pause, Phase, Snapshot
from posture.reminders import Level, Reminder


class Desktop(Foreground):
    """Says what a test wants."""

    def __init__(self, *, translucent=True, overlays=True):
        self.is_covered, self._translucent, self._overlays = False, translucent, overlays

    def covered(self, screen):
        return self.is_covered

    def translucent(self):
        return self._translucent

    def overlays(self):
        return self._overlays


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def slumped(level, **more):
    return replace(moment(State.SLUMP, reminder=Reminder(State.SLUMP, level)), **more)


@pytest.fixture
def desktop():
    return Desktop()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sounds():
    return []


@pytest.fixture
def cues(qapp, desktop, clock, sounds):
    made = Cues(desktop, lambda: sounds.append(True), reduced_motion=lambda: True, clock=clock)
    yield made
    made.clear()


def test_a_glow_has_four_edges_on_every_screen_and_takes_no_input(cues):
    cues.see(slumped(Level.EDGE))
    assert len(cues.windows) == 4 * len(QGuiApplication.screens())
    flags = cues.windows[0].windowFlags()
    for wanted_flag in ("WindowTransparentForInput", "WindowDoesNotAcceptFocus", "WindowStaysOnTopHint"):
        assert flags & getattr(type(flags), wanted_flag)
    assert all(window.isVisible() for window in cues.windows)


def test_recovery_clears_the_cue_within_200_ms(cues, qtbot):
    cues.see(slumped(Level.DIM))
    (shade,) = cues.windows
    assert isinstance(shade, Shade)
    timer = QElapsedTimer()
    timer.start()
    cues.see(moment(State.GOOD))
    qtbot.waitUntil(lambda: not shade.isVisible(), timeout=200)
    assert timer.elapsed() < 200
    assert cues.windows == ()


@pytest.mark.parametrize(
    "after",
    [
        moment(State.SLUMP, reminder=Reminder()),
        slumped(Level.EDGE, phase=Phase.PAUSED),
        slumped(Level.EDGE, pauses=frozenset({Pause.LOCKED})),
        slumped(Level.EDGE, phase=Phase.CAMERA),
        slumped(Level.EDGE, phase=Phase.FAILED),
        slumped(Level.EDGE, phase=Phase.STOPPED),
        Snapshot(Phase.STOPPED),
    ],
    ids=["recovered", "paused", "locked", "no camera", "failed", "stopped", "closed"],
)
def test_no_cue_outlives_what_it_stands_for(cues, after):
    cues.see(slumped(Level.EDGE))
    assert cues.windows
    cues.see(after)
    assert cues.windows == ()
    assert cues.level is Level.NONE


def test_a_silent_monitor_clears_the_cue(cues, qtbot):
    cues.see(slumped(Level.EDGE))
    assert cues._silence.interval() == 1000
    cues._silence.setInterval(1)  # as if the second were over
    qtbot.waitUntil(lambda: cues.windows == ())


@pytest.mark.parametrize(("rate", "seconds"), [(30.0, 1.0), (1.0, 2.5), (0.2, 12.5), (float("nan"), 1.0)])
def test_silence_is_measured_by_the_rate(rate, seconds):
    assert silent_after_s(Snapshot(Phase.RUNNING, figures=Figures(fps_target=rate))) == pytest.approx(seconds)


def test_quitting_clears_the_cue(cues, qapp):
    cues.see(slumped(Level.EDGE))
    qapp.aboutToQuit.emit()
    assert cues.windows == ()


@pytest.mark.parametrize(
    ("level", "desktop", "shown"),
    [
        (Level.DIM, Desktop(translucent=False), Level.EDGE),
        (Level.DIM, Desktop(overlays=False), Level.TRAY),
        (Level.EDGE, Desktop(overlays=False), Level.TRAY),
        (Level.SOUND, Desktop(overlays=False), Level.SOUND),
        (Level.TRAY, Desktop(), Level.TRAY),
        (Level.DIM, Desktop(), Level.DIM),
    ],
)
def test_what_cannot_be_shown_becomes_quieter(qapp, level, desktop, shown):
    assert Cues(desktop, lambda: None).shows_as(level) is shown


def test_safe_mode_draws_nothing_over_other_windows(qapp, desktop):
    cues = Cues(desktop, lambda: None, over_windows=False)
    cues.see(slumped(Level.DIM))
    assert cues.windows == ()


def test_a_sound_plays_once_for_a_cue_and_not_for_every_look(cues, sounds, clock):
    for _ in range(3):
        cues.see(slumped(Level.SOUND))
    assert sounds == [True]
    cues.see(moment(State.GOOD))
    clock.now += 5
    cues.see(slumped(Level.SOUND))
    assert sounds == [True, True]
    assert cues.windows == ()


def test_nothing_flashes(cues, clock):
    shows = []
    for _ in range(20):
        clock.now += 0.1
        cues.see(slumped(Level.EDGE))
        shows.append(bool(cues.windows))
        clock.now += 0.1
        cues.see(moment(State.GOOD))
    begins = sum(now and not before for before, now in zip([False, *shows], shows, strict=False))
    assert 0 < begins <= 4  # in four seconds


def test_a_screen_that_another_program_fills_is_left_alone(cues, desktop):
    desktop.is_covered = True
    cues.see(slumped(Level.EDGE))
    assert cues.windows == ()
    assert cues.level is Level.EDGE
    desktop.is_covered = False
    cues._keep()
    assert len(cues.windows) == 4
    desktop.is_covered = True
    cues._keep()
    assert cues.windows == ()


def test_a_screen_that_goes_takes_its_windows_along_and_one_that_comes_gets_some(cues, qapp):
    cues.see(slumped(Level.EDGE))
    screen = qapp.primaryScreen()
    qapp.screenRemoved.emit(screen)
    assert cues.windows == ()
    qapp.screenAdded.emit(screen)
    assert len(cues.windows) == 4


def test_a_screen_that_changes_its_size_gets_new_windows(cues):
    cues.see(slumped(Level.EDGE))
    before = cues.windows
    for window in before:
        window.screen_box = QRect(0, 0, 1, 1)
    cues._keep()
    assert not set(before) & set(cues.windows)
    assert len(cues.windows) == 4


def test_another_level_replaces_the_one_before(cues):
    cues.see(slumped(Level.EDGE))
    cues.see(slumped(Level.DIM))
    assert [type(window) for window in cues.windows] == [Shade]


def test_a_glow_rises_and_never_falls(qapp, qtbot):
    glow = Glow(Side.TOP, QRect(0, 0, 300, 200), translucent=True)
    qtbot.addWidget(glow)
    strengths = []
    glow.rise(at_once=False)
    assert glow.strength == 0.0
    (animation,) = glow.findChildren(QVariantAnimation)
    for at in (0, 100, 350, 700):
        animation.setCurrentTime(at)
        strengths.append(glow.strength)
    assert strengths == sorted(strengths)
    assert strengths[-1] == 1.0


def test_reduced_motion_shows_it_at_once(cues):
    cues.see(slumped(Level.EDGE))
    assert {window.strength for window in cues.windows} == {1.0}


@pytest.mark.parametrize("thick", [5, 22])
def test_the_four_edges_lie_inside_and_beside_each_other(thick):
    box = QRect(-1280, 40, 1280, 1024)
    strips = [strip(side, box, thick) for side in Side]
    assert all(box.contains(one) for one in strips)
    assert sum(one.width() * one.height() for one in strips) == 2 * thick * (1280 + 1024 - 2 * thick)
    assert not [1 for a in strips for b in strips if a is not b and a.intersects(b)]


def test_a_glow_is_strongest_at_the_edge(qapp, qtbot):
    glow = Glow(Side.LEFT, QRect(0, 0, 300, 200), translucent=True)
    qtbot.addWidget(glow)
    image = QImage(glow.size(), QImage.Format.Format_ARGB32)
    image.fill(0)
    glow.render(image)
    alphas = [image.pixelColor(x, 50).alpha() for x in range(glow.width())]
    assert alphas[0] > 200 > 30 > alphas[-1]
    assert alphas == sorted(alphas, reverse=True)


def test_nothing_is_wanted_without_a_cue():
    assert wanted(moment(State.SLUMP)) is Level.NONE
    assert wanted(slumped(Level.NONE)) is Level.NONE


def test_a_sound_is_heard_again_when_the_reminder_comes_again(qapp):
    heard = []
    cues = Cues(Foreground(), lambda: heard.append(True))
    begun = Reminder(State.SLUMP, Level.SOUND, fired=True)
    cues.see(moment(State.SLUMP, reminder=begun))
    assert heard == [True]
    cues.see(moment(State.SLUMP, reminder=replace(begun, fired=False)))
    assert heard == [True]
    cues.see(moment(State.SLUMP, reminder=begun))
    assert heard == [True, True]
    cues.clear()
