import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.live.figures import Meter, limit
from posture.live.pace import AWAY_AFTER_S, CUE_HZ, needs_model, pace
from posture.live.settings import LiveSettings
from posture.live.view import fitted

LIVE = LiveSettings()


def asked(viewed=False, calibrating=False, cue=False, alone_s=0.0, live=LIVE):
    return pace(live, viewed=viewed, calibrating=calibrating, cue=cue, alone_s=alone_s)


def test_as_many_frames_as_somebody_needs():
    assert asked().rate_hz == 1.0
    assert asked(viewed=True).rate_hz == 30.0
    assert asked(cue=True).rate_hz == CUE_HZ
    assert asked(calibrating=True).rate_hz == 10.0
    assert asked(viewed=True, calibrating=True).rate_hz == 30.0
    assert asked(viewed=True, alone_s=AWAY_AFTER_S).rate_hz == 1.0
    assert asked(viewed=True, alone_s=AWAY_AFTER_S - 0.1).rate_hz == 30.0


@pytest.mark.parametrize(
    ("cue", "motion", "since_s", "needed"),
    [
        (False, 0.0, 0.01, True),
        (True, 0.0, 0.1, False),
        (True, 0.5, 0.1, True),
        (True, math.nan, 0.1, True),
        (True, 0.0, 1.0, True),
    ],
)
def test_the_model_runs_when_something_moved_or_a_judgement_is_due(cue, motion, since_s, needed):
    assert needs_model(asked(cue=cue), motion, since_s) is needed


@pytest.mark.parametrize(
    ("given", "fps_in", "fps_done", "target", "why"),
    [
        (30, 30, 29.9, 30, ""),
        (29.97, 29.97, 15, 30, "model"),
        (30, 20, 20, 30, "decoder"),
        (30, 20, 10, 30, "model"),
        (15, 15, 15, 30, "camera"),
        (1, 1, 1, 1, "economy"),
        (math.nan, math.nan, math.nan, 30, ""),
    ],
)
def test_why_less_is_reached(given, fps_in, fps_done, target, why):
    assert limit(given, fps_in, fps_done, target, 30) == why


def test_pictures_that_the_decoder_had_no_time_for_say_why_it_is_slow():
    now = [0.0]
    meter = Meter(lambda: now[0])
    for _ in range(60):
        now[0] += 0.1
        meter.came(1, 2)
        meter.done()
    figures = meter.figures(target=30, wanted=30, dropped=0)
    assert (round(figures.fps_in), round(figures.fps_done), figures.limited_by) == (10, 10, "decoder")


@pytest.mark.parametrize("rate", [1, 2, 10, 30, 60])
def test_the_meter_measures_rates(rate):
    now = [0.0]
    meter = Meter(lambda: now[0])
    for _ in range(10 * rate):
        now[0] += 1 / rate
        meter.came(2)
        meter.done()
    figures = meter.figures(target=rate, wanted=rate, dropped=0)
    assert figures.fps_done == pytest.approx(rate, rel=0.01)
    assert figures.fps_in == pytest.approx(2 * rate, rel=0.3)
    now[0] += 4.0
    assert meter.figures(target=rate, wanted=rate, dropped=0).fps_done < 0.5 * rate
    now[0] += 10.0
    assert math.isnan(meter.figures(target=rate, wanted=rate, dropped=0).fps_done)


@given(st.tuples(*[st.integers(16, 8000)] * 2), st.tuples(*[st.integers(1, 8000)] * 2))
def test_a_picture_fits_into_the_view_and_touches_it(frame, view):
    width, height = fitted(frame, view)
    assert 1 <= width <= view[0]
    assert 1 <= height <= view[1]
    assert width == view[0] or height == view[1]
