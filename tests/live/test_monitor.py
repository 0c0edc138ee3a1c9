import threading

import msgspec
import numpy as np
import pytest

from posture import config
from posture.audit.events import Event
from posture.capture import CameraState
from posture.ergonomics.sitting import Doubt, State
from posture.errors import CameraBusy, CameraLost, Locked, LogDamaged, ModelError, SinkError
from posture.live import threads
from posture.live.profiles import Profiles
from posture.live.snapshot import Pause, Phase
from posture.live.threads import loaded
from posture.reminders import Level, Silence
from posture.sinks.archive import Archive, connect
from posture.sinks.history import History

VIEW = (320, 180)


def nothing_is_left(snapshot):
    return (
        snapshot.picture is None
        and snapshot.observation is None
        and snapshot.judgement is None
        and snapshot.captured is None
        and snapshot.reminder.cue is None
    )


def test_from_a_picture_to_a_judgement(scene):
    first = scene.start()
    assert first.judgement.doubt is Doubt.NOT_CALIBRATED
    assert first.observation.people[0].pose is scene.sitter
    assert first.picture is None
    done = scene.calibrate()
    assert done.calibration.progress == 1.0
    good = scene.seen(1.0)
    assert (good.judgement.state, good.judgement.profile) == (State.GOOD, "desk")
    assert [profile.name for profile in scene.monitor.profiles] == ["desk"]


def test_a_poor_posture_brings_a_cue_and_sitting_well_takes_it_away_within_200_ms(scene):
    scene.start()
    scene.calibrate()
    cue = scene.slouch()
    assert (cue.judgement.state, cue.reminder.cue, cue.reminder.level) == (State.TOO_CLOSE, State.TOO_CLOSE, Level.EDGE)
    scene.model.poses = [scene.sitter]
    began = scene.clock.now
    while scene.seen(0.1, motion=1.0).reminder.cue is not None:
        assert scene.clock.now - began < 1.0
    assert scene.clock.now - began <= 0.2 + 1e-9


@pytest.mark.parametrize("why", Pause)
def test_after_a_pause_nothing_is_left(scene, why):
    scene.monitor.view = VIEW
    scene.start()
    scene.calibrate()
    assert scene.slouch().picture is not None
    scene.monitor.pause(why)
    paused = scene.monitor.latest()
    assert paused.phase is Phase.PAUSED
    assert paused.pauses == {why}
    assert nothing_is_left(paused)
    scene.until(lambda _: scene.monitor.dark)
    assert scene.camera.lit == 0


def test_the_picture_is_gone_before_a_slow_device_has_closed(scene):
    told = []

    def wake():
        with scene.woken:
            told.append((scene.monitor.latest().phase, scene.camera.lit))
            scene.woken.notify_all()

    scene.start()
    scene.camera.closes.clear()
    scene.monitor.on_wake = wake
    scene.monitor.latest()  # what the last consumer was woken for
    scene.monitor.pause(Pause.PERSON)
    with scene.woken:
        scene.woken.wait_for(lambda: (Phase.PAUSED, 1) in told, 1.0)  # `pause` of the capture thread waits for 2 s
    assert (Phase.PAUSED, 1) in told
    scene.camera.closes.set()
    scene.until(lambda _: scene.monitor.dark)


def test_a_frame_that_was_in_the_model_when_the_pause_came_is_thrown_away(scene):
    scene.monitor.view = VIEW
    scene.start()
    scene.model.go.clear()
    scene.model.entered.clear()
    scene.show(0.1)
    assert scene.model.entered.wait(10)
    scene.monitor.pause(Pause.LOCKED)
    scene.model.go.set()
    scene.until(lambda _: scene.monitor.dark)
    for _ in range(20):
        assert nothing_is_left(scene.monitor.latest())
        with scene.woken:
            scene.woken.wait(0.005)


def test_it_goes_on_when_the_last_pause_ends(scene):
    scene.start()
    scene.monitor.pause(Pause.LOCKED)
    scene.monitor.pause(Pause.BATTERY)
    scene.until(lambda _: scene.monitor.dark)
    scene.monitor.resume(Pause.LOCKED)
    assert scene.monitor.latest().phase is Phase.PAUSED
    scene.monitor.resume(Pause.BATTERY)
    scene.until(lambda _: scene.camera.lit == 1)
    scene.show()
    scene.until(lambda s: s.phase is Phase.RUNNING and s.judgement is not None)
    assert scene.model.forgotten == 1, "nobody of those before the pause is expected after it"


def test_a_pause_that_is_over_at_once_opens_the_camera_anew(scene):
    scene.start()
    scene.monitor.pause(Pause.PERSON)
    scene.monitor.resume(Pause.PERSON)
    scene.until(lambda _: len(scene.camera.sources) == 2)
    assert scene.camera.lit == 1


def test_a_pause_before_the_start_keeps_the_camera_closed(scene):
    scene.monitor.pause(Pause.LOCKED)
    scene.monitor.start()
    scene.until(lambda s: s.phase is Phase.PAUSED)
    assert scene.camera.sources == []


def test_closing_leaves_nothing_and_ends_every_thread(scene):
    before = set(threading.enumerate())
    scene.monitor.view = VIEW
    scene.start()
    scene.calibrate()
    scene.slouch()
    scene.monitor.close()
    last = scene.monitor.latest()
    assert last.phase is Phase.STOPPED
    assert nothing_is_left(last)
    assert scene.camera.lit == 0
    assert scene.model.closed.is_set()
    assert set(threading.enumerate()) <= before
    scene.monitor.close()


def test_it_can_be_started_again(scene):
    scene.start()
    scene.calibrate()
    scene.monitor.close()
    scene.start()
    assert scene.seen(1.0).judgement.profile == "desk"
    scene.monitor.start()
    assert len(scene.camera.sources) == 2


def test_a_lost_camera_takes_everything_away_and_is_opened_again(scene):
    scene.monitor.view = VIEW
    scene.start()
    scene.calibrate()
    scene.slouch()
    scene.camera.errors.append(CameraBusy("hand: another program has it"))
    scene.camera.fail(CameraLost("hand: it was unplugged"))
    lost = scene.until(lambda s: s.phase is Phase.CAMERA)
    assert nothing_is_left(lost)
    assert lost.camera.state is CameraState.LOST
    assert lost.message == "hand: it was unplugged"
    scene.clock.now += 2.5
    scene.until(lambda s: s.camera.state is CameraState.BUSY)
    scene.clock.now += 10.0
    scene.until(lambda _: scene.camera.lit == 1)
    scene.model.poses = [scene.sitter]
    scene.show()
    back = scene.until(lambda s: s.phase is Phase.RUNNING and s.captured is not None)
    assert back.message == ""


def test_a_model_that_fails_is_said_and_the_camera_is_closed(scene):
    scene.start()
    scene.model.error = ModelError("the model failed on cpu: broken")
    scene.show(1.0)
    failed = scene.until(lambda s: s.phase is Phase.FAILED)
    assert failed.message == "the model failed on cpu: broken"
    assert nothing_is_left(failed)
    scene.until(lambda _: scene.camera.lit == 0)
    scene.model.error = None
    scene.start()


def test_a_model_that_cannot_be_loaded_is_said(new_scene):
    def refused(settings):
        raise ModelError("pose_landmark_full: found another hash")

    scene = new_scene(estimator=refused)
    scene.monitor.start()
    assert scene.until(lambda s: s.phase is Phase.FAILED).message == "pose_landmark_full: found another hash"
    assert scene.camera.lit == 0


def test_a_defect_in_a_thread_is_never_silent(scene):
    scene.start()
    scene.model.error = ZeroDivisionError("oops")
    scene.show(1.0)
    message = scene.until(lambda s: s.phase is Phase.FAILED).message
    assert "internal error" in message
    assert "posture doctor" in message


def test_a_model_that_hangs_shows_no_old_skeleton_and_is_said(scene):
    scene.monitor.view = VIEW
    scene.start()
    assert scene.seen().observation is not None
    scene.model.go.clear()
    scene.model.entered.clear()
    scene.show(0.1)
    assert scene.model.entered.wait(10)
    scene.clock.now += 3.0
    assert scene.until(nothing_is_left).phase is Phase.RUNNING
    scene.clock.now += scene.monitor.settings.live.call_limit_s
    failed = scene.until(lambda s: s.phase is Phase.FAILED)
    assert "does not end" in failed.message
    scene.until(lambda _: scene.camera.lit == 0)


def hung(scene):
    """Monitoring stopped, because a call of the model does not end; it still does not."""
    scene.start()
    scene.model.go.clear()
    scene.model.entered.clear()
    scene.show(0.1)
    assert scene.model.entered.wait(10)
    scene.clock.now += 10.0
    scene.until(lambda s: s.phase is Phase.FAILED)


def test_a_start_after_a_failure_waits_for_nobody_and_begins_when_the_old_threads_have_ended(scene):
    hung(scene)
    scene.monitor.start()
    assert scene.monitor.newest.phase is Phase.STARTING
    scene.monitor.start()
    assert len(scene.camera.sources) == 1
    scene.model.go.set()
    scene.until(lambda _: len(scene.camera.sources) == 2)
    assert scene.seen().phase is Phase.RUNNING


def test_old_threads_that_do_not_end_are_said_and_can_be_asked_again(scene, monkeypatch):
    hung(scene)
    monkeypatch.setattr(threads, "CLOSE_S", 0.01)
    for _ in range(2):
        scene.monitor.start()
        assert "does not end" in scene.until(lambda s: s.phase is Phase.FAILED).message
    scene.model.go.set()
    monkeypatch.undo()
    scene.start()
    assert len(scene.camera.sources) == 2


def test_another_scene_is_told_to_the_model(scene):
    scene.start()
    before = scene.model.forgotten
    scene.seen()
    assert scene.model.forgotten == before
    scene.seen(pixels=np.ascontiguousarray(255 - scene.camera.pixels))
    assert scene.model.forgotten == before + 1
    scene.seen(pixels=np.ascontiguousarray(255 - scene.camera.pixels))
    assert scene.model.forgotten == before + 1


def test_a_real_model_call_that_is_ended_at_its_limit_is_said(new_scene):
    settings = msgspec.structs.replace(config.Settings(), live=config.LiveSettings(call_limit_s=1.0))
    models = []
    scene = new_scene(settings=settings, estimator=lambda s: models.append(loaded(s)) or models[-1])
    scene.start()
    for session in (models[0]._finder.runs, models[0]._eyes.runs):
        assert session._watchdog.limit_s == 1.0
        session._watchdog.expired = True  # what the watchdog does at the limit, without waiting for it
    models[0].close()
    scene.show(2.0)
    assert "call_limit_s = 1 s" in scene.until(lambda s: s.phase is Phase.FAILED).message


def test_an_audit_log_that_cannot_be_written_stops_monitoring(new_scene):
    def refused(event):
        raise LogDamaged("the audit log was cut")

    scene = new_scene(record=refused)
    scene.monitor.start()
    failed = scene.until(lambda s: s.phase is Phase.FAILED)
    assert failed.message == "the audit log was cut"
    scene.until(lambda _: scene.camera.lit == 0)


def test_opening_and_closing_the_camera_is_logged(new_scene):
    events = []
    scene = new_scene(record=events.append)
    scene.start()
    scene.monitor.pause(Pause.PERSON)
    scene.until(lambda _: scene.monitor.dark)
    scene.monitor.resume(Pause.PERSON)
    scene.until(lambda _: scene.camera.lit == 1)
    scene.monitor.close()
    assert events == [Event.CAMERA_OPENED, Event.CAMERA_CLOSED] * 2


def test_a_slow_audit_log_holds_up_nothing(new_scene):
    release, entered = threading.Event(), threading.Event()

    def slow(event):
        entered.set()
        assert release.wait(20)

    scene = new_scene(record=slow)
    scene.start()
    assert entered.wait(10)
    assert scene.seen(1.0).judgement is not None
    release.set()


def test_a_history_that_cannot_be_written_is_said_and_left(new_scene):
    class Full(History):
        def add(self, *arguments, **more):
            raise SinkError("the history cannot be written: full")

    scene = new_scene(history=Full())
    scene.start()
    said = scene.until(lambda s: s.message)
    assert said.message == "the history cannot be written: full"
    assert scene.seen(1.0).phase is Phase.RUNNING


def test_no_key_for_the_history_is_said_and_it_goes_on_in_memory(new_scene):
    class NoKey:
        at_hand = None

        def recipients(self, day):
            raise Locked("there is no key for the history: unlock the vault once")

        def expire(self, today, keep_days):
            return lambda key_id: True

    archive = Archive(connect(), NoKey())
    scene = new_scene(history=History(lambda: archive))
    scene.start()
    scene.calibrate()
    for _ in range(90):
        scene.seen(1.0)
    assert scene.until(lambda s: s.message).message == "there is no key for the history: unlock the vault once"
    scene.monitor.close()
    assert scene.monitor.today().seconds[State.GOOD] == pytest.approx(89.0, abs=3.0)
    assert scene.monitor.days(1)[0].known.good_s == scene.monitor.today().good_s


def test_the_history_gets_what_is_judged(new_scene):
    scene = new_scene(history=History())
    scene.start()
    scene.calibrate()
    for _ in range(30):
        scene.seen(1.0)
    scene.monitor.close()
    today = scene.monitor.today()
    assert today.seconds[State.GOOD] == pytest.approx(29.0, abs=2.0)
    assert today.score is None


def test_undo_and_use_of_profiles(scene):
    scene.start()
    scene.calibrate("one")
    scene.calibrate("two")
    assert scene.seen(1.0).judgement.profile == "two"
    scene.monitor.use_profile("one")
    assert scene.seen(1.0).judgement.profile == "one"
    scene.monitor.undo_calibration()
    assert [profile.name for profile in scene.monitor.profiles] == ["one"]
    scene.monitor.rename_profile("one", "home")
    assert scene.seen(1.0).judgement.profile == "home"
    scene.monitor.delete_profile("home")
    assert scene.seen(1.0).judgement.doubt is Doubt.NOT_CALIBRATED


def test_calibrations_go_to_the_disk_only_when_asked_for(new_scene, tmp_path):
    path = tmp_path / "profiles.json"
    scene = new_scene(profiles=Profiles(path))
    scene.start()
    scene.calibrate()
    scene.monitor.close()
    assert not path.exists()
    scene.start()
    scene.monitor.remember_profiles(True)
    scene.monitor.close()
    assert path.exists()
    scene.start()
    scene.monitor.remember_profiles(False)
    scene.monitor.close()
    assert not path.exists()


@pytest.mark.parametrize(("quiet", "silence"), [("mute", Silence.MUTED), ("snooze", Silence.SNOOZED)])
def test_mute_and_snooze_take_the_cue_away_at_once(scene, quiet, silence):
    scene.start()
    scene.calibrate()
    scene.slouch()
    now = scene.monitor.surroundings().now
    if quiet == "mute":
        scene.monitor.mute(True)
    else:
        scene.monitor.snooze(now.replace(year=now.year + 1))
    reminder = scene.monitor.latest().reminder
    assert (reminder.cue, reminder.silence) == (None, silence)
    assert scene.seen(0.1).reminder.silence is silence


def test_a_view_gets_pictures_of_its_size_and_hiding_takes_them_away(scene):
    scene.monitor.view = VIEW
    scene.start()
    sharp = scene.seen()
    assert sharp.picture.shape == (180, 320, 4)
    scene.monitor.mode = "blurred"
    assert scene.monitor.latest().picture is None, "the sharp picture is gone at once"
    blurred = scene.seen()
    assert blurred.picture.shape == (180, 320, 4)
    detail = [np.abs(np.diff(p.astype(int), axis=1)).mean() for p in (sharp.picture, blurred.picture)]
    assert detail[1] < detail[0] / 2
    for mode in ("skeleton", "hidden"):
        scene.monitor.mode = mode
        snapshot = scene.seen(2.0)
        assert snapshot.picture is None
        assert snapshot.observation is not None
    scene.monitor.mode = "video"
    scene.monitor.view = None
    assert scene.seen(2.0).picture is None


def test_without_a_view_the_camera_is_asked_for_one_picture_a_second(scene):
    scene.start()
    scene.until(lambda _: scene.camera.rates[-1] == 1.0)
    scene.monitor.view = VIEW
    scene.until(lambda _: scene.camera.rates[-1] is None)
    scene.monitor.mode = "hidden"
    scene.until(lambda _: scene.camera.rates[-1] == 1.0)
    scene.monitor.calibrate("front", "desk")
    scene.until(lambda _: scene.camera.rates[-1] == 10.0)
    assert scene.monitor.latest().figures.limited_by == "economy"


def test_while_a_cue_shows_only_movement_goes_through_the_model(scene):
    scene.start()
    scene.calibrate()
    scene.slouch()
    scene.until(lambda _: scene.camera.rates[-1] == 10.0)
    calls = scene.model.calls
    for _ in range(5):
        scene.show(0.1, motion=0.0)
    assert scene.seen(0.1, motion=0.9).reminder.cue is not None
    assert scene.model.calls == calls + 1
    assert scene.seen(1.0, motion=0.0), "a judgement is due every second all the same"


def test_nobody_for_a_minute_is_away_mode(scene):
    scene.monitor.view = VIEW
    scene.start()
    scene.until(lambda _: scene.camera.rates[-1] is None)
    scene.model.poses = []
    for _ in range(61):
        scene.seen(1.0)
    scene.until(lambda _: scene.camera.rates[-1] == 1.0)
    scene.model.poses = [scene.sitter]
    scene.seen(1.0)
    scene.until(lambda _: scene.camera.rates[-1] is None)


def test_the_figures_count_paints(scene):
    scene.monitor.view = VIEW
    scene.start()
    for _ in range(20):
        snapshot = scene.seen(0.05)
        scene.clock.now += 0.02
        scene.monitor.painted(snapshot)
        scene.monitor.painted(snapshot)
    figures = scene.seen(0.6).figures
    assert figures.decoded_to_paint_p50_ms == pytest.approx(20.0)
    assert figures.decoded_to_paint_p95_ms == pytest.approx(20.0)
    assert figures.provider == "cpu"


def test_another_model_is_loaded_when_the_settings_change(new_scene, sitter):
    loaded = []
    scene = new_scene(estimator=lambda settings: loaded.append(settings.pose.model) or scene.model)
    scene.start()
    pose = msgspec.structs.replace(scene.monitor.settings.pose, model="lite")
    scene.monitor.settings = msgspec.structs.replace(scene.monitor.settings, pose=pose)
    scene.seen(1.0)
    assert loaded == ["full", "lite"]


def test_a_profile_holds_for_its_camera(scene):
    scene.start()
    scene.calibrate()
    assert scene.seen(1.0).judgement.state is State.GOOD
    scene.monitor.pause(Pause.PERSON)
    scene.until(lambda _: scene.monitor.dark)
    scene.camera.id = "usb-2"
    scene.monitor.resume(Pause.PERSON)
    scene.until(lambda _: scene.camera.lit == 1)
    assert scene.seen(1.0).judgement.doubt is Doubt.NOT_CALIBRATED
    assert scene.monitor.here == ()
    scene.calibrate("by the window")
    assert [(one.name, one.camera) for one in scene.monitor.profiles] == [("desk", "usb-1"), ("by the window", "usb-2")]
    assert scene.seen(1.0).judgement.profile == "by the window"


def test_two_cameras_calibrated_under_one_name_keep_a_profile_each(scene):
    scene.start()
    scene.calibrate()
    for camera in ("usb-2", "usb-1"):
        scene.monitor.pause(Pause.PERSON)
        scene.until(lambda _: scene.monitor.dark)
        scene.camera.id = camera
        scene.monitor.resume(Pause.PERSON)
        scene.until(lambda _: scene.camera.lit == 1)
        if camera == "usb-2":
            assert scene.seen(1.0).judgement.doubt is Doubt.NOT_CALIBRATED
            scene.calibrate()
        assert scene.seen(1.0).judgement.state is State.GOOD
        assert [(one.name, one.camera) for one in scene.monitor.here] == [("desk", camera)]
    assert [one.camera for one in scene.monitor.profiles] == ["usb-1", "usb-2"]
    scene.monitor.use_profile("desk")
    assert scene.seen(1.0).judgement.state is State.GOOD


def test_a_profile_holds_for_its_screens(scene):
    scene.monitor.screens = "two"
    scene.start()
    scene.calibrate()
    scene.monitor.screens = "one"
    assert scene.seen(1.0).judgement.doubt is Doubt.NOT_CALIBRATED
    scene.monitor.screens = "two"
    assert scene.seen(1.0).judgement.profile == "desk"
    scene.monitor.screens = ""
    assert scene.seen(1.0).judgement.profile == "desk", "without a desktop nobody knows the screens"


def test_another_camera_begins_a_calibration_anew(scene):
    scene.start()
    scene.monitor.calibrate("front", "desk")
    while scene.seen().calibration.progress < 0.5:
        pass
    scene.camera.id = "usb-2"
    scene.monitor.pause(Pause.PERSON)
    scene.monitor.resume(Pause.PERSON)
    scene.until(lambda _: scene.camera.lit == 1 and len(scene.camera.sources) == 2)
    assert scene.seen().calibration.progress < 0.5


@pytest.mark.parametrize(("asleep_s", "cue"), [(5.0, State.TOO_CLOSE), (30.0, None)])
def test_whoever_was_away_in_sleep_is_not_reminded_of_what_was_before(new_scene, asleep_s, cue):
    asleep = [0.0]
    scene = new_scene(since_start=lambda: asleep[0])
    scene.start()
    scene.calibrate()
    scene.slouch()
    scene.monitor.pause(Pause.SLEEP)
    scene.until(lambda _: scene.monitor.dark)
    asleep[0] += asleep_s  # and the clock of the frames stands still
    scene.monitor.resume(Pause.SLEEP)
    scene.until(lambda _: scene.camera.lit == 1)
    for _ in range(12):
        poor = scene.seen()
    assert poor.judgement.state is State.TOO_CLOSE
    assert poor.reminder.cue is cue


def test_whoever_stands_at_a_place_to_stand_at_stands(scene):
    scene.start()
    scene.calibrate("high table", standing=True)
    assert scene.seen(1.0).judgement.standing
    scene.calibrate("desk")
    assert not scene.seen(1.0).judgement.standing
