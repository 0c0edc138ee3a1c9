"""A monitor that plays what it is given, and moments to play: for the tests of the window and for its screenshots.

Imported by `screenshots.py` and by the tests; nothing to run.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from posture.appearance import ViewName
from posture.capture import CameraState, CameraStatus, Captured
from posture.data import (
    MEASURE_NAMES,
    PARTS,
    Assessment,
    Frame,
    Measurements,
    Observation,
    Picture,
    Pose,
    Reason,
    SourceInfo,
    Subject,
    View,
    Zone,
    frozen,
)
from posture.ergonomics.baseline import Profile, Seat
from posture.ergonomics.sitting import Deviation, Doubt, Judgement, State
from posture.live.snapshot import Figures, Pause, Phase, Snapshot
from posture.reminders import Level, Reminder, Surroundings
from posture.sinks.recorder_settings import Content
from posture.sources.demo import DemoSource

SIZE = 1280, 720
CAMERA = SourceInfo(kind="camera", width=SIZE[0], height=SIZE[1], frame_rate=30.0, duration_s=math.nan)
DEMO = replace(CAMERA, kind="demo")
_HEAD = {  # in picture heights from the middle between the shoulders, x to the person's left
    "nose": (0.0, -0.30), "left_eye_inner": (0.03, -0.36), "left_eye": (0.045, -0.36), "left_eye_outer": (0.06, -0.36),
    "right_eye_inner": (-0.03, -0.36), "right_eye": (-0.045, -0.36), "right_eye_outer": (-0.06, -0.36),
    "left_ear": (0.11, -0.33), "right_ear": (-0.11, -0.33), "mouth_left": (0.04, -0.24), "mouth_right": (-0.04, -0.24),
}  # fmt: skip
_BODY = {
    "left_shoulder": (0.27, 0.0), "right_shoulder": (-0.27, 0.0), "left_elbow": (0.34, 0.30),
    "right_elbow": (-0.34, 0.30), "left_wrist": (0.22, 0.42), "right_wrist": (-0.22, 0.42),
    "left_index": (0.17, 0.44), "right_index": (-0.17, 0.44), "left_hip": (0.17, 0.45), "right_hip": (-0.17, 0.45),
}  # fmt: skip


def _around() -> Surroundings:
    return Surroundings(datetime.now().astimezone())


def _asleep() -> None:
    """Nobody listens yet."""


@dataclass
class PlayedMonitor:
    """Implements `posture.gui.monitor.LiveMonitor`; remembers what it was asked."""

    now: Snapshot = field(default_factory=lambda: Snapshot(Phase.STOPPED))
    view: tuple[int, int] | None = None
    mode: ViewName = "skeleton"
    asked: list[tuple[object, ...]] = field(default_factory=list)
    screens: str = ""
    shown: list[Snapshot] = field(default_factory=list)
    profiles: tuple[Profile, ...] = ()

    @property
    def here(self) -> tuple[Profile, ...]:
        """See LiveMonitor."""
        return self.profiles

    _surroundings: Callable[[], Surroundings] = field(default_factory=lambda: _around)
    _wake: Callable[[], None] = field(default_factory=lambda: _asleep)

    @property
    def on_wake(self) -> Callable[[], None]:
        """See LiveMonitor."""
        return self._wake

    @on_wake.setter
    def on_wake(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    @property
    def surroundings(self) -> Callable[[], Surroundings]:
        """See LiveMonitor."""
        return self._surroundings

    @surroundings.setter
    def surroundings(self, ask: Callable[[], Surroundings]) -> None:
        self._surroundings = ask

    def play(self, snapshot: Snapshot) -> None:
        """The next moment, as a worker thread would bring it."""
        self.now = snapshot
        self.on_wake()

    def start(self) -> None:
        """See LiveMonitor."""
        self.asked.append(("start",))

    def pause(self, why: Pause) -> None:
        """See LiveMonitor."""
        self.asked.append(("pause", why))

    def resume(self, why: Pause) -> None:
        """See LiveMonitor."""
        self.asked.append(("resume", why))

    def close(self) -> None:
        """See LiveMonitor."""
        self.asked.append(("close",))

    def calibrate(self, seat: Seat, name: str, *, standing: bool = False) -> None:
        """See LiveMonitor."""
        self.asked.append(("calibrate", seat, name, *(["standing"] if standing else [])))

    def undo_calibration(self) -> None:
        """See LiveMonitor."""
        self.asked.append(("undo_calibration",))

    def snooze(self, until: datetime | None) -> None:
        """See LiveMonitor."""
        self.asked.append(("snooze", until))

    def mute(self, on: bool) -> None:
        """See LiveMonitor."""
        self.asked.append(("mute", on))

    def give_up_calibration(self) -> None:
        """See LiveMonitor."""
        self.asked.append(("give_up_calibration",))

    def record(self, content: Content | None = None) -> None:
        """See LiveMonitor."""
        self.asked.append(("record", content))

    def stop_recording(self) -> None:
        """See LiveMonitor."""
        self.asked.append(("stop_recording",))

    def remember_profiles(self, on: bool) -> None:
        """See LiveMonitor."""
        self.asked.append(("remember_profiles", on))

    def choose(self, person: int | None) -> None:
        """See LiveMonitor."""
        self.asked.append(("choose", person))

    @property
    def dark(self) -> bool:
        """See LiveMonitor."""
        return self.now.camera is None or self.now.camera.state is CameraState.CLOSED

    @property
    def newest(self) -> Snapshot:
        """See LiveMonitor."""
        return self.now

    def latest(self) -> Snapshot:
        """See LiveMonitor."""
        return self.now

    def painted(self, snapshot: Snapshot) -> None:
        """See LiveMonitor."""
        self.shown.append(snapshot)


def frame(index: int = 0) -> Frame:
    """A frame of the demo."""
    source = DemoSource(*SIZE)
    return next(one for one in source if one.index == index)


def sitter(
    person: int = 1, *, x: float = 0.5, y: float = 0.55, size: float = 1.0, head: float = 0.0, scale: float = 1.0
) -> Pose:
    """A person from the front at (x, y) in picture widths and heights; `head` lowers the head by picture heights.

    `scale`: width of the picture in widths of `SIZE`.
    """
    from posture.skeleton import BLAZEPOSE_33 as LAYOUT

    points = np.zeros((len(LAYOUT), 3))
    seen = np.zeros(len(LAYOUT))
    for name, (across, down) in {**_HEAD, **_BODY}.items():
        place = LAYOUT.index[name]
        lower = head if name in _HEAD else 0.0
        points[place, :2] = x * SIZE[0] + across * size * SIZE[1], (y + (down + lower) * size) * SIZE[1]
        points[place, :2] *= scale
        seen[place] = 1.0
    visible = frozen(seen)
    return Pose(person, frozen(points), frozen(points / SIZE[1]), visible, visible, 0.99, (0.0, 0.0, 1.0, 0.0))


def observed(poses: Sequence[Pose], time_s: float = 0.0) -> Observation:
    """One look with these people, half of whose angles are measurable."""
    values = np.array([12.0 if place % 2 == 0 else math.nan for place in range(len(MEASURE_NAMES))])
    reasons = tuple(Reason.MEASURED if place % 2 == 0 else Reason.LOW_VISIBILITY for place in range(len(MEASURE_NAMES)))
    measured = Measurements(View.FRONT, 0.0, frozen(values), reasons)
    assessed = Assessment((Zone.UNKNOWN,) * len(PARTS), (Reason.WRONG_VIEW,) * len(PARTS))
    return Observation(round(time_s * 30), time_s, tuple(Subject(pose, measured, assessed) for pose in poses))


def moment(
    state: State = State.GOOD,
    *,
    doubt: Doubt = Doubt.NONE,
    time_s: float = 60.0,
    poses: Sequence[Pose] | None = None,
    deviations: tuple[Deviation, ...] = (),
    reminder: Reminder | None = None,
    picture: Picture | None = None,
    camera: CameraState = CameraState.RUNNING,
    info: SourceInfo = CAMERA,
    **more: object,
) -> Snapshot:
    """A moment while it runs."""
    told = reminder if reminder is not None else Reminder()
    shown = poses if poses is not None else (sitter(),)
    return Snapshot(
        phase=Phase.RUNNING,
        camera=CameraStatus(camera, 0.0, "Webcam C920", info),
        captured=Captured(frame(), time_s, time_s),
        picture=picture,
        observation=observed(shown, time_s),
        judgement=Judgement(state, doubt, 0.0, shown[0].person if shown else None, deviations, profile="Desk"),
        reminder=told,
        figures=Figures(30.0, 29.8, 30.0, 9.0, 17.0, 19.0, 0, "", "cpu"),
        **more,  # type: ignore[arg-type]  # further fields of a snapshot
    )


def told(state: State) -> Reminder:
    """A reminder that shows."""
    return Reminder(cue=state, level=Level.EDGE)
