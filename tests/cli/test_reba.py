"""`posture evaluate --reba`: agreement on rated photographs, and what it says of folders that hold none."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from posture.cli import app
from posture.errors import ConfigError, NoInput, VideoUnreadable


def evaluate(folder, *more):
    return CliRunner().invoke(app, ["evaluate", "--reba", str(folder), "--model", "lite", *more])


@pytest.fixture
def few(media, tmp_path):
    """Three of the rated photographs, with their ratings."""
    whole = json.loads((media / "reba" / "reba_scores.json").read_text("utf-8"))
    chosen = [item for item in whole["items"] if "cem" in item["image"]][:3]
    for item in chosen:
        target = tmp_path / item["image"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(media / "reba" / item["image"], target)
    (tmp_path / "reba_scores.json").write_text(json.dumps(whole | {"items": chosen}))
    return tmp_path


def test_agreement_is_told_part_by_part_with_and_without_flagged_rows(few):
    done = evaluate(few, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["schema"] == "posture.agreement/1"
    assert {table["clean"] for table in found["tables"]} == {False, True}
    whole = next(table for table in found["tables"] if not table["clean"])
    parts = {part["part"]: part for part in whole["parts"]}
    assert {"neck", "trunk", "legs", "reba"} <= parts.keys()
    assert parts["reba"]["pictures"] + found["nobody_found"] == 3
    for part in parts.values():
        assert 0 <= part["held"] <= 1
        assert part["exact"] is None or part["exact"] <= part["near"]


def test_the_table_names_the_reference_and_the_parts(few):
    done = evaluate(few)
    assert done.exit_code == 0, done.output
    for word in ("REBA against", "weighted kappa", "upper arm", "nobody found in"):
        assert word in done.output


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, NoInput),
        ("{", VideoUnreadable),
        ('{"items": 3}', VideoUnreadable),
        ('{"items": [{}]}', VideoUnreadable),
        ('{"items": [{"image": "a.jpg", "score": {"neck": 1}, "mocap_score": null}]}', VideoUnreadable),
    ],
)
def test_a_folder_without_ratings_is_named(tmp_path, content, error):
    if content is not None:
        (tmp_path / "reba_scores.json").write_text(content)
    done = evaluate(tmp_path)
    assert isinstance(done.exception, error), done.output
    assert "reba_scores.json" in str(done.exception)


def test_angles_beside_ratings_are_refused_and_not_left_out(tmp_path):
    done = evaluate(tmp_path, "--angles", str(tmp_path / "angles.csv"))
    assert isinstance(done.exception, ConfigError), done.output
    assert "or --reba alone" in str(done.exception)


def test_ratings_without_their_picture_are_named(few):
    next(few.rglob("*.jpg")).unlink()
    done = evaluate(few)
    assert isinstance(done.exception, VideoUnreadable), done.output
    assert ".jpg: no such file" in str(done.exception)
