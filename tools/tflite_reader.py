"""Read the graph of a TFLite flatbuffer: operators in order, shapes, constants (sparse ones expanded)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import tflite
from numpy.typing import NDArray
from onnx_writer import Unsupported

# An accessor of the generated schema code, which has no types.
Table: TypeAlias = Any

BUILTIN_NAMES: dict[int, str] = {v: k for k, v in vars(tflite.BuiltinOperator).items() if isinstance(v, int)}
DTYPES: dict[int, type[np.generic]] = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
    tflite.TensorType.INT64: np.int64,
    tflite.TensorType.INT8: np.int8,
    tflite.TensorType.UINT8: np.uint8,
}
INDEX_VECTORS: dict[int, Table] = {
    tflite.SparseIndexVector.Int32Vector: tflite.Int32Vector,
    tflite.SparseIndexVector.Uint16Vector: tflite.Uint16Vector,
    tflite.SparseIndexVector.Uint8Vector: tflite.Uint8Vector,
}


@dataclass(frozen=True, eq=False)
class Operator:
    """One operator: its TFLite name (or the name of the custom operator) and the tensors it reads and writes."""

    kind: str
    inputs: tuple[int, ...]
    output: int
    table: Table

    def options(self, kind: Table) -> Table:
        """The operator's options, read as the schema class `kind`."""
        options, union = kind(), self.table.BuiltinOptions()
        options.Init(union.Bytes, union.Pos)
        return options


class Graph:
    """The first subgraph of a TFLite model. Tensors are known by their index.

    Raises `Unsupported` for a file that is no TFLite model.
    """

    def __init__(self, data: bytes) -> None:
        if data[4:8] != b"TFL3":
            raise Unsupported("not a TFLite file: the identifier TFL3 is missing")
        self._model = tflite.Model.GetRootAsModel(data, 0)
        self._graph = self._model.Subgraphs(0)
        self.inputs = [int(i) for i in self._graph.InputsAsNumpy()]
        self.outputs = [int(i) for i in self._graph.OutputsAsNumpy()]
        self.operators = [self._operator(i) for i in range(self._graph.OperatorsLength())]

    def _operator(self, index: int) -> Operator:
        table = self._graph.Operators(index)
        code = self._model.OperatorCodes(table.OpcodeIndex())
        builtin = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        custom = builtin == tflite.BuiltinOperator.CUSTOM
        kind = code.CustomCode().decode() if custom else BUILTIN_NAMES.get(builtin, f"builtin {builtin}")
        if table.OutputsLength() != 1:
            raise Unsupported(f"operator {kind} with {table.OutputsLength()} outputs")
        return Operator(kind, tuple(int(i) for i in table.InputsAsNumpy()), int(table.Outputs(0)), table)

    def shape(self, tensor: int) -> list[int]:
        """The static shape of a tensor, in TFLite's order (pictures are NHWC)."""
        table = self._graph.Tensors(tensor)
        return [int(n) for n in table.ShapeAsNumpy()] if table.ShapeLength() else []

    def constant(self, tensor: int) -> NDArray[Any] | None:
        """The stored value of a tensor, or None for one that is computed."""
        table = self._graph.Tensors(tensor)
        buffer = self._model.Buffers(table.Buffer())
        if buffer.DataLength() == 0:
            return None
        if table.Type() not in DTYPES:
            raise Unsupported(f"constant of tensor type {table.Type()}")
        flat = np.frombuffer(buffer.DataAsNumpy().tobytes(), DTYPES[table.Type()])
        sparsity = table.Sparsity()
        return flat.reshape(self.shape(tensor)) if sparsity is None else densify(sparsity, self.shape(tensor), flat)


@dataclass(frozen=True)
class DenseLevel:
    """One level of the sparse walk that stores every index below `size`."""

    size: int

    def children(self, parent: int) -> Iterator[tuple[int, int]]:
        """(index on this level, position on this level) of everything below the given parent position."""
        return ((i, parent * self.size + i) for i in range(self.size))


@dataclass(frozen=True)
class SparseLevel:
    """One level in compressed-sparse-row form: `segments[p]` to `segments[p + 1]` are the children of parent p."""

    segments: NDArray[np.int64]
    indices: NDArray[np.int64]

    def children(self, parent: int) -> Iterator[tuple[int, int]]:
        """(index on this level, position on this level) of everything below the given parent position."""
        return ((int(self.indices[i]), i) for i in range(self.segments[parent], self.segments[parent + 1]))


def densify(sparsity: Table, shape: list[int], values: NDArray[Any]) -> NDArray[Any]:
    """Expand a sparse constant to its full `shape`.

    TFLite schema, `SparsityParameters`: the levels are the dimensions in `traversal_order`; order numbers from
    len(shape) on are the inner parts of blocked dimensions, and `block_map` says of which.
    """
    order = [int(i) for i in sparsity.TraversalOrderAsNumpy()]
    block_map = [int(i) for i in sparsity.BlockMapAsNumpy()] if sparsity.BlockMapLength() else []
    levels = [_level(sparsity.DimMetadata(i)) for i in range(sparsity.DimMetadataLength())]
    weights = _level_weights(order, block_map, levels, len(shape))
    dense = np.zeros(shape, values.dtype)
    positions, steps = zip(*_walk(levels, 0, 0, ()), strict=True)
    coordinates = np.array(steps) @ weights
    dense[tuple(coordinates.T)] = values[list(positions)]
    return dense


def _level(table: Table) -> DenseLevel | SparseLevel:
    if table.Format() == tflite.DimensionType.DENSE:
        return DenseLevel(int(table.DenseSize()))
    segments = _index_vector(table.ArraySegments(), table.ArraySegmentsType())
    return SparseLevel(segments, _index_vector(table.ArrayIndices(), table.ArrayIndicesType()))


def _index_vector(union: Table, kind: int) -> NDArray[np.int64]:
    vector = INDEX_VECTORS[kind]()
    vector.Init(union.Bytes, union.Pos)
    values: NDArray[np.int64] = vector.ValuesAsNumpy().astype(np.int64)
    return values


def _level_weights(
    order: list[int], block_map: list[int], levels: list[DenseLevel | SparseLevel], rank: int
) -> NDArray[np.int64]:
    """Matrix [levels, rank]: what one step on a level adds to each coordinate of the full tensor."""
    weights = np.zeros((len(order), rank), np.int64)
    for block, dimension in enumerate(block_map):
        inner = order.index(rank + block)
        level = levels[inner]
        if not isinstance(level, DenseLevel):
            raise Unsupported("sparse constant with a compressed block level")
        weights[inner, dimension] = 1
        weights[order.index(dimension), dimension] = level.size
    for number, dimension in enumerate(order):
        if dimension < rank and not weights[number, dimension]:
            weights[number, dimension] = 1
    return weights


def _walk(
    levels: list[DenseLevel | SparseLevel], depth: int, position: int, index: tuple[int, ...]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Every stored value: (its position in the buffer, its index on each level)."""
    if depth == len(levels):
        yield position, index
        return
    for i, child in levels[depth].children(position):
        yield from _walk(levels, depth + 1, child, (*index, i))
