"""Live monitoring, from a camera to the newest `Snapshot`.

    capture thread ──Channel.live()──► estimate thread ──Slot──► whoever shows it, woken once per consumption
                                          │  model, judge, reminders, picture of the view
    control thread: opens and closes the camera, notices what hangs      clerk thread: audit log, history, profiles

A camera, a model or a disk that stalls holds up its own thread alone, and what was seen before is taken out of the
newest snapshot. Nothing is monitored unlogged: where the audit log cannot be written, monitoring stops and says so, and
the camera is closed. A history or a file of profiles that cannot be written is said, and monitoring goes on without it.
"""

import threading
import time
from collections.abc import Callable, Hashable
from datetime import date, datetime

from posture.audit.clock import since_start_s
from posture.audit.events import Event
from posture.capture import LiveSource
from posture.ergonomics.baseline import Profile, Seat
from posture.errors import SinkError
from posture.live.judging import Judging, Wanted
from posture.live.looking import Estimates
from posture.live.moments import Moments
from posture.live.profiles import Profiles
from posture.live.settings import Sections, ViewMode
from posture.live.snapshot import Pause, Snapshot
from posture.live.threads import Threads, loaded
from posture.reminders import Surroundings
from posture.sinks.archive import Kept
from posture.sinks.history import History
from posture.sinks.recorder import Recorder
from posture.sinks.recorder_settings import Content
from posture.sinks.recording import Recording
from posture.sinks.today import Day, Today
from posture.sources.camera import Clock, Wait
from posture.vault.recipient import Secrets


def local_clock() -> Surroundings:
    """What a program without a desktop knows of it."""
    return Surroundings(datetime.now().astimezone())


class Monitor:
    """Public methods may be called from any thread, also from `on_wake`, and return at once; but `close` waits."""

    def __init__(
        self,
        open: Callable[[], LiveSource],
        settings: Sections,
        *,
        profiles: Profiles | None = None,
        history: History | None = None,
        recorder: Recorder | None = None,
        record: Callable[[Event], None] | None = None,
        surroundings: Callable[[], Surroundings] = local_clock,
        estimator: Callable[[Sections], Estimates] = loaded,
        presence: Callable[[], Hashable] | None = None,
        clock: Clock = time.monotonic,
        wait: Wait = threading.Event.wait,
        since_start: Clock = since_start_s,
    ) -> None:
        """`open` gives the camera, `presence` what changes when cameras come or go, see `Capture`.

        `profiles` are loaded already; None knows none and keeps none. `recorder` belongs to the monitor from now on.
        `record` writes an entry into the audit log, None where it is switched off. `surroundings` is asked once a
        judgement, in the estimate thread, and must not block. `estimator` loads the models. `clock` and `wait` belong
        together. `since_start` goes on in sleep.
        """
        self._open, self._profiles, self._history, self._record = open, profiles or Profiles(), history, record
        self._estimator, self._presence = estimator, presence
        self._clock, self._wait = clock, wait
        self._judging = Judging(settings, self._profiles.all, surroundings, since_start)
        self._moments = Moments(self._judging, clock)
        self._recorder = recorder
        if recorder is not None:
            self._moments.recorded_hz = lambda: recorder.rate_hz
            recorder.on_change = self._recorded
        self._threads: Threads | None = None

    def start(self) -> None:
        """Open the camera and begin; nothing where it runs already. Where the last run failed, its threads end first;
        a model call that hangs and keeps them is said like every other failure.
        """
        before = self._threads if self._threads is not None and self._threads.alive else None
        if before is not None and self._moments.running:
            return
        run = self._moments.begin(self._profiles.message)
        self._threads = Threads(
            self._open,
            self._moments,
            self._profiles,
            self._history,
            self._recorder,
            self._record,
            self._estimator,
            self._presence,
            self._clock,
            self._wait,
            run,
            before,
        )
        if self._recorder is not None and self._recorder.settings.mode != "manual":
            self._recorder.begin(self._recorder.settings.mode)
        self._threads.start()

    def pause(self, why: Pause) -> None:
        """Close the camera for one more reason. No picture and no cue is left when this returns; the camera is closed
        a moment later, see `dark`.
        """
        self._moments.set_pauses(self._moments.pauses | {why})
        self._stir()

    def resume(self, why: Pause) -> None:
        """One reason to rest less."""
        self._moments.set_pauses(self._moments.pauses - {why})
        self._stir()

    @property
    def dark(self) -> bool:
        """Whether the camera is closed."""
        return self._threads is None or not self._threads.lit

    def close(self) -> None:
        """End all threads; the camera is closed when this returns. May be called twice."""
        self._moments.end()
        if self._threads is not None:
            self._threads.close()
        if self._recorder is not None:
            self._recorder.close()

    def record(self, content: Content | None = None) -> None:
        """Record what is monitored from now on; `content` instead of that of the settings. Nothing where that is done
        already, or where nothing can be recorded at all.
        """
        if self._recorder is not None:
            self._recorder.begin("manual", content)
            self._stir()

    def stop_recording(self) -> None:
        """Record no more; what is in memory is still written."""
        if self._recorder is not None:
            self._recorder.end()
            self._stir()

    @property
    def recording_error(self) -> BaseException | None:
        """Why the last recording stopped by itself."""
        return None if self._recorder is None else self._recorder.error

    @property
    def recording(self) -> Recording:
        """What the recorder is doing."""
        return self._moments.slot.newest.recording

    def calibrate(self, seat: Seat | None, name: str, *, standing: bool = False) -> None:
        """Begin the five seconds that a profile is made of; `seat` None sees for itself.

        `standing`: the person stands at this place; nothing in the picture tells that.
        """
        self._moments.calibrate(Wanted(name, seat, standing))
        self._stir()

    def give_up_calibration(self) -> None:
        """End a calibration that is under way; the profile before holds."""
        self._moments.judge_by(lambda judging: judging.give_up_calibration())
        self._stir()

    def undo_calibration(self) -> None:
        """Go back to the profile before the last calibration; nothing where there is none to take back."""
        if self._profiles.undo():
            self._changed_profiles()

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """The calibrated places."""
        return self._profiles.all

    @property
    def here(self) -> tuple[Profile, ...]:
        """Those that were made with the camera that was opened last and the screens of now: only these are used."""
        return self._judging.here

    @property
    def screens(self) -> str:
        """Key of the set of screens that is connected; empty where nobody knows, and then any will do."""
        return self._judging.place.screens

    @screens.setter
    def screens(self, key: str) -> None:
        self._moments.moved(screens=key)
        self._stir()

    def use_profile(self, name: str) -> None:
        """Judge by this one first. Raises ConfigError where it is not there."""
        first = self._profiles[name]
        others = (one for one in self._profiles.all if one.name != name)
        self._moments.judge_by(lambda judging: judging.know((*first, *others)))

    def delete_profile(self, name: str) -> None:
        """Forget one. Raises ConfigError where it is not there."""
        self._profiles.delete(name)
        self._changed_profiles()

    def rename_profile(self, old: str, new: str) -> None:
        """Raises ConfigError where `old` is not there or `new` cannot be taken."""
        self._profiles.rename(old, new)
        self._changed_profiles()

    def remember_profiles(self, on: bool) -> None:
        """Keep them on this computer from now on, or delete what is kept."""
        self._profiles.remember = on
        self._keep_profiles()
        if not on:
            self._write(self._profiles.forget)

    def snooze(self, until: datetime | None) -> None:
        """No reminder before `until`, the cue that shows is gone; None ends that."""
        self._moments.snooze(until)
        self._stir()

    def mute(self, on: bool) -> None:
        """No reminder at all, the cue that shows is gone; or again."""
        self._moments.mute(on)
        self._stir()

    def choose(self, person: int | None) -> None:
        """Judge this one (`Pose.person`) while they are in view; None: whoever is most like the calibration."""
        self._moments.choose(person)
        self._stir()

    def put_off_prompt(self) -> None:
        """The person has seen the proposal to have a break, to stand or to sit; it comes again later."""
        self._moments.put_off()
        self._stir()

    def latest(self) -> Snapshot:
        """The newest moment."""
        return self._moments.slot.take()

    @property
    def newest(self) -> Snapshot:
        """The same, for those who only ask: it is not consumed."""
        return self._moments.slot.newest

    def painted(self, snapshot: Snapshot) -> None:
        """The view has just painted this one."""
        if snapshot.captured is not None:
            self._moments.meter.painted(snapshot.captured)

    def today(self) -> Today:
        """What the history saw itself of today; empty where none is kept, or where it cannot be read."""
        try:
            return Today() if self._history is None else self._history.today()
        except SinkError:
            return Today()

    def days(self, count: int, secrets: Secrets | None = None) -> tuple[Day, ...]:
        """What the history knows of the last `count` days; none where none is kept. Waits for the disk.

        `secrets` of the vault, None where it is locked. Raises SinkError.
        """
        return () if self._history is None else self._history.days(count, secrets)

    def kept(self, first: date, last: date, secrets: Secrets | None = None) -> tuple[Kept, ...]:
        """What the history keeps of these days, with the measurements; otherwise as `days`."""
        return () if self._history is None else self._history.kept(first, last, secrets)

    @property
    def unseen(self) -> int:
        """Frames that were judged and replaced before anybody took them."""
        return self._moments.slot.unseen

    @property
    def on_wake(self) -> Callable[[], None]:
        """Called once per consumption in a thread of the monitor, never twice at a time; must not block."""
        return self._moments.slot.on_wake

    @on_wake.setter
    def on_wake(self, wake: Callable[[], None]) -> None:
        self._moments.slot.on_wake = wake

    @property
    def surroundings(self) -> Callable[[], Surroundings]:
        """What the desktop is doing."""
        return self._judging.surroundings

    @surroundings.setter
    def surroundings(self, ask: Callable[[], Surroundings]) -> None:
        self._judging.surroundings = ask

    @property
    def settings(self) -> Sections:
        """What holds now. A change takes effect with the next frame; another model is loaded before it."""
        return self._judging.settings

    @settings.setter
    def settings(self, settings: Sections) -> None:
        before, self._judging.settings = self._judging.settings, settings
        if self._recorder is not None:
            self._recorder.settings = settings.recorder
        if self._threads is not None and (before.pose, before.live) != (settings.pose, settings.live):
            self._threads.reload()
        self._stir()

    @property
    def view(self) -> tuple[int, int] | None:
        """Width and height of the view in device pixels; None where nobody looks, which costs least."""
        return self._moments.view

    @view.setter
    def view(self, size: tuple[int, int] | None) -> None:
        self._moments.show(size, self._moments.mode)
        self._stir()

    @property
    def mode(self) -> ViewMode:
        """What the picture of the view shows."""
        return self._moments.mode

    @mode.setter
    def mode(self, mode: ViewMode) -> None:
        self._moments.show(self._moments.view, mode)
        self._stir()

    def _changed_profiles(self) -> None:
        self._moments.judge_by(lambda judging: judging.know(self._profiles.all))
        self._keep_profiles()
        self._stir()

    def _keep_profiles(self) -> None:
        self._write(self._profiles.save)

    def _write(self, what: Callable[[], None]) -> None:
        """Let the clerk do it, if there is one."""
        if self._threads is not None and self._threads.alive:
            self._threads.write(what)
        else:
            what()

    def _recorded(self, recording: Recording) -> None:
        """From the threads of the recorder."""
        self._moments.set_recording(recording)
        self._moments.slot.wake()

    def _stir(self) -> None:
        if self._threads is not None:
            self._threads.stir()
