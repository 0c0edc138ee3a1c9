"""Which pixels show people: the selfie segmentation models, fine enough for the edge of a large picture.

The models know people near the camera, who fill the picture. Everybody else is shown to them in a crop of their own,
and the masks are merged. The result is sharpened along the edges of the picture with a guided filter (He, Sun, Tang:
Guided Image Filtering, 2010) on brightness.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from posture.data import Frame, Picture
from posture.pose.body import Box
from posture.pose.catalogue import Catalogue
from posture.pose.crop import Region, affine
from posture.pose.sure import SureSession

SQUARE, LANDSCAPE = "selfie_segmentation", "selfie_segmentation_landscape"
SQUARE_PX = 256
LANDSCAPE_PX = (256, 144)
"""Width and height of the input that a whole picture is stretched to."""
WORK_PX = 1024
"""Longer side of the mask. A picture of 12 megapixels is four times as large: its edges are soft by as much."""
FILTER_SHARE = 1 / 128
"""Radius of the guided filter in longer sides: what the model's own cells leave open."""
FILTER_STRENGTH = 1e-3
"""The filter's epsilon: differences in brightness (0..1) of less than its root are no edge."""
FROM, TO = 0.45, 0.85
"""A filtered probability from here to there is the soft edge. Its middle lies above one half: an edge that is eroded
shows no rim of the old background."""
CROP_MARGIN = 1.3
"""Side of a person's crop in longer sides of what is known of the body."""
LARGE = 0.8
"""A crop of at least this share of the picture's longer side is the whole picture."""

Probability = NDArray[np.float32]


class Segmenter:
    """Both segmentation models. It remembers nothing."""

    def __init__(self, catalogue: Catalogue, providers: tuple[str, ...], threads: int) -> None:
        """Load the models. Raises ModelError: missing, altered, or refused by every provider."""
        self._square = SureSession(catalogue.reader(SQUARE), providers, threads)
        self._landscape = SureSession(catalogue.reader(LANDSCAPE), providers, threads)

    def __call__(self, frame: Frame, boxes: Sequence[Box]) -> Picture:
        """255 where people are, 0 where none is, uint8 [h, w], `WORK_PX` on its longer side or less.

        Only people in `boxes` are looked for, in pixels of the frame; without any, all is background.
        """
        longer = max(frame.width, frame.height)
        size = _work_size(frame.width, frame.height)
        chances = np.zeros(size[::-1], np.float32)
        squares = [square_around(box) for box in boxes]
        if any(square.side >= LARGE * longer for square in squares):
            np.maximum(chances, self._whole(frame, size), out=chances)
        for square in squares:
            if square.side < LARGE * longer:
                self._add(chances, frame, square)
        return soft_edge(chances, frame.luma(*size)) if squares else chances.astype(np.uint8)

    def close(self) -> None:
        """End a model call that hangs, from any thread. The segmenter cannot be used afterwards."""
        self._square.terminate()
        self._landscape.terminate()

    def _whole(self, frame: Frame, size: tuple[int, int]) -> Probability:
        wide = frame.width > frame.height
        session, shape = (self._landscape, LANDSCAPE_PX) if wide else (self._square, (SQUARE_PX, SQUARE_PX))
        mask = session.run(frame.scaled(*shape)[None])["mask"].reshape(shape[::-1])
        return cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR).astype(np.float32, copy=False)

    def _add(self, chances: Probability, frame: Frame, square: Region) -> None:
        """Merge the mask of one crop into `chances`."""
        picture = frame.crop(affine(square, SQUARE_PX), SQUARE_PX, "edge")
        mask = self._square.run(picture[None])["mask"].reshape(SQUARE_PX, SQUARE_PX)
        scale = chances.shape[1] / frame.width
        there = affine(square, SQUARE_PX) * scale  # mask pixel to pixel of `chances`
        placed = cv2.warpAffine(mask, there, chances.shape[::-1], flags=cv2.INTER_LINEAR)
        np.maximum(chances, placed, out=chances)


def square_around(box: Box) -> Region:
    """The upright crop in which the model is to find the person in `box`."""
    side = CROP_MARGIN * max(box.right - box.left, box.bottom - box.top, 1.0)
    return Region((box.left + box.right) / 2, (box.top + box.bottom) / 2, side, 0.0)


def soft_edge(chances: Probability, luma: Picture) -> Picture:
    """A mask, uint8, whose edge follows the edges in `luma`; both of one size."""
    radius = max(round(FILTER_SHARE * max(luma.shape)), 1)
    filtered = guided(luma.astype(np.float32) / np.float32(255), chances, radius, FILTER_STRENGTH)
    edge = np.clip((filtered - FROM) / (TO - FROM), 0, 1) * 255
    mask: Picture = np.rint(edge).astype(np.uint8)
    return mask


def guided(guide: Probability, values: Probability, radius: int, epsilon: float) -> Probability:
    """`values` as a piecewise linear function of `guide`, over windows of 2 * radius + 1 pixels."""
    window = (2 * radius + 1, 2 * radius + 1)

    def mean(array: Probability) -> Probability:
        return cv2.boxFilter(array, cv2.CV_32F, window, borderType=cv2.BORDER_REFLECT).astype(np.float32, copy=False)

    mean_guide, mean_values = mean(guide), mean(values)
    slope = (mean(guide * values) - mean_guide * mean_values) / (mean(guide * guide) - mean_guide**2 + epsilon)
    return mean(slope) * guide + mean(mean_values - slope * mean_guide)


def _work_size(width: int, height: int) -> tuple[int, int]:
    factor = min(WORK_PX / max(width, height), 1.0)
    return max(round(width * factor), 1), max(round(height * factor), 1)
