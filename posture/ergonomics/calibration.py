"""Calibration: a person sits well and still for five seconds, and this is what they are compared with from then on.

`quality` says in key words what the hold is waiting for; it starts over when the person moves or cannot be seen, and
gives up after `GIVE_UP_S` with the words that say why.
"""

import math
from dataclasses import dataclass, replace

from posture.data import Reason
from posture.ergonomics.baseline import Baseline, Seat, blended, near_side, summarised
from posture.ergonomics.desk_features import EAR_BREADTH_M, EAR_TO_NOSE_M, Features, Near, Seen, seen
from posture.ergonomics.desk_person import RIVAL_SHARE
from posture.ergonomics.desk_settings import DeskSettings
from posture.ergonomics.sitting import Look

HOLD_S = 5.0
"""How long the person must hold still."""
LEAST_LOOKS = 8
"""Fewer give no median and no spread worth having; at one look a second the hold takes that much longer."""
GIVE_UP_S = 30.0
"""Of trying."""
LOST_S = 0.7
"""A hold survives looks that do not count for this long."""
STILL_M, STILL_DEG = 0.03, 10.0
"""How far the smoothed head or shoulders may wander in a hold, and the head may turn. Sitting still is 0.5 to 1 cm."""
FOLLOW_S = 0.5
"""Time constant of that smoothing."""
TURNED_DEG = 45.0
"""From the front, head or shoulders may be turned by this: the camera of a laptop beside the screen."""
LEANING_DEG = 15.0
"""Shoulders that are lower on one side by this are no good beginning; people at rest have up to 4."""
BENT_DEG = 25.0
"""Nor is a trunk, seen from the side, that leans forward or back by this."""
EDGE = 0.02
"""Ears and shoulders must be this far inside the picture, in picture widths: there must be room to see a change."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A calibration under way. Times in seconds, as those of the looks."""

    begun_s: float
    seat: Seat | None
    """None: whatever is seen."""
    quality: tuple[str, ...] = ()
    """Words for what keeps the hold from going on; ("good",) while it does."""
    progress: float = 0.0
    """0 to 1."""
    baseline: Baseline | None = None
    """When done."""
    failed: bool = False
    held_s: float = math.nan
    """When the hold began; NaN before."""
    good_s: float = math.nan
    """The last look that counted."""
    near: Near = Near.BOTH
    looks: tuple[Features, ...] = ()
    smooth: Features = Features()  # noqa: RUF009 - frozen
    mean: Features = Features()  # noqa: RUF009 - frozen
    """Of all looks of the hold."""


def begin(t: float, seat: Seat | None = None) -> Calibration:
    """Start at time `t`; `seat` is where the camera stands, None finds out."""
    return Calibration(begun_s=t, seat=seat)


def step(look: Look, calibration: Calibration, t: float, settings: DeskSettings = DeskSettings()) -> Calibration:  # noqa: B008 - frozen
    """Take in one look at time `t`. Nothing changes once it is done or has failed."""
    if calibration.baseline is not None or calibration.failed:
        return calibration
    one, words = _candidate(look, calibration, settings)
    if one is None or words:
        calibration = _interrupted(calibration, words, t)
    else:
        calibration = _held(calibration, one, look.height / look.width, t)
    if calibration.baseline is None and t - calibration.begun_s >= GIVE_UP_S:
        words = ("move_less",) if calibration.quality in ((), ("good",)) else calibration.quality
        return replace(calibration, failed=True, quality=words)
    return calibration


def _candidate(look: Look, calibration: Calibration, settings: DeskSettings) -> tuple[Seen | None, tuple[str, ...]]:
    """Whoever is calibrated: the largest, unless another one is about as large; and what is wrong with the look."""
    if look.luma < settings.min_luma:
        return None, ("too_dark",)
    if not look.people:
        return None, ("no_person",)
    front = [seen(subject, look.width, look.height) for subject in look.people]
    ranked = sorted(front, key=lambda one: _size(one.loose), reverse=True)
    if len(ranked) > 1 and _size(ranked[1].loose) >= RIVAL_SHARE * _size(ranked[0].loose):
        return None, ("several_people",)
    one = ranked[0]
    near = near_side(one.loose.facing_deg, calibration.seat)
    if near is not Near.BOTH:
        one = seen(look.people[front.index(one)], look.width, look.height, near)
    return one, _wrong(one, near, look)


def _size(loose: Features) -> float:
    """Of a person, whichever way they face: ears to shoulders and across the shoulders."""
    return math.hypot(loose.shoulders_x - loose.ears_x, loose.shoulders_y - loose.ears_y) + loose.shoulders_apart


def _wrong(one: Seen, near: Near, look: Look) -> tuple[str, ...]:
    """Words for what is wrong with a person who was found; empty where nothing is."""
    now, words = one.features, []
    if one.head is one.shoulders is Reason.NOT_IN_LAYOUT:
        return ("model_without_depth",)
    if one.head is not Reason.MEASURED:
        words.append("head_not_visible")
    if one.shoulders is not Reason.MEASURED:
        words.append("shoulders_not_visible")
    if words:
        return tuple(words)
    if near is Near.BOTH and max(abs(now.head_yaw_deg), abs(now.facing_deg)) > TURNED_DEG:
        words.append("turned")
    crooked = abs(now.shoulder_tilt_deg) > LEANING_DEG if near is Near.BOTH else abs(now.trunk_deg) > BENT_DEG
    if crooked:
        words.append("not_upright")
    if _at_edge(now, look):
        words.append("too_near_edge")
    return tuple(words)


def _at_edge(now: Features, look: Look) -> bool:
    bottom = look.height / look.width
    xs = [x for x in (now.ears_x, now.eyes_x, now.shoulders_x) if math.isfinite(x)]
    ys = [y for y in (now.ears_y, now.eyes_y, now.shoulders_y) if math.isfinite(y)]
    return min(xs) < EDGE or max(xs) > 1 - EDGE or min(ys) < EDGE or max(ys) > bottom - EDGE


def _interrupted(calibration: Calibration, words: tuple[str, ...], t: float) -> Calibration:
    """A look that does not count; the hold is over when too many do not."""
    if t - calibration.good_s <= LOST_S:
        return replace(calibration, quality=words)
    return replace(calibration, quality=words, progress=0.0, held_s=math.nan, looks=())


def _held(calibration: Calibration, one: Seen, aspect: float, t: float) -> Calibration:
    """A look that counts: the hold begins, goes on or is done, or begins anew where the person moved."""
    now = one.features
    near = near_side(one.loose.facing_deg, calibration.seat)
    if math.isnan(calibration.held_s) or near is not calibration.near:
        return _begun(calibration, now, near, t)
    looks = (*calibration.looks, now)
    smooth = blended(calibration.smooth, now, {}, -math.expm1(-(t - calibration.good_s) / FOLLOW_S))
    mean = blended(calibration.mean, now, {}, 1.0 / len(looks))
    if _moved(smooth, mean, near):
        return replace(_begun(calibration, now, near, t), quality=("move_less",))
    progress = min((t - calibration.held_s) / HOLD_S, len(looks) / LEAST_LOOKS, 1.0)
    return replace(
        calibration,
        quality=("good",),
        progress=progress,
        good_s=t,
        looks=looks,
        smooth=smooth,
        mean=mean,
        baseline=summarised(looks, near, aspect) if progress >= 1.0 else None,
    )


def _begun(calibration: Calibration, now: Features, near: Near, t: float) -> Calibration:
    return replace(
        calibration, quality=("good",), progress=0.0, held_s=t, good_s=t, near=near, looks=(now,), smooth=now, mean=now
    )


def _moved(now: Features, mean: Features, near: Near) -> bool:
    """Whether the smoothed person is elsewhere than in the hold so far; not visible does not tell."""
    metre = EAR_BREADTH_M / mean.ears_apart if near is Near.BOTH else EAR_TO_NOSE_M / mean.cheek
    far = max(
        math.hypot(now.ears_x - mean.ears_x, now.ears_y - mean.ears_y) * metre,
        math.hypot(now.shoulders_x - mean.shoulders_x, now.shoulders_y - mean.shoulders_y) * metre,
    )
    turned = max(abs(now.head_yaw_deg - mean.head_yaw_deg), abs(now.head_pitch_deg - mean.head_pitch_deg))
    return far > STILL_M or turned > STILL_DEG
