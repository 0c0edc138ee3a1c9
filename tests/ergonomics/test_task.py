import re
from pathlib import Path

import pytest

from posture.ergonomics.task import load_task
from posture.errors import ConfigError

WHOLE = """
name = "Packing"
entered_by = "the assessor"
entered_on = 2026-11-28
force_kg = 4.0
coupling = "fair"
stance = "standing"
abducted = false
[right]
abducted = true
[[segment]]
name = "lifting"
from = "1:20"
to = 125.5
force_kg = 12
[segment.right]
wrist_twisted = true
"""


@pytest.fixture
def task(tmp_path):
    def load(text):
        path = tmp_path / "task.toml"
        path.write_text(text, "utf-8")
        return load_task(path)

    return load


def test_a_segment_goes_before_the_task_and_a_side_before_both(task):
    found = task(WHOLE)
    lifting = found.segments[0]
    assert (lifting.start_s, lifting.end_s) == (80.0, 125.5)
    assert found.said("left")["force_kg"] == (4.0,)
    assert found.said("left", lifting)["force_kg"] == (12.0,)
    assert found.said("left")["abducted"] == (False,)
    assert found.said("right", lifting)["abducted"] == (True,)
    assert found.said("right", lifting)["wrist_twisted"] == (True,)
    assert "wrist_twisted" not in found.said("left", lifting)
    assert found.overrides == ("abducted",)


def test_standing_leaves_open_on_which_leg(task):
    assert task('stance = "standing"').said("left")["stance"] == ("both_legs", "one_leg")


def test_what_is_left_out_is_not_said(task):
    assert task("").said("left") == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("force = 3", "unknown key 'force': did you mean 'force_kg'"),
        ("[left]\nforce_kg = 3", "unknown key 'left.force_kg': known are"),
        ("force_kg = -1", "force_kg = -1: expected `float` >= 0"),
        ('force_kg = "4 kg"', "force_kg = '4 kg': expected"),
        ('coupling = "god"', "coupling = 'god': invalid enum value 'god'; allowed are good, fair"),
        ("wrist_deg = 200", "wrist_deg = 200: expected"),
        ("shoulder_raised = 1", "shoulder_raised = 1: expected `bool"),
        ("abducted = true", "abducted can be measured; whoever overrides it signs with entered_by"),
        ('[[segment]]\nname = "a"\nfrom = 20\nto = 10', "segment 'a' ends before it begins"),
        ('[[segment]]\nname = "a"\nto = 10', "segment[0]: object missing required field `from`"),
        ('[[segment]]\nname = "a"\nfrom = "soon"\nto = 10', "'soon' is no time: give seconds, m:ss"),
        (
            '[[segment]]\nname = "a"\nfrom = 0\nto = 10\n[[segment]]\nname = "b"\nfrom = 9\nto = 12',
            "segments 'a' and 'b' overlap",
        ),
        (
            '[[segment]]\nname = "a"\nfrom = 0\nto = 10\n[[segment]]\nname = "a"\nfrom = 10\nto = 12',
            "two segments have the same name",
        ),
        ('name = "x', "cannot be read"),
    ],
)
def test_mistakes_are_named(task, text, words):
    with pytest.raises(ConfigError) as caught:
        task(text)
    assert words in str(caught.value)
    assert "task.toml" in str(caught.value)


def test_the_task_file_of_the_readme_can_be_used(task):
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    example = next(text for text in re.findall(r"```toml\n(.*?)```", readme, re.DOTALL) if "Packing, line 3" in text)
    found = task(example)
    assert (found.name, found.segments[0].end_s) == ("Packing, line 3", 125.0)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_task(tmp_path / "none.toml")
