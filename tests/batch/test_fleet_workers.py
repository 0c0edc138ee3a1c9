"""The job's side of a fleet, with a fleet that does what the test says."""

import pytest
from fleet_of_tests import FakeFleet, done, machine

from posture.batch import fleet_workers
from posture.batch.fleet_bench import Ahead, Reply, assignments, encoder
from posture.batch.fleet_workers import FleetWorkers
from posture.batch.work import FileOutcome, Orders, Progress, new_task
from posture.errors import FleetError, SourceError


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(fleet_workers, "ASK_AGAIN_S", 0.001)


def tasks(folder, count, suffix=".mp4", **more):
    return [new_task(folder / f"{n}{suffix}", folder / "out" / str(n), Orders(), **more) for n in range(count)]


def outcomes(workers, given):
    return {task.source.name: outcome for task, outcome in workers.run(iter(given))}


def test_every_task_gets_one_outcome_and_no_more_are_out_than_there_are_places(tmp_path):
    fleet = FakeFleet([machine("a", places=2), machine("b")])
    given = tasks(tmp_path, 200)
    events = list(FleetWorkers(fleet).run(iter(given)))
    assert sorted(task.path for task, _ in events) == sorted(task.path for task in given)
    assert all(outcome.state == "done" for _, outcome in events)
    assert fleet.most_out <= 3


def test_a_machine_with_another_version_gets_nothing_and_a_fleet_of_such_machines_says_so(tmp_path):
    fleet = FakeFleet([machine("old", offers=("posture 0.0.1 00000000", "model full")), machine("new")])
    outcomes(FleetWorkers(fleet), tasks(tmp_path, 20))
    assert {address for address, _ in fleet.given} == {"new"}
    fleet.there.pop()
    clock = iter(range(0, 100_000, 600))
    with pytest.raises(FleetError, match=r"old: posture 0\.0\.1 00000000"):
        outcomes(FleetWorkers(fleet, now=lambda: next(clock)), tasks(tmp_path, 1))


def test_that_nobody_is_there_is_said_once_at_the_beginning(tmp_path):
    clock, said = iter(range(0, 100_000, 100)), []
    with pytest.raises(FleetError, match="no worker"):
        outcomes(FleetWorkers(FakeFleet([]), now=lambda: next(clock), say=said.append), tasks(tmp_path, 1))
    assert len(said) == 1
    assert "start one with `posture fleet worker`" in said[0]


def test_a_name_that_is_no_unicode_ends_no_job_where_nobody_sees_the_file(tmp_path):
    fleet = FakeFleet([machine("a")], lambda *_: None)
    (outcome,) = outcomes(FleetWorkers(fleet), [new_task(tmp_path / "\udce9.mp4", tmp_path / "x", Orders())]).values()
    assert "no worker of the fleet sees it" in outcome.message
    outcome.message.encode()


def test_the_scheduler_that_is_gone_ends_the_run(tmp_path):
    fleet = FakeFleet([machine("a")])
    fleet.there = FleetError("gone")
    with pytest.raises(FleetError, match="gone"):
        outcomes(FleetWorkers(fleet), tasks(tmp_path, 1))


def test_a_broken_connection_costs_another_try_and_too_many_are_a_failure_that_may_pass(tmp_path):
    left = {"0.mp4": 2, "1.mp4": 99}

    def work(_, task):
        left[task.source.name] -= 1
        return FleetError("broke") if left[task.source.name] >= 0 else done(task)

    found = outcomes(FleetWorkers(FakeFleet([machine("a")], work)), tasks(tmp_path, 2))
    assert found["0.mp4"].state == "done"
    assert (found["1.mp4"].state, found["1.mp4"].passing) == ("failed", True)
    assert left["1.mp4"] == 99 - fleet_workers.TRIES


def test_a_picture_that_ends_every_worker_takes_none_of_its_bundle_along(tmp_path):
    def work(_, task):
        return SourceError("3 workers ended") if task.source.name == "7.jpg" else done(task)

    found = outcomes(FleetWorkers(FakeFleet([machine("a")], work)), tasks(tmp_path, 30, ".jpg"))
    assert len(found) == 30
    assert {name for name, outcome in found.items() if outcome.state != "done"} == {"7.jpg"}
    assert "3 workers ended" in found["7.jpg"].message
    assert not found["7.jpg"].passing


def test_a_file_goes_to_a_machine_that_sees_it(tmp_path):
    def work(address, task):
        return done(task) if address == "sees" else None

    fleet = FakeFleet([machine("blind"), machine("blind too"), machine("sees")], work)
    found = outcomes(FleetWorkers(fleet), tasks(tmp_path, 12))
    assert {outcome.state for outcome in found.values()} == {"done"}


def test_a_file_that_nobody_sees_fails_and_says_what_to_do(tmp_path):
    fleet = FakeFleet([machine("a"), machine("b")], lambda *_: None)
    found = outcomes(FleetWorkers(fleet), tasks(tmp_path, 3))
    assert {outcome.state for outcome in found.values()} == {"failed"}
    assert "--share" in found["0.mp4"].message
    assert "--stream" in found["0.mp4"].message


def test_what_a_machine_that_ends_in_order_had_in_hand_is_given_to_another(tmp_path):
    ended = []

    def work(address, task):
        if address == "ends" and not ended:
            ended.append(task)
            fleet.there = [machine("stays")]
            return FileOutcome(state="stopped")
        return done(task)

    fleet = FakeFleet([machine("ends"), machine("stays")], work)
    found = outcomes(FleetWorkers(fleet), tasks(tmp_path, 4))
    assert ended
    assert [outcome.state for outcome in found.values()] == ["done"] * 4


def test_the_key_of_a_recording_is_sent_to_nobody(tmp_path):
    fleet = FakeFleet([machine("a")])
    given = [*tasks(tmp_path, 2), new_task(tmp_path / "x.pclip", tmp_path / "x", Orders(), key=b"k" * 32)]
    found = outcomes(FleetWorkers(fleet), given)
    assert found["x.pclip"].state == "refused"
    assert all(not task.key for _, assigned in fleet.given for task in assigned.tasks)
    assert found["0.mp4"].state == "done"


def test_after_cancel_everything_in_hand_comes_back_as_stopped(tmp_path):
    fleet = FakeFleet([machine("a", places=3)])
    fleet.perform = lambda task, needs, where, on_end: fleet.given.append(task) or (lambda: None)  # nobody answers
    workers = FleetWorkers(fleet)

    def endless():
        yield from tasks(tmp_path, 2)
        workers.cancel()
        yield None
        yield from tasks(tmp_path, 2)

    found = list(workers.run(endless()))
    assert [outcome.state for _, outcome in found] == ["stopped"] * 2
    assert len(fleet.abandoned) == 1


def test_a_second_machine_may_replace_what_the_first_has_written_but_never_what_was_there_before(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "1.html").touch()
    fleet = FakeFleet([machine("a")])
    outcomes(FleetWorkers(fleet), tasks(tmp_path, 2))
    assert [task.overwrite for _, assigned in fleet.given for task in assigned.tasks] == [True, False]


def test_how_far_files_are_comes_with_the_heartbeats_once_each(tmp_path):
    """And what a bundle that is over was said to be at is said no more."""
    fleet = FakeFleet([machine("a")])
    beats = [Progress(1.0, 4.0, 10), Progress(1.0, 4.0, 10), Progress(2.0, 4.0, 20)]

    def perform(task, needs, where, on_end):
        fleet.given.append(assignments.decode(task))
        fleet.on_end = on_end
        return lambda: None

    def machines():
        if fleet.given and beats:
            fleet.there = [machine("a", ahead=(Ahead(fleet.given[-1].bundle, 0, beats.pop(0)),))]
        elif fleet.given and fleet.on_end:
            on_end, fleet.on_end = fleet.on_end, None
            on_end("a", encoder.encode(Reply((done(fleet.given[-1].tasks[0]),))))
        return tuple(fleet.there)

    fleet.perform, fleet.machines = perform, machines
    events = [event for _, event in FleetWorkers(fleet).run(iter(tasks(tmp_path, 1)))]
    assert [event.time_s for event in events[:-1]] == [1.0, 2.0]
    assert events[-1].state == "done"


def test_a_machine_whose_share_does_not_answer_loses_its_files_and_gets_no_more(tmp_path):
    fleet, said = FakeFleet([machine("hangs"), machine("works")]), []
    fleet.silent = {"hangs"}
    found = outcomes(FleetWorkers(fleet, say=said.append), tasks(tmp_path, 12))
    assert [outcome.state for outcome in found.values()] == ["done"] * 12
    assert [address for address, _ in fleet.given].count("hangs") <= 2  # those that were out before it was known
    told = {outcome.message for outcome in found.values()} - {""}
    assert told == {"given to another worker: a share of hangs does not answer"}
    assert "hangs does not answer" in said[0]


def test_after_its_rest_it_gets_files_again(tmp_path):
    clock = [0.0]
    fleet = FakeFleet([machine("hangs")])
    fleet.silent = {"hangs"}

    def now():
        clock[0] += 10.0
        if clock[0] > fleet_workers.REST_S:
            fleet.silent = set()
        return clock[0]

    (outcome,) = outcomes(FleetWorkers(fleet, now=now), tasks(tmp_path, 1)).values()
    assert outcome.state == "done"


def test_a_file_that_only_a_resting_machine_sees_waits_for_it(tmp_path):
    """The other one is awake and blind: that is no reason to say that nobody sees the file."""
    clock, said = [0.0], []
    fleet = FakeFleet([machine("sees"), machine("blind")], lambda at, task: done(task) if at == "sees" else None)
    fleet.silent = {"sees"}

    def now():
        clock[0] += 10.0
        if clock[0] > fleet_workers.REST_S:
            fleet.silent = set()
        return clock[0]

    (outcome,) = outcomes(FleetWorkers(fleet, say=said.append, now=now), tasks(tmp_path, 1)).values()
    assert outcome.state == "done"
    assert len([words for words in said if "does not answer" in words]) == 1
    fleet.there.append(machine("new"))
    assert {one.state for one in outcomes(FleetWorkers(fleet), tasks(tmp_path, 3)).values()} == {"done"}


def test_where_every_share_hangs_the_job_says_so(tmp_path):
    clock = iter(range(0, 100_000, 20))
    fleet = FakeFleet([machine("hangs")])
    fleet.silent = {"hangs"}
    (outcome,) = outcomes(FleetWorkers(fleet, now=lambda: next(clock)), tasks(tmp_path, 1)).values()
    assert (outcome.state, outcome.passing) == ("failed", True)
    assert "a share of hangs does not answer" in outcome.message


def test_the_outcome_says_that_another_machine_did_it(tmp_path):
    """Dask gives the task of a machine that stands still to another one, and tells nobody."""
    fleet, said = FakeFleet([machine("still"), machine("other")]), []
    answered = []

    def perform(task, needs, where, on_end):
        fleet.given.append(assignments.decode(task))
        fleet.there = [machine("still", ahead=(Ahead(fleet.given[-1].bundle, 0, Progress(1.0, 4.0, 10)),))]
        fleet.on_end = on_end
        return lambda: None

    def machines():
        if fleet.given and fleet.there[0].address == "still":
            there, fleet.there = fleet.there, [machine("other")]
            return tuple(there)
        if fleet.given and not answered:
            answered.append(True)
            fleet.on_end("other", encoder.encode(Reply((done(fleet.given[-1].tasks[0]),))))
        return tuple(fleet.there)

    fleet.perform, fleet.machines = perform, machines
    found = outcomes(FleetWorkers(fleet, say=said.append), tasks(tmp_path, 1))
    assert found["0.mp4"].message == "given to another worker: still went away or stood still"
    assert "still went away" in said[0]
