"""112 worked examples from published sources must come out, 4 traps must not."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from worked_examples import from_angles

from posture.ergonomics.activity import repeated, static
from posture.ergonomics.bands import holding_limit_s
from posture.ergonomics.owas import category
from posture.ergonomics.reba import REBA, reba
from posture.ergonomics.rula import RULA, force, rula
from posture.ergonomics.score_settings import ScoreSettings
from posture.ergonomics.worksheet import Method, steps_from

FILE = Path(__file__).parent.parent / "data" / "ergonomics_golden.json"
EXAMPLES: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["examples"]
PATTERNS = {"static": "static_or_repeated"}


def steps(method: Method, inputs: Mapping[str, int]) -> dict[str, int]:
    """Scores of the steps that the given parts allow."""
    nothing = {"load": 0, "coupling": 0, "activity": 0, "arm_muscle": 0, "body_muscle": 0, "force": 0}
    known = nothing | dict(inputs)
    found = {}
    for name, rule in method.steps.items():
        if name not in inputs and all(one in known for one in rule.inputs):
            known[name] = found[name] = rule.make(known, ScoreSettings()).score
    return found


def signal(description: str) -> dict[str, Any]:
    """The verdicts on the signals of the temporal examples, by their description."""
    seconds = {"trunk 30 deg held 59 s at 30 fps": 59, "trunk 30 deg held 61 s": 61, "30 deg held 601 s": 601}
    seconds["30 deg held 300 s"] = 300
    if description in seconds:
        times = np.arange(0, seconds[description] + 1e-9, 1 / 30)
        angles = np.full(len(times), 30.0)
    else:
        period = 30.0 if "period 30 s" in description else 10.0
        times = np.arange(0, 70, 1 / 30)
        angles = 15 + 15 * np.sin(2 * np.pi * times / period)
    return {
        "reba_static": bool(static(times, angles, 60.0).any()),
        "reba_repeated": bool(repeated(times, angles).any()),
        "rula_muscle": bool(static(times, angles, 60.0).any()),
        "rula_muscle_worksheet10min": bool(static(times, angles, 600.0).any()),
        "rula_muscle_paper1min": bool(static(times, angles, 60.0).any()),
    }


def computed(example: Mapping[str, Any]) -> dict[str, Any]:
    """What the product says of an example."""
    inputs, method = example["inputs"], example["method"]
    if method == "OWAS":
        code = dict(zip(("back", "arms", "legs", "load"), map(int, inputs["code"]), strict=True))
        return {"action_category": category(code).value}
    if method == "ISO11226":
        part = {"trunk_inclination": "trunk", "head_inclination": "head", "upper_arm_elevation": "left_upper_arm"}
        return {"max_holding_s": holding_limit_s(part[inputs["part"]], inputs["angle"])}
    if method == "TEMPORAL":
        return signal(inputs["description"])
    if example["level"] == "force":
        pattern = PATTERNS.get(inputs["pattern"], inputs["pattern"])
        return {"force": force({"force_kg": inputs["kg"], "force_pattern": pattern}, ScoreSettings()).score}
    if example["level"] == "angles":
        found = (rula if method == "RULA" else reba)(from_angles(inputs))
        return {one.name: one.score for one in (*found.parts, *found.steps)}
    return steps(RULA if method == "RULA" else REBA, inputs)


def test_the_file_has_all_examples() -> None:
    assert len(EXAMPLES) == 116
    assert sum(example["use"] == "test" for example in EXAMPLES) == 112


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["id"])
def test_example(example: dict[str, Any]) -> None:
    found = computed(example)
    got = {key: found[key] for key in example["expected"]}
    if example["use"] == "test":
        assert got == pytest.approx(example["expected"])
        for key, value in example.get("reference_scorer_full", {}).items():
            assert found[key] == value, key
    else:
        assert got != example["expected"]


def test_steps_from_parts_equal_the_whole() -> None:
    whole = reba(from_angles({"upper_arm": 50, "lower_arm": 30, "wrist": 20, "neck": 25, "trunk": 30}))
    parts = {part.name: part.score for part in whole.parts}
    assert steps_from(REBA, parts, ScoreSettings()) == whole.steps
