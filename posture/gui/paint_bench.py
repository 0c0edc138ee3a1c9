"""Live monitoring with the very view of the Live page: how late a picture is painted, and what that costs.

`python -m posture.gui.paint_bench KIND HEIGHT SECONDS WIDTHxHEIGHT` is `posture.bench.live` with a window: Qt is woken,
takes and paints as in the program, without a screen. Then one moment of it is given five people and painted again and
again, in a view of that size and in one as large as a 4K screen; and decoder, model and painting are timed each for
itself. Prints one JSON line.
"""

import json
import os
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication

from posture.bench import live
from posture.data import Observation, frozen
from posture.errors import SourceError
from posture.gui.monitor import Bridge
from posture.gui.paint_cost import PaintCost, paint_cost
from posture.gui.picture_view import PictureView
from posture.gui.theme import Verdict
from posture.live.monitor import Monitor
from posture.live.snapshot import Snapshot
from posture.live.view import picture

PEOPLE = 5
SCREEN_4K = 3840, 2160
PAINTS = 100


class View:
    """Implements `posture.bench.live.Window`."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._bridge: Bridge | None = None
        self._view: PictureView | None = None
        self.last: Snapshot | None = None
        """The newest that was painted with a picture and a person."""

    @property
    def unseen(self) -> int:
        """See Window."""
        return self._bridge.unseen if self._bridge is not None else 0

    def open(self, monitor: Monitor, painted: live.Painted) -> None:
        """See Window."""

        def done(snapshot: Snapshot) -> None:
            painted(snapshot)
            if snapshot.picture is not None and snapshot.observation is not None and snapshot.observation.people:
                self.last = snapshot

        self._bridge, self._view = Bridge(monitor), PictureView(done)
        self._view.mode = "video"
        self._view.resize(*self._size)
        self._view.show()
        self._bridge.connect(self._newest)

    def _newest(self) -> None:
        if self._bridge is not None and self._view is not None:
            self._view.show_moment(self._bridge.take(), Verdict.GOOD, None)

    def wait(self, seconds: float) -> None:
        """See Window."""
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def close(self) -> None:
        """See Window."""
        if self._view is not None:
            self._view.close()


def crowded(snapshot: Snapshot, size: tuple[int, int]) -> Snapshot:
    """The same moment with its person `PEOPLE` times side by side, and its picture fitted into `size`."""
    observation, captured = snapshot.observation, snapshot.captured
    if observation is None or captured is None or not observation.people:
        raise SourceError("nobody was seen; is the machine busy?")
    one, wide = observation.people[0], captured.frame.width
    apart = np.array([wide / PEOPLE, 0, 0])
    people = tuple(
        replace(one, pose=replace(one.pose, person=number, points_px=frozen(one.pose.points_px + place * apart)))
        for number, place in enumerate(range(-(PEOPLE // 2), PEOPLE - PEOPLE // 2), start=1)
    )
    shown = Observation(observation.index, observation.time_s, people)
    return replace(snapshot, observation=shown, picture=picture(captured.frame, size, "video"))


def main() -> None:
    """Measure once and print it."""
    kind, height, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    wide, _, high = sys.argv[4].partition("x")
    size = int(wide), int(high)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QApplication(sys.argv[:1])
    view = View(size)
    with tempfile.TemporaryDirectory(prefix="posture-bench-") as folder:
        camera = live.camera(kind, height, Path(folder))
        run = live.measure(camera, seconds, size, view)
        decode_ms, model_ms = live.floor_ms(camera)
    if view.last is None:
        raise SourceError("nothing was painted; is the machine busy?")
    alone = paint_cost(application, [view.last] * PAINTS, size)
    found: dict[str, Any] = asdict(run)
    found["floor_ms"] = {"decode": decode_ms, "model": model_ms, "paint": alone.wall_p50_ms}
    for name, of in (("five_people", size), ("five_people_4k", SCREEN_4K)):
        cost: PaintCost = paint_cost(application, [crowded(view.last, of)] * PAINTS, of)
        found[name] = asdict(cost)
    json.dump(found, sys.stdout)
    print(flush=True)


if __name__ == "__main__":
    main()
