"""What a report for reading says of a review: a draft or final, and what was changed, measured and corrected."""

from posture.reports import score_words as sw
from posture.reports import words
from posture.reports.facts import Table
from posture.reports.node import Scalar
from posture.reports.review_schema import ChangeShown, Effect, ReviewFacts
from posture.reports.schema import Summary

DRAFT = "Draft: no reviewer has put a name to this report yet."
CHANGES_TABLE = ("From", "To", "Who", "What", "Measured", "Corrected to", "By", "When", "Reason")
EFFECTS_TABLE = ("", "Person", "P90 measured", "P90 reviewed", "Peak measured", "Peak reviewed")
CHANGES, EFFECTS, REVIEW = "What a reviewer changed", "What the changes did to the scores", "Review"
UNSEEN, EXCLUDED, END, NOTHING = "not visible", "time that does not count", "end", "not measured"


def notices(summary: Summary) -> tuple[str, ...]:
    """What must be known before reading on."""
    review = summary.review
    return () if review is None else (DRAFT,) if review.status == "draft" else (_final(review),)


def _final(review: ReviewFacts) -> str:
    on = f" on {review.reviewed_on}" if review.reviewed_on else ""
    count = len(review.changes)
    changed = "nothing was changed" if not count else "1 change" if count == 1 else f"{count} changes"
    return f"Final: reviewed by {review.reviewer}{on}, {changed}."


def tables(summary: Summary) -> tuple[Table, ...]:
    """Who reviewed it, every change, and what the changes did."""
    review = summary.review
    if review is None:
        return ()
    names = {person.person: person.name or words.person(person.person) for person in summary.people}
    who = [("Status", review.status), ("Reviewer", review.reviewer or "none yet"), ("Reviewed on", review.reviewed_on)]
    who += [("Changes", f"{len(review.changes)}")]
    who += [("Left out", words.length(review.excluded_s))] if review.excluded_s else []
    found = [Table(REVIEW, words.FACTS_TABLE, tuple(row for row in who if row[1]))]
    if review.changes:
        found.append(Table(CHANGES, CHANGES_TABLE, tuple(_change(one, names) for one in review.changes)))
    if review.effects:
        found.append(Table(EFFECTS, EFFECTS_TABLE, tuple(_effect(one, names) for one in review.effects)))
    return tuple(found)


def _change(one: ChangeShown, names: dict[int, str]) -> tuple[str, ...]:
    who = "everybody" if not one.person else names.get(one.person, words.person(one.person))
    what = EXCLUDED
    if one.kind != "excluded":
        named = sw.FACTORS.get(one.what, one.what) if one.kind == "factor" else one.what.replace("_", " ")
        what = f"{named}, {one.side}" if one.side else named
    end = END if one.end_s is None else words.clock(one.end_s)
    return (
        words.clock(one.start_s),
        end,
        who,
        what,
        _before(one),
        _after(one),
        one.by,
        one.at.replace("T", " "),
        one.reason,
    )


def _before(one: ChangeShown) -> str:
    if one.kind == "excluded":
        return ""
    if not one.before:
        return NOTHING
    if one.kind == "keypoint":
        return f"{_place(one.before[:2])}, visible {one.before[2]:.0%}"
    told = dict.fromkeys(sw.value(one.what, value) for value in one.before)
    return " to ".join(told)


def _after(one: ChangeShown) -> str:
    if one.kind == "keypoint":
        return _place(one.after) if one.after else UNSEEN
    return sw.value(one.what, one.after[0]) if one.after else ""


def _place(at: tuple[Scalar, ...]) -> str:
    return " ".join(f"{name} {value:g}" for name, value in zip("xy", at, strict=True)) + " px"


def _effect(one: Effect, names: dict[int, str]) -> tuple[str, ...]:
    ends = (one.p90_before, one.p90_after, one.peak_before, one.peak_after)
    shown = tuple(sw.interval(*end) if any(end) else "not scored" for end in ends)
    return (sw.title(one.method, one.side), names.get(one.person, words.person(one.person)), *shown)
