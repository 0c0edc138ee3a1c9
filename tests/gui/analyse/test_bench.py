"""The queue: one file after the other, with progress, pause, cancel and another try; on analyses that do as told."""

import threading

import pytest
from standing import observed

from posture.config import Settings
from posture.errors import NoInput, OutputFull, SourceError
from posture.gui.analyse.bench import Bench, Options, State
from posture.gui.analyse.queue_view import QueueView, said
from posture.results import Cached


class Played:
    """An analysis: tells its progress, then waits until it may end."""

    def __init__(self, path):
        self.path = path
        self.may_end, self.abandoned = threading.Event(), threading.Event()
        self.told = 0

    def observe(self, on_progress):
        for done_s in (1.0, 2.0, 3.0):
            on_progress(done_s, 6.0, round(done_s * 10))
            self.told += 1
        self.may_end.wait(20)
        if self.abandoned.is_set():
            raise SourceError("ended")
        if "bad" in self.path.name:
            raise SourceError("no readable video")
        if "full" in self.path.name:
            return Cached(**vars(observed()), unkept=OutputFull("no room"))
        self.forgotten = []
        known = "known" in self.path.name
        return Cached(**vars(observed()), recalled=known, forget=lambda: self.forgotten.append(self.path))

    def abandon(self):
        self.abandoned.set()
        self.may_end.set()


@pytest.fixture
def played():
    return []


@pytest.fixture
def bench(qapp, played):
    def analyse(path, settings, part, key):
        if "gone" in path.name:
            raise NoInput(f"{path}: no such file")
        played.append(Played(path))
        return played[-1]

    now = [0.0]

    def clock():
        now[0] += 1.0
        return now[0]

    made = Bench(Settings, clock, analyse)
    yield made
    made.close()


def states(bench):
    return [item.state for item in bench.items.values()]


def test_one_file_after_the_other_with_progress(qtbot, bench, played, tmp_path):
    one, two = (bench.add(tmp_path / name, Options()) for name in ("one.mp4", "two.mp4"))
    assert states(bench) == [State.RUNNING, State.WAITING]
    qtbot.waitUntil(lambda: bench.items[one].share == 0.5)
    assert bench.items[one].left_s == pytest.approx(3.0)  # the clock has ticked three times for half of it
    with qtbot.waitSignal(bench.done):
        played[0].may_end.set()
    assert bench.items[one].case is not None
    qtbot.waitUntil(lambda: len(played) == 2)
    with qtbot.waitSignal(bench.done):
        played[1].may_end.set()
    assert states(bench) == [State.DONE, State.DONE]
    assert two == 2


def test_the_same_file_with_the_same_options_is_there_at_once(qtbot, bench, played, tmp_path):
    number = bench.add(tmp_path / "one.mp4", Options())
    with qtbot.waitSignal(bench.done):
        played[0].may_end.set()
    assert bench.add(tmp_path / "one.mp4", Options()) == number
    assert bench.add(tmp_path / "one.mp4", Options(people=2)) != number


def test_a_file_that_fails_says_why_and_is_tried_again(qtbot, bench, played, tmp_path):
    number = bench.add(tmp_path / "bad.mp4", Options())
    played[0].may_end.set()
    qtbot.waitUntil(lambda: bench.items[number].state is State.FAILED)
    assert bench.items[number].message == "no readable video"
    bench.retry(number)
    assert bench.items[number].state is State.RUNNING
    assert bench.items[number].message == ""


def test_a_file_that_is_gone_fails_and_the_next_one_runs(bench, tmp_path):
    bench.add(tmp_path / "gone.mp4", Options())
    bench.add(tmp_path / "one.mp4", Options())
    assert states(bench) == [State.FAILED, State.RUNNING]


def test_cancelled_means_nothing_is_kept_and_the_next_one_runs(qtbot, bench, played, tmp_path):
    one, _ = (bench.add(tmp_path / name, Options()) for name in ("one.mp4", "two.mp4"))
    bench.cancel(one)
    assert played[0].abandoned.is_set()
    qtbot.waitUntil(lambda: states(bench) == [State.CANCELLED, State.RUNNING])
    assert bench.items[one].case is None


def test_a_pause_holds_what_runs_and_what_waits(qtbot, bench, played, tmp_path):
    bench.pause(True)
    bench.add(tmp_path / "one.mp4", Options())
    assert states(bench) == [State.WAITING]
    bench.pause(False)
    assert states(bench) == [State.RUNNING]
    qtbot.waitUntil(lambda: played[0].told == 3)


def test_closing_waits_for_nobody(bench, played, tmp_path):
    bench.add(tmp_path / "one.mp4", Options())
    bench.pause(True)
    bench.close()
    assert played == [] or played[0].abandoned.is_set()


def shown(qtbot, bench, number):
    view = QueueView(bench)
    qtbot.addWidget(view)
    return view, view._rows[number]


def test_what_comes_from_the_cache_says_so_and_is_analysed_again_when_asked(qtbot, bench, played, tmp_path):
    number = bench.add(tmp_path / "known.mp4", Options())
    with qtbot.waitSignal(bench.done):
        played[0].may_end.set()
    _, row = shown(qtbot, bench, number)
    assert row.words.text() == "ready · from the cache"
    assert (row.act.isHidden(), row.act.text()) == (False, "Analyse again")
    before = bench.items[number].case
    row.act.click()
    assert played[0].forgotten == [played[0].path], "or it would come from the cache again"
    assert bench.items[number].state is State.RUNNING
    assert bench.items[number].case is before, "it shows until there is another one"
    played[1].path = tmp_path / "new.mp4"
    with qtbot.waitSignal(bench.done):
        played[1].may_end.set()
    assert bench.items[number].case is not before
    assert row.words.text() == "ready"
    assert row.act.isHidden()


def test_what_is_removed_from_the_page_is_removed_from_the_cache(qtbot, bench, played, tmp_path):
    number = bench.add(tmp_path / "one.mp4", Options())
    with qtbot.waitSignal(bench.done):
        played[0].may_end.set()
    _, row = shown(qtbot, bench, number)
    row.remove.click()
    assert bench.items == {}
    assert played[0].forgotten == [played[0].path]


def test_what_could_not_be_kept_is_said(qtbot, bench, played, tmp_path):
    number = bench.add(tmp_path / "full.mp4", Options())
    with qtbot.waitSignal(bench.done):
        played[0].may_end.set()
    assert said(bench.items[number], paused=False) == "ready · not kept for the next time: no room"
