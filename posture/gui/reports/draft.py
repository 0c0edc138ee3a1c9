"""What the page can report: chosen by a person, made in a thread, shown as PDF and written in a format. Knows no Qt."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from posture.errors import NoInput, VideoUnreadable, printable
from posture.gui.words import mark, tr
from posture.reports import FORMATS as ANALYSIS_FORMATS
from posture.reports import Summary
from posture.reports.compared import Comparison, compare, read_series
from posture.reports.compared.page import FORMATS as COMPARED_FORMATS
from posture.reports.compared.page import write as write_comparison
from posture.reports.language import LanguageName, speaking
from posture.reports.sittings import FORMATS, SittingsReport, write
from posture.reports.sittings.words import SHUT, too_little
from posture.reports.summary import in_language
from posture.retrospect import against, last_sitting, report
from posture.sinks.archive import Kept

Preset = Literal["today", "sitting", "week", "range", "compare", "analysis", "analyses"]
PRESETS: dict[Preset, str] = {
    "today": mark("Today"),
    "sitting": mark("This sitting"),
    "week": mark("Seven days"),
    "range": mark("From … to …"),
    "compare": mark("Compare two"),
    "analysis": mark("A saved analysis"),
    "analyses": mark("Two saved analyses"),
}
KeptOf = Callable[[date, date], tuple[Kept, ...]]
"""The days between two, as far as they can be read now; takes its time, and is not called on Qt's thread."""
Stretch = tuple[date, date]
READABLE = ("html", "pdf", "json")
"""Formats of a saved analysis: the others need every frame, which its JSON report does not hold."""


@dataclass(frozen=True)
class Wish:
    """What a person chose."""

    preset: Preset
    language: LanguageName
    stretches: tuple[Stretch, ...] = ()
    """One for a range, two for a comparison."""
    saved: Path | None = None
    """A report in JSON."""
    pair: tuple[Path | None, Path | None] = (None, None)
    """Reports in JSON or CSV, from before and after a change."""
    reviewer: str = ""


@dataclass(frozen=True)
class Draft:
    """A report that can be written."""

    name: str
    """Of the file, without a suffix."""
    formats: tuple[str, ...]
    write: Callable[[str, BinaryIO], None]
    leaves: tuple[str, ...]
    """What leaves this computer with it, one text each; to be translated."""
    notice: str = ""
    """What must be known before reading, in the language of the report."""

    def pdf(self) -> bytes:
        """As it is shown."""
        out = io.BytesIO()
        self.write("pdf", out)
        return out.getvalue()


SITTING_LEAVES = (
    mark("dates, lengths of time, counts, percentiles of angles"),
    mark("no picture, no sound, no name, no time of day, no place"),
)
ANALYSIS_LEAVES = (
    mark("angles, zones, scores, times within the recording, stick figures"),
    mark("the hash of the recording, and names that were given"),
    mark("no picture, no sound, no time of day, no place, no file name"),
)


COMPARED_LEAVES = (
    mark("differences of angles, zones and scores, with their intervals"),
    mark("the hashes of both recordings, the names of both reports"),
    mark("no picture, no sound, no time of day, no place"),
)


def drafted(wish: Wish, kept: KeptOf, today: date) -> Draft:
    """Make it. Raises PostureError."""
    if wish.preset == "analysis":
        return _analysis(wish)
    if wish.preset == "analyses":
        return _analyses(wish, today)
    if wish.preset == "compare":
        before, after = (kept(*stretch) for stretch in wish.stretches)
        found = against(before, after, wish.language)
        return _comparison(msgspec.structs.replace(found, **_signed(wish.reviewer, today)))
    days = kept(*_stretch(wish, today))
    shown = last_sitting(days) if wish.preset == "sitting" else days
    return _sittings(report(shown, wish.preset, wish.language, reviewer=wish.reviewer), wish, today)


def _stretch(wish: Wish, today: date) -> Stretch:
    if wish.preset == "range":
        return wish.stretches[0]
    back = {"week": 6, "sitting": 1}.get(wish.preset, 0)
    return today - timedelta(days=back), today


def _signed(reviewer: str, today: date) -> dict[str, str]:
    return {"reviewer": reviewer, "reviewed_on": today.isoformat() if reviewer else ""}


def _sittings(found: SittingsReport, wish: Wish, today: date) -> Draft:
    with speaking(wish.language):
        said = [SHUT[why] for why in dict.fromkeys(why for day in found.days for why in day.shut)]
        if not found.enough:
            said.append(too_little(found.judged_s))
    name = f"posture-{wish.preset}-{today.isoformat()}"
    return Draft(name, FORMATS, lambda kind, out: write(found, kind, out), SITTING_LEAVES, " ".join(said))


def _comparison(found: Comparison, leaves: tuple[str, ...] = SITTING_LEAVES) -> Draft:
    name = "posture-comparison"
    return Draft(name, COMPARED_FORMATS, lambda kind, out: write_comparison(found, kind, out), leaves)


def _analyses(wish: Wish, today: date) -> Draft:
    before, after = wish.pair
    if before is None or after is None:
        raise NoInput(tr("choose two reports in JSON or CSV, from before and after the change"))
    found = compare(read_series(before), read_series(after), language=wish.language)
    return _comparison(msgspec.structs.replace(found, **_signed(wish.reviewer, today)), COMPARED_LEAVES)


def _analysis(wish: Wish) -> Draft:
    if wish.saved is None:
        raise NoInput(tr("choose a report in JSON: `posture analyze` writes one beside the others"))
    try:
        stored = msgspec.json.decode(wish.saved.read_bytes(), type=Summary)
    except OSError as exc:
        raise NoInput(f"{wish.saved}: {exc.strerror}") from exc
    except msgspec.DecodeError as exc:
        raise VideoUnreadable(f"{printable(wish.saved.name)} is no report of this program: {exc}") from exc
    summary = in_language(stored, wish.language, reviewer=wish.reviewer)
    return Draft(
        printable(wish.saved.stem),
        READABLE,
        lambda kind, out: ANALYSIS_FORMATS[kind].write(summary, (), out),
        ANALYSIS_LEAVES,
    )
