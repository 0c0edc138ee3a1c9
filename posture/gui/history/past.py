"""What the page knows of the days, and how it says it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QDate, QLocale

from posture.ergonomics.sitting import State
from posture.gui.words import duration, mark, number, tr
from posture.sinks.today import Day, Shut, Spell, Today


@dataclass(frozen=True, slots=True)
class Past:
    """The last days, in order, today last; none where no history is kept."""

    days: tuple[Day, ...] = ()
    kept: bool = True
    """Whether it outlives the program: there is a vault."""


PastOf = Callable[[int], Past]
"""The last so many days; takes its time, and is not called on Qt's thread."""

SHUT = {Shut.LOCKED: mark("locked"), Shut.EXPIRED: mark("expired"), Shut.DAMAGED: mark("damaged")}
_FIRST = (Shut.DAMAGED, Shut.LOCKED, Shut.EXPIRED)
"""Which of several reasons is said."""
NOTHING = mark("nothing")
"""Of a day on which nothing was seen."""


def named(day: Day, *, weekday: bool = True) -> str:
    """A day in the words of the language: Tue 24 Nov."""
    qdate = QDate(day.day.year, day.day.month, day.day.day)
    return QLocale().toString(qdate, "ddd d MMM" if weekday else "d MMM")


def why_shut(day: Day) -> str:
    """Why there may be more of a day than can be read, in one word; nothing where there is not."""
    return next((tr(SHUT[one]) for one in _FIRST if one in day.shut), "")


def together(days: Sequence[Day]) -> Today:
    """Several days as if they were one: what lasted, and everything that was noticed."""
    seconds: dict[State, float] = {}
    spells: list[Spell] = []
    for day in days:
        spells += day.known.spells
        for state, lasted_s in day.known.seconds.items():
            seconds[state] = seconds.get(state, 0.0) + lasted_s
    return Today(seconds, {}, tuple(spells))


def score(known: Today) -> str:
    """Share of the judged time that was sat well, or a dash."""
    return "–" if known.score is None else f"{number(known.score)} %"


def day_head() -> list[str]:
    """Of `day_rows`."""
    return [
        tr("Day"), tr("Sat well"), tr("At the desk"), tr("Longest sitting"), tr("Breaks"), tr("Reminders"), tr("Note"),
    ]  # fmt: skip


def day_rows(days: Sequence[Day]) -> list[list[str]]:
    """The days as a table, the newest first."""
    return [_row(day) for day in reversed(days)]


def _row(day: Day) -> list[str]:
    known, why = day.known, why_shut(day)
    if not known.seconds:
        return [named(day), "–", "–", "–", "–", "–", why or tr(NOTHING)]
    return [
        named(day),
        score(known),
        duration(known.sat_s),
        duration(known.longest_sitting_s),
        number(known.breaks),
        number(known.reminders),
        tr("a part is {why}", why=why) if why else "",
    ]
