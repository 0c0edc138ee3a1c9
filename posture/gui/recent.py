"""The last ten minutes, for the chart and the cards: one sample a second, in memory, nothing of Qt."""

import math
from collections import deque
from dataclasses import dataclass

from posture.data import Reason
from posture.ergonomics.sitting import Deviation, State
from posture.gui.theme import Verdict

SPAN_S = 600.0
EVERY_S = 1.0
GAP_S = 5.0
"""Longer without a sample, and a curve is interrupted."""
_TREND_NOW_S, _TREND_BEFORE_S = 10.0, 60.0
_TREND_SHARE = 0.1
"""Of the limit: a smaller change is no trend."""


BOTH_WAYS = frozenset({"lean", "turned"})
"""Quantities that count to either side; the others count towards their limit alone."""
FALLING = frozenset({"ear_shoulder"})
"""Quantities that are worse the smaller they are."""


def share(name: str, value: float, limit: float) -> float:
    """How far `value` is on its way to `limit`; negative on the far side of zero, NaN where one is not known."""
    if math.isnan(value) or math.isnan(limit) or limit == 0:
        return math.nan
    if name in FALLING:
        return limit / value if value > 0 else math.inf
    return abs(value / limit) if name in BOTH_WAYS else value / limit


@dataclass(frozen=True, slots=True)
class Sample:
    """One second."""

    t_s: float
    verdict: Verdict
    state: State
    deviations: tuple[Deviation, ...]

    def value(self, name: str) -> float:
        """Of one quantity; NaN where it is not visible or not known."""
        return next((d.value for d in self.deviations if d.name == name), math.nan)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a card shows: a quantity now, against its limit, and why it is not visible where it is not."""

    name: str
    value: float
    limit: float
    """NaN where the quantity has none."""
    unit: str
    reason: Reason = Reason.MEASURED

    @property
    def share(self) -> float:
        """How far the value is on its way to the limit: 1 = at it; NaN where either is not known."""
        return share(self.name, self.value, self.limit)

    @property
    def verdict(self) -> Verdict:
        """Within the limit, beyond it, or nothing that can be judged."""
        if math.isnan(self.share):
            return Verdict.NONE
        return Verdict.FAIR if self.share > 1 else Verdict.GOOD


class Recent:
    """A ring of samples."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque()

    def add(self, sample: Sample) -> bool:
        """Keep `sample` if one is due; whether it was kept. A clock that went back starts anew."""
        if self._samples and sample.t_s < self._samples[-1].t_s:
            self._samples.clear()
        if self._samples and sample.t_s - self._samples[-1].t_s < EVERY_S:
            return False
        self._samples.append(sample)
        while sample.t_s - self._samples[0].t_s > SPAN_S:
            self._samples.popleft()
        return True

    def __len__(self) -> int:
        return len(self._samples)

    @property
    def samples(self) -> tuple[Sample, ...]:
        """Oldest first."""
        return tuple(self._samples)

    def curve(self, name: str) -> tuple[list[float], list[float]]:
        """Seconds before now (negative) and values of one quantity; NaN parts what a gap interrupts."""
        if not self._samples:
            return [], []
        now, times, values = self._samples[-1].t_s, [], []
        before = self._samples[0].t_s
        for sample in self._samples:
            if sample.t_s - before > GAP_S:
                times.append(before - now)
                values.append(math.nan)
            times.append(sample.t_s - now)
            values.append(sample.value(name))
            before = sample.t_s
        return times, values

    def spells(self) -> list[tuple[float, float, Verdict]]:
        """(from, to, verdict) in seconds before now; neighbours of one verdict are one."""
        found: list[tuple[float, float, Verdict]] = []
        if not self._samples:
            return found
        now = self._samples[-1].t_s
        before = self._samples[0].t_s
        for sample in self._samples:
            start = sample.t_s - EVERY_S if sample.t_s - before > GAP_S else before
            if found and found[-1][2] is sample.verdict and found[-1][1] == start - now:
                found[-1] = (found[-1][0], sample.t_s - now, sample.verdict)
            else:
                found.append((start - now, sample.t_s - now, sample.verdict))
            before = sample.t_s
        return found

    def minutes(self, name: str) -> list[tuple[int, float, float, Verdict]]:
        """For the table, newest first: (minutes ago, mean, largest magnitude, the verdict that took most of it)."""
        if not self._samples:
            return []
        now = self._samples[-1].t_s
        groups: dict[int, list[Sample]] = {}
        for sample in self._samples:
            groups.setdefault(int((now - sample.t_s) // 60), []).append(sample)
        return [(ago, *_summed(groups[ago], name)) for ago in sorted(groups)]

    def trend(self, name: str, limit: float) -> int:
        """1 where the quantity moves towards its limit, -1 away from it, 0 where it stays or is not known."""
        if not self._samples or math.isnan(limit) or limit == 0:
            return 0
        now = self._samples[-1].t_s
        late = _mean([s.value(name) for s in self._samples if now - s.t_s <= _TREND_NOW_S])
        early = _mean([s.value(name) for s in self._samples if _TREND_NOW_S < now - s.t_s <= _TREND_BEFORE_S])
        change = share(name, late, limit) - share(name, early, limit)
        return 0 if not abs(change) >= _TREND_SHARE else (1 if change > 0 else -1)


def _summed(samples: list[Sample], name: str) -> tuple[float, float, Verdict]:
    values = [sample.value(name) for sample in samples]
    seen = [value for value in values if not math.isnan(value)]
    verdicts = [sample.verdict for sample in samples]
    return _mean(values), max(seen, key=abs, default=math.nan), max(set(verdicts), key=verdicts.count)


def _mean(values: list[float]) -> float:
    seen = [value for value in values if not math.isnan(value)]
    return sum(seen) / len(seen) if seen else math.nan
