"""The calibrated pose as it is drawn behind the person, and its limits: made of a few numbers of the profile."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.ergonomics.baseline import Profile
from posture.ergonomics.desk_features import EAR_BREADTH_M, EAR_TO_NOSE_M, Features, Near
from posture.ergonomics.sitting import Judgement
from posture.gui.words import tr
from posture.skeleton import BLAZEPOSE_33

_EYES_ABOVE, _EYES_APART, _MOUTH_BELOW = 0.10, 0.55, 0.30
"""Of the breadth between the ears: where eyes and mouth of the drawn head lie."""
_GUIDE_WIDE = 1.5
"""Of that breadth, to either side of the head."""
_EYE_BEFORE, _EYE_ABOVE, _MOUTH_BEFORE, _LIPS_BELOW = 0.74, 0.13, 0.83, 0.48
"""From the side, of the way from the ear to the nose, in a head that looks ahead: the eye lies 1.5 cm over the ear, the
mouth 5.5 cm beneath it."""
_NOSE_BELOW = 0.19


@dataclass(frozen=True, slots=True)
class Guide:
    """A limit as a level or upright line, in picture widths, and its words."""

    left: float
    top: float
    right: float
    bottom: float
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
    """The calibrated pose of the profile that is compared with; None where there is none."""
    if judgement is None or not judgement.profile:
        return None
    baseline = next((profile.baseline for profile in profiles if profile.name == judgement.profile), None)
    if baseline is None:
        return None
    was, near = baseline.features, baseline.near
    size = was.ears_apart + was.shoulders_apart if near is Near.BOTH else was.cheek
    if not math.isfinite(was.ears_x + was.shoulders_x + size):
        return None
    points, drawn = np.zeros((len(BLAZEPOSE_33), 2)), np.zeros(len(BLAZEPOSE_33), bool)
    for name, place in (_points(was) if near is Near.BOTH else _profile_points(was, near)).items():
        points[BLAZEPOSE_33.index[name]] = place
        drawn[BLAZEPOSE_33.index[name]] = True
    return Ghost(points, drawn, tuple(_guides(was, near, judgement)))


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


def _profile_points(was: Features, near: Near) -> dict[str, tuple[float, float]]:
    """From the side: whose left side is seen looks to the picture's left."""
    side, ahead = ("left", -1.0) if near is Near.LEFT else ("right", 1.0)
    nod = math.radians(was.head_pitch_deg) if math.isfinite(was.head_pitch_deg) else 0.0
    long = was.cheek / math.hypot(1.0, _NOSE_BELOW)

    def face(before: float, below: float) -> tuple[float, float]:
        """A point of the head, turned by its nod: forward and down."""
        forward = before * math.cos(nod) - below * math.sin(nod)
        down = before * math.sin(nod) + below * math.cos(nod)
        return was.ears_x + ahead * long * forward, was.ears_y + long * down

    return {
        f"{side}_ear": (was.ears_x, was.ears_y), "nose": face(1.0, _NOSE_BELOW),
        f"{side}_eye": face(_EYE_BEFORE, -_EYE_ABOVE), f"mouth_{side}": face(_MOUTH_BEFORE, _LIPS_BELOW),
        f"{side}_shoulder": (was.shoulders_x, was.shoulders_y),
    }  # fmt: skip


def _guides(was: Features, near: Near, judgement: Judgement) -> Iterator[Guide]:
    """How low head and shoulders may come, and from the side how far ahead the head may."""
    limits = {deviation.name: deviation.limit for deviation in judgement.deviations if deviation.unit == "cm"}
    both = near is Near.BOTH
    per_cm = (was.ears_apart / EAR_BREADTH_M if both else was.cheek / EAR_TO_NOSE_M) / 100
    wide = _GUIDE_WIDE * (was.ears_apart if both else was.cheek)
    below = was.shoulders_apart * 0.6 if both else wide
    for name, x, y, half, words in (
        ("head_drop", was.ears_x, was.ears_y, wide, tr("head: limit")),
        ("shoulder_drop", was.shoulders_x, was.shoulders_y, below, tr("shoulders: limit")),
    ):
        if math.isfinite(limits.get(name, math.nan)):
            row = y + limits[name] * per_cm
            yield Guide(x - half, row, x + half, row, words)
    if not both and math.isfinite(limits.get("head_ahead", math.nan)):
        x = was.ears_x + (-1 if near is Near.LEFT else 1) * limits["head_ahead"] * per_cm
        yield Guide(x, was.ears_y - wide, x, was.ears_y + wide, tr("head ahead: limit"))
