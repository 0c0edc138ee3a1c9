"""Runs the real analysis over the test clips and checks what it says against what happens in them.

    python tools/check_events.py [--media FOLDER] [--rate HZ|all] [--model lite|full|heavy]

Head tilts with their side and time, squats with their time, how still a still person stays, and that a walk is no
static hold. Prints tables; exit code 1 where a criterion fails, 2 where the clips are missing.
"""

import argparse
import itertools
import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from posture.data import MEASURE_INDEX, MEASURE_NAMES, Array  # noqa: E402
from posture.ergonomics.exposure import Cycle, find_cycles  # noqa: E402
from posture.ergonomics.iso11226 import Hold, assess, holds  # noqa: E402
from posture.ergonomics.measure import measure  # noqa: E402
from posture.pipeline import AnalysisSettings, Progress, observations  # noqa: E402
from posture.pose.catalogue import Catalogue  # noqa: E402
from posture.pose.estimator import Estimator  # noqa: E402
from posture.pose.settings import PoseSettings  # noqa: E402
from posture.sources import open_source  # noqa: E402

MEDIA = ROOT.parent / "shared" / "media"
TILTS, SQUATS, STILL, WALK = (
    "front_seated_selfie_head_moves.mp4",
    "front_squats_portrait_5fps.mp4",
    "front_head_pose_man.mp4",
    "side_walk_2persons_vp9.mp4",
)
WITHIN_S = 0.5
"""Largest error of a time."""
UPRIGHT_DEG, TILTED_DEG = 8.0, 15.0
"""A head that tilts by more than the second has been tilted until it is within the first again."""
STANDING_DEG, SQUATTING_DEG = 45.0, 55.0
"""The same for the knees: half way between standing (15) and the deepest point (95)."""
STILL_DEG = 5.0
"""Largest range, from the 5th to the 95th percentile, of any angle of a person who sits still."""

Rate = float | Literal["all"]


@dataclass(frozen=True)
class Series:
    """What was measured of one person: times [T] and values [T, M] in the order of `MEASURE_NAMES`."""

    times_s: Array
    values: Array

    def __getitem__(self, name: str) -> Array:
        column: Array = self.values[:, MEASURE_INDEX[name]]
        return column


@dataclass(frozen=True)
class Event:
    """A state that a person saw in the clip: when it is surely there, and when surely not (before and after)."""

    start_s: float
    end_s: float
    before_s: float
    after_s: float

    def error_s(self, found: Cycle) -> float:
        """How far start and end of `found` lie outside the transitions, whichever is further."""
        early, late = self.before_s - found.start_s, found.start_s - self.start_s
        short, long = self.end_s - found.end_s, found.end_s - self.after_s
        return max(early, late, short, long, 0.0)


def main() -> int:
    """Run all checks; the number of the worst outcome is the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--media", type=Path, default=MEDIA, help="folder with videos/events.json")
    parser.add_argument("--rate", default=str(AnalysisSettings().rate), help="pose estimates a second, or all")
    parser.add_argument("--model", default="full", choices=("lite", "full", "heavy"))
    arguments = parser.parse_args()
    videos: Path = arguments.media / "videos"
    if not (videos / "events.json").is_file():
        print(f"no events.json in {videos}: give the folder of the test media with --media")
        return 2
    events = json.loads((videos / "events.json").read_text("utf-8"))
    rate: Rate = "all" if arguments.rate == "all" else float(arguments.rate)
    analyse = Analysis(videos, rate, arguments.model)
    print(f"model {arguments.model}, rate {rate}")
    passed = [
        check_tilts(analyse(TILTS), events[TILTS]),
        check_squats(analyse(SQUATS), events[SQUATS]),
        check_still(analyse(STILL)),
        check_walk(analyse.people(WALK, people=1), "one person followed"),
        check_walk(analyse.people(WALK, people=2), "two people followed"),
    ]
    print("all criteria met" if all(passed) else f"{passed.count(False)} of {len(passed)} checks FAILED")
    return 0 if all(passed) else 1


class Analysis:
    """The chain of the product on files of one folder."""

    def __init__(self, videos: Path, rate: Rate, model: str) -> None:
        self._videos, self._rate, self._model = videos, rate, model
        self._catalogue = Catalogue.load()

    def __call__(self, name: str) -> Series:
        """The person who is followed for longest."""
        return max(self.people(name, people=1).values(), key=lambda series: len(series.times_s))

    def people(self, name: str, people: int) -> dict[int, Series]:
        """Everyone who is followed, by identity."""
        rows: dict[int, list[tuple[float, Array]]] = {}
        estimator = Estimator(self._catalogue, PoseSettings(model=self._model, people=people))
        source = open_source(self._videos / name)
        try:
            for seen in observations(
                source, estimator, measure, assess, rate=self._rate, progress=Progress(), stop=threading.Event()
            ):
                if seen is None:
                    continue
                for subject in seen.people:
                    rows.setdefault(subject.pose.person, []).append((seen.time_s, subject.measurements.values))
        finally:
            source.close()
        return {who: Series(np.array([t for t, _ in own]), np.array([v for _, v in own])) for who, own in rows.items()}


def check_tilts(person: Series, truth: dict[str, Any]) -> bool:
    """Each tilt is found once, to the right side, in time. The right edge of the picture is the person's left."""
    sides = {"right": ("left", -1.0), "left": ("right", 1.0)}
    passed = True
    for edge, (side, sign) in sides.items():
        expected = [e for posture, e in _segments(truth) if f"tilted towards the {edge} edge" in posture]
        found = find_cycles(person.times_s, sign * person["head_tilt_deg"], UPRIGHT_DEG, TILTED_DEG)
        passed &= _compared(f"head tilt to the person's {side}", expected, found)
    return passed


def _segments(truth: dict[str, Any]) -> Iterator[tuple[str, Event]]:
    """Postures in order; the gap between two of them is the transition."""
    fps, rows = truth["fps"], truth["segments"]
    for before, row, after in zip([None, *rows], rows, [*rows[1:], None], strict=False):
        start, end = row["frames"]
        earliest = before["frames"][1] if before else start
        latest = after["frames"][0] if after else end
        yield row["posture"], Event(start / fps, end / fps, earliest / fps, latest / fps)


def check_squats(person: Series, truth: dict[str, Any]) -> bool:
    """As many squats as there are, each in time."""
    fps = truth["fps"]
    knees = np.nanmean([person["left_knee_flexion_deg"], person["right_knee_flexion_deg"]], axis=0)
    expected = [Event(a / fps, b / fps, a / fps, b / fps) for a, b in truth["down_frames"]]
    return _compared("squat", expected, find_cycles(person.times_s, knees, STANDING_DEG, SQUATTING_DEG))


def _compared(what: str, expected: list[Event], found: list[Cycle]) -> bool:
    print(f"\n{what}: {len(expected)} happen, {len(found)} found")
    passed = len(expected) == len(found)
    for event, cycle in zip(expected, found, strict=False):
        error = event.error_s(cycle)
        fine = error <= WITHIN_S
        passed &= fine
        print(
            f"  true {event.start_s:6.2f} to {event.end_s:6.2f} s   found {cycle.start_s:6.2f} to {cycle.end_s:6.2f} s"
            f"   error {error:4.2f} s  peak {cycle.peak_deg:.1f} deg at {cycle.peak_s:5.2f} s  {_word(fine)}"
        )
    for cycle in itertools.islice(found, len(expected), None):
        print(f"  false: {cycle.start_s:.2f} to {cycle.end_s:.2f} s, peak {cycle.peak_deg:.1f} deg")
    return passed


def check_still(person: Series) -> bool:
    """No angle of the still person moves."""
    print(f"\nstill clip: spread of each value over {len(person.times_s)} samples")
    print("  value                             n   median      sd   p5-p95")
    passed = True
    for name in MEASURE_NAMES:
        seen = person[name][np.isfinite(person[name])]
        if not len(seen):
            continue
        spread = float(np.subtract(*np.percentile(seen, [95, 5])))
        fine = spread <= STILL_DEG
        passed &= fine
        print(f"  {name:30s} {len(seen):4d} {np.median(seen):8.2f} {seen.std():7.3f} {spread:8.3f}   {_word(fine)}")
    return passed


def check_walk(people: dict[int, Series], what: str) -> bool:
    """Nobody holds anything: one walks, the other jumps."""
    found: list[tuple[int, Hold]] = [(who, h) for who, one in people.items() for h in holds(one.times_s, one.values)]
    print(f"\nwalk clip, {what}: {len(people)} identities, {len(found)} static holds   {_word(not found)}")
    for who, hold in found:
        print(
            f"  person {who}: {hold.part} {hold.zone} {hold.start_s:.2f} to {hold.end_s:.2f} s, "
            f"median {hold.median_angle_deg:.1f} deg"
        )
    return not found


def _word(fine: bool) -> str:
    return "ok" if fine else "FAILED"


if __name__ == "__main__":
    sys.exit(main())
