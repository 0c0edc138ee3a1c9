"""Clips to measure on: the demo at a real camera's bit rate, and the same packets again and again for long ones."""

from fractions import Fraction
from pathlib import Path

import av

from posture.errors import SourceError
from posture.sources.clipwriter import write_clip
from posture.sources.demo import DemoSource

FRAME_RATE = 30
ENCODED_S = 8.0
"""Seconds that are encoded; longer clips repeat them, because encoding an hour would take longer than measuring it."""


def generate(path: Path, *, height: int, seconds: float) -> None:
    """Write an H.264 clip of the demo, 16:9, `height` rows, 30 frames a second."""
    demo = DemoSource(height * 16 // 9, height, FRAME_RATE, min(seconds, ENCODED_S))
    once = path.with_name(f"once-{path.name}")
    write_clip(once, demo)
    repeat(once, path, seconds=seconds)
    once.unlink()


def repeat(clip: Path, path: Path, *, seconds: float) -> None:
    """Copy the video packets of `clip` to `path` as often as it takes to fill `seconds`. Nothing is encoded again.

    Raises SourceError where the packets cannot be put into the format of `path`.
    """
    try:
        _repeat(clip, path, seconds)
    except av.FFmpegError as exc:
        raise SourceError(f"{clip.name} cannot be repeated ({exc.strerror}); give a clip in MP4") from exc


def _repeat(clip: Path, path: Path, seconds: float) -> None:
    with av.open(path, "w", options={"fflags": "+bitexact"}) as out:
        stream = None
        start = Fraction(0)
        while start < seconds:
            with av.open(clip) as source:
                video = source.streams.video[0]
                stream = stream or out.add_stream_from_template(video)
                base, length = video.time_base or Fraction(1, FRAME_RATE), Fraction(0)
                for packet in source.demux(video):
                    if packet.dts is None or packet.pts is None:
                        continue
                    length = max(length, (packet.pts + (packet.duration or 0)) * base)
                    shift = round(start / base)
                    packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                    out.mux(packet)
            if not length:
                raise SourceError(f"{clip.name} has no packets that could be repeated")
            start += length
