"""Convert a TensorFlow.js graph model to ONNX: without TensorFlow, and to the same bytes every time.

For MoveNet, whose float weights travel in this format alone. What comes out: one input `image`, uint8 NHWC of the size
that the signature says; the named output; convolutions in NCHW, everything else in the order of the source; whole
numbers as int64. What depends on the size of the input alone is calculated here.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.shape_inference import infer_node_outputs
from onnx_writer import (
    OPSET,
    TO_NCHW,
    TO_NHWC,
    Attribute,
    OnnxWriter,
    Unsupported,
    finished,
    onnx_pads,
    same_padding,
)
from tfjs_known import KNOWN, Node, index

PRODUCER = "posture tools/tfjs_to_onnx.py"


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
        """Tensors of the source whose value is known: stored, or calculated from such."""
        self.values: dict[str, str] = {}
        """Tensor of the source -> ONNX value, in the order of the source's axes."""
        self.pictures: dict[str, str] = {}
        """The same in NCHW, where it was made so."""
        self.types: dict[str, onnx.TypeProto] = {}
        """ONNX value -> what ONNX itself says of its type and size."""

    def converted(self, output: str) -> onnx.ModelProto:
        """The whole ONNX model."""
        shape = [int(one["size"]) for one in self.input["tensorShape"]["dim"]]
        image = helper.make_tensor_value_info("image", TensorProto.UINT8, shape)
        placeholder = _tensor(self.input["name"])
        self.values[placeholder], self.types["image"] = "image", image.type
        end = _tensor(self.output["name"])
        for name in self._order(end):
            if name != placeholder and name not in self.constants:
                self._node(self.source[name])
        self.node("Identity", [self.value(end)], output)
        return self.model([image], [onnx.ValueInfoProto(name=output, type=self.types[output])], PRODUCER)

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
        if op in KNOWN and all(tensor in self.constants for tensor in inputs):
            self.constants[name] = KNOWN[op](node, *(self.constants[tensor] for tensor in inputs))
        elif op == "Shape":
            self.constants[name] = np.array(self.shape(inputs[0]), np.int64)
        elif op in PICTURES:
            self.pictures[name] = PICTURES[op](self, node)
        elif op == "AddV2" and all(tensor in self.pictures for tensor in inputs):
            self.pictures[name] = self.node("Add", [self.pictures[tensor] for tensor in inputs])
        elif op in PLAIN:
            self.values[name] = PLAIN[op](self, node)
        else:
            raise Unsupported(f"operator {op}")

    def several(self, op: str, inputs: list[str], outputs: list[str], **attributes: Attribute) -> None:
        """See `OnnxWriter.several`; the sizes of what comes out are known at once."""
        super().several(op, inputs, outputs, **attributes)
        given = {one: self.initializers[one] for one in inputs if one in self.initializers}
        types = {one: self.types[one] for one in inputs if one in self.types}
        for one, value in given.items():
            types[one] = helper.make_tensor_type_proto(helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        whole = {one: numpy_helper.from_array(value) for one, value in given.items() if value.dtype == np.int64}
        schema, opset = onnx.defs.get_schema(op, OPSET, ""), [helper.make_opsetid("", OPSET)]
        self.types.update(infer_node_outputs(schema, self.nodes[-1], types, whole, opset_imports=opset))

    def shape(self, tensor: str) -> tuple[int, ...]:
        """The sizes of a tensor, in the order of the source's axes."""
        tensor = _tensor(tensor)
        made = self.types[self.pictures.get(tensor) or self.values[tensor]].tensor_type.shape
        sizes = [one.dim_value for one in made.dim]
        return tuple(sizes[axis] for axis in TO_NHWC) if tensor in self.pictures else tuple(sizes)

    def constant(self, tensor: str) -> NDArray[Any]:
        """The value of a tensor that is known at conversion."""
        value = self.constants.get(_tensor(tensor))
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


def _sides(c: _Converter, node: Node, kernel: Sequence[int], dilations: Sequence[int]) -> dict[str, list[int]]:
    """Strides and padding of a window of that size, as ONNX has them."""
    strides, pads = _listed(node, "strides")[1:3], [(0, 0), (0, 0)]
    if _text(node["attr"]["padding"]["s"]) == "SAME":
        sizes = c.shape(node["input"][0])[1:3]
        pads = [same_padding(sizes[i], kernel[i], strides[i], dilations[i]) for i in (0, 1)]
    return {"kernel_shape": list(kernel), "strides": strides, "pads": onnx_pads(pads)}


def _convolution(c: _Converter, node: Node) -> str:
    depthwise = "Depthwise" in node["op"]
    weight = c.constant(node["input"][1])  # HWIO; of a depthwise one HWCM, with one filter for each channel
    if depthwise and weight.shape[3] != 1:
        raise Unsupported(f"{node['name']}: {weight.shape[3]} filters for each channel")
    weight = weight.transpose([2, 3, 0, 1] if depthwise else [3, 2, 0, 1])
    dilations = _listed(node, "dilations")[1:3]
    sides = _sides(c, node, weight.shape[2:], dilations)
    name = c.name("depthwise" if depthwise else "conv")
    inputs = [c.picture(node["input"][0]), c.weight(weight, f"{name}.weight")]
    fused = [_text(one) for one in node["attr"].get("fused_ops", {}).get("list", {}).get("s", [])]
    if fused[:1] == ["BiasAdd"]:
        inputs.append(c.weight(c.constant(node["input"][2]), f"{name}.bias"))
    group = weight.shape[0] if depthwise else 1
    value = c.node("Conv", inputs, name, dilations=dilations, group=group, **sides)
    match fused:
        case [] | ["BiasAdd"]:
            return value
        case ["BiasAdd", "Relu"]:
            return c.node("Relu", [value])
        case ["BiasAdd", "Relu6"]:
            return c.node("Clip", [value, c.number(0, "clip_min"), c.number(6, "clip_max")])
    raise Unsupported(f"{node['name']}: fused {fused}")


def _max_pool(c: _Converter, node: Node) -> str:
    sides = _sides(c, node, _listed(node, "ksize")[1:3], (1, 1))
    return c.node("MaxPool", [c.picture(node["input"][0])], c.name("maxpool"), **sides)


def _resize(c: _Converter, node: Node) -> str:
    attributes, (before, size) = node["attr"], node["input"][:2]
    shape, (high, wide) = c.shape(before), (int(one) for one in c.constant(size))
    half_pixel = attributes.get("half_pixel_centers", {}).get("b", False)
    mode = "half_pixel" if half_pixel else "asymmetric"
    if attributes.get("align_corners", {}).get("b", False):
        mode = "align_corners"
    sizes = c.ints(shape[0], shape[3], high, wide)
    return c.node("Resize", [c.picture(before), "", "", sizes], mode="linear", coordinate_transformation_mode=mode)


def _operator(kind: str) -> Callable[[_Converter, Node], str]:
    """What ONNX does in the same way, whatever the number of inputs."""
    return lambda c, node: c.node(kind, [c.value(tensor) for tensor in node["input"]])


def _cast(c: _Converter, node: Node) -> str:
    kind = node["attr"]["DstT"]["type"]
    if kind != "DT_FLOAT":
        raise Unsupported(f"{node['name']}: a cast to {kind}")
    return c.node("Cast", [c.value(node["input"][0])], to=TensorProto.FLOAT)


def _expand(c: _Converter, node: Node) -> str:
    return c.node("Unsqueeze", [c.value(node["input"][0]), c.ints(int(c.constant(node["input"][1])))])


def _squeeze(c: _Converter, node: Node) -> str:
    return c.node("Squeeze", [c.value(node["input"][0]), c.ints(*_listed(node, "squeeze_dims"))])


def _reshape(c: _Converter, node: Node) -> str:
    return c.node("Reshape", [c.value(node["input"][0]), c.ints(*c.constant(node["input"][1]).tolist())])


def _strided(c: _Converter, node: Node) -> str:
    """Of what is not known, only whole axes, and new ones between them."""
    where = index(node, *(c.constant(tensor) for tensor in node["input"][1:]))
    if any(one is not None and one != slice(None) for one in where):
        raise Unsupported(f"{node['name']}: a part of what is computed")
    new = [axis for axis, one in enumerate(where) if one is None]
    return c.node("Unsqueeze", [c.value(node["input"][0]), c.ints(*new)])


def _unpack(c: _Converter, node: Node) -> str:
    """The parts are the node's outputs, `name`, `name:1` and so on."""
    axis, count = int(node["attr"]["axis"]["i"]), int(node["attr"]["num"]["i"])
    whole, parts = c.value(node["input"][0]), []
    for place in range(count):
        index = c.share(np.array(place, np.int64), "place")
        parts.append(c.node("Gather", [whole, index], axis=axis))
    return _parts(c, node, parts)


def _split(c: _Converter, node: Node) -> str:
    axis, count = int(c.constant(node["input"][0])), int(node["attr"]["num_split"]["i"])
    parts = [c.name("split") for _ in range(count)]
    c.several("Split", [c.value(node["input"][1])], parts, axis=axis)
    return _parts(c, node, parts)


def _top_k(c: _Converter, node: Node) -> str:
    parts = [c.name("topk"), c.name("topk_place")]
    c.several("TopK", [c.value(node["input"][0]), c.ints(int(c.constant(node["input"][1])))], parts)
    return _parts(c, node, parts)


def _parts(c: _Converter, node: Node, parts: Sequence[str]) -> str:
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


def _max(c: _Converter, node: Node) -> str:
    axis = int(c.constant(node["input"][1]))
    return c.node("ReduceMax", [c.value(node["input"][0])], axes=[axis], keepdims=0)


def _sum(c: _Converter, node: Node) -> str:
    return c.node("ReduceSum", [c.value(node["input"][0]), c.ints(int(c.constant(node["input"][1])))], keepdims=0)


def _squared_difference(c: _Converter, node: Node) -> str:
    difference = c.node("Sub", [c.value(tensor) for tensor in node["input"]])
    return c.node("Mul", [difference, difference])


PICTURES: dict[str, Callable[[_Converter, Node], str]] = {
    "DepthwiseConv2dNative": _convolution,
    "FusedDepthwiseConv2dNative": _convolution,
    "MaxPool": _max_pool,
    "ResizeBilinear": _resize,
    "_FusedConv2D": _convolution,
}
PLAIN: dict[str, Callable[[_Converter, Node], str]] = {
    "Abs": _operator("Abs"),
    "AddN": _operator("Sum"),
    "AddV2": _operator("Add"),
    "ArgMax": _arg_max,
    "Cast": _cast,
    "ConcatV2": _concatenation,
    "Equal": _operator("Equal"),
    "Exp": _operator("Exp"),
    "ExpandDims": _expand,
    "FloorDiv": _operator("Div"),  # of whole numbers that are not negative
    "GatherNd": _operator("GatherND"),
    "Greater": _operator("Greater"),
    "GreaterEqual": _operator("GreaterOrEqual"),
    "Identity": _operator("Identity"),
    "Less": _operator("Less"),
    "LogicalAnd": _operator("And"),
    "Max": _max,
    "Maximum": _operator("Max"),
    "Minimum": _operator("Min"),
    "Mul": _operator("Mul"),
    "Pack": _pack,
    "RealDiv": _operator("Div"),
    "Reciprocal": _operator("Reciprocal"),
    "Reshape": _reshape,
    "Select": _operator("Where"),
    "Sigmoid": _operator("Sigmoid"),
    "Split": _split,
    "Sqrt": _operator("Sqrt"),
    "SquaredDifference": _squared_difference,
    "Squeeze": _squeeze,
    "StridedSlice": _strided,
    "Sub": _operator("Sub"),
    "Sum": _sum,
    "Tile": _operator("Tile"),
    "TopKV2": _top_k,
    "Unpack": _unpack,
}
