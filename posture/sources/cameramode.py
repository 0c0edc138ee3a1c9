"""In which format a camera is asked for its pictures, as options of FFmpeg's devices.

The rate goes first, because a posture is judged over time; then the size; then the format. JPEG goes before the rest:
its packets need not be decoded to be counted, and their sizes tell whether something moves. Streams whose pictures
refer to each other (H.264) are the last resort, because every one of them has to be decoded.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from posture.sources.settings import CameraSettings

PREFERENCE = ("mjpeg", "nv12", "yuv420p", "yuyv422", "uyvy422", "yvyu422", "rgb24", "bgr24", "gray", "h264")
"""Formats by the names that FFmpeg's devices take, best first."""
RATE_TOLERANCE = 0.97
"""29.97 is 30."""
LEAST_HEIGHT = 480
"""Rows. Below, faces at a desk are too small for the model, so a smaller picture is no way to reach the rate."""
USUAL_SIZES = ((1280, 720), (640, 480))

Options = dict[str, str]


@dataclass(frozen=True, slots=True)
class Mode:
    """One way in which a camera gives pictures."""

    format: str
    """As in `PREFERENCE`."""
    width: int
    height: int
    rate: Fraction
    """Most frames a second; 0 where the driver does not say."""


def best(modes: Iterable[Mode], settings: CameraSettings) -> Mode | None:
    """The mode to ask for; None where none can be read."""
    readable = [mode for mode in modes if mode.format in PREFERENCE]
    return max(readable, key=lambda mode: _merit(mode, settings), default=None)


def of_mode(mode: Mode, settings: CameraSettings) -> Options:
    """Options that ask a v4l2 device for `mode`, at the wanted rate where it gives more."""
    rate = min(mode.rate, Fraction(settings.rate).limit_denominator(1001)) if mode.rate else Fraction(0)
    asked = {"framerate": f"{rate.numerator}/{rate.denominator}"} if rate else {}
    return {"input_format": mode.format, "video_size": f"{mode.width}x{mode.height}", **asked}


def attempts(backend: str, settings: CameraSettings) -> Iterator[Options]:
    """What is asked of a device whose modes cannot be listed, in this order; the last one leaves it all to it."""
    wanted = settings.width, settings.height
    rate = f"{Fraction(settings.rate).limit_denominator(1001)}"
    sizes = (wanted, *(size for size in USUAL_SIZES if size[1] < wanted[1]))
    formats = _FORMATS[backend]
    for width, height in sizes:
        size = {"video_size": f"{width}x{height}"}
        yield from ({**asked, **size, "framerate": rate} for asked in formats)
        if rate != "30":
            yield {**size, "framerate": "30"}
        yield size
    yield {}


_FORMATS: dict[str, tuple[Options, ...]] = {
    "dshow": ({"vcodec": "mjpeg"}, {"pixel_format": "nv12"}, {"pixel_format": "yuyv422"}, {}),
    "avfoundation": ({"pixel_format": "nv12"}, {"pixel_format": "uyvy422"}, {}),
    "v4l2": ({"input_format": "mjpeg"}, {}),
}


def _merit(mode: Mode, settings: CameraSettings) -> tuple[float, ...]:
    """Compared from left to right; more is better."""
    reached = min(1.0, float(mode.rate) / settings.rate) if mode.rate else 0.5
    wanted = settings.width * settings.height
    pixels = mode.width * mode.height
    return (
        mode.format != "h264",
        mode.height >= min(LEAST_HEIGHT, settings.height),
        1.0 if reached >= RATE_TOLERANCE else reached,
        -abs(pixels - wanted) / max(pixels, wanted),
        -abs(mode.width / mode.height - settings.width / settings.height),
        -PREFERENCE.index(mode.format),
    )
