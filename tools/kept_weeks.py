"""A history of somebody at a desk, minute by minute, as the program keeps it."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import numpy as np

from posture.data import MEASURE_NAMES
from posture.ergonomics.sitting import State
from posture.sinks.archive import Archive, Kept
from posture.sinks.minutes import COLUMNS, SAMPLE_S, Account
from posture.sinks.today import Spell


def minutes(day: date, count: int, *, good: float, lean_deg: float, seed: int = 1) -> Iterator[tuple[Account, bytes]]:
    """`count` minutes from nine o'clock: the account and the samples of each; `good` is the share sat well."""
    random = np.random.default_rng([seed, day.toordinal()])
    start = datetime.combine(day, time(9)).timestamp()
    for i in range(count):
        share = float(np.clip(good + random.normal(0, 0.05), 0, 1))
        seconds = {State.GOOD: 60 * share, State.SLUMP: 60 * (1 - share)}
        spells = {1: Spell("sitting", State.GOOD, start, 60.0 * (i + 1))}
        rows = np.full((round(60 / SAMPLE_S), len(COLUMNS)), np.nan)
        rows[:, 0] = np.arange(len(rows)) * SAMPLE_S
        rows[:, 1 + MEASURE_NAMES.index("trunk_inclination_deg")] = lean_deg + random.normal(0, 2, len(rows))
        yield Account(start, start + 60 * i, seconds, {}, spells), rows.astype("<f4").tobytes()


def fill(archive: Archive, day: date, count: int, **how: float) -> None:
    """Write them."""
    for account, samples in minutes(day, count, **how):  # type: ignore[arg-type]
        archive.append(day, account, samples)


def kept(first: date, last: date) -> tuple[Kept, ...]:
    """Days of somebody who sits better and better, for pictures of the Reports page."""
    found = []
    for back in range((last - first).days + 1):
        day = first + timedelta(days=back)
        done = list(minutes(day, 90, good=0.55 + 0.03 * (day.toordinal() % 12), lean_deg=20 - day.toordinal() % 12))
        found.append(Kept(day, tuple(one for one, _ in done), tuple(samples for _, samples in done)))
    return tuple(found)
