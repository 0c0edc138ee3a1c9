"""One decoded picture as a `Frame`: the decoder's own planes, converted only where somebody looks.

A crop samples each plane with its own affine map, so chroma keeps the resolution it has, and only the crop becomes
RGB. Chroma siting: 4:2:0 and 4:2:2 from video are left-sited (ITU-T H.264 E.2.1, chroma_loc 0: horizontally
co-sited, vertically centred), from JPEG they are centred (JFIF 1.02). RGB is always sRGB, on white where the picture
is transparent.
"""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.data import Picture as Pixels
from posture.sources import colour, scaling, srgb
from posture.sources.geometry import Orientation, turn, upright_size, upright_to_stored
from posture.sources.position import Position
from posture.sources.transparency import Opacity, on_white

Border = Literal["black", "edge"]
Plane = NDArray[Any]

LIMITED, FULL = 1, 2  # AVCOL_RANGE_MPEG, AVCOL_RANGE_JPEG
AREA_BELOW = 0.5  # Scaling by less than this takes means over areas; bilinear sampling would skip pixels.


@dataclass(frozen=True, slots=True)
class Layout:
    """How a pixel format lies in memory."""

    planes: Literal["yuv", "semi", "gray", "packed", "gbr"]
    across: int = 1
    """Luma columns that share one chroma sample."""
    down: int = 1
    """Luma rows that share one chroma sample."""
    bits: int = 8
    """Significant bits a sample, counted from the top of what is stored for formats that shift (P010: 16)."""
    channels: tuple[int, ...] = ()
    """Packed formats: number of bytes a pixel, then where R, G and B lie."""
    full: bool = False
    """Full range where the flags say nothing, as FFmpeg reads these formats."""


LAYOUTS: dict[str, Layout] = {
    "yuv420p": Layout("yuv", 2, 2),
    "yuv422p": Layout("yuv", 2, 1),
    "yuv444p": Layout("yuv"),
    "yuv440p": Layout("yuv", 1, 2),
    "yuv411p": Layout("yuv", 4, 1),
    "yuvj420p": Layout("yuv", 2, 2, full=True),
    "yuvj422p": Layout("yuv", 2, 1, full=True),
    "yuvj444p": Layout("yuv", full=True),
    "yuvj440p": Layout("yuv", 1, 2, full=True),
    "yuva420p": Layout("yuv", 2, 2),
    "yuva444p": Layout("yuv"),
    "nv12": Layout("semi", 2, 2),
    "nv16": Layout("semi", 2, 1),
    "p010le": Layout("semi", 2, 2, bits=16),
    "p210le": Layout("semi", 2, 1, bits=16),
    "yuv420p10le": Layout("yuv", 2, 2, bits=10),
    "yuv422p10le": Layout("yuv", 2, 1, bits=10),
    "yuv444p10le": Layout("yuv", bits=10),
    "yuv420p12le": Layout("yuv", 2, 2, bits=12),
    "yuv422p12le": Layout("yuv", 2, 1, bits=12),
    "yuv444p12le": Layout("yuv", bits=12),
    "gray": Layout("gray", full=True),
    "gray10le": Layout("gray", bits=10, full=True),
    "gray12le": Layout("gray", bits=12, full=True),
    "gray16le": Layout("gray", bits=16, full=True),
    "rgb24": Layout("packed", channels=(3, 0, 1, 2)),
    "bgr24": Layout("packed", channels=(3, 2, 1, 0)),
    "rgba": Layout("packed", channels=(4, 0, 1, 2)),
    "rgb0": Layout("packed", channels=(4, 0, 1, 2)),
    "bgra": Layout("packed", channels=(4, 2, 1, 0)),
    "bgr0": Layout("packed", channels=(4, 2, 1, 0)),
    "argb": Layout("packed", channels=(4, 1, 2, 3)),
    "0rgb": Layout("packed", channels=(4, 1, 2, 3)),
    "abgr": Layout("packed", channels=(4, 3, 2, 1)),
    "gbrp": Layout("gbr"),
    "gbrap": Layout("gbr"),
}

INTERLEAVED = {"yuyv422": "yuv422p", "uyvy422": "yuv422p", "yvyu422": "yuv422p"}
"""What webcams give beside JPEG: the same samples in one plane. Taking them apart loses nothing."""


class Picture:
    """Implements `posture.data.Frame` on an `av.VideoFrame`, whose memory it keeps alive.

    Pictures are independent of each other: where a stream changes its size midway, so does `width` x `height`.
    """

    def __init__(
        self,
        frame: av.VideoFrame,
        *,
        index: int,
        time_s: float,
        orientation: Orientation = Orientation(),  # noqa: B008 - frozen
        pixel_aspect: Fraction = Fraction(1),
        corrupt: bool = False,
        centred_chroma: bool = False,
        opacity: Opacity | None = None,
        profiled: srgb.Profiled | None = None,
        position: Position | None = None,
    ) -> None:
        """`centred_chroma`: the siting of JPEG instead of that of video.

        `opacity`: where the frame does not hold it. `profiled`: what its colour profile asks for.
        """
        self._tones = srgb.by_tags(int(frame.color_primaries), int(frame.color_trc), profiled=profiled is not None)
        self._profiled = profiled if self._tones is None else None
        frame = _readable(on_white(frame, opacity))
        self._frame = frame
        self._layout = LAYOUTS[frame.format.name]
        self._full = frame.color_range == FULL or (self._layout.full and frame.color_range != LIMITED)
        self._matrix = int(frame.colorspace)
        self._centred = centred_chroma
        self._planes = _views(frame, self._layout)
        self._orientation = orientation
        self._stored = frame.width, frame.height
        self._to_stored = upright_to_stored(frame.width, frame.height, pixel_aspect, orientation)
        self._size = upright_size(frame.width, frame.height, pixel_aspect, orientation)
        self._index, self._time_s, self._corrupt = index, time_s, corrupt
        self.position = position
        """Where in its stream the frame is; None for a source that cannot go on behind a frame."""

    def digest(self) -> str:
        """SHA-256 of the decoded samples, in hex."""
        hashed = hashlib.sha256()
        for plane in self._planes:
            hashed.update(np.ascontiguousarray(plane).data)
        return hashed.hexdigest()

    @classmethod
    def of_rgb(cls, pixels: Pixels, time_s: float = 0.0) -> "Picture":
        """A picture that is in memory already: uint8 [height, width, 3]."""
        return cls(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24"), index=0, time_s=time_s)

    @property
    def index(self) -> int:
        """See `posture.data.Frame`."""
        return self._index

    @property
    def time_s(self) -> float:
        """See `posture.data.Frame`."""
        return self._time_s

    @property
    def width(self) -> int:
        """See `posture.data.Frame`."""
        return self._size[0]

    @property
    def height(self) -> int:
        """See `posture.data.Frame`."""
        return self._size[1]

    @property
    def corrupt(self) -> bool:
        """See `posture.data.Frame`."""
        return self._corrupt

    def crop(self, affine: Array, size: int, border: Border) -> Pixels:
        """See `posture.data.Frame`."""
        whole = np.vstack([affine, [0.0, 0.0, 1.0]])
        return self._sampled((self._to_stored @ whole)[:2], (size, size), border)

    def scaled(self, width: int, height: int) -> Pixels:
        """See `posture.data.Frame`."""
        if self._shrinks(width, height):
            small = [_shrunk(plane, self._before_turn(width, height)) for plane in self._planes]
            return turn(self._rgb(small), self._orientation)
        return self._sampled((self._to_stored @ self._scaling(width, height))[:2], (width, height), "edge")

    def luma(self, width: int, height: int) -> Pixels:
        """See `posture.data.Frame`. Of an RGB picture: BT.601 luma."""
        if self._layout.planes in ("packed", "gbr"):
            return cv2.cvtColor(self.scaled(width, height), cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
        if self._shrinks(width, height):
            small = _shrunk(self._planes[0], self._before_turn(width, height))
            return turn(self._gray(small), self._orientation)
        affine = (self._to_stored @ self._scaling(width, height))[:2]
        return self._gray(_warped(self._planes[0], affine, (width, height), "edge", 0.0))

    def shown(self, width: int, height: int) -> Pixels:
        """See `posture.data.Frame`."""
        return self._converted(width, height, "bgra")

    def glance(self, width: int, height: int) -> Pixels:
        """See `posture.data.Frame`."""
        return self._converted(width, height, "gray")

    def _converted(self, width: int, height: int, pixel_format: str) -> Pixels:
        return turn(scaling.scaled(self._frame, *self._before_turn(width, height), pixel_format), self._orientation)

    def _sampled(self, affine: Array, size: tuple[int, int], border: Border) -> Pixels:
        """`affine` [2, 3]: output pixel -> stored luma pixel; `size`: (width, height)."""
        outside = self._outside()
        maps = [affine, *[self._on_chroma(affine)] * (len(self._planes) - 1)]
        if self._layout.planes == "gbr":
            maps = [affine] * 3
        warped = [_warped(p, m, size, border, v) for p, m, v in zip(self._planes, maps, outside, strict=True)]
        return self._rgb(warped)

    def _outside(self) -> list[Any]:
        """The value of black in each plane."""
        if self._layout.planes in ("packed", "gbr"):
            return [0.0] * len(self._planes)
        dark, neutral = colour.black(self._full, self._layout.bits)
        return [dark, *[(neutral,) * 4] * (len(self._planes) - 1)]

    def _on_chroma(self, affine: Array) -> Array:
        """The same map, ending on the grid of the chroma planes."""
        across, down = self._layout.across, self._layout.down
        shift_x = (0.5 / across - 0.5) if self._centred else 0.0
        shift_y = 0.5 / down - 0.5
        return affine * [[1 / across], [1 / down]] + [[0, 0, shift_x], [0, 0, shift_y]]

    def _rgb(self, planes: list[Plane]) -> Pixels:
        """Planes on one common grid -> uint8 sRGB [height, width, 3]."""
        if self._tones is not None:
            return self._tones(self._fine(planes))
        pixels = self._as_coded(planes)
        return pixels if self._profiled is None else self._profiled(pixels)

    def _fine(self, planes: list[Plane]) -> NDArray[np.uint16]:
        """R'G'B' in 1 / `srgb.FINE`, with what a deep picture has below 1 / 255."""
        if self._layout.planes not in ("yuv", "semi"):
            return self._as_coded(planes).astype(np.uint16) * np.uint16(srgb.FINE)
        matrix = colour.to_rgb(self._matrix, self._full, self._layout.bits) * srgb.FINE
        return cv2.transform(cv2.merge(planes).astype(np.uint16), matrix).astype(np.uint16, copy=False)

    def _as_coded(self, planes: list[Plane]) -> Pixels:
        """R'G'B' as the file has it, uint8."""
        if self._layout.planes == "packed":
            red, green, blue = self._layout.channels[1:]
            return np.ascontiguousarray(planes[0][:, :, [red, green, blue]])
        if self._layout.planes == "gbr":
            return cv2.merge([planes[2], planes[0], planes[1]]).astype(np.uint8, copy=False)
        if self._layout.planes == "gray":
            return cv2.cvtColor(self._gray(planes[0]), cv2.COLOR_GRAY2RGB).astype(np.uint8, copy=False)
        matrix = colour.to_rgb(self._matrix, self._full, self._layout.bits)
        return _bytes(cv2.transform(cv2.merge(planes), matrix))

    def _gray(self, plane: Plane) -> Pixels:
        return _bytes(cv2.transform(plane, colour.to_luma(self._full, self._layout.bits)))

    def _scaling(self, width: int, height: int) -> Array:
        """[3, 3]: pixel of the scaled picture -> upright pixel; edges lie on edges."""
        x, y = self.width / width, self.height / height
        return np.array([[x, 0, 0.5 * x - 0.5], [0, y, 0.5 * y - 0.5], [0, 0, 1.0]])

    def _before_turn(self, width: int, height: int) -> tuple[int, int]:
        return (height, width) if self._orientation.swaps_axes else (width, height)

    def _shrinks(self, width: int, height: int) -> bool:
        across, down = self._before_turn(width, height)
        return min(across / self._stored[0], down / self._stored[1]) < AREA_BELOW


def _readable(frame: av.VideoFrame) -> av.VideoFrame:
    """The frame itself, or one conversion of it to a known layout that keeps full chroma (and more than 8 bits)."""
    if frame.format.name in LAYOUTS and all(plane.line_size > 0 for plane in frame.planes):
        return frame
    if frame.format.name in INTERLEAVED:
        return frame.reformat(format=INTERLEAVED[frame.format.name])
    deep = max(part.bits for part in frame.format.components) > 8
    if frame.format.is_rgb or frame.format.has_palette:
        return frame.reformat(format="rgb24")
    if len(frame.format.components) <= 2:  # grey with transparency, black and white
        return frame.reformat(format="gray")
    return frame.reformat(format="yuv444p10le" if deep else "yuv444p")


def _views(frame: av.VideoFrame, layout: Layout) -> list[Plane]:
    """Arrays on the decoder's memory without a copy: [height, width] or [height, width, channels] each.

    A view keeps its plane, and the plane its frame, alive.
    """
    kind = np.uint16 if layout.bits > 8 else np.uint8
    depth = {"packed": layout.channels[:1], "semi": (1,)}.get(layout.planes, (1,))[0]
    wanted = {"gray": 1, "packed": 1, "semi": 2}.get(layout.planes, 3)
    views = []
    for number, plane in enumerate(frame.planes[:wanted]):
        samples = 2 if layout.planes == "semi" and number else depth
        rows: Plane = np.frombuffer(memoryview(plane), kind)
        rows = rows.reshape(plane.height, -1)[:, : plane.width * samples]
        views.append(rows.reshape(plane.height, plane.width, samples) if samples > 1 else rows)
    return views


def _warped(plane: Plane, affine: Array, size: tuple[int, int], border: Border, outside: Any) -> Plane:  # noqa: ANN401
    if size == (plane.shape[1], plane.shape[0]) and np.array_equal(affine, np.eye(2, 3)):
        return plane
    mode = cv2.BORDER_REPLICATE if border == "edge" else cv2.BORDER_CONSTANT
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(plane, affine, size, flags=flags, borderMode=mode, borderValue=outside)


def _shrunk(plane: Plane, size: tuple[int, int]) -> Plane:
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA)


def _bytes(values: Plane) -> Pixels:
    """uint16 from a deep picture was saturated at 65535 only."""
    return values if values.dtype == np.uint8 else np.minimum(values, 255).astype(np.uint8)
