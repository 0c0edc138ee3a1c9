"""Whether something moves before a camera, from the sizes of its packets alone, which costs nothing.

A picture that is coded for itself (JPEG) is as large as its content is rich. Before a still scene the sizes differ by
sensor noise only; somebody who moves, comes or goes changes them. Each size is held against the median of the last
seconds, and the difference against how much neighbouring sizes differ anyway.
"""

import math
from collections import deque
from itertools import pairwise
from statistics import median

WINDOW = 90
"""Packets: three seconds at 30 Hz."""
LEAST = 15
"""Packets before anything can be said."""
QUIET = 4.0
"""Median differences of neighbouring sizes, 3.8 standard deviations of noise: it alone goes beyond once in 7000."""
A_LOT = 0.02
"""Share of the size beyond that which counts as 1. A lean of 15 degrees in the demo changes the sizes by a hundredth,
coming closer by five hundredths."""


class Stirring:
    """`add` every size; `taken` says how much moved since it was asked last."""

    def __init__(self) -> None:
        self._sizes: deque[int] = deque(maxlen=WINDOW)
        self._new = 0

    def add(self, size: int) -> None:
        """Size of the next packet in bytes."""
        self._sizes.append(size)
        self._new += 1

    def taken(self) -> float:
        """0: nothing moved, 1: a lot; NaN where it cannot be said yet, or where all packets are of one size."""
        new, self._new = min(self._new, len(self._sizes)), 0
        sizes = list(self._sizes)
        if len(sizes) < LEAST or not new or min(sizes) == max(sizes):
            return math.nan
        usual = median(sizes)
        noise = median(abs(a - b) for a, b in pairwise(sizes))
        furthest = max(abs(size - usual) for size in sizes[-new:])
        return min(1.0, max(0.0, furthest - QUIET * noise) / (A_LOT * usual))
