"""What a user says about a recording: `--task` and `--name`."""

import pytest
from typer.testing import CliRunner

from posture.cli import app
from posture.cli.said import scores_line, user_says
from posture.errors import ConfigError


def test_names_belong_to_numbers():
    assert user_says(None, ["Kim", "2=Lee", "3= A=B "], None).names == {1: "Kim", 2: "Lee", 3: "A=B"}


@pytest.mark.parametrize("text", ["=Kim", "x=Kim", "0=Kim", "2=", " ", "-1=Kim", "²=Kim"])
def test_a_name_for_nobody_is_refused(text):
    with pytest.raises(ConfigError, match="give a name"):
        user_says(None, [text], None)


def test_a_task_file_is_read(tmp_path):
    path = tmp_path / "task.toml"
    path.write_text("force_kg = 4\n", "utf-8")
    assert user_says(str(path), [], 30.0).task.force_kg == 4


def test_a_mistake_in_the_task_file_stops_before_anything_is_analysed(tmp_path, home):
    path, out = tmp_path / "task.toml", tmp_path / "out"
    path.write_text('coupling = "god"\n', "utf-8")
    (tmp_path / "a.mp4").write_bytes(b"")
    done = CliRunner().invoke(app, ["analyze", str(tmp_path / "a.mp4"), "--task", str(path), "-o", str(out)])
    assert done.exit_code != 0
    assert isinstance(done.exception, ConfigError)
    assert not out.exists()


def test_the_line_of_scores(make_person):
    assert scores_line(make_person("Kim")) == "Kim: RULA left P50 3–5, P90 4–6"
    assert scores_line(make_person("")).startswith("Person 2: RULA left")
    assert scores_line(make_person("", scored=False)) == ""


@pytest.fixture
def make_person():
    from types import SimpleNamespace as Made

    def made(name, *, scored=True):
        score = Made(method="rula", side="left", p50_low=3, p50_high=5, p90_low=4, p90_high=6)
        return Made(name=name, person=2, scores=[score, Made(method="owas")] if scored else [])

    return made
