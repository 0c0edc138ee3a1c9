"""Two analyses of somebody who sways before the camera, written as `posture analyze` writes them."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
from standing import measured, observed, stander

from posture.analysis import Analysis
from posture.config import Settings
from posture.data import Observation, Subject, frozen
from posture.ergonomics.iso11226 import assess
from posture.skeleton import BLAZEPOSE_33

_LOWER = ("hip", "knee", "ankle", "heel", "foot")
_UPPER = [i for i, name in enumerate(BLAZEPOSE_33.names) if not any(part in name for part in _LOWER)]


def swaying(mean_deg: float, seed: int, seconds: float = 90.0, rate_hz: float = 2.0):
    """Bent to the side by `mean_deg`, and by what comes over somebody within seconds."""
    random, bend, found = np.random.default_rng(seed), 0.0, []
    for i in range(round(seconds * rate_hz)):
        bend = 0.9 * bend + random.normal(0, 1.0)
        found.append(Observation(i, i / rate_hz, (_bent(mean_deg + bend),)))
    whole = observed(rate_hz, seconds)
    return replace(whole, observations=tuple(found), sha256=f"{seed:064x}")


def written(folder: Path, name: str, mean_deg: float, seed: int, *, formats=("json", "csv"), seconds=90.0) -> Path:
    """`folder`/`name`.json, and so on; the JSON."""
    settings = msgspec.structs.replace(Settings(), output=msgspec.structs.replace(Settings().output, formats=formats))
    outputs = Analysis(None, settings).report(swaying(mean_deg, seed, seconds), folder / name).outputs
    return outputs["json"]


def _bent(degrees: float) -> Subject:
    pose = stander()
    hip = pose.points_px[[BLAZEPOSE_33.index["left_hip"], BLAZEPOSE_33.index["right_hip"]], :2].mean(axis=0)
    turn = np.radians(degrees)
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    points, world = pose.points_px.copy(), pose.world_m.copy()
    points[_UPPER, :2] = (points[_UPPER, :2] - hip) @ turned + hip
    world[_UPPER, :2] = world[_UPPER, :2] @ turned
    found = measured(pose := replace(pose, points_px=frozen(points), world_m=frozen(world)))
    return Subject(pose, found, assess(found))
