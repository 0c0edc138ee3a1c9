"""Scores of labelled pictures: first with systems whose answers are known, then with the real engine."""

import json
import math

import cv2
import numpy as np
import pytest

import posture.sources.demo as demo
from posture.errors import ConfigError, VideoUnreadable
from posture.evaluate import evaluate, evaluate_angles, guesser, scored
from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator
from posture.pose.metrics import Guess

POINTS = [[100.0 + 5 * i, 60.0 + 10 * i] for i in range(17)]
"""A person in a picture of 320 x 240; box 100..180 x 60..220, torso (5 -> 12): 35 by 70 px."""


@pytest.fixture
def labelled(tmp_path):
    """([people per picture], data set of each) -> annotation file beside its pictures."""

    def labelled(pictures):
        items = []
        for i, (dataset, people) in enumerate(pictures):
            cv2.imwrite(str(tmp_path / f"{i}.png"), np.full((240, 320, 3), 90, np.uint8))
            items.append({"image": f"{i}.png", "dataset": dataset, "persons": people, "width": 320, "height": 240})
        path = tmp_path / "annotations.json"
        path.write_text(json.dumps(items))
        return path

    return labelled


def person(points=POINTS, seen=2, **other):
    return {"bbox": [100, 60, 80, 160], "keypoints": [[x, y, seen] for x, y in points], "area": 9000.0, **other}


def test_a_perfect_system_has_full_marks_in_both_modes(labelled):
    """In the cut-out, 200 px around (140, 140), the person lies 40 px from the left and from the top of the picture."""

    def perfect(frame):
        corner = (0, 0) if (frame.width, frame.height) == (320, 240) else (40, 40)
        return [Guess(np.array(POINTS) - corner, 0.9)]

    whole, box = scored(labelled([("a", [person()])]), perfect)
    assert (whole.mode, box.mode) == ("whole picture", "given box")
    for row in (whole, box):
        assert (row.dataset, row.pictures, row.people, row.found, row.pck_people, row.pck_points) == (
            "a",
            1,
            1,
            1,
            1,
            17,
        )
        assert row.pck == 1
        assert row.average_precision == pytest.approx(1)


def test_a_blind_system_has_none(labelled):
    whole, _ = scored(labelled([("a", [person()])]), lambda frame: [])
    assert (whole.found, whole.pck, whole.average_precision) == (0, 0, 0)


def test_data_sets_are_kept_apart(labelled):
    pictures = [("a", [person()]), ("b", []), ("b", [person(seen=0)]), ("a", [person(iscrowd=1)])]
    rows = scored(labelled(pictures), lambda frame: [Guess(np.array(POINTS), 0.9)])
    assert [(row.dataset, row.mode, row.pictures, row.people) for row in rows] == [
        ("a", "whole picture", 2, 1),
        ("b", "whole picture", 2, 0),
        ("a", "given box", 2, 1),
        ("b", "given box", 2, 0),
    ]
    assert math.isnan(rows[1].pck)
    assert math.isnan(rows[1].average_precision)


def test_pck_at_a_fifth_of_the_torso(labelled):
    """The torso is the diagonal 5 -> 12, (35, 70) px: 78.3 px, a fifth is 15.65 px."""
    path = labelled([("a", [person()])])
    for shift, expected in ((15.6, 1.0), (15.7, 0.0)):
        assert scored(path, lambda frame, dx=shift: [Guess(np.add(POINTS, [dx, 0]), 0.9)])[0].pck == expected


@pytest.mark.parametrize("text", ["", "{}", '[{"image": 1}]', '[{"image": "x.png", "dataset": "a"}]'])
def test_other_files_are_no_annotations(tmp_path, text):
    path = tmp_path / "annotations.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match="not an annotation file"):
        scored(path, lambda frame: [])


def test_missing_files_are_named(tmp_path, labelled):
    with pytest.raises(ConfigError, match="cannot be read"):
        scored(tmp_path / "nothing.json", lambda frame: [])
    path = labelled([("a", [])])
    (tmp_path / "0.png").unlink()
    with pytest.raises(VideoUnreadable, match=r"0\.png"):
        scored(path, lambda frame: [])


@pytest.fixture(scope="module")
def engine():
    return Estimator(Catalogue.load())


def test_the_engine_finds_itself_on_the_portrait(tmp_path, engine):
    """Its own keypoints as labels: full marks, so that both sides use one order and one coordinate system."""
    portrait = cv2.imread(str(demo.PORTRAIT))
    cv2.imwrite(str(tmp_path / "portrait.bmp"), portrait)
    item = {"image": "portrait.bmp", "dataset": "a", "persons": [person()]}
    (tmp_path / "a.json").write_text(json.dumps([item]))
    found = []
    guess = guesser(engine, 1)
    scored(tmp_path / "a.json", lambda frame: found.extend(guess(frame)) or [])
    item["persons"] = [person(found[0].points.tolist(), bbox=[40, 20, 430, 490], area=1e5)]
    (tmp_path / "a.json").write_text(json.dumps([item]))
    whole, box, region = evaluate(tmp_path / "a.json", engine)
    assert (whole.pck, whole.average_precision) == (1, pytest.approx(1))
    assert box.found == 1, "another region gives slightly different points"
    assert (region.mode, region.people) == ("given region", 1)


def test_angles_of_the_hand_labelled_pictures(engine, media):
    """The labels are good to about 5 degrees; elbows and hips in the picture plane come within twice that."""
    rows = {row.name: row for row in evaluate_angles(media / "angles" / "hand_labelled_angles2d.csv", engine)}
    assert {name: row.pictures for name, row in rows.items()} == {
        "ear_shoulder_vs_vertical": 1,
        "neck_forward_signed": 1,
        "trunk_vs_vertical": 3,
        "trunk_forward_signed": 1,
        "hip_angle": 3,
        "knee_flexion": 3,
        "elbow_flexion": 3,
    }
    for name in ("trunk_vs_vertical", "hip_angle", "knee_flexion", "elbow_flexion"):
        assert rows[name].picture_plane_deg < 10, name


@pytest.mark.parametrize("text", ["", "picture,side\nx.png,left\n", "image,side,hip_angle\nx.png,left,many\n"])
def test_other_tables_are_no_angles(tmp_path, engine, text):
    (tmp_path / "angles").mkdir()
    table = tmp_path / "angles" / "angles.csv"
    table.write_text(text)
    cv2.imwrite(str(tmp_path / "x.png"), cv2.imread(str(demo.PORTRAIT)))
    if not text:
        assert evaluate_angles(table, engine) == ()
        return
    with pytest.raises(ConfigError, match="not a table of angles"):
        evaluate_angles(table, engine)
