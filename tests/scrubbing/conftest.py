"""Runs over files with real child processes."""

import os
import signal
from types import SimpleNamespace

import dirty_files
import pytest

from posture import config
from posture.scrubbing import Plan, Scrubbing, Task


class Watcher:
    """Remembers what it was told; calls `on_update` each time."""

    def __init__(self, on_update):
        self.began, self.updates, self.on_update = [], [], on_update

    def begin(self, name):
        self.began.append(name)

    def update(self, time_s, duration_s, frames):
        self.updates.append((time_s, duration_s, frames))
        self.on_update()


@pytest.fixture
def settings():
    return config.load({}, environment={})


@pytest.fixture
def run(tmp_path, settings):
    """Scrubs files into `tmp_path`/out, or in place; gives the outcomes."""

    def _run(paths, *, in_place=False, on_update=None, on_outcome=None, **plan):
        work = Scrubbing(settings, Plan(**plan))
        watcher = Watcher(lambda: on_update(work) if on_update else None)
        tasks = [Task(path, path if in_place else tmp_path / "out" / path.name) for path in paths]
        outcomes = []
        for outcome in work.run(tasks, watcher):
            outcomes.append(outcome)
            if on_outcome:
                on_outcome(work, outcome)
        assert not work._children
        return SimpleNamespace(outcomes=outcomes, watcher=watcher, work=work)

    return _run


@pytest.fixture
def out(tmp_path):
    """Names of what lies in the output folder, hidden files included."""
    folder = tmp_path / "out"
    return lambda: sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(4):
        (folder / f"p{number}.jpg").write_bytes(dirty_files.jpeg())
    return sorted(folder.iterdir())


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    path.write_bytes(dirty_files.video("mp4"))
    return path


@pytest.fixture
def kill_children():
    """SIGKILL to every child process of a run."""

    def _kill(work):
        for child in tuple(work._children):
            os.kill(child._child.pid, signal.SIGKILL)

    return _kill
