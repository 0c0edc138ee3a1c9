"""From frames to fragments: a second of pictures each, that can be decoded by itself, and what was seen in it."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from posture.data import Frame, Observation, Picture
from posture.errors import SinkError
from posture.sinks.recording import Encoder, Painter
from posture.vault import track
from posture.vault.boxes import BoxError, boxes, track_box

TICKS_HZ = 90_000
"""Clock of the encoder's stream."""


@dataclass(frozen=True, slots=True, eq=False)
class Fragment:
    """One group of pictures."""

    head: bytes
    """`ftyp` and `moov` of the stream that it belongs to."""
    boxes: bytes
    """`moof` and `mdat`, with the times of the stream."""
    looks: bytes
    """The box of the pose track, or nothing."""
    number: int
    """Of its first picture in the stream."""
    frames: int
    began: datetime
    """Local time."""
    began_s: float
    """The same on the clock of the recorder."""

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.boxes) + len(self.looks)

    def placed(self, first: int, rate: int, sequence: int) -> bytes:
        """The boxes for a file that begins with the picture `first` of the stream. `sequence`: of the fragment, from 1.

        Without this a clip would tell for how long the recorder had been running before it.
        """
        return self.looks + _placed(self.boxes, (self.number - first) * TICKS_HZ // rate, sequence)


class Session:
    """One stream of the encoder, from its first frame to its end; a camera that was away begins another one."""

    def __init__(
        self,
        painter: Painter,
        new_encoder: Callable[[int, int], Encoder],
        rate: int,
        lines: int,
        wall: Callable[[], datetime],
        frame: Frame,
        t: float,
    ) -> None:
        """`lines`: most lines of the picture. `frame` at `t` seconds will be the first one."""
        self._painter, self._rate, self._wall = painter, rate, wall
        self.source_size = frame.width, frame.height
        self._scale = min(1.0, lines / frame.height)
        self._size = max(1, round(frame.width * self._scale)), max(1, round(frame.height * self._scale))
        self._encoder = new_encoder(*self._size)
        self._origin_s = t
        self._last = -1
        self._coded = -1
        self._picture: Picture | None = None
        self._looks: list[track.Look] = []
        self._begun: list[tuple[datetime, float]] = []
        self._head = b""
        self._came = 0
        self.last_s = t
        self.began = wall()

    def fits(self, frame: Frame, t: float) -> bool:
        """Whether the frame can go on in this stream."""
        return (frame.width, frame.height) == self.source_size and t >= self.last_s

    def add(self, frame: Frame, t: float, observation: Observation | None) -> list[Fragment]:
        """The fragments that are complete with this frame; it may fall between two pictures, and is let go then."""
        self.last_s = t
        number = round((t - self._origin_s) * self._rate)
        if number <= self._last:
            return []
        self._last = number
        if observation is not None:
            self._looks.append(track.Look(number % self._rate / self._rate, number, observation))
        painted = self._painter(frame, observation, number, self._size)
        return [fragment for picture, of in painted for fragment in self._encoded(picture, of)]

    def end(self) -> list[Fragment]:
        """The last fragments."""
        left = [fragment for picture, of in self._painter.rest() for fragment in self._encoded(picture, of)]
        self._encoder.end()
        return [*left, *self._taken()]

    def _encoded(self, picture: Picture, number: int) -> Iterator[Fragment]:
        """Encode up to this picture; where the camera gave none in time, the one before it stands longer."""
        for missing in range(self._coded + 1, number):
            yield from self._put(picture if self._picture is None else self._picture, missing)
        self._picture = picture
        yield from self._put(picture, number)

    def _put(self, picture: Picture, number: int) -> list[Fragment]:
        if number % self._rate == 0:
            self._begun.append((self._wall(), self.last_s))
        self._coded = number
        self._encoder.add(picture, number / self._rate)
        return self._taken()

    def _taken(self) -> list[Fragment]:
        """What the encoder has finished."""
        fragments, content, start = [], self._encoder.take(), 0
        try:
            for box in boxes(content):
                if box.kind == b"moov":
                    self._head, start = content[: box.end], box.end
                elif box.kind == b"mdat":
                    fragments.append(self._fragment(content[start : box.end]))
                    start = box.end
        except BoxError as exc:
            raise SinkError("the encoder gave a part of a fragment; choose another codec") from exc
        return fragments

    def _fragment(self, boxes: bytes) -> Fragment:
        first, end = self._came, min(self._came + self._rate, self._coded + 1)
        self._came = end
        began, began_s = self._begun.pop(0)
        mine = [look for look in self._looks if look.number < end]
        self._looks = self._looks[len(mine) :]
        looks = [track.Look(look.since_s, look.number - first, look.observation) for look in mine]
        box = track_box(track.encode(looks, *self._size, self._scale)) if looks else b""
        return Fragment(self._head, boxes, box, first, end - first, began, began_s)


def _placed(boxes: bytes, ticks: int, sequence: int) -> bytes:
    """`moof` and `mdat` with another time and number (ISO/IEC 14496-12, 8.8.5 and 8.8.12)."""
    changed = bytearray(boxes)
    time, number = boxes.index(b"tfdt") + 4, boxes.index(b"mfhd") + 4
    struct.pack_into(">I", changed, number + 4, sequence)
    if boxes[time]:
        struct.pack_into(">Q", changed, time + 4, ticks)
    else:
        struct.pack_into(">I", changed, time + 4, ticks & 0xFFFFFFFF)
    return bytes(changed)
