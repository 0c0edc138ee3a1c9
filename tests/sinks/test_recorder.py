"""What is pushed comes out of an encrypted clip again, and nothing else; and what is known of it meanwhile."""

import errno
import threading
from datetime import UTC, datetime, timedelta

import pytest
from recorded import FAILED, OFF, RATE, READY, RECORDING, SECRET, Bench, Plain, frame, numbers, secrets, with_

from posture.errors import Locked, LogDamaged, ModelError
from posture.privacy.mp4_check import findings
from posture.sinks.clipfile import space
from posture.vault.clip import open_clip, verify


@pytest.fixture
def new_bench(tmp_path):
    benches = []

    def make(**more):
        benches.append(Bench(tmp_path, **more))
        return benches[-1]

    yield make
    for bench in benches:
        for disk in bench.disks.values():
            disk.go.set()
        bench.recorder.close()


@pytest.fixture
def bench(new_bench):
    return new_bench()


def test_what_is_pushed_comes_out_again(bench):
    bench.recorder.begin()
    bench.show(0, 11)
    bench.close()
    assert bench.clips() == [list(range(11))]
    (path,) = bench.files()
    with path.open("rb") as file:
        verdict = verify(file, secrets)
        assert not verdict.torn
        assert findings(open_clip(file, secrets)) == []
    closed = bench.news[-1]
    assert (closed.kind, closed.length_s, closed.closed) == ("closed", 11 / RATE, verdict.closed)
    assert closed.size_bytes == path.stat().st_size
    assert bench.painters[0].closed


def test_the_state_tells_of_it(bench):
    assert not bench.recorder.recording.shows
    bench.recorder.begin()
    assert bench.recorder.recording.phase is READY
    assert bench.recorder.recording.shows
    bench.show(0, 2 * RATE + 1)
    state = bench.until(lambda s: s.safe_s == 2)
    assert (state.phase, state.content, state.folder, state.elsewhere) == (RECORDING, "full", bench.wanted, False)
    assert state.since == bench.began
    assert state.safe_bytes == bench.files()[0].stat().st_size
    bench.close()
    state = bench.recorder.recording
    assert (state.phase, state.since, state.message) == (OFF, None, "")
    assert state.safe_s == (2 * RATE + 1) / RATE
    assert state.safe_bytes == bench.files()[0].stat().st_size


def test_nothing_runs_and_nothing_is_written_before_it_begins(bench):
    bench.recorder.push(None, 0.0, None)
    bench.recorder.rest()
    bench.recorder.end()
    assert bench.recorder.close()
    assert bench.recorder.rate_hz == 0
    assert not bench.wanted.exists()


def test_frames_fall_onto_the_grid_of_its_rate(bench):
    """Those that come between are let go, and where none comes the last one stands."""
    bench.recorder.begin()
    for number, after_s in enumerate((0.0, 0.02, 0.25, 0.1, 0.9, 0.25)):
        bench.now_s += after_s
        bench.push(number)
    bench.close()
    assert bench.clips() == [[0, 2, 2, 2, 2, 4, 5]]


def test_a_frame_of_another_size_begins_another_clip(bench):
    bench.recorder.begin()
    bench.show(0, 5)
    bench.push(9, size=(32, 24))
    bench.close()
    assert bench.clips() == [[0, 1, 2, 3, 4], [9]]


def test_a_camera_that_was_away_begins_another_clip(bench):
    bench.recorder.begin()
    bench.show(0, 5)
    bench.recorder.rest()
    assert bench.until(lambda s: s.phase is READY).since is None
    bench.now_s += 1
    bench.show(5, 3)
    bench.now_s += 2.5
    bench.show(20, 2)
    bench.close()
    assert bench.clips() == [[0, 1, 2, 3, 4], [5, 6, 7], [20, 21]]


def test_a_camera_that_only_falls_silent_ends_the_clip_too(bench):
    bench.recorder.begin()
    bench.show(0, 5)
    bench.now_s += 2.5
    bench.until(lambda s: s.phase is READY)
    bench.close()
    assert bench.clips() == [[0, 1, 2, 3, 4]]


def test_around_an_event(new_bench):
    """Three seconds before, five after; what is before that stays in memory and is gone."""
    bench = new_bench()
    bench.recorder.begin("event")
    number = bench.show(0, 5 * RATE + 1)
    assert bench.recorder.recording.phase is READY
    assert not bench.wanted.exists()
    bench.push(number, event=True)
    assert bench.until(lambda s: s.phase is RECORDING).since == bench.began + timedelta(seconds=2)
    bench.now_s += 1 / RATE
    number = bench.show(number + 1, 8 * RATE)
    bench.until(lambda s: s.phase is READY)
    bench.close()
    (clip,) = bench.clips()
    assert clip == list(range(2 * RATE, 11 * RATE))
    assert bench.news[0].clip.why == "event"


def test_an_event_that_goes_on_keeps_its_clip_open(new_bench):
    bench = new_bench(settings=with_(pre_roll_s=0))
    bench.recorder.begin("event")
    number = bench.show(0, 2 * RATE)
    number = bench.show(number, 4 * RATE, event=True)
    bench.show(number, 9 * RATE)
    bench.close()
    assert [len(clip) for clip in bench.clips()] == [9 * RATE]  # from the second of the first one to 5 s after the last


def test_a_clip_tells_nothing_of_the_time_before_it(new_bench):
    bench = new_bench()
    bench.recorder.begin("event")
    bench.show(0, 40 * RATE)
    bench.push(3, event=True)
    bench.close()
    with bench.files()[0].open("rb") as file:
        content = open_clip(file, secrets).read()
    place = content.index(b"tfdt") + 4
    assert int.from_bytes(content[place + 4 : place + 12 if content[place] else place + 8], "big") == 0
    assert content[content.index(b"mfhd") + 4 :][4:8] == b"\0\0\0\1"


@pytest.mark.parametrize("limit", [{"split_min": 1}, {"split_mib": 8}])
def test_long_and_large_clips_are_split(new_bench, limit, monkeypatch):
    monkeypatch.setattr("posture.sinks.clips.MINUTE_S", 3.0)
    monkeypatch.setattr("posture.sinks.clips.MIB", 160)
    bench = new_bench(settings=with_(**limit))
    bench.recorder.begin()
    bench.show(0, 7 * RATE)
    bench.close()
    clips = bench.clips()
    assert len(clips) > 1
    assert [number for clip in clips for number in clip] == list(range(7 * RATE))
    if "split_min" in limit:
        assert [len(clip) for clip in clips] == [3 * RATE, 3 * RATE, RATE]


def test_at_midnight_another_clip_begins_for_the_key_of_the_new_day(new_bench):
    days = []

    def recipients(day):
        days.append(day.isoformat())
        return (SECRET.recipient,)

    bench = new_bench(recipients=recipients)
    bench.began = datetime(2026, 11, 28, 23, 59, 57, tzinfo=UTC)
    bench.recorder.begin()
    bench.show(0, 5 * RATE)
    bench.close()
    assert days == ["2026-11-28", "2026-11-29"]
    assert [len(clip) for clip in bench.clips()] == [3 * RATE, 2 * RATE]


def test_the_file_tells_the_day_and_not_the_hour(bench):
    bench.recorder.begin()
    bench.show(0, 3)
    bench.close()
    (path,) = bench.files()
    assert len(path.stem) == 16
    assert path.stat().st_mode & 0o077 == 0
    changed = datetime.fromtimestamp(path.stat().st_mtime).time()
    assert changed.hour == changed.minute == changed.second == 0


# What can go wrong with a disk.


def test_a_disk_that_takes_10_s_costs_nothing(bench):
    bench.recorder.begin()
    number = bench.show(0, 2 * RATE + 1)
    bench.until(lambda s: s.safe_s == 2)
    bench.disks[bench.wanted].go.clear()
    number = bench.show(number, 10 * RATE)
    assert bench.recorder.recording.safe_s == 2
    bench.disks[bench.wanted].go.set()
    bench.until(lambda s: s.safe_s == 12)
    bench.close()
    assert bench.clips() == [[n % 50 for n in range(number)]]
    assert not any(state.message or state.lost_s for state in bench.states)


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EROFS, errno.ESTALE, errno.ENODEV])
def test_a_disk_that_fails_midway(bench, error):
    """What was safe stays where it is, the rest goes into the spare folder, and the person hears of it once."""
    bench.recorder.begin()
    number = bench.show(0, 3 * RATE + 1)
    bench.until(lambda s: s.safe_s == 3)
    bench.disks[bench.wanted].error = error
    number = bench.show(number, 4 * RATE)
    state = bench.until(lambda s: s.elsewhere)
    assert state.phase is RECORDING
    assert str(bench.spare) in state.message
    assert state.folder == bench.spare
    bench.close()
    (kept,), (rest,) = bench.files(), bench.files(bench.spare)
    assert numbers(kept, recover=True) == list(range(3 * RATE))
    assert numbers(rest) == list(range(3 * RATE, number))
    assert len({state.message for state in bench.states} - {""}) == 1
    assert [news.kind for news in bench.news] == ["opened", "abandoned", "opened", "closed"]


def test_a_folder_that_cannot_be_written_from_the_start(bench):
    bench.disks[bench.wanted].error = errno.EACCES
    bench.recorder.begin()
    bench.show(0, 2 * RATE)
    bench.close()
    assert numbers(bench.files(bench.spare)[0]) == list(range(2 * RATE))
    assert not bench.files()


def test_the_wanted_folder_is_tried_again_with_the_next_clip(bench):
    bench.disks[bench.wanted].error = errno.EIO
    bench.recorder.begin()
    bench.show(0, 2 * RATE + 1)
    bench.until(lambda s: s.elsewhere)
    bench.disks[bench.wanted].error = None
    bench.recorder.rest()
    bench.now_s += 1
    bench.show(20, RATE + 1)
    state = bench.until(lambda s: s.safe_s > 3)
    assert (state.elsewhere, state.message) == (False, "")


def test_a_disk_that_never_answers_is_left_after_20_s(bench):
    bench.recorder.begin()
    number = bench.show(0, 2 * RATE + 1)
    bench.until(lambda s: s.safe_s == 2)
    bench.disks[bench.wanted].go.clear()
    number = bench.show(number, 23 * RATE)
    bench.until(lambda s: s.elsewhere and s.safe_s >= 24)
    assert "does not answer" in bench.recorder.recording.message
    bench.show(number, 1)
    bench.close()
    assert numbers(bench.files(bench.spare)[0]) == [n % 50 for n in range(2 * RATE, number + 1)]
    bench.disks[bench.wanted].go.set()
    assert not any(state.lost_s for state in bench.states)


def test_a_computer_that_slept_is_no_disk_that_does_not_answer(bench):
    bench.recorder.begin()
    number = bench.show(0, 2 * RATE + 1)
    bench.until(lambda s: s.safe_s == 2)
    bench.disks[bench.wanted].go.clear()
    number = bench.show(number, 2 * RATE)
    bench.now_s += 3600
    bench.push(number)
    bench.disks[bench.wanted].go.set()
    bench.close()
    assert not bench.spare.exists()
    assert bench.clips() == [list(range(number)), [number]]


def test_when_it_answers_again_its_clip_is_whole(bench):
    bench.recorder.begin()
    number = bench.show(0, 2 * RATE + 1)
    bench.until(lambda s: s.safe_s == 2)
    bench.disks[bench.wanted].go.clear()
    bench.show(number, 24 * RATE)
    stuck = bench.recorder._take.storage.places[0].stuck
    bench.disks[bench.wanted].go.set()
    stuck.join(10)
    assert numbers(bench.files()[0]) == list(range(3 * RATE))


def test_at_the_end_a_disk_that_does_not_answer_is_left_sooner(bench):
    bench.recorder.begin()
    bench.show(0, 2 * RATE)
    bench.disks[bench.wanted].go.clear()
    bench.show(2 * RATE, 2)
    bench.recorder.end()
    bench.now_s += 4
    bench.until(lambda s: s.phase is OFF)
    assert numbers(bench.files(bench.spare)[0])[-1] == 2 * RATE + 1


def test_what_no_disk_takes_is_let_go_and_counted(bench):
    """No place is left, and yet neither memory nor the pushing thread suffers."""
    bench.recorder.begin()
    number = bench.show(0, RATE + 1)
    bench.until(lambda s: s.safe_s == 1)
    for disk in bench.disks.values():
        disk.go.clear()
    number = bench.show(number, 38 * RATE)
    assert bench.recorder._take.storage.waiting_s <= 30 + 3 + 1
    for disk in bench.disks.values():
        disk.go.set()
    bench.show(number, 2 * RATE)
    assert bench.until(lambda s: s.lost_s > 0).phase is RECORDING


def test_without_a_disk_the_recording_stops_loudly(bench):
    for disk in bench.disks.values():
        disk.error = errno.ENOSPC
    bench.recorder.begin()
    bench.show(0, RATE + 1)
    state = bench.until(lambda s: s.phase is FAILED)
    assert "the recording stopped: no room" in state.message
    assert bench.recorder.rate_hz == 0
    bench.close()


def test_some_of_the_disk_is_left_free(bench):
    bench.recorder.begin()
    number = bench.show(0, 2 * RATE + 1)
    bench.until(lambda s: s.safe_s == 2)
    bench.free[bench.wanted] = 499_000_000
    bench.show(number, RATE)
    assert "is as good as full" in bench.until(lambda s: s.elsewhere).message
    bench.close()
    assert bench.clips() == [list(range(2 * RATE)), list(range(2 * RATE, number + RATE))]  # both whole


def test_recordings_stop_at_their_own_limit(new_bench):
    bench = new_bench(settings=with_(most_gib=200_000 / 2**30))
    bench.recorder.begin()
    bench.show(0, 40 * RATE)
    state = bench.until(lambda s: s.elsewhere)
    assert "recorder.most_gib" in state.message
    assert 200_000 <= sum(path.stat().st_size for path in bench.files()) < 250_000


# What else can go wrong.


def test_without_a_key_nothing_is_recorded(new_bench):
    def locked(day):
        raise Locked(f"no key for {day}; unlock the vault")

    bench = new_bench(recipients=locked)
    bench.recorder.begin()
    bench.show(0, RATE + 1)
    assert "no key for 2026-11-28; unlock" in bench.until(lambda s: s.phase is FAILED).message
    bench.close()
    assert not bench.files()
    assert not bench.files(bench.spare)


def test_nothing_is_recorded_unlogged(new_bench):
    def refused(news):
        raise LogDamaged("the log was altered")

    bench = new_bench(on_clip=refused)
    bench.recorder.begin()
    bench.show(0, RATE + 1)
    assert "the log was altered" in bench.until(lambda s: s.phase is FAILED).message


def test_what_is_said_of_a_clip_is_shown_and_it_goes_on(new_bench):
    bench = new_bench(on_clip=lambda news: "the catalogue is full")
    bench.recorder.begin()
    bench.show(0, RATE + 1)
    assert bench.until(lambda s: s.safe_s).message == "the catalogue is full"
    assert bench.recorder.recording.phase is RECORDING


def test_a_picture_that_cannot_be_made_ends_it_and_keeps_what_was_before(new_bench):
    class Failing(Plain):
        def __call__(self, frame, observation, number, size):
            if number == 2 * RATE:
                raise ModelError("no faces can be found")
            return super().__call__(frame, observation, number, size)

    bench = new_bench(painter=lambda content: Failing())
    bench.recorder.begin()
    bench.show(0, 2 * RATE + 1)
    assert "no faces can be found" in bench.until(lambda s: s.phase is FAILED).message
    bench.recorder.close()
    assert bench.clips() == [list(range(RATE))]


def test_it_can_be_begun_again_after_a_failure(new_bench):
    bench = new_bench()
    bench.disks[bench.wanted].error = bench.disks[bench.spare].error = errno.EIO
    bench.recorder.begin()
    bench.show(0, RATE + 1)
    bench.until(lambda s: s.phase is FAILED)
    bench.recorder.close()
    bench.disks[bench.wanted].error = None
    bench.recorder.begin(content="skeleton")
    assert (bench.recorder.recording.phase, bench.recorder.recording.content) == (READY, "skeleton")
    bench.show(10, 3)
    bench.close()
    assert numbers(bench.files()[0]) == [10, 11, 12]


def test_frames_that_come_faster_than_they_are_coded_are_let_go(new_bench):
    """`push` returns at once whatever the encode thread does."""
    go, inside = threading.Event(), threading.Event()

    class Slow(Plain):
        def __call__(self, frame, observation, number, size):
            inside.set()
            assert go.wait(20)
            return super().__call__(frame, observation, number, size)

    bench = new_bench(painter=lambda content: Slow())
    bench.recorder.begin()
    for number in range(10):
        bench.recorder.push(frame(number), bench.now_s, None)
        assert number or inside.wait(20)
        bench.now_s += 1 / RATE
    take = bench.recorder._take
    assert take.dropped == 5
    go.set()
    bench.close()
    assert bench.clips() == [[0, 0, 0, 0, 0, 0, 6, 7, 8, 9]]


def test_a_picture_that_takes_long_to_make_is_no_camera_that_was_away(new_bench):
    """Models are loaded with the first one, which may take seconds."""
    go, inside = threading.Event(), threading.Event()

    class Slow(Plain):
        def __call__(self, frame, observation, number, size):
            inside.set()
            assert go.wait(20)
            return super().__call__(frame, observation, number, size)

    bench = new_bench(painter=lambda content: Slow())
    bench.recorder.begin()
    for number in range(4 * RATE):
        bench.recorder.push(frame(number), bench.now_s, None)
        assert number or inside.wait(20)
        bench.now_s += 1 / RATE
    go.set()
    bench.close()
    (clip,) = bench.clips()
    assert len(clip) == 4 * RATE
    assert clip[-4:] == [12, 13, 14, 15]


def test_space_of_a_folder_that_is_not_there_yet(tmp_path):
    free, total = space(tmp_path / "a" / "b")
    assert 0 < free <= total
