"""What a TFLite model may hold: the same rules for these files as `posture.pose.onnx_check` has for ONNX.

Never allowed are custom operators and those of other runtimes, loops, branches and calls (one graph only), variables,
contents outside of the file, open sizes, tensors beyond the limits of `posture.pose.onnx_sizes`, and sizes that are
computed while the model runs. Constants must be as long as their shapes say, and sparse ones must unpack to those.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from posture.errors import ModelMismatch, ModelRefused
from posture.pose import tflite_schema as schema
from posture.pose.flatbuffer import File, Table
from posture.pose.onnx_check import NODES_LIMIT, VALUES_LIMIT, Facts, OperatorSet, Quantum, Value
from posture.pose.onnx_sizes import DIMENSIONS_LIMIT, INITIALIZERS_LIMIT, check_numbers, check_shape
from posture.pose.tflite_sparse import check_sparse

IDENTIFIER = b"TFL3"
VERSION = 3
TENSORS_LIMIT = 4 * NODES_LIMIT
OPERATOR_INPUTS_LIMIT = 100
CHANNELS_LIMIT = 1 << 16


@dataclass(frozen=True, slots=True)
class Tensor:
    """One checked tensor."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    buffer: int
    """Index of its content; of a buffer without content where it is computed."""
    quantum: Quantum | None


def is_tflite(data: bytes) -> bool:
    """Whether bytes say that they are a TFLite model."""
    return data[4:8] == IDENTIFIER


def check(data: bytes) -> Facts:
    """Look through a whole model and say what it is.

    Raises ModelMismatch where the bytes are no TFLite model with fixed shapes, ModelRefused where it holds what is
    never allowed.
    """
    if not is_tflite(data):
        raise ModelMismatch("not a readable TFLite model: the identifier TFL3 is missing")
    model = File(data).root(schema.MODEL)
    if model.number(0, "I") != VERSION:
        raise ModelMismatch(f"a TFLite model of version {model.number(0, 'I')}; {VERSION} is expected")
    buffers = list(model.tables(4, "buffer", schema.BUFFER, TENSORS_LIMIT))
    _check_extras(model, len(buffers))
    graphs = list(model.tables(2, "graph", schema.SUBGRAPH, 1000))
    if len(graphs) != 1:
        raise ModelRefused(f"the model has {len(graphs)} graphs; exactly one is allowed, because others hide loops")
    tensors = list(_tensors(graphs[0], buffers))
    kinds = [_kind(code) for code in model.tables(1, "operator_code", schema.OPERATOR_CODE, 1000)]
    ops = _operators(graphs[0], kinds, tensors, buffers)
    return Facts(
        opset=(OperatorSet("tflite", VERSION),),
        inputs=_values(graphs[0].numbers(1, "i", VALUES_LIMIT), tensors, "input"),
        outputs=_values(graphs[0].numbers(2, "i", VALUES_LIMIT), tensors, "output"),
        ops=tuple(sorted(set(ops))),
    )


def _check_extras(model: Table, buffers: int) -> None:
    """Descriptions beside the graph: their references must exist; nothing here reads what they hold."""
    for entry in model.tables(6, "metadata", schema.METADATA, 1000):
        if entry.number(1, "I") >= buffers:
            raise ModelMismatch(f"{entry.where}: buffer {entry.number(1, 'I')} does not exist")
    for signature in model.tables(7, "signature", schema.SIGNATURE, 100):
        for field in (0, 1):
            for value in signature.tables(field, f"{signature.where}.{field}", schema.SIGNATURE_TENSOR, VALUES_LIMIT):
                value.text(0)


def _tensors(graph: Table, buffers: list[Table]) -> Iterator[Tensor]:
    constants = 0
    for table in graph.tables(0, "tensor", schema.TENSOR, TENSORS_LIMIT):
        tensor = _tensor(table, len(buffers))
        size = buffers[tensor.buffer].length(0)
        if size:
            constants += _check_constant(table, tensor, size)
        if constants > INITIALIZERS_LIMIT:
            raise ModelRefused(f"its constants have more than {INITIALIZERS_LIMIT} elements, which is never allowed")
        yield tensor


def _tensor(table: Table, buffers: int) -> Tensor:
    name, where = table.text(3), f"{table.where} ({table.text(3)})"
    shape, kind, buffer = table.numbers(0, "i", 1000), table.number(1, "b"), table.number(2, "I")
    check_shape(shape, where)
    if kind not in schema.TYPES:
        raise ModelRefused(f"{where}: numbers of type {kind}; only {', '.join(n for n, _ in schema.TYPES.values())}")
    if any(size == 0 for size in shape) or -1 in table.numbers(7, "i", DIMENSIONS_LIMIT):
        raise ModelMismatch(f"{where}: the shape {list(shape)} is not fixed")
    if table.number(5, "?"):
        raise ModelRefused(f"{where}: a variable is never allowed: a model here remembers nothing")
    if buffer >= buffers:
        raise ModelMismatch(f"{where}: buffer {buffer} does not exist")
    return Tensor(name, schema.TYPES[kind][0], shape, buffer, _quantum(table, shape, where))


def _quantum(table: Table, shape: Sequence[int], where: str) -> Quantum | None:
    """How the tensor is quantised as a whole; None where it is not, or each channel for itself."""
    quantization = table.table(4, schema.QUANTIZATION)
    if quantization is None:
        return None
    scales = quantization.numbers(2, "I", CHANNELS_LIMIT)
    zeros = quantization.numbers(3, "q", CHANNELS_LIMIT)
    if not scales:
        return None
    axis = quantization.number(6, "i")
    channels = shape[axis] if 0 <= axis < len(shape) else 1
    if len(scales) not in (1, channels) or len(zeros) not in (0, len(scales)):
        raise ModelMismatch(f"{where}: {len(scales)} scales and {len(zeros)} zero points for {channels} channels")
    if len(scales) > 1:
        return None
    scale = float(struct.unpack("<f", struct.pack("<I", scales[0]))[0])
    if not 0 <= scale < 1e30:
        raise ModelMismatch(f"{where}: a quantisation by the scale {scale}")
    return Quantum(scale, zeros[0] if zeros else 0) if scale else None


def _check_constant(table: Table, tensor: Tensor, size: int) -> int:
    """The number of elements of a constant. Raises ModelMismatch unless its content is as long as its shape says."""
    elements = check_shape(tensor.shape, table.where)
    each = next(width for name, width in schema.TYPES.values() if name == tensor.dtype)
    sparsity = table.table(6, schema.SPARSITY)
    stored = elements if sparsity is None else check_sparse(sparsity, tensor.shape)
    if stored * each != size:
        raise ModelMismatch(
            f"{table.where} ({tensor.name}): {size} bytes of content, and {stored * each} belong to its shape "
            f"{list(tensor.shape)} of {tensor.dtype}"
        )
    return elements


def _kind(code: Table) -> str:
    """Name of an operator. Builtin numbers above 127 stand in a field of their own."""
    number = max(code.number(3, "i"), code.number(0, "b"))
    if number == schema.CUSTOM or code.has(1):
        raise ModelRefused(
            f"{code.where} ({code.text(1)!r}): custom operators need native code of somebody; never allowed"
        )
    if number not in schema.OPERATORS:
        raise ModelRefused(
            f"{code.where}: operator {number} is not one of the {len(schema.OPERATORS)} that are allowed"
        )
    return schema.OPERATORS[number]


def _operators(graph: Table, kinds: list[str], tensors: list[Tensor], buffers: list[Table]) -> list[str]:
    found = []
    for table in graph.tables(3, "operator", schema.OPERATOR, NODES_LIMIT):
        index = table.number(0, "I")
        if index >= len(kinds):
            raise ModelMismatch(f"{table.where}: operator code {index} does not exist")
        kind = kinds[index]
        inputs, outputs = (table.numbers(field, "i", OPERATOR_INPUTS_LIMIT) for field in (1, 2))
        for tensor in (*inputs, *outputs, *table.numbers(8, "i", OPERATOR_INPUTS_LIMIT)):
            if not -1 <= tensor < len(tensors):  # -1 stands for an input that is left out
                raise ModelMismatch(f"{table.where} ({kind}): tensor {tensor} does not exist")
        if any(tensor < 0 or buffers[tensors[tensor].buffer].length(0) for tensor in outputs):
            raise ModelMismatch(f"{table.where} ({kind}): it would write to a constant, or nowhere")
        _check_size(f"{table.where} ({kind})", kind, inputs, tensors, buffers)
        found.append(kind)
    return found


def _check_size(where: str, kind: str, inputs: Sequence[int], tensors: list[Tensor], buffers: list[Table]) -> None:
    """Refuse an operator whose result is too large, or whose size is not written in the file."""
    place = schema.SIZE_INPUTS.get(kind)
    if place is None:
        return
    if place >= len(inputs) or inputs[place] < 0:
        raise ModelMismatch(f"{where}: the input that says its size is missing")
    tensor = tensors[inputs[place]]
    content = buffers[tensor.buffer].content(0)
    if not content or tensor.dtype not in ("int32", "int64"):
        raise ModelRefused(f"{where}: a size that is computed while the model runs is never allowed")
    letter = "i" if tensor.dtype == "int32" else "q"
    numbers = struct.unpack(f"<{len(content) // struct.calcsize(letter)}{letter}", content)
    if kind in schema.PADDINGS:  # before and after each dimension in turn; ONNX has all befores first
        numbers = (*numbers[::2], *numbers[1::2])
    check_numbers(numbers, padding=kind in schema.PADDINGS, where=where)


def _values(indices: Sequence[int], tensors: list[Tensor], what: str) -> tuple[Value, ...]:
    if not indices or any(not 0 <= index < len(tensors) for index in indices):
        raise ModelMismatch(f"the model has {len(indices)} {what}s, or one that does not exist")
    chosen = [tensors[index] for index in indices]
    return tuple(Value(each.name, each.dtype, each.shape, quantum=each.quantum) for each in chosen)
