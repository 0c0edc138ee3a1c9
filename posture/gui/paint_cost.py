"""What painting costs the main thread, measured on the very view of the Live page: `posture bench live` prints it.

Every paint is counted: a widget that is not painted would be free.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PyQt6.QtWidgets import QApplication

from posture.appearance import ViewName
from posture.gui.monitor import Shown, prepared
from posture.gui.picture_view import PictureView
from posture.gui.theme import Verdict
from posture.live.snapshot import Snapshot

WARM_UP = 10


@dataclass(frozen=True, slots=True)
class PaintCost:
    """Milliseconds a frame, from taking a snapshot to the end of its paint."""

    paints: int
    cpu_p50_ms: float
    """Of the main thread's own work: what a busy machine does not change much."""
    cpu_p95_ms: float
    wall_p50_ms: float
    wall_p95_ms: float


def paint_cost(
    application: QApplication,
    snapshots: Sequence[Snapshot],
    size: tuple[int, int],
    *,
    mode: ViewName = "video",
    mirrored: bool = False,
) -> PaintCost:
    """Show `snapshots` one after the other in a view of `size` pixels, after a warm-up that is not counted.

    Pictures should have the size of the view, as the monitor makes them. Raises RuntimeError where not every snapshot
    was painted exactly once.
    """
    painted: list[Snapshot] = []
    view = PictureView(painted.append)
    view.mode, view.mirrored = mode, mirrored
    view.resize(*size)
    view.show()
    application.processEvents()
    painted.clear()
    ready = [prepared(snapshot, mirrored=mirrored) for snapshot in snapshots]
    spent = [_shown(application, view, shown) for shown in [*ready[:WARM_UP], *ready]][min(WARM_UP, len(ready)) :]
    view.close()
    if len(painted) != len(ready) + min(WARM_UP, len(ready)):
        raise RuntimeError(f"{len(ready)} snapshots gave {len(painted)} paints")
    (cpu_p50, wall_p50), (cpu_p95, wall_p95) = np.percentile(spent, [50, 95], axis=0)
    return PaintCost(len(spent), float(cpu_p50), float(cpu_p95), float(wall_p50), float(wall_p95))


def _shown(application: QApplication, view: PictureView, shown: Shown) -> tuple[float, float]:
    """Milliseconds of showing one: of this thread's work, and of the clock."""
    begun, worked = time.perf_counter(), time.thread_time()
    view.show_moment(shown, Verdict.GOOD, None)
    application.processEvents()
    return (time.thread_time() - worked) * 1e3, (time.perf_counter() - begun) * 1e3
