"""What `posture live --no-window` prints: one JSON object a line, for programs to read.

    started, camera, calibration, recording, state, reminder, heartbeat, ended

Every line has `schema`, `kind` and `time` (local, ISO 8601). A `state` line comes when the judgement changes, a
`reminder` line when a cue or a prompt begins, changes or ends, a `heartbeat` every ten seconds. What is not known is
null.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from posture.ergonomics.sitting import Judgement
from posture.live.snapshot import Phase, Snapshot
from posture.sinks.recording import Recording
from posture.sinks.today import Today

SCHEMA = "posture.live/1"
HEARTBEAT_S = 10.0

Line = dict[str, Any]


class Lines:
    """Turns snapshots into lines. Holds what was said last."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """`now`: the local wall clock, aware."""
        self._now = now
        self._said: dict[str, object] = {}
        self._beat: datetime | None = None

    def started(self, **what: object) -> Line:
        """The first line."""
        return self._line("started", what)

    def ended(self, code: int, today: Today) -> Line:
        """The last one."""
        return self._line("ended", {"exit": code, "today": summary(today)})

    def of(self, snapshot: Snapshot, today: Callable[[], Today]) -> Iterator[Line]:
        """What is new with this snapshot; `today` is asked for heartbeats alone."""
        camera, calibration, judgement = snapshot.camera, snapshot.calibration, snapshot.judgement
        if camera is not None and self._new("camera", (camera.state, camera.message)):
            yield self._line("camera", {"state": camera.state, "message": camera.message})
        if calibration is not None:
            done = calibration.baseline is not None
            state = "done" if done else "failed" if calibration.failed else "under_way"
            if self._new("calibration", (calibration.begun_s, state, calibration.quality)):
                yield self._line("calibration", {"state": state, "quality": calibration.quality})
        recording = snapshot.recording
        if self._new("recording", (recording.phase, recording.message)):
            about = {"content": recording.content, "safe_s": recording.safe_s, "message": recording.message}
            yield self._line("recording", {"phase": recording.phase, **about})
        if self._new("state", (snapshot.phase, judgement and (judgement.state, judgement.doubt, judgement.profile))):
            yield self._line("state", {"phase": snapshot.phase, **_judged(judgement), "message": snapshot.message})
        reminder = snapshot.reminder
        if self._new("reminder", (reminder.cue, reminder.prompt)) or reminder.fired:
            shown = {"cue": reminder.cue, "level": reminder.level, "begins": reminder.fired, "prompt": reminder.prompt}
            yield self._line("reminder", shown)
        now = self._now()
        if self._beat is None or (now - self._beat).total_seconds() >= HEARTBEAT_S:
            self._beat = now
            yield self._line("heartbeat", {"phase": snapshot.phase, **_figures(snapshot), "today": summary(today())})

    def _new(self, kind: str, what: object) -> bool:
        before, self._said[kind] = self._said.get(kind, _silence(kind)), what
        return what != before

    def _line(self, kind: str, what: Mapping[str, object]) -> Line:
        time = self._now().isoformat(timespec="milliseconds")
        return {"schema": SCHEMA, "kind": kind, "time": time, **{name: _plain(value) for name, value in what.items()}}


def summary(today: Today) -> Line:
    """The day in numbers; the score is null where too little was judged."""
    return {
        "score": _plain(today.score),
        "judged_s": round(today.judged_s, 1),
        "excluded_s": round(today.excluded_s, 1),
        "seconds": {str(state): round(seconds, 1) for state, seconds in today.seconds.items()},
        "longest_sitting_s": round(today.longest_sitting_s, 1),
        "breaks": today.breaks,
        "reminders": today.reminders,
    }


def _judged(judgement: Judgement | None) -> dict[str, object]:
    if judgement is None:
        return {"state": None, "doubt": None, "profile": None, "deviations": []}
    deviations = [
        {"name": one.name, "value": _plain(one.value), "limit": _plain(one.limit), "unit": one.unit}
        for one in judgement.deviations
    ]
    return {
        "state": judgement.state,
        "doubt": judgement.doubt,
        "profile": judgement.profile or None,
        "deviations": deviations,
    }


def _figures(snapshot: Snapshot) -> dict[str, object]:
    figures = snapshot.figures
    state = snapshot.judgement.state if snapshot.judgement else None
    return {
        "state": state,
        "fps_in": figures.fps_in,
        "fps_done": figures.fps_done,
        "fps_target": figures.fps_target,
        "dropped": figures.dropped,
        "limited_by": figures.limited_by or None,
        "provider": figures.provider or None,
    }


def _silence(kind: str) -> object:
    """What counts as said before anything was."""
    before: dict[str, object] = {
        "reminder": (None, None),
        "state": (Phase.STOPPED, None),
        "recording": (Recording().phase, ""),
    }
    return before.get(kind)


def _plain(value: object) -> object:
    """As JSON has it: no NaN, three decimals."""
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else None
    return value
