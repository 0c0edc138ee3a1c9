"""Each state has a title, a sentence and the actions that help; nothing wrong is shown as well."""

import math
from dataclasses import replace

import pytest
from played import moment, sitter, told

from posture.capture import CameraState, CameraStatus
from posture.ergonomics.sitting import POOR, Doubt, State
from posture.gui import state_words
from posture.gui.condition import ACTIONS, Action, Notices, condition
from posture.gui.theme import Verdict
from posture.live.snapshot import Figures, Pause, Phase, Snapshot
from posture.reminders import Prompt, Reminder, Silence


def waiting(state, next_try_s=math.nan):
    return Snapshot(Phase.CAMERA, camera=CameraStatus(state, 0.0, next_try_s=next_try_s))


@pytest.mark.parametrize(
    ("snapshot", "title", "actions"),
    [
        (Snapshot(Phase.STOPPED), "The camera is off", (Action.START, Action.DEMO)),
        (Snapshot(Phase.PAUSED, frozenset({Pause.PERSON})), "Paused", (Action.RESUME,)),
        (Snapshot(Phase.PAUSED, frozenset({Pause.LOCKED})), "Paused", ()),
        (Snapshot(Phase.PAUSED, frozenset({Pause.BATTERY})), "Paused", (Action.RESUME,)),
        (Snapshot(Phase.FAILED, message="wrong hash"), "Monitoring has stopped", (Action.START, Action.DETAILS)),
        (waiting(CameraState.NONE), "No camera found", (Action.PICK, Action.DEMO)),
        (waiting(CameraState.BUSY), "The camera is used by another program", (Action.PICK,)),
        (waiting(CameraState.PERMISSION), "The camera may not be used", (Action.SYSTEM, Action.RESTART)),
        (waiting(CameraState.LOST), "The camera went away", (Action.PICK,)),
        (moment(camera=CameraState.BLACK), "The picture is black", (Action.IGNORE,)),
        (waiting(CameraState.FROZEN), "The picture stands still", (Action.RESTART, Action.PICK)),
        (moment(State.UNRELIABLE, doubt=Doubt.TURNED), "Cannot judge now", (Action.CALIBRATE,)),
        (moment(State.UNRELIABLE, doubt=Doubt.NOT_CALIBRATED), "Not calibrated yet", (Action.CALIBRATE,)),
        (moment(State.AWAY, poses=()), "Nobody in view", ()),
        (moment(poses=(sitter(), sitter(2))), "Good posture", (Action.CHOOSE,)),
        (
            moment(State.UNRELIABLE, doubt=Doubt.SECOND_PERSON, poses=(sitter(), sitter(2))),
            "Cannot judge now",
            (Action.CHOOSE, Action.CALIBRATE),
        ),
    ],
)
def test_what_is_said_and_offered(qapp, snapshot, title, actions):
    said = condition(snapshot, 0.0)
    assert (said.title, said.actions) == (title, actions)
    assert said.text


def test_the_reason_of_a_failure_is_told_and_nothing_looks_good(qapp):
    said = condition(Snapshot(Phase.FAILED, message="expected abc, found def"), 0.0)
    assert said.text == "expected abc, found def"
    assert said.verdict is Verdict.POOR


def test_the_next_try_counts_down(qapp):
    assert "Next try in 5 s." in condition(waiting(CameraState.BUSY, 105.0), 100.2).text
    assert "Next try in 0 s." in condition(waiting(CameraState.BUSY, 105.0), 106.0).text
    assert "Next try" not in condition(waiting(CameraState.BUSY), 100.0).text


def test_a_black_picture_can_be_ignored(qapp):
    said = condition(moment(camera=CameraState.BLACK), 0.0, dark_ignored=True)
    assert said.title == "Good posture"


def test_a_posture_is_a_triangle_until_the_person_is_told(qapp):
    onset = moment(State.SLUMP, reminder=Reminder(silence=Silence.ONSET))
    assert condition(onset, 0.0).verdict is Verdict.FAIR
    assert condition(moment(State.SLUMP, reminder=told(State.SLUMP)), 0.0).verdict is Verdict.POOR
    muted = condition(moment(State.SLUMP, reminder=Reminder(silence=Silence.MUTED)), 0.0)
    assert muted.verdict is Verdict.POOR
    assert "muted" in muted.text


def test_recalibration_comes_before_the_posture(qapp):
    said = condition(moment(State.SLUMP, reminder=Reminder(prompt=Prompt.RECALIBRATE)), 0.0)
    assert said.actions == (Action.CALIBRATE,)


@pytest.mark.parametrize("state", State)
def test_only_what_is_good_is_shown_as_good(qapp, state):
    verdict = state_words.verdict_of(state)
    assert (verdict is Verdict.GOOD) == (state in (State.GOOD, State.STANDING))
    assert (verdict in (Verdict.FAIR, Verdict.POOR)) == (state in POOR)


def test_every_noun_has_words(qapp):
    assert set(state_words.STATES) == set(State)
    assert set(state_words.DOUBTS) == set(Doubt)
    assert set(state_words.PAUSES) == set(Pause)
    assert set(state_words.SILENCES) == set(Silence)
    assert set(state_words.PROMPTS) == set(Prompt)
    assert set(ACTIONS) == set(Action)


def test_a_low_rate_is_said_after_five_seconds_and_only_where_more_was_wanted(qapp):
    notices = Notices()
    slow = replace(moment(), figures=Figures(30.0, 6.0, 30.0))
    assert notices.of(slow, 0.0) == ""
    assert notices.of(slow, 4.9) == ""
    assert "6.0 poses a second" in notices.of(slow, 5.0)
    assert notices.of(moment(), 6.0) == ""
    assert notices.of(slow, 7.0) == ""
    economy = replace(moment(), figures=Figures(1.0, 1.0, 1.0))
    assert Notices().of(economy, 0.0) == Notices().of(economy, 9.0) == ""


def test_a_provider_that_fell_back_says_why(qapp):
    snapshot = replace(moment(), figures=Figures(30.0, 30.0, 30.0, fallback_reason="old driver"))
    assert "old driver" in Notices().of(snapshot, 0.0)
