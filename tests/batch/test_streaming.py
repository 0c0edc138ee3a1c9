"""A file that no worker sees: sent in pieces, done there, its results fetched, nothing left."""

import hashlib

import msgspec
import pytest
from fleet_of_tests import FakeFleet, machine

from posture.batch import fleet_workers, incoming, manifest
from posture.batch.fleet_bench import Reply, assignments, encoder
from posture.batch.fleet_workers import FleetWorkers
from posture.batch.incoming import Incoming
from posture.batch.work import FileOutcome, Orders, ResultFile, new_task
from posture.errors import FleetError

KEY = "0" * 32


class Remote:
    """A worker on this machine, whose work is to write the hash of what it got into a report."""

    def __init__(self, folder):
        self.incoming = Incoming(folder)
        self.receive, self.discard = self.incoming.receive, self.incoming.discard
        self.spoil = lambda piece: piece

    def send(self, key, name, offset):
        return self.spoil(self.incoming.send(key, name, offset))

    def perform(self, task):
        assigned = assignments.decode(task)
        here = self.incoming.task(assigned.streamed, assigned.tasks[0])
        assert here.source.parent != here.target.parent
        here.target.parent.mkdir(parents=True)
        report = here.target.with_name(here.target.name + ".json")
        report.write_text(hashlib.sha256(here.source.read_bytes()).hexdigest() * 1000)
        digest, size = manifest.digest(report)
        result = ResultFile("json", report.name.encode(), digest, size)
        source = manifest.digest(here.source)
        outcome = FileOutcome(state="done", results=(result,), source_sha256=source[0], source_bytes=source[1])
        return encoder.encode(Reply((outcome,)))


@pytest.fixture
def sent(tmp_path, monkeypatch):
    monkeypatch.setattr(incoming, "PIECE_BYTES", 1000)
    monkeypatch.setattr("posture.batch.streaming.PIECE_BYTES", 1000)
    monkeypatch.setattr(fleet_workers, "ASK_AGAIN_S", 0.001)
    (tmp_path / "a.mp4").write_bytes(bytes(range(256)) * 20)
    fleet = FakeFleet([machine("far")], lambda *_: None)
    fleet.remotes["far"] = Remote(tmp_path / "incoming")
    task = new_task(tmp_path / "a.mp4", tmp_path / "out" / "a", Orders())
    return fleet, task


def outcome_of(fleet, task):
    ((_, outcome),) = FleetWorkers(fleet, streams=True).run(iter([task]))
    return outcome


def test_a_file_goes_there_and_its_results_come_back(sent, tmp_path):
    fleet, task = sent
    assert outcome_of(fleet, task).state == "done"
    wanted = hashlib.sha256((tmp_path / "a.mp4").read_bytes()).hexdigest() * 1000
    assert (tmp_path / "out" / "a.json").read_text() == wanted
    assert manifest.adopted(task) is not None
    own = fleet.remotes["far"].incoming
    assert [each for each in own._own.rglob("*") if each.is_file()] == []
    own.close()
    assert list((tmp_path / "incoming").iterdir()) == []


def test_what_arrives_damaged_is_never_a_result(sent, tmp_path):
    fleet, task = sent
    fleet.remotes["far"].spoil = lambda piece: piece and b"X" + piece[1:]
    outcome = outcome_of(fleet, task)
    assert (outcome.state, outcome.passing) == ("failed", True)
    assert "damaged" in outcome.message
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_that_arrives_damaged_has_no_results(sent, tmp_path):
    fleet, task = sent
    remote = fleet.remotes["far"]
    remote.receive = lambda key, name, offset, piece: remote.incoming.receive(key, name, offset, bytes(len(piece)))
    outcome = outcome_of(fleet, task)
    assert (outcome.state, outcome.passing) == ("failed", True)
    assert "a.mp4 arrived damaged" in outcome.message
    assert not (tmp_path / "out").exists()


def test_a_result_that_is_there_is_not_replaced(sent, tmp_path):
    fleet, task = sent
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.json").write_text("mine")
    outcome = outcome_of(fleet, msgspec.structs.replace(task, overwrite=False))
    assert outcome.state == "refused"
    assert (tmp_path / "out" / "a.json").read_text() == "mine"


@pytest.mark.parametrize(
    ("key", "name"),
    [("../../x", b"a"), (KEY, b"../a"), (KEY, b"/a"), (KEY, b""), (KEY, b"a/b/c"), ("A" * 32, b"a"), (KEY[:-1], b"a")],
)
def test_nothing_is_written_elsewhere(tmp_path, key, name):
    own = Incoming(tmp_path)
    for call in (lambda: own.receive(key, name, 0, b"x"), lambda: own.send(key, name, 0)):
        with pytest.raises(FleetError):
            call()
    own.close()
    assert list(tmp_path.iterdir()) == []


def test_a_piece_that_is_missing_or_comes_twice_is_noticed(tmp_path):
    own = Incoming(tmp_path)
    assert own.receive(KEY, b"a", 0, b"12") == 2
    for offset in (0, 3):
        with pytest.raises(FleetError):
            own.receive(KEY, b"a", offset, b"12")
    own.close()


def test_what_a_killed_worker_left_is_removed_when_the_next_one_starts(tmp_path):
    (tmp_path / "99999999" / KEY).mkdir(parents=True)
    (tmp_path / "99999999" / KEY / "a").touch()
    own = Incoming(tmp_path)
    assert not (tmp_path / "99999999").exists()
    own.close()
