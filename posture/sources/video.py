"""Frames of a file: video, animation or still picture, whatever PyAV reads of the formats that are allowed.

Where decoding breaks: a frame that the decoder marks as damaged is yielded with its mark, and so is the picture of a
JPEG of which only a part can be read. After a packet that the
decoder refuses, decoding goes on at the next key frame (`loss.py`). A file that breaks before its first frame is
`VideoUnreadable`.

Threads: frame threads give other pixels from run to run once a stream is damaged. With more than one thread the first
damage therefore raises `RedoSingleThreaded`: throw away what came so far and open the file again with `threads=1`.
"""

import math
import threading
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
from av.video.stream import VideoStream

from posture.data import Damage, SourceInfo
from posture.errors import CannotRead, VideoUnreadable
from posture.sources import reading
from posture.sources.clock import Clock
from posture.sources.container import JPEG_CODECS, Stream, open_container, orientation_of, profile_of, unreadable
from posture.sources.deinterlace import Decoded, deinterlaced
from posture.sources.geometry import Orientation, upright_size
from posture.sources.loss import Loss
from posture.sources.picture import Picture
from posture.sources.position import Position
from posture.sources.spare import Missing, spared
from posture.sources.srgb import Profiled, by_profile
from posture.sources.transparency import Opacity, opacity_beside

DEFAULT_FRAME_S = 1 / 25
"""Nominal duration of a frame where the container names none."""


class RedoSingleThreaded(Exception):
    """The stream is damaged and was being decoded with several threads: open it again with `threads=1`."""


class Unreachable(Exception):
    """Decoding cannot go on behind that frame from a key frame: decode from the beginning."""


class VideoSource:
    """Implements `posture.data.Source` on a file.

    `start_s` (inclusive) and `end_s` (exclusive) limit what is yielded; times stay those of the file, numbers count
    from the first frame inside. A stream that changes its size midway yields frames of both sizes.

    With a `rate` in Hz, frames that are not the first of their tick may be missing where leaving them out saves
    decoding (`spare.py`); those that are due are always there, and every frame keeps the number it has in the file.
    """

    def __init__(
        self,
        path: Path | Stream,
        *,
        threads: int | None = None,
        start_s: float = 0.0,
        end_s: float | None = None,
        rate: float | None = None,
        behind: Position | None = None,
    ) -> None:
        """Open the file and decode its first frame. `threads`: of the decoder, None chooses by size and rate.

        `behind`: begin behind this frame of an earlier run with the same arguments, from a key frame before it. Raises
        `Unreachable` where that cannot be done exactly.

        Raises VideoUnreadable, or RedoSingleThreaded where more than one thread met damage.
        """
        self._path = path
        self._lock = threading.RLock()  # decoding and closing must not meet inside FFmpeg
        self._closed = False
        self._start_s, self._end_s = start_s, math.inf if end_s is None else end_s
        self._rate = rate
        self._origin: Fraction | None = None
        self._missing = Missing()
        self._missing_before = 0
        self._loss = Loss()
        self._index = self._corrupt = self._keys = 0
        self._any_interlaced = False
        self._last_s = 0.0
        self._frames: Iterator[Picture] = iter(())
        self._opacity: Opacity | None = None
        self._profiled: Profiled | None = None
        self._turn: tuple[int | None, Orientation] = (None, Orientation())
        self._opened = open_container(path, threads, reduced=rate is not None)
        self._threads = self._opened.threads
        try:
            started = self._started()
            self._frames = self._wanted(started) if behind is None else self._behind(behind)
        except BaseException:
            self.close()
            raise

    @property
    def info(self) -> SourceInfo:
        """What was known after the first frame."""
        return self._info

    reached: Picture | None = None
    """The frame that this source begins behind, decoded again; None where it begins at its start."""

    @property
    def damage(self) -> Damage:
        """What was lost so far."""
        return self._loss.damage(self._corrupt, self._last_s, still=self._info.kind == "image")

    def __iter__(self) -> "VideoSource":
        return self

    def __next__(self) -> Picture:
        with self._lock:
            if self._closed:
                raise StopIteration
            return next(self._frames)

    def close(self) -> None:
        """See `posture.data.Source`. Waits for the frame that is being decoded."""
        self._closed = True
        with self._lock:
            self._frames = iter(())
            self._opened.close()

    def _started(self) -> Iterator[Decoded]:
        """Decode one frame, learn from it, and give all frames, or those from the key frame before `start_s` on."""
        frames = self._decoded()
        first = next(frames, None)
        if first is None:
            raise unreadable(self._opened.name, "no frame could be decoded")
        self._info = self._described(first)
        self._origin = first.stamp
        self._profiled = _profiled(first.frame)
        self._opacity = opacity_beside(self._opened, first.frame)
        if self._info.kind == "image":  # thumbnails, second pages and rubbish after the picture are none of it
            return iter([first])
        if self._start_s > 0 and first.stamp is not None:
            return self._sought(first.stamp)
        return chain([first], frames)

    def _sought(self, origin: Fraction) -> Iterator[Decoded]:
        """Frames from a key frame at or before `start_s`; from the first on where the container cannot say."""
        target = origin + Fraction(self._start_s)
        try:
            base = self._opened.stream.time_base or Fraction(1)
            self._opened.container.seek(int(target / base), stream=self._opened.stream)
        except av.FFmpegError:
            return self._again()
        frames = self._decoded()
        landed = next(frames, None)
        if landed is None or landed.stamp is None or landed.stamp > target:
            return self._again()
        return chain([landed], frames)

    def _behind(self, at: Position) -> Iterator[Picture]:
        """The frames behind `at`. What comes between the key frame and it was given in the earlier run."""
        if at.stamp is None or not at.sound or self._origin is None:
            raise Unreachable(self._opened.name)
        stamp = Fraction(*at.stamp)
        # Two ticks earlier, so that which frames of its own tick can be spared is known as it was then.
        frames = self._landed(max(stamp - Fraction(2 / self._rate if self._rate else 0), self._origin))
        try:
            found = next((decoded for decoded in frames if decoded.stamp is None or decoded.stamp >= stamp), None)
        except RedoSingleThreaded:
            raise Unreachable(self._opened.name) from None
        if found is None or found.stamp != stamp or found.corrupt or self._loss.any or self._any_interlaced:
            raise Unreachable(self._opened.name)
        clock = self._clock()
        clock.go_on(stamp, at.time_s)
        self._last_s = at.time_s
        self._missing_before, self._index = self._missing.before(stamp), at.index
        self.reached = self._picture(found, clock)
        self._keys = at.keys
        return self._wanted(frames, clock)

    def _landed(self, stamp: Fraction) -> Iterator[Decoded]:
        """Frames from a key frame at or before `stamp`. Raises Unreachable where the container cannot say."""
        base = self._opened.stream.time_base
        try:
            if base is None:
                raise Unreachable(self._opened.name)
            self._opened.container.seek(int(stamp / base), stream=self._opened.stream)
        except av.FFmpegError:
            raise Unreachable(self._opened.name) from None
        self._missing = Missing()
        return self._decoded()

    def _again(self) -> Iterator[Decoded]:
        self._opened.close()
        self._loss = Loss()
        self._missing = Missing()
        self._opened = open_container(self._path, self._threads)
        return self._decoded()

    def _decoded(self) -> Iterator[Decoded]:
        """Frames as the decoder gives them, up to the end; up to the first error where there is no frame before it."""
        loss, any_came = self._loss, False
        for packet, spare in self._packets():
            if self._closed or loss.given_up:  # leaving out what comes until a key frame may take the rest of the file
                return
            if loss.leaves_out(packet):
                continue
            frames, in_part = self._taken(packet, spare)
            any_came = any_came or bool(frames)
            for frame in frames:
                loss.frame_came()
                self._any_interlaced |= frame.interlaced_frame
                stamp = None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
                yield Decoded(frame, stamp, in_part or frame.is_corrupt)
            if loss.waiting and not any_came:
                return

    def _taken(self, packet: "av.Packet[VideoStream]", spare: bool) -> tuple[list[av.VideoFrame], bool]:
        """What the decoder gives for `packet`, of packets before it as a rule; and whether it could read but a part."""
        opened = self._opened
        opened.decoder.skip_frame = "NONREF" if spare else "DEFAULT"
        try:
            frames = opened.decode(packet)
        except av.error.MemoryError as exc:
            raise MemoryError("the decoder") from exc
        except av.FFmpegError:
            self._redo_if_threaded()
            frames = self._read_in_part(packet)
            if not frames:
                self._loss.refused()
            return frames, True
        if spare and packet.pts is not None and opened.stream.time_base is not None:
            self._missing.add(packet.pts * opened.stream.time_base)
        return frames, False

    def _read_in_part(self, packet: "av.Packet[VideoStream]") -> list[av.VideoFrame]:
        """The picture of a packet that was refused, with what could be read of it; nothing if that is too little."""
        decoder = self._opened.lenient()
        if decoder is None:
            return []
        try:
            return decoder.decode(packet)
        except av.error.MemoryError as exc:
            raise MemoryError("the decoder") from exc
        except av.FFmpegError:
            return []

    def _packets(self) -> Iterator[tuple["av.Packet[VideoStream]", bool]]:
        """Packets in decoding order, and whether they need not become frames."""
        base, packets = self._opened.stream.time_base, self._demuxed()
        for packet in packets:
            yield packet, False
            if self._origin is not None:  # known from the first frame on
                break
        else:
            return
        if self._rate is None or base is None or self._origin is None or self._info.interlaced:
            yield from ((packet, False) for packet in packets)
        else:
            yield from spared(packets, base, self._origin, self._rate, self._start_s)

    def _demuxed(self) -> Iterator["av.Packet[VideoStream]"]:
        """Packets up to the end or the first error of the container, then the empty one that empties the decoder."""
        opened = self._opened
        try:
            yield from opened.container.demux(opened.stream)
        except av.error.MemoryError as exc:
            raise MemoryError("the demuxer") from exc
        except av.FFmpegError:
            reading.check(opened.file)
            self._redo_if_threaded()
            self._loss.cut_short()
            last: av.Packet[Any] = av.Packet()
            last.stream = opened.stream
            yield last
        except OSError as exc:  # of a recording of the vault
            raise CannotRead(f"{opened.name}: reading failed ({exc.strerror}); is its disk still there?") from exc
        reading.check(opened.file)

    def _clock(self) -> Clock:
        rate = self._info.frame_rate
        return Clock(DEFAULT_FRAME_S if math.isnan(rate) else 1 / rate, self._origin)

    def _wanted(self, frames: Iterator[Decoded], clock: Clock | None = None) -> Iterator[Picture]:
        """The frames inside the range as pictures."""
        clock = clock or self._clock()
        for decoded in deinterlaced(frames):
            if decoded.corrupt:
                self._redo_if_threaded()
            self._last_s = clock(decoded.stamp)
            if self._last_s >= self._end_s:
                break
            if self._last_s >= self._start_s:
                yield self._picture(decoded, clock)
        if not self._index and not self._closed:
            raise VideoUnreadable(self._nothing_in_range())

    def _nothing_in_range(self) -> str:
        span = f"from {self._start_s:g} s" + (f" to {self._end_s:g} s" if math.isfinite(self._end_s) else " on")
        last = f"; its last one is at {self._last_s:.2f} s" if self._last_s < min(self._start_s, self._end_s) else ""
        return f"{self._opened.name}: no frame {span}{last}"

    def _position(self, decoded: Decoded, index: int, clock: Clock) -> Position:
        self._keys += decoded.frame.key_frame
        whole = not (self._corrupt or self._loss.any or self._any_interlaced)
        stamp = None if decoded.stamp is None else decoded.stamp.as_integer_ratio()
        return Position(
            index=index,
            time_s=self._last_s,
            stamp=stamp,
            keys=self._keys,
            sound=whole and clock.steady and stamp is not None,
        )

    def _picture(self, decoded: Decoded, clock: Clock) -> Picture:
        missing = 0 if decoded.stamp is None else self._missing.before(decoded.stamp)
        if not self._index:
            self._missing_before = missing
        self._corrupt += decoded.corrupt
        self._index += 1
        index = self._index - 1 + missing - self._missing_before
        return Picture(
            decoded.frame,
            index=index,
            time_s=self._last_s,
            orientation=self._orientation(decoded.frame),
            pixel_aspect=self._opened.pixel_aspect,
            corrupt=decoded.corrupt,
            centred_chroma=self._info.codec in JPEG_CODECS,
            opacity=self._opacity,
            profiled=self._profiled,
            position=self._position(decoded, index, clock),
        )

    def _orientation(self, frame: av.VideoFrame) -> Orientation:
        """That of the frame, looked up again only where its rotation changes."""
        if self._turn[0] != frame.rotation:
            self._turn = frame.rotation, orientation_of(frame)
        return self._turn[1]

    def _described(self, first: Decoded) -> SourceInfo:
        frame, opened = first.frame, self._opened
        size = upright_size(frame.width, frame.height, opened.pixel_aspect, self._orientation(frame))
        return SourceInfo(
            kind=opened.kind,
            width=size[0],
            height=size[1],
            frame_rate=opened.frame_rate,
            duration_s=opened.duration_s,
            codec=opened.stream.codec_context.codec.name,
            pixel_format=frame.format.name,
            rotation_deg=frame.rotation if abs(frame.rotation) <= 180 else 0,
            pixel_aspect=float(opened.pixel_aspect),
            interlaced=frame.interlaced_frame,
            has_audio=opened.has_audio,
            discarded_metadata=opened.metadata_fields,
            decode_threads=self._threads,
        )

    def _redo_if_threaded(self) -> None:
        if self._threads > 1:
            raise RedoSingleThreaded(self._opened.name)


def _profiled(frame: av.VideoFrame) -> Profiled | None:
    profile = profile_of(frame)
    return None if profile is None else by_profile(profile, gray=len(frame.format.components) <= 2)
