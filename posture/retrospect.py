"""Looking back: what the history says of a stretch of days, as a report or against another stretch.

For `posture report` and for the Reports page. Read only; what no key at hand opens is said, never guessed.
"""

import datetime
import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from posture import __version__
from posture.data import MEASURE_NAMES
from posture.ergonomics.sitting import POOR, State
from posture.errors import ConfigError
from posture.reports.compared import Comparison, Series, compare
from posture.reports.exposure import percentile
from posture.reports.language import LanguageName, day, speaking
from posture.reports.sittings import AngleFigures, SatDay, SittingsReport
from posture.reports.sittings.schema import Preset
from posture.sinks.archive import Archive, Kept
from posture.sinks.minutes import COLUMNS, SAMPLE_S, summed
from posture.vault.recipient import Secrets

LEAST_ANGLE_S = 60.0
"""An angle that was measurable for less is left out."""


def read(archive: Archive, first: datetime.date, last: datetime.date, secrets: Secrets | None) -> tuple[Kept, ...]:
    """Every day from `first` to `last`. Raises SinkError."""
    days = (first + datetime.timedelta(days=back) for back in range((last - first).days + 1))
    return tuple(archive.kept(day, secrets) for day in days)


def last_sitting(days: Sequence[Kept]) -> tuple[Kept, ...]:
    """The part of the last day since monitoring last began, and of the day before if it began there."""
    sessions = [account.session for one in days for account in one.accounts]
    if not sessions:
        return tuple(days[-1:])
    newest = max(sessions)
    found = []
    for one in days:
        kept = [i for i, account in enumerate(one.accounts) if account.session == newest]
        if kept:
            samples = tuple(one.samples[i] for i in kept if i < len(one.samples))
            found.append(Kept(one.day, tuple(one.accounts[i] for i in kept), samples, one.shut))
    return tuple(found)


def report(days: Sequence[Kept], preset: Preset, language: LanguageName, *, reviewer: str = "") -> SittingsReport:
    """The report of these days."""
    return SittingsReport(
        language=language,
        preset=preset,
        days=tuple(_day(one) for one in days),
        angles=tuple(_angles(_rows(days))),
        program_version=__version__,
        reviewer=reviewer,
        reviewed_on=datetime.date.today().isoformat() if reviewer else "",
    )


def against(before: Sequence[Kept], after: Sequence[Kept], language: LanguageName) -> Comparison:
    """Two stretches: the share of sitting well, and the angles, with intervals. Raises ConfigError where too little."""
    sides = [before, after]
    with speaking(language):
        names = [_named(side) for side in sides]
    desk = compare(*(_sat(side, name) for side, name in zip(sides, names, strict=True)), language=language)
    measured = [_measured(side, name) for side, name in zip(sides, names, strict=True)]
    if measured[0] is None or measured[1] is None:
        return desk
    angles = compare(measured[0], measured[1], language=language)
    return _both(desk, angles)


def _both(desk: Comparison, angles: Comparison) -> Comparison:
    left_out = desk.left_out | angles.left_out
    return msgspec.structs.replace(desk, differences=(*desk.differences, *angles.differences), left_out=left_out)


def _day(one: Kept) -> SatDay:
    known = summed(one.accounts, datetime.datetime.combine(one.day, datetime.time()).timestamp())
    return SatDay(
        day=one.day.isoformat(),
        seconds={str(state): round(lasted, 3) for state, lasted in known.seconds.items()},
        doubts={str(doubt): round(lasted, 3) for doubt, lasted in known.doubts.items()},
        good_s=round(known.good_s, 3),
        poor_s=round(known.poor_s, 3),
        sat_s=round(known.sat_s, 3),
        longest_sitting_s=round(known.longest_sitting_s, 3),
        breaks=known.breaks,
        reminders=known.reminders,
        score=None if known.score is None else round(known.score, 2),
        shut=tuple(sorted(str(why) for why in one.shut)),
    )


def _rows(days: Sequence[Kept]) -> NDArray[np.float64]:
    """[N, 1 + M] of all samples: seconds since 1970, then the measurements."""
    found = []
    for one in days:
        for account, samples in zip(one.accounts, one.samples, strict=False):
            rows = np.frombuffer(samples, "<f4").reshape(-1, len(COLUMNS)).astype(np.float64)
            rows[:, 0] += account.began
            found.append(rows)
    rows = np.concatenate(found) if found else np.zeros((0, len(COLUMNS)))
    return rows[np.argsort(rows[:, 0], kind="stable")]


def _angles(rows: NDArray[np.float64]) -> list[AngleFigures]:
    found = []
    for i, name in enumerate(MEASURE_NAMES, 1):
        values = rows[np.isfinite(rows[:, i]), i]
        if len(values) * SAMPLE_S >= LEAST_ANGLE_S:
            spent = np.full(len(values), SAMPLE_S)
            p10, p50, p90 = (round(percentile(values, spent, share), 3) for share in (10, 50, 90))
            found.append(AngleFigures(name=name, measurable_s=len(values) * SAMPLE_S, p10=p10, p50=p50, p90=p90))
    return found


def _named(days: Sequence[Kept]) -> str:
    if not days:
        raise ConfigError("there is no day to compare")
    first, last = day(days[0].day), day(days[-1].day)
    return first if first == last else f"{first} – {last}"


def _sat(days: Sequence[Kept], name: str) -> Series:
    """Each minute as two moments: what of it was sat well, and what poorly."""
    minutes = sorted((account for one in days for account in one.accounts), key=lambda account: account.began)
    moments = []
    for account in minutes:
        poor_s = math.fsum(account.seconds.get(state, 0.0) for state in POOR)
        moments += [(account.began, account.seconds.get(State.GOOD, 0.0), 0.0), (account.began, poor_s, 2.0)]
    columns = np.array([one for one in moments if one[1] > 0] or np.zeros((0, 3))).reshape(-1, 3)
    if not len(columns):
        raise ConfigError(f"{name}: nothing was judged, so there is nothing to compare")
    return Series(name, columns[:, 0], columns[:, 1], {}, {"desk": columns[:, 2]}, {}, {}, rate_hz=1.0)


def _measured(days: Sequence[Kept], name: str) -> Series | None:
    rows = _rows(days)
    if not len(rows):
        return None
    angles = {one: rows[:, i] for i, one in enumerate(MEASURE_NAMES, 1)}
    spent = np.full(len(rows), SAMPLE_S)
    return Series(name, rows[:, 0], spent, angles, {}, {}, {}, rate_hz=1 / SAMPLE_S)
