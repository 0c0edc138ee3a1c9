"""When a person sits well again: said at the very next look where the noise allows it.

A cue that outlasts the posture is what people complain about most. The filter that judges needs a second to follow; this
looks at one that follows within a tenth, and believes it where the way back is many times the noise of the calibration.
"""

import math

from posture.ergonomics.baseline import Baseline
from posture.ergonomics.desk_compare import Compared, scale_of
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


def recovered(
    quick: Compared, baseline: Baseline, settings: DeskSettings, before: Finding, weight: float
) -> bool:
    """Whether the poor posture `before` is over by the quick filter, in which a new look has this weight."""
    if found(quick, baseline, settings, GOOD) != GOOD:
        return False
    ratio = _of(ratios_of(quick, baseline, settings), before.state)
    noise = _of(noise_of(baseline, settings), before.state) * math.sqrt(weight / (2.0 - weight))
    return ratio + SURE * noise < BACK


def noise_of(baseline: Baseline, settings: DeskSettings) -> Ratios:
    """Standard deviation of each ratio from one look to the next, from the spread of the calibration."""
    scale, values, spread = scale_of(baseline, settings.camera_fov_deg), baseline.values, baseline.spread

    def share(name: str) -> float:
        return spread.get(name, 0.0) / values[name] if values.get(name) else 0.0

    height_m = spread.get("shoulders_y", 0.0) * scale.metres
    head = share("ears_apart") or share("eyes_apart") or share("cheek")
    depth_m = scale.focal * scale.metres * math.hypot(head, share("shoulders_apart"))
    if baseline.seat == "side":
        depth_m = spread.get("ears_x", 0.0) * scale.metres * math.sqrt(2.0)
    return Ratios(
        slump=height_m / SLUMP_DROP_M,
        forward=math.hypot(depth_m, height_m) / FORWARD_M,
        lean=spread.get("shoulder_tilt_deg", 0.0) / LEAN_DEG,
        raised=height_m / RAISE_M,
        close=head / (settings.too_close_percent / 100.0),
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
