"""How fast monitoring is: rates and delays over the last seconds, and what limits them."""

import math
import threading
from collections import deque
from collections.abc import Callable

import numpy as np

from posture.capture import Captured
from posture.live.snapshot import Figures

WINDOW_S = 5.0
"""Seconds that rates and delays look back."""
REFRESH_S = 0.5
"""The figures are made anew at most this often: a percentile costs more than a frame should."""
REACHED = 0.9
"""A rate counts as reached from this share of it on; cameras give 29.97 for 30, and jitter moves a window's edge."""
MOST = 1024
"""Entries that are kept of each kind: 5 s at 120 Hz is 600."""


class Meter:
    """Counts frames and times paints. Frames come from one thread, paints from another; a lock holds both."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._came: deque[tuple[float, int, int]] = deque(maxlen=MOST)
        self._done: deque[float] = deque(maxlen=MOST)
        self._painted: deque[tuple[float, float, float]] = deque(maxlen=MOST)
        self._made_s = -math.inf
        self._figures = Figures()
        self._last_painted: Captured | None = None

    def came(self, count: int, overtaken: int = 0) -> None:
        """`count` frames reached the hand-over to the model since the last call, and `overtaken` were not decoded."""
        with self._lock:
            self._came.append((self._clock(), count, overtaken))

    def done(self) -> None:
        """A frame was estimated and judged."""
        with self._lock:
            self._done.append(self._clock())

    def painted(self, captured: Captured) -> None:
        """The view has just painted this frame; a repaint of the same one is not counted."""
        now = self._clock()
        with self._lock:
            if captured is not self._last_painted:
                self._last_painted = captured
                self._painted.append((now, now - captured.decoded_s, now - captured.packet_s))

    def clear(self) -> None:
        """What comes now has nothing to do with what was: a pause, another camera."""
        with self._lock:
            for entries in (self._came, self._done, self._painted):
                entries.clear()
            self._last_painted, self._made_s = None, -math.inf

    def figures(
        self, *, target: float, wanted: float, dropped: int, provider: str = "", fallback_reason: str = ""
    ) -> Figures:
        """The figures now, at most `REFRESH_S` old.

        `target`: the rate in Hz that is asked for at this moment; `wanted`: the one that the person set for a view.
        """
        now = self._clock()
        with self._lock:
            if now - self._made_s < REFRESH_S and self._figures.fps_target == target:
                return self._figures
            self._made_s = now
            fps_in = _rate([t for t, count, _ in self._came for _ in range(count)], now)
            given = _rate([t for t, count, lost in self._came for _ in range(count + lost)], now)
            fps_done = _rate(self._done, now)
            recent = [(decoded, packet) for t, decoded, packet in self._painted if t >= now - WINDOW_S]
        decoded_ms = np.array([delay for delay, _ in recent]) * 1e3
        packet_ms = np.array([delay for _, delay in recent]) * 1e3
        self._figures = Figures(
            fps_in=fps_in,
            fps_done=fps_done,
            fps_target=target,
            decoded_to_paint_p50_ms=_percentile(decoded_ms, 50),
            decoded_to_paint_p95_ms=_percentile(decoded_ms, 95),
            packet_to_paint_p95_ms=_percentile(packet_ms, 95),
            dropped=dropped,
            limited_by=limit(given, fps_in, fps_done, target, wanted),
            provider=provider,
            fallback_reason=fallback_reason,
        )
        return self._figures


def limit(given: float, fps_in: float, fps_done: float, target: float, wanted: float) -> str:
    """Why less than `wanted` (Hz) is reached; empty where it is reached or nothing is known yet.

    `given` is what the camera gives, `fps_in` what of it was decoded.
    """
    if target < wanted:
        return "economy"
    if math.isnan(fps_in) or math.isnan(fps_done) or fps_done >= REACHED * target:
        return ""
    if fps_done < REACHED * fps_in:
        return "model"
    return "decoder" if fps_in < REACHED * given else "camera"


def _rate(times: "deque[float] | list[float]", now: float) -> float:
    """Events a second within the window; NaN for fewer than two."""
    recent = [t for t in times if t >= now - WINDOW_S]
    if len(recent) < 2 or recent[-1] <= recent[0]:
        return math.nan
    rate = (len(recent) - 1) / (recent[-1] - recent[0])
    overdue = now - recent[-1] > 2 / rate
    return len(recent) / (now - recent[0]) if overdue else rate


def _percentile(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", share: float) -> float:
    return float(np.percentile(values, share)) if len(values) else math.nan
