"""Repeated movements, counted on motions that can be worked out by hand."""

import csv
import io
import json

import numpy as np
import pytest

from posture.data import Observation
from posture.reports import FORMATS, summarise
from posture.reports.repetition import LONGEST_S, MOVEMENTS_LISTED


def squats(make, times_s, *, seconds=40.0, width_s=3.0, depth=90.0, rate_hz=10.0, name="left_knee_flexion_deg"):
    """A knee that stands at 10 degrees and goes down to 10 + `depth` around each of `times_s` (a raised cosine)."""
    for i in range(round(seconds * rate_hz)):
        t = i / rate_hz
        near = min((abs(t - peak) for peak in times_s), default=np.inf)
        down = 0.5 + 0.5 * np.cos(np.pi * near / (width_s / 2)) if near < width_s / 2 else 0.0
        yield Observation(i, t, (make.subject(make.UPRIGHT | {name: 10.0 + depth * down}),))


def repetitions(make, observations):
    return summarise(make.filled(observations), make.provenance()).people[0].repetitions


def test_three_squats(make):
    (found,) = repetitions(make, squats(make, (5.0, 12.0, 20.0)))
    assert (found.measure, found.low_deg, found.high_deg, found.count) == ("left_knee_flexion_deg", 30.0, 60.0, 3)
    assert found.per_minute == pytest.approx(3 / (40 / 60))
    assert [movement.peak_s for movement in found.movements] == [5.0, 12.0, 20.0]
    assert found.median_peak_deg == pytest.approx(100.0)
    first = found.movements[0]  # above 60: cos > 1/9, within 0.70 s; below 30: cos < -5/9, from 1.03 s on
    assert (first.start_s, first.end_s) == pytest.approx((4.4, 6.1))


def test_twice_is_not_repeated_and_half_way_is_no_movement(make):
    assert repetitions(make, squats(make, (5.0, 12.0))) == ()
    assert repetitions(make, squats(make, (5.0, 12.0, 20.0, 28.0), depth=45.0)) == ()


def test_noise_about_a_limit_is_no_movement(make):
    noise = np.random.default_rng(5)
    still = (
        Observation(i, i / 10, (make.subject(make.UPRIGHT | {"left_knee_flexion_deg": 60 + noise.normal(0, 5)}),))
        for i in range(600)
    )
    assert repetitions(make, still) == ()


@pytest.mark.parametrize(("end_s", "count"), [(21.0, 3), (20.3, 0)])
def test_a_movement_that_the_end_cuts_off_counts_once_it_has_turned_back(make, end_s, count):
    """Third peak at 20 s: 1 s later the knee has come back by 67 degrees, 0.3 s later by 9."""
    found = repetitions(make, squats(make, (5.0, 12.0, 20.0), seconds=end_s))
    assert sum(one.count for one in found) == count


def test_sitting_down_is_a_posture_and_no_movement(make):
    def session():
        for i in range(2000):
            sits = i / 10 % 50 > 10  # 40 s of every 50
            yield Observation(i, i / 10, (make.subject(make.UPRIGHT | {"left_knee_flexion_deg": 90.0 * sits}),))

    assert LONGEST_S < 40
    assert repetitions(make, session()) == ()


def test_the_list_is_bounded_and_the_count_is_not(make):
    (found,) = repetitions(make, squats(make, np.arange(2, 450, 3.0), seconds=450))
    assert (found.count, len(found.movements)) == (150, MOVEMENTS_LISTED)


@pytest.mark.parametrize("rate_hz", [5.0, 15.0, 30.0])
def test_the_rate_changes_no_count(make, rate_hz):
    (found,) = repetitions(make, squats(make, (5.0, 12.0, 20.0, 33.0), rate_hz=rate_hz))
    assert found.count == 4


def test_the_report_shows_them_and_nothing_where_there_are_none(make):
    def html(times_s):
        table = make.filled(squats(make, times_s))
        out = io.BytesIO()
        FORMATS["html"].write(summarise(table, make.provenance()), table.rows(), out)
        return out.getvalue().decode()

    shown = html((5.0, 12.0, 20.0))
    section = shown[shown.index("<h2>Repeated movements") : shown.index("<h2>Moments to look at")]
    for cell in ("Left knee flexion", "above 60°, back below 30°", ">3<", ">4.5<", "0:05, 0:12, 0:20"):
        assert cell in section
    assert "Repeated movements" not in html((5.0,))


def test_the_squats_of_the_clip(media, tmp_path):
    """A person does three squats (seen by eye); the video ends while the third comes back."""
    from posture.analysis import Analysis
    from posture.config import Settings

    clip = media / "videos" / "front_squats_portrait_5fps.mp4"
    result = Analysis(clip, Settings()).run(tmp_path / "report", lambda *_: None)
    report = json.loads((tmp_path / "report.json").read_text())
    found = {one["measure"]: one["count"] for one in report["people"][0]["repetitions"]}
    assert (found["left_knee_flexion_deg"], found["right_knee_flexion_deg"]) == (3, 3)
    assert "Repeated movements" in (tmp_path / "report.html").read_text()
    assert (
        len(list(csv.reader((tmp_path / "report.csv").read_text().splitlines())))
        == 1 + result.summary.quality.frames_analysed
    )
