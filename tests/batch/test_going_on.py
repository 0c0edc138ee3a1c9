"""An analysis that was ended and goes on gives what one gives that was never ended, to the last bit."""

import os
import shutil
import threading
from contextlib import closing
from fractions import Fraction

import av
import msgspec
import pytest

from posture import analysisjob, checkpoints, wire
from posture.analysis import Analysis
from posture.config import OutputSettings, Settings
from posture.ergonomics.measure import MeasureSettings
from posture.errors import SinkError, SourceError
from posture.pipeline import AnalysisSettings
from posture.pose.settings import PoseSettings
from posture.resuming import Checkpoints, State
from posture.sources import open_source
from posture.sources.demo import DemoSource
from posture.vault.hpke import new_secret
from posture.vault.recipient import X25519

POSE = PoseSettings(model="lite", providers=("cpu",), people=2)
RATE = AnalysisSettings(rate=5.0)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Three seconds of the demo: B-frames that look across key frames, one every half second; a cut in the middle."""
    path, demo = tmp_path_factory.mktemp("film") / "film.mp4", DemoSource()
    with av.open(path, "w") as out:
        stream = out.add_stream("libx264", rate=20, options={"preset": "fast", "g": "10", "bf": "2", "open-gop": "1"})
        stream.width, stream.height, stream.pix_fmt = 192, 144, "yuv420p"
        for number in range(60):
            frame = demo.render(number / 20 + (4.0 if number > 30 else 0.0)).reformat(192, 144, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 20)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def cut(film, tmp_path_factory):
    """The same with a damaged stretch."""
    content = bytearray(film.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = bytes(400)
    path = tmp_path_factory.mktemp("cut") / "cut.mp4"
    path.write_bytes(content)
    return path


def spec(path, **more):
    made = {"pose": POSE, "measure": MeasureSettings(), "analysis": RATE, "memory_bytes": 4 << 30, "checkpoint_s": 1e-9}
    return wire.JobSpec(path=os.fsencode(path), **(made | more))


def told(job):
    """What is observed, all checkpoints with how much was observed before them, and the end."""
    observed, kept, end = [], [], None
    for message in analysisjob.messages(job, (), threading.Event()):
        match message:
            case wire.Redone():
                observed, kept = [], []
            case wire.Batch():
                observed += message.observations
            case wire.Checkpoint():
                kept.append((len(observed), message.content))
            case wire.Finished():
                end = message.damage, message.frames_decoded
    return observed, kept, end


@pytest.fixture
def begun_at(monkeypatch):
    """Whether each job that went on began at a key frame."""
    answers, opened = [], checkpoints.opened

    def watched(open_, threads, earlier):
        source = opened(open_, threads, earlier)
        if earlier is not None:
            answers.append("key" if source.reached is not None else "start")
        return source

    monkeypatch.setattr(checkpoints, "opened", watched)
    monkeypatch.setattr(checkpoints, "LATEST", 0.0)  # behind every frame
    return answers


@pytest.mark.parametrize(("name", "way"), [("film", "key"), ("cut", "start")])
def test_behind_every_checkpoint_it_goes_on_with_the_same_bits(name, way, request, begun_at):
    path = request.getfixturevalue(name)
    whole, kept, end = told(spec(path))
    assert len(kept) == len(whole) >= 12
    assert max(len(observation.people) for observation in whole) == 1
    for count, content in kept[:: 2 if way == "key" else 5]:
        behind, _, its_end = told(spec(path, behind=content))
        assert wire.packed(whole[:count] + behind) == wire.packed(whole)
        assert its_end == end
    assert begun_at[-1] == way


def test_a_checkpoint_of_another_file_is_thrown_away(film, cut, tmp_path):
    _, kept, _ = told(spec(film))
    other = tmp_path / "other.mp4"
    with av.open(film) as source, av.open(other, "w") as out:
        stream = out.add_stream("libx264", rate=20)
        stream.width, stream.height, stream.pix_fmt = 192, 144, "yuv420p"
        for frame in source.decode(video=0):
            fresh = av.VideoFrame.from_ndarray(255 - frame.to_ndarray(format="rgb24"), format="rgb24")
            fresh.pts, fresh.time_base = frame.pts, frame.time_base
            out.mux(stream.encode(fresh))
        out.mux(stream.encode())
    assert wire.packed(told(spec(other, behind=kept[-1][1]))[0]) == wire.packed(told(spec(other))[0])


def test_a_checkpoint_that_is_rubbish_is_thrown_away(film):
    assert wire.packed(told(spec(film, behind=b"rubbish"))[0]) == wire.packed(told(spec(film))[0])


def test_frames_behind_a_position_are_those_of_the_whole_stream(film):
    with closing(open_source(film, rate=5.0)) as source:
        with_rate = list(source)
    for before in with_rate[3::7]:
        with closing(open_source(film, rate=5.0, behind=before.position)) as source:
            assert source.reached.digest() == before.digest()
            behind = [(frame.index, frame.time_s, frame.digest()) for frame in source]
        assert behind == [(f.index, f.time_s, f.digest()) for f in with_rate if f.time_s > before.time_s]


class Ended(Exception):
    pass


def analyse(path, base, folder, *, end_after=None, ends=None, secret=None, **changes):
    """Analyse `path`; ended as a kill would, after so many checkpoints, or when `ends(count)` says so."""
    settings = Settings(
        pose=POSE, analysis=RATE, output=OutputSettings(formats=("json", "csv"), exports=("trc",), keypoints=True)
    )
    for section, value in changes.items():
        settings = type(settings)(**{**{f: getattr(settings, f) for f in settings.__struct_fields__}, section: value})
    kept = Checkpoints(folder, every_s=1e-9, secret=secret)
    keep, count = kept.keep, []

    def keep_and_end(checkpoint):
        keep(checkpoint)
        count.append(checkpoint)
        if len(count) == end_after or (ends and ends(len(count))):
            raise Ended

    kept.keep = keep_and_end
    Analysis(path, settings, checkpoints=kept).run(base, lambda *_: None)
    return kept.resumed


def files(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("secret", [None, new_secret(X25519)], ids=["plain", "encrypted"])
def test_reports_of_a_run_that_was_ended_twice_are_those_of_a_whole_one(film, tmp_path, secret):
    assert not analyse(film, tmp_path / "whole" / "film", tmp_path / "a")
    for count in (1, 2):
        with pytest.raises(Ended):
            analyse(film, tmp_path / "ended" / "film", tmp_path / "b", end_after=count, secret=secret)
        readable = {
            name.partition("-")[0]
            for name, content in files(tmp_path / "b").items()
            if b"Batch" in content or b"spec" in content
        }
        assert readable == (set() if secret else {"observations", "state"})
    assert not (tmp_path / "ended").exists()
    assert analyse(film, tmp_path / "ended" / "film", tmp_path / "b", secret=secret)
    assert files(tmp_path / "ended") == files(tmp_path / "whole")
    assert not (tmp_path / "b").exists(), "the checkpoint goes when the reports are there"


def test_with_other_settings_it_begins_anew(film, tmp_path):
    with pytest.raises(Ended):
        analyse(film, tmp_path / "out" / "film", tmp_path / "b", end_after=1)
    assert not analyse(film, tmp_path / "out" / "film", tmp_path / "b", analysis=AnalysisSettings(rate=4.0))


def test_with_another_key_it_begins_anew(film, tmp_path):
    with pytest.raises(Ended):
        analyse(film, tmp_path / "out" / "film", tmp_path / "b", end_after=1, secret=new_secret(X25519))
    assert not analyse(film, tmp_path / "out" / "film", tmp_path / "b", secret=new_secret(X25519))


@pytest.mark.parametrize("secret", [None, new_secret(X25519)], ids=["plain", "encrypted"])
def test_what_was_altered_is_removed_and_the_next_run_begins_anew(film, tmp_path, secret):
    with pytest.raises(Ended):
        analyse(film, tmp_path / "out" / "film", tmp_path / "b", end_after=1, secret=secret)
    (kept,) = (tmp_path / "b").glob("observations-*")
    content = kept.read_bytes()
    kept.write_bytes(content[:-1] + bytes([content[-1] ^ 0xFF]) if secret else bytes(len(content)))
    with pytest.raises(SinkError, match="run it again"):
        analyse(film, tmp_path / "out" / "film", tmp_path / "b", secret=secret)
    assert not analyse(film, tmp_path / "out" / "film", tmp_path / "b", secret=secret)


def test_a_checkpoint_that_was_cut_is_as_none(film, tmp_path):
    with pytest.raises(Ended):
        analyse(film, tmp_path / "out" / "film", tmp_path / "b", end_after=2)
    (observations,) = (tmp_path / "b").glob("observations-*")
    os.truncate(observations, 10)
    assert not analyse(film, tmp_path / "out" / "film", tmp_path / "b")


def test_another_machine_goes_on_where_the_file_has_another_name(film, tmp_path):
    """The reports are compared under one name: a report names its file."""
    analyse(film, tmp_path / "whole" / "film", tmp_path / "a")
    with pytest.raises(Ended):
        analyse(film, tmp_path / "ended" / "film", tmp_path / "b", end_after=2)
    there = tmp_path / "other mount" / "film.mp4"
    there.parent.mkdir()
    shutil.copy2(film, there)
    assert analyse(there, tmp_path / "ended" / "film", tmp_path / "b")
    assert files(tmp_path / "ended") == files(tmp_path / "whole")


def test_a_run_that_stood_still_and_comes_back_spoils_nothing_of_the_one_that_went_on(film, tmp_path):
    analyse(film, tmp_path / "whole" / "film", tmp_path / "a")
    still = {}

    def stood(count):
        """In the middle of the first run a second one begins at its checkpoint, and ends after two of its own."""
        if count == 2 and not still:
            still["over"] = True
            with pytest.raises(Ended):
                analyse(film, tmp_path / "ended" / "film", tmp_path / "b", end_after=2)
        return count == 4

    with pytest.raises(Ended):
        analyse(film, tmp_path / "ended" / "film", tmp_path / "b", ends=stood)
    assert still
    analyse(film, tmp_path / "ended" / "film", tmp_path / "b")
    assert files(tmp_path / "ended") == files(tmp_path / "whole")


@pytest.mark.parametrize("name", ["../../film.mp4", "state", "observations-", "observations-0/../../film.mp4"])
def test_a_state_that_names_a_file_elsewhere_is_as_none(film, tmp_path, name):
    with pytest.raises(Ended):
        analyse(film, tmp_path / "out" / "film", tmp_path / "b", end_after=1)
    path = tmp_path / "b" / "state"
    state = msgspec.msgpack.decode(path.read_bytes(), type=State)
    path.write_bytes(msgspec.msgpack.encode(msgspec.structs.replace(state, observations=name)))
    assert not analyse(film, tmp_path / "out" / "film", tmp_path / "b")


def test_one_that_is_stopped_writes_no_report(film, tmp_path):
    analysis = Analysis(film, Settings(pose=POSE), checkpoints=Checkpoints(tmp_path / "b"))
    analysis.stop()
    with pytest.raises(SourceError, match="go on"):
        analysis.run(tmp_path / "out" / "film", lambda *_: None)
    assert not (tmp_path / "out").exists()


def test_a_folder_of_checkpoints_that_cannot_be_made_again_is_an_error_with_a_next_step(film, tmp_path):
    kept = Checkpoints(tmp_path / "b" / "one", every_s=1e-9)
    keep = kept.keep

    def keep_without_folder(checkpoint):
        shutil.rmtree(tmp_path / "b")
        (tmp_path / "b").write_bytes(b"a file stands there")
        keep(checkpoint)

    kept.keep = keep_without_folder
    settings = Settings(pose=POSE, analysis=RATE, output=OutputSettings(formats=("json",)))
    with pytest.raises(SinkError, match="with -o"):
        Analysis(film, settings, checkpoints=kept).run(tmp_path / "out" / "film", lambda *_: None)
