"""The chain with small sources and stations of the test's own, so that every fault can be put where it hurts."""

import threading
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture import pipeline
from posture.data import Damage, SourceInfo
from posture.errors import ModelError, VideoUnreadable
from posture.pacing import Pacer
from posture.pipeline import Progress, observations


@dataclass(frozen=True)
class Still:
    index: int
    time_s: float
    width: int = 64
    height: int = 48
    corrupt: bool = False


class Clip:
    """`count` frames at 30 a second; raises `error` instead of frame number `at`."""

    info = SourceInfo("video", 64, 48, 30.0, 1.0)
    damage = Damage()

    def __init__(self, count, error=None, at=None):
        self.count, self.error, self.at, self.given, self.closed = count, error, at, 0, False

    def __iter__(self):
        return self

    def __next__(self):
        if self.given == self.at:
            raise self.error
        if self.given == self.count:
            raise StopIteration
        self.given += 1
        return Still(self.given - 1, (self.given - 1) / 30)

    def close(self):
        self.closed = True


def nobody(_):
    return (), 0


def unreachable(*_):
    raise AssertionError("there is nobody to measure")


def run(clip, estimate=nobody, rate="all", stop=None, progress=None):
    return list(
        observations(
            clip,
            estimate,
            unreachable,
            unreachable,
            rate=rate,
            progress=progress or Progress(),
            stop=stop or threading.Event(),
        )
    )


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before  # threads of earlier tests may end meanwhile


def test_every_frame_in_order():
    assert [o.index for o in run(Clip(50))] == list(range(50))


def test_ten_hertz_of_thirty():
    progress = Progress()
    assert [o.index for o in run(Clip(31), rate=10.0, progress=progress)] == list(range(0, 31, 3))
    assert progress.frames_decoded == 31


def test_a_long_wait_for_a_due_frame_says_that_decoding_goes_on(monkeypatch):
    clock = iter(range(10_000))
    monkeypatch.setattr(pipeline.time, "monotonic", lambda: float(next(clock)))
    seen = run(Clip(31), rate=1.0)
    assert [o.index for o in seen if o is not None] == [0, 30]
    assert seen.count(None) > 5


def test_an_empty_source_is_an_end_and_no_error():
    assert run(Clip(0)) == []


@pytest.mark.parametrize("at", [0, 1, 7])
def test_an_error_of_the_source_comes_home_after_what_was_decoded(at):
    seen = []

    def estimate(frame):
        seen.append(frame.index)
        return (), 0

    with pytest.raises(VideoUnreadable, match="broken"):
        run(Clip(50, VideoUnreadable("broken"), at), estimate)
    assert seen == list(range(at))


@pytest.mark.parametrize("at", [0, 3])
def test_an_error_of_the_model_ends_the_decoder(at):
    def estimate(frame):
        if frame.index == at:
            raise ModelError("device lost")
        return (), 0

    clip = Clip(10_000)
    with pytest.raises(ModelError, match="device lost"):
        run(clip, estimate)
    assert clip.given < 100


def test_stop_ends_with_what_was_done():
    stop = threading.Event()

    def estimate(frame):
        if frame.index == 5:
            stop.set()
        return (), 0

    done = run(Clip(10_000), estimate, stop=stop)
    assert 6 <= len(done) < 100


def test_a_consumer_that_leaves_ends_the_decoder():
    clip = Clip(10_000)
    chain = observations(
        clip, nobody, unreachable, unreachable, rate="all", progress=Progress(), stop=threading.Event()
    )
    next(chain)
    chain.close()
    assert clip.given < 100


@given(
    st.lists(st.floats(0.001, 2.0), min_size=1, max_size=200),
    st.floats(0.5, 60.0),
)
def test_the_pacer_never_exceeds_its_rate_and_never_skips_a_tick_that_had_a_frame(gaps, rate):
    times = [sum(gaps[:i]) for i in range(len(gaps))]
    pacer = Pacer(rate)
    taken = [t for t in times if pacer.due(t)]
    ticks = [int(t * rate + 1e-6) for t in taken]
    assert len(set(ticks)) == len(ticks)
    assert set(ticks) == {int(t * rate + 1e-6) for t in times}
    assert taken[0] == times[0]
