"""Convert a TensorFlow.js graph model to ONNX: without TensorFlow, and to the same bytes every time.

For MoveNet, whose float weights travel in this format alone. What comes out: one input `image`, uint8 NHWC; the named
output; convolutions in NCHW, everything else in the order of the source; whole numbers as int64.
"""

import base64
import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from onnx_writer import TO_NCHW, TO_NHWC, OnnxWriter, Unsupported, finished, onnx_pads, same_padding

PRODUCER = "posture tools/tfjs_to_onnx.py"
Node = dict[str, Any]
"""A node of the source: name, op, input, attr."""


def convert(topology: bytes, weights: bytes, output: str) -> bytes:
    """The ONNX file for `model.json` and its one file of weights; the same bytes for the same source.

    `output` is the ONNX name of the model's only output. Raises `Unsupported` naming what has no translation.
    """
    document = json.loads(topology)
    model = _Converter(document, _constants(document, weights)).converted(output)
    return finished(model, sha256(topology + weights).hexdigest())


def _constants(document: Mapping[str, Any], weights: bytes) -> dict[str, NDArray[Any]]:
    """The stored tensors by name: floats as float32 (stored as float16), whole numbers as int64 (stored as int32)."""
    constants, at = {}, 0
    for entry in (entry for group in document["weightsManifest"] for entry in group["weights"]):
        stored = entry.get("quantization", {}).get("dtype", entry["dtype"])
        if stored not in ("float16", "float32", "int32"):
            raise Unsupported(f"{entry['name']}: weights stored as {stored}")
        count = int(np.prod(entry["shape"], dtype=np.int64))
        value = np.frombuffer(weights, np.dtype(stored).newbyteorder("<"), count, at).reshape(entry["shape"])
        at += value.nbytes
        constants[entry["name"]] = value.astype(np.int64 if stored == "int32" else np.float32)
    if at != len(weights):
        raise Unsupported(f"{len(weights)} bytes of weights where {at} are described")
    return constants


class _Converter(OnnxWriter):
    """Walks the nodes in the order in which they need each other."""

    def __init__(self, document: Mapping[str, Any], constants: dict[str, NDArray[Any]]) -> None:
        super().__init__()
        self.source: dict[str, Node] = {}
        for node in document["modelTopology"]["node"]:
            data = [tensor for tensor in node.get("input", []) if not tensor.startswith("^")]  # "^" is order alone
            self.source[node["name"]] = {**node, "input": data}
        signature = document["signature"]
        (self.input,), (self.output,) = signature["inputs"].values(), signature["outputs"].values()
        self.constants = constants
        self.values: dict[str, str] = {}
        """Tensor of the source -> ONNX value, in the order of the source's axes."""
        self.pictures: dict[str, str] = {}
        """The same in NCHW, where it was made so."""
        self.shapes: dict[str, tuple[int, ...]] = {}
        """Of pictures and of what becomes one, in the order of the source's axes."""

    def converted(self, output: str) -> onnx.ModelProto:
        """The whole ONNX model."""
        shape = [int(size["size"]) for size in self.input["tensorShape"]["dim"]]
        placeholder = _tensor(self.input["name"])
        self.values[placeholder] = "image"
        self.shapes[placeholder] = tuple(shape)
        end = _tensor(self.output["name"])
        for name in self._order(end):
            if name != placeholder and name not in self.constants:
                self._node(self.source[name])
        self.node("Identity", [self.value(end)], output)
        made = [int(size["size"]) for size in self.output["tensorShape"]["dim"]]
        return self.model(
            [helper.make_tensor_value_info("image", TensorProto.UINT8, shape)],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, made)],
            PRODUCER,
        )

    def _order(self, end: str) -> list[str]:
        """What `end` depends on, each after what it needs itself; depth first, so always the same."""
        order: dict[str, None] = {}
        waiting = [(end, False)]
        while waiting:
            name, ready = waiting.pop()
            if ready:
                order[name] = None
            elif name not in order:
                waiting.append((name, True))
                waiting += [(_owner(one), False) for one in reversed(self.source[name]["input"])]
        return list(order)

    def _node(self, node: Node) -> None:
        name, op, inputs = node["name"], node["op"], [_tensor(tensor) for tensor in node["input"]]
        if op in PICTURES:
            self.pictures[name] = PICTURES[op](self, node)
        elif op == "AddV2" and all(tensor in self.pictures for tensor in inputs):
            self.pictures[name] = self.node("Add", [self.pictures[tensor] for tensor in inputs])
            self.shapes[name] = self.shapes[inputs[0]]
        elif op in PLAIN:
            self.values[name] = PLAIN[op](self, node)
            if op in KEEPS_SHAPE and inputs[0] in self.shapes:
                self.shapes[name] = self.shapes[inputs[0]]
        else:
            raise Unsupported(f"operator {op}")

    def constant(self, tensor: str) -> NDArray[Any]:
        """The value of a tensor that is known at conversion."""
        value = self.constants.get(tensor)
        if value is None:
            raise Unsupported(f"{tensor} is computed where a constant is expected")
        return value

    def value(self, tensor: str) -> str:
        """The ONNX value of a tensor, in the order of the source's axes."""
        tensor = _tensor(tensor)
        if tensor not in self.values:
            if tensor in self.pictures:
                self.values[tensor] = self.node("Transpose", [self.pictures[tensor]], perm=TO_NHWC)
            else:
                constant = self.constant(tensor)
                whole = constant.dtype == np.int64
                self.values[tensor] = (
                    self.share(constant, "whole") if whole else self.weight(constant, self.name("constant"))
                )
        return self.values[tensor]

    def picture(self, tensor: str) -> str:
        """The same in NCHW."""
        tensor = _tensor(tensor)
        if tensor not in self.pictures:
            self.pictures[tensor] = self.node("Transpose", [self.value(tensor)], perm=TO_NCHW)
        return self.pictures[tensor]

    def ints(self, *values: int) -> str:
        """A shared constant."""
        return self.share(np.array(values, np.int64), "whole")


def _tensor(name: str) -> str:
    """`a:0` is the same as `a`; further outputs keep their number."""
    return name.removesuffix(":0")


def _owner(tensor: str) -> str:
    return tensor.partition(":")[0]


def _listed(node: Node, key: str) -> list[int]:
    return [int(one) for one in node["attr"][key]["list"].get("i", [])]


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode("ascii")


def _convolution(c: _Converter, node: Node) -> str:
    depthwise = "Depthwise" in node["op"]
    attributes = node["attr"]
    weight = c.constant(node["input"][1])  # HWIO; of a depthwise one HWCM, with one filter for each channel
    if depthwise and weight.shape[3] != 1:
        raise Unsupported(f"{node['name']}: {weight.shape[3]} filters for each channel")
    weight = weight.transpose([2, 3, 0, 1] if depthwise else [3, 2, 0, 1])
    shape = c.shapes[_tensor(node["input"][0])]
    kernel, strides, dilations = weight.shape[2:], _listed(node, "strides")[1:3], _listed(node, "dilations")[1:3]
    pads = [(0, 0), (0, 0)]
    if _text(attributes["padding"]["s"]) == "SAME":
        pads = [same_padding(shape[1 + i], kernel[i], strides[i], dilations[i]) for i in (0, 1)]
    spans = [(kernel[i] - 1) * dilations[i] + 1 for i in (0, 1)]
    sizes = [(shape[1 + i] + sum(pads[i]) - spans[i]) // strides[i] + 1 for i in (0, 1)]
    c.shapes[node["name"]] = (shape[0], sizes[0], sizes[1], weight.shape[0])
    name = c.name("depthwise" if depthwise else "conv")
    inputs = [c.picture(node["input"][0]), c.weight(weight, f"{name}.weight")]
    fused = [_text(one) for one in attributes.get("fused_ops", {}).get("list", {}).get("s", [])]
    if fused[:1] == ["BiasAdd"]:
        inputs.append(c.weight(c.constant(node["input"][2]), f"{name}.bias"))
    group = weight.shape[0] if depthwise else 1
    value = c.node(
        *("Conv", inputs, name),
        kernel_shape=kernel,
        strides=strides,
        dilations=dilations,
        pads=onnx_pads(pads),
        group=group,
    )
    match fused:
        case [] | ["BiasAdd"]:
            return value
        case ["BiasAdd", "Relu"]:
            return c.node("Relu", [value])
        case ["BiasAdd", "Relu6"]:
            return c.node("Clip", [value, c.number(0, "clip_min"), c.number(6, "clip_max")])
    raise Unsupported(f"{node['name']}: fused {fused}")


def _resize(c: _Converter, node: Node) -> str:
    attributes, (before, size) = node["attr"], node["input"][:2]
    shape, (high, wide) = c.shapes[_tensor(before)], (int(one) for one in c.constant(size))
    half_pixel = attributes.get("half_pixel_centers", {}).get("b", False)
    mode = "half_pixel" if half_pixel else "asymmetric"
    if attributes.get("align_corners", {}).get("b", False):
        mode = "align_corners"
    c.shapes[node["name"]] = (shape[0], high, wide, shape[3])
    sizes = c.ints(shape[0], shape[3], high, wide)
    return c.node("Resize", [c.picture(before), "", "", sizes], mode="linear", coordinate_transformation_mode=mode)


def _binary(kind: str) -> Callable[[_Converter, Node], str]:
    return lambda c, node: c.node(kind, [c.value(tensor) for tensor in node["input"][:2]])


def _unary(kind: str) -> Callable[[_Converter, Node], str]:
    return lambda c, node: c.node(kind, [c.value(node["input"][0])])


def _cast(c: _Converter, node: Node) -> str:
    kind = node["attr"]["DstT"]["type"]
    if kind != "DT_FLOAT":
        raise Unsupported(f"{node['name']}: a cast to {kind}")
    return c.node("Cast", [c.value(node["input"][0])], to=TensorProto.FLOAT)


def _expand(c: _Converter, node: Node) -> str:
    before, axis = _tensor(node["input"][0]), int(c.constant(node["input"][1]))
    if before in c.shapes:
        shape = list(c.shapes[before])
        shape.insert(axis, 1)
        c.shapes[node["name"]] = tuple(shape)
    return c.node("Unsqueeze", [c.value(before), c.ints(axis)])


def _squeeze(c: _Converter, node: Node) -> str:
    before, axes = _tensor(node["input"][0]), _listed(node, "squeeze_dims")
    _without(c, before, node["name"], axes)
    return c.node("Squeeze", [c.value(before), c.ints(*axes)])


def _without(c: _Converter, before: str, after: str, axes: list[int]) -> None:
    """Note the shape of what has lost `axes`."""
    if before in c.shapes:
        c.shapes[after] = tuple(size for axis, size in enumerate(c.shapes[before]) if axis not in axes)


def _reshape(c: _Converter, node: Node) -> str:
    return c.node("Reshape", [c.value(node["input"][0]), c.ints(*c.constant(node["input"][1]).tolist())])


def _unpack(c: _Converter, node: Node) -> str:
    """The parts are the node's outputs, `name`, `name:1` and so on."""
    axis, count = int(node["attr"]["axis"]["i"]), int(node["attr"]["num"]["i"])
    whole, parts = c.value(node["input"][0]), []
    _without(c, _tensor(node["input"][0]), node["name"], [axis])
    for place in range(count):
        index = c.share(np.array(place, np.int64), "place")
        parts.append(c.node("Gather", [whole, index], axis=axis))
    c.values.update({f"{node['name']}:{place}": part for place, part in enumerate(parts) if place})
    return parts[0]


def _pack(c: _Converter, node: Node) -> str:
    axis = int(node["attr"]["axis"]["i"])
    parts = [c.node("Unsqueeze", [c.value(tensor), c.ints(axis)]) for tensor in node["input"]]
    return c.node("Concat", parts, axis=axis)


def _concatenation(c: _Converter, node: Node) -> str:
    *parts, axis = node["input"]
    return c.node("Concat", [c.value(tensor) for tensor in parts], axis=int(c.constant(axis)))


def _arg_max(c: _Converter, node: Node) -> str:
    axis = int(c.constant(node["input"][1]))
    return c.node("ArgMax", [c.value(node["input"][0])], axis=axis, keepdims=0)


def _squared_difference(c: _Converter, node: Node) -> str:
    difference = c.node("Sub", [c.value(tensor) for tensor in node["input"]])
    return c.node("Mul", [difference, difference])


PICTURES: dict[str, Callable[[_Converter, Node], str]] = {
    "DepthwiseConv2dNative": _convolution,
    "FusedDepthwiseConv2dNative": _convolution,
    "ResizeBilinear": _resize,
    "_FusedConv2D": _convolution,
}
PLAIN: dict[str, Callable[[_Converter, Node], str]] = {
    "AddV2": _binary("Add"),
    "ArgMax": _arg_max,
    "Cast": _cast,
    "ConcatV2": _concatenation,
    "ExpandDims": _expand,
    "FloorDiv": _binary("Div"),  # of whole numbers that are not negative
    "GatherNd": _binary("GatherND"),
    "Identity": _unary("Identity"),
    "Mul": _binary("Mul"),
    "Pack": _pack,
    "RealDiv": _binary("Div"),
    "Reshape": _reshape,
    "Sigmoid": _unary("Sigmoid"),
    "Sqrt": _unary("Sqrt"),
    "SquaredDifference": _squared_difference,
    "Squeeze": _squeeze,
    "Sub": _binary("Sub"),
    "Unpack": _unpack,
}
KEEPS_SHAPE = {"Cast", "Mul", "Sub"}
