import numpy as np
import pytest

from posture.pose.scene import CELLS, Scene, is_cut

random = np.random.default_rng(3)
ROOM, STREET = (random.uniform(20, 230, (CELLS, CELLS)) for _ in range(2))


def test_another_scene_is_a_cut():
    assert is_cut(ROOM, STREET)
    assert is_cut(ROOM, 255 - ROOM)
    assert is_cut(ROOM, np.zeros((CELLS, CELLS)))


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(ROOM, id="the same"),
        pytest.param(ROOM * 0.4 + 90, id="the light changes"),
        pytest.param(ROOM + random.normal(0, 25, ROOM.shape), id="noise"),
        pytest.param(np.where(np.arange(CELLS) < CELLS // 3, 10.0, ROOM), id="somebody walks past the camera"),
    ],
)
def test_no_cut(after):
    assert not is_cut(ROOM, after)


def test_noise_on_a_flat_picture_is_no_cut():
    """Two pictures of a dark room correlate by chance only; the difference is small."""
    assert not is_cut(random.normal(10, 5, (CELLS, CELLS)), random.normal(10, 5, (CELLS, CELLS)))


def test_frames_are_compared_with_the_one_before(shot):
    scene = Scene()
    assert [scene.changed(shot(0.1 * i, [], pattern)) for i, pattern in enumerate((0, 0, 1, 1, 0))] == [
        False, False, True, False, True,
    ]  # fmt: skip
