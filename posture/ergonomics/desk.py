"""The judge of desk posture: a pure function from one look to a judgement.

    Look ─► who ─► features ─► filters ─► compared with the profile ─► rules ─► dwell ─► Judgement

Nothing counts looks: filters have time constants, a state must be there for a time in seconds before it is said, and
looks may come at any rate and unevenly. Recovery alone is said without waiting, where the noise of the calibration
allows it.
"""

import math
from dataclasses import dataclass, replace

import msgspec

from posture.data import Reason
from posture.ergonomics.baseline import Baseline, Profile, blended
from posture.ergonomics.body import wrapped
from posture.ergonomics.desk_compare import Compared, compare
from posture.ergonomics.desk_features import Features, Near, Seen, seen
from posture.ergonomics.desk_noise import forward_noise_m
from posture.ergonomics.desk_person import Choice, Last, choose
from posture.ergonomics.desk_profile import fitting
from posture.ergonomics.desk_recovery import recovered
from posture.ergonomics.desk_rules import GOOD, KEEP, Finding, deviations, found, sank, stood_up
from posture.ergonomics.desk_settings import DeskSettings
from posture.ergonomics.sitting import POOR, Doubt, Judgement, Look, State

SLOW_S, FAST_S = 0.5, 0.1
"""Time constants of the two filters: one judges, the other notices that a person sits well again."""
SIZE_LEAST_S, SIZE_MOST_S, SIZE_NOISE_M = 0.5, 0.9, 0.0045
"""Of apparent sizes in the slow one: what they say of depth is the noisiest of all. As slow as it takes to leave this
much noise in how far the head is before the shoulders, a tenth of what counts, but not faster or slower than this."""
CHEEK_S = 3.0
"""From the side the size of the head is noisy (12 cm of face at 1.5 m) and hardly changes."""
CHEEK_STEP_S = 0.5
"""After a gap no single look counts for more than this."""
CHEEK_WITHIN_DEG = 15.0
"""And it is only taken while the head is turned as it was at calibration."""
SHIFT_S, SHIFT_HOLD_S = 0.3, 3.0
"""Time constant of the background's shift, and how long the last one stands when none can be measured."""
DWELL_S = {
    State.GOOD: 0.3,
    State.LOOKING_DOWN: 0.3,
    State.TURNED_AWAY: 0.3,
    State.AWAY: 1.5,
    State.STANDING: 0.6,
    State.UNRELIABLE: 0.6,
}
"""How long a state must be there before it is said; postures `POOR_S`. A lost track is found again within a second."""
POOR_S = 0.6
RIGID_S = 1.5
"""A whole person higher or lower: somebody who stretches comes down again."""
CHOSEN_S = 3.0
"""Somebody who was chosen and is not seen for so long is forgotten: the next one of that number is another person."""
SWITCH_S = 2.0
"""How long another profile must fit better."""
DARK_AGAIN = 1.2
"""A picture that was too dark must be this much brighter than the limit."""
NOTHING = Features()
UNCALIBRATED = Finding(State.UNRELIABLE, Doubt.NOT_CALIBRATED)
MOVED = Finding(State.UNRELIABLE, Doubt.CAMERA_MOVED)


@dataclass(frozen=True, slots=True)
class DeskState:
    """What the judge remembers between two looks. Times are those of the looks, in seconds."""

    profiles: tuple[Profile, ...] = ()
    profile: Profile | None = None
    """The one that is compared with."""
    rival: str = ""
    """Name of a profile that fits better, and since when."""
    rival_since_s: float = math.nan
    last: Last | None = None
    chosen: int | None = None
    """Whom the person at the desk pointed out, and when they were last seen."""
    chosen_s: float = math.nan
    slow: Features = NOTHING
    fast: Features = NOTHING
    filtered_s: float = math.nan
    """When the filters were fed."""
    shift: tuple[float, float] = (math.nan, math.nan)
    shift_s: float = math.nan
    finding: Finding | None = None
    since_s: float = math.nan
    candidate: Finding | None = None
    candidate_since_s: float = math.nan


@dataclass(frozen=True, slots=True)
class _Facts:
    """What one look says before it is held against time."""

    finding: Finding
    compared: Compared | None = None
    at_once: bool = False
    """A recovery that need not wait."""
    person: int | None = None


def start(profiles: tuple[Profile, ...] = ()) -> DeskState:
    """A judge that knows these places. Which one it is follows from what is seen."""
    return DeskState(profiles=profiles, profile=profiles[0] if profiles else None)


def calibrated(state: DeskState, profile: Profile) -> DeskState:
    """Take in a new profile, or a new one of the same name, and judge by it from now on."""
    others = tuple(known for known in state.profiles if known.name != profile.name)
    return start((profile, *others))


def chosen(state: DeskState, person: int | None, t: float) -> DeskState:
    """Judge this one (`Pose.person`) for as long as they are in view; None leaves it to the judge again."""
    fresh = replace(state, slow=NOTHING, fast=NOTHING, filtered_s=math.nan)
    return replace(fresh, last=None, chosen=person, chosen_s=math.nan if person is None else t)


def judge(look: Look, state: DeskState, settings: DeskSettings, t: float) -> tuple[Judgement, DeskState]:
    """Judge one look at time `t` (seconds, not before the look that `state` comes from)."""
    state = _with_shift(state, look, t)
    facts, state = _facts(look, state, settings, t)
    state = _settled(state, facts, t)
    assert state.finding is not None
    profile = state.profile
    shown = facts.compared or (compare(NOTHING, profile.baseline, settings.camera_fov_deg) if profile else None)
    judgement = Judgement(
        state=state.finding.state,
        doubt=state.finding.doubt,
        since_s=state.since_s,
        person=facts.person,
        deviations=deviations(shown, profile.baseline, settings) if profile and shown else (),
        recalibrate=state.finding.doubt in (Doubt.CAMERA_MOVED, Doubt.NOT_CALIBRATED),
        profile=profile.name if profile else "",
        standing=state.finding.state is State.STANDING or (profile is not None and profile.standing),
    )
    return judgement, state


def _facts(look: Look, state: DeskState, settings: DeskSettings, t: float) -> tuple[_Facts, DeskState]:
    """From the hardest obstacle to the posture itself."""
    before = state.finding or GOOD
    if state.profile is None:
        return _Facts(UNCALIBRATED), state
    if look.luma < settings.min_luma * (DARK_AGAIN if before.doubt is Doubt.TOO_DARK else 1.0):
        return _Facts(Finding(State.UNRELIABLE, Doubt.TOO_DARK)), state
    if math.hypot(*state.shift) >= settings.camera_shift_percent / 100.0:
        return _Facts(MOVED), state
    state = _with_chosen(_fitting(look, state, settings, t), look, t)
    assert state.profile is not None
    choice = _choice(look, state.profile, state, settings)
    if choice.seen is None:
        return _Facts(Finding(State.AWAY)), replace(state, last=None)
    state = replace(state, last=Last(choice.seen.person, choice.seen.loose.shoulders_x))
    if choice.rival:
        return _Facts(Finding(State.UNRELIABLE, Doubt.SECOND_PERSON), person=choice.seen.person), state
    return _of_person(choice.seen, state, settings, t)


def _of_person(one: Seen, state: DeskState, settings: DeskSettings, t: float) -> tuple[_Facts, DeskState]:
    assert state.profile is not None
    baseline, fov, before = state.profile.baseline, settings.camera_fov_deg, state.finding or GOOD
    loose = compare(_put_back(one.loose, state.shift), baseline, fov)
    if stood_up(loose) and not sank(loose):
        return _Facts(Finding(State.STANDING), person=one.person), state
    if sank(loose):
        return _Facts(UNCALIBRATED, person=one.person), state
    now = _put_back(one.features, state.shift)
    if one.head is not Reason.MEASURED or one.shoulders is not Reason.MEASURED:
        part = compare(now, baseline, fov)
        return _Facts(_partly(one, part, settings, before), part, person=one.person), state
    dt = t - state.filtered_s if math.isfinite(state.filtered_s) else math.inf
    ahead = abs(wrapped(now.head_yaw_deg - baseline.features.head_yaw_deg)) <= CHEEK_WITHIN_DEG
    cheek = _weight(CHEEK_S, min(dt, CHEEK_STEP_S)) if ahead else 0.0
    sizes = dict.fromkeys(("ears_apart", "eyes_apart", "shoulders_apart"), _size_weight(baseline, fov, dt))
    slow = blended(state.slow, now, {**sizes, "cheek": cheek}, _weight(SLOW_S, dt))
    fast = blended(state.fast, now, {"cheek": cheek}, _weight(FAST_S, dt))
    finding = found(compare(slow, baseline, fov), baseline, settings, before)
    at_once = False
    if before.state in POOR:
        quick = compare(fast, baseline, fov)
        at_once = recovered(quick, baseline, settings, before, _weight(FAST_S, dt))
        if at_once:  # the slow filter would call the posture poor again until it has caught up
            slow, finding = fast, found(quick, baseline, settings, GOOD)
    facts = _Facts(finding, compare(slow, baseline, fov), at_once, one.person)
    return facts, replace(state, slow=slow, fast=fast, filtered_s=t)


def _partly(one: Seen, part: Compared, settings: DeskSettings, before: Finding) -> Finding:
    """Head or shoulders are not to be seen. A face that fills the picture is too close all the same."""
    keep = KEEP if before.state is State.TOO_CLOSE else 1.0
    if 1.0 - part.head_distance >= keep * settings.too_close_percent / 100.0 / settings.sensitivity:
        return Finding(State.TOO_CLOSE)
    out = Reason.OUT_OF_PICTURE in (one.head, one.shoulders)
    return Finding(State.UNRELIABLE, Doubt.PARTLY_OUT if out else Doubt.LOW_CONFIDENCE)


def _with_chosen(state: DeskState, look: Look, t: float) -> DeskState:
    if state.chosen is None:
        return state
    if t - state.chosen_s > CHOSEN_S:
        return replace(state, chosen=None, chosen_s=math.nan)
    there = any(subject.pose.person == state.chosen for subject in look.people)
    return replace(state, chosen_s=t) if there else state


def _choice(look: Look, profile: Profile, state: DeskState, settings: DeskSettings) -> Choice:
    people = [seen(subject, look.width, look.height, profile.baseline.near) for subject in look.people]
    return choose(people, profile.baseline, state.last, settings.camera_fov_deg, state.chosen)


def _fitting(look: Look, state: DeskState, settings: DeskSettings, t: float) -> DeskState:
    """The state with another profile where another one has fitted better for long enough."""
    if len(state.profiles) < 2 or state.profile is None:
        return state
    people = {near: [seen(one, look.width, look.height, near) for one in look.people] for near in Near}
    best = fitting(people, state.profiles, state.profile, settings)
    if best is None or best.name == state.profile.name:
        return replace(state, rival="", rival_since_s=math.nan)
    if state.rival != best.name:
        state = replace(state, rival=best.name, rival_since_s=t)
    if t - state.rival_since_s < SWITCH_S and state.finding is not None:
        return state
    return replace(
        state, profile=best, rival="", rival_since_s=math.nan, slow=NOTHING, fast=NOTHING, filtered_s=math.nan
    )


def _settled(state: DeskState, facts: _Facts, t: float) -> DeskState:
    """Take the finding over when it has been there for long enough. Postures share one clock: a head that comes forward
    on the way into a slump does not begin anew.
    """
    new, old = facts.finding, state.finding
    if old is None and new.state in POOR:  # one look is not enough to call anybody's posture poor
        return replace(state, finding=GOOD, since_s=t, candidate=new, candidate_since_s=t)
    if old is None or facts.at_once:
        return replace(state, finding=new, since_s=t, candidate=None, candidate_since_s=math.nan)
    if new == old:
        return replace(state, candidate=None, candidate_since_s=math.nan)
    begun = state.candidate
    goes_on = begun == new or (begun is not None and begun.state in POOR and new.state in POOR)
    since = state.candidate_since_s if goes_on else t
    if t - since < _dwell_s(new, state, facts):
        return replace(state, candidate=new, candidate_since_s=since)
    return replace(state, finding=new, since_s=since, candidate=None, candidate_since_s=math.nan)


def _dwell_s(new: Finding, state: DeskState, facts: _Facts) -> float:
    if new.state in POOR:
        return POOR_S
    if new == MOVED and facts.compared is not None:
        return RIGID_S
    return DWELL_S[new.state]


def _with_shift(state: DeskState, look: Look, t: float) -> DeskState:
    """Follow the background; where it cannot be measured the last shift stands for a while."""
    x, y = look.camera_shift
    if math.isnan(x) or math.isnan(y):
        stale = not t - state.shift_s <= SHIFT_HOLD_S
        return replace(state, shift=(math.nan, math.nan)) if stale else state
    if math.isnan(state.shift[0]):
        return replace(state, shift=(x, y), shift_s=t)
    weight, (before_x, before_y) = _weight(SHIFT_S, t - state.shift_s), state.shift
    return replace(state, shift=(before_x + weight * (x - before_x), before_y + weight * (y - before_y)), shift_s=t)


def _put_back(now: Features, shift: tuple[float, float]) -> Features:
    """The positions as they would be if the camera had not moved by the little that is let pass."""
    x, y = shift
    if math.isnan(x):
        return now
    return msgspec.structs.replace(
        now,
        ears_x=now.ears_x - x, ears_y=now.ears_y - y, eyes_x=now.eyes_x - x, eyes_y=now.eyes_y - y,
        shoulders_x=now.shoulders_x - x, shoulders_y=now.shoulders_y - y,
    )  # fmt: skip


def _size_weight(baseline: Baseline, fov_deg: float, dt_s: float) -> float:
    """A low pass of weight w leaves the share sqrt(w / (2 - w)) of white noise."""
    noise_m = forward_noise_m(baseline, fov_deg)
    left = (SIZE_NOISE_M / noise_m) ** 2 if noise_m > SIZE_NOISE_M else 1.0
    return min(max(2 * left / (1 + left), _weight(SIZE_MOST_S, dt_s)), _weight(SIZE_LEAST_S, dt_s))


def _weight(time_constant_s: float, dt_s: float) -> float:
    """Weight of the new value in a first-order low pass."""
    return -math.expm1(-max(dt_s, 0.0) / time_constant_s)
