"""Which state a comparison with the baseline is: the limits, and what tells the states apart.

    slump            the shoulders sink and the head comes before them or sinks further
    forward head     the head comes before the shoulders, which stay
    lean             the shoulders move aside and their line tilts the same way
    shoulders raised the shoulders rise and the head does not
    too close        the face is nearer; from the side: the head is further ahead
    looking down     the head nods; wins over all but a slump of the trunk that is far over its limit
    turned           head (turned away) or shoulders (unreliable) face elsewhere
    standing         head or shoulders are a step higher than a seat can raise them

Limits in metres and degrees, at sensitivity 1. Where no source is named they are ours, chosen between what kinematics
says of the smallest posture worth a word and what noise and ordinary movement reach (`tools/scenario.py`, real clips).
"""

import math
from typing import NamedTuple

from posture.ergonomics.baseline import Baseline
from posture.ergonomics.desk_compare import Compared
from posture.ergonomics.desk_features import Near
from posture.ergonomics.desk_noise import forward_noise_m
from posture.ergonomics.desk_settings import DeskSettings
from posture.ergonomics.sitting import Deviation, Doubt, State

SLUMP_DROP_M = 0.0125
"""Of the shoulders: what a trunk of 47 cm loses that bends by 13.2 degrees. Breathing moves them by 0.5 cm."""
SLUMP_NECK_M, SLUMP_FORWARD_M = 0.010, 0.015
"""A slump also brings the head down towards the shoulders by the first, or before them by the second, which is measured
less well. A lowered seat does neither..."""
SLUMP_NECK_NOISE = 0.8
"""...and does not seem to where the head must come forward by this times the noise of one look."""
SURELY_BENT = 2.0
"""A head this many times its own limit forward is no chair that rolled."""
FORWARD_M = 0.038
"""Head before the shoulders plus ears towards the shoulders: what a neck of 14 cm does that bends by 13 degrees. Ear to
shoulder width wanders by 5 % in a person who talks (one clip), which looks like 3.5 cm at 70 cm."""
FORWARD_NOISE = 1.5
"""Nor is the limit less than this times the noise of one look, of which filters leave less than half at two looks a
second: in a small and noisy picture a forward head must be more of one."""
FORWARD_LEAST_M = 0.020
"""Of that, the part that is forward."""
RAISE_M = 0.018
"""Half of a shrug that a person makes on request (3 to 4 cm)."""
CLOSE_FIRST = 3.0
"""A face that is too close is called that unless a slump is over its limit by this many times as much: nearness is
measured well, and heights are not when the distance changes a lot."""
LEAN_DEG = 8.0
"""Of the shoulder line; shoulders of the test people at rest tilt by up to 4 degrees."""
AHEAD_AT_M = 0.70
"""The distance from which `too_close_percent` is taken where the camera stands aside: upper end of AUVA's advice."""
TRUNK_DEG = 20.0
"""From the side, hips visible: a trunk without full support may incline by 20 degrees (zones after ISO 11226)."""
TRUNK_CHANGE_DEG = 12.0
"""From the side: change of the trunk's inclination."""
EAR_SHOULDER_DEG = 45.0
"""From the side: an ear that is as far before the shoulder as above it. Cut-offs of the craniovertebral angle are 48 to
53, but at the neck's root, behind the shoulder; people who sit well have 65 to 95 here."""
DOWN_DEG = 18.0
"""Of the head. The preferred zone of gaze is 15 degrees around the middle of the screen (OSHA eTool), by eyes alone."""
DOWN_SLUMP = 1.8
"""A slump must be this many times its limit to count while the person looks down: bending over paper takes 1 cm."""
TURN_DEG = 30.0
"""Of head or shoulders. Two screens side by side are 25 degrees either way; beyond, front measurements do not hold."""
STAND_M = 0.18
"""Rise of shoulders or head. Sitting up gives 3 to 5 cm, a seat's gas spring 12, standing up 35 to 45."""
RIGID_LEAST_M, RIGID_MOST_M = 0.04, 0.012
"""Head and shoulders higher or lower by the first, equal within the second, nothing else changed: not the person but
the camera or the seat moved."""
RIGID_DISTANCE = 0.06
"""And at the same distance within this share."""
RIGID_KEEP = 1.6
"""Once said, it may look less rigid by this factor."""
RIGID_STRETCH = 0.45
"""Towards the edge a lens draws faces wider; a shift looks like a head that comes forward by up to this share of it."""
KEEP = 0.7
"""A state ends at this share of the limit at which it begins."""


class Finding(NamedTuple):
    """What one comparison amounts to."""

    state: State
    doubt: Doubt = Doubt.NONE


class Ratios(NamedTuple):
    """How far over its limit each posture is: 1 = at it. NaN counts as not there."""

    slump: float
    forward: float
    lean: float
    raised: float
    close: float


GOOD = Finding(State.GOOD)


def stood_up(loose: Compared) -> bool:
    """Whether head or shoulders are where only a standing person has them; NaN does not tell."""
    return loose.shoulder_drop_m <= -STAND_M or (math.isnan(loose.shoulder_drop_m) and loose.head_drop_m <= -STAND_M)


def sank(loose: Compared) -> bool:
    """Whether head and shoulders are as far below: somebody sits down who was calibrated standing."""
    return loose.shoulder_drop_m >= STAND_M and loose.head_drop_m >= STAND_M


def found(now: Compared, baseline: Baseline, settings: DeskSettings, before: Finding) -> Finding:
    """The state of a person whose head is visible. `before` makes what is there already easier to keep."""
    if abs(now.yaw_deg) >= TURN_DEG * _edge(before, State.TURNED_AWAY):
        return Finding(State.TURNED_AWAY)
    if abs(now.facing_deg) >= TURN_DEG * (KEEP if before.doubt is Doubt.TURNED else 1.0):
        return Finding(State.UNRELIABLE, Doubt.TURNED)
    ratios = ratios_of(now, baseline, settings, before)
    if now.pitch_deg >= DOWN_DEG * _edge(before, State.LOOKING_DOWN):
        deep = ratios.slump >= DOWN_SLUMP * _edge(before, State.SLUMP)
        return Finding(State.SLUMP) if deep else Finding(State.LOOKING_DOWN)
    if rigid(now, baseline, RIGID_KEEP if before.doubt is Doubt.CAMERA_MOVED else 1.0):
        return Finding(State.UNRELIABLE, Doubt.CAMERA_MOVED)
    return _poor(now, ratios, before)


def _poor(now: Compared, ratios: Ratios, before: Finding) -> Finding:
    """The largest of too close, lean and slump; then that of forward head and raised shoulders; else good."""
    lean = State.LEAN_RIGHT if now.lean_deg > 0 else State.LEAN_LEFT
    large = ((ratios.close * CLOSE_FIRST, State.TOO_CLOSE), (ratios.lean, lean), (ratios.slump, State.SLUMP))
    least = {State.TOO_CLOSE: CLOSE_FIRST}
    over = [(ratio, state) for ratio, state in large if ratio >= _edge(before, state) * least.get(state, 1.0)]
    if over:
        return Finding(max(over)[1])
    small = ((ratios.forward, State.FORWARD_HEAD), (ratios.raised, State.SHOULDERS_RAISED))
    over = [(ratio, state) for ratio, state in small if ratio >= _edge(before, state)]
    return Finding(max(over)[1]) if over else GOOD


def ratios_of(now: Compared, baseline: Baseline, settings: DeskSettings, before: Finding = GOOD) -> Ratios:
    """How far over its limit each posture is; `before` softens what a forward head must have beside."""
    side, sensitivity = baseline.near is not Near.BOTH, settings.sensitivity
    noise_m = SLUMP_NECK_NOISE * forward_noise_m(baseline, settings.camera_fov_deg)
    bent = now.head_forward_m >= max(SLUMP_FORWARD_M, noise_m) / sensitivity
    bent = bent or now.neck_drop_m >= SLUMP_NECK_M / sensitivity
    both = min(now.shoulder_drop_m, now.head_drop_m)
    slump = both / _slump_limit_m(now, settings) if bent else 0.0
    # Ears that come down to the shoulders, but not shoulders that come up to the ears.
    nod = min(now.neck_drop_m, max(now.head_drop_m, 0.0))
    least = FORWARD_LEAST_M * _edge(before, State.FORWARD_HEAD)
    forward = (now.head_forward_m + nod) / _forward_limit_m(baseline, settings) if now.head_forward_m >= least else 0.0
    if side:
        slump = max(_known(slump), _trunk_ratio(now, baseline) * sensitivity)
        forward = max(_known(forward), EAR_SHOULDER_DEG / max(_known(now.ear_shoulder_deg, 180.0), 1.0))
    risen = -now.shoulder_drop_m - max(0.0, -now.head_drop_m)
    close = settings.too_close_percent / 100.0
    near = now.head_ahead_m / (close * AHEAD_AT_M) if side else (1.0 - now.head_distance) / close
    return Ratios(
        slump=_known(slump),
        forward=_known(forward) * sensitivity,
        lean=_known(abs(now.lean_deg)) / LEAN_DEG * sensitivity,
        raised=_known(risen) / RAISE_M * sensitivity,
        close=_known(near) * sensitivity,
    )


def _slump_limit_m(now: Compared, settings: DeskSettings) -> float:
    """With the doubt about heights, which guards against chairs that roll; a head far forward is no such chair."""
    bent = min(max(_known(now.head_forward_m), 0.0) / (SURELY_BENT * FORWARD_M), 1.0)
    return SLUMP_DROP_M / settings.sensitivity + _known(now.doubt_m) * (1.0 - bent)


def _forward_limit_m(baseline: Baseline, settings: DeskSettings) -> float:
    """Before sensitivity."""
    return max(FORWARD_M, FORWARD_NOISE * forward_noise_m(baseline, settings.camera_fov_deg))


def _trunk_ratio(now: Compared, baseline: Baseline) -> float:
    """From the side: the trunk against what it was, and against the vertical unless it was calibrated near that."""
    change = _known(now.trunk_change_deg) / TRUNK_CHANGE_DEG
    leaned_already = baseline.values.get("trunk_deg", 0.0) >= TRUNK_DEG
    return change if leaned_already else max(change, _known(now.trunk_deg) / TRUNK_DEG)


def rigid(now: Compared, baseline: Baseline, loose: float = 1.0) -> bool:
    """Whether everything lies higher or lower as if camera or seat had moved, within `loose` times the tolerances;
    false where something is not visible.
    """
    forward = max(FORWARD_LEAST_M, RIGID_STRETCH * abs(now.shoulder_drop_m))
    return (
        RIGID_LEAST_M / loose <= abs(now.shoulder_drop_m) < STAND_M
        and abs(now.neck_drop_m) <= RIGID_MOST_M * loose
        and abs(now.head_forward_m) <= forward * loose
        and abs(now.head_distance - 1.0) <= RIGID_DISTANCE * loose
        and not abs(now.lean_deg) >= LEAN_DEG * KEEP
        and not (baseline.near is not Near.BOTH and abs(now.trunk_change_deg) >= TRUNK_CHANGE_DEG * KEEP)
    )


def deviations(now: Compared, baseline: Baseline, settings: DeskSettings) -> tuple[Deviation, ...]:
    """What is compared, with its limit, for the window; NaN where it is not visible."""
    side, s = baseline.near is not Near.BOTH, settings.sensitivity
    slump_cm = 100 * _slump_limit_m(now, settings)
    forward_cm = 100 * _forward_limit_m(baseline, settings) / s
    close = settings.too_close_percent / s
    shown = [
        Deviation("shoulder_drop", 100 * now.shoulder_drop_m, slump_cm, "cm"),
        Deviation("head_drop", 100 * now.head_drop_m, slump_cm, "cm"),
        Deviation("head_forward", 100 * (now.head_forward_m + now.neck_drop_m), forward_cm, "cm"),
        Deviation("lean", now.lean_deg, LEAN_DEG / s, "deg"),
        Deviation("shoulders_raised", -100 * now.shoulder_drop_m, 100 * RAISE_M / s, "cm"),
        Deviation("looking_down", now.pitch_deg, DOWN_DEG, "deg"),
        Deviation("turned", now.yaw_deg, TURN_DEG, "deg"),
        Deviation("head_ahead", 100 * now.head_ahead_m, close * AHEAD_AT_M, "cm")
        if side
        else Deviation("nearer", 100 * (1 - now.head_distance), close, "%"),
    ]
    if side:
        shown.append(Deviation("trunk", now.trunk_deg, TRUNK_DEG / s, "deg"))
        shown.append(Deviation("ear_shoulder", now.ear_shoulder_deg, EAR_SHOULDER_DEG, "deg"))
    return tuple(shown)


def _edge(before: Finding, state: State) -> float:
    """The share of its limit at which `state` counts: less while it holds already."""
    return KEEP if before.state is state else 1.0


def _known(value: float, otherwise: float = 0.0) -> float:
    return otherwise if math.isnan(value) else value
