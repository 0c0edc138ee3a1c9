"""What a model is shown: which part of the picture, around it what, and in which numbers."""

import numpy as np
import pytest

from posture.pose.brought.use import InputUse
from posture.pose.brought.window import around, mirrored, seen, tensor, whole
from posture.pose.crop import Region
from posture.pose.onnx_check import Quantum
from posture.sources.picture import Picture

RED, WIDTH, HEIGHT = (200, 60, 20), 80, 40


def use(fit="letterbox", width=32, height=32, layout="NHWC", dtype="float32", **fields):
    return InputUse(width=width, height=height, layout=layout, dtype=dtype, fit=fit, **fields)


@pytest.fixture
def frame():
    return Picture.of_rgb(np.full((HEIGHT, WIDTH, 3), RED, np.uint8))


WINDOWS = {
    "letterbox": (whole(WIDTH, HEIGHT, use()), [(0, 0, -0.5 + 1.25, -20 + 1.25 - 0.5)]),
    "corner": (whole(WIDTH, HEIGHT, use("corner")), [(0, 0, 0.75, 0.75)]),
    "stretch": (whole(WIDTH, HEIGHT, use("stretch")), [(0, 0, 0.75, 0.125), (31, 31, 78.25, 38.875)]),
    "region": (around(Region(40, 20, 16, 1.0), use("region")), [(15.5, 15.5, 39.5, 19.5)]),
    "wide region": (around(Region(40, 20, 16, 0.0), use("region", width=64)), [(31.5, 15.5, 39.5, 19.5)]),
}


@pytest.mark.parametrize(("window", "places"), WINDOWS.values(), ids=WINDOWS)
def test_a_window_leads_into_the_picture_and_back(window, places):
    for column, row, x, y in places:
        assert window.to_picture(np.array([column, row])) == pytest.approx([x, y])
    points = np.random.default_rng(0).uniform(-10, 90, (5, 2))
    assert window.to_input(window.to_picture(points)) == pytest.approx(points)


def test_a_letterbox_keeps_proportions_and_fills_the_rest(frame):
    shown = use(fill=114)
    pixels = seen(frame, whole(WIDTH, HEIGHT, shown), shown)
    assert (pixels[:8] == 114).all()
    assert (pixels[24:] == 114).all()
    assert np.abs(pixels[9:23].astype(int) - RED).max() <= 3


def test_a_corner_fills_below(frame):
    shown = use("corner", width=48, height=32, fill=7)
    pixels = seen(frame, whole(WIDTH, HEIGHT, shown), shown)
    assert pixels.shape == (32, 48, 3)
    assert (pixels[25:] == 7).all()
    assert np.abs(pixels[:23].astype(int) - RED).max() <= 3


PIXELS = np.full((2, 3, 3), RED, np.uint8)
NUMBERS = {
    "bytes": (use(dtype="uint8"), "uint8", RED),
    "backwards": (use(dtype="uint8", colour="BGR"), "uint8", RED[::-1]),
    "mean and deviation": (use(mean=(100.0, 50.0, 0.0), std=(50.0, 5.0, 2.0)), "float32", (2, 2, 10)),
    "mean of the order of the input": (use(colour="BGR", mean=(20.0, 60.0, 200.0)), "float32", (0, 0, 0)),
    "half": (use(dtype="float16", std=(255.0,) * 3), "float16", np.array(RED) / 255),
    "signed bytes": (use(dtype="int8", mean=(128.0,) * 3), "int8", (72, -68, -108)),
    "whole numbers": (use(dtype="int32"), "int32", RED),
    "quantised": (
        use(dtype="int8", mean=(127.5,) * 3, std=(127.5,) * 3, quantum=Quantum(1 / 128, -1)),
        "int8",
        (72, -69, -109),
    ),
    "never beyond the type": (use(dtype="uint8", std=(0.5,) * 3), "uint8", (255, 120, 40)),
}


@pytest.mark.parametrize(("shown", "dtype", "values"), NUMBERS.values(), ids=NUMBERS)
def test_the_numbers_are_those_that_the_entry_says(shown, dtype, values):
    made = tensor(PIXELS, shown)
    assert (made.dtype, made.shape) == (np.dtype(dtype), (1, 2, 3, 3))
    assert made[0, 0, 0] == pytest.approx(np.array(values), abs=1e-3)


def test_channels_first():
    made = tensor(PIXELS, use(layout="NCHW"))
    assert made.shape == (1, 3, 2, 3)
    assert made.flags.c_contiguous
    assert made[0, :, 0, 0].tolist() == list(RED)


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
def test_the_mirror_turns_columns(layout):
    pixels = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    shown = use(layout=layout, dtype="uint8")
    assert np.array_equal(mirrored(tensor(pixels, shown), shown), tensor(pixels[:, ::-1], shown))
