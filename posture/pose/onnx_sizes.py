"""How much memory a model asks for in so many words: declared tensors, and constants that become the size of something.

A few bytes can ask for a tensor of terabytes. What is written in the file is bounded here, with exact numbers (a
product in 64 bits wraps around). A size that is computed while the model runs cannot be seen here: the memory limit of
the process bounds it.
"""

import math
import struct
from collections.abc import Iterator, Sequence

from posture.errors import ModelMismatch, ModelRefused
from posture.pose.protobuf import Message

ELEMENTS_LIMIT = 1 << 26
"""Of one tensor: 256 MiB in float32. The largest of a usual pose model (640 x 640 picture, 64 channels / 4) has 7 M."""
INITIALIZERS_LIMIT = 1 << 26
"""Elements of all constants together: as many as a file of the largest size can hold at one byte each."""
DIMENSIONS_LIMIT = 16
"""Of one tensor, and numbers of a constant that is a shape or (two for each) a padding. Pictures have 4."""
_SHOWN_LIMIT = 10**30
"""Products from here on are called countless: they may have more digits than Python prints."""

# Operators that make an output as large as the numbers of one of their inputs say: which input, counted from 0.
# onnx.ai/onnx/operators
_SIZE_INPUTS: dict[str, tuple[int, ...]] = {
    "AffineGrid": (1,),
    "BlackmanWindow": (0,),
    "CenterCropPad": (1,),
    "Col2Im": (1, 2),
    "ConstantOfShape": (0,),
    "DFT": (1,),
    "Expand": (1,),
    "HammingWindow": (0,),
    "HannWindow": (0,),
    "MaxUnpool": (2,),
    "MelWeightMatrix": (0, 1),
    "OneHot": (1,),
    "Pad": (1,),
    "Resize": (1, 2, 3),
    "Tile": (1,),
    "Upsample": (1,),
}
_PADDINGS = ("Pad",)
_JOINT_INPUTS = ("MelWeightMatrix",)  # of which the numbers of all those inputs are multiplied
# Attributes that do the same, in whatever operator.
_SIZE_ATTRIBUTES = (
    "shape",
    "output_shape",
    "kernel_shape",
    "scales",
    "sizes",
    "output_padding",
    "strides",
    "dilations",
    "pooled_shape",
)
# Attributes that do it together: the output of RoiAlign, and its table of samples, which are taken in both directions.
_TOGETHER = (
    ("output_height", "output_width", "sampling_ratio", "sampling_ratio"),
    ("height_scale", "width_scale"),
)
# Attributes of which each number does it alone: LRN pads by it, TfIdfVectorizer counts up to the largest.
_EACH_ATTRIBUTES = ("size", "hidden_size", "sample_size", "ngram_indexes")
_PADDING_ATTRIBUTES = ("pads", "paddings")
_READ_ATTRIBUTES = frozenset(
    {*_SIZE_ATTRIBUTES, *_PADDING_ATTRIBUTES, *_EACH_ATTRIBUTES, *(name for group in _TOGETHER for name in group)}
)
# TensorProto.DataType: size in bytes and letter of struct for the types that a shape, a scale or a range may have.
_LETTERS = {1: "f", 5: "h", 6: "i", 7: "q", 11: "d"}

Numbers = Sequence[float]
"""Sizes; whole ones are exact integers, scales may have fractions."""


def check_tensor(tensor: Message, where: str) -> int:
    """The number of elements that a tensor declares. Raises ModelMismatch or, above the limit, ModelRefused."""
    return check_shape(tensor.numbers("dims"), where)


def check_shape(dims: Numbers, where: str) -> int:
    """The number of elements of a shape. Raises ModelMismatch for a negative size, ModelRefused above the limits."""
    if len(dims) > DIMENSIONS_LIMIT:
        raise ModelRefused(f"{where}: a tensor of {len(dims)} dimensions; at most {DIMENSIONS_LIMIT} are allowed")
    if any(size < 0 for size in dims):
        raise ModelMismatch(f"{where}: a tensor of the negative size {list(dims)}")
    elements = math.prod(int(size) for size in dims)
    if elements > ELEMENTS_LIMIT:
        raise ModelRefused(_too_large(where, f"a tensor of {_shown(dims)}", elements))
    return elements


def check_sizes(nodes: Sequence[Message], initializers: Sequence[Message]) -> None:
    """Refuse every constant that would become the size of something too large. Raises ModelRefused."""
    constants = _constants(nodes, initializers)
    for node in nodes:
        operator = node.text("op_type")
        found = [constants.get(_input(node, index)) for index in _SIZE_INPUTS.get(operator, ())]
        sizes = [_values(constant) for constant in found if constant is not None]
        for numbers in [[each for size in sizes for each in size]] if operator in _JOINT_INPUTS else sizes:
            check_numbers(numbers, padding=operator in _PADDINGS, where=_named(node, operator))
        if operator == "Range":
            _check_range([constants.get(_input(node, index)) for index in range(3)], _named(node, operator))
        for name, numbers in _size_attributes(node):
            check_numbers(numbers, padding=name in _PADDING_ATTRIBUTES, where=f"{_named(node, operator)}, {name}")


def _constants(nodes: Sequence[Message], initializers: Sequence[Message]) -> dict[str, Message]:
    """Initializers and Constant nodes by the name of their value. Raises ModelMismatch where a name is there twice."""
    named = [(tensor.text("name"), tensor) for tensor in initializers]
    named += [(name, node) for node in nodes if node.text("op_type") == "Constant" for name in node.texts("output")]
    found = dict(named)
    if len(found) < len(named):
        raise ModelMismatch("two constants have the same name: which one is used would be up to the runtime")
    return found


def _input(node: Message, index: int) -> str:
    names = node.texts("input")
    return names[index] if index < len(names) else ""


def _values(constant: Message) -> Numbers:
    """The numbers of an initializer or of a Constant; none where they cannot be a size."""
    if constant.kind == "Tensor":
        return _tensor_values(constant)
    found: list[float] = []
    for attribute in constant.messages("attribute"):
        tensor = attribute.message("t")
        found += _tensor_values(tensor) if tensor is not None else _attribute_values(attribute)
    return found


def _tensor_values(tensor: Message) -> Numbers:
    letter = _LETTERS.get(tensor.number("data_type"))
    if letter is None:
        return ()  # text or small numbers, which no runtime takes as a size
    if math.prod(tensor.numbers("dims")) > 2 * DIMENSIONS_LIMIT:
        raise ModelRefused(f"{tensor.where} ({tensor.text('name')}): a size of more than {DIMENSIONS_LIMIT} dimensions")
    raw, size = tensor.content("raw_data"), struct.calcsize(letter)
    if raw:
        count = min(len(raw) // size, 2 * DIMENSIONS_LIMIT)
        return struct.unpack(f"<{count}{letter}", raw[: count * size])
    return [
        *tensor.numbers("int64_data"),
        *tensor.numbers("int32_data", "int32"),
        *tensor.numbers("float_data", "float"),
        *tensor.numbers("double_data", "double"),
    ]


def _attribute_values(attribute: Message) -> Numbers:
    whole = [*attribute.numbers("i"), *attribute.numbers("ints")]
    return [*whole, *attribute.numbers("f", "float"), *attribute.numbers("floats", "float")]


def _size_attributes(node: Message) -> Iterator[tuple[str, Numbers]]:
    """Name and numbers of each attribute, or of several together, whose numbers are the sides of something."""
    named = ((attribute.text("name"), attribute) for attribute in node.messages("attribute"))
    found = {name: _attribute_values(attribute) for name, attribute in named if name in _READ_ATTRIBUTES}
    for name, numbers in found.items():
        if name in _EACH_ATTRIBUTES:
            yield from ((name, [number]) for number in numbers)
        elif name in _SIZE_ATTRIBUTES or name in _PADDING_ATTRIBUTES:
            yield name, numbers
    for group in _TOGETHER:
        if present := [name for name in group if name in found]:
            yield ", ".join(dict.fromkeys(present)), [number for name in present for number in found[name]]


def check_numbers(numbers: Numbers, *, padding: bool, where: str) -> None:
    """Refuse a size whose product is above the limit; a padding adds begin and end to each dimension."""
    if any(not math.isfinite(number) for number in numbers):
        raise ModelRefused(f"{where}: a size that is no finite number is never allowed")
    if len(numbers) > (2 * DIMENSIONS_LIMIT if padding else DIMENSIONS_LIMIT):
        raise ModelRefused(f"{where}: {len(numbers)} numbers; a tensor has at most {DIMENSIONS_LIMIT} dimensions")
    if padding:
        half = len(numbers) // 2
        numbers = [1 + max(0, a) + max(0, b) for a, b in zip(numbers[:half], numbers[half:], strict=False)]
    # Scales below 1 make smaller; zeros and -1 stand for "as it was".
    elements = math.prod(max(1, math.ceil(number)) for number in numbers)
    if elements > ELEMENTS_LIMIT:
        raise ModelRefused(_too_large(where, _shown(numbers), elements))


def _check_range(ends: Sequence[Message | None], where: str) -> None:
    """Refuse a Range of more numbers than a tensor may have, as far as its ends are constants."""
    if any(end is None for end in ends):
        return
    values = [_values(end) for end in ends if end is not None]
    if any(len(value) != 1 for value in values):
        raise ModelMismatch(f"{where}: a range between what are no single numbers")
    start, limit, delta = (value[0] for value in values)
    if delta == 0 or not all(math.isfinite(value) for value in (start, limit, delta)):
        raise ModelRefused(f"{where}: a range without an end is never allowed")
    elements = (limit - start) / delta
    if abs(elements) == math.inf:  # the ends are at both ends of what a float can be, or the steps at the smallest
        elements = math.inf
    if elements > ELEMENTS_LIMIT:
        raise ModelRefused(_too_large(where, f"a range from {start} to {limit} by {delta}", elements))


def _named(node: Message, operator: str) -> str:
    return f"{node.where} ({operator})"


def _shown(numbers: Numbers) -> str:
    return " x ".join(f"{number:g}" if isinstance(number, float) else str(number) for number in numbers)


def _too_large(where: str, what: str, elements: float) -> str:
    many = f"{math.ceil(elements)}" if elements < _SHOWN_LIMIT else "countless"
    return f"{where}: {what} asks for {many} elements; more than {ELEMENTS_LIMIT} in one tensor are never allowed"
