"""The benchmark of the view: that it paints, and how often and what."""

import json
import subprocess
import sys

import numpy as np
import pytest
from played import moment

from posture.errors import SourceError
from posture.gui.paint_bench import PEOPLE, crowded

FIELDS = {"frames", "decoded_to_paint_ms", "packet_to_paint_ms", "main_thread_ms", "unseen", "dropped"}


def test_a_crowd_is_one_person_side_by_side():
    alone = moment()
    wide = alone.captured.frame.width
    crowd = crowded(alone, (640, 360))
    assert crowd.picture.shape == (360, 640, 4)
    middles = [subject.pose.points_px[:, 0].mean() for subject in crowd.observation.people]
    assert len(middles) == PEOPLE
    assert np.diff(middles) == pytest.approx(wide / PEOPLE)
    assert middles[PEOPLE // 2] == pytest.approx(alone.observation.people[0].pose.points_px[:, 0].mean())


def test_nobody_is_no_crowd():
    with pytest.raises(SourceError, match="nobody"):
        crowded(moment(poses=()), (640, 360))


def test_the_whole_of_it_prints_one_document():
    command = [sys.executable, "-m", "posture.gui.paint_bench", "mjpeg", "240", "2", "320x180"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) >= FIELDS
    assert found["frames"] > 5
    low, high, most = found["decoded_to_paint_ms"]
    assert 0 < low <= high <= most
    assert found["main_thread_ms"] > 0
    assert all(0 < ms < high for ms in found["floor_ms"].values())
    assert found["limited_by"] in ("", "camera", "decoder", "model")
    assert 0 < found["five_people"]["cpu_p50_ms"] <= found["five_people"]["cpu_p95_ms"]
    assert found["five_people"]["paints"] == found["five_people_4k"]["paints"] == 100
