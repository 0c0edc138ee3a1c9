"""Sparse constants of TFLite files: whether what is stored unpacks into the shape that is declared, and nothing else.

TFLite schema, `SparsityParameters`: levels in `traversal_order`; order numbers from len(shape) on are the inner parts
of blocked dimensions, and `block_map` says of which. A level stores every index (dense) or lists them (CSR).
"""

import itertools
import math
from collections.abc import Sequence

from posture.errors import ModelMismatch
from posture.pose import tflite_schema as schema
from posture.pose.flatbuffer import Table
from posture.pose.onnx_sizes import ELEMENTS_LIMIT

_LETTERS = {1: "i", 2: "H", 3: "B"}
_LEVELS_LIMIT = 8


def check_sparse(sparsity: Table, shape: Sequence[int]) -> int:
    """How many numbers are stored. Raises ModelMismatch where they do not fit into `shape`."""
    order = sparsity.numbers(0, "i", _LEVELS_LIMIT)
    blocks = sparsity.numbers(1, "i", _LEVELS_LIMIT)
    levels = list(sparsity.tables(2, f"{sparsity.where}.level", schema.DIMENSION, _LEVELS_LIMIT))
    count = len(shape) + len(blocks)
    if sorted(order) != list(range(count)) or len(levels) != count or any(b not in range(len(shape)) for b in blocks):
        raise ModelMismatch(f"{sparsity.where}: {len(levels)} levels in the order {list(order)} for {list(shape)}")
    if len(set(blocks)) < len(blocks):
        raise ModelMismatch(f"{sparsity.where}: a dimension that is blocked twice")
    sizes = _sizes(sparsity, order, blocks, levels, shape)
    stored = 1
    for size, level in zip(sizes, levels, strict=True):
        stored = _stored(level, size, stored)
    return stored


def _sizes(
    sparsity: Table, order: Sequence[int], blocks: Sequence[int], levels: list[Table], shape: Sequence[int]
) -> list[int]:
    """Indices that each level may have; inner parts are dense and divide their dimension."""
    inner = {}
    for number, dimension in enumerate(blocks):
        size = levels[order.index(len(shape) + number)].number(1, "i")
        if size <= 0 or shape[dimension] % size:
            raise ModelMismatch(f"{sparsity.where}: blocks of {size} in a dimension of {shape[dimension]}")
        inner[dimension] = size
    outer = [size // inner.get(dimension, 1) for dimension, size in enumerate(shape)]
    each = [*outer, *(inner[dimension] for dimension in blocks)]
    if math.prod(each) != math.prod(shape):
        raise ModelMismatch(f"{sparsity.where}: its levels have {math.prod(each)} places for {list(shape)}")
    return [each[dimension] for dimension in order]


def _stored(level: Table, size: int, parents: int) -> int:
    """Entries below `parents` entries."""
    if level.number(0, "b") == 0:
        if level.number(1, "i") != size:
            raise ModelMismatch(f"{level.where}: {level.number(1, 'i')} places, {size} are expected")
        return parents * size
    segments, indices = _list(level, 2), _list(level, 4)
    rising = all(a <= b for a, b in itertools.pairwise(segments))
    if len(segments) != parents + 1 or segments[0] != 0 or segments[-1] != len(indices) or not rising:
        raise ModelMismatch(f"{level.where}: {len(segments)} segments for {parents} rows and {len(indices)} entries")
    if any(not 0 <= index < size for index in indices):
        raise ModelMismatch(f"{level.where}: an index beyond {size}")
    return len(indices)


def _list(level: Table, kind_field: int) -> tuple[int, ...]:
    kind = level.number(kind_field, "B")
    values = level.table(kind_field + 1, schema.INDICES)
    if kind not in _LETTERS or values is None:
        raise ModelMismatch(f"{level.where}: a list of indices of kind {kind}")
    return values.numbers(0, _LETTERS[kind], ELEMENTS_LIMIT)
