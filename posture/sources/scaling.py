"""FFmpeg's scaler, kept from frame to frame: setting one up takes longer than many a small picture."""

import threading
from collections import OrderedDict

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from posture.data import Picture as Pixels

MOST = 8
"""Scalers that are kept for each thread: a live stream needs four, for the view, the brightness and two thumbnails."""

_Key = tuple[object, ...]


class _Kept(threading.local):
    """A scaler works for one thread at a time, so each thread has its own."""

    def __init__(self) -> None:
        self.scalers: OrderedDict[_Key, VideoReformatter] = OrderedDict()


_kept = _Kept()


def scaled(frame: av.VideoFrame, width: int, height: int, pixel_format: str) -> Pixels:
    """The frame as uint8 [height, width] or [height, width, channels], made as means over areas in one pass."""
    key = (
        frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range,
        width, height, pixel_format,
    )  # fmt: skip
    scalers = _kept.scalers
    scaler = scalers.pop(key, None) or VideoReformatter()
    scalers[key] = scaler
    if len(scalers) > MOST:
        scalers.popitem(last=False)
    small = scaler.reformat(frame, width, height, pixel_format, interpolation="AREA")
    return small.to_ndarray().astype(np.uint8, copy=False)
