"""Which background belongs to which calibration."""

from dataclasses import replace

import numpy as np
import pytest

from posture import config
from posture.ergonomics import calibration
from posture.ergonomics.baseline import Baseline
from posture.live.background import background
from posture.live.judging import Judging, Wanted
from posture.live.monitor import local_clock
from posture.live.profiles import Profiles


def room(across):
    """A room as a camera sees it that was turned by so many pixels."""
    rng = np.random.default_rng(7)
    picture = rng.integers(0, 255, (18, 32), np.uint8).repeat(6, 0).repeat(6, 1)
    return background(np.ascontiguousarray(picture[:90, across : across + 160]), (), 160)


class Desk:
    """Judging and profiles as the monitor ties them, with calibrations that take one look."""

    def __init__(self, monkeypatch):
        self.profiles = Profiles()
        self.judging = Judging(config.Settings(), (), local_clock, lambda: 0.0)
        monkeypatch.setattr(
            calibration,
            "step",
            lambda look, state, t, settings: replace(state, progress=1.0, baseline=Baseline(values={}, spread={})),
        )

    def calibrate(self, name, seen):
        self.judging.calibrate(Wanted(name, "front"), 0.0)
        self.profiles.calibrated(self.judging.calibrated(None, seen, 0.0))

    def know(self):
        self.judging.know(self.profiles.all)


@pytest.fixture
def desk(monkeypatch):
    return Desk(monkeypatch)


def test_undoing_a_calibration_brings_its_background_back(desk):
    desk.calibrate("desk", room(0))
    desk.calibrate("desk", room(12))
    assert desk.judging.shift(room(12)) == pytest.approx((0, 0), abs=0.01)
    desk.profiles.undo()
    desk.know()
    assert desk.judging.shift(room(12)) == pytest.approx((-12 / 160, 0), abs=0.01), "the camera was moved since"


def test_a_background_goes_along_with_another_name(desk):
    desk.calibrate("desk", room(0))
    desk.profiles.rename("desk", "home")
    desk.know()
    assert desk.judging.shift(room(12)) == pytest.approx((-12 / 160, 0), abs=0.01)


def test_what_cannot_come_back_is_forgotten(desk):
    for _ in range(5):
        desk.calibrate("desk", room(0))
    assert len(desk.judging._backgrounds) == 2
