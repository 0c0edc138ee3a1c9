"""The converter of TensorFlow.js graphs, on graphs small enough to calculate by hand."""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from posture.pose.session import Session

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from onnx_writer import Unsupported
from tfjs_to_onnx import convert

SIDE = 5
PICTURE = np.arange(SIDE * SIDE * 3, dtype=np.uint8).reshape(1, SIDE, SIDE, 3)
STORED = {np.dtype(np.float16): "float32", np.dtype(np.float32): "float32", np.dtype(np.int32): "int32"}


class Writer:
    """A graph, node by node."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []
        self.weights = b""
        self.node("Placeholder", [], "input")
        self.node("Cast", ["input"], "picture", DstT={"type": "DT_FLOAT"})

    def node(self, op: str, inputs: list[str], name: str, **attributes: Any) -> str:
        self.nodes.append({"name": name, "op": op, "input": inputs, "attr": attributes})
        return name

    def constant(self, name: str, value: np.ndarray[Any, Any]) -> str:
        self.node("Const", [], name)
        entry: dict[str, Any] = {"name": name, "shape": list(value.shape), "dtype": STORED[value.dtype]}
        if value.dtype == np.float16:
            entry["quantization"] = {"dtype": "float16"}
        self.entries.append(entry)
        self.weights += value.tobytes()
        return name

    def document(self, end: str, shape: list[int]) -> dict[str, Any]:
        def signed(name: str, sizes: list[int]) -> dict[str, Any]:
            return {name: {"name": f"{name}:0", "tensorShape": {"dim": [{"size": str(size)} for size in sizes]}}}

        return {
            "signature": {"inputs": signed("input", [1, SIDE, SIDE, 3]), "outputs": signed(end, shape)},
            "modelTopology": {"node": self.nodes},
            "weightsManifest": [{"weights": self.entries}],
        }

    def run(self, end: str, shape: list[int]) -> np.ndarray[Any, Any]:
        model = convert(json.dumps(self.document(end, shape)).encode(), self.weights, "result")
        (result,) = Session(model, ["cpu"]).run(PICTURE).values()
        assert list(result.shape) == shape
        return result


def convolving(stride: int, padding: str = "SAME", fused: tuple[str, ...] = (), dilation: int = 1) -> dict[str, Any]:
    def list_of(*values: str) -> dict[str, Any]:
        return {"list": {"s": [base64.b64encode(one.encode()).decode() for one in values]}}

    return {
        "strides": {"list": {"i": ["1", str(stride), str(stride), "1"]}},
        "dilations": {"list": {"i": ["1", str(dilation), str(dilation), "1"]}},
        "padding": {"s": base64.b64encode(padding.encode()).decode()},
        "fused_ops": list_of(*fused),
    }


def by_hand(weight: np.ndarray[Any, Any], stride: int, dilation: int = 1) -> np.ndarray[Any, Any]:
    """TensorFlow's SAME convolution (HWIO), loop by loop: the odd pixel of the border is at the end."""
    high, wide, _, out = weight.shape
    steps = -(-SIDE // stride)
    total = [max(0, (steps - 1) * stride + (size - 1) * dilation + 1 - SIDE) for size in (high, wide)]
    result = np.zeros((1, steps, steps, out))
    for y, x, i, j in np.ndindex(steps, steps, high, wide):
        row, column = y * stride + i * dilation - total[0] // 2, x * stride + j * dilation - total[1] // 2
        if 0 <= row < SIDE and 0 <= column < SIDE:
            result[0, y, x] += PICTURE[0, row, column] @ weight[i, j]
    return result


@pytest.mark.parametrize(("size", "stride", "dilation"), [(3, 1, 1), (3, 2, 1), (2, 2, 1), (3, 1, 2)])
def test_a_convolution(size: int, stride: int, dilation: int) -> None:
    weight = np.arange(size * size * 3 * 2).reshape(size, size, 3, 2).astype(np.float16) / 8
    graph = Writer()
    graph.node("_FusedConv2D", ["picture", graph.constant("w", weight)], "end", **convolving(stride, dilation=dilation))
    expected = by_hand(weight.astype(float), stride, dilation)
    assert graph.run("end", list(expected.shape)) == pytest.approx(expected)


def test_bias_and_relu6_after_it() -> None:
    weight = np.full((1, 1, 3, 1), 1, np.float32)
    graph = Writer()
    inputs = ["picture", graph.constant("w", weight), graph.constant("b", np.array([-10], np.float32))]
    graph.node("_FusedConv2D", inputs, "end", **convolving(1, "VALID", ("BiasAdd", "Relu6")))
    assert graph.run("end", [1, SIDE, SIDE, 1]).ravel() == pytest.approx(
        np.clip(PICTURE.sum(3, dtype=int).ravel() - 10, 0, 6)
    )


def test_a_convolution_for_each_channel() -> None:
    weight = np.arange(9 * 3).reshape(3, 3, 3, 1).astype(np.float16)
    graph = Writer()
    graph.node("DepthwiseConv2dNative", ["picture", graph.constant("w", weight)], "end", **convolving(2))
    each = np.zeros((3, 3, 3, 3))
    for channel in range(3):
        each[:, :, channel, channel] = weight[:, :, channel, 0]
    assert graph.run("end", [1, 3, 3, 3]) == pytest.approx(by_hand(each, 2))


def test_pictures_are_enlarged_from_their_pixels_corners() -> None:
    """`half_pixel_centers`, as MoveNet's."""
    graph = Writer()
    size = graph.constant("size", np.array([10, 10], np.int32))
    graph.node("ResizeBilinear", ["picture", size], "end", half_pixel_centers={"b": True})
    result = graph.run("end", [1, 10, 10, 3])
    assert result[0, 0, :4, 0] == pytest.approx([0, 0.75, 2.25, 3.75])


def test_the_best_place_is_found_and_read_there() -> None:
    """What MoveNet does after its convolutions: the place of the largest value, its row and column, what lies there."""
    graph = Writer()
    whole = {name: graph.constant(name, np.array(value, np.int32)) for name, value in {
        "flat": [1, SIDE * SIDE, 3], "one": 1, "zero": 0, "five": SIDE, "column": [3], "channels": [0, 1, 2]
    }.items()}  # fmt: skip
    graph.node("Reshape", ["picture", whole["flat"]], "rows")
    graph.node("ArgMax", ["rows", whole["one"]], "best")  # [1, 3]: 24 for each channel
    graph.node("Reshape", ["best", whole["column"]], "place")
    graph.node("FloorDiv", ["place", whole["five"]], "row")
    graph.node("Mul", ["row", whole["five"]], "before")
    graph.node("Sub", ["place", "before"], "in_row")
    graph.node("Sub", ["row", "row"], "none")
    graph.node("Pack", ["none", "row", "in_row", "channels"], "where", axis={"i": "1"})
    graph.node("GatherNd", ["picture", "where", "^place"], "there")
    assert graph.run("there", [3]).tolist() == [72, 73, 74]


def test_parts_and_axes() -> None:
    graph = Writer()
    axis = graph.constant("axis", np.array(1, np.int32))
    graph.node("Unpack", ["picture"], "parts", axis={"i": "3"}, num={"i": "3"})
    graph.node("SquaredDifference", ["parts:2", "parts"], "four")
    graph.node("Sqrt", ["four"], "two")
    graph.node("RealDiv", ["parts:1", "two"], "half")
    graph.node("ExpandDims", ["half", axis], "deep")
    graph.node("Squeeze", ["deep"], "flat", squeeze_dims={"list": {"i": ["1"]}})
    graph.node("ConcatV2", ["flat", "two", axis], "end")
    result = graph.run("end", [1, 2 * SIDE, SIDE])
    assert result[0, :SIDE] == pytest.approx(PICTURE[0, :, :, 1] / 2)
    assert (result[0, SIDE:] == 2).all()


def test_the_highest_place_around_and_the_best_of_all() -> None:
    """What MoveNet MultiPose does with its heatmap: peaks are the places that a 3 x 3 maximum leaves as they are."""
    graph = Writer()
    window = {**convolving(1), "ksize": {"list": {"i": ["1", "3", "3", "1"]}}}
    graph.node("MaxPool", ["picture"], "around", **window)
    graph.node("Equal", ["picture", "around"], "is_peak")
    graph.node("Cast", ["is_peak"], "peaks", DstT={"type": "DT_FLOAT"})
    graph.node("Mul", ["picture", "peaks"], "heights")
    graph.node("Reshape", ["heights", graph.constant("flat", np.array([1, -1], np.int32))], "row")
    graph.node("TopKV2", ["row", graph.constant("three", np.array(3, np.int32))], "best")
    graph.node("Cast", ["best:1"], "places", DstT={"type": "DT_FLOAT"})
    graph.node("ConcatV2", ["best", "places", graph.constant("axis", np.array(1, np.int32))], "end")
    assert graph.run("end", [1, 6]).tolist() == [[74, 73, 72, 74, 73, 72]]


def test_what_depends_on_the_size_alone_is_calculated() -> None:
    """A column of row numbers, as wide as the picture, from its shape."""
    graph = Writer()
    whole = {name: graph.constant(name, np.array(value, np.int32)) for name, value in {
        "one": [1], "two": [2], "step": [1], "column": [-1, 1], "thrice": [1, 3]
    }.items()}  # fmt: skip
    graph.node("Shape", ["picture"], "shape")
    graph.node(
        "StridedSlice", ["shape", whole["one"], whole["two"], whole["step"]], "high", shrink_axis_mask={"i": "1"}
    )
    graph.node("Cast", ["high"], "last", DstT={"type": "DT_FLOAT"})
    first = graph.constant("first", np.array(0, np.float32))
    graph.node("Range", [first, "last", graph.constant("by", np.array(1, np.float32))], "rows")
    graph.node("Reshape", ["rows", whole["column"]], "standing")
    graph.node("Tile", ["standing", whole["thrice"]], "wide")
    none = graph.constant("none", np.array([0, 0], np.int32))
    ones = graph.constant("ones", np.array([1, 1], np.int32))
    masks = {"begin_mask": {"i": "2"}, "end_mask": {"i": "2"}, "new_axis_mask": {"i": "1"}}
    graph.node("StridedSlice", ["wide", none, none, ones], "deep", **masks)  # [None, :]
    graph.node("Squeeze", ["picture"], "flat", squeeze_dims={"list": {"i": ["0"]}})
    graph.node("Sub", ["flat", "deep"], "end")
    result = graph.run("end", [SIDE, SIDE, 3])
    assert result == pytest.approx(PICTURE[0] - np.arange(SIDE)[None, :, None].astype(float))


def test_choosing_and_adding_up() -> None:
    graph = Writer()
    axis, four = graph.constant("axis", np.array(3, np.int32)), graph.constant("four", np.array(4, np.float32))
    graph.node("Split", [axis, "picture"], "parts", num_split={"i": "3"})
    graph.node("Greater", ["parts", four], "large")
    graph.node("GreaterEqual", ["parts:1", four], "also")
    graph.node("LogicalAnd", ["large", "also"], "both")
    graph.node("Select", ["both", "parts:2", "parts"], "chosen")
    graph.node("Minimum", ["chosen", four], "capped")
    graph.node("AddN", ["capped", "parts", "parts:1"], "sum")
    graph.node("Sum", ["sum", axis], "added", keep_dims={"b": False})
    graph.node("Max", ["picture", axis], "most", keep_dims={"b": False})
    graph.node("Sub", ["added", "most"], "end")
    red, green, blue = np.moveaxis(PICTURE[0].astype(float), 2, 0)
    expected = np.minimum(np.where((red > 4) & (green >= 4), blue, red), 4) + red + green - blue
    assert graph.run("end", [1, SIDE, SIDE])[0] == pytest.approx(expected)


def faulty(fault: str) -> tuple[dict[str, Any], bytes]:
    graph = Writer()
    if fault == "operator":
        graph.node("Cos", ["picture"], "end")
    elif fault == "filters":
        weight = graph.constant("w", np.zeros((1, 1, 3, 2), np.float32))
        graph.node("DepthwiseConv2dNative", ["picture", weight], "end", **convolving(1))
    elif fault == "fused":
        inputs = ["picture", graph.constant("w", np.zeros((1, 1, 3, 1), np.float32)), "w"]
        graph.node("_FusedConv2D", inputs, "end", **convolving(1, fused=("BiasAdd", "Elu")))
    elif fault == "part":
        where = [graph.constant(name, np.full(1, value, np.int32)) for name, value in (("b", 0), ("e", 1), ("s", 1))]
        graph.node("StridedSlice", ["picture", *where], "end", shrink_axis_mask={"i": "1"})
    elif fault == "computed":
        graph.node("_FusedConv2D", ["picture", "picture"], "end", **convolving(1))
    else:
        graph.node("Add", [graph.constant("w", np.zeros(2, np.float32)), "w"], "end")
    document = graph.document("end", [1])
    if fault == "stored":
        document["weightsManifest"][0]["weights"][0]["quantization"] = {"dtype": "uint8"}
    return document, graph.weights + bytes(fault == "longer")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("operator", "operator Cos"),
        ("filters", "2 filters"),
        ("fused", "Elu"),
        ("part", "a part of what is computed"),
        ("computed", "computed where a constant"),
        ("stored", "stored as uint8"),
        ("longer", "9 bytes of weights where 8"),
    ],
)
def test_what_has_no_translation_is_named(fault: str, message: str) -> None:
    document, weights = faulty(fault)
    with pytest.raises(Unsupported, match=message):
        convert(json.dumps(document).encode(), weights, "result")
