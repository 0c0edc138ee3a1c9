import threading

import numpy as np
import pytest

from posture.bench.camera import CameraCost, watch
from posture.sources.film import of_pictures
from posture.sources.pace import Leaping


def test_looks_and_wakes_are_those_of_the_rate():
    time = Leaping()
    random = np.random.default_rng(0)
    show = of_pictures([random.integers(0, 255, (24, 32, 3), np.uint8) for _ in range(30)], 30)
    cost = watch(show, 60.0, 1.0, time, time.wait)
    assert cost.looks == pytest.approx(60, abs=1)
    assert cost.wall_s == pytest.approx(60, abs=0.01)
    assert 10 * 60 <= cost.wakes <= 25 * 60
    assert not time.wait(threading.Event(), 0)


def test_an_hour_is_what_the_share_says():
    cost = CameraCost(wall_s=10, cpu_s=0.1, looks=10, wakes=200)
    assert cost.share == pytest.approx(0.01)
    assert cost.cpu_s_an_hour == pytest.approx(36)
