"""What a reader should know first, in plain words: ranked by how far it is from acceptable, then by its time."""

from collections.abc import Sequence

from posture.reports import statements, words
from posture.reports.schema import Finding, HoldSummary, PartSummary

MIN_PART_S = 5.0
"""A part that was judged for less than this, or less than `MIN_PART_SHARE` of the person's time, is left out."""
MIN_PART_SHARE = 0.05
WATCH_SHARE = 0.10
"""Share of a part's judged time outside the acceptable zone from which on it is a finding. A choice of this program:
ISO 11226 judges single postures and gives no share."""


def findings(parts: Sequence[PartSummary], holds: Sequence[HoldSummary], present_s: float) -> tuple[Finding, ...]:
    """Findings of one person, most important first."""
    told = [part for part in parts if judged_enough(part, present_s)]
    held = sorted((part for part in told if part.holds_too_long), key=lambda part: -part.longest_hold_s)
    bad = [part for part in told if part.not_recommended_s >= WATCH_SHARE * part.judged_s]
    fair = [part for part in told if part not in bad and part.conditional_s >= WATCH_SHARE * part.judged_s]
    found = [finding for part in held for finding in _held(part, holds)]
    found += [_in_zone("act", part, "not_recommended", part.not_recommended_s) for part in _by_time(bad)]
    found += [_in_zone("watch", part, "conditional", part.conditional_s) for part in _by_time(fair)]
    fine = [part.part for part in told if part.acceptable_s > (1 - WATCH_SHARE) * part.judged_s]
    missed = [part.part for part in parts if part not in told]
    found += [Finding(weight="fine", part="", text=words.part_fine(fine), advice="")] if fine else []
    found += [Finding(weight="note", part="", text=words.parts_not_judged(missed), advice="")] if missed else []
    return tuple(found)


def judged_enough(part: PartSummary, present_s: float) -> bool:
    """Whether there is enough judged time of a part to say anything about it."""
    return part.judged_s >= max(MIN_PART_S, MIN_PART_SHARE * present_s)


def _by_time(parts: Sequence[PartSummary]) -> list[PartSummary]:
    return sorted(parts, key=lambda part: -(part.not_recommended_s + part.conditional_s))


def _held(part: PartSummary, holds: Sequence[HoldSummary]) -> list[Finding]:
    """One finding for holds over their limit, one for holds in the not recommended zone."""
    found = []
    for verdict in ("not_recommended", "over_limit"):
        own = [hold for hold in holds if hold.part == part.part and hold.verdict == verdict]
        if own:
            longest = max(own, key=lambda hold: hold.duration_s)
            text = _held_text(part.part, len(own), longest)
            found.append(Finding(weight="act", part=part.part, text=text, advice=statements.ADVICE[part.part]))
    return found


def _held_text(part: str, count: int, longest: HoldSummary) -> str:
    if longest.limit_s is None:
        return words.held_not_recommended(part, count, longest.duration_s, longest.angle_deg)
    return words.held_too_long(part, count, longest.duration_s, longest.angle_deg, longest.limit_s)


def _in_zone(weight: str, part: PartSummary, zone: str, seconds: float) -> Finding:
    text = words.part_in_zone(part.part, zone, seconds, seconds / part.judged_s)
    return Finding(
        weight="act" if weight == "act" else "watch", part=part.part, text=text, advice=statements.ADVICE[part.part]
    )
