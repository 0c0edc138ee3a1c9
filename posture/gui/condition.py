"""What is the matter, in one title, one sentence and the actions that help: from a snapshot, a pure function."""

import math
import sys
from dataclasses import dataclass
from enum import StrEnum

from posture.capture import CameraState, CameraStatus
from posture.ergonomics.sitting import Doubt, State
from posture.gui import state_words
from posture.gui.theme import Verdict
from posture.gui.words import duration, mark, number, tr
from posture.live.snapshot import Pause, Phase, Snapshot
from posture.reminders import Prompt

LOW_FPS = 10.0
"""Fewer poses a second than this, for `LOW_FPS_S`, and the window says so."""
LOW_FPS_S = 5.0
SINCE_S = 60.0
"""From then on the banner says how long a state has lasted."""


class Action(StrEnum):
    """What a button of the banner does."""

    START = "start"
    RESUME = "resume"
    CALIBRATE = "calibrate"
    CHOOSE = "choose"
    PICK = "pick"
    DEMO = "demo"
    SYSTEM = "system"
    IGNORE = "ignore"
    RESTART = "restart"
    DETAILS = "details"


ACTIONS = {
    Action.START: mark("Start"),
    Action.RESUME: mark("Resume"),
    Action.CALIBRATE: mark("Calibrate…"),
    Action.CHOOSE: mark("Choose…"),
    Action.PICK: mark("Pick another camera"),
    Action.DEMO: mark("Try without camera"),
    Action.SYSTEM: mark("Open system settings"),
    Action.IGNORE: mark("Ignore"),
    Action.RESTART: mark("Restart the camera"),
    Action.DETAILS: mark("Details"),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """What the banner says. `central`: there is no picture, so it stands in the middle of its place."""

    verdict: Verdict
    title: str
    text: str
    actions: tuple[Action, ...] = ()
    central: bool = False


def condition(snapshot: Snapshot, now_s: float, *, dark_ignored: bool = False) -> Condition:
    """What to tell the person; `now_s` on the monotonic clock."""
    by_phase = {
        Phase.STOPPED: lambda: _central(
            tr("The camera is off"), tr("Nothing is seen and nothing is saved until you press Start."),
            Action.START, Action.DEMO,
        ),
        Phase.STARTING: lambda: _central(tr("Starting"), tr("Loading the model and opening the camera …")),
        Phase.CALIBRATING: lambda: Condition(Verdict.NONE, tr("Calibrating"), tr("Keep still.")),
        Phase.PAUSED: lambda: _paused(snapshot),
        Phase.FAILED: lambda: _failed(snapshot),
        Phase.CAMERA: lambda: _camera(snapshot.camera, now_s),
    }  # fmt: skip
    if snapshot.phase in by_phase:
        return by_phase[snapshot.phase]()
    state = snapshot.camera.state if snapshot.camera else None
    if state is CameraState.BLACK and not dark_ignored:
        text = tr("Is the lens covered, or the room dark? With some cameras a black picture means too little power.")
        return Condition(Verdict.FAIR, tr("The picture is black"), text, (Action.IGNORE,))
    return _sitting(snapshot)


def _central(title: str, text: str, *actions: Action, verdict: Verdict = Verdict.NONE) -> Condition:
    return Condition(verdict, title, text, actions, central=True)


def _paused(snapshot: Snapshot) -> Condition:
    order = (Pause.PERSON, Pause.LOCKED, Pause.SLEEP, Pause.SWITCHED, Pause.BATTERY)
    why = next((pause for pause in order if pause in snapshot.pauses), Pause.PERSON)
    actions = (Action.RESUME,) if why in (Pause.PERSON, Pause.BATTERY) else ()
    return _central(tr("Paused"), tr(state_words.PAUSES[why]), *actions)


def _failed(snapshot: Snapshot) -> Condition:
    text = snapshot.message or tr("Monitoring ended with an error.")
    return _central(tr("Monitoring has stopped"), text, Action.START, Action.DETAILS, verdict=Verdict.POOR)


def _camera(status: CameraStatus | None, now_s: float) -> Condition:
    state = status.state if status else CameraState.OPENING
    again = _again(status.next_try_s - now_s) if status else ""
    if state is CameraState.NONE:
        text = tr("Plug one in; it is found by itself.")
        return _central(tr("No camera found"), f"{text} {again}".strip(), Action.PICK, Action.DEMO)
    if state is CameraState.BUSY:
        text = tr("We wait, and go on when it is free.")
        return _central(tr("The camera is used by another program"), f"{text} {again}".strip(), Action.PICK)
    if state is CameraState.PERMISSION:
        return _central(
            tr("The camera may not be used"), _permission(), Action.SYSTEM, Action.RESTART, verdict=Verdict.FAIR
        )
    if state is CameraState.LOST:
        text = tr("Was it unplugged? It goes on by itself when it is back.")
        return _central(tr("The camera went away"), f"{text} {again}".strip(), Action.PICK)
    if state is CameraState.FROZEN:
        text = tr("The camera sends the same picture again and again, or none. Nothing is judged.")
        return _central(tr("The picture stands still"), text, Action.RESTART, Action.PICK, verdict=Verdict.FAIR)
    return _central(tr("Waiting for the camera"), again)


def _again(seconds: float) -> str:
    if math.isnan(seconds):
        return ""
    return tr("Next try in {seconds} s.", seconds=max(0, math.ceil(seconds)))


def _permission() -> str:
    if sys.platform == "darwin":
        return tr("System Settings → Privacy & Security → Camera: allow posture, then come back.")
    if sys.platform == "win32":
        return tr("Settings → Privacy & security → Camera: allow desktop apps, then come back.")
    return tr("Your account may not read the camera: an administrator adds it to the group “video”.")


def _sitting(snapshot: Snapshot) -> Condition:
    judgement = snapshot.judgement
    if judgement is None:
        return Condition(Verdict.NONE, tr("Looking"), tr("The first pictures are on their way."))
    title, text = state_words.said(judgement)
    if judgement.doubt is Doubt.NOT_CALIBRATED:
        return Condition(Verdict.NONE, tr("Not calibrated yet"), text, (Action.CALIBRATE,))
    if judgement.recalibrate or snapshot.reminder.prompt is Prompt.RECALIBRATE:
        title, text = (tr(words) for words in state_words.PROMPTS[Prompt.RECALIBRATE])
        why = tr(state_words.DOUBTS[judgement.doubt]) if judgement.doubt is not Doubt.NONE else text
        return Condition(Verdict.FAIR, title, why, (Action.CALIBRATE,))
    seen = snapshot.observation
    beside = len(seen.people) + seen.others - (judgement.person is not None) if seen else 0
    choose = (Action.CHOOSE,) if seen and beside and seen.people else ()
    anew = judgement.doubt in (Doubt.SECOND_PERSON, Doubt.TURNED)
    actions = (*choose, Action.CALIBRATE) if anew else choose
    verdict = state_words.verdict_of(judgement.state, snapshot.reminder)
    silence = tr(state_words.SILENCES[snapshot.reminder.silence]) if verdict in (Verdict.FAIR, Verdict.POOR) else ""
    crowd = tr("Others are in view and are not judged.") if beside and judgement.state is State.GOOD else ""
    return Condition(verdict, title, " ".join(filter(None, (text, silence, crowd, _since(snapshot)))), actions)


def _since(snapshot: Snapshot) -> str:
    """For how long the state has lasted, once that is worth a word."""
    if snapshot.judgement is None or snapshot.observation is None:
        return ""
    lasted_s = snapshot.observation.time_s - snapshot.judgement.since_s
    return tr("For {time}.", time=duration(lasted_s)) if lasted_s >= SINCE_S else ""


class Notices:
    """What is worth a line beside the state: the model runs on a slower provider, the rate is too low."""

    def __init__(self) -> None:
        self._slow_since_s = math.nan

    def of(self, snapshot: Snapshot, now_s: float) -> str:
        """One sentence, or nothing."""
        figures = snapshot.figures
        slow = snapshot.phase is Phase.RUNNING and figures.fps_done < LOW_FPS <= figures.fps_target
        if not slow:
            self._slow_since_s = math.nan
        elif math.isnan(self._slow_since_s):
            self._slow_since_s = now_s
        if slow and now_s - self._slow_since_s >= LOW_FPS_S:
            fps = number(figures.fps_done, 1)
            return tr("Only {fps} poses a second: the model “lite” or a lower rate (Settings) helps.", fps=fps)
        if figures.fallback_reason and snapshot.phase is Phase.RUNNING:
            return tr("The graphics processor is not used: {reason}", reason=figures.fallback_reason)
        prompt = snapshot.reminder.prompt
        if prompt is not None and prompt is not Prompt.RECALIBRATE:
            title, text = state_words.PROMPTS[prompt]
            return f"{tr(title)}. {tr(text)}"
        return ""
