"""A run over files with real child processes, and files for it."""

import os
import threading
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from posture import config
from posture.redaction import Plan, Redaction, Task
from posture.sources.clipwriter import write_clip
from posture.sources.demo import DemoSource


class Watcher:
    """Remembers what it was told; calls `on_update` each time."""

    def __init__(self, on_update=lambda: None):
        self.began, self.updates, self.on_update = [], [], on_update

    def begin(self, name):
        self.began.append(name)

    def update(self, time_s, duration_s, frames):
        self.updates.append((time_s, duration_s, frames))
        self.on_update()


@pytest.fixture
def run(tmp_path):
    """Redacts files into `tmp_path`/out; gives the outcomes. No thread and no child process outlives the test."""
    before = set(threading.enumerate())
    started = []

    def _run(paths, *, on_update=None, on_outcome=lambda work, outcome: None, flags=None, **plan):
        settings = config.load({"pose.model": "lite", "pose.providers": ("cpu",), **(flags or {})}, environment={})
        work = Redaction(settings, Plan(**plan))
        watcher = Watcher(lambda: on_update(work) if on_update else None)
        outcomes = []
        for outcome in work.run([Task(path, tmp_path / "out" / path.stem) for path in paths], watcher):
            outcomes.append(outcome)
            on_outcome(work, outcome)
        started.append(work)
        return SimpleNamespace(outcomes=outcomes, watcher=watcher, work=work)

    yield _run
    assert all(not work._children for work in started)
    assert set(threading.enumerate()) == before


@pytest.fixture
def out(tmp_path):
    """Names of what lies in the output folder."""

    def _out():
        folder = tmp_path / "out"
        return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []

    return _out


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Fourteen noisy pictures of 200 kB each, all different."""
    folder, random = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for number in range(14):
        cv2.imwrite(str(folder / f"p{number:02}.jpg"), random.integers(0, 255, (400, 600, 3), np.uint8))
    return sorted(folder.iterdir())


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    """Two seconds of the demo."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    write_clip(path, DemoSource(320, 240, 30.0, 2.0))
    return path


@pytest.fixture(scope="session")
def long_clip(tmp_path_factory):
    """The whole demo, 720 frames: long enough that something can happen meanwhile."""
    path = tmp_path_factory.mktemp("clips") / "long.mp4"
    write_clip(path, DemoSource(320, 240, 30.0, 24.0))
    return path


@pytest.fixture
def kill_children():
    """SIGKILL to every child process of a run."""
    import signal

    def _kill(work):
        for child in tuple(work._children):
            os.kill(child._child.pid, signal.SIGKILL)

    return _kill
