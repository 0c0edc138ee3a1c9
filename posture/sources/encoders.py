"""Which encoder makes the pictures of a video, and what it is told.

Software encoders give the same bytes for the same frames on every machine of a kind. Those of graphics cards are taken
only where `posture.sources.hardware` has seen that they write nothing but pictures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Codec = Literal["h264", "hevc", "av1"]

ENCODER_THREADS = 2
"""Fixed, because the bytes depend on it."""
BEST, WORST = 0, 51
"""Quality as x264 counts it; the scales of the others are moved onto it by eye on recordings of people at desks."""

REMOVED_UNITS: Mapping[Codec, str] = {
    "h264": "filter_units=remove_types=6|9|12",  # ITU-T H.264 table 7-1: SEI, access unit delimiter, filler data
    "hevc": "filter_units=remove_types=35|38-40",  # ITU-T H.265 table 7-1: the same
    "av1": "filter_units=remove_types=5|8|15",  # AV1 specification 6.2.2: metadata, tile list, padding
}
"""What is taken out of the stream again, whatever the encoder put in."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """One encoder and how it is set."""

    encoder: str
    """As FFmpeg calls it."""
    codec: Codec
    options: Mapping[str, str]
    every_frames: int | None = None
    """A key frame after exactly so many frames, with no frame between two of them that refers past one; None leaves
    that to the encoder within the usual two seconds."""
    pixel_format: str = "yuv420p"

    @property
    def removed_units(self) -> str:
        """The bitstream filter that leaves pictures and parameter sets."""
        return REMOVED_UNITS[self.codec]


def for_export(crf: int) -> Encoding:
    """H.264 for files that are kept and handed on.

    No frame refers to a later one: then times start at 0 for every player, at the cost of somewhat larger files.
    """
    return Encoding("libx264", "h264", {"preset": "veryfast", "bf": "0", "crf": str(crf)})


def for_recording(codec: Codec, crf: int, every_frames: int) -> Encoding:
    """For a live stream: each frame leaves the encoder with the frame that came in, none waits for later ones.

    `crf`: see `BEST`. Every `every_frames` frames stand for themselves, so that a recording can be cut there.
    """
    key, quality = str(every_frames), str(_quality(codec, crf))
    if codec == "h264":
        steady = {"sc_threshold": "0", "keyint_min": key, "bf": "0"}
        return Encoding(
            "libx264", codec, {"preset": "veryfast", "tune": "zerolatency", "crf": quality} | steady, every_frames
        )
    if codec == "hevc":
        told = f"info=0:log-level=none:scenecut=0:open-gop=0:keyint={key}:min-keyint={key}:bframes=0"
        told += f":frame-threads=1:pools={ENCODER_THREADS}"
        options = {"preset": "ultrafast", "tune": "zerolatency", "crf": quality, "x265-params": told}
        return Encoding("libx265", codec, options, every_frames)
    told = f"scd=0:pred-struct=1:irefresh-type=2:keyint={key}:lp={ENCODER_THREADS}"
    return Encoding("libsvtav1", codec, {"preset": "10", "crf": quality, "svtav1-params": told}, every_frames)


def _quality(codec: Codec, crf: int) -> int:
    """On the scale of the encoder: libx265 to 51, libsvtav1 to 63."""
    return {"h264": crf, "hevc": min(crf + 3, WORST), "av1": min(crf + 12, 63)}[codec]
