"""Two views of one task in one report: which measurement came from which view, and how far the two disagree."""

from collections.abc import Mapping

import numpy as np

from posture.data import MEASURE_NAMES
from posture.ergonomics.offset import Proposal
from posture.ergonomics.two_views import Fused
from posture.reports import words
from posture.reports.exposure import percentile
from posture.reports.facts import Table
from posture.reports.language import Heads, Words, say
from posture.reports.schema import FromView, Summary, TwoViews
from posture.reports.score_page import Block

COLUMNS = Heads("", "First view", "Second view", "Both measured for", "Typical difference", "P90 of the difference")
TEXTS = Words(
    {
        "heading": "Two views",
        "note": "Each measurement comes from the view that measures it; where both do, from the one that sees that "
        "plane best. The differences are those between the two views at the same moments: they show how far an angle "
        "may be trusted.",
    }
)


def summed(
    fused: Fused, offset_s: float, proposal: Proposal | None, views: tuple[Mapping[str, float], Mapping[str, float]],
    second_sha256: str,
) -> TwoViews:  # fmt: skip
    """For the summary; `proposal` is how the offset was found, None where a person gave it."""
    whole_s = float(fused.duration_s.sum()) or 1.0
    return TwoViews(
        second_sha256=second_sha256,
        first_views_s=dict(views[0]),
        second_views_s=dict(views[1]),
        offset_s=round(offset_s, 3),
        proposed=proposal is not None,
        uncertainty_s=proposal.uncertainty_s if proposal else None,
        correlation=proposal.correlation if proposal else None,
        runner_up=proposal.runner_up if proposal else None,
        paired_s=round(fused.paired_s, 3),
        measures=tuple(
            one for i, name in enumerate(MEASURE_NAMES) if (one := _measure(fused, i, name, whole_s)) is not None
        ),
    )


def _measure(fused: Fused, at: int, name: str, whole_s: float) -> FromView | None:
    taken, spent = fused.taken[:, at], fused.duration_s
    if not taken.any():
        return None
    apart = np.abs(fused.both[:, at])
    known = np.isfinite(apart)
    decimals = 2 if name.endswith("_deg") else 4
    typical, p90 = (
        round(percentile(apart[known], spent[known], share), decimals) if known.any() else None for share in (50, 90)
    )
    return FromView(
        name=name,
        first_share=round(float(spent[taken == 1].sum()) / whole_s, 4),
        second_share=round(float(spent[taken == 2].sum()) / whole_s, 4),
        both_s=round(float(spent[known].sum()), 3),
        typical_difference=typical,
        p90_difference=p90,
    )


def blocks(summary: Summary) -> tuple[Block, ...]:
    """What a report for reading says of it; nothing for one view."""
    both = summary.two_views
    if both is None:
        return ()
    rows = tuple(
        (
            words.MEASURES[one.name][0],
            words.percent(one.first_share),
            words.percent(one.second_share),
            words.length(one.both_s),
            _difference(one.name, one.typical_difference),
            _difference(one.name, one.p90_difference),
        )
        for one in both.measures
    )
    table = Table(TEXTS["heading"], tuple(COLUMNS), rows, numeric=(1, 2, 3, 4, 5))
    return (Block(TEXTS["heading"], f"{_found(both)} {TEXTS['note']}", table, level=2),)


def _found(both: TwoViews) -> str:
    """The views, and where the offset comes from."""
    told = {
        "first": words.shares(both.first_views_s),
        "second": words.shares(both.second_views_s),
        "offset": words.number(both.offset_s, 2),
        "paired": words.length(both.paired_s),
    }
    seen = say("First view: {first}. Second view: {second}. Both saw the person for {paired}.", **told)
    if not both.proposed:
        return f"{seen} {say('The second is {offset} s behind, as it was entered.', **told)}"
    told |= {
        "about": words.number(both.uncertainty_s, 2),
        "fit": words.number(both.correlation, 2),
        "other": words.number(both.runner_up, 2),
    }
    text = (
        "The second is {offset} s behind (within {about} s), as the movements say: they fit with r = {fit}, elsewhere "
    )
    text += "with {other} at most."
    return f"{seen} {say(text, **told)}"


def _difference(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{words.number(value, 1)}°" if name.endswith("_deg") else words.number(value, 3)
