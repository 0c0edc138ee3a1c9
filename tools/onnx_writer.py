"""What both converters need to write an ONNX graph: names, nodes, and constants in few bytes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17  # inside the range of every provider, DirectML included
IR_VERSION = 8
# A cast node for a handful of numbers costs more bytes than it saves.
SMALLEST_HALF_WEIGHT = 65
# Shape [N, H, W, C] of TensorFlow <-> ONNX shape [N, C, H, W].
TO_NCHW, TO_NHWC = [0, 3, 1, 2], [0, 2, 3, 1]
Pads = tuple[int, int]
Attribute = int | float | str | Sequence[int]


class Unsupported(Exception):
    """The source holds something that has no translation here; the message names it."""


class OnnxWriter:
    """The nodes and constants of a graph, computed in `dtype` (float32 or float16)."""

    def __init__(self, dtype: str = "float32") -> None:
        self.dtype = np.dtype(dtype)
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, NDArray[Any]] = {}
        self.counts: dict[str, int] = {}
        self.shared: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def model(
        self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto], producer: str
    ) -> onnx.ModelProto:
        """All that was written, as a model."""
        weights = [numpy_helper.from_array(value, name) for name, value in self.initializers.items()]
        graph = helper.make_graph(self.nodes, "graph", inputs, outputs, weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name=producer)
        model.ir_version = IR_VERSION
        return model

    def name(self, stem: str) -> str:
        """A name not used before: `stem`, counted."""
        self.counts[stem] = self.counts.get(stem, 0) + 1
        return f"{stem}_{self.counts[stem]}"

    def node(self, op: str, inputs: list[str], name: str = "", **attributes: Attribute) -> str:
        """Add a node with one output; the output is named like the node, and so returned."""
        name = name or self.name(op.lower())
        self.several(op, inputs, [name], **attributes)
        return name

    def several(self, op: str, inputs: list[str], outputs: list[str], **attributes: Attribute) -> None:
        """Add a node with those outputs; it is named like the first."""
        node = helper.make_node(op, inputs, outputs, name=outputs[0])
        node.attribute.extend(helper.make_attribute(key, value) for key, value in sorted(attributes.items()))
        self.nodes.append(node)

    def weight(self, value: NDArray[Any], name: str) -> str:
        """Store a constant of a layer, as float16 with a cast when that loses nothing."""
        if value.dtype.kind != "f":
            raise Unsupported(f"weights of type {value.dtype}")
        value = np.ascontiguousarray(value, self.dtype)
        half = value.astype(np.float16)
        lossless = self.dtype == np.float32 and np.array_equal(half.astype(np.float32), value)
        if not lossless or value.size < SMALLEST_HALF_WEIGHT:
            self.initializers[name] = value
            return name
        self.initializers[f"{name}.half"] = half
        return self.node("Cast", [f"{name}.half"], name, to=TensorProto.FLOAT)

    def share(self, value: NDArray[Any], stem: str) -> str:
        """Store a small constant once, however many nodes use it."""
        key = (value.dtype.str, value.shape, value.tobytes())
        if key not in self.shared:
            self.shared[key] = self.name(stem)
            self.initializers[self.shared[key]] = value
        return self.shared[key]

    def number(self, value: float, stem: str) -> str:
        """A shared scalar in the precision of the computation (rounded to float32 first)."""
        return self.share(np.asarray(np.float32(value), self.dtype), stem)


def finished(model: onnx.ModelProto, source_sha256: str) -> bytes:
    """The bytes of a checked model, which names what it was made of; the same for the same model."""
    helper.set_model_props(model, {"source_sha256": source_sha256})
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def same_padding(size: int, kernel: int, stride: int, dilation: int) -> Pads:
    """(before, after) of TensorFlow's SAME padding: ceil(size / stride) steps come out, an odd pixel is at the end.

    Source: TensorFlow Lite, `kernels/padding.h`, `ComputePaddingWithOffset`.
    """
    steps = -(-size // stride)
    total = max(0, (steps - 1) * stride + (kernel - 1) * dilation + 1 - size)
    return total // 2, total - total // 2


def onnx_pads(pads: Sequence[Pads]) -> list[int]:
    """ONNX order: the beginnings of all axes, then the ends."""
    return [int(pads[0][0]), int(pads[1][0]), int(pads[0][1]), int(pads[1][1])]
