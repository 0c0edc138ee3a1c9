import threading
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.channel import Channel


def in_thread(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def joined(thread):
    thread.join(10)
    assert not thread.is_alive(), "the thread was not released"


def test_a_file_loses_nothing_and_keeps_the_order():
    channel = Channel[int](2, "block")

    def produce():
        for number in range(1000):
            assert channel.put(number)
        channel.end()

    producer = in_thread(produce)
    assert list(channel) == list(range(1000))
    joined(producer)
    assert channel.dropped == 0


def test_live_keeps_the_newest_and_counts_the_rest():
    channel = Channel[int].live()
    for number in range(5):
        assert channel.put(number)
    channel.end()
    assert list(channel) == [4]
    assert channel.dropped == 4


@given(st.integers(1, 5), st.integers(0, 20))
def test_dropping_keeps_exactly_the_last_ones(slots, count):
    channel = Channel[int](slots, "drop_oldest")
    for number in range(count):
        channel.put(number)
    channel.end()
    got = list(channel)
    assert got == list(range(count))[-slots:]
    assert channel.dropped + len(got) == count


def test_a_source_error_comes_after_what_was_queued_and_keeps_its_traceback():
    channel = Channel[int](4, "block")

    def break_in_the_decoder():
        raise OSError("disk gone")

    def produce():
        channel.put(1)
        try:
            break_in_the_decoder()
        except OSError as exc:
            channel.fail(exc)

    joined(in_thread(produce))
    items = iter(channel)
    assert next(items) == 1
    with pytest.raises(OSError, match="disk gone") as caught:
        next(items)
    assert "break_in_the_decoder" in "".join(traceback.format_exception(caught.value))


def test_stop_releases_a_producer_that_waits():
    channel = Channel[int](1, "block")
    channel.put(0)
    results = []
    full = threading.Event()

    def produce():
        full.set()
        results.append(channel.put(1))

    producer = in_thread(produce)
    assert full.wait(10)
    channel.stop()
    joined(producer)
    assert results == [False]
    assert channel.dropped == 2
    assert list(channel) == []


def test_stop_releases_a_consumer_that_waits():
    channel = Channel[int](1, "block")
    got = []
    consumer = in_thread(lambda: got.extend(channel))
    channel.stop()
    joined(consumer)
    assert got == []


def test_end_releases_a_consumer_that_waits():
    channel = Channel[int](1, "block")
    got = []
    consumer = in_thread(lambda: got.extend(channel))
    channel.put(7)
    channel.end()
    joined(consumer)
    assert got == [7]


def test_the_first_end_counts():
    channel = Channel[int](1, "block")
    channel.end()
    channel.fail(OSError("too late"))
    assert list(channel) == []


def test_after_a_stop_no_error_comes():
    channel = Channel[int](1, "block")
    channel.fail(OSError("nobody is there to hear it"))
    channel.stop()
    assert list(channel) == []


def test_put_after_the_end_is_a_mistake_of_the_producer():
    channel = Channel[int](1, "block")
    channel.end()
    with pytest.raises(RuntimeError, match="after the end"):
        channel.put(1)


def test_a_channel_without_slots_is_refused():
    with pytest.raises(ValueError, match="at least one slot"):
        Channel[int](0, "block")
