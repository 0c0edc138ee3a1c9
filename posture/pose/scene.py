"""Whether the picture was cut to another scene between two frames."""

import cv2
import numpy as np

from posture.data import Array, Frame
from posture.pose.crop import affine, letterbox

SAMPLES, CELLS = 32, 16
"""The signature is a CELLS x CELLS picture, each cell the mean of some samples (noise averages out)."""
MIN_CORRELATION = 0.5
MIN_DIFFERENCE = 12.0
"""A cut correlates less and differs more (of 255) than this. On the test clips, at 1 to 30 frames a second, cuts have
correlations of -0.1..0.1 and differences of 90..110; movement, wind and noise have correlations of 0.66 or more where
they differ by more than 8."""


class Scene:
    """Compares each frame with the one before."""

    def __init__(self) -> None:
        self.last: Array | None = None
        """Signature of the frame of the last call: all that it remembers."""

    def changed(self, frame: Frame) -> bool:
        """Whether `frame` shows another scene than the frame of the last call; False for the first one."""
        last, self.last = self.last, signature(frame)
        return last is not None and is_cut(last, self.last)


def signature(frame: Frame) -> Array:
    """[CELLS, CELLS] brightness, 0..255. Sampled sparsely: its cost does not grow with the picture."""
    square = affine(letterbox(frame.width, frame.height), SAMPLES)
    gray = cv2.cvtColor(frame.crop(square, SAMPLES, "edge"), cv2.COLOR_RGB2GRAY)
    return cv2.resize(gray, (CELLS, CELLS), interpolation=cv2.INTER_AREA).astype(np.float64)


def is_cut(before: Array, after: Array) -> bool:
    """Whether two signatures show different scenes. A change of brightness alone is none."""
    a, b = before - before.mean(), after - after.mean()
    correlation = float((a * b).sum() / max(np.sqrt((a * a).sum() * (b * b).sum()), 1e-9))
    return correlation < MIN_CORRELATION and float(np.abs(after - before).mean()) > MIN_DIFFERENCE
