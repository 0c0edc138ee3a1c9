"""Where a head went between two frames, on noise that moves by known steps."""

import cv2
import numpy as np
import pytest

from posture.data import Oval
from posture.pose.follow import Follower
from posture.pose.hold import DOUBTFUL_GRACE_S, UNCHANGED, Hold

HEAD = Oval(160, 120, 20, 25)


@pytest.fixture(scope="module")
def scene():
    """Blobs, as a picture has them: no two places look the same."""
    noise = np.random.default_rng(3).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX)


def shifted(scene, x, y):
    return cv2.warpAffine(scene, np.array([[1, 0, x], [0, 1, y]], float), (320, 240), borderMode=cv2.BORDER_REFLECT)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (10, 0), (0, -8), (0.4, 0.3), (-12.5, 6)])
def test_a_step_is_found(scene, x, y):
    follower = Follower()
    follower.next(scene)
    follower.next(shifted(scene, x, y))
    found, alike = follower.moved(HEAD)
    assert alike > UNCHANGED
    assert (found.x, found.y) == pytest.approx((160 + x, 120 + y), abs=0.5)
    assert found[2:] == HEAD[2:]


def test_a_slow_head_does_not_stand_still(scene):
    """0.3 px a frame is less than a pixel of the comparison; after 20 frames it is 6."""
    follower, oval = Follower(), HEAD
    follower.next(scene)
    for step in range(1, 21):
        follower.next(shifted(scene, 0.3 * step, 0))
        oval, _ = follower.moved(oval)
    assert oval.x == pytest.approx(166, abs=2)


def test_a_large_picture_is_compared_smaller(scene):
    large, moved = (cv2.resize(each, None, fx=8, fy=8) for each in (scene, shifted(scene, 5, 0)))
    follower = Follower()
    follower.next(large)
    follower.next(moved)
    assert follower.moved(Oval(1280, 960, 160, 200))[0].x == pytest.approx(1320, abs=4)


def test_what_is_not_found_is_not_guessed(scene):
    follower = Follower()
    assert follower.moved(HEAD) is None, "no frame yet"
    follower.next(scene)
    assert follower.moved(HEAD) is None, "no frame before"
    follower.next(scene[:, ::-1].copy())
    assert follower.moved(HEAD) is None, "another picture"
    follower.next(np.full_like(scene, 9))
    follower.next(np.full_like(scene, 9))
    assert follower.moved(HEAD) is None, "nothing to see"
    follower.next(scene)
    follower.next(scene)
    assert follower.moved(Oval(-5, 0, 9, 9)) is None, "outside"
    follower.next(None)
    follower.next(scene)
    assert follower.moved(HEAD) is None, "a cut in between"


@pytest.mark.parametrize("noise", [0, 3])
def test_a_head_that_sits_stays_covered_and_the_wall_behind_it_does_not(scene, noise):
    """At 10 frames a second: seen once, sits for 2 s, then is gone at once. The picture stands still throughout."""
    behind = scene.copy()
    behind[80:160, 120:200] = scene[0:80, 0:80]
    follower, hold, random = Follower(), Hold(), np.random.default_rng(5)
    held = []
    for step in range(31):
        shown = scene if step <= 20 else behind
        noisy = cv2.add(shown.astype(float), random.normal(0, noise, shown.shape)).clip(0, 255)
        follower.next(noisy.astype(np.uint8))
        held.append(len(hold([], [HEAD._replace(across=14, along=18)] if step == 0 else [], step / 10, follower.moved)))
    assert held[1:21] == [1] * 20
    assert sum(held[21:]) <= round(10 * DOUBTFUL_GRACE_S)
