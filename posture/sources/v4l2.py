"""Video4Linux without FFmpeg: which modes a camera has, and leaving its format as it was found.

Structures and numbers are those of the kernel's `videodev2.h` on machines with 64-bit or 32-bit pointers whose ioctl
numbers are the usual ones (x86, ARM, RISC-V). Nothing here starts a stream, so nothing lights up.
"""

import errno
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from posture.sources.cameramode import Mode

CAPTURE = 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE
DISCRETE = 1  # V4L2_FRMSIZE_TYPE_DISCRETE, V4L2_FRMIVAL_TYPE_DISCRETE; the others are ranges
MOST_ENTRIES = 256
"""Of one list. A driver that goes on for ever is not followed."""
USUAL_SIZES = ((640, 480), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
"""What is taken from a range of sizes."""

_FORMAT = struct.Struct("=3I32s2I12x")  # index, type, flags, description, pixelformat, mbus_code
_SIZE = struct.Struct("=3I6I8x")  # index, pixel_format, type, then width, height | min, max, step of both
_INTERVAL = struct.Struct("=5I6I8x")  # index, pixel_format, width, height, type, then one fraction | min, max, step
_POINTER = struct.calcsize("P")
_KEPT_FORMAT = 208 if _POINTER == 8 else 204  # struct v4l2_format: its union holds pointers, so it is aligned for them
_KEPT_RATE = 204  # struct v4l2_streamparm

_READ_WRITE = 3
_ENUM_FORMATS, _GET_FORMAT, _SET_FORMAT, _GET_RATE, _SET_RATE = 2, 4, 5, 21, 22
_ENUM_SIZES, _ENUM_INTERVALS = 74, 75

FOURCC = {
    "MJPG": "mjpeg",
    "JPEG": "mjpeg",
    "NV12": "nv12",
    "YU12": "yuv420p",
    "YUYV": "yuyv422",
    "UYVY": "uyvy422",
    "YVYU": "yvyu422",
    "RGB3": "rgb24",
    "BGR3": "bgr24",
    "GREY": "gray",
    "H264": "h264",
}
"""The kernel's names for formats -> FFmpeg's."""

Ioctl = Callable[[int, int, bytearray], object]
"""(file descriptor, number, structure that is changed in place); raises OSError."""


def ask(fd: int, number: int, content: bytearray) -> None:
    """The kernel's ioctl."""
    import fcntl  # Windows has none

    fcntl.ioctl(fd, number, content)


def modes(fd: int, ioctl: Ioctl = ask) -> list[Mode]:
    """Every mode of an open device that can be read; a range of sizes counts as the usual ones in it.

    Raises OSError where the device cannot be asked.
    """
    return list(_modes(fd, ioctl))


class Settled:
    """The format and rate that a device has; `restore` gives them back to it, for the programs that rely on them."""

    def __init__(self, fd: int, ioctl: Ioctl = ask) -> None:
        self._fd, self._ioctl = fd, ioctl
        self._format = self._read(_GET_FORMAT, _KEPT_FORMAT)
        self._rate = self._read(_GET_RATE, _KEPT_RATE)

    def restore(self) -> None:
        """Do it where it can be done: a device that is gone, or that another program streams from, stays as it is."""
        for number, content in ((_SET_FORMAT, self._format), (_SET_RATE, self._rate)):
            try:
                if content is not None:
                    self._ioctl(self._fd, _code(number, len(content)), bytearray(content))
            except OSError:
                return

    def _read(self, number: int, size: int) -> bytes | None:
        content = bytearray(struct.pack("=I", CAPTURE).ljust(size, b"\0"))
        try:
            self._ioctl(self._fd, _code(number, size), content)
        except OSError:  # the driver keeps none
            return None
        return bytes(content)


def _modes(fd: int, ioctl: Ioctl) -> Iterator[Mode]:
    for found in _entries(fd, ioctl, _ENUM_FORMATS, _FORMAT, (CAPTURE,)):
        pixel_format = found[4]
        name = FOURCC.get(struct.pack("<I", pixel_format).decode("latin-1"))
        if name is None:
            continue
        for width, height in _sizes(fd, ioctl, pixel_format):
            yield Mode(name, width, height, _most_frames(fd, ioctl, (pixel_format, width, height)))


def _sizes(fd: int, ioctl: Ioctl, pixel_format: int) -> Iterator[tuple[int, int]]:
    for found in _entries(fd, ioctl, _ENUM_SIZES, _SIZE, (pixel_format,)):
        if found[2] == DISCRETE:
            if found[3] and found[4]:
                yield found[3], found[4]
            continue
        across, down = found[3:6], found[6:9]
        yield from ((w, h) for w, h in USUAL_SIZES if _within(w, *across) and _within(h, *down))
        return


def _most_frames(fd: int, ioctl: Ioctl, of: tuple[int, int, int]) -> Fraction:
    """Frames a second at the shortest interval; 0 where the driver does not say."""
    shortest: Fraction | None = None
    for found in _entries(fd, ioctl, _ENUM_INTERVALS, _INTERVAL, of):
        numerator, denominator = found[5:7]  # a discrete interval, or the shortest one of a range
        if numerator and denominator:
            interval = Fraction(numerator, denominator)
            shortest = interval if shortest is None else min(shortest, interval)
        if found[4] != DISCRETE:
            break
    return 1 / shortest if shortest else Fraction(0)


def _within(value: int, least: int, most: int, step: int) -> bool:
    return least <= value <= most and (value - least) % max(step, 1) == 0


def _entries(
    fd: int, ioctl: Ioctl, number: int, shape: struct.Struct, about: tuple[int, ...]
) -> Iterator[tuple[Any, ...]]:
    """The entries of one of the kernel's lists, which ends with EINVAL. `about`: the words that follow the index."""
    for index in range(MOST_ENTRIES):
        words = struct.pack(f"={1 + len(about)}I", index, *about)
        content = bytearray(words.ljust(shape.size, b"\0"))
        try:
            ioctl(fd, _code(number, shape.size), content)
        except OSError as exc:
            if exc.errno == errno.EINVAL or index or number != _ENUM_FORMATS:
                return
            raise
        yield shape.unpack(content)


def _code(number: int, size: int) -> int:
    """_IOWR('V', number, size) of the kernel's asm-generic/ioctl.h."""
    return _READ_WRITE << 30 | size << 16 | ord("V") << 8 | number
