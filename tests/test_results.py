"""The cache of results: the same report without decoding, nothing for another file or setting, nothing in plain."""

import hashlib
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from standing import observed, session
from vault_office import TODAY, WORDS, Office, after

from posture import config, results, wire
from posture.analysis import Analysis, Observed, Range
from posture.config import Settings
from posture.errors import Locked, OutputFull, SourceError
from posture.interchange import Gathering
from posture.interchange.writing import written
from posture.results import IN_MEMORY, CachedAnalysis, Key, Results, cached, files, spec_of

MIB = 1 << 20
PEOPLE = 2
KEY = Key(b"spec", 1000, "ab" * 32)
JOB = Analysis(None, Settings())._spec()


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path / "data")
    made.created().close()
    return made


class Door:
    """The secrets of a vault that is open or not."""

    def __init__(self, office):
        self.unlocked = office.vault().unlock(WORDS)

    def __call__(self, key_id):
        return None if self.unlocked is None else self.unlocked.secrets(key_id)


@pytest.fixture
def door(office):
    made = Door(office)
    unlocked = made.unlocked
    yield made
    unlocked.close()


@pytest.fixture
def opened(office, door):
    """Another run of the program, with the same vault open."""
    return lambda today=TODAY: Results(office.vault(), door, lambda: today)


def found(cache, key=KEY):
    return cache.find(key) if cache.has(key.spec, key.size_bytes) else None


def kept(office):
    return files(office.vault().folder)


def bits(one):
    """All that was observed, with every bit of every number."""
    return wire.packed((one.observations, one.started, one.finished, one.sha256, one.size_bytes))


# What comes back.


@pytest.fixture
def source(tmp_path):
    """Keypoints of two people, as another program would write them: analysed in a child process, in a second."""
    gathering = Gathering()
    for observation in session(5.0, 4.0, PEOPLE):
        gathering.append(observation)
    with written(gathering.motion((640, 640), {}), ("wide",), tmp_path / "source", overwrite=False) as outputs:
        pass
    return outputs["wide"]


def test_a_hit_decodes_nothing_and_its_reports_are_those_of_a_fresh_analysis(source, opened, tmp_path, monkeypatch):
    settings = config.checked({"output": {"formats": ["html", "json", "csv"]}, "pose": {"people": PEOPLE}})
    first = cached(opened(), source, settings, Range(), b"").observe(lambda *_: None)
    assert (first.recalled, first.unkept) == (False, None)
    copy = source.with_name("another name.csv")
    copy.write_bytes(source.read_bytes())
    monkeypatch.setattr("posture.analysis.Job", lambda *_: pytest.fail("something is decoded"))
    again = cached(opened(), copy, settings, Range(), b"").observe(lambda *_: None)
    assert again.recalled
    assert bits(again) == bits(first)
    assert len(again.observations[0].people) == PEOPLE
    reports = [
        Analysis(source, settings).report(one, tmp_path / name / "r").outputs
        for name, one in (("first", first), ("again", again))
    ]
    assert set(reports[0]) == {"html", "json", "csv"}
    for form, path in reports[0].items():
        assert path.read_bytes() == reports[1][form].read_bytes(), form


@pytest.mark.parametrize(
    "change",
    [lambda content: content[:-2] + b"1" + content[-1:], lambda content: content + b"\n"],
    ids=["one byte", "longer"],
)
def test_another_file_is_analysed(source, opened, change):
    first = cached(opened(), source, Settings(), Range(), b"").observe(lambda *_: None)
    source.write_bytes(change(source.read_bytes()))
    again = cached(opened(), source, Settings(), Range(), b"").observe(lambda *_: None)
    assert not again.recalled
    assert again.unkept is None
    assert again.sha256 != first.sha256
    assert again.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()


def test_what_was_forgotten_is_analysed(source, opened, office):
    first = cached(opened(), source, Settings(), Range(), b"").observe(lambda *_: None)
    first.forget()
    assert kept(office) == []
    assert not cached(opened(), source, Settings(), Range(), b"").observe(lambda *_: None).recalled


# On what it depends.

PUT = msgspec.structs.replace
OTHERS = {
    "start": PUT(JOB, start_s=1.0),
    "end": PUT(JOB, end_s=2.0),
    "model": PUT(JOB, pose=PUT(JOB.pose, model="lite")),
    "people": PUT(JOB, pose=PUT(JOB.pose, people=2)),
    "search": PUT(JOB, pose=PUT(JOB.pose, search="thorough")),
    "rate": PUT(JOB, analysis=PUT(JOB.analysis, rate=5.0)),
    "camera": PUT(JOB, measure=PUT(JOB.measure, min_presence=0.9)),
    "rate of keypoints": PUT(JOB, frame_rate=25.0),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_setting_is_another_result(name):
    assert spec_of(OTHERS[name]) != spec_of(JOB)


def test_another_name_of_the_file_is_the_same_result():
    assert spec_of(PUT(JOB, path=b"/elsewhere")) == spec_of(JOB)


@pytest.mark.parametrize("name", ["__version__", "MANIFEST_SHA256", "LABEL"])
def test_another_program_is_another_result(name, monkeypatch):
    before = spec_of(JOB)
    monkeypatch.setattr(results, name, "other")
    assert spec_of(JOB) != before


def test_an_added_model_counts_by_what_was_signed_and_not_by_its_name(monkeypatch):
    def added(sha256):
        model = msgspec.convert({"name": "ours", "sha256": sha256}, _Signed)
        monkeypatch.setattr(results.AddedModels, "signed", lambda _, name: (model, None))
        return spec_of(JOB, results._added(PUT(JOB.pose, model="ours")))

    assert added("a" * 64) != added("b" * 64)
    assert results._added(JOB.pose) == ()


class _Signed(msgspec.Struct, frozen=True):
    name: str
    sha256: str


@pytest.mark.parametrize("change", [{"spec": b"other"}, {"size_bytes": 1001}, {"sha256": "cd" * 32}])
def test_another_key_finds_nothing(opened, change):
    cache = opened()
    cache.keep(KEY, observed(), MIB)
    assert found(cache) is not None
    assert found(opened()) is not None
    assert found(opened(), PUT(KEY, **change)) is None


def test_one_result_of_each_key_is_kept_the_newest(opened, office):
    opened().keep(KEY, observed(), MIB)
    cache = opened()
    assert found(cache) is not None
    cache.keep(KEY, observed(seconds=2.0), MIB)
    assert len(kept(office)) == 1
    assert len(found(opened()).observations) == 10


# Who can read it.


def test_nothing_of_it_stands_in_plain(opened, office):
    whole = observed()
    opened().keep(KEY, whole, MIB)
    (file,) = kept(office)
    content = file.read_bytes()
    for plain in (KEY.sha256.encode(), b"spec", b"a model", whole.observations[0].people[0].pose.points_px.tobytes()):
        assert plain not in content
    assert KEY.sha256 not in file.name
    assert sys.platform == "win32" or stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sys.platform == "win32" or stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_locked_vault_is_written_and_not_read(opened, office, door):
    unlocked, door.unlocked = door.unlocked, None
    cache = opened()
    cache.keep(KEY, observed(), MIB)
    assert found(cache) is not None, "in memory"
    (file,) = kept(office)
    assert found(opened()) is None
    assert kept(office) == [file], "locked is not damaged"
    door.unlocked = unlocked
    again = found(opened())
    assert (again.recalled, again.sha256, len(again.observations)) == (True, KEY.sha256, len(observed().observations))


def test_what_was_decrypted_is_not_found_any_more_once_the_vault_is_locked(opened, door):
    opened().keep(KEY, observed(), MIB)
    cache = opened()
    assert found(cache) is not None
    door.unlocked = None
    assert found(cache) is None


def test_another_reader_of_the_recordings_does_not_get_it(opened, office, monkeypatch):
    vault = office.vault()
    own = vault.recipients(TODAY)
    other = results.SealedFile  # what it is written with
    asked = []

    def sealed(file, recipients, secrets, label):
        asked.append(tuple(recipients))
        return other(file, recipients, secrets, label)

    monkeypatch.setattr(type(vault), "recipients", lambda self, day: (*own, *own[:1]))
    monkeypatch.setattr(results, "SealedFile", sealed)
    opened().keep(KEY, observed(), MIB)
    assert asked == [own[:1]]


def test_an_erased_day_leaves_nothing(opened, office):
    cache = opened()
    cache.keep(KEY, observed(), MIB)
    office.vault().expire(after(4), 3)
    assert found(opened()) is None
    assert kept(office) == []


def test_another_day_is_not_erased_with_it(opened, office):
    opened().keep(KEY, observed(), MIB)
    opened(after(2)).keep(PUT(KEY, spec=b"later"), observed(), MIB)
    office.vault().expire(after(4), 3)
    assert found(opened()) is None
    assert found(opened(), PUT(KEY, spec=b"later")) is not None


def test_without_a_vault_it_is_in_memory_alone_and_bounded(tmp_path):
    office = Office(tmp_path / "none")
    before = set(tmp_path.rglob("*"))
    cache = Results(office.vault(), lambda key_id: None)
    keys = [PUT(KEY, spec=b"%d" % number) for number in range(IN_MEMORY + 1)]
    for key in keys:
        cache.keep(key, observed(), MIB)
    assert [found(cache, key) is not None for key in keys] == [False] + [True] * IN_MEMORY
    assert set(tmp_path.rglob("*")) == before


# What is no good.


def faults(content):
    """One at a time: every region of the file altered, and cut at it."""
    for share in (0.0, 0.001, 0.01, 0.05, 0.1, 0.3, 0.6, 0.999):
        place = int(share * len(content))
        yield f"altered at {share}", content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        yield f"cut at {share}", content[:place]


def test_a_damaged_or_cut_entry_is_a_miss_and_goes(opened, office):
    opened().keep(KEY, observed(), MIB)
    (file,) = kept(office)
    whole = file.read_bytes()
    head = 4 + int.from_bytes(whole[:4], "big")
    places = [whole[:head], *(fault for _, fault in faults(whole))]
    place = head
    while place < len(whole):  # cut between records
        places.append(whole[:place])
        place += 4 + int.from_bytes(whole[place : place + 4], "big")
    for fault in places:
        file.write_bytes(fault)
        assert found(opened()) is None
        assert kept(office) == []
    file.write_bytes(whole)
    assert found(opened()) is not None


def test_an_entry_of_another_format_is_a_miss_and_goes(opened, office, monkeypatch):
    monkeypatch.setattr(results, "LABEL", "posture result v0")
    opened().keep(KEY, observed(), MIB)
    monkeypatch.undo()
    assert found(opened()) is None
    assert kept(office) == []


def test_a_file_that_cannot_be_removed_is_a_miss(opened, office, monkeypatch):
    opened().keep(KEY, observed(), MIB)
    (file,) = kept(office)
    file.write_bytes(file.read_bytes()[:-1])

    def refused(path, **_):
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "unlink", refused)
    assert found(opened()) is None


KILLED = """
import os, signal, sys
sys.path[:0] = {path!r}
from pathlib import Path
from standing import observed
from test_results import KEY, MIB
from posture import results, wire
from vault_office import TODAY, Office
office = Office.__new__(Office)
office.folder, office.keystore, office.log = Path({folder!r}), None, []
put, count = wire.write, []
def write(file, message):
    put(file, message)
    count.append(1)
    if len(count) == 2:
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)
wire.write = write
results.Results(office.vault(), lambda key_id: None, lambda: TODAY).keep(KEY, observed(), MIB)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_run_that_is_killed_leaves_no_entry_and_what_it_began_is_removed(opened, office):
    path = [str(Path(__file__).parent), *(entry for entry in sys.path if entry)]
    script = KILLED.format(path=path, folder=str(office.folder))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    folder = office.folder / "vault" / "results"
    (half,) = folder.iterdir()
    assert half.name.endswith(".partial")
    assert found(opened()) is None
    opened().keep(KEY, observed(), MIB)
    assert list(folder.iterdir()) == kept(office)


# How much of it.


def test_the_oldest_go_first_and_the_bound_holds(opened, office):
    cache, keys = opened(), [PUT(KEY, spec=b"%d" % number) for number in range(5)]
    cache.keep(keys[0], observed(), MIB)
    size = kept(office)[0].stat().st_size
    for number, key in enumerate(keys):
        cache.keep(key, observed(), 3 * size)
        for age, path in enumerate(kept(office)):
            os.utime(path, ns=(age, number * 100 + age))
        assert sum(path.stat().st_size for path in kept(office)) <= 3 * size
    assert [found(opened(), key) is not None for key in keys] == [False, False, True, True, True]


def test_many_small_ones_are_bounded_too(opened, office, monkeypatch):
    monkeypatch.setattr(results, "MOST_FILES", 2)
    cache, keys = opened(), [PUT(KEY, spec=b"%d" % number) for number in range(3)]
    for number, key in enumerate(keys):
        cache.keep(key, observed(), MIB)
        os.utime(max(kept(office), key=os.path.getmtime), ns=(number, number))
    assert [found(opened(), key) is not None for key in keys] == [False, True, True]


def test_switched_off_nothing_is_kept_and_what_was_goes(source, opened, office):
    cached(opened(), source, Settings(), Range(), b"").observe(lambda *_: None)
    assert len(kept(office)) == 1
    off, cache = config.checked({"vault": {"results_mib": 0}}), opened()
    for _ in range(2):
        assert type(cached(cache, source, off, Range(), b"").observe(lambda *_: None)) is Observed
        assert kept(office) == []


# What is never in it.


def test_recordings_of_the_vault_and_the_demo_are_not_kept(source, opened):
    assert type(cached(opened(), source, Settings(), Range(), b"a key")) is Analysis
    assert type(cached(opened(), None, Settings(), Range(), b"")) is Analysis
    assert type(cached(opened(), source.parent, Settings(), Range(), b"")) is Analysis
    assert type(cached(opened(), source, Settings(), Range(), b"")) is CachedAnalysis


def test_what_was_stopped_is_not_kept(source, opened, office):
    analysis = cached(opened(), source, Settings(), Range(), b"")
    analysis.stop()
    analysis.observe(lambda *_: None)
    assert kept(office) == []


def test_given_up_while_the_file_is_read_it_ends(source, opened, monkeypatch):
    cached(opened(), source, Settings(), Range(), b"").observe(lambda *_: None)
    analysis = cached(opened(), source, Settings(), Range(), b"")
    monkeypatch.setattr(results.Digest, "wait", lambda digest: analysis.abandon())
    with pytest.raises(SourceError, match="given up"):
        analysis.observe(lambda *_: None)


@pytest.mark.parametrize("why", [Locked("no key is left"), OutputFull("no room")])
def test_what_cannot_be_kept_is_said_and_the_result_is_there(source, opened, monkeypatch, why):
    def refused(*_):
        raise why

    monkeypatch.setattr(Results, "_write", refused)
    one = cached(opened(), source, Settings(), Range(), b"").observe(lambda *_: None)
    assert one.unkept is why
    assert one.observations
