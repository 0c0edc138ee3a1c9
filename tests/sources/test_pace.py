import threading

import pytest

from posture.sources.pace import Accelerated, Leaping


def test_time_leaps_where_somebody_waits_and_stands_still_otherwise():
    time, never = Leaping(5.0), threading.Event()
    assert time() == time() == 5.0
    assert not time.wait(never, 3.5)
    assert time() == 8.5
    assert not time.wait(never, -1)
    assert time() == 8.5


def test_what_is_planned_happens_at_its_moment_and_in_order():
    time, never, seen = Leaping(), threading.Event(), []
    for at, word in ((2.0, "b"), (1.0, "a"), (2.0, "c"), (9.0, "never")):
        time.at(at, lambda word=word: seen.append((time(), word)))
    time.wait(never, 5.0)
    assert seen == [(1.0, "a"), (2.0, "b"), (2.0, "c")]
    assert time() == 5.0


def test_an_event_ends_the_wait_at_the_moment_it_is_set():
    time, event = Leaping(), threading.Event()
    time.at(2.0, event.set)
    assert time.wait(event, 60.0)
    assert time() == 2.0
    assert time.wait(event, 60.0)
    assert time() == 2.0


def test_accelerated_time_is_real_time_times_a_factor(monkeypatch):
    now = [50.0]
    monkeypatch.setattr("posture.sources.pace.time.monotonic", lambda: now[0])
    time = Accelerated(60)
    now[0] += 1.5
    assert time() == pytest.approx(90)
    waited = []

    class Event:
        def wait(self, seconds):
            waited.append(seconds)
            return False

    assert not time.wait(Event(), 30)
    assert waited == [0.5]
