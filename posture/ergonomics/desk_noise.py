"""How much the quantities of the judge jump from one look to the next, from the spread of the calibration."""

import math

from posture.ergonomics.baseline import Baseline
from posture.ergonomics.desk_compare import scale_of


def height_noise_m(baseline: Baseline, fov_deg: float) -> float:
    """Standard deviation of the height of the shoulders in one look."""
    return baseline.spread.get("shoulders_y", 0.0) * scale_of(baseline, fov_deg).metres


def size_noise(baseline: Baseline) -> float:
    """Of the apparent size of the head, as a share of it."""
    return _share(baseline, "ears_apart") or _share(baseline, "eyes_apart") or _share(baseline, "cheek")


def forward_noise_m(baseline: Baseline, fov_deg: float) -> float:
    """Of the distance of the head before the shoulders: from their sizes, or seen from the side from their places."""
    scale = scale_of(baseline, fov_deg)
    if baseline.seat == "side":
        return baseline.spread.get("ears_x", 0.0) * scale.metres * math.sqrt(2.0)
    return scale.focal * scale.metres * math.hypot(size_noise(baseline), _share(baseline, "shoulders_apart"))


def _share(baseline: Baseline, name: str) -> float:
    return baseline.spread.get(name, 0.0) / baseline.values[name] if baseline.values.get(name) else 0.0
