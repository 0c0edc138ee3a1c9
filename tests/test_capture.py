"""The capture thread on a fake camera: an hour of trouble passes in a second, and comes out the same every time."""

import gc
import math
import os
import threading
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest

from posture.capture import RETRY_S, CameraState, Capture
from posture.channel import Channel
from posture.errors import VideoUnreadable
from posture.sources.camerastate import MESSAGES, View
from posture.sources.fakecamera import FakeCamera, Fault, Scripted
from posture.sources.film import of_pictures
from posture.sources.pace import Leaping

S = CameraState


@pytest.fixture(scope="module")
def film():
    random = np.random.default_rng(0)
    return of_pictures([random.integers(60, 200, (24, 32, 3), np.uint8) for _ in range(30)])


class Desk:
    """A capture on a fake camera, and all that it said: (moment, status) and (moment, captured)."""

    def __init__(self, film, *script, rate_hz=1.0, repeat=True, camera=None):
        self.time = Leaping()
        self.camera = camera or FakeCamera(film, script, self.time, self.time.wait, repeat=repeat)
        self.said, self.frames, self.lit = [], [], []
        self.channel = Channel.live()
        put = self.channel.put
        self.channel.put = lambda item: (self.frames.append((self.time(), item)), put(item))[1]
        self.capture = Capture(
            self.camera.open,
            self.channel,
            self.hears,
            self.time,
            wait=self.time.wait,
            presence=self.camera.presence,
        )
        self.capture.rate_hz = rate_hz

    def hears(self, status):
        self.said.append((self.time(), status))

    def run(self, until_s):
        """Start, and come back when it was closed at `until_s`."""
        self.time.at(until_s, self.capture.close)
        self.capture.start()
        self.joined()
        return self

    def joined(self):
        self.capture._thread.join(60)
        assert not self.capture._thread.is_alive()
        assert self.camera.lit == 0
        assert self.said[-1][1].state is S.CLOSED

    def states(self):
        """(moment, state) wherever the state changes."""
        found = [(at, status.state) for at, status in self.said]
        return [found[0], *(b for a, b in pairwise(found) if a[1] is not b[1])]

    def moments(self, state):
        return [at for at, found in self.states() if found is state]


def test_a_camera_that_runs_is_said_to_run_and_its_frames_come(film):
    desk = Desk(film).run(10)
    assert desk.states() == [(0, S.OPENING), (pytest.approx(0, abs=0.01), S.RUNNING), (10, S.CLOSED)]
    assert len(desk.frames) == 10
    status = desk.said[1][1]
    assert status.name == "pictures"
    assert status.info.kind == "camera"
    assert status.message == ""
    at, captured = desk.frames[5]
    assert captured.packet_s <= captured.decoded_s <= at
    assert at - captured.packet_s < 0.01
    assert captured.luma == pytest.approx(130, abs=15)
    assert captured.frame.index == 5


def test_a_camera_that_is_not_there_is_tried_at_2_5_10_and_30_seconds(film):
    desk = Desk(film, Scripted(Fault.UNPLUGGED, 0)).run(200)
    assert desk.states() == [(0, S.OPENING), (0, S.NONE), (200, S.CLOSED)]
    tries = [status.next_try_s for _, status in desk.said if status.state is S.NONE]
    assert tries == [2, 7, 17, 47, 77, 107, 137, 167, 197, 227]
    assert RETRY_S == (2, 5, 10, 30)
    assert "plug it in" in desk.said[1][1].message
    assert desk.frames == []


@pytest.mark.parametrize(("fault", "state"), [(Fault.BUSY, S.BUSY), (Fault.FORBIDDEN, S.PERMISSION)])
def test_busy_and_forbidden_are_states_of_their_own_and_are_tried_again(film, fault, state):
    desk = Desk(film, Scripted(fault, 0, 6.5)).run(20)
    assert [found for _, found in desk.states()] == [S.OPENING, state, S.RUNNING, S.CLOSED]
    assert desk.moments(S.RUNNING)[0] <= 7.6
    assert desk.said[1][1].message


@pytest.mark.parametrize("away_s", [0.02, 0.4, 1.0, 3.3, 17.9, 61.0, 3600.0])
def test_a_camera_that_comes_back_shows_a_picture_within_two_seconds(film, away_s):
    desk = Desk(film, Scripted(Fault.UNPLUGGED, 20, 20 + away_s)).run(20 + away_s + 10)
    assert [found for _, found in desk.states()] == [S.OPENING, S.RUNNING, S.LOST, S.RUNNING, S.CLOSED]
    lost, back = desk.moments(S.LOST)[0], desk.moments(S.RUNNING)[1]
    assert 20 <= lost <= 20.6
    assert 20 + away_s <= back <= 20 + away_s + 2
    first = next(at for at, _ in desk.frames if at > lost)
    assert first <= 20 + away_s + 2


def test_it_is_back_within_two_seconds_also_where_its_permissions_come_later(film):
    script = Scripted(Fault.UNPLUGGED, 20, 40.1), Scripted(Fault.FORBIDDEN, 30, 40.9)
    desk = Desk(film, *script).run(50)
    assert desk.moments(S.RUNNING)[1] <= 42.1


@pytest.mark.parametrize("part", range(10))
def test_the_same_where_the_list_does_not_show_permissions(film, part):
    back_s = 80 + part / 10
    desk = Desk(film, Scripted(Fault.UNPLUGGED, 20, back_s), Scripted(Fault.FORBIDDEN, 30, back_s + 0.4))
    desk.capture._presence = lambda: desk.camera.suffers(Fault.UNPLUGGED)
    desk.run(back_s + 10)
    assert desk.moments(S.RUNNING)[1] <= back_s + 2


def test_while_it_is_lost_the_list_is_looked_at_once_a_second_at_most(film):
    looks = []
    desk = Desk(film, Scripted(Fault.UNPLUGGED, 20, 120))
    presence = desk.camera.presence
    desk.capture._presence = lambda: looks.append(desk.time()) or presence()
    desk.run(130)
    lost = [at for at in looks if 22 < at < 119]
    assert len(lost) <= 105


def test_a_camera_that_opens_and_is_lost_at_once_is_not_tried_without_a_pause(film):
    pulls = [Scripted(Fault.UNPLUGGED, at / 100, at / 100 + 0.001) for at in range(0, 6000, 2)]
    desk = Desk(film, *pulls)
    desk.capture._presence = lambda: None  # a list that does not show it
    desk.run(60)
    assert desk.camera.openings <= 6


def test_silence_is_frozen_after_two_seconds_and_over_with_the_next_packet(film):
    desk = Desk(film, Scripted(Fault.STALLED, 10, 15)).run(20)
    assert [found for _, found in desk.states()] == [S.OPENING, S.RUNNING, S.FROZEN, S.RUNNING, S.CLOSED]
    frozen, back = desk.moments(S.FROZEN)[0], desk.moments(S.RUNNING)[1]
    assert 11.9 <= frozen <= 12.6
    assert 15 <= back <= 15.6
    assert desk.camera.openings == 1
    assert next(status for _, status in desk.said if status.state is S.FROZEN).message == MESSAGES[S.FROZEN]


def test_a_camera_that_stays_silent_is_opened_anew(film):
    desk = Desk(film, Scripted(Fault.STALLED, 10, 21)).run(30)
    assert S.LOST in [found for _, found in desk.states()]
    assert desk.camera.openings == 2
    assert desk.moments(S.RUNNING)[-1] <= 23


def test_a_silent_camera_that_left_the_list_is_lost_at_once(film):
    desk = Desk(film, Scripted(Fault.STALLED, 10, 60))
    presence = desk.camera.presence
    desk.capture._presence = lambda: "gone" if 10 < desk.time() < 14 else presence()
    desk.run(20)
    assert desk.moments(S.LOST)[0] <= 13.1


def test_always_the_same_packet_is_frozen_and_a_new_one_ends_it(film):
    desk = Desk(film, Scripted(Fault.FROZEN, 10, 15)).run(20)
    assert [found for _, found in desk.states()] == [S.OPENING, S.RUNNING, S.FROZEN, S.RUNNING, S.CLOSED]
    assert 12 <= desk.moments(S.FROZEN)[0] <= 13.1
    assert 15 <= desk.moments(S.RUNNING)[1] <= 16.1


def test_black_for_three_seconds_is_black_and_not_frozen(film):
    desk = Desk(film, Scripted(Fault.BLACK, 10, 15), Scripted(Fault.BLACK, 20, 22.5)).run(30)
    assert [found for _, found in desk.states()] == [S.OPENING, S.RUNNING, S.BLACK, S.RUNNING, S.CLOSED]
    assert 12.9 <= desk.moments(S.BLACK)[0] <= 14.1
    assert 15 <= desk.moments(S.RUNNING)[1] <= 16.1
    assert all(captured.luma < 16 for at, captured in desk.frames if 10.5 < at < 14.9)


def test_pictures_that_cannot_be_decoded_are_no_pictures(film):
    desk = Desk(film, Scripted(Fault.SPOILED, 10, 20)).run(30)
    assert [found for _, found in desk.states()] == [S.OPENING, S.RUNNING, S.FROZEN, S.RUNNING, S.CLOSED]


def test_another_format_and_a_clock_that_jumps_change_nothing_but_the_size(film):
    desk = Desk(film, Scripted(Fault.RESIZED, 5, 10), Scripted(Fault.CLOCK_JUMP, 12, 15, -1e5)).run(20)
    assert [found for _, found in desk.states()] == [S.OPENING, S.RUNNING, S.CLOSED]
    assert [status.info.width for _, status in desk.said[1:-1]] == [32, 16, 32]
    times = [captured.frame.time_s for _, captured in desk.frames]
    assert all(0.9 < b - a < 1.1 for a, b in pairwise(times))


def test_a_pause_closes_the_device_and_the_first_frame_after_it_is_new(film):
    desk = Desk(film, rate_hz=None)
    for at, action in ((5.0, desk.capture.pause), (5.001, lambda: None)):
        desk.time.at(at, action)
    closed = threading.Event()
    hears = desk.hears
    desk.capture._on_status = lambda status: (hears(status), status.state is S.CLOSED and closed.set())
    desk.capture.start()
    assert closed.wait(30)
    assert desk.camera.lit == 0
    count = len(desk.frames)
    assert all(at <= 5.0 for at, _ in desk.frames)
    assert not desk.channel._items, "a frame from before the pause waits for its reader"
    desk.time.wait(threading.Event(), 100.0)  # nobody else waits now: the thread rests without a limit
    desk.time.at(106.0, desk.capture.close)
    desk.capture.resume()
    desk.joined()
    assert desk.frames[count][1].packet_s >= 105
    assert desk.camera.openings == 2
    assert [found for _, found in desk.states()] == [S.OPENING, S.RUNNING, S.CLOSED, S.OPENING, S.RUNNING, S.CLOSED]


def test_when_pause_returns_the_light_is_off(film):
    camera = FakeCamera(film)
    running = threading.Event()
    capture = Capture(
        camera.open,
        Channel.live(),
        lambda status: status.state is S.RUNNING and running.set(),
        presence=camera.presence,
    )
    capture.start()
    for _ in range(20):
        assert running.wait(10)
        assert camera.lit == 1
        capture.pause()
        assert camera.lit == 0
        running.clear()
        capture.resume()
    capture.close()
    assert camera.lit == 0
    assert not capture._thread.is_alive()


def test_a_pause_while_the_camera_is_being_opened_closes_it_at_once(film):
    camera = FakeCamera(film)
    inside, go_on = threading.Event(), threading.Event()

    def slowly():
        inside.set()
        assert go_on.wait(10)
        return camera.open()

    channel = Channel.live()
    capture = Capture(slowly, channel, lambda status: None, presence=camera.presence)
    capture.start()
    assert inside.wait(10)
    pausing = threading.Thread(target=capture.pause)
    pausing.start()
    while not capture._paused:
        pass
    go_on.set()
    pausing.join(10)
    assert camera.lit == 0
    capture.close()
    assert list(channel) == []


def test_a_pause_ends_the_wait_for_a_camera_that_is_not_there(film):
    desk = Desk(film, Scripted(Fault.UNPLUGGED, 0))
    desk.time.at(30.0, desk.capture.pause)
    closed = threading.Event()
    hears = desk.hears
    desk.capture._on_status = lambda status: (hears(status), status.state is S.CLOSED and closed.set())
    desk.capture.start()
    assert closed.wait(30)
    assert desk.said[-1][0] == 30.0
    desk.time.at(33.0, desk.capture.close)
    desk.capture.resume()
    desk.joined()
    assert [status.next_try_s for at, status in desk.said if at >= 30 and not math.isnan(status.next_try_s)] == [32, 37]


def test_to_resume_what_runs_changes_nothing(film):
    desk = Desk(film)
    for at in range(1, 9):
        desk.time.at(at, desk.capture.resume)
    desk.run(10)
    assert desk.camera.openings == 1
    assert len(desk.frames) == pytest.approx(10, abs=1)


def test_the_rate_holds_for_the_camera_that_comes_next(film):
    desk = Desk(film, Scripted(Fault.UNPLUGGED, 10, 12), rate_hz=None)
    desk.time.at(11, lambda: setattr(desk.capture, "rate_hz", 2.0))
    desk.run(30)
    assert sum(at < 10 for at, _ in desk.frames) == pytest.approx(300, abs=3)
    assert sum(at > 15 for at, _ in desk.frames) == pytest.approx(30, abs=2)


def test_a_rate_that_rises_makes_nothing_look_frozen(film):
    time = Leaping()
    camera = FakeCamera(film, (), time, time.wait).open()
    camera.rate_hz = 0.1
    view = View(time())
    view.saw(camera.read(1.0), camera, time())
    assert camera.read(5.0) is None
    camera.rate_hz = 30.0  # between two looks
    assert view.state(camera, time()) is S.RUNNING
    view.saw(camera.read(1.0), camera, time())
    camera.close()
    camera.heard_s = camera.changed_s = time() + 3.0  # packets go on, but none becomes a frame
    assert view.state(camera, time() + 3.0) is S.FROZEN


def test_the_end_of_a_film_ends_the_channel(film):
    desk = Desk(film, rate_hz=None, repeat=False)
    desk.capture.start()
    desk.joined()
    *_, last = desk.channel
    assert last.frame.index == 29
    assert next(desk.channel, None) is None


def test_a_reader_who_stops_ends_it(film):
    desk = Desk(film)
    desk.time.at(5.0, desk.channel.stop)
    desk.capture.start()
    desk.joined()
    assert desk.time() <= 6.1


def test_an_error_that_is_none_of_a_camera_comes_out_of_the_channel(film, tmp_path):
    desk = Desk(film, camera=FakeCamera(tmp_path / "none.mp4"))
    desk.capture.start()
    with pytest.raises(VideoUnreadable, match="no such file"):
        next(desk.channel)
    desk.capture.close()
    assert not desk.capture._thread.is_alive()


def test_close_may_come_twice_and_before_the_start(film):
    capture = Desk(film).capture
    capture.close()
    capture.close()
    capture.start()
    capture._thread.join(10)
    assert not capture._thread.is_alive()


def test_a_thousand_losses_leave_nothing_behind():
    slow = of_pictures([np.full((24, 32, 3), 100 + n, np.uint8) for n in range(8)], frame_rate=4)
    pulls = [Scripted(Fault.UNPLUGGED, 4 * n + 2, 4 * n + 3) for n in range(1100)]
    desk = Desk(slow, *pulls)
    threads, measured = threading.active_count(), []

    def measure():
        desk.said.clear(), desk.frames.clear()
        gc.collect()
        handles = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
        measured.append((threading.active_count(), handles, tracemalloc.get_traced_memory()[0]))

    for cycle in (100, 1100):
        desk.time.at(4 * cycle + 1, measure)
    tracemalloc.start()
    try:
        desk.run(4410)
    finally:
        tracemalloc.stop()
    assert desk.camera.openings >= 1000
    (threads_early, handles_early, memory_early), (threads_late, handles_late, memory_late) = measured
    assert threads_late == threads_early <= threads + 1
    assert handles_late == handles_early
    assert memory_late - memory_early < 64 * 1024
    assert threading.active_count() <= threads  # those of earlier tests may end meanwhile
