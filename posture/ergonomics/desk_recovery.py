"""When a person sits well again: said at the very next look where the noise allows it.

A cue that outlasts the posture is what people complain about. The filter that judges needs a second to follow; this
module looks at one that follows within a tenth, and believes it where the noise of the calibration leaves no doubt.
"""

import math

from posture.ergonomics.baseline import Baseline
from posture.ergonomics.desk_compare import Compared
from posture.ergonomics.desk_noise import forward_noise_m, height_noise_m, size_noise
from posture.ergonomics.desk_rules import (
    FORWARD_M,
    GOOD,
    LEAN_DEG,
    RAISE_M,
    SLUMP_DROP_M,
    Finding,
    Ratios,
    found,
    ratios_of,
)
from posture.ergonomics.desk_settings import DeskSettings
from posture.ergonomics.sitting import State

BACK = 0.6
"""Below this share of its limit a posture is over..."""
SURE = 3.0
"""...when the noise, times this, fits between as well."""


def recovered(quick: Compared, baseline: Baseline, settings: DeskSettings, before: Finding, weight: float) -> bool:
    """Whether the poor posture `before` is over by the quick filter, in which a new look has this weight."""
    if found(quick, baseline, settings, GOOD) != GOOD:
        return False
    ratio = _of(left_of(quick, baseline, settings), before.state)
    noise = _of(noise_of(baseline, settings), before.state) * math.sqrt(weight / (2.0 - weight))
    return ratio + SURE * noise < BACK


def left_of(quick: Compared, baseline: Baseline, settings: DeskSettings) -> Ratios:
    """What is left of each posture: the ratios of the rules, but all of a slump and of a forward head, whatever else
    they need to be one.
    """
    ratios = ratios_of(quick, baseline, settings)
    slump = max(quick.shoulder_drop_m, quick.head_drop_m) / SLUMP_DROP_M
    forward = (max(quick.head_forward_m, 0.0) + max(quick.neck_drop_m, 0.0)) / FORWARD_M
    return ratios._replace(slump=max(slump, ratios.slump), forward=max(forward, ratios.forward))


def noise_of(baseline: Baseline, settings: DeskSettings) -> Ratios:
    """Standard deviation of each ratio from one look to the next, from the spread of the calibration."""
    fov = settings.camera_fov_deg
    height_m, depth_m = height_noise_m(baseline, fov), forward_noise_m(baseline, fov)
    return Ratios(
        slump=height_m / SLUMP_DROP_M,
        forward=math.hypot(depth_m, height_m) / FORWARD_M,
        lean=baseline.spread.get("shoulder_tilt_deg", 0.0) / LEAN_DEG,
        raised=height_m / RAISE_M,
        close=size_noise(baseline) / (settings.too_close_percent / 100.0),
    )


def _of(ratios: Ratios, state: State) -> float:
    return {
        State.SLUMP: ratios.slump,
        State.FORWARD_HEAD: ratios.forward,
        State.LEAN_LEFT: ratios.lean,
        State.LEAN_RIGHT: ratios.lean,
        State.SHOULDERS_RAISED: ratios.raised,
        State.TOO_CLOSE: ratios.close,
    }[state]
