import math

import numpy as np
import pytest

from posture.sources.demo import DemoSource
from posture.sources.film import jpeg
from posture.sources.stirring import WINDOW, Stirring


def noise(size, count, seed=0, spread=0.004):
    return [int(v) for v in np.random.default_rng(seed).normal(size, spread * size, count)]


def after(sizes, taken_every=None):
    stirring, found = Stirring(), []
    for number, size in enumerate(sizes):
        stirring.add(size)
        if taken_every and number % taken_every == taken_every - 1:
            found.append(stirring.taken())
    return found if taken_every else stirring.taken()


def test_at_first_it_cannot_be_said():
    assert math.isnan(after([]))
    assert math.isnan(after(noise(100_000, 5)))


def test_raw_pictures_are_all_of_one_size_and_say_nothing():
    assert math.isnan(after([4_147_200] * 60))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spread", [0.0005, 0.004, 0.02])
def test_noise_is_no_motion(seed, spread):
    looks = after(noise(180_000, 30 * 120, seed, spread), taken_every=30)[1:]
    assert np.mean([look > 0.1 for look in looks]) <= 0.02


def test_somebody_who_sits_down_is_seen_at_once_and_then_sits_still():
    sizes = noise(180_000, 300) + [int(v * 1.08) for v in noise(180_000, 300, seed=1)]
    looks = after(sizes, taken_every=30)
    assert max(looks[1:10]) < 0.2
    assert looks[10] > 0.9
    assert max(looks[-3:]) < 0.2
    assert len(sizes) > 3 * WINDOW


def test_nothing_new_is_unknown():
    stirring = Stirring()
    for size in noise(100_000, 60):
        stirring.add(size)
    stirring.taken()
    assert math.isnan(stirring.taken())


def test_the_demo_stirs_while_it_moves_and_rests_while_it_rests():
    demo = DemoSource(320, 240, frame_rate=15)
    random = np.random.default_rng(0)
    stirring, looks = Stirring(), {}
    for number in range(15 * 10):
        frame = demo.render(number / 15)
        luma = np.frombuffer(memoryview(frame.planes[0]), np.uint8)
        luma[:] = np.clip(luma + random.normal(0, 2, luma.size), 0, 255)
        stirring.add(len(jpeg(frame)))
        if number % 15 == 14:
            looks[number // 15] = stirring.taken()
    assert max(looks[2], looks[3]) < 0.1  # upright until 4 s, leaning from 5 s to 10 s
    assert looks[4] > 0.25
    assert looks[9] < 0.1
