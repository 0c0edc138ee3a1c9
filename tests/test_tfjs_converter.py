"""The converter of TensorFlow.js graphs, on graphs small enough to calculate by hand."""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
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


def test_the_highest_of_each_window() -> None:
    graph = Writer()
    window = {**convolving(1), "ksize": {"list": {"i": ["1", "3", "3", "1"]}}}
    graph.node("MaxPool", ["picture"], "end", **window)
    rows = np.minimum(np.arange(SIDE) + 1, SIDE - 1)
    assert (graph.run("end", list(PICTURE.shape)) == PICTURE[:, rows][:, :, rows]).all(), "values rise to the end"


NCHW = np.arange(3 * SIDE * SIDE, dtype=np.float32).reshape(1, 3, SIDE, SIDE) - 20


def framework_neutral(document: dict[str, Any], outputs: tuple[str, ...]) -> dict[str, Any]:
    """The same graph with a picture of numbers, channels first, and several outputs."""
    shape = {"dim": [{"size": str(size)} for size in NCHW.shape]}
    signed = {"inputs": {"in": {"name": "input:0", "dtype": "DT_FLOAT", "tensorShape": shape}}}
    return {**document, "signature": {**signed, "outputs": {name: {"name": f"{name}:0"} for name in outputs}}}


def nanodet_like() -> Writer:
    """What NanoDet is made of: pictures are turned for each convolution and back, and two maps become rows."""
    graph = Writer()
    whole = {name: graph.constant(name, np.array(value, np.int32)) for name, value in {
        "hwc": [0, 2, 3, 1], "chw": [0, 3, 1, 2], "rows": [0, 2, 1], "around": [[0, 0], [0, 0], [1, 0], [0, 1]],
        "sizes": [2, 1], "axis": 1, "first": [[0], [1]], "shape": [3], "some": [1, 2], "rest": 0, "less": [0, 0, -1],
    }.items()}  # fmt: skip
    graph.node("PadV2", ["input", whole["around"], graph.constant("ten", np.array(10, np.float16))], "wider")
    graph.node("Transpose", ["wider", whole["hwc"]], "turned")
    weight = np.arange(2 * 2 * 3 * 3).reshape(2, 2, 3, 3).astype(np.float16) / 8
    graph.node("Conv2D", ["turned", graph.constant("w", weight)], "seen", **convolving(2, "VALID"))
    graph.node("Add", ["seen", graph.constant("b", np.array([-30, 0, 30], np.float16))], "moved")
    graph.node("Transpose", ["moved", whole["chw"]], "back")
    graph.node("LeakyRelu", ["back"], "bent", alpha={"f": 0.5})
    graph.node("SplitV", ["bent", whole["sizes"], whole["axis"]], "parts", num_split={"i": "2"})
    graph.node("SparseToDense", [whole["first"], whole["shape"], whole["some"], whole["rest"]], "dense")
    for name, part, channels in (("two", "parts", 2), ("one", "parts:1", 1)):
        graph.constant(f"{name} channels", np.array([0, channels - 2, 0], np.int32))
        graph.node("AddV2", ["dense", whole["less"]], f"{name} open")
        graph.node("AddV2", [f"{name} open", f"{name} channels"], f"{name} shape")
        graph.node("Reshape", [part, f"{name} shape"], f"{name} flat")
        graph.node("Transpose", [f"{name} flat", whole["rows"]], name)
    return graph


def test_channels_first_and_several_outputs_as_one() -> None:
    graph = nanodet_like()
    document = framework_neutral(graph.document("two", []), ("two", "one"))
    model = convert(json.dumps(document).encode(), graph.weights, "result", (("two", "one"),))
    (result,) = Session(model, ["cpu"]).run(NCHW).values()
    wider = np.full((3, SIDE + 1, SIDE + 1), 10.0)
    wider[:, 1:, :-1] = NCHW[0]
    weight = np.arange(2 * 2 * 3 * 3).reshape(2, 2, 3, 3) / 8
    cells = [wider[:, 2 * y : 2 * y + 2, 2 * x : 2 * x + 2] for y in range(3) for x in range(3)]
    plain = np.array([np.einsum("cij,ijco->o", cell, weight) for cell in cells]) + np.array([-30, 0, 30])
    assert result[0] == pytest.approx(np.where(plain < 0, plain / 2, plain))
    names = [node.op_type for node in onnx.load_from_string(model).graph.node]
    assert names.count("Transpose") == 2, "of rows alone: those around convolutions are no work"


def test_rows_one_after_the_other() -> None:
    graph = nanodet_like()
    graph.node("Reshape", ["bent", graph.constant("all", np.array([1, -1, 1], np.int32))], "flat")
    document = framework_neutral(graph.document("two", []), ("one", "flat"))
    model = convert(json.dumps(document).encode(), graph.weights, "result", (("flat",), ("one",)))
    (result,) = Session(model, ["cpu"]).run(NCHW).values()
    assert result.shape == (1, 27 + 9, 1)
    assert (result[0, 27:] == result[0, 18:27]).all(), "the third channel, behind all of them"


@pytest.mark.parametrize("rows", [(), (("two",),), (("two", "one", "bent"),)])
def test_outputs_that_nothing_joins(rows: tuple[tuple[str, ...], ...]) -> None:
    graph = nanodet_like()
    document = framework_neutral(graph.document("two", []), ("two", "one"))
    with pytest.raises(Unsupported, match="outputs two, one"):
        convert(json.dumps(document).encode(), graph.weights, "result", rows)


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
        ("computed", "computed where a constant"),
        ("stored", "stored as uint8"),
        ("longer", "9 bytes of weights where 8"),
    ],
)
def test_what_has_no_translation_is_named(fault: str, message: str) -> None:
    document, weights = faulty(fault)
    with pytest.raises(Unsupported, match=message):
        convert(json.dumps(document).encode(), weights, "result")
