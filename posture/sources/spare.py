"""Which packets need not become frames because their tick already has one.

At 10 poses a second two of three frames of a usual video are looked at by nobody. Frames that no other frame refers to
can then be left out by the decoder without changing a pixel of the rest; on x264's presets that is half of them.
Packets come in decoding order, so a few are read ahead to know which frame of a tick is the first to be shown.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Protocol, TypeVar

from posture.pacing import tick_of

READ_AHEAD = 32
"""Packets. H.264 and HEVC show a frame at most 16 frames later than they decode it (H.264 A.3.1, HEVC A.4.2)."""


class Stamped(Protocol):
    """Something with a presentation time in ticks of its stream; None where it has none."""

    @property
    def pts(self) -> int | None:
        """Presentation time in units of the stream."""


P = TypeVar("P", bound=Stamped)


def spared(
    packets: Iterable[P], base: Fraction, origin: Fraction, rate: float, start_s: float = 0.0
) -> Iterator[tuple[P, bool]]:
    """Each packet in its order, and whether an earlier frame of the same tick of `rate` (Hz) makes it dispensable.

    `base`: seconds per unit of pts; `origin`: stream time that is 0 s. Both exact, so that a packet's time here is to
    the last bit that of its frame. Frames before `start_s` are shown to nobody: they take no tick from those after it.
    A packet without a time is always needed, one before `start_s` too (the clock may count otherwise, see `clock.py`).
    """
    window: deque[tuple[P, int | None]] = deque()
    first: dict[int, int] = {}

    def decided() -> tuple[P, bool]:
        packet, tick = window.popleft()
        return packet, tick is not None and packet.pts is not None and first[tick] < packet.pts

    for packet in packets:
        tick = None if packet.pts is None else tick_from(start_s, float(packet.pts * base - origin), rate)
        if tick is not None and packet.pts is not None:
            first[tick] = min(first.get(tick, packet.pts), packet.pts)
            if len(first) > 4 * READ_AHEAD:  # ticks long past
                first = {t: pts for t, pts in first.items() if abs(t - tick) <= READ_AHEAD} | {
                    t: first[t] for _, t in window if t is not None
                }
        window.append((packet, tick))
        if len(window) > READ_AHEAD:
            yield decided()
    while window:
        yield decided()


def tick_from(start_s: float, time_s: float, rate: float) -> int | None:
    """The tick of `time_s`, None before `start_s`."""
    return tick_of(time_s, rate) if time_s >= start_s else None


class Missing:
    """Counts the frames left out, so that the others keep the numbers that they have in the file."""

    def __init__(self) -> None:
        self._pending: list[Fraction] = []
        self.count = 0

    def add(self, stamp: Fraction) -> None:
        """The frame shown at `stamp` (seconds) may be left out."""
        heapq.heappush(self._pending, stamp)

    def before(self, stamp: Fraction) -> int:
        """How many frames before `stamp` were left out; a frame that came all the same is not one of them."""
        while self._pending and self._pending[0] <= stamp:
            self.count += heapq.heappop(self._pending) != stamp
        return self.count
