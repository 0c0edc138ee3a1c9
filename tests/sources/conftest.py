"""Clips and pictures made on the spot."""

from fractions import Fraction

import av
import numpy as np
import pytest

from posture.sources import open_source


def corners(width=64, height=48):
    """RGB [height, width, 3]: upper left red, upper right green, lower left blue, lower right white."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = 255, 0, 0
    picture[: height // 2, width // 2 :] = 0, 255, 0
    picture[height // 2 :, : width // 2] = 0, 0, 255
    picture[height // 2 :, width // 2 :] = 255, 255, 255
    return picture


def write(path, pictures, *, codec="ffv1", pixel_format="yuv444p", rate=25, stamps=None, setup=None, options=None):
    """Encode RGB pictures; `stamps`: pts of each in 1/1000 s; `setup(stream)` is called before the first frame."""
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pixel_format
        tick = Fraction(1, 1000) if stamps else Fraction(1, rate)
        stream.codec_context.time_base = tick
        if setup:
            setup(stream)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=pixel_format)
            frame.pts, frame.time_base = stamps[number] if stamps else number, tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="session")
def picture_of_corners():
    return corners


@pytest.fixture(scope="session")
def write_video():
    return write


@pytest.fixture
def opened():
    """`open_source` whose sources are closed when the test ends."""
    sources = []

    def open_and_remember(path, **options):
        sources.append(open_source(path, **options))
        return sources[-1]

    yield open_and_remember
    for source in sources:
        source.close()
