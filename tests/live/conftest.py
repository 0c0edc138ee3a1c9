"""A camera and a model that do what a test says, on a clock that stands still until it is moved."""

import queue
import threading
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from posture import config
from posture.data import Damage, SourceInfo, frozen
from posture.live.monitor import Monitor
from posture.live.snapshot import Phase
from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator
from posture.reminders import Level, ReminderSettings
from posture.sources.demo import DemoSource
from posture.sources.picture import Picture

WIDTH, HEIGHT = 640, 360
PATIENCE_S = 20.0


@pytest.fixture(scope="session")
def sitter():
    """The pose of the demo's person, upright, as from further away, in a picture of WIDTH x HEIGHT."""
    poses, _ = Estimator(Catalogue.load())(Picture(DemoSource(WIDTH, HEIGHT).render(0.0), index=0, time_s=0.0))
    return nearer(poses[0], 0.55)


def nearer(pose, factor):
    """The same person so much larger in the picture, about its middle."""
    points = pose.points_px.copy()
    middle = np.array([WIDTH / 2, HEIGHT / 2, 0.0])
    return replace(pose, points_px=frozen((points - middle) * factor + middle))


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class HandCamera:
    """Gives the frames that `show` is called with; every opening is another `HandSource`."""

    def __init__(self, clock):
        self.clock = clock
        self.sources = []
        self.id = "usb-1"
        self.rates = []
        self.errors = []
        self.closes = threading.Event()
        self.closes.set()
        rng = np.random.default_rng(3)
        self.pixels = rng.integers(0, 255, (HEIGHT // 20, WIDTH // 20, 3), np.uint8).repeat(20, 0).repeat(20, 1)

    def open(self):
        if self.errors:
            raise self.errors.pop(0)
        self.sources.append(HandSource(self))
        return self.sources[-1]

    @property
    def lit(self):
        return sum(not source.closed.is_set() for source in self.sources)

    def show(self, motion=float("nan"), pixels=None):
        source = self.sources[-1]
        source.waiting.put((self.pixels if pixels is None else pixels, motion))

    def fail(self, error):
        self.sources[-1].waiting.put(error)


class HandSource:
    name = "hand"
    damage = Damage()

    def __init__(self, device):
        self.device = device
        self.id = device.id
        self.waiting = queue.Queue()
        self.closed = threading.Event()
        self.info = SourceInfo("camera", WIDTH, HEIGHT, 30.0, float("nan"))
        self._rate_hz = None
        self.opened_s = device.clock()
        self.overtaken = 0
        self.motion = self.packet_s = self.decoded_s = self.heard_s = self.changed_s = float("nan")
        self.count = 0

    @property
    def rate_hz(self):
        return self._rate_hz

    @rate_hz.setter
    def rate_hz(self, rate):
        self._rate_hz = rate
        self.device.rates.append(rate)

    def __iter__(self):
        return self

    def __next__(self):
        raise NotImplementedError

    def read(self, timeout_s, wake=None):
        if self.closed.is_set():
            raise EOFError
        try:
            what = self.waiting.get(timeout=0.005)
        except queue.Empty:
            self.heard_s = self.changed_s = self.device.clock()  # other packets came, and none was due
            return None
        if isinstance(what, BaseException):
            raise what
        pixels, self.motion = what
        now = self.device.clock()
        self.packet_s = self.decoded_s = self.heard_s = self.changed_s = now
        frame = Picture.of_rgb(pixels)
        frame._index, frame._time_s = self.count, now - self.opened_s
        self.count += 1
        return frame

    def close(self):
        assert self.device.closes.wait(PATIENCE_S)
        self.closed.set()


class HandModel:
    """Sees `poses` in every frame; `hold` makes it hang until `close`."""

    providers = ("cpu", "cpu")
    fallback_reason = ""

    def __init__(self, poses):
        self.poses = poses
        self.calls = 0
        self.forgotten = 0
        self.error = None
        self.go = threading.Event()
        self.go.set()
        self.entered = threading.Event()
        self.closed = threading.Event()

    def __call__(self, frame):
        self.calls += 1
        self.entered.set()
        assert self.go.wait(PATIENCE_S)
        if self.error is not None:
            raise self.error
        return tuple(self.poses), 0

    def forget(self):
        self.forgotten += 1

    def close(self):
        self.closed.set()


class Scene:
    """A monitor with everything around it in the hands of a test."""

    def __init__(self, sitter, **more):
        self.sitter = sitter
        self.clock = Clock()
        self.camera = HandCamera(self.clock)
        self.model = HandModel([sitter])
        quick = ReminderSettings(level=Level.EDGE, onset_s=2.0, cooldown_s=1000.0)
        settings = more.pop("settings", msgspec.structs.replace(config.Settings(), reminders=quick))
        self.monitor = Monitor(
            self.camera.open,
            settings,
            estimator=more.pop("estimator", lambda _: self.model),
            presence=lambda: 0,
            clock=self.clock,
            wait=lambda event, seconds: event.wait(min(seconds, 0.005)),
            **more,
        )
        self.woken = threading.Condition()
        self.wakes = 0
        self.monitor.on_wake = self._wake

    def _wake(self):
        with self.woken:
            self.wakes += 1
            self.woken.notify_all()

    def until(self, what):
        """The first snapshot for which `what` holds."""
        with self.woken:
            for _ in range(int(PATIENCE_S / 0.01)):
                snapshot = self.monitor.latest()
                if what(snapshot):
                    return snapshot
                self.woken.wait(0.01)
        raise AssertionError(f"it never came; the last was {snapshot}")

    def start(self):
        before = len(self.camera.sources)
        self.monitor.start()
        self.until(lambda _: len(self.camera.sources) > before)
        self.show()
        return self.until(lambda s: s.phase is Phase.RUNNING and s.captured is not None)

    def show(self, seconds=0.0, **more):
        """The clock goes on, the camera gives a picture, and the monitor has judged it."""
        self.clock.now += seconds
        self.camera.show(**more)

    def seen(self, seconds=0.1, **more):
        self.show(seconds, **more)
        now = self.clock.now
        return self.until(lambda s: s.captured is not None and s.captured.packet_s == now)

    def calibrate(self, name="desk", **more):
        self.monitor.calibrate("front", name, **more)
        for _ in range(100):
            snapshot = self.seen()
            if snapshot.calibration.baseline is not None:
                return snapshot
        raise AssertionError(f"no calibration: {snapshot.calibration}")

    def slouch(self):
        """The person comes too close until the cue shows."""
        self.model.poses = [nearer(self.sitter, 1.5)]
        for _ in range(100):
            snapshot = self.seen()
            if snapshot.reminder.cue is not None:
                return snapshot
        raise AssertionError(f"no cue: {snapshot.judgement} {snapshot.reminder}")


@pytest.fixture
def new_scene(sitter):
    scenes = []

    def make(**more):
        scenes.append(Scene(sitter, **more))
        return scenes[-1]

    yield make
    for scene in scenes:
        scene.model.go.set()
        scene.camera.closes.set()
        scene.monitor.close()


@pytest.fixture
def scene(new_scene):
    return new_scene()
