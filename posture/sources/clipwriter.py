"""The demo as a video file, for benchmarks and tests: known content, no metadata, the same bytes every time."""

from fractions import Fraction
from pathlib import Path

import av

from posture.sources.demo import DemoSource

BITS_PER_PIXEL = 0.16
"""Default rate: 10 Mbit/s at 1080p30, 40 Mbit/s at 4K30, what cameras and phones write."""


def write_clip(
    path: Path, demo: DemoSource, *, codec: str = "libx264", bit_rate: int | None = None, seconds: float | None = None
) -> None:
    """Encode the frames of `demo` (or its first `seconds`) to `path`; the suffix names the container.

    `bit_rate` in bit/s. One encoder thread, so that the bytes do not depend on the machine's number of cores.
    Raises av.FFmpegError where the codec is missing or the file cannot be written.
    """
    info = demo.info
    rate = Fraction(info.frame_rate).limit_denominator(1001)
    options = {"preset": "veryfast"} if codec.startswith("libx26") else {}
    with av.open(path, "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = info.width, info.height, info.pixel_format
        context = stream.codec_context
        context.bit_rate = bit_rate or round(BITS_PER_PIXEL * info.width * info.height * rate)
        context.thread_count = 1
        context.flags |= av.codec.context.Flags.bitexact
        for number in range(round(min(seconds or info.duration_s, info.duration_s) * rate)):
            frame = demo.render(number / info.frame_rate)
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
