from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from posture.pacing import Pacer
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
    answers = list(spared(packets, 0.001, 0.0, rate))
    assert [packet for packet, _ in answers] == packets
    assert {packet.pts for packet, spare in answers if not spare} == due


def test_ten_of_thirty_frames_a_second():
    answers = list(spared([Packet(i) for i in range(300)], 1 / 30, 0.0, 10.0))
    assert [packet.pts for packet, spare in answers if not spare] == list(range(0, 300, 3))


def test_a_packet_without_a_time_is_needed():
    assert list(spared([Packet(None), Packet(0), Packet(None)], 1.0, 0.0, 0.1)) == [
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

    answers = spared(packets(), 1 / 30, 0.0, 10.0)
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
