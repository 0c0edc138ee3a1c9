"""One recording, from its beginning to its end: the encode thread and what it hands on."""

import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from posture.data import Frame, Observation
from posture.sinks.clips import Clips
from posture.sinks.fragments import Session
from posture.sinks.recorder_settings import RecorderSettings
from posture.sinks.recording import Encoder, Painter, Why
from posture.sinks.storage import CHECK_S, Storage

MOST_FRAMES = 4
"""Frames that wait for the encode thread; of more, the oldest are let go. One of a 4K camera takes 12 MB."""
GAP_S = 2.0
"""After so long without a frame a clip ends: the camera was away. Until then, and for as long as it takes to paint and
encode one, the last picture stands."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """What the monitor saw at `t` seconds of a clock that only rises."""

    frame: Frame
    t: float
    observation: Observation | None
    event: bool = False
    """Whether a reminder began with it, or the posture is poor."""


class Take:
    """Every method may be called from any thread and returns at once, but `join`."""

    def __init__(
        self,
        settings: RecorderSettings,
        why: Why,
        storage: Storage,
        painter: Callable[[], Painter],
        encoder: Callable[[int, int], Encoder],
        wall: Callable[[], datetime],
        on_phase: Callable[["Take"], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        """`on_phase` is called where a clip may have begun or ended, `on_error` where it cannot go on."""
        self.settings, self.why, self.storage = settings, why, storage
        self.clips = Clips(settings, why, storage)
        self.wanted = True
        """Whether frames are to be pushed."""
        self.over = False
        """Whether everything is written, or given up."""
        self.came = self.handled = 0
        """Frames and rests that were put in, and that were dealt with."""
        self.dropped = 0
        """Frames that came faster than they could be painted and encoded."""
        self._painter, self._encoder, self._wall = painter, encoder, wall
        self._on_phase, self._on_error = on_phase, on_error
        self._waiting: deque[Shot | None] = deque()
        self._last_t = math.inf
        self._missed = False
        """Whether a frame with an event was let go."""
        self._changed = threading.Condition()
        self._session: Session | None = None
        self._checked_s = self._pushed_s = storage.system.clock()
        self._thread = threading.Thread(target=self._run, name="encode", daemon=True)

    @property
    def since(self) -> datetime | None:
        """Since when pictures are meant for the disk; None while they are not."""
        if self.why == "event":
            clip = self.clips.clip
            return None if clip is None else clip.began
        return None if self._session is None else self._session.began

    def start(self) -> None:
        """Begin. Once."""
        self._thread.start()

    def push(self, shot: Shot) -> None:
        """The next frame."""
        with self._changed:
            if not self.wanted:
                return
            if not 0 <= shot.t - self._last_t <= GAP_S:
                self._rest()
            self._last_t = shot.t
            self.came += 1
            self._pushed_s = self.storage.system.clock()
            self._waiting.append(shot)
            shots = [one for one in self._waiting if one is not None]
            if len(shots) > MOST_FRAMES:
                self._waiting.remove(shots[0])
                self._missed |= shots[0].event
                self.dropped += 1
            self._changed.notify()

    def rest(self) -> None:
        """The next frame has nothing to do with those before."""
        with self._changed:
            self._rest()
            self._changed.notify()

    def _rest(self) -> None:
        if not self._waiting or self._waiting[-1] is not None:
            self.came += 1
            self._waiting.append(None)

    def end(self) -> None:
        """No frame comes any more."""
        with self._changed:
            self.wanted = False
            self._changed.notify()

    def join(self, timeout_s: float) -> bool:
        """Wait until everything is written; whether that was done in time."""
        if self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        """Top of the encode thread."""
        error: BaseException | None = None
        try:
            self._record()
        except BaseException as exc:  # noqa: BLE001 - the top of a thread
            self.end()
            error = exc
            self.clips.end()
        if not self.storage.close() and error is None:
            error = self.storage.slow()
        self.over = True
        if error is not None:
            self._on_error(error)
        self._on_phase(self)

    def _record(self) -> None:
        painter = self._painter()
        try:
            while (shots := self._next()) is not None:
                for shot in shots:
                    self._take(painter, shot)
                    self.handled += 1
                self._check()
            self._end_session()
        finally:
            painter.close()

    def _next(self) -> list[Shot | None] | None:
        """What came; nothing where only time passed, None where nothing comes any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self.wanted, CHECK_S)
            if not self._waiting:
                return [] if self.wanted else None
            return [self._waiting.popleft()]

    def _take(self, painter: Painter, shot: Shot | None) -> None:
        session = self._session
        if shot is None or (session is not None and not session.fits(shot.frame, shot.t)):
            self._end_session()
            session = None
        if shot is None:
            return
        if session is None:
            settings = self.settings
            session = self._session = Session(
                painter, self._encoder, settings.rate_hz, settings.height, self._wall, shot.frame, shot.t
            )
        for fragment in session.add(shot.frame, shot.t, shot.observation):
            self.clips.add(fragment)
        with self._changed:
            missed, self._missed = self._missed, False
        if shot.event or missed:
            self.clips.event(shot.t)
        self._on_phase(self)

    def _end_session(self) -> None:
        """The pictures so far are a stream that is over."""
        session, self._session = self._session, None
        if session is not None:
            for fragment in session.end():
                self.clips.add(fragment)
        self.clips.end()
        self._on_phase(self)

    def _check(self) -> None:
        """What only the passing of time brings: a camera that gives nothing any more, a disk that does not answer."""
        now_s = self.storage.system.clock()
        if self._session is not None and now_s - self._pushed_s > GAP_S:
            self._end_session()
        if now_s - self._checked_s >= CHECK_S:
            self._checked_s = now_s
            self.storage.check()
