"""Where in a clip the player is: playing at any speed in both directions, and finding any moment.

Frames come from the clip's own file object, which decrypts what is read: no picture and no key is ever in a file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from posture.capture import Captured
from posture.data import Frame, Observation
from posture.errors import VideoUnreadable
from posture.gui.monitor import Shown, prepared
from posture.live.snapshot import Phase, Snapshot
from posture.live.view import picture

BACKWARDS_EVERY_S = 0.1
"""Backwards a clip is shown in leaps: each picture is decoded from its key frame on, a second before at most."""
SHOWN_EVERY_S = 1 / 60
"""Between two pictures at least: at eight times the speed, not every one has to be seen."""
MOST_UNSHOWN = 16
"""So many pictures are decoded and not shown where that catches up."""
BEHIND_S = 1.0
"""A machine that falls so far behind plays on from there."""
_EARLY_S = 1e-4
"""Of rounding: a picture that is due in less is due now."""


class Frames(Protocol):
    """Pictures of a clip, each with its moment in seconds."""

    def __iter__(self) -> Iterator[tuple[float, Frame]]: ...

    def close(self) -> None:
        """Release the decoder."""


class Clip(Protocol):
    """A clip that is open for reading. Belongs to the thread that opened it."""

    @property
    def length_s(self) -> float:
        """Of what can be read."""

    @property
    def frame_s(self) -> float:
        """From one picture to the next."""

    @property
    def torn(self) -> bool:
        """Whether something is missing at its end: it was cut, or altered there."""

    def frames(self, start_s: float) -> Frames:
        """The pictures from the first one at or after `start_s` on. Raises SourceError, VaultError."""

    def people(self, time_s: float) -> Observation | None:
        """Who was seen at that moment, as it was measured when the clip was made; None where that was not kept."""

    def close(self) -> None:
        """Forget the key and release the file."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What Qt's thread wants next."""

    speed: float = 1.0
    """Seconds of the clip a second; negative is backwards."""
    playing: bool = False
    seek_s: float | None = None
    step: int = 0
    """So many pictures on or back, standing still."""
    view: tuple[int, int] = (0, 0)
    """Device pixels; nothing is scaled for a view without any."""
    overlay: bool = True
    """Whether people are to be lines over the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What the player shows."""

    shown: Shown | None = None
    time_s: float = 0.0
    length_s: float = 0.0
    playing: bool = False
    torn: bool = False
    """Whether what is missing comes after `length_s`."""
    message: str = ""
    """Why nothing more can be shown."""


class Turning:
    """Where in the clip it is, and what comes next. Knows neither threads nor Qt's loop; `next_wish` waits for it."""

    def __init__(
        self,
        clip: Clip,
        next_wish: Callable[[float | None], Wish | None],
        put: Callable[[Moment], None],
        clock: Callable[[], float],
    ) -> None:
        """`next_wish` gives what is wanted by a time of `clock`, or as soon as that changes; None ends it."""
        self._clip, self._next_wish, self._bring, self._clock = clip, next_wish, put, clock
        self._wish = Wish()
        self._frames: Frames | None = None
        self._coming: Iterator[tuple[float, Frame]] = iter(())
        self._frame: Frame | None = None
        self._time_s = 0.0
        self._ended = False
        self._from_s = (0.0, 0.0)
        """A moment of the clip, and when it was shown: what later ones are due by."""

    def turn(self) -> None:
        """Until the reel is closed."""
        try:
            self._find(0.0)
            self._put()
            until_s: float | None = None
            while (wish := self._next_wish(until_s)) is not None:
                until_s = self._follow(wish)
        finally:
            self._release()

    def _follow(self, wish: Wish) -> float | None:
        """Do what is wanted; when to look again, None for not before something else is wanted."""
        before, self._wish = self._wish, wish
        moved = self._move(wish)
        if wish.playing and (moved or not before.playing or wish.speed != before.speed):
            if self._ended and wish.speed > 0 and not moved:
                self._find(0.0)
            self._from_s = self._time_s, self._clock()
        elif wish.playing:
            self._go_on(wish.speed)
        self._put()
        if not self._playing:
            return None
        if wish.speed < 0:
            return self._clock() + BACKWARDS_EVERY_S
        base_s, since_s = self._from_s
        due_s = since_s + (self._time_s + self._clip.frame_s - base_s) / wish.speed
        return max(due_s, self._clock() + SHOWN_EVERY_S) if wish.speed > 1 else due_s

    @property
    def _playing(self) -> bool:
        return self._wish.playing and not self._ended

    def _move(self, wish: Wish) -> bool:
        """Where a moment or a picture was asked for."""
        if wish.seek_s is not None:
            self._find(min(wish.seek_s, self._last_s))
        elif wish.step < 0:
            self._find(max(0.0, self._time_s + (wish.step - 0.25) * self._clip.frame_s))
        else:
            for _ in range(wish.step):
                self._advance()
        return wish.seek_s is not None or wish.step != 0

    @property
    def _last_s(self) -> float:
        """A moment at which there is a picture still."""
        return max(0.0, self._clip.length_s - 1.25 * self._clip.frame_s)

    def _go_on(self, speed: float) -> None:
        if speed < 0:
            back_s = self._time_s + speed * BACKWARDS_EVERY_S
            self._find(max(0.0, back_s))
            self._ended = back_s <= 0
            return
        base_s, since_s = self._from_s
        now_s = base_s + (self._clock() - since_s) * speed
        for _ in range(MOST_UNSHOWN):
            if self._time_s + self._clip.frame_s > now_s + _EARLY_S or not self._advance():
                break
        if now_s - self._time_s > BEHIND_S * speed:
            self._from_s = self._time_s, self._clock()

    def _find(self, time_s: float) -> None:
        """Stand at the first picture at or after `time_s`."""
        self._release()
        self._ended = False
        self._frames = self._clip.frames(time_s)
        self._coming = iter(self._frames)
        self._advance()

    def _advance(self) -> bool:
        """The next picture; False at the end, which keeps the last one."""
        try:
            self._time_s, self._frame = next(self._coming)
        except StopIteration:
            self._ended = True
        except VideoUnreadable:  # nothing there any more
            if self._frame is None:
                raise
            self._ended = True
        return not self._ended

    def _release(self) -> None:
        if self._frames is not None:
            self._frames.close()
            self._frames, self._coming = None, iter(())

    def _put(self) -> None:
        shown = None if self._frame is None else self._prepared(self._frame)
        length_s = max(self._clip.length_s, self._time_s)
        self._bring(Moment(shown, self._time_s, length_s, self._playing, self._clip.torn))

    def _prepared(self, frame: Frame) -> Shown:
        view, wish = self._wish.view, self._wish
        snapshot = Snapshot(
            Phase.RUNNING,
            captured=Captured(frame, self._time_s, self._time_s),
            picture=picture(frame, view, "video") if min(view) > 0 else None,
            observation=self._clip.people(self._time_s) if wish.overlay else None,
        )
        return prepared(snapshot, mirrored=False)
