"""A verb that is decoding a video right now, to be ended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from posture.sources.clipwriter import write_clip
from posture.sources.demo import DemoSource

POSTURE = [sys.executable, "-c", "from posture.cli import main; main()"]
PATIENCE_S = 60


def heard():
    """In the child: no signal is ignored from the start, as it would be where the tests themselves run under nohup."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@pytest.fixture(scope="session")
def long(tmp_path_factory):
    """The whole demo: a minute of work."""
    path = tmp_path_factory.mktemp("clips") / "long.mp4"
    write_clip(path, DemoSource(320, 240, 30.0, 24.0))
    return path


@pytest.fixture
def decoding(long):
    """Start a verb, in which VIDEO stands for a long one, and wait until its child decodes. None outlives the test."""
    started = []

    def begin(*arguments):
        named = [str(long) if one == "VIDEO" else str(one) for one in arguments]
        child = subprocess.Popen(
            [*POSTURE, *named], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, "POSTURE_POSE__MODEL": "lite", "POSTURE_ANALYSIS__RATE": "all"}, preexec_fn=heard,
        )  # fmt: skip
        started.append(child)
        children, until_s = Path(f"/proc/{child.pid}/task/{child.pid}/children"), time.monotonic() + PATIENCE_S
        while not children.read_text():
            assert child.poll() is None, child.communicate()
            assert time.monotonic() < until_s
            os.sched_yield()
        return child

    yield begin
    for child in started:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
