import json
import math
from datetime import datetime, timedelta, timezone

from posture.capture import CameraState, CameraStatus
from posture.ergonomics.calibration import Calibration
from posture.ergonomics.sitting import Deviation, Doubt, Judgement, State
from posture.live.lines import SCHEMA, Lines
from posture.live.snapshot import Phase, Snapshot
from posture.reminders import Level, Prompt, Reminder
from posture.sinks.recording import Phase as Doing
from posture.sinks.recording import Recording
from posture.sinks.today import Today


class Talk:
    def __init__(self):
        self.now = datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=1)))
        self.lines = Lines(lambda: self.now)

    def kinds(self, snapshot):
        lines = list(self.lines.of(snapshot, Today))
        for line in lines:
            assert json.loads(json.dumps(line, allow_nan=False))["schema"] == SCHEMA
            assert line["time"] == self.now.isoformat(timespec="milliseconds")
        return [line["kind"] for line in lines]


def running(state=State.GOOD, **more):
    deviations = (Deviation("head_drop", math.nan, 4.0, "cm"),)
    return Snapshot(Phase.RUNNING, judgement=Judgement(state, Doubt.NONE, 1.0, deviations=deviations), **more)


def test_one_line_for_each_change_and_a_heartbeat_every_ten_seconds():
    talk = Talk()
    assert talk.kinds(running()) == ["state", "heartbeat"]
    assert talk.kinds(running()) == []
    assert talk.kinds(running(State.SLUMP)) == ["state"]
    talk.now += timedelta(seconds=9.9)
    assert talk.kinds(running(State.SLUMP)) == []
    talk.now += timedelta(seconds=0.1)
    assert talk.kinds(running(State.SLUMP)) == ["heartbeat"]


def test_a_reminder_begins_goes_on_and_ends():
    talk = Talk()
    talk.kinds(running())
    begins = Reminder(State.SLUMP, Level.EDGE, fired=True)
    assert talk.kinds(running(reminder=begins)) == ["reminder"]
    assert talk.kinds(running(reminder=Reminder(State.SLUMP, Level.EDGE))) == []
    assert talk.kinds(running(reminder=begins)) == ["reminder"], "after the cool-down it begins again"
    assert talk.kinds(running()) == ["reminder"]
    assert talk.kinds(running(reminder=Reminder(prompt=Prompt.BREAK))) == ["reminder"]


def test_camera_and_calibration_are_told():
    talk = Talk()
    lost = CameraStatus(CameraState.LOST, 0.0, message="it was unplugged")
    assert talk.kinds(Snapshot(Phase.CAMERA, camera=lost)) == ["camera", "state", "heartbeat"]
    assert talk.kinds(Snapshot(Phase.CAMERA, camera=lost)) == []
    asked = Calibration(begun_s=1.0, seat=None, quality=("too_dark",))
    assert talk.kinds(Snapshot(Phase.CALIBRATING, camera=lost, calibration=asked)) == ["calibration", "state"]


def test_what_is_not_known_is_null():
    line = next(iter(Talk().lines.of(running(), Today)))
    assert line["deviations"] == [{"name": "head_drop", "value": None, "limit": 4.0, "unit": "cm"}]


def test_a_recording_is_said_when_it_begins_and_when_something_is_wrong():
    talk = Talk()

    def said(phase, **more):
        snapshot = Snapshot(Phase.RUNNING, recording=Recording(phase, "full", **more))
        return [line for line in talk.lines.of(snapshot, Today) if line["kind"] == "recording"]

    assert said(Doing.OFF) == []
    (line,) = said(Doing.RECORDING)
    assert (line["phase"], line["content"], line["message"]) == ("recording", "full", "")
    assert said(Doing.RECORDING, safe_s=3.0) == []
    assert said(Doing.FAILED, message="no room")[0]["message"] == "no room"
    assert said(Doing.OFF)[0]["phase"] == "off"
