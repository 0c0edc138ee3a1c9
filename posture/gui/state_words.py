"""What the judge, the camera and the reminders say, in words for a person. The texts are marked for translation."""

from typing import NamedTuple

from posture.data import Reason
from posture.ergonomics.sitting import POOR, Doubt, Judgement, State
from posture.gui.theme import Verdict
from posture.gui.words import mark, tr
from posture.live.snapshot import Pause
from posture.reminders import Level, Prompt, Reminder, Silence


class Said(NamedTuple):
    """A title, and one sentence of advice or explanation."""

    title: str
    text: str


STATES = {
    State.GOOD: Said(mark("Good posture"), mark("You sit as you did at calibration.")),
    State.FORWARD_HEAD: Said(mark("Head forward"), mark("Bring the head back over the shoulders.")),
    State.SLUMP: Said(mark("Slumped"), mark("Sit up: lengthen the back, lift the chest.")),
    State.LEAN_LEFT: Said(mark("Leaning to your left"), mark("Put the weight on both sides.")),
    State.LEAN_RIGHT: Said(mark("Leaning to your right"), mark("Put the weight on both sides.")),
    State.SHOULDERS_RAISED: Said(mark("Shoulders raised"), mark("Let the shoulders drop.")),
    State.TOO_CLOSE: Said(mark("Too close to the screen"), mark("Move back a little.")),
    State.LOOKING_DOWN: Said(mark("Looking down"), mark("A glance down is fine; it is not judged.")),
    State.TURNED_AWAY: Said(mark("Turned away"), mark("Turned to the side; it is not judged.")),
    State.AWAY: Said(mark("Nobody in view"), mark("It goes on when you are back.")),
    State.STANDING: Said(mark("Standing"), mark("Standing is not judged as sitting.")),
    State.UNRELIABLE: Said(mark("Cannot judge now"), ""),
}

DOUBTS = {
    Doubt.NONE: "",
    Doubt.TURNED: mark("You are turned too far from the camera: face it, or calibrate with the camera beside you."),
    Doubt.TOO_DARK: mark("It is too dark to see you well: switch on a light in front of you."),
    Doubt.PARTLY_OUT: mark("You are partly out of view: move the camera, or yourself, until the shoulders are seen."),
    Doubt.SECOND_PERSON: mark("A second person is close by: wait until they have gone, or choose who is judged."),
    Doubt.CAMERA_MOVED: mark("The camera stands differently than at calibration."),
    Doubt.NOT_CALIBRATED: mark("Sit well and calibrate: it takes five seconds."),
    Doubt.LOW_CONFIDENCE: mark("The model is not sure where you are; more light or a plainer background helps."),
}

REASONS = {
    Reason.OUT_OF_PICTURE: mark("out of the picture"),
    Reason.LOW_VISIBILITY: mark("hidden or unclear"),
    Reason.WRONG_VIEW: mark("not measurable from here"),
    Reason.NOT_IN_LAYOUT: mark("not given by this model"),
    Reason.MEASURED: "",
}

PAUSES = {
    Pause.PERSON: mark("You paused. The camera is off."),
    Pause.LOCKED: mark("The screen is locked. The camera is off and comes back by itself."),
    Pause.SLEEP: mark("The computer slept. The camera comes back by itself."),
    Pause.SWITCHED: mark("Another account is in front. The camera is off."),
    Pause.BATTERY: mark("On battery. The camera is off, as the settings say."),
}

SILENCES = {
    Silence.NONE: "",
    Silence.ONSET: mark("A reminder comes if it stays so."),
    Silence.COOL_DOWN: mark("Just reminded; quiet for a while."),
    Silence.SNOOZED: mark("Reminders are snoozed."),
    Silence.MUTED: mark("Reminders are muted."),
    Silence.QUIET_HOURS: mark("Quiet hours: no reminders."),
    Silence.FULL_SCREEN: mark("Full screen: no reminders."),
    Silence.CALL: mark("In a call: no reminders."),
}

PROMPTS = {
    Prompt.BREAK: Said(mark("Time for a break"), mark("Stand up and move for five minutes.")),
    Prompt.STAND: Said(mark("Time to stand"), mark("Work standing for a while, if your desk allows it.")),
    Prompt.SIT: Said(mark("Time to sit"), mark("You have stood for a while.")),
    Prompt.RECALIBRATE: Said(mark("Calibrate again"), mark("Something changed since the calibration.")),
}

LEVELS = {
    Level.NONE: mark("No cue"),
    Level.TRAY: mark("Tray icon"),
    Level.EDGE: mark("Glow at the edge of the screen"),
    Level.DIM: mark("Dimmed screen"),
    Level.SOUND: mark("Sound"),
}


def said(judgement: Judgement) -> Said:
    """The state in words; where it cannot be judged, the reason."""
    title, text = STATES[judgement.state]
    return Said(tr(title), tr(text or DOUBTS[judgement.doubt] or mark("The reason is not known.")))


def verdict_of(state: State, reminder: Reminder | None = None) -> Verdict:
    """The shape of a state: an octagon once the person is told, a triangle while it may still pass."""
    if state in (State.GOOD, State.STANDING):
        return Verdict.GOOD
    if state not in POOR:
        return Verdict.NONE
    told = reminder is None or reminder.cue is not None or reminder.silence not in (Silence.NONE, Silence.ONSET)
    return Verdict.POOR if told else Verdict.FAIR
