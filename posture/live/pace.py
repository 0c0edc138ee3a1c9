"""How many frames a second are decoded and judged: as many as somebody needs, and no more."""

import math
from dataclasses import dataclass, replace

from posture.live.settings import LiveSettings

AWAY_AFTER_S = 60.0
"""Nobody in view for so long: away mode."""
AWAY_HZ = 1.0
CUE_HZ = 10.0
"""While a cue shows: it has to be gone within 200 ms after the person sits well again, so a look every 100 ms."""
CALIBRATION_HZ = 10.0
STILL = 0.1
"""Motion below this (of 1) is noise of the camera. A frame with less, between two due judgements, needs no model."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What is asked of camera and model at this moment."""

    rate_hz: float
    """Frames a second that are decoded."""
    every_frame: bool
    """Whether the model sees each of them; else those in which something moved, and one in `judge_every_s`."""
    judge_every_s: float


def pace(
    live: LiveSettings, *, viewed: bool, calibrating: bool, cue: bool, alone_s: float, recorded_hz: float = 0.0
) -> Pace:
    """`viewed`: a view shows picture or skeleton; `cue`: a cue shows; `alone_s`: how long nobody has been in view.

    `recorded_hz`: frames a second that a recording needs, each with what is seen in it.
    """
    found = _unrecorded(live, viewed=viewed, calibrating=calibrating, cue=cue, alone_s=alone_s)
    return replace(found, rate_hz=max(found.rate_hz, recorded_hz), every_frame=True) if recorded_hz else found


def _unrecorded(live: LiveSettings, *, viewed: bool, calibrating: bool, cue: bool, alone_s: float) -> Pace:
    judge_every_s = 1 / live.economy_rate
    if calibrating:
        return Pace(max(CALIBRATION_HZ, live.rate if viewed else 0.0), True, judge_every_s)
    if alone_s >= AWAY_AFTER_S:
        return Pace(min(AWAY_HZ, live.rate), True, judge_every_s)
    if viewed:
        return Pace(live.rate, True, judge_every_s)
    if cue:
        return Pace(max(CUE_HZ, live.economy_rate), False, judge_every_s)
    return Pace(live.economy_rate, True, judge_every_s)


def needs_model(pace: Pace, motion: float, since_s: float) -> bool:
    """Whether the model has to see a frame: `motion` as in `Captured`, `since_s` seconds after the last one it saw."""
    return pace.every_frame or math.isnan(motion) or motion >= STILL or since_s >= pace.judge_every_s
