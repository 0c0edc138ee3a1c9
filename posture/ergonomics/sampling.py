"""Moments at equal intervals, as an observer with a watch takes them: the way in which OWAS is meant.

A sample is the moment whose time the clock of the recording falls into, so the same recording at another rate gives the
same postures to one frame.
"""

import numpy as np
from numpy.typing import NDArray

from posture.data import Array

ENOUGH_SAMPLES = 60
"""OWAS training material asks for at least this many postures; fewer are shown with a remark."""
_CLOCK_S = 1e-9


def samples(times_s: Array, durations_s: Array, interval_s: float) -> NDArray[np.int64]:
    """Rows that stand for the times 0, 1, 2, ... intervals after the first row; those nobody was seen at are left out.

    `times_s` strictly increasing and `durations_s`, seconds that each row stands for, both float64 [T].
    """
    if not len(times_s):
        return np.zeros(0, np.int64)
    end_s = float(times_s[-1] + durations_s[-1])
    count = int(np.ceil((end_s - times_s[0]) / interval_s - _CLOCK_S)) if end_s > times_s[0] else 1
    wanted = times_s[0] + np.arange(max(count, 1)) * interval_s
    rows = np.searchsorted(times_s, wanted + _CLOCK_S, side="right") - 1
    seen = wanted <= times_s[rows] + durations_s[rows] + _CLOCK_S
    return np.asarray(rows[seen], np.int64)
