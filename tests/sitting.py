"""A sitter for tests of the judge: poses without noise, and a judge that has been calibrated on one."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

TOOLS = Path(__file__).resolve().parent.parent / "tools"
if str(TOOLS) not in sys.path:
    sys.path.insert(0, str(TOOLS))

from scenario_file import Change, Person, Scenario, Segment, parse  # noqa: E402, F401
from sitter_camera import Studio  # noqa: E402

from posture.data import Subject  # noqa: E402
from posture.ergonomics import calibration, desk  # noqa: E402
from posture.ergonomics.baseline import Profile  # noqa: E402
from posture.ergonomics.desk_settings import DeskSettings  # noqa: E402
from posture.ergonomics.iso11226 import assess  # noqa: E402
from posture.ergonomics.measure import measure  # noqa: E402
from posture.ergonomics.sitting import Judgement, Look  # noqa: E402

STEP_S = 0.2
SETTINGS = DeskSettings()


class Room:
    """A camera that was aimed at one person, and looks through it at anybody else."""

    def __init__(self, camera: dict[str, Any] | None = None, **first: Any) -> None:
        import json

        segments = [{"t_s": [i, i + 1], "person": first, "expect": ["good"]} for i in range(2)]
        text = json.dumps({"timeline": segments, "camera": camera or {}, "keypoint_noise_px": 0})
        self.scenario: Scenario = parse(text.encode(), "test")
        self.studio = Studio(self.scenario, np.random.default_rng(1))
        self.first = Person(**first)

    def look(self, *people: dict[str, Any], shift: tuple[float, float] = (0.0, 0.0), luma: float = 110.0) -> Look:
        """What the camera sees; everybody is drawn as if they sat at the desk."""
        lens = self.studio.lens
        found = []
        for number, changes in enumerate(people, start=1):
            person = Person(**changes)
            pose = self.studio.sitter(person, person, 1.0, lens, luma, number)
            if pose is not None:
                measured = measure(pose, lens.width, lens.height)
                found.append(Subject(pose, measured, assess(measured)))
        return Look(tuple(found), lens.width, lens.height, luma, shift)


class Watch:
    """A judge that was calibrated in `room`, and a clock."""

    def __init__(self, room: Room, settings: DeskSettings = SETTINGS, **first: Any) -> None:
        self.room, self.settings, self.t = room, settings, 0.0
        self.state = desk.calibrated(desk.start(), profile_of(room, **first))

    def judge(self, look: Look) -> Judgement:
        """One look, a step later."""
        self.t += STEP_S
        judgement, self.state = desk.judge(look, self.state, self.settings, self.t)
        return judgement

    def during(self, seconds: float, look: Look) -> Iterator[Judgement]:
        """The same look for a while."""
        for _ in range(round(seconds / STEP_S)):
            yield self.judge(look)

    def after(self, seconds: float, *people: dict[str, Any], **look: Any) -> Judgement:
        """What is said at the end of that time."""
        return list(self.during(seconds, self.room.look(*people, **look)))[-1]


def profile_of(room: Room, name: str = "desk", standing: bool = False, **person: Any) -> Profile:
    """A profile of a person who sits so."""
    now = calibration.begin(0.0)
    look = room.look(person or {name: getattr(room.first, name) for name in room.first.__struct_fields__})
    for number in range(1, 200):
        now = calibration.step(look, now, number * STEP_S)
        if now.baseline:
            return Profile(name=name, baseline=now.baseline, seat=now.baseline.seat, standing=standing)
    raise AssertionError(f"no calibration: {now.quality}")


def without(look: Look, *names: str, out: bool = False) -> Look:
    """The look with keypoints of the first person hidden, or `out` of the picture."""
    from posture.skeleton import BLAZEPOSE_33

    first, *others = look.people
    visibility, presence = first.pose.visibility.copy(), first.pose.presence.copy()
    for name in names:
        visibility[BLAZEPOSE_33.index[name]] = 0.1
        presence[BLAZEPOSE_33.index[name]] = 0.05 if out else presence[BLAZEPOSE_33.index[name]]
    pose = replace(first.pose, visibility=visibility, presence=presence)
    measured = measure(pose, look.width, look.height)
    return replace(look, people=(Subject(pose, measured, assess(measured)), *others))
