"""What a report for reading says of a review: a draft or final, and what was changed, measured and corrected."""

from posture.reports import cover, words
from posture.reports import score_words as sw
from posture.reports.facts import Table
from posture.reports.language import Heads, Words, say
from posture.reports.node import Scalar
from posture.reports.review_schema import ChangeShown, Effect
from posture.reports.schema import Summary

CHANGES_TABLE = Heads("At", "Who", "What", "Measured", "Corrected to", "By", "Reason")
EFFECTS_TABLE = Heads("", "Person", "P90 measured", "P90 reviewed", "Peak measured", "Peak reviewed")
STATUS = Words({"draft": "draft", "final": "final"})
JOINTS = Words(
    {
        "nose": "nose", "left_eye_inner": "left eye, inner corner", "left_eye": "left eye",
        "left_eye_outer": "left eye, outer corner", "right_eye_inner": "right eye, inner corner",
        "right_eye": "right eye", "right_eye_outer": "right eye, outer corner", "left_ear": "left ear",
        "right_ear": "right ear", "mouth_left": "mouth, left", "mouth_right": "mouth, right",
        "left_shoulder": "left shoulder", "right_shoulder": "right shoulder", "left_elbow": "left elbow",
        "right_elbow": "right elbow", "left_wrist": "left wrist", "right_wrist": "right wrist",
        "left_pinky": "left little finger", "right_pinky": "right little finger",
        "left_index": "left index finger", "right_index": "right index finger", "left_thumb": "left thumb",
        "right_thumb": "right thumb", "left_hip": "left hip", "right_hip": "right hip", "left_knee": "left knee",
        "right_knee": "right knee", "left_ankle": "left ankle", "right_ankle": "right ankle",
        "left_heel": "left heel", "right_heel": "right heel", "left_foot_index": "left toes",
        "right_foot_index": "right toes",
    }
)  # fmt: skip
"""Keypoints as a person calls them."""


def tables(summary: Summary) -> tuple[Table, ...]:
    """Who reviewed it, every change, and what the changes did."""
    review = summary.review
    if review is None:
        return ()
    names = {person.person: person.name or words.person(person.person) for person in summary.people}
    found = [signature(summary)]
    if review.changes:
        rows = tuple(_change(one, names) for one in review.changes)
        found.append(Table(say("What a reviewer changed"), tuple(CHANGES_TABLE), rows))
    if review.effects:
        rows = tuple(_effect(one, names) for one in review.effects)
        found.append(Table(say("What the changes did to the scores"), tuple(EFFECTS_TABLE), rows))
    return tuple(found)


def signature(summary: Summary) -> Table:
    """Whether it is final, and who says so."""
    review = summary.review
    who = [
        (say("Status"), STATUS[summary.status]),
        (say("Reviewer"), summary.cover.reviewer or say("none yet")),
        (say("Reviewed on"), cover.written(summary.cover.reviewed_on)),
        (say("Changes"), f"{len(review.changes) if review else 0}"),
        (say("Left out"), words.length(review.excluded_s) if review and review.excluded_s else ""),
    ]
    return Table(say("Who answers for this report"), tuple(words.FACTS_TABLE), tuple(row for row in who if row[1]))


def _change(one: ChangeShown, names: dict[int, str]) -> tuple[str, ...]:
    who = say("everybody") if not one.person else names.get(one.person, words.person(one.person))
    start, end = words.clock(one.start_s), say("end") if one.end_s is None else words.clock(one.end_s)
    signed = ", ".join(filter(None, (one.by, _day(one.at))))
    return (start if start == end else f"{start} – {end}", who, what(one), before(one), after(one), signed, one.reason)


def _day(at: str) -> str:
    """A date for reading; what a person wrote into the file instead of one, as it is."""
    try:
        return cover.written(at)
    except ValueError:
        return at


def what(one: ChangeShown) -> str:
    """What was changed."""
    if one.kind == "excluded":
        return say("time that does not count")
    named = sw.FACTORS[one.what] if one.kind == "factor" else JOINTS[one.what]
    return sw.sided(named, one.side)


def before(one: ChangeShown) -> str:
    """As it was measured or entered."""
    if one.kind == "excluded":
        return ""
    if not one.before:
        return say("not measured")
    if one.kind == "keypoint":
        return say("{place}, visible {share}", place=_place(one.before[:2]), share=words.percent(_share(one.before[2])))
    ends = list(dict.fromkeys(sw.value(one.what, value) for value in one.before))
    return say("{low} to {high}", low=ends[0], high=ends[-1]) if len(ends) > 1 else ends[0]


def after(one: ChangeShown) -> str:
    """As the reviewer says it is."""
    if one.kind == "keypoint":
        return _place(one.after) if one.after else say("not visible")
    if one.after == ("standing",):
        return say("standing")
    return sw.value(one.what, one.after[0]) if one.after else ""


def _share(value: Scalar) -> float:
    return float(value) if isinstance(value, float | int) else 0.0


def _place(at: tuple[Scalar, ...]) -> str:
    return " ".join(f"{name} {_share(value):.0f}" for name, value in zip("xy", at, strict=True)) + " px"


def _effect(one: Effect, names: dict[int, str]) -> tuple[str, ...]:
    ends = (one.p90_before, one.p90_after, one.peak_before, one.peak_after)
    shown = tuple(sw.interval(*end) if any(end) else say("not scored") for end in ends)
    return (sw.title(one.method, one.side), names.get(one.person, words.person(one.person)), *shown)
