"""What is monitored is recorded: at its own pace, with what was seen, and never beyond a pause."""

import msgspec
import numpy as np
import pytest
from recorded import Bench, numbers, secrets

from posture import config
from posture.data import Observation, Subject
from posture.ergonomics.iso11226 import assess
from posture.ergonomics.measure import measure
from posture.live.monitor import Pause
from posture.live.pace import pace
from posture.live.painting import Figures, Pictures, Redactions, painter
from posture.live.settings import LiveSettings
from posture.pose.settings import PoseSettings
from posture.privacy import figures
from posture.sinks.clipfile import System
from posture.sinks.recorder_settings import RecorderSettings
from posture.sinks.recording import Phase
from posture.sources.demo import DemoSource
from posture.sources.picture import Picture
from posture.vault import track
from posture.vault.clip import open_clip

WIDTH, HEIGHT = 640, 360
"""Of the pictures of `conftest`."""
RATE = 4
SMALL = RecorderSettings(content="full", rate=RATE, pre_roll_s=2)


@pytest.fixture
def filmed(new_scene, tmp_path):
    """A scene, and the bench whose recorder its monitor has, on one clock."""

    def make(recorder=SMALL, **more):
        bench = Bench(tmp_path, settings=recorder)
        settings = more.pop("settings", None) or config.Settings()
        settings = msgspec.structs.replace(settings, recorder=recorder)
        if more.pop("quick", False):
            quick = msgspec.structs.replace(settings.reminders, onset_s=2.0, cooldown_s=1000.0)
            settings = msgspec.structs.replace(settings, reminders=quick)
        scene = new_scene(recorder=bench.recorder, settings=settings, **more)
        seen, system = scene.seen, bench.recorder._system

        def settled(seconds=0.1, **more):
            snapshot = seen(seconds, **more)
            bench.settle()
            return snapshot

        scene.seen = settled
        bench.recorder._system = System(system.open, system.space, system.random, scene.clock)
        return scene, bench

    return make


def observations(path):
    with path.open("rb") as file:
        return list(track.read(open_clip(file, secrets)))


def test_pictures_and_poses_of_the_monitor_come_out_of_the_clip(filmed):
    scene, bench = filmed()
    scene.start()
    assert not scene.monitor.recording.shows
    scene.monitor.record()
    assert scene.monitor.recording.shows
    for _ in range(9):
        scene.seen(1 / RATE)
    snapshot = scene.until(lambda s: s.recording.safe_s >= 2)
    assert (snapshot.recording.phase, snapshot.recording.content) == (Phase.RECORDING, "full")
    scene.monitor.stop_recording()
    scene.until(lambda s: s.recording.phase is Phase.OFF)
    (path,) = bench.files()
    looks = observations(path)
    assert len(looks) == len(numbers(path)) == 9
    assert [round(one.time_s * RATE) for one in looks] == list(range(9))
    (person,) = looks[0].people
    np.testing.assert_allclose(person.pose.points_px, scene.sitter.points_px, rtol=1e-5, atol=1e-2)


def test_another_content_than_that_of_the_settings(filmed):
    scene, bench = filmed()
    scene.start()
    scene.monitor.record("skeleton")
    assert scene.monitor.recording.content == "skeleton"
    scene.seen(1 / RATE)
    scene.monitor.close()
    assert bench.news[-1].clip.content == "skeleton"


def test_every_frame_is_wanted_while_it_records_and_none_more_afterwards(filmed):
    scene, _ = filmed()
    scene.start()
    scene.until(lambda _: scene.camera.rates and scene.camera.rates[-1] == 1.0)
    scene.monitor.record()
    scene.until(lambda _: scene.camera.rates[-1] == RATE)
    scene.monitor.stop_recording()
    scene.until(lambda _: scene.camera.rates[-1] == 1.0)


def test_the_pace_of_a_recording():
    live = LiveSettings()
    rest = {"viewed": False, "calibrating": False, "cue": False, "alone_s": 0.0}
    assert pace(live, **rest, recorded_hz=10).rate_hz == 10
    assert pace(live, **rest, recorded_hz=10).every_frame
    assert pace(live, **{**rest, "cue": True}, recorded_hz=5).every_frame
    assert pace(live, **{**rest, "viewed": True}, recorded_hz=10).rate_hz == live.rate
    assert pace(live, **{**rest, "alone_s": 1e3}, recorded_hz=10).rate_hz == 10
    assert pace(live, **rest) == pace(live, **rest, recorded_hz=0.0)


def test_a_pause_ends_the_clip_and_nothing_is_recorded_until_it_ends(filmed):
    scene, bench = filmed()
    scene.start()
    scene.monitor.record()
    for _ in range(4):
        scene.seen(1 / RATE)
    scene.monitor.pause(Pause.PERSON)
    scene.until(lambda s: s.recording.phase is Phase.READY and s.recording.safe_s == 1)
    scene.clock.now += 30
    scene.monitor.resume(Pause.PERSON)
    scene.until(lambda _: len(scene.camera.sources) == 2)
    for _ in range(3):
        scene.seen(1 / RATE)
    scene.monitor.close()
    assert [len(clip) for clip in bench.clips()] == [4, 3]


def test_a_poor_posture_is_an_event(filmed):
    scene, bench = filmed(msgspec.structs.replace(SMALL, mode="event"), quick=True)
    scene.start()
    assert scene.monitor.recording.phase is Phase.READY
    scene.calibrate()
    assert not bench.wanted.exists()
    scene.slouch()
    scene.until(lambda s: s.recording.phase is Phase.RECORDING)
    scene.monitor.close()
    assert bench.news[0].clip.why == "event"
    widths = [np.ptp(one.people[0].pose.points_px[:, 0]) for one in observations(bench.news[0].path)]
    assert widths[-1] > 1.4 * widths[0], "the clip begins before the posture and ends with it"


def test_continuous_recording_begins_with_monitoring_and_ends_with_it(filmed):
    scene, bench = filmed(msgspec.structs.replace(SMALL, mode="continuous"))
    scene.start()
    scene.seen(1 / RATE)
    scene.until(lambda s: s.recording.phase is Phase.RECORDING)
    scene.monitor.close()
    assert scene.monitor.recording.phase is Phase.OFF
    assert len(bench.files()) == 1


def test_settings_take_effect_with_the_next_recording(filmed):
    scene, _ = filmed()
    scene.start()
    scene.monitor.settings = msgspec.structs.replace(
        scene.monitor.settings, recorder=msgspec.structs.replace(SMALL, content="skeleton", rate=8)
    )
    scene.monitor.record()
    scene.until(lambda _: scene.camera.rates[-1] == 8)
    assert scene.monitor.recording.content == "skeleton"


def test_without_a_recorder_nothing_happens(scene):
    scene.start()
    scene.monitor.record()
    scene.monitor.stop_recording()
    assert not scene.monitor.recording.shows
    assert scene.monitor.recording_error is None


def test_monitoring_goes_on_where_a_recording_cannot(filmed):
    scene, bench = filmed()
    bench.recorder._recipients = lambda day: ()
    for disk in bench.disks.values():
        disk.error = 28
    scene.start()
    scene.monitor.record()
    for _ in range(RATE + 1):
        scene.seen(1 / RATE)
    failed = scene.until(lambda s: s.recording.phase is Phase.FAILED)
    assert "the recording stopped" in failed.recording.message
    assert scene.seen(1 / RATE).observation is not None


# What a recording shows.


@pytest.fixture(scope="module")
def demo():
    return Picture(DemoSource(WIDTH, HEIGHT).render(0.0), index=0, time_s=0.0)


def observed(pose):
    measurements = measure(pose, WIDTH, HEIGHT)
    return Observation(0, 0.0, (Subject(pose, measurements, assess(measurements)),))


def test_figures_hold_nothing_of_the_picture(sitter, demo):
    size = WIDTH // 2, HEIGHT // 2
    ((drawn, number),) = Figures()(demo, observed(sitter), 7, size)
    black = Picture.of_rgb(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    ((same, _),) = Figures()(black, observed(sitter), 7, size)
    assert number == 7
    assert drawn.shape == (HEIGHT // 2, WIDTH // 2, 3)
    np.testing.assert_array_equal(drawn, same)
    shoulder = (sitter.points_px[11, :2] / 2).round().astype(int)
    assert tuple(drawn[shoulder[1], shoulder[0]]) != figures.GROUND
    ((nobody, _),) = Figures()(demo, Observation(0, 0.0), 7, size)
    assert (nobody == figures.GROUND).all()


def test_the_full_picture(demo):
    ((drawn, _),) = Pictures()(demo, None, 0, (WIDTH, HEIGHT))
    np.testing.assert_array_equal(drawn, demo.scaled(WIDTH, HEIGHT))


def test_a_redacted_picture_shows_no_face_and_waits_for_who_is_found_late(sitter):
    made = painter("faces-blurred", PoseSettings(model="lite"))
    assert isinstance(made, Redactions)
    source, pictures = DemoSource(WIDTH, HEIGHT), []
    frames = [Picture(source.render(n / 10), index=n, time_s=n / 10) for n in range(6)]
    for number, frame in enumerate(frames):
        pictures += made(frame, None, number, (WIDTH, HEIGHT))
    waited = len(frames) - len(pictures)
    pictures += made.rest()
    made.close()
    assert 0 < waited < len(frames)
    assert [number for _, number in pictures] == list(range(6))
    for (picture, _), frame in zip(pictures, frames, strict=True):
        before = frame.scaled(WIDTH, HEIGHT).astype(int)
        changed = (abs(picture.astype(int) - before).max(-1) > 12).mean()
        assert 0.002 < changed < 0.5, "a face, and not everything"


def test_a_background_is_removed_at_the_size_of_the_recording(demo):
    made = painter("background-removed", PoseSettings(model="lite"))
    pictures = [*made(demo, None, 0, (WIDTH // 2, HEIGHT // 2)), *made.rest()]
    made.close()
    ((picture, _),) = pictures
    assert picture.shape == (HEIGHT // 2, WIDTH // 2, 3)
    corner = picture[:20, :20].reshape(-1, 3)
    assert (corner == corner[0]).all()
