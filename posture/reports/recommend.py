"""What to do about what stands out: ranked, and each tied to the figure that drives it.

The order of measures is that of the hierarchy of controls (ILO-OSH 2001, 3.10.1; Directive 89/391/EEC, Article 6):
what changes the work place comes before what changes its organisation, and that before what a person is asked to do.
Between drivers the one with the greatest weight comes first. The weights are a choice of this program.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from posture.reports import score_words as sw
from posture.reports import words
from posture.reports.findings import WATCH_SHARE, judged_enough
from posture.reports.language import Words, inside, say
from posture.reports.schema import PersonSummary, Recommendation

Kind = Literal["engineering", "administrative", "behaviour"]
KINDS: tuple[Kind, ...] = ("engineering", "administrative", "behaviour")
MOST = 8
"""Most that are given: who reads twenty does none."""
LONG_SITTING_S = 50 * 60.0
"""HSE L26: a break of 5 to 10 minutes after 50 to 60 minutes at a screen."""
OFTEN_PER_MINUTE = 4.0
"""RULA (1993): a movement is repeated from 4 times a minute on."""
OPEN_SHARE = 0.5
"""A factor that was open for more than this share of the scored time keeps the score wide."""
OPEN_NAMED = 4
"""Most of them that are named."""
WIDE_LEVELS = 1
"""An interval over more action levels than this is too wide to decide on."""

PLACE = Words(
    {
        "trunk": "Bring the work to the body and to working height, so that nobody has to bend over it.",
        "head": "Raise what is looked at: top of the screen or document at or slightly below eye height.",
        "neck": "Tilt or raise the work towards the eyes, so that the neck can stay straight.",
        "left_upper_arm": "Lower or bring closer what the left hand handles, or give the arm a rest.",
        "right_upper_arm": "Lower or bring closer what the right hand handles, or give the arm a rest.",
        "lower_arm": "Move what is handled in front of the body, at elbow height.",
        "wrist": "Choose a grip, tool or keyboard that leaves the wrist straight.",
        "legs": "Give firm ground and room for the feet, or a seat, so that both legs carry.",
        "force": "Make it lighter: smaller units, a hoist, a trolley, or two people.",
        "load": "Make it lighter: smaller units, a hoist, a trolley, or two people.",
        "coupling": "Give it handles or a shape that can be gripped with the whole hand.",
    }
)
ORDER = Words(
    {
        "hold": "Break up the long holds: change of task, or a pause before the limit is reached.",
        "share": "Alternate with tasks that are done in another posture.",
        "repeated": "Spread the repeated movement over people and time, or let a fixture or tool take it over.",
        "sitting": "Plan a break of 5 to 10 minutes, or a change to standing, after 50 minutes of sitting.",
        "activity": "Alternate tasks, so that no movement or posture is kept up for minutes.",
    }
)
PERSON = Words(
    {
        "trunk": "Show how to turn with the feet and to bend with the knees instead of the back.",
        "head": "Show how screen and seat are set, and let the person try it.",
        "neck": "Show how screen and seat are set, and let the person try it.",
        "left_upper_arm": "Show how to keep the elbow near the body where the work allows it.",
        "right_upper_arm": "Show how to keep the elbow near the body where the work allows it.",
    }
)
OPEN = "Find out what is still open ({names}) before deciding: the score is no narrower than that."


class _Driver(NamedTuple):
    """A figure that asks for something."""

    weight: float
    what: str
    evidence: str
    measures: dict[Kind, str]


def recommendations(person: PersonSummary) -> tuple[Recommendation, ...]:
    """At most `MOST`, the most important first; empty where there is too little data or nothing stands out."""
    drivers = sorted((*_of_parts(person), *_of_repetition(person), *_of_sitting(person), *_of_scores(person)),
                     key=lambda driver: -driver.weight)  # fmt: skip
    found: dict[str, tuple[Kind, _Driver]] = {}
    for kind in KINDS:
        for driver in drivers:
            if text := driver.measures.get(kind):
                found.setdefault(text, (kind, driver))
    ranked = sorted(found.items(), key=lambda item: (-item[1][1].weight, KINDS.index(item[1][0])))
    chosen = [*ranked[:MOST], *_last(person)]
    return tuple(
        Recommendation(rank=rank, kind=kind, text=text, driver=driver.what, evidence=driver.evidence)
        for rank, (text, (kind, driver)) in enumerate(chosen, 1)
    )


def _of_parts(person: PersonSummary) -> Iterator[_Driver]:
    for part in person.parts:
        if not judged_enough(part, person.present_s):
            continue
        bad, fair = part.not_recommended_s / part.judged_s, part.conditional_s / part.judged_s
        if bad + fair >= WATCH_SHARE:
            said = say("{share} of the judged time outside the acceptable zone", share=words.percent(bad + fair))
            measures: dict[Kind, str] = {"engineering": PLACE[part.part], "administrative": ORDER["share"]}
            measures["behaviour"] = PERSON[part.part]
            yield _Driver(3 * bad + fair, words.PARTS[part.part], said, measures)
        if part.holds_too_long:
            said = say("held still for up to {time}, over the limit", time=words.length(part.longest_hold_s))
            hold: dict[Kind, str] = {"engineering": PLACE[part.part], "administrative": ORDER["hold"]}
            yield _Driver(1.0 + bad + fair, words.PARTS[part.part], said, hold)


def _of_repetition(person: PersonSummary) -> Iterator[_Driver]:
    for found in person.repetitions:
        if found.per_minute >= OFTEN_PER_MINUTE:
            said = say("{count} a minute", count=words.number(found.per_minute, 1))
            weight = min(found.per_minute / 20, 1.0)
            yield _Driver(weight, words.MEASURES[found.measure][0], said, {"administrative": ORDER["repeated"]})


def _of_sitting(person: PersonSummary) -> Iterator[_Driver]:
    sat = person.exposure.sitting.longest_s if person.exposure else 0.0
    if sat >= LONG_SITTING_S:
        said = say("sat for {time} at a stretch", time=words.length(sat))
        yield _Driver(1.0, say("Sitting"), said, {"administrative": ORDER["sitting"]})


def _of_scores(person: PersonSummary) -> Iterator[_Driver]:
    """The parts that drive the worst second of the worst side of each method, by the points that are certain."""
    rated = [score for score in person.scores if score.method != "owas"]
    for method in dict.fromkeys(score.method for score in rated):
        worst = max((s for s in rated if s.method == method), key=lambda s: (s.worst.low, s.worst.high))
        if worst.worst.low < worst.levels[2].lowest_score:
            continue
        for part in worst.worst.parts:
            measures = _by_score(part.name)
            if part.low >= 2 and measures:
                said = say(
                    "{points} points in the worst second of {score}, scored {value}",
                    points=part.low, score=sw.title(method, worst.side),
                    value=sw.interval(worst.worst.low, worst.worst.high),
                )  # fmt: skip
                yield _Driver(0.1 * part.low * (worst.worst.low / worst.levels[-1].lowest_score),
                              sw.PARTS[part.name], said, measures)  # fmt: skip


def _by_score(part: str) -> dict[Kind, str]:
    if part in ("activity", "arm_muscle", "body_muscle"):
        return {"administrative": ORDER["activity"]}
    return {"engineering": PLACE[part]} if part in PLACE else {}


def _last(person: PersonSummary) -> Sequence[tuple[str, tuple[Kind, _Driver]]]:
    """To find out what keeps a score too wide to decide on."""
    for score in person.scores:
        levels = [i for i, level in enumerate(score.levels) if level.lowest_score <= score.p90_high]
        certain = [i for i, level in enumerate(score.levels) if level.lowest_score <= score.p90_low]
        if score.method != "owas" and levels[-1] - certain[-1] > WIDE_LEVELS:
            names = [inside(sw.FACTORS[one.name]) for one in score.origins if one.assumed > OPEN_SHARE]
            first = "; ".join(names[:OPEN_NAMED])
            more = len(names) - OPEN_NAMED
            text = say(OPEN, names=first if more <= 0 else say("{first} and {more} more", first=first, more=more))
            title = sw.title(score.method, score.side)
            said = say("P90 is {score}", score=sw.interval(score.p90_low, score.p90_high))
            return [(text, ("administrative", _Driver(0.0, title, said, {})))]
    return []
