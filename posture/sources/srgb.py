"""From the colours that a file means to sRGB, which models, copies and reports take every RGB for.

Two things say that colours are others: a colour profile (ICC.1), which Little CMS converts, and tags (ITU-T H.273) of
wide primaries or of HDR. Tones: up to half of white as they are, above that rolled off, so that what is brighter than
white (lamps, windows, sky) keeps a shape. White is that of ITU-R BT.2408: 203 cd/m², or 75 % of the HLG signal.
What says nothing is taken as it is.
"""

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.data import Picture as Pixels

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsProfile, ImageCmsTransform

# ITU-T H.273 tables 2 and 3.
BT709, UNSPECIFIED, BT2020, DISPLAY_P3 = 1, 2, 9, 12
PQ, HLG = 16, 18
PRIMARIES = {  # x and y of red, green and blue; white is D65 in all of them
    BT709: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    BT2020: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    DISPLAY_P3: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
D65 = 0.3127, 0.3290

FINE = 16
"""Codes for each of 0..255, because the dark tones of HDR are spread apart."""
STEPS = 4096
"""Linear values up to white that are told apart."""
WHITE_PQ = 203 / 10_000  # ITU-R BT.2408 table 1, as a share of the peak of PQ
WHITE_HLG = 0.2650  # scene light of 75 % HLG signal (ITU-R BT.2100 table 5)
KNEE = 0.5
BRIGHTEST = 8.0
"""In units of white; the roll-off is at 255 there."""

ALREADY = 2
"""A profile that moves no colour further than this, in 1/255, is sRGB already."""
_BAND = 256  # rows at a time, so that the numbers in between stay small


@dataclass(frozen=True, slots=True, eq=False)
class Tones:
    """Colours of a video signal to sRGB: a curve, a matrix, a curve."""

    linear: NDArray[np.float32]
    """[255 * FINE + 1]: light of a code, 1 for white."""
    matrix: NDArray[np.float32]
    """[3, 3] of linear RGB; ends in 1 / `STEPS`."""
    codes: NDArray[np.uint8]
    """[BRIGHTEST * STEPS + 1]: sRGB of linear light in 1 / `STEPS`."""

    def __call__(self, fine: NDArray[np.uint16]) -> Pixels:
        """R'G'B' [height, width, 3] in 1 / `FINE` -> uint8 sRGB [height, width, 3]."""
        done = np.empty(fine.shape, np.uint8)
        for top in range(0, len(fine), _BAND):
            light = cv2.transform(self.linear.take(fine[top : top + _BAND], mode="clip"), self.matrix)
            done[top : top + _BAND] = self.codes.take(np.rint(light).astype(np.int32), mode="clip")
        return done


class Profiled:
    """Colours of a profile to sRGB."""

    def __init__(self, transform: "ImageCmsTransform", *, gray: bool) -> None:
        self._transform, self._gray = transform, gray

    def __call__(self, pixels: Pixels) -> Pixels:
        """uint8 [height, width, 3] -> the same in sRGB. Of a grey picture the channels are equal."""
        from PIL import Image

        done = np.empty(pixels.shape, np.uint8)
        for top in range(0, len(pixels), _BAND):
            band = pixels[top : top + _BAND]
            source = Image.fromarray(np.ascontiguousarray(band[:, :, 0]) if self._gray else band)
            done[top : top + _BAND] = np.asarray(self._transform.apply(source))
        return done


def by_tags(primaries: int, transfer: int, *, profiled: bool = False) -> Tones | None:
    """What converts a signal with these tags; None where it is shown as it is.

    `profiled`: there is a profile too. Then the tags count for HDR alone, of which profiles cannot say much.
    """
    if transfer in (PQ, HLG):
        return _tones(primaries if primaries in PRIMARIES else BT2020, transfer)
    if profiled or primaries == BT709 or primaries not in PRIMARIES:
        return None
    return _tones(primaries, UNSPECIFIED)


def by_profile(profile: bytes, *, gray: bool) -> Profiled | None:
    """What converts a picture with this ICC profile; `gray`: the picture has no colours.

    None where nothing is to be done, and where nothing can be: the profile is damaged, or of colours that the picture
    does not have (CMYK, which is RGB when it has been decoded). Then it is left aside, as picture viewers do.
    """
    from PIL import ImageCms

    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        of_gray = meant.profile.xcolor_space.strip() == "GRAY"
        if of_gray and not gray:
            return None
        mode = "L" if of_gray else "RGB"
        converted = Profiled(ImageCms.buildTransform(meant, _srgb(), mode, "RGB"), gray=of_gray)
    except (OSError, ValueError, ImageCms.PyCMSError):
        return None
    ramp = _all_over()[:, -1:] if of_gray else _all_over()
    moved = np.abs(converted(ramp).astype(int) - ramp)
    return converted if moved.max() > ALREADY else None


@lru_cache
def _tones(primaries: int, transfer: int) -> Tones:
    signal = np.arange(255 * FINE + 1) / (255 * FINE)
    light = np.arange(round(BRIGHTEST * STEPS) + 1) / STEPS
    back = {PQ: _srgb_signal, HLG: _bt709_signal}.get(transfer, _srgb_signal)
    rolled = _rolled_off(light) if transfer in (PQ, HLG) else np.minimum(light, 1)
    linear = {PQ: _pq_light, HLG: _hlg_light}.get(transfer, _srgb_light)(signal)
    matrix = np.linalg.solve(_to_xyz(BT709), _to_xyz(primaries)) * STEPS
    return Tones(linear.astype(np.float32), matrix.astype(np.float32), np.rint(back(rolled) * 255).astype(np.uint8))


def _to_xyz(primaries: int) -> Array:
    """[3, 3]: linear RGB to CIE XYZ (SMPTE RP 177)."""
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in PRIMARIES[primaries]]).T
    white = np.array((D65[0] / D65[1], 1, (1 - sum(D65)) / D65[1]))
    return columns * np.linalg.solve(columns, white)


def _rolled_off(light: Array) -> Array:
    """As it is up to the knee, then bent towards 1 without a kink."""
    room = 1 - KNEE
    return np.where(light <= KNEE, light, KNEE + room * (1 - np.exp((KNEE - light) / room)))


def _pq_light(signal: Array) -> Array:
    """SMPTE ST 2084, equation 4.1; 1 for white."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = signal ** (1 / m2)
    return np.asarray((np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1) / WHITE_PQ)


def _hlg_light(signal: Array) -> Array:
    """Light of the scene (ITU-R BT.2100 table 5); 1 for white.

    Goes back to a signal with the curve of BT.709, so that the look is that of a camera without HDR.
    """
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12) / WHITE_HLG


def _bt709_signal(light: Array) -> Array:
    return np.where(light < 0.018, 4.5 * light, 1.099 * light**0.45 - 0.099)


def _srgb_light(signal: Array) -> Array:
    """IEC 61966-2-1."""
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


def _srgb_signal(light: Array) -> Array:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@lru_cache
def _srgb() -> "ImageCmsProfile":
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@lru_cache
def _all_over() -> Pixels:
    """Colours from all over the cube, and all greys: uint8 [256, 17, 3]."""
    levels = np.linspace(0, 255, 16).astype(np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(256, 16, 3)
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)
    return np.concatenate([cube, greys], axis=1)
