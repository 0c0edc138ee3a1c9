"""What a model may hold: looked at before the runtime sees it, for every model that did not come with the program.

The runtime refuses much by itself, but not enough: it loads weights through a hard link, which may be any file, and
runs a loop of 2^62 rounds. Never allowed are

    external data      weights in another file: which file is decided by whoever made the model
    subgraphs, loops   Loop, If, Scan, SequenceMap: a run without a known end
    functions          operators that the model defines for itself could hide all of the above, and nest it
    training           a model here only measures
    sparse tensors     are unpacked to whatever size they declare
    other domains      operators that need native code of somebody, that read files by themselves (EPContext), or that
                       walk trees and count words (ai.onnx.ml), with sizes in a dozen places: no picture model has them
    sizes              tensors beyond the limits of `posture.pose.onnx_sizes`

A runaway made of ordinary operators cannot be seen here; `pose.call_limit_s` and the limits of the process end it.
"""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from posture.errors import ModelMismatch, ModelRefused
from posture.pose.onnx_schema import ATTRIBUTE_DATA, DATA_TYPES, ELEMENT_TYPES, SCHEMA, TENSOR_DATA
from posture.pose.onnx_sizes import INITIALIZERS_LIMIT, check_shape, check_sizes, check_tensor
from posture.pose.protobuf import Message, parse

NODES_LIMIT = 10_000
"""Operators of one graph. The largest model of the program has 777."""
VALUES_LIMIT = 64
"""Inputs and outputs of a model. The landmark models have 5."""
STANDARD_DOMAINS = ("", "ai.onnx")
CONTRIBUTED_DOMAIN = "com.microsoft"
# Of the runtime's own operators, those that its optimiser and quantiser write into picture models; none of them reads
# a file or holds a graph. github.com/microsoft/onnxruntime, docs/ContribOperators.md
CONTRIBUTED = frozenset(
    {
        *("BiasGelu", "FastGelu", "FusedConv", "FusedGemm", "FusedMatMul", "Gelu", "QuickGelu"),
        *("DequantizeLinear", "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "QuantizeLinear"),
        *("QLinearAdd", "QLinearAveragePool", "QLinearConcat", "QLinearConv", "QLinearGlobalAveragePool"),
        *("QLinearLeakyRelu", "QLinearMul", "QLinearSigmoid", "QLinearSoftmax"),
        *("NhwcMaxPool", "SkipLayerNormalization"),
    }
)
CONTROL_FLOW = frozenset({"Loop", "If", "Scan", "SequenceMap"})
_EXTERNAL = 1  # TensorProto.DataLocation


class Quantum(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How whole numbers stand for others: value = scale * (number - zero)."""

    scale: Annotated[float, msgspec.Meta(gt=0, lt=1e30)]
    zero: Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)] = 0


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One input or output: its type as numpy calls it, and its shape in the order of the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    """0 is an open size."""
    open: tuple[str, ...] = ()
    """Where sizes are open: the name of each, empty for a fixed one."""
    quantum: Quantum | None = None
    """Of TFLite models."""


class OperatorSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which version of which operators a model was written for. The standard domain is empty."""

    domain: str
    version: int


class Facts(msgspec.Struct, frozen=True):
    """What a checked model says of itself; a manifest repeats it."""

    opset: tuple[OperatorSet, ...]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    ops: tuple[str, ...]
    """Names of the operators in alphabetical order, with their domain where it is not the standard one."""


def check(data: bytes, *, open_sizes: bool = False) -> Facts:
    """Look through a whole model and say what it is; with `open_sizes` they may be named and not fixed.

    Raises ModelMismatch where the bytes are no ONNX model with fixed shapes, ModelRefused where it holds what is never
    allowed: the message says what, where in the model, and why.
    """
    model = parse(data, SCHEMA, "Model")
    elements = 0
    for message in _everything(model):
        _check_message(message)
        elements += check_tensor(message, message.where) if message.kind == "Tensor" else 0
        if elements > INITIALIZERS_LIMIT:
            raise ModelRefused(f"its constants have more than {INITIALIZERS_LIMIT} elements, which is never allowed")
    graph = model.message("graph")
    if graph is None or not model.messages("opset_import"):
        raise ModelMismatch("not a readable ONNX model: it has no graph or names no operator set")
    nodes, initializers = graph.messages("node"), graph.messages("initializer")
    if len(nodes) > NODES_LIMIT:
        raise ModelRefused(f"the graph has {len(nodes)} operators; more than {NODES_LIMIT} are never allowed")
    check_sizes(nodes, initializers)
    constant = {tensor.text("name") for tensor in initializers}
    return Facts(
        opset=tuple(sorted(_operator_sets(model), key=lambda each: each.domain)),
        inputs=_values([each for each in graph.messages("input") if each.text("name") not in constant], open_sizes),
        outputs=_values(graph.messages("output"), open_sizes),
        ops=tuple(sorted({_operator(node) for node in nodes})),
    )


def _everything(root: Message) -> Iterator[Message]:
    """Every message of the model, wherever it is."""
    waiting = [root]
    while waiting:
        message = waiting.pop()
        yield message
        waiting += [inside for name in message.fields for inside in message.messages(name)]


def _check_message(message: Message) -> None:
    """Raise ModelRefused for what is never allowed, whatever part of the model it stands in."""
    where = message.where
    match message.kind:
        case "Tensor":
            _check_tensor(message)
        case "Attribute":
            _check_one_place(message, ATTRIBUTE_DATA)
        case "Node":
            _check_operator(message)
        case "Function":
            raise ModelRefused(
                f"{where} ({message.text('name')}): an operator that the model defines for itself; never allowed, "
                "because it can hide what a graph must not hold"
            )
        case "Training":
            raise ModelRefused(f"{where}: training is never allowed: a model here only measures")
        case "SparseTensor":
            raise ModelRefused(
                f"{where}: a sparse tensor is never allowed: it is unpacked to whatever size it declares"
            )
        case "Graph" if where != "model.graph":
            raise ModelRefused(f"{where}: a graph inside an operator; never allowed, because its run has no known end")
        case "Type" if len([name for name in message.fields if name.endswith("_type")]) > 1:
            raise ModelMismatch(f"{where}: a value of two types at once")
        case "Shape":
            check_shape([max(1, dimension.number("dim_value", 1)) for dimension in message.messages("dim")], where)
        case "Dimension" if len(message.fields.keys() & {"dim_value", "dim_param"}) > 1:
            raise ModelMismatch(f"{where}: a size that is a number and a name at once")
        case _:
            pass


def _check_tensor(tensor: Message) -> None:
    where = f"{tensor.where} ({tensor.text('name')})"
    _check_one_place(tensor, TENSOR_DATA)
    if tensor.number("data_location") == _EXTERNAL or tensor.messages("external_data"):
        raise ModelRefused(
            f"{where}: external data, which would be read from another file; never allowed, because the model then "
            "decides which file of this computer is read"
        )
    if tensor.number("data_type") not in DATA_TYPES:
        raise ModelMismatch(f"{where}: there is no data type {tensor.number('data_type')}")


def _check_one_place(message: Message, places: frozenset[str]) -> None:
    """Raise ModelMismatch where the content of a tensor or attribute stands in several places."""
    if len(found := sorted(places & message.fields.keys())) > 1:
        raise ModelMismatch(f"{message.where} ({message.text('name')}): its content stands in {' and in '.join(found)}")


def _check_operator(node: Message) -> None:
    domain, operator = node.text("domain"), node.text("op_type")
    where = f"{node.where} ({_operator(node)})"
    if operator in CONTROL_FLOW:
        raise ModelRefused(f"{where}: loops and branches are never allowed, because such a run has no known end")
    if domain == CONTRIBUTED_DOMAIN and operator not in CONTRIBUTED:
        raise ModelRefused(f"{where}: of {domain} only {len(CONTRIBUTED)} operators are allowed, and not this one")
    if domain not in (*STANDARD_DOMAINS, CONTRIBUTED_DOMAIN):
        raise ModelRefused(f"{where}: operators of the domain {domain!r} are never allowed: no picture model needs one")
    if not operator:
        raise ModelMismatch(f"{where}: a node without an operator")
    names = [attribute.text("name") for attribute in node.messages("attribute")]
    if len(set(names)) < len(names) or (operator == "Constant" and len(names) != 1):
        raise ModelMismatch(f"{where}: which of its {len(names)} attributes counts would be up to the runtime")


def _operator(node: Message) -> str:
    domain, operator = node.text("domain"), node.text("op_type")
    return operator if domain in ("", "ai.onnx") else f"{domain}:{operator}"


def _operator_sets(model: Message) -> Iterator[OperatorSet]:
    seen = set()
    for each in model.messages("opset_import"):
        domain = (
            each.text("domain").removeprefix("ai.onnx") if each.text("domain") == "ai.onnx" else each.text("domain")
        )
        if domain in seen:
            raise ModelMismatch(f"{each.where}: two versions of the operators of {domain or 'ai.onnx'!r}")
        seen.add(domain)
        yield OperatorSet(domain, each.number("version"))


def _values(values: list[Message], open_sizes: bool) -> tuple[Value, ...]:
    if not 0 < len(values) <= VALUES_LIMIT:
        raise ModelMismatch(f"the model has {len(values)} inputs or outputs; there must be 1 to {VALUES_LIMIT} of each")
    return tuple(_value(value, open_sizes) for value in values)


def _value(value: Message, open_sizes: bool) -> Value:
    """Name, type and shape of an input or output. Raises ModelMismatch for an open size, if none is allowed."""
    name = value.text("name")
    outer = value.message("type")
    tensor = outer.message("tensor_type") if outer is not None else None
    shape = tensor.message("shape") if tensor is not None else None
    dtype = ELEMENT_TYPES.get(tensor.number("elem_type")) if tensor is not None else None
    if not name or dtype is None or shape is None:
        raise ModelMismatch(f"{value.where} ({name}): a named tensor of numbers with a fixed shape is expected")
    dimensions = shape.messages("dim")
    sizes = [dimension.number("dim_value") for dimension in dimensions]
    names = tuple(dimension.text("dim_param") if not dimension.number("dim_value") else "" for dimension in dimensions)
    if any(size < 0 for size in sizes) or (0 in sizes and not open_sizes):
        all_sizes = ", ".join(called or str(size) for size, called in zip(sizes, names, strict=True))
        fixed = f"the shape [{all_sizes}] is not fixed; [input.sizes] of an entry says what open sizes are to be"
        raise ModelMismatch(f"{value.where} ({name}): {fixed}")
    return Value(name, dtype, tuple(sizes), names if 0 in sizes else ())
