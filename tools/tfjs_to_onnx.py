"""Convert a TensorFlow.js graph model to ONNX: without TensorFlow, and to the same bytes every time.

For MoveNet and NanoDet, whose float weights travel in this format. What comes out: one input `image` of the size that
the signature says, uint8 where the source takes whole numbers; one output; convolutions in NCHW, everything else in the
order of the source; whole numbers as int64. What depends on constants alone is calculated here.
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

PRODUCER = "posture tools/tfjs_to_onnx.py"
Node = dict[str, Any]
"""A node of the source: name, op, input, attr."""


def convert(topology: bytes, weights: bytes, output: str, rows: Sequence[Sequence[str]] = ()) -> bytes:
    """The ONNX file for `model.json` and its one file of weights; the same bytes for the same source.

    `output` is the ONNX name of the only output. Where the source has several, `rows` says how they become one: those
    of a row side by side (axis 2), the rows one after the other (axis 1). Raises `Unsupported` naming what has no
    translation.
    """
    document = json.loads(topology)
    model = _Converter(document, _constants(document, weights)).converted(output, rows)
    return finished(model, sha256(topology + weights).hexdigest())


def outputs_of(topology: bytes) -> dict[str, list[int]]:
    """The outputs of `model.json` by the names of its graph, and the sizes that it says."""
    outputs = json.loads(topology)["signature"]["outputs"].values()
    return {_tensor(one["name"]): _sizes(one) for one in outputs}


def _sizes(tensor: Mapping[str, Any]) -> list[int]:
    return [int(one["size"]) for one in tensor["tensorShape"]["dim"]]


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
        (self.input,) = signature["inputs"].values()
        self.outputs = [_tensor(one["name"]) for one in signature["outputs"].values()]
        self.constants = constants
        """Tensors of the source whose value is known: stored, or calculated from such."""
        self.values: dict[str, str] = {}
        """Tensor of the source -> ONNX value, in the order of the source's axes."""
        self.pictures: dict[str, str] = {}
        """The same in NCHW, where it was made so."""
        self.types: dict[str, onnx.TypeProto] = {}
        """ONNX value -> what ONNX itself says of its type and size."""

    def converted(self, output: str, rows: Sequence[Sequence[str]]) -> onnx.ModelProto:
        """The whole ONNX model; see `convert`."""
        ends = rows or [self.outputs]
        if sorted(end for row in ends for end in row) != sorted(self.outputs) or not (rows or len(self.outputs) == 1):
            raise Unsupported(f"outputs {', '.join(self.outputs)} and nothing that says how they become one")
        shape = _sizes(self.input)
        kind = TensorProto.FLOAT if self.input.get("dtype") == "DT_FLOAT" else TensorProto.UINT8
        image = helper.make_tensor_value_info("image", kind, shape)
        placeholder = _tensor(self.input["name"])
        self.values[placeholder], self.types["image"] = "image", image.type
        for name in self._order([end for row in ends for end in row]):
            if name != placeholder and name not in self.constants:
                self._node(self.source[name])
        made = [self._joined([self.value(end) for end in row], axis=2) for row in ends]
        self.node("Identity", [self._joined(made, axis=1)], output)
        return self.model([image], [onnx.ValueInfoProto(name=output, type=self.types[output])], PRODUCER)

    def _joined(self, values: list[str], axis: int) -> str:
        return values[0] if len(values) == 1 else self.node("Concat", values, axis=axis)

    def _order(self, ends: Sequence[str]) -> list[str]:
        """What `ends` depend on, each after what it needs itself; depth first, so always the same."""
        order: dict[str, None] = {}
        waiting = [(end, False) for end in reversed(ends)]
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
            self.constants[name] = KNOWN[op](*(self.constants[tensor] for tensor in inputs))
        elif op in PICTURES:
            self.pictures[name] = PICTURES[op](self, node)
        elif op == "Transpose":
            self._transpose(name, inputs[0], self.constant(inputs[1]).tolist())
        elif op in ("Add", "AddV2") and all(tensor in self.pictures or self._is_bias(tensor) for tensor in inputs):
            self.pictures[name] = self.node("Add", [self._in_nchw(tensor) for tensor in inputs])
        elif op in PLAIN:
            self.values[name] = PLAIN[op](self, node)
        else:
            raise Unsupported(f"operator {op}")

    def _transpose(self, name: str, before: str, order: list[int]) -> None:
        """From NHWC to NCHW and back nothing moves: it is the same ONNX value, in the other of both lists."""
        if order == TO_NHWC:
            self.pictures[name] = self.value(before)
        elif order == TO_NCHW:
            self.values[name] = self.picture(before)
        else:
            self.values[name] = self.node("Transpose", [self.value(before)], perm=order)

    def _is_bias(self, tensor: str) -> bool:
        """Whether it is known, one number a channel."""
        return tensor in self.constants and self.constants[tensor].ndim == 1

    def _in_nchw(self, tensor: str) -> str:
        """A picture, or one number a channel, to be added to another picture."""
        if tensor in self.pictures:
            return self.pictures[tensor]
        return self.weight(self.constants[tensor].reshape(-1, 1, 1), self.name("bias"))

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


def _unpack(c: _Converter, node: Node) -> str:
    """The parts are the node's outputs, `name`, `name:1` and so on."""
    axis, count = int(node["attr"]["axis"]["i"]), int(node["attr"]["num"]["i"])
    whole, parts = c.value(node["input"][0]), []
    for place in range(count):
        index = c.share(np.array(place, np.int64), "place")
        parts.append(c.node("Gather", [whole, index], axis=axis))
    return _parts(c, node, parts)


def _split(c: _Converter, node: Node) -> str:
    sizes, axis = c.constant(node["input"][1]).tolist(), int(c.constant(node["input"][2]))
    parts = [c.name("split") for _ in sizes]
    c.several("Split", [c.value(node["input"][0]), c.ints(*sizes)], parts, axis=axis)
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


def _pad(c: _Converter, node: Node) -> str:
    """Before and after each axis; with the number of `PadV2`, or 0."""
    before, widths, *filled = node["input"]
    ends = c.constant(widths).T.ravel().tolist()
    return c.node(
        "Pad", [c.value(before), c.ints(*ends), c.number(float(c.constant(filled[0])) if filled else 0, "fill")]
    )


def _leaky_relu(c: _Converter, node: Node) -> str:
    return c.node("LeakyRelu", [c.value(node["input"][0])], alpha=float(node["attr"]["alpha"]["f"]))


def _arg_max(c: _Converter, node: Node) -> str:
    axis = int(c.constant(node["input"][1]))
    return c.node("ArgMax", [c.value(node["input"][0])], axis=axis, keepdims=0)


def _squared_difference(c: _Converter, node: Node) -> str:
    difference = c.node("Sub", [c.value(tensor) for tensor in node["input"]])
    return c.node("Mul", [difference, difference])


def _dense(indices: NDArray[Any], shape: NDArray[Any], values: NDArray[Any], rest: NDArray[Any]) -> NDArray[Any]:
    whole = np.full(shape, rest)
    whole[tuple(indices.reshape(-1, len(shape)).T)] = values
    return whole


KNOWN: dict[str, Callable[..., NDArray[Any]]] = {"AddV2": np.add, "SparseToDense": _dense}
"""What is calculated here where all inputs are known."""
PICTURES: dict[str, Callable[[_Converter, Node], str]] = {
    "Conv2D": _convolution,
    "DepthwiseConv2dNative": _convolution,
    "FusedDepthwiseConv2dNative": _convolution,
    "MaxPool": _max_pool,
    "ResizeBilinear": _resize,
    "_FusedConv2D": _convolution,
}
PLAIN: dict[str, Callable[[_Converter, Node], str]] = {
    "Add": _operator("Add"),
    "AddV2": _operator("Add"),
    "ArgMax": _arg_max,
    "Cast": _cast,
    "ConcatV2": _concatenation,
    "ExpandDims": _expand,
    "FloorDiv": _operator("Div"),  # of whole numbers that are not negative
    "GatherNd": _operator("GatherND"),
    "Identity": _operator("Identity"),
    "LeakyRelu": _leaky_relu,
    "Mul": _operator("Mul"),
    "Pack": _pack,
    "Pad": _pad,
    "PadV2": _pad,
    "RealDiv": _operator("Div"),
    "Reshape": _reshape,
    "Sigmoid": _operator("Sigmoid"),
    "SplitV": _split,
    "Sqrt": _operator("Sqrt"),
    "SquaredDifference": _squared_difference,
    "Squeeze": _squeeze,
    "Sub": _operator("Sub"),
    "Unpack": _unpack,
}
