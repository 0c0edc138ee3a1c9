"""Which part of a picture a model sees, and the tensor that shows it. The inverse brings keypoints back."""

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from posture.data import Array, Frame, Picture
from posture.pose.brought.use import InputUse
from posture.pose.crop import Region


class Window(NamedTuple):
    """Input pixel (column, row) shows the point (x + column * across, y + row * down) of the upright picture.

    Pixel centres are whole numbers on both sides, as OpenCV's `resize` takes them.
    """

    x: float
    y: float
    across: float
    down: float

    @property
    def affine(self) -> Array:
        """[2, 3] as `Frame.crop` takes it."""
        return np.array([[self.across, 0.0, self.x], [0.0, self.down, self.y]])

    def to_picture(self, points: Array) -> Array:
        """Input pixels [..., 2] to picture pixels."""
        outside: Array = points * np.array([self.across, self.down]) + (self.x, self.y)
        return outside

    def to_input(self, points: Array) -> Array:
        """Picture pixels [..., 2] to input pixels."""
        inside: Array = (points - (self.x, self.y)) / np.array([self.across, self.down])
        return inside


def whole(width: int, height: int, use: InputUse) -> Window:
    """The window on a whole picture of that size, as `use.fit` says: letterbox, corner or stretch."""
    if use.fit == "stretch":
        return _from(0.0, 0.0, width / use.width, height / use.height)
    scale = max(width / use.width, height / use.height)
    if use.fit == "corner":
        return _from(0.0, 0.0, scale, scale)
    return _from((width - use.width * scale) / 2, (height - use.height * scale) / 2, scale, scale)


def around(region: Region, use: InputUse) -> Window:
    """The upright window that holds the square of `region` in the middle of the input; its rotation is left out."""
    scale = region.side / min(use.width, use.height)
    return _from(region.x - use.width * scale / 2, region.y - use.height * scale / 2, scale, scale)


def _from(left: float, top: float, across: float, down: float) -> Window:
    """The window whose upper left corner, not pixel centre, lies there; picture corners are at -0.5."""
    return Window(left + across / 2 - 0.5, top + down / 2 - 0.5, across, down)


def seen(frame: Frame, window: Window, use: InputUse) -> Picture:
    """The pixels of the window as bytes RGB, [height, width, 3]; `use.fill` outside of the picture."""
    border: Literal["black", "edge"] = "black"
    pixels = frame.crop(window.affine, max(use.width, use.height), border)[: use.height, : use.width]
    if not use.fill:
        return pixels
    columns = window.x + np.arange(use.width) * window.across
    rows = window.y + np.arange(use.height) * window.down
    inside = np.outer((rows > -0.5) & (rows < frame.height - 0.5), (columns > -0.5) & (columns < frame.width - 0.5))
    filled: Picture = np.where(inside[..., None], pixels, np.uint8(use.fill))
    return filled


def tensor(pixels: Picture, use: InputUse) -> NDArray[Any]:
    """The input of the model, [1, ...], for pixels RGB [height, width, 3]."""
    ordered = pixels[..., ::-1] if use.colour == "BGR" else pixels
    if use.dtype == "uint8" and use.quantum is None and use.mean == (0.0, 0.0, 0.0) and use.std == (1.0, 1.0, 1.0):
        values: NDArray[Any] = ordered
    else:
        values = (ordered.astype(np.float32) - np.array(use.mean, np.float32)) / np.array(use.std, np.float32)
        if use.quantum is not None:
            values = values / use.quantum.scale + use.quantum.zero
        if use.dtype in ("uint8", "int8", "int32"):
            limits = np.iinfo(use.dtype)
            values = np.clip(np.rint(values), limits.min, limits.max)
    laid = values.transpose(2, 0, 1) if use.layout == "NCHW" else values
    return np.ascontiguousarray(laid[None], dtype=use.dtype)


def mirrored(values: NDArray[Any], use: InputUse) -> NDArray[Any]:
    """The same input seen in a mirror."""
    return np.ascontiguousarray(np.flip(values, 3 if use.layout == "NCHW" else 2))
