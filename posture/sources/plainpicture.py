"""A picture file that holds pixels and nothing else: no EXIF, no colour profile, no comment, no name of a program.

OpenCV writes JPEG, PNG and WebP so: of a JPEG the segments APP0 (JFIF), DQT, SOF0, DHT and SOS, of a PNG the chunks
IHDR, IDAT and IEND, of a WebP the chunk VP8. JPEG takes a quarter of the time of FFmpeg's encoder (12 megapixels:
40 ms against 150 ms on one core).
"""

from typing import Literal

import cv2

from posture.data import Picture
from posture.errors import SinkError

PictureSuffix = Literal["jpg", "png", "webp"]

JPEG_QUALITY, WEBP_QUALITY = 92, 90
"""High enough that saving again shows nowhere; what was a photo stays about as large."""
_OPTIONS: dict[PictureSuffix, list[int]] = {
    "jpg": [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY],
    "png": [],
    "webp": [cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY],
}
_OF_CODEC: dict[str, PictureSuffix] = {"mjpeg": "jpg", "webp": "webp", "av1": "jpg", "libdav1d": "jpg", "hevc": "jpg"}


def suffix_for(codec: str) -> PictureSuffix:
    """The kind of file for a picture that was stored with `codec`: the same where it can be, JPEG for the photos of
    AVIF and HEIC, and PNG, which loses nothing, for all else (TIFF, BMP, GIF).
    """
    return _OF_CODEC.get(codec, "png")


def encoded(pixels: Picture, suffix: PictureSuffix) -> bytes:
    """The file of a picture, uint8 RGB [height, width, 3]. The same pixels give the same bytes.

    Raises SinkError where the kind of file cannot hold the size (JPEG: 65500 pixels a side, WebP: 16383).
    """
    height, width = pixels.shape[:2]
    try:
        done, content = cv2.imencode(f".{suffix}", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), _OPTIONS[suffix])
    except cv2.error as exc:
        if exc.code == cv2.Error.STS_NO_MEM:
            raise MemoryError("the encoder") from exc
        done, content = False, None
    if not done or content is None:
        raise SinkError(f"{width} x {height} pixels are too many for a {suffix} file; make the picture smaller first")
    return bytes(content.data)
