import itertools

import pytest
from played import moment, told
from PyQt6.QtGui import QImage

from posture.ergonomics.sitting import State
from posture.gui.system import sound
from posture.gui.system.state_sign import Sign, icon, sign_of
from posture.live.snapshot import Pause, Phase, Snapshot


@pytest.mark.parametrize(
    ("snapshot", "sign"),
    [
        (Snapshot(Phase.STOPPED), Sign.STOPPED),
        (Snapshot(Phase.PAUSED), Sign.PAUSED),
        (Snapshot(Phase.STARTING, pauses=frozenset({Pause.LOCKED})), Sign.PAUSED),
        (Snapshot(Phase.CAMERA), Sign.TROUBLE),
        (Snapshot(Phase.FAILED), Sign.TROUBLE),
        (Snapshot(Phase.STARTING), Sign.NONE),
        (Snapshot(Phase.CALIBRATING), Sign.NONE),
        (moment(State.GOOD), Sign.GOOD),
        (moment(State.UNRELIABLE), Sign.NONE),
        (moment(State.SLUMP), Sign.FAIR),
        (moment(State.SLUMP, reminder=told(State.SLUMP)), Sign.POOR),
    ],
)
def test_what_a_moment_looks_like(snapshot, sign):
    assert sign_of(snapshot) is sign


def silhouette(sign, side):
    image = icon(sign).pixmap(side, side).toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    return [image.pixel(x, y) & 0xFF for y in range(side) for x in range(side)]


@pytest.mark.parametrize("side", [16, 22, 48])
def test_every_sign_is_told_apart_without_colour(qapp, side):
    grey = {sign: silhouette(sign, side) for sign in Sign}
    for one, other in itertools.combinations(Sign, 2):
        different = sum(abs(a - b) > 40 for a, b in zip(grey[one], grey[other], strict=True))
        assert different >= side * side // 20, (one, other)


def test_a_sound_can_always_be_asked_for(qapp, monkeypatch):
    monkeypatch.setattr(sound, "_canberra", lambda: None)
    sound.sound()()
