from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.pacing import Pacer
from posture.sources import open_source
from posture.sources.clipwriter import write_clip
from posture.sources.demo import DemoSource
from posture.sources.spare import READ_AHEAD, Missing, spared


@dataclass(frozen=True)
class Packet:
    pts: int | None


def decode_order(stamps, depth):
    """A stream with B-frames: every `depth`-th frame is sent before the ones that are shown ahead of it."""
    return [s for i in range(0, len(stamps), depth) for s in (stamps[i : i + depth][-1:] + stamps[i : i + depth][:-1])]


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=400),
    st.integers(1, 16),
    st.sampled_from([1.0, 2.5, 10.0, 15.0, 60.0]),
)
def test_what_is_needed_is_what_the_pacer_takes(gaps, depth, rate):
    stamps = [sum(gaps[:i]) - gaps[0] for i in range(1, len(gaps) + 1)]  # milliseconds, irregular
    pacer = Pacer(rate)
    due = {stamp for stamp in stamps if pacer.due(stamp / 1000)}
    packets = [Packet(stamp) for stamp in decode_order(stamps, depth)]
    answers = list(spared(packets, Fraction(1, 1000), Fraction(0), rate))
    assert [packet for packet, _ in answers] == packets
    assert {packet.pts for packet, spare in answers if not spare} == due


def test_ten_of_thirty_frames_a_second():
    answers = list(spared([Packet(i) for i in range(300)], Fraction(1, 30), Fraction(0), 10.0))
    assert [packet.pts for packet, spare in answers if not spare] == list(range(0, 300, 3))


def test_a_packet_without_a_time_is_needed():
    assert list(spared([Packet(None), Packet(0), Packet(None)], Fraction(1), Fraction(0), 0.1)) == [
        (Packet(None), False),
        (Packet(0), False),
        (Packet(None), False),
    ]


def test_it_reads_no_further_than_it_must():
    taken = []

    def packets():
        for i in range(10_000):
            taken.append(i)
            yield Packet(i)

    answers = spared(packets(), Fraction(1, 30), Fraction(0), 10.0)
    next(answers)
    assert len(taken) == READ_AHEAD + 1


def test_numbers_count_what_was_left_out():
    missing = Missing()
    for pts in (2, 1, 5, 4):
        missing.add(pts)
    assert [missing.before(pts) for pts in (0, 3, 6)] == [0, 2, 4]


def test_a_frame_that_came_all_the_same_is_not_missing():
    missing = Missing()
    missing.add(1)
    missing.add(2)
    assert [missing.before(pts) for pts in (0, 1, 3)] == [0, 0, 1]


@pytest.fixture(scope="module")
def b_frames(tmp_path_factory):
    """Four seconds of the demo with B-frames, of which other frames refer to only some."""
    path = tmp_path_factory.mktemp("spare") / "b.mp4"
    write_clip(path, DemoSource(320, 240, 30.0, 4.0))
    return path


def frames(path, **how):
    with closing(open_source(path, **how)) as source:
        return {frame.index: frame for frame in source}


@pytest.mark.parametrize("threads", [1, 2])
def test_frames_that_are_due_are_the_same_pixels_and_numbers(b_frames, threads):
    every, some = frames(b_frames), frames(b_frames, rate=10.0, threads=threads)
    assert len(every) == 120
    assert len(some) < 100
    pacer = Pacer(10.0)
    due = [index for index, frame in every.items() if pacer.due(frame.time_s)]
    assert len(due) == 40
    for index in due:
        assert some[index].time_s == every[index].time_s
        np.testing.assert_array_equal(some[index].scaled(320, 240), every[index].scaled(320, 240))


def test_a_range_counts_from_its_first_frame(b_frames):
    every = frames(b_frames, start_s=1.5, end_s=3.0)
    some = frames(b_frames, start_s=1.5, end_s=3.0, rate=10.0)
    assert {i: f.time_s for i, f in some.items()}.items() <= {i: f.time_s for i, f in every.items()}.items()
    assert min(some) == 0


@pytest.mark.parametrize("number", range(60))
def test_a_range_that_starts_inside_a_tick_has_the_frames_that_are_due(b_frames, number):
    def due(**how):
        pacer = Pacer(10.0)
        with closing(open_source(b_frames, start_s=1 + number / 60, end_s=2.5, **how)) as source:
            return [(frame.index, frame.time_s) for frame in source if pacer.due(frame.time_s)]

    assert due(rate=10.0) == due()


def test_what_is_before_the_start_takes_no_tick():
    answers = list(spared([Packet(i) for i in range(30)], Fraction(1, 30), Fraction(0), 10.0, 14 / 30))
    assert [packet.pts for packet, spare in answers if not spare and packet.pts >= 14] == [14, 15, 18, 21, 24, 27]
