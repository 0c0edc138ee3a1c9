"""The child process with real files and real ends: killed, stopped, hung, out of memory, lied to."""

import os
import select
import signal
import subprocess
import sys
import threading
import tracemalloc

import pytest

from posture import job as job_module
from posture import wire
from posture.ergonomics.measure import MeasureSettings
from posture.errors import SourceError, VideoUnreadable
from posture.job import Job, JobSettings
from posture.pipeline import AnalysisSettings
from posture.pose.settings import PoseSettings

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def spec(path=None, **changes):
    settings = {
        "pose": PoseSettings(model="lite", providers=("cpu",)),
        "measure": MeasureSettings(),
        "analysis": AnalysisSettings(rate=2.0),
        "memory_bytes": 4 << 30,
    }
    return wire.JobSpec(path=os.fsencode(path) if path else None, **(settings | changes))


@pytest.fixture
def start():
    jobs = []

    def _start(job_spec, **limits):
        jobs.append(Job(job_spec, JobSettings(**limits)))
        return jobs[-1]

    before = set(threading.enumerate())
    yield _start
    for job in jobs:
        job.close()
        assert job._child.returncode is not None
    assert set(threading.enumerate()) <= before  # threads of earlier tests may end meanwhile


def test_the_demo_from_start_to_finish(start):
    messages = list(start(spec(end_s=2.0)))
    started, finished = messages[0], messages[-1]
    assert isinstance(started, wire.Started)
    assert started.info.kind == "demo"
    assert started.model == "pose_landmark_lite"
    assert isinstance(finished, wire.Finished)
    assert not finished.stopped
    assert finished.frames_decoded == 60
    found = [o for message in messages if isinstance(message, wire.Batch) for o in message.observations]
    assert [round(o.time_s, 3) for o in found] == [0.0, 0.5, 1.0, 1.5]
    assert all(len(o.people) == 1 for o in found)


SHOUTING = """
import os, sys
left = memoryview(b"x" * (64 << 20))
while left:
    left = left[os.write(2, left):]
os.write(2, b"\\nlast words")
os._exit(3)
"""


@posix
def test_a_child_that_shouts_without_end_fills_no_memory(start, monkeypatch, tmp_path):
    program = tmp_path / "python"
    program.write_text(f"#!{sys.executable} -S\n{SHOUTING}")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match=r"exit code 3: last words\)"):
            list(start(spec()))
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


FLOODING = """
import os
from posture import wire
for number in range(100):
    wire.write(os.fdopen(os.dup(1), "wb"), wire.Blocked(tuple(f"socket.{number}-{each}" for each in range(16))))
"""


@posix
def test_a_child_that_reports_without_end_fills_no_log(start, monkeypatch, tmp_path):
    program, told = tmp_path / "python", []
    program.write_text(f"#!{sys.executable}\n{FLOODING}")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(job_module.guard, "tell", told.append)
    with pytest.raises(SourceError, match="exit code 0"):
        list(start(spec()))
    assert told == [f"socket.0-{each}" for each in range(wire.BLOCKED_LIMIT)]


@pytest.mark.skipif(sys.platform != "linux", reason="kernel limits of Linux")
def test_the_limits_hold_in_the_child(start):
    started = next(iter(start(spec())))
    expected = {"no socket", "no other program or process", "no file made, changed or removed"}
    assert {f"seccomp: {words}" for words in expected} | {"no data into files"} <= set(started.layers)


@pytest.mark.skipif(sys.platform != "linux", reason="kernel limits of Linux")
def test_the_way_to_a_graphics_card_is_left_open_only_where_a_card_may_be_used(monkeypatch, tmp_path):
    monkeypatch.setattr(job_module, "_GRAPHICS_DEVICE", tmp_path)
    asked = {providers: job_module._wants_graphics(spec(pose=PoseSettings(providers=providers)))
             for providers in ((), ("cpu",), ("cuda",), ("cuda", "cpu"))}  # fmt: skip
    assert asked == {(): True, ("cpu",): False, ("cuda",): True, ("cuda", "cpu"): True}
    monkeypatch.setattr(job_module, "_GRAPHICS_DEVICE", tmp_path / "none")
    assert not job_module._wants_graphics(spec(pose=PoseSettings(providers=("cuda",))))


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "empty"), (b"not a video at all" * 50, "readable"), (None, "no such file")]
)
def test_a_bad_file_is_one_clear_error(start, tmp_path, content, words):
    path = tmp_path / "bad.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=r"bad\.mp4") as caught:
        list(start(spec(path)))
    assert isinstance(caught.value, VideoUnreadable)
    assert words in str(caught.value)


def test_stop_ends_early_with_what_was_done(start):
    job = start(spec(analysis=AnalysisSettings(rate="all")))
    messages = iter(job)
    while not isinstance(next(messages), wire.Batch):
        pass
    job.stop()
    *_, last = messages
    assert isinstance(last, wire.Finished)
    assert last.stopped
    assert last.frames_decoded < 720


@posix
def test_a_child_that_is_killed_is_one_failed_file(start):
    job = start(spec(analysis=AnalysisSettings(rate="all")))
    messages = iter(job)
    next(messages)
    os.kill(job._child.pid, signal.SIGKILL)
    with pytest.raises(SourceError, match="SIGKILL"):
        list(messages)


@posix
def test_a_child_that_hangs_is_given_up(start):
    job = start(
        spec(analysis=AnalysisSettings(rate="all")), stall_s=5.0
    )  # a loaded machine needs a second to start a child
    messages = iter(job)
    next(messages)
    os.kill(job._child.pid, signal.SIGSTOP)
    with pytest.raises(SourceError, match="no progress for 5 s"):
        list(messages)


def test_a_file_that_takes_too_long_is_given_up(start):
    job = start(spec(analysis=AnalysisSettings(rate="all")), time_limit_s=0.001, stall_s=60)
    with pytest.raises(SourceError, match="time_limit_s"):
        list(job)


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS is enforced on Linux")
def test_a_child_that_needs_too_much_memory_is_one_failed_file(start):
    with pytest.raises(SourceError, match="memory_mib"):
        list(start(spec(memory_bytes=150 << 20)))


PARENT = """
from posture import wire
from posture.ergonomics.measure import MeasureSettings
from posture.job import Job, JobSettings
from posture.pipeline import AnalysisSettings
from posture.pose.settings import PoseSettings
spec = wire.JobSpec(path=None, pose=PoseSettings(model="lite"), measure=MeasureSettings(),
                    analysis=AnalysisSettings(rate="all"), memory_bytes=4 << 30)
job = Job(spec, JobSettings())
next(iter(job))
print(job._child.pid, flush=True)
input()
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process that is not its child: Linux")
def test_the_child_ends_when_its_parent_goes_away():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child = os.pidfd_open(int(parent.stdout.readline()))
    try:
        parent.kill()
        parent.wait()
        ended, _, _ = select.select([child], [], [], 20)
        if not ended:
            signal.pidfd_send_signal(child, signal.SIGKILL)
        assert ended, "the child outlived its parent by 20 s"
    finally:
        os.close(child)
        parent.stdin.close()
        parent.stdout.close()


HANGING = """
import io, threading
from posture import job
job.STOP_S = 0.1
threading.Thread(target=job._wait_for_end, args=(io.BytesIO(), threading.Event()), daemon=True).start()
threading.Event().wait()
"""


def test_a_child_that_hangs_ends_too_when_its_parent_goes_away():
    assert subprocess.run([sys.executable, "-c", HANGING], timeout=60, check=False).returncode == 1


@posix
def test_an_interrupt_while_it_starts_leaves_no_child_behind(monkeypatch):
    """Ctrl+C falls into the start of the first thread: nobody would end the child, or the thread."""
    children, start = [], threading.Thread.start

    def interrupted(thread):
        start(thread)
        raise KeyboardInterrupt

    class Remembered(subprocess.Popen):
        def __init__(self, *words, **more):
            super().__init__(*words, **more)
            children.append(self)

    monkeypatch.setattr(job_module.subprocess, "Popen", Remembered)
    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Job(spec(), JobSettings())
    assert [child.returncode for child in children] == [-signal.SIGKILL]
