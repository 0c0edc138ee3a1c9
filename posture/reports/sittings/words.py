"""The words of a report of live sittings."""

import datetime

from posture.reports import words
from posture.reports.language import Heads, Words, day, say
from posture.reports.sittings.schema import ENOUGH_S, SatDay, SittingsReport

TITLES = Words({"today": "One day", "sitting": "This sitting", "week": "Seven days", "range": "Several days"})
STATES = Words(
    {
        "good": "Sat well",
        "forward_head": "Head forward",
        "slump": "Slumped",
        "lean_left": "Leaning to the left",
        "lean_right": "Leaning to the right",
        "shoulders_raised": "Shoulders raised",
        "too_close": "Too close to the screen",
        "looking_down": "Looking down",
        "turned_away": "Turned away",
        "away": "Away",
        "standing": "Standing",
        "unreliable": "Could not be judged",
    }
)
DOUBTS = Words(
    {
        "turned": "turned from the camera",
        "too_dark": "too dark",
        "partly_out_of_view": "partly out of view",
        "second_person": "a second person close by",
        "camera_moved": "the camera was moved",
        "not_calibrated": "not calibrated",
        "low_confidence": "not seen well enough",
    }
)
SHUT = Words(
    {
        "locked": "A part of the days is locked: unlock the vault to see it.",
        "expired": "The key of a part of the days was erased: nobody can read it any more.",
        "damaged": "A part of the days is damaged and could not be read.",
    }
)
POOR = ("forward_head", "slump", "lean_left", "lean_right", "shoulders_raised", "too_close")
TEXTS = Words(
    {
        "report": "Report of sitting",
        "score": "Sat well",
        "desk": "At the desk",
        "longest": "Longest sitting",
        "breaks": "Breaks of at least 5 min",
        "states": "How the time went",
        "states_note": "Sat well and poorly is what was compared with the calibrated posture. Looking down, turned "
        "away, standing and away are not judged and count neither way.",
        "doubts": "What could not be judged",
        "days": "Day by day",
        "angles": "Angles",
        "angles_note": "One sample every two seconds, over the time in which the angle was measurable.",
        "score_note": "Sat well is its share of the judged time: 100 × well / (well + poorly).",
        "nothing": "Nothing is known of this time.",
        "about": "About this report",
    }
)
STATE_HEADS = Heads("", "Time", "Share")
DAY_HEADS = Heads("Day", "Sat well", "Sat poorly", "At the desk", "Longest sitting", "Breaks", "Reminders", "Score")
ANGLE_HEADS = Heads("", "P10", "P50", "P90", "Measurable")
HOLDS = (
    "Everything was computed on this machine; no network connection was opened for it.",
    "This report contains dates, how long each posture lasted, counts, and percentiles of angles.",
    "It contains no picture, no sound, no face, no name, no time of day and no place.",
    "How one person sat is personal data: keep it as long as the purpose needs, and no longer.",
)
LIMITS = (
    "It is not a medical device: it neither diagnoses nor predicts an illness or pain.",
    "Postures are compared with the person's own calibrated one, not with a norm.",
    "Nothing is derived about emotion, attention, fatigue, identity or performance.",
)


def named(iso: str, *, year: bool = True) -> str:
    """A date for reading."""
    return day(datetime.date.fromisoformat(iso), year=year)


def lead(report: SittingsReport) -> str:
    """The line below the title."""
    days = [one.day for one in report.days]
    when = named(days[-1]) if len(days) == 1 else say("{first} to {last}", first=named(days[0]), last=named(days[-1]))
    return say("{when} · {time} judged", when=when, time=words.length(report.judged_s))


def too_little(judged_s: float) -> str:
    """Instead of a score."""
    text = "Only {time} could be judged, and at least {enough} are needed: there is no score."
    return say(text, time=words.length(judged_s), enough=words.length(ENOUGH_S))


def score(value: float | None) -> str:
    """In percent, or a dash."""
    return "–" if value is None else f"{words.number(value)} %"


def day_rows(report: SittingsReport) -> list[tuple[str, ...]]:
    """The days as a table, as `DAY_HEADS` heads it."""
    return [_row(day) for day in report.days]


def _row(one: SatDay) -> tuple[str, ...]:
    if not one.seconds:
        return (named(one.day), *("–",) * 7)
    lengths = (one.good_s, one.poor_s, one.sat_s, one.longest_sitting_s)
    counts = (f"{one.breaks}", f"{one.reminders}")
    return (named(one.day), *map(words.length, lengths), *counts, score(one.score))
