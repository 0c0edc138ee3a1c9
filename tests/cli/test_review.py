"""`posture analyze --review`: what a reviewer said is in the report, and only in that of the recording it is about."""

import csv
import json

import numpy as np
import pytest
from standing import session
from typer.testing import CliRunner

from posture.cli import app
from posture.interchange.coco import write
from posture.interchange.motion import new_motion
from posture.skeleton import BLAZEPOSE_33


@pytest.fixture
def keypoints(tmp_path):
    """Six seconds of somebody who stands, as another program wrote them."""
    whole = session(5.0)
    points = np.array([[one.people[0].pose.points_px[:, :2]] for one in whole])
    motion = new_motion(
        [one.time_s for one in whole], ["person-1"], BLAZEPOSE_33.names, image_px=points,
        confidence=np.full(points.shape[:3], 0.9), size_px=(640, 640),
    )  # fmt: skip
    path = tmp_path / "standing.coco.json"
    write(motion, path)
    return path


def analyze(path, review, *more):
    named = ["analyze", str(path), "--review", str(review), "-o", str(path.parent / "out"), "--progress", "none"]
    return CliRunner().invoke(app, [*named, *more])


def test_the_report_lists_the_changes(keypoints, tmp_path):
    review = tmp_path / "review.json"
    review.write_text(json.dumps({
        "reviewer": "Dr. A", "names": {"1": "Packer"},
        "overrides": [{"factor": "neck_deg", "value": 30}],
        "excluded": [{"start_s": 1, "end_s": 2}],
    }))  # fmt: skip
    done = analyze(keypoints, review, "--format", "json,csv")
    assert done.exit_code == 0, done.output
    (changes,) = (keypoints.parent / "out").glob("*.review.csv")
    assert [row["kind"] for row in csv.DictReader(changes.read_text("utf-8").splitlines())] == ["factor", "excluded"]
    (report,) = (keypoints.parent / "out").glob("*.json")
    told = json.loads(report.read_text("utf-8"))
    assert told["review"]["status"] == "final"
    assert [one["kind"] for one in told["review"]["changes"]] == ["factor", "excluded"]
    assert told["people"][0]["name"] == "Packer"
    assert told["quality"]["analysed_s"] == pytest.approx(5.0, abs=0.21)


def test_a_review_of_another_recording_is_refused_before_anything_is_read(keypoints, tmp_path):
    review = tmp_path / "review.json"
    review.write_text(json.dumps({"source_sha256": "00" * 32}))
    done = analyze(keypoints, review)
    assert "another recording" in str(done.exception) + done.output
    assert not (keypoints.parent / "out").exists() or not list((keypoints.parent / "out").iterdir())


def test_one_review_is_about_one_recording(keypoints, tmp_path):
    review = tmp_path / "review.json"
    review.write_text("{}")
    second = keypoints.with_name("other.coco.json")
    second.write_bytes(keypoints.read_bytes())
    done = analyze(keypoints, review, str(second))
    assert "--review is about one recording" in str(done.exception)
