"""The calibrated pose as it is drawn behind the person, and the limits about it. Never more than keypoints."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.gui.figure import seen
from posture.live.snapshot import Phase, Snapshot


@dataclass(frozen=True, slots=True)
class Guide:
    """A limit as a level line: shares of the picture's height and width, and its words."""

    y: float
    left: float
    right: float
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class Ghost:
    """Keypoints in picture widths [33, 2], which of them are drawn [33], and the limits."""

    in_widths: Array
    drawn: NDArray[np.bool_]
    guides: tuple[Guide, ...] = ()

    def points(self, width: float) -> Array:
        """[33, 2] in pixels of a picture that is so wide."""
        return self.in_widths * width


class Watch:
    """Keeps the pose at the end of each calibration, in memory alone: a restarted program draws none until the next."""

    def __init__(self) -> None:
        self._during: Ghost | None = None
        self.ghost: Ghost | None = None

    def see(self, snapshot: Snapshot) -> None:
        """One more moment."""
        if snapshot.phase is Phase.CALIBRATING:
            self._during = _ghost(snapshot) or self._during
        elif self._during is not None:
            if snapshot.phase is Phase.RUNNING:
                self.ghost = self._during
            self._during = None


def _ghost(snapshot: Snapshot) -> Ghost | None:
    if snapshot.observation is None or not snapshot.observation.people or snapshot.captured is None:
        return None
    pose = snapshot.observation.people[0].pose
    return Ghost(pose.points_px[:, :2] / snapshot.captured.frame.width, seen(pose))
