"""From a camera to the newest frame: the capture thread, and what is known of the camera's state.

One thread opens the camera, reads it, sees when it is lost, black or frozen, closes it, and finds it again. Nobody else
touches the device. Where it waits it waits on one event, so a pause or the end reaches it at once, and the device is
closed when `pause` and `close` return.
"""

import math
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Protocol

from posture.channel import Channel
from posture.data import Frame, Source, SourceInfo
from posture.errors import CameraBusy, CameraLost, CameraPermission, CameraUnavailable, SourceError
from posture.pose.scene import Scene
from posture.sources.camera import Clock, Wait
from posture.sources.camerastate import FROZEN_S, MESSAGES, CameraState, CameraStatus, View
from posture.sources.devices import presence

__all__ = ["CameraState", "CameraStatus", "Capture", "Captured", "LiveSource"]

RETRY_S = (2.0, 5.0, 10.0, 30.0)
"""Waits between attempts to open; the last one again and again."""
RETURNED_S = (0.5, *RETRY_S)
"""The same for one that ran well, or was plugged in just now: its permissions may come a moment later."""
PRESENCE_S = 1.0
"""How often the list of devices is looked at while the camera is lost."""
STEADY_S = 10.0
"""After a camera has run for so long, a loss is followed by a quick attempt; one that fails at once has to wait."""
GIVEN_UP_S = 10.0
"""A camera that is open and gives nothing for so long is opened anew."""
READ_S = 0.5
"""How often the state is looked at when no frame comes."""
CLOSING_S, JOIN_S = 2.0, 2.0
"""How long `pause` and `close` wait for the thread. It is late only while the kernel holds it or the device opens; it
closes the device as soon as it is let go."""


@dataclass(frozen=True, slots=True, eq=False)
class Captured:
    """A decoded frame on its way to the model; times on the monotonic clock, in seconds."""

    frame: Frame
    packet_s: float
    """When its packet came from the device."""
    decoded_s: float
    motion: float = math.nan
    """How much moved since the frame before, from the sizes of the packets between: 0 nothing, 1 a lot; NaN unknown."""
    luma: float = math.nan
    """Mean brightness, 0 to 255, of this frame or one at most half a second before it."""
    overtaken: int = 0
    """Pictures since the frame before that were wanted, and that the decoder had no time for."""
    scene: int = 0
    """How often the picture was cut to another scene since the camera was opened."""


class LiveSource(Source, Protocol):
    """A source that is watched while it runs, as `posture.sources.camera.Camera` is; see there."""

    @property
    def name(self) -> str:
        """What a person calls the camera."""

    @property
    def id(self) -> str:
        """What tells it from every other camera, today and tomorrow."""

    rate_hz: float | None
    motion: float
    overtaken: int
    packet_s: float
    decoded_s: float
    heard_s: float
    changed_s: float

    def read(self, timeout_s: float, wake: threading.Event | None = None) -> Frame | None:
        """The next frame that is due, None where none comes in time or `wake` is set; EOFError at the end."""


STATES: dict[type[SourceError], CameraState] = {
    CameraUnavailable: CameraState.NONE,
    CameraBusy: CameraState.BUSY,
    CameraPermission: CameraState.PERMISSION,
    CameraLost: CameraState.LOST,
}
"""What an attempt to open that fails says of the camera."""


class Capture:
    """The capture thread. Every method may be called from any thread, also from `on_status`."""

    def __init__(
        self,
        open: Callable[[], LiveSource],
        frames: Channel[Captured],
        on_status: Callable[[CameraStatus], None],
        clock: Clock = time.monotonic,
        *,
        wait: Wait = threading.Event.wait,
        presence: Callable[[], Hashable] = presence,
    ) -> None:
        """`open` gives the camera or raises one of its errors; `frames` should be `Channel.live()`.

        `on_status` is called from the capture thread whenever something changes. `presence` gives a value that changes
        when cameras come or go. `clock` and `wait` belong together, as in `Camera`. An error that is none of a
        camera's comes out of `frames`.
        """
        self._open, self._frames, self._on_status = open, frames, on_status
        self._clock, self._wait, self._presence = clock, wait, presence
        self._lock = threading.Lock()
        self._wake, self._quiet = threading.Event(), threading.Event()
        self._quiet.set()
        self._paused = self._closing = False
        self._source: LiveSource | None = None
        self._rate_hz: float | None = None
        self._status = CameraStatus(CameraState.CLOSED, clock())
        self._name = ""
        self._known: Hashable = None
        self._checked_s = -math.inf
        self._waits = _ladder(RETRY_S)
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)

    @property
    def rate_hz(self) -> float | None:
        """Looks a second; None gives every frame. May be set at any time, and holds for the next camera too."""
        return self._rate_hz

    @rate_hz.setter
    def rate_hz(self, rate: float | None) -> None:
        with self._lock:
            self._rate_hz = rate
            if self._source is not None:
                self._source.rate_hz = rate

    @property
    def status(self) -> CameraStatus:
        """What `on_status` was told last."""
        return self._status

    def start(self) -> None:
        """Begin. Once."""
        self._thread.start()

    def pause(self) -> None:
        """Close the device. When this returns it is closed (`CLOSING_S`), and no frame from before comes any more."""
        with self._lock:
            self._paused = True
        self._let_go()

    def resume(self) -> None:
        """Open the device again, now."""
        with self._lock:
            self._paused = False
        self._wake.set()

    def close(self) -> None:
        """Close the device and end the thread and the channel. May be called twice."""
        with self._lock:
            self._closing = True
        self._let_go()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(JOIN_S)
        self._frames.end()

    def _let_go(self) -> None:
        self._frames.clear()
        self._wake.set()
        if self._thread is not threading.current_thread():
            self._quiet.wait(CLOSING_S)

    def _wanted(self) -> bool:
        """Whether a camera is wanted. Forgets what woke the thread before it looks, so that nothing is missed."""
        self._wake.clear()
        return not self._stopped()

    def _stopped(self) -> bool:
        return self._paused or self._closing

    def _run(self) -> None:
        """The thread: open and watch, until `close`."""
        try:
            while not self._closing:
                if self._wanted():
                    self._run_camera()
                elif not self._closing:
                    self._say(CameraState.CLOSED)
                    self._wake.wait()
                    self._waits = _ladder(RETRY_S)
            self._say(CameraState.CLOSED)
        except BaseException as exc:  # noqa: BLE001 - the top of a thread
            self._frames.fail(exc)
        finally:
            self._frames.end()

    def _run_camera(self) -> None:
        """Open the camera, watch it while it runs, and close it."""
        source = self._opened()
        if source is None:
            return
        opened_s = self._clock()
        try:
            self._watch(source)
        except EOFError:  # only this thread closes it, so the stream is over
            self._closing = True
            return
        except CameraLost as exc:
            lost = exc
        else:
            self._let_go_of(source)
            self._say(CameraState.CLOSED)
            return
        finally:
            self._let_go_of(source)
        if self._clock() - opened_s > STEADY_S:
            self._waits = _ladder(RETURNED_S)
        self._rest(CameraState.LOST, str(lost), self._known)

    def _let_go_of(self, source: LiveSource) -> None:
        with self._lock:
            self._source = None
        source.close()
        self._quiet.set()

    def _opened(self) -> LiveSource | None:
        """The camera, as soon as it opens; None where it is not wanted any more."""
        while self._wanted():
            if self._status.state is CameraState.CLOSED:
                self._say(CameraState.OPENING)
            known = self._presence()
            try:
                source = self._tried()
            except tuple(STATES) as exc:
                self._rest(self._state_of(exc), str(exc), known)
            else:
                self._known = known
                return source
        return None

    def _tried(self) -> LiveSource | None:
        """Open the camera, unless somebody paused or closed before or meanwhile."""
        with self._lock:
            if self._stopped():
                return None
            self._quiet.clear()
        try:
            source = self._open()
            with self._lock:
                if not self._stopped():
                    source.rate_hz = self._rate_hz
                    self._source, self._name = source, source.name
                    return source
            source.close()
            return None
        finally:
            if self._source is None:
                self._quiet.set()

    def _rest(self, state: CameraState, message: str, known: Hashable) -> None:
        """Say what is wrong and wait before the next attempt, but not where a camera came or went since `known`."""
        until_s = self._clock() + next(self._waits)
        self._say(state, next_try_s=until_s, message=message)
        watches = state is not CameraState.BUSY  # no camera comes or goes when the other program ends
        while self._wanted() and (left_s := until_s - self._clock()) > 0:
            if watches and self._presence() != known:
                self._waits = _ladder(RETURNED_S)
                return
            self._wait(self._wake, min(left_s, PRESENCE_S))

    def _state_of(self, error: SourceError) -> CameraState:
        """A camera that is not there was lost, if there was one."""
        state = next(state for kind, state in STATES.items() if isinstance(error, kind))
        return CameraState.LOST if state is CameraState.NONE and self._name else state

    def _watch(self, source: LiveSource) -> None:
        """Hand on frames and look at the state, until somebody stops it. Raises CameraLost and EOFError."""
        view, scene, cuts = View(self._clock()), Scene(), 0
        while self._wanted():
            frame = source.read(READ_S, self._wake)
            now_s = self._clock()
            if frame is not None:
                view.saw(frame, source, now_s)
                cuts += scene.changed(frame)  # here it takes a tenth: the decoder has just written these pixels
                self._hand_on(source, frame, view.luma, cuts)
            state = view.state(source, now_s)
            self._say(state, info=source.info, message=MESSAGES.get(state, ""))
            self._check_silence(source, now_s, now_s - view.heard_s(source))

    def _check_silence(self, source: LiveSource, now_s: float, silent_s: float) -> None:
        """Raise CameraLost where a silent camera is gone, or will not speak again by itself."""
        if silent_s <= FROZEN_S or now_s < self._checked_s + PRESENCE_S:
            return
        self._checked_s = now_s
        if silent_s > GIVEN_UP_S or self._presence() != self._known:
            raise CameraLost(f"{source.name}: it gives no picture any more; it is opened anew")

    def _hand_on(self, source: LiveSource, frame: Frame, luma: float, scene: int) -> None:
        captured = Captured(frame, source.packet_s, source.decoded_s, source.motion, luma, source.overtaken, scene)
        with self._lock:  # no frame from before a pause comes after it
            if not self._stopped():
                self._closing = not self._frames.put(captured)  # nobody wants more

    def _say(
        self,
        state: CameraState,
        *,
        info: SourceInfo | None = None,
        next_try_s: float = math.nan,
        message: str = "",
    ) -> None:
        old = self._status
        since_s = old.since_s if state is old.state else self._clock()
        new = CameraStatus(state, since_s, self._name, info, next_try_s, message)
        if _told(new) != _told(old) or not math.isnan(next_try_s):
            self._status = new
            self._on_status(new)


def _told(status: CameraStatus) -> tuple[object, ...]:
    return status.state, status.name, status.info, status.message


def _ladder(waits: tuple[float, ...]) -> Iterator[float]:
    return chain(waits, repeat(waits[-1]))
