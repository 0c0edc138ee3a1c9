"""The threads of one run of the monitor, from `start` to their end.

capture    `posture.capture.Capture`
estimate   the model, the judge
scale      the picture of the view, while the model works on the same frame
control    opens and closes the camera, sets its rate, notices what hangs
clerk      audit log, history, profiles
"""

import gc
import math
import sys
import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache

import cv2
import msgspec

from posture.audit.events import Event
from posture.capture import CameraState, CameraStatus, Capture, Captured, LiveSource
from posture.channel import Channel
from posture.ergonomics.baseline import Profile
from posture.ergonomics.sitting import POOR
from posture.errors import ModelError, VaultError
from posture.live.clerk import Clerk, said
from posture.live.looking import Estimates, Looking
from posture.live.moments import SEEING, Moments
from posture.live.pace import needs_model
from posture.live.profiles import Profiles
from posture.live.settings import Sections
from posture.live.snapshot import Snapshot
from posture.live.view import picture
from posture.sinks.history import History
from posture.sinks.recorder import Recorder
from posture.sources.camera import Clock, Wait

SEARCH_EVERY_S = 10.0
"""How often the whole picture is searched for further people while somebody is followed. A search is as much work as a
look, and at one look a second it would be half of all work."""
TICK_S = 0.5
"""How often the control thread looks whether something hangs."""
STALE_S, STALE_LOOKS = 2.0, 2.5
"""What was seen so long ago, and so many looks ago, is not shown any more."""
GRACE_S = 2.0
"""How long a model call may go on after it was ended: the runtime looks between two operators."""
CLOSE_S = 15.0
"""How long `close` waits. Usually milliseconds; the clerk alone may take 10 s for a disk that does not answer."""
HISTORY_EVERY_S = 0.5
"""Judgements go into the history when the state changes, and this often."""
EVERY_FRAME = 0.9
"""A camera is asked for every frame where the target rate is at least this share of its own: a grid of ticks and a
camera of the same rate would miss each other now and then."""
SHUT = frozenset({CameraState.CLOSED, CameraState.NONE, CameraState.BUSY, CameraState.PERMISSION, CameraState.LOST})
HANGS = "a call of the model does not end: close the program and start it again"


def loaded(settings: Sections) -> Estimates:
    """The models of the program, for live pictures. Raises ModelError."""
    from posture.pose.catalogue import Catalogue
    from posture.pose.estimator import Estimator

    live, pose = settings.live, settings.pose
    wanted = msgspec.structs.replace(
        pose,
        people=max(pose.people, live.people),
        call_limit_s=min(pose.call_limit_s, live.call_limit_s),
        search="quick" if pose.search == "auto" else pose.search,
    )
    return Estimator(Catalogue.load(), wanted, search_every_s=SEARCH_EVERY_S, cuts=False)  # `Looking` sees to them


@cache
def _spare_collector() -> None:
    """Once a program: take what was loaded for good out of the rounds of Python's collector of cycles.

    A round through all modules and classes holds every thread for 15 to 20 ms, and a picture is that much late.
    """
    gc.freeze()


class Threads:
    """Start once, close once. Errors of all threads come together in `Moments.fail`."""

    def __init__(
        self,
        open: Callable[[], LiveSource],
        moments: Moments,
        profiles: Profiles,
        history: History | None,
        recorder: Recorder | None,
        record: Callable[[Event], None] | None,
        estimator: Callable[[Sections], Estimates],
        presence: Callable[[], Hashable] | None,
        clock: Clock,
        wait: Wait,
        run: int,
        before: "Threads | None",
    ) -> None:
        """`run`: the number that `Moments.begin` gave; `before`: threads of an earlier run that have not ended yet."""
        self._number, self._before = run, before
        self._open, self._moments, self._profiles = open, moments, profiles
        self._history, self._recorder, self._record = history, recorder, record
        self._estimator = estimator
        self._clock, self._wait = clock, wait
        self._frames: Channel[Captured] = Channel.live()
        more = {} if presence is None else {"presence": presence}
        self._capture = Capture(self._opened, self._frames, self._on_status, clock, wait=wait, **more)
        self._clerk = Clerk()
        self._control = threading.Thread(target=self._controlled, name="control", daemon=True)
        self._estimate = threading.Thread(target=self._run, name="estimate", daemon=True)
        self._scale = ThreadPoolExecutor(1, "scale")  # begins with the first view
        self._stir, self._ended = threading.Event(), threading.Event()
        self._reload = threading.Event()
        self._looking: Looking | None = None
        self._lit = False
        self._seen_s = self._kept_s = -math.inf
        self._kept: object = None

    @property
    def alive(self) -> bool:
        """Whether a thread of this run, or of one before it, is still there."""
        return self._estimate.is_alive() or (self._before is not None and self._before.alive)

    @property
    def lit(self) -> bool:
        """Whether the camera may be open."""
        return self._lit or (self._before is not None and self._before.lit)

    def start(self) -> None:
        """Begin."""
        cv2.setNumThreads(1)
        sys.setswitchinterval(0.001)  # seconds; at the default 5 ms a thread waits too long for the GIL
        self._estimate.start()

    def stir(self) -> None:
        """Something changed that the control thread has to follow."""
        self._stir.set()

    def reload(self) -> None:
        """Load the models anew before the next frame."""
        self._reload.set()

    def write(self, what: Callable[[], None]) -> None:
        """Let the clerk do what may take its time; an error is said, and monitoring goes on."""
        self._clerk.put(what, self._note)

    def close(self) -> None:
        """End what runs and wait for it."""
        self._frames.stop()
        self._stir.set()
        looking = self._looking
        if looking is not None:
            looking.estimator.close()
        if self._estimate is not threading.current_thread():
            self._estimate.join(CLOSE_S)
            before = self._before
            if before is not None:
                before.close()

    # Estimate thread.

    def _run(self) -> None:
        """Top of the estimate thread, in which this run begins and ends."""
        try:
            self._end_before()
            with self._others():
                self._looking = self._new_looking()
                _spare_collector()
                for captured in self._frames:
                    self._see(captured)
            self._moments.end(self._number)
        except BaseException as exc:  # noqa: BLE001 - the top of a thread
            self._moments.fail(said(exc), self._number)
        finally:
            self._let_go()
            self._cut()
            self._moments.slot.wake()

    def _end_before(self) -> None:
        """Wait for the threads of the last run, which have the camera. Raises ModelError where they do not end."""
        if self._before is not None:
            self._before.close()
            if self._before.alive:
                raise ModelError(HANGS)
            self._before = None

    @contextmanager
    def _others(self) -> Iterator[None]:
        """The other threads, from their start to their end."""
        if self._history is not None:
            self._clerk.put(self._history.begin, self._without_history)
        self._clerk.start()
        self._control.start()
        try:
            yield
        finally:
            self._scale.shutdown()
            self._ended.set()
            self._stir.set()
            self._control.join()  # closes the camera
            if self._history is not None:
                self._clerk.put(self._history.end, self._without_history)
            self._clerk.close()

    def _let_go(self) -> None:
        """Of the models."""
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.estimator.close()

    def _new_looking(self) -> Looking:
        self._let_go()
        self._reload.clear()
        estimator = self._estimator(self._moments.settings)
        self._moments.provider = estimator.providers[-1] if estimator.providers else ""
        self._moments.fallback_reason = estimator.fallback_reason
        return Looking(estimator, self._clock)

    def _see(self, captured: Captured) -> None:
        moments = self._moments
        moments.meter.came(1 + self._frames.dropped - moments.dropped, captured.overtaken)
        moments.dropped = self._frames.dropped
        wanted = moments.looking()
        if wanted is None:
            return
        epoch, pace, view, mode = wanted
        if not needs_model(pace, captured.motion, captured.packet_s - self._seen_s):
            return
        if self._looking is None or self._reload.is_set():
            self._looking = self._new_looking()
        self._seen_s = captured.packet_s
        scaled = None if view is None else self._scale.submit(picture, captured.frame, view, mode)
        seen = self._looking(captured, moments.settings.measure, moments.shift)
        snapshot, profile = moments.judged(epoch, captured, seen, None if scaled is None else scaled.result(), view)
        if snapshot is not None:
            moments.slot.wake()
            self._film(captured, snapshot)
            self._remember(snapshot, profile)
        if moments.pace() != pace:
            self._stir.set()

    def _film(self, captured: Captured, snapshot: Snapshot) -> None:
        """For the recorder, which takes of it what it wants."""
        if self._recorder is not None:
            poor = snapshot.judgement is not None and snapshot.judgement.state in POOR
            event = poor or snapshot.reminder.fired
            self._recorder.push(captured.frame, captured.packet_s, snapshot.observation, event=event)

    def _cut(self) -> None:
        """The next frame is not the one after the last."""
        if self._recorder is not None:
            self._recorder.rest()

    def _remember(self, snapshot: Snapshot, profile: Profile | None) -> None:
        """History and profiles, which the clerk writes."""
        if profile is not None:
            self._profiles.calibrated(profile)
            self.write(self._profiles.save)
        history, judgement, captured = self._history, snapshot.judgement, snapshot.captured
        if history is None or judgement is None or captured is None:
            return
        t, what, reminded = captured.packet_s, (judgement.state, judgement.doubt), snapshot.reminder.fired
        if what == self._kept and t - self._kept_s < HISTORY_EVERY_S and not reminded:
            return
        self._kept, self._kept_s = what, t
        people = snapshot.observation.people if snapshot.observation else ()
        of = next((one.measurements for one in people if one.pose.person == judgement.person), None)
        self._clerk.put_if_room(lambda: history.add(t, judgement, of, reminded=reminded), self._without_history)

    # Control thread.

    def _controlled(self) -> None:
        """Top of the control thread."""
        try:
            self._follow()
        except BaseException as exc:  # noqa: BLE001 - the top of a thread
            self._fail(exc)
        finally:
            self._capture.close()

    def _follow(self) -> None:
        """Do with the camera what is wanted of it, until this run ends."""
        paused = started = False
        rested = self._moments.rested
        while not self._ended.is_set():
            self._stir.clear()
            before, rested = rested, self._moments.rested
            resting = self._moments.resting or self._moments.is_over(self._number)
            if not paused and (resting or rested != before):
                self._moments.slot.wake()  # the picture goes now: a device may take seconds to close
                self._capture.pause()
                paused = True
            if paused and not resting:
                self._capture.resume()
                paused = False
            if not started:
                self._capture.start()
                started = True
            self._set_rate()
            self._check()
            self._moments.slot.wake()
            self._wait(self._stir, TICK_S)

    def _set_rate(self) -> None:
        camera, rate_hz = self._moments.camera, self._moments.pace().rate_hz
        own_hz = camera.info.frame_rate if camera is not None and camera.info is not None else math.nan
        wanted = None if rate_hz >= EVERY_FRAME * own_hz else rate_hz
        if wanted != self._capture.rate_hz:
            self._capture.rate_hz = wanted

    def _check(self) -> None:
        """Take back what is too old, and say it where the model hangs for good."""
        now_s, moments = self._clock(), self._moments
        captured, looking = moments.slot.newest.captured, self._looking
        stale_s = max(STALE_S, STALE_LOOKS / moments.pace().rate_hz, STALE_LOOKS / moments.settings.live.economy_rate)
        if captured is not None and now_s - captured.decoded_s > stale_s:
            moments.rest()
            self._forget_history()
        busy_s = now_s - looking.busy_since_s if looking is not None else 0.0
        if busy_s > moments.settings.live.call_limit_s + GRACE_S:
            self._fail(ModelError(HANGS))

    # Capture thread.

    def _opened(self) -> LiveSource:
        """Open the camera, and write that down. The log may be slow: it is written meanwhile, and its failure ends
        the run.
        """
        source = self._open()
        self._moments.moved(camera=source.id)
        self._lit = True
        self._log(Event.CAMERA_OPENED)
        return source

    def _on_status(self, status: CameraStatus) -> None:
        self._moments.set_camera(status)
        if status.state in SHUT and self._lit:
            self._lit = False
            self._log(Event.CAMERA_CLOSED)
        if status.state not in SEEING:
            self._forget_history()
            self._cut()
        self._moments.slot.wake()
        self._stir.set()  # the rate depends on the camera

    # Errors, from whichever thread.

    def _log(self, event: Event) -> None:
        record = self._record
        if record is not None:
            self._clerk.put(lambda: record(event), self._fail)

    def _forget_history(self) -> None:
        if self._history is not None and self._kept is not None:
            self._kept = None
            self._clerk.put(self._history.rest, self._without_history)

    def _fail(self, error: BaseException) -> None:
        """Nothing of it goes on."""
        if self._moments.fail(said(error), self._number):
            self._moments.slot.wake()
        self._frames.stop()
        self._stir.set()

    def _note(self, error: BaseException) -> None:
        self._moments.say(said(error))
        self._moments.slot.wake()

    def _without_history(self, error: BaseException) -> None:
        """Where there is no key to write with, the history goes on in memory by itself."""
        if not isinstance(error, VaultError):
            self._history = None
        self._note(error)
