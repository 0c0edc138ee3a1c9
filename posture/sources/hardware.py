"""Encoders of graphics cards: taken where they are there, keep to one-second groups, and write nothing but pictures.

None is trusted: the first time a process wants one it codes a few test pictures, which the metadata checker walks and
the decoder reads back. Where that fails the software encoder does the work. What a card encodes differs from driver to
driver, so two recordings of the same frames need not be equal.
"""

import io
from functools import cache

import av
import numpy as np

from posture.data import Picture
from posture.errors import SinkError, SourceError
from posture.privacy.mp4_check import findings
from posture.sources.encoders import Codec, Encoding, for_recording
from posture.sources.plainvideo import PlainVideo
from posture.vault.boxes import BoxError

SIZE, GROUPS = (640, 368), 3
"""Width and height of the test pictures; some cards refuse small ones."""


def _options(maker: str, crf: int) -> dict[str, str]:
    """What the encoders of each maker are told. Only tried where such a card is; see the README on what was."""
    qp, share = str(crf), str(100 - 2 * crf if crf <= 50 else 0)
    return {
        "nvenc": {"preset": "p4", "tune": "ull", "rc": "constqp", "qp": qp, "bf": "0", "forced-idr": "1"},
        "qsv": {"preset": "veryfast", "global_quality": qp, "bf": "0", "async_depth": "1"},
        "amf": {"usage": "lowlatency", "rc": "cqp", "qp_i": qp, "qp_p": qp},
        "mf": {"rate_control": "quality", "quality": share, "hw_encoding": "1"},
        "videotoolbox": {"realtime": "1", "q:v": share},
    }[maker]


MAKERS = ("nvenc", "qsv", "amf", "mf", "videotoolbox")
_FORMATS = {"qsv": "nv12", "amf": "nv12", "mf": "nv12"}


def encoding(codec: Codec, crf: int, every_frames: int, *, hardware: bool) -> Encoding:
    """The encoder for a recording; a graphics card's where that is wanted and there is a good one."""
    wanted = _good(codec, crf, every_frames) if hardware else None
    return wanted or for_recording(codec, crf, every_frames)


@cache
def _good(codec: Codec, crf: int, every_frames: int) -> Encoding | None:
    """The first one that passes."""
    for maker in MAKERS:
        name = f"{codec}_{maker}"
        if name not in av.codecs_available:
            continue
        tried = Encoding(name, codec, _options(maker, crf), every_frames, _FORMATS.get(maker, "yuv420p"))
        if not faults(tried):
            return tried
    return None


def faults(encoding: Encoding) -> list[str]:
    """What is wrong with an encoder, in words; nothing where it can be used."""
    every = encoding.every_frames or 1
    try:
        content = _coded(encoding, every * GROUPS)
        found = findings(io.BytesIO(content))
        with av.open(io.BytesIO(content), "r", format="mp4") as container:
            keys = [number for number, frame in enumerate(container.decode(video=0)) if frame.key_frame]
    except (SinkError, SourceError, BoxError, av.FFmpegError) as exc:
        return [f"{encoding.encoder}: {exc}"]
    if keys != list(range(0, every * GROUPS, every)):
        found.append(f"{encoding.encoder}: key frames at {keys}")
    return found


def _coded(encoding: Encoding, count: int) -> bytes:
    video, content = PlainVideo(*SIZE, rate=encoding.every_frames or 1, encoding=encoding), b""
    for number in range(count):
        video.add(_picture(number), number / (encoding.every_frames or 1))
        content += video.take()
    video.end()
    return content + video.take()


def _picture(number: int) -> Picture:
    """Something that moves."""
    width, height = SIZE
    ramp = (np.arange(width) + 5 * number) % 256
    return np.repeat(np.repeat(ramp[None, :, None], height, 0), 3, 2).astype(np.uint8)
