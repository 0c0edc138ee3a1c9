"""One run of a scenario: sitter, camera, judge and reminders at one frame rate, and what is wrong about it."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import msgspec
import numpy as np
from scenario_file import Scenario, Segment
from sitter_camera import Studio

from posture import reminders
from posture.data import Subject
from posture.ergonomics import calibration, desk
from posture.ergonomics.baseline import Profile
from posture.ergonomics.iso11226 import assess
from posture.ergonomics.measure import measure
from posture.ergonomics.sitting import POOR, Doubt, Judgement, Look

WINDOW_S = 3.0
"""A reminder that is due must begin within this time after the onset delay."""
JITTER = 0.2
"""Looks come this share of their interval early or late."""
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=1)))
CALIBRATING, LOST, PAUSED = "calibrating", "camera_lost", "paused"


class Moment(NamedTuple):
    """What was said at one look."""

    t: float
    state: str
    doubt: str
    reminder: reminders.Reminder


class Row(msgspec.Struct):
    """One segment at one frame rate."""

    t_s: tuple[float, float]
    note: str
    expect: tuple[str, ...]
    actual: dict[str, float]
    """State to share of the looks after settling."""
    doubts: dict[str, float]
    reminders: list[float]
    """When they began."""
    recalibrate: bool
    """Whether calibrating anew was proposed."""
    cue_s: float
    """How long a cue was shown."""
    problems: list[str]
    ok: bool


class Played(msgspec.Struct):
    """One run."""

    fps: float
    segments: list[Row]
    moments: list[Moment]


def play(scenario: Scenario, fps: float) -> Played:
    """Play a scenario at `fps` looks a second."""
    moments = list(_moments(scenario, fps))
    rows = [_row(scenario, segment, moments) for segment in scenario.timeline]
    return Played(fps, rows, moments)


def _moments(scenario: Scenario, fps: float) -> Iterator[Moment]:
    rng = np.random.default_rng([scenario.seed, round(fps * 1000)])
    studio, monitor = Studio(scenario, rng), _Monitor(scenario)
    before = scenario.timeline[0]
    for number, segment in enumerate(scenario.timeline):
        for t in _times(segment.t_s, fps, rng):
            yield monitor.at(t, _looked(studio, scenario, before, segment, t, number), segment)
        before = segment


def _times(span: tuple[float, float], fps: float, rng: np.random.Generator) -> list[float]:
    """Uneven times of looks, strictly increasing within the span."""
    begin, end = span
    steps = np.arange(math.ceil(begin * fps), math.ceil(end * fps))
    times = (steps + 0.5 + rng.uniform(-JITTER, JITTER, len(steps))) / fps
    return [float(t) for t in times if begin <= t < end]


def _looked(studio: Studio, scenario: Scenario, before: Segment, now: Segment, t: float, number: int) -> Look | None:
    """What the camera gives; None while it is away or closed."""
    if now.camera.unplugged or now.system.rests:
        return None
    share = min(1.0, (t - now.t_s[0]) / scenario.blend_s) if scenario.blend_s > 0 else 1.0
    luma = scenario.camera.luma if now.camera.luma is None else now.camera.luma
    camera = studio.camera_at(before, now, share)
    poses = list(studio.others(now, t, camera, luma, 1000 * (number + 1)))
    if now.person.present:
        pose = studio.sitter(before.person, now.person, share, camera, luma, 1)
        poses += [pose] if pose else []
    people = []
    for pose in poses:
        measured = measure(pose, camera.width, camera.height)
        people.append(Subject(pose, measured, assess(measured)))
    return Look(tuple(people), camera.width, camera.height, luma, studio.shift(camera, luma))


class _Monitor:
    """What stands between looks and judge in the program: calibration first, and nothing while there is no camera."""

    def __init__(self, scenario: Scenario) -> None:
        self._first = scenario.timeline[0]
        self._desk, self._settings = scenario.desk, scenario.reminders
        begin, end = self._first.t_s
        countdown = max(0.0, end - begin - calibration.HOLD_S - 1.0)
        self._calibration = calibration.begin(begin + countdown)
        self._state = desk.start()
        self._memory = reminders.start()

    def at(self, t: float, look: Look | None, segment: Segment) -> Moment:
        """One look, or none."""
        judgement, state = self._judged(t, look, segment)
        surroundings = reminders.Surroundings(
            NOON + timedelta(seconds=t), segment.system.full_screen, segment.system.in_call
        )
        reminder, self._memory = reminders.step(judgement, self._memory, self._settings, surroundings, t)
        return Moment(t, state, judgement.doubt if judgement else Doubt.NONE, reminder)

    def _judged(self, t: float, look: Look | None, segment: Segment) -> tuple[Judgement | None, str]:
        if look is None:
            return None, PAUSED if segment.system.rests else LOST
        if self._calibration.baseline is None and not self._calibration.failed:
            self._calibrate(t, look)
        if segment is self._first or (self._calibration.baseline is None and not self._calibration.failed):
            return None, CALIBRATING
        judgement, self._state = desk.judge(look, self._state, self._desk, t)
        return judgement, judgement.state

    def _calibrate(self, t: float, look: Look) -> None:
        if t < self._calibration.begun_s:
            return
        self._calibration = calibration.step(look, self._calibration, t, self._desk)
        if self._calibration.baseline is not None:
            baseline, standing = self._calibration.baseline, self._first.person.standing
            profile = Profile(name="desk", seat=baseline.seat, baseline=baseline, standing=standing)
            self._state = desk.calibrated(self._state, profile)


def _row(scenario: Scenario, segment: Segment, moments: Sequence[Moment]) -> Row:
    begin, end = segment.t_s
    inside = [moment for moment in moments if begin <= moment.t < end]
    settled = [moment for moment in inside if moment.t >= begin + scenario.settle_s] or inside[-1:]
    began = [moment.t for moment in inside if moment.reminder.fired]
    problems = []
    if wrong := sorted({moment.state for moment in settled} - set(segment.expect)):
        problems.append(f"state {' and '.join(wrong)}")
    problems += _reminder_problems(scenario, segment, began)
    if any(moment.reminder.cue is not None and moment.state not in POOR for moment in inside):
        problems.append("a cue without poor posture")
    shown = sum(moment.reminder.cue is not None for moment in inside) / max(len(inside), 1) * (end - begin)
    return Row(
        t_s=segment.t_s, note=segment.note, expect=segment.expect,
        actual=_shares(moment.state for moment in settled),
        doubts=_shares(moment.doubt for moment in settled if moment.doubt != Doubt.NONE),
        reminders=[round(t, 2) for t in began],
        recalibrate=any(moment.reminder.prompt is reminders.Prompt.RECALIBRATE for moment in inside),
        cue_s=round(shown, 2), problems=problems, ok=not problems,
    )  # fmt: skip


def _reminder_problems(scenario: Scenario, segment: Segment, began: list[float]) -> list[str]:
    """What is wrong with the reminders of a segment; one that comes again after the cool-down is right."""
    first = segment.t_s[0] + scenario.reminders.onset_s
    last = first + WINDOW_S
    if segment.reminder is False:
        return ["false reminder"] * len(began)
    if segment.reminder is None:
        return []
    problems = ["false reminder"] * sum(t < first for t in began)
    return problems + ([] if any(first <= t <= last for t in began) else ["missed reminder"])


def _shares(names: Iterator[str]) -> dict[str, float]:
    count = Counter(str(name) for name in names)
    return {name: round(number / sum(count.values()), 4) for name, number in count.most_common()}


def verdict(scenario: Scenario, runs: Sequence[Played]) -> dict[str, Any]:
    """The summary of all runs."""
    problems = [problem for run in runs for row in run.segments for problem in row.problems]
    wrong = sum(any(not p.endswith("reminder") for p in row.problems) for run in runs for row in run.segments)
    return {
        "ok": not problems,
        "seed": scenario.seed,
        "segments": len(scenario.timeline),
        "wrong_segments": wrong,
        "false_reminders": problems.count("false reminder"),
        "missed_reminders": problems.count("missed reminder"),
        "reminders": sum(len(row.reminders) for run in runs for row in run.segments),
        "rates": [
            {"fps": run.fps, "ok": all(row.ok for row in run.segments), "segments": run.segments} for run in runs
        ],
    }


LINE_PX, WIDTH_PX, LEFT_PX = 14, 1200, 130


def plot(scenario: Scenario, runs: Sequence[Played]) -> str:
    """States over time as SVG: a row a state, a band a frame rate; reminders are triangles, grey is expected."""
    names = sorted(
        {moment.state for run in runs for moment in run.moments} | {n for s in scenario.timeline for n in s.expect}
    )
    begin, end = scenario.timeline[0].t_s[0], scenario.timeline[-1].t_s[1]
    height = LINE_PX * (len(names) + 2)

    def x(t: float) -> float:
        return LEFT_PX + (t - begin) / (end - begin) * (WIDTH_PX - LEFT_PX - 10)

    parts = []
    for number, run in enumerate(runs):
        top = number * height
        parts.append(f'<text x="4" y="{top + 11}" font-weight="bold">{run.fps:g} fps</text>')
        for row, name in enumerate(names, start=1):
            parts.append(f'<text x="4" y="{top + row * LINE_PX + 11}">{escape(name)}</text>')
        for segment in scenario.timeline:
            for name in segment.expect:
                y, (left, right) = top + (names.index(name) + 1) * LINE_PX, map(x, segment.t_s)
                parts.append(f'<rect x="{left:.1f}" y="{y}" width="{right - left:.1f}" height="12" fill="#ddd"/>')
        for state, since, until in _stretches(run.moments):
            y = top + (names.index(state) + 1) * LINE_PX + 3
            parts.append(
                f'<rect x="{x(since):.1f}" y="{y}" width="{max(x(until) - x(since), 1):.1f}" height="6" fill="#06c"/>'
            )
        for moment in run.moments:
            if moment.reminder.fired:
                parts.append(f'<path d="M{x(moment.t):.1f} {top + 12}l-4 -9h8z" fill="#c00"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX}" height="{height * len(runs)}" '
        f'font-family="sans-serif" font-size="10">{"".join(parts)}</svg>\n'
    )


def _stretches(moments: Sequence[Moment]) -> Iterator[tuple[str, float, float]]:
    """State, begin, end."""
    since = 0
    for i in range(1, len(moments) + 1):
        if i == len(moments) or moments[i].state != moments[since].state:
            yield moments[since].state, moments[since].t, moments[min(i, len(moments) - 1)].t
            since = i
