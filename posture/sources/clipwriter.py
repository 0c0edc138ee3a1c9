"""The demo as a video file, for benchmarks and tests: known content, no metadata, the same bytes every time."""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import av
import cv2
import numpy as np
from av.codec.context import Flags
from av.video.stream import VideoStream
from numpy.typing import NDArray

from posture.sources.demo import DemoSource

BITS_PER_PIXEL = 0.16
"""Default rate: 10 Mbit/s at 1080p30, 40 Mbit/s at 4K30, what cameras and phones write."""
NOISE = 2.0
"""Standard deviation of the luma noise in code values, that of a good camera. Without any, the enlarged portrait
would compress so well that decoding it says nothing about decoding recordings."""
OF_A_CAMERA = {"tune": "zerolatency", "x264-params": "keyint=30:min-keyint=30:scenecut=0:sliced-threads=0"}
"""Options with which libx264 writes as the encoder of a camera does: a key frame every 30, none refers to a later one,
one slice a picture."""
ENCODER_THREADS = 2
"""Fixed, because the bytes depend on it."""


def write_clip(
    path: Path,
    demo: DemoSource,
    *,
    codec: str = "libx264",
    bit_rate: int | None = None,
    seconds: float | None = None,
    noise: float = NOISE,
    options: Mapping[str, str] | None = None,
) -> None:
    """Encode the frames of `demo` (or its first `seconds`) to `path`; the suffix names the container.

    `bit_rate` in bit/s, None for `BITS_PER_PIXEL`; `options` go to the encoder. Raises av.FFmpegError where the codec
    is missing or the file cannot be written.
    """
    info = demo.info
    rate = Fraction(info.frame_rate).limit_denominator(1001)
    options = {**({"preset": "veryfast"} if codec.startswith("libx26") else {}), **(options or {})}
    grain = _grain(info.height, info.width, noise)
    with av.open(path, "w", options={"fflags": "+bitexact"}) as container:
        stream = cast(VideoStream, container.add_stream(codec, rate=rate, options=options))
        stream.width, stream.height, stream.pix_fmt = info.width, info.height, info.pixel_format
        context = stream.codec_context
        context.bit_rate = bit_rate or round(BITS_PER_PIXEL * info.width * info.height * rate)
        context.thread_count = ENCODER_THREADS
        context.flags |= Flags.bitexact
        for number in range(round(min(seconds or info.duration_s, info.duration_s) * rate)):
            frame = demo.render(number / info.frame_rate)
            _add_grain(frame, grain, number)
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def grainy(demo: DemoSource, number: int) -> av.VideoFrame:
    """Frame `number` of the demo with the noise of a camera."""
    info = demo.info
    frame = demo.render(number / info.frame_rate)
    _add_grain(frame, _grain(info.height, info.width, NOISE), number)
    return frame


@lru_cache(maxsize=2)
def _grain(height: int, width: int, noise: float) -> NDArray[Any]:
    """int8 noise, larger than a frame by as much as it is moved about."""
    random = np.random.default_rng(0)
    return np.clip(random.normal(0, noise, (height + 97, width + 89)), -127, 127).astype(np.int8)


def _add_grain(frame: av.VideoFrame, grain: NDArray[Any], number: int) -> None:
    """Another part of the noise for each frame."""
    plane = frame.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1)[:, : plane.width]
    top, left = number * 31 % 97, number * 47 % 89
    part = grain[top : top + plane.height, left : left + plane.width]
    cv2.add(luma, part, dst=luma, dtype=cv2.CV_8U)
