"""The calibrated pose as it is drawn behind the person, and its limits: made of a few numbers of the profile."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.ergonomics.baseline import Profile
from posture.ergonomics.desk_features import EAR_BREADTH_M, Features
from posture.ergonomics.sitting import Judgement
from posture.gui.words import tr
from posture.skeleton import BLAZEPOSE_33

_EYES_ABOVE, _EYES_APART, _MOUTH_BELOW = 0.10, 0.55, 0.30
"""Of the breadth between the ears: where eyes and mouth of the drawn head lie."""
_GUIDE_WIDE = 1.5
"""Of that breadth, to either side of the head."""


@dataclass(frozen=True, slots=True)
class Guide:
    """A limit as a level line, in picture widths, and its words."""

    y: float
    left: float
    right: float
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class Ghost:
    """Keypoints in picture widths [33, 2], which of them are drawn [33], and the limits."""

    in_widths: Array
    drawn: NDArray[np.bool_]
    guides: tuple[Guide, ...] = ()

    def points(self, width: float) -> Array:
        """[33, 2] in pixels of a picture that is so wide."""
        return self.in_widths * width


def ghost(profiles: Iterable[Profile], judgement: Judgement | None) -> Ghost | None:
    """The calibrated pose of the profile that is compared with; None from the side, or where there is none."""
    if judgement is None or not judgement.profile:
        return None
    was = next((p.baseline.features for p in profiles if p.name == judgement.profile), None)
    if was is None or not math.isfinite(was.ears_x + was.ears_apart + was.shoulders_x + was.shoulders_apart):
        return None
    points, drawn = np.zeros((len(BLAZEPOSE_33), 2)), np.zeros(len(BLAZEPOSE_33), bool)
    for name, place in _points(was).items():
        points[BLAZEPOSE_33.index[name]] = place
        drawn[BLAZEPOSE_33.index[name]] = True
    return Ghost(points, drawn, _guides(was, judgement))


def _points(was: Features) -> dict[str, tuple[float, float]]:
    """The person's left is on the right of the picture."""
    x, y, wide = was.ears_x, was.ears_y, was.ears_apart
    tilt = math.radians(was.shoulder_tilt_deg) if math.isfinite(was.shoulder_tilt_deg) else 0.0
    half = was.shoulders_apart / 2
    across, down = half * math.cos(tilt), half * math.sin(tilt)
    eyes, mouth = y - _EYES_ABOVE * wide, y + _MOUTH_BELOW * wide
    return {
        "left_ear": (x + wide / 2, y), "right_ear": (x - wide / 2, y), "nose": (x, y + 0.15 * wide),
        "left_eye": (x + _EYES_APART / 2 * wide, eyes), "right_eye": (x - _EYES_APART / 2 * wide, eyes),
        "mouth_left": (x + 0.2 * wide, mouth), "mouth_right": (x - 0.2 * wide, mouth),
        "left_shoulder": (was.shoulders_x + across, was.shoulders_y - down),
        "right_shoulder": (was.shoulders_x - across, was.shoulders_y + down),
    }  # fmt: skip


def _guides(was: Features, judgement: Judgement) -> tuple[Guide, ...]:
    """How low head and shoulders may come."""
    limits = {deviation.name: deviation.limit for deviation in judgement.deviations if deviation.unit == "cm"}
    per_cm = was.ears_apart / EAR_BREADTH_M / 100
    wide = _GUIDE_WIDE * was.ears_apart
    rows = (
        ("head_drop", was.ears_x, was.ears_y, wide, tr("head: limit")),
        ("shoulder_drop", was.shoulders_x, was.shoulders_y, was.shoulders_apart * 0.6, tr("shoulders: limit")),
    )
    return tuple(
        Guide(y + limits[name] * per_cm, x - half, x + half, words)
        for name, x, y, half, words in rows
        if math.isfinite(limits.get(name, math.nan))
    )
