"""Combinations of models, put in order: what is compared, what counts, and what the page shows."""

import io
import json
import math
import re

import cv2
import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

from posture.cli import app
from posture.errors import ModelMissing
from posture.evaluate import Answer, LabelledPicture, accuracy, together
from posture.pose.added import AddedModels
from posture.pose.catalogue import Catalogue
from posture.pose.metrics import Guess, Person
from posture.pose.settings import PoseSettings
from posture.pose.trusted_keys import TrustedKeys
from posture.ranking import page, runs
from posture.ranking.candidates import Candidate, candidates
from posture.ranking.one import ALL, Ranked, Task, ranked, worst
from posture.sources.demo import DemoSource

POINTS = np.array([[100.0 + 5 * i, 60.0 + 10 * i] for i in range(17)])
ITEM = LabelledPicture("a.png", "a", ())


def person(shift=0.0):
    return Person(POINTS + shift, np.ones(17, bool), (100.0, 60.0, 80.0, 160.0), 9000.0)


def answered(*offsets):
    """One picture a person: found with all points so far off, or not found for None."""
    return [Answer(ITEM, [] if offset is None else [Guess(POINTS + offset, 0.9)], [person()]) for offset in offsets]


def result(model, precision_of, ms=10.0):
    whole = together(precision_of, ALL, "whole picture")
    box = together(precision_of, ALL, "given box")
    return Ranked(
        Candidate(model, "quick"), "ab" * 32, "cpu", [whole, box], accuracy(precision_of, "whole picture"),
        0, 0, ms, ms, 100.0, worst(precision_of),
    )  # fmt: skip


@pytest.fixture
def demo(tmp_path):
    """One labelled picture with the demo person and one without anybody."""
    frame = next(iter(DemoSource(640, 360, 5.0, 1.0)))
    cv2.imwrite(str(tmp_path / "demo.png"), frame.scaled(640, 360)[..., ::-1])
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((360, 640, 3), 90, np.uint8))
    box = [200, 20, 240, 320]
    keypoints = [[320.0, 100.0, 2]] + [[0.0, 0.0, 0]] * 16
    items = [
        {"image": "demo.png", "dataset": "demo", "persons": [{"bbox": box, "keypoints": keypoints}]},
        {"image": "empty.png", "dataset": "demo", "persons": []},
    ]
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(items))
    return path


def test_the_better_one_is_first_and_of_equals_the_faster():
    good, poor = answered(0.0), answered(200.0)
    results = [result("poor", poor, 1.0), result("slow", good, 20.0), result("fast", good, 10.0)]
    names = [one.candidate.model for one in sorted(results, key=runs.order, reverse=True)]
    assert names == ["fast", "slow", "poor"]


def test_joints_are_counted_one_by_one():
    off = np.zeros((17, 2))
    off[9] = 100.0  # the left wrist
    rows = [Answer(ITEM, [Guess(POINTS + off, 0.9)], [person()])]
    joints = together(rows, ALL, "whole picture").joints
    assert joints["left_wrist"] == (0, 1)
    assert {value for name, value in joints.items() if name != "left_wrist"} == {(1, 1)}


def test_worst_cases_are_those_not_found_and_those_least_alike():
    cases = worst(answered(0.0, None, 40.0))
    assert [case.guess is None for case in cases] == [True, False, False]
    assert cases[1].similarity < cases[2].similarity == pytest.approx(1)


def test_what_is_not_built_is_left_out_and_said(monkeypatch, tmp_path):
    def read(self, name):
        if name == "pose_landmark_heavy":
            raise ModelMissing("not built")
        return b""

    monkeypatch.setattr(Catalogue, "read", read)
    none = AddedModels(tmp_path, TrustedKeys(tmp_path / "keys"))
    found, left_out = candidates(Catalogue.load(), none)
    assert [(one.model, one.search, one.detector) for one in found] == [
        *((model, search, "blazepose") for model in ("lite", "full", "movenet") for search in ("quick", "thorough")),
        ("full", "quick", "nanodet"),
        ("movenet", "quick", "nanodet"),
    ]
    assert list(left_out) == ["heavy"]


def test_one_combination_is_measured(demo):
    made = ranked(Task(str(demo), Candidate("lite", "quick"), PoseSettings(providers=("cpu",))))
    assert {row.mode for row in made.overall} == {"whole picture", "given box", "given region"}
    assert (made.invented, made.empty_pictures) == (0, 1)
    assert made.picture_ms > 0
    assert made.peak_memory_mib > 50
    assert made.of("whole picture").people == 1


def test_the_page_is_one_file_that_loads_nothing_and_holds_the_pictures(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((240, 320, 3), 90, np.uint8))
    out = io.BytesIO()
    page.write([result("<b>", answered(3.0, None))], {"heavy": "not <built>"}, tmp_path, "a machine", out)
    text = out.getvalue().decode()
    assert text.count("data:image/jpeg;base64,") == 2
    assert text.count('class="guess"') > 0
    assert "holds pictures" in text
    assert "&lt;b&gt;, quick" in text
    assert "not &lt;built&gt;" in text
    assert "nan" not in re.sub(r"base64,[^\"]+", "", text)
    assert not re.search(r"<script|https?://|style=\"|@import|url\(", text)
    assert "default-src 'none'" in text


def test_the_verb_ranks_and_writes_a_page_once(demo, tmp_path, monkeypatch):
    made = result("full", answered(0.0))
    monkeypatch.setattr(runs, "measured", lambda annotations, candidate, pose: made)
    cv2.imwrite(str(tmp_path / "a.png"), np.full((240, 320, 3), 90, np.uint8))
    report = tmp_path / "page.html"
    command = ["evaluate", str(demo), "--all", "--json", "--report", str(report)]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    tree = json.loads(done.stdout)
    assert tree["schema"] == "posture.ranking/1"
    assert tree["ranking"][0]["overall"][0]["joints"]["nose"] == [1, 1]
    assert report.stat().st_size > 1000
    again = CliRunner().invoke(app, command)
    assert again.exit_code != 0
    assert msgspec.convert(tree["ranking"][0]["candidate"], Candidate) == made.candidate
    assert not math.isnan(tree["ranking"][0]["picture_ms"])
