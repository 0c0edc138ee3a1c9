"""What a worker does with its tasks: real ones, in a process of its own, under the names that this machine has."""

import threading
from pathlib import Path

import batch_kill
import msgspec
import pytest

from posture.analysis import Analysis
from posture.batch import fleet_bench
from posture.batch.fleet_bench import Assigned, Bench, encoder, heartbeats, replies
from posture.batch.incoming import Incoming
from posture.batch.shares import Share
from posture.batch.single import run_task
from posture.batch.work import Orders, new_task
from posture.config import OutputSettings, Settings
from posture.pose.settings import PoseSettings
from posture.resuming import Checkpoints, State

SETTINGS = Settings(pose=PoseSettings(model="lite", providers=("cpu",)), output=OutputSettings(formats=("json",)))
NAS = Path("/nas")


@pytest.fixture
def nas(tmp_path):
    """The share, as it is called here."""
    batch_kill.make_clips(tmp_path / "nas" / "in", 1)
    return tmp_path / "nas"


@pytest.fixture
def bench(tmp_path, nas):
    made = Bench(1, (Share.parse(f"{NAS}={nas}"),), Incoming(tmp_path / "incoming"))
    yield made
    made.close()


def task_of(root, results="out"):
    """For the one clip."""
    return new_task(root / "in" / "clip-00000.mp4", root / results / "clip-00000", Orders(settings=SETTINGS))


def done_by(bench, task, **more):
    return replies.decode(bench.perform(encoder.encode(Assigned((task,), "job", "bundle", **more))))


class Ended(Exception):
    pass


def begun_elsewhere(task, here, folder):
    """Another machine works at it until its second checkpoint, and dies."""
    kept = Checkpoints(folder / task.checkpoint_name, every_s=1e-9)
    keep, count = kept.keep, []

    def keep_and_end(checkpoint):
        keep(checkpoint)
        count.append(checkpoint)
        if len(count) == 2:
            raise Ended

    kept.keep = keep_and_end
    with pytest.raises(Ended):
        Analysis(here.source, SETTINGS, checkpoints=kept).run(here.target, lambda *_: None)


class Heard(dict):
    """In the place of what the heartbeats say: keeps all of it."""

    def __init__(self):
        super().__init__()
        self.all = []

    def __setitem__(self, key, value):
        self.all.append(value)
        super().__setitem__(key, value)


@pytest.mark.parametrize("cut", [False, True], ids=["whole", "control: what was observed is taken away"])
def test_it_goes_on_where_another_machine_ended_and_the_report_is_that_of_a_whole_run(bench, nas, cut):
    assert run_task(task_of(nas, "whole"), lambda _: None).state == "done"
    folder = nas / "out" / "checkpoints"
    begun_elsewhere(task_of(NAS), task_of(nas), folder)
    if cut:
        (path,) = folder.glob("*/state")
        state = msgspec.msgpack.decode(path.read_bytes(), type=State)
        path.write_bytes(msgspec.msgpack.encode(msgspec.structs.replace(state, observations_bytes=0)))
    reply = done_by(bench, task_of(NAS), checkpoints=b"/nas/out/checkpoints")
    assert (reply.outcomes[0].state, reply.silent) == ("done", False)
    same = (nas / "out" / "clip-00000.json").read_bytes() == (nas / "whole" / "clip-00000.json").read_bytes()
    assert same is not cut
    assert list(folder.iterdir()) == []


def test_the_heartbeat_says_how_far_it_is_and_names_no_file(bench):
    bench._ahead = heard = Heard()
    done_by(bench, task_of(NAS))
    first, *rest = heard.all
    assert (first.bundle, first.number) == ("bundle", 0)
    assert first.progress.duration_s != first.progress.duration_s
    assert all(0 < each.progress.time_s <= each.progress.duration_s for each in rest)
    assert rest
    assert b"clip" not in encoder.encode(heard.all)
    assert heartbeats.decode(bench.ahead) == ()


def test_checkpoints_outside_of_the_shares_are_none(bench, nas):
    assert done_by(bench, task_of(NAS), checkpoints=b"/elsewhere/x").outcomes[0].state == "done"
    assert not Path("/elsewhere").exists()


def test_a_share_that_does_not_answer_is_said_before_anything_begins(bench, monkeypatch):
    never = threading.Event()
    monkeypatch.setattr(fleet_bench, "ANSWER_S", 0.01)
    monkeypatch.setattr(fleet_bench, "find", lambda *_: never.wait())
    try:
        reply = done_by(bench, task_of(NAS))
    finally:
        never.set()
    assert (reply.outcomes, reply.silent) == ((None,), True)


def test_a_failure_on_a_share_that_does_not_answer_is_no_word_about_the_file(bench, nas, monkeypatch):
    (nas / "in" / "clip-00000.mp4").write_bytes(b"no video")
    assert done_by(bench, task_of(NAS)).outcomes[0].state == "failed"
    never = threading.Event()
    monkeypatch.setattr(fleet_bench, "probe", lambda _: never.wait())
    monkeypatch.setattr(fleet_bench, "ANSWER_S", 1.0)
    try:
        reply = done_by(bench, task_of(NAS))
    finally:
        never.set()
    assert (reply.outcomes, reply.silent) == ((None,), True)


def test_without_a_place_for_checkpoints_the_work_is_done_all_the_same(bench, nas):
    """As where a worker of another account made their folder."""
    (nas / "kept").write_bytes(b"no folder")
    (outcome,) = done_by(bench, task_of(NAS), checkpoints=bytes(NAS / "kept")).outcomes
    assert outcome.state == "done", outcome.message
