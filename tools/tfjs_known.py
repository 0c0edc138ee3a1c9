"""What a TensorFlow.js graph calculates from constants and sizes alone is calculated at conversion, by NumPy."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx_writer import Unsupported

Node = dict[str, Any]
"""A node of the source: name, op, input, attr."""


def index(node: Node, begin: NDArray[Any], end: NDArray[Any], step: NDArray[Any]) -> tuple[slice | int | None, ...]:
    """What `StridedSlice` takes, as Python writes it."""
    masks = {key: int(value["i"]) for key, value in node["attr"].items() if key.endswith("_mask")}
    if masks.get("ellipsis_mask"):
        raise Unsupported(f"{node['name']}: an ellipsis")

    def one(place: int) -> slice | int | None:
        if masks.get("new_axis_mask", 0) >> place & 1:
            return None
        if masks.get("shrink_axis_mask", 0) >> place & 1:
            return int(begin[place])
        first = None if masks.get("begin_mask", 0) >> place & 1 else int(begin[place])
        last = None if masks.get("end_mask", 0) >> place & 1 else int(end[place])
        stride = int(step[place])
        return slice(first, last, None if stride == 1 else stride)

    return tuple(one(place) for place in range(len(begin)))


KNOWN: Mapping[str, Callable[..., NDArray[Any]]] = MappingProxyType(
    {
        "Cast": lambda node, value: value.astype(
            np.float32 if node["attr"]["DstT"]["type"] == "DT_FLOAT" else np.int64
        ),
        "ExpandDims": lambda _, value, axis: np.expand_dims(value, int(axis)),
        "Fill": lambda _, shape, value: np.full(shape, value),
        "Minimum": lambda _, one, other: np.minimum(one, other),
        "Mul": lambda _, one, other: one * other,
        "Pack": lambda node, *values: np.stack(values, int(node["attr"]["axis"]["i"])),
        "Range": lambda _, first, end, step: np.arange(first, end, step, dtype=first.dtype),
        "RealDiv": lambda _, one, other: one / other,
        "Reshape": lambda _, value, shape: value.reshape(shape),
        "Size": lambda _, value: np.array(value.size, np.int64),
        "StridedSlice": lambda node, value, *where: np.asarray(value[index(node, *where)]),
        "Tile": lambda _, value, times: np.tile(value, times),
    }
)
"""What is calculated here where all inputs are known: (node, values) -> value."""
