"""The picture that a view shows, made by a worker at the very size of the view, so that painting it copies pixels."""

import cv2
import numpy as np

from posture.data import Frame, Picture, frozen
from posture.live.settings import ViewMode

BLUR_CELLS = 24
"""Cells across the longer side of a blurred picture: the face of a person at a desk is then three to six cells wide, of
which nobody is recognised, and hands and posture can still be seen."""


def fitted(frame_size: tuple[int, int], view: tuple[int, int]) -> tuple[int, int]:
    """The largest size (width, height) with the shape of the frame that fits into the view; at least one pixel."""
    scale = min(view[0] / frame_size[0], view[1] / frame_size[1])
    return max(1, round(frame_size[0] * scale)), max(1, round(frame_size[1] * scale))


def picture(frame: Frame, view: tuple[int, int], mode: ViewMode) -> Picture | None:
    """The frame as `Frame.shown` gives it, read-only, fitted into `view`; None where the mode shows none.

    A blurred picture is made of a few cells and never of the sharp one.
    """
    if mode not in ("video", "blurred"):
        return None
    size = fitted((frame.width, frame.height), view)
    if mode == "video":
        return frozen(frame.shown(*size))
    cells = frame.shown(*fitted((frame.width, frame.height), (BLUR_CELLS, BLUR_CELLS)))
    return frozen(np.asarray(cv2.resize(cells, size, interpolation=cv2.INTER_CUBIC), np.uint8))
