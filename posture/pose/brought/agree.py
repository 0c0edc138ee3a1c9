"""Whether an entry and a model belong together: compared before anything is run, with an error that names what differs.

Every difference is a ModelMismatch that says which field of the entry says what, and what the model has.
"""

from collections.abc import Mapping

from posture.errors import ModelMismatch
from posture.pose.brought.boxes import ROWS, nanodet_cells, yolox_cells
from posture.pose.brought.found import count, has_shape, no_part
from posture.pose.brought.posenet import EDGES, POINTS
from posture.pose.brought.use import LAYOUT_FREE, Use
from posture.pose.onnx_check import Facts, Value
from posture.skeleton import BLAZEPOSE_33

Fits = tuple[int | None, ...]
WHOLE_NUMBERS = ("uint8", "int8", "int16", "int32")
LABELS = ("labels",)
"""Parts that are whole numbers by nature."""


def check_agrees(use: Use, facts: Facts) -> None:
    """Raise ModelMismatch unless the model takes and gives what the entry says."""
    if len(facts.inputs) != 1:
        raise ModelMismatch(f"the model has {len(facts.inputs)} inputs, one is expected")
    _check_input(use, facts.inputs[0])
    outputs = {value.name: value for value in facts.outputs}
    named = {f"outputs.{part} = {name!r}": name for part, name in use.outputs.items()}
    for said, name in (named | {f"quanta.{name}": name for name in use.quanta}).items():
        if name not in outputs:
            raise ModelMismatch(f"{said}: the model has no such output; it gives {', '.join(outputs)}")
    wanted = parts(use)
    if unknown := sorted(use.outputs.keys() - wanted.keys()):
        raise ModelMismatch(f"outputs.{unknown[0]}: head {use.head} has the parts {', '.join(wanted) or 'none'}")
    for part, shapes in wanted.items():
        _check_part(use, part, shapes, outputs)


def parts(use: Use) -> dict[str, tuple[Fits, ...]]:
    """What a head reads: name of each part, and the shapes that it may have. None stands for any size."""
    points = count(use) if use.head not in LAYOUT_FREE else len(BLAZEPOSE_33)
    wide = 5 + 3 * points
    sides = use.input.width, use.input.height
    bins = (round(side * use.split) for side in sides)
    maps: Fits = (1, points, None, None) if use.input.layout == "NCHW" else (1, None, None, points)
    table: dict[str, dict[str, tuple[Fits, ...]]] = {
        "heatmap": {"heatmap": (maps,)},
        "movenet": {"keypoints": ((1, 1, points, 3),)},
        "simcc": {axis: ((1, points, n),) for axis, n in zip("xy", bins, strict=True)},
        "posenet": {
            "heatmap": ((1, None, None, POINTS),),
            "offset": ((1, None, None, 2 * POINTS),),
            "displacement": ((1, None, None, 4 * len(EDGES)),),
        },
        "movenet-multi": {"people": ((1, None, 3 * points + 5),)},
        "rtmo": {"boxes": ((1, None, 5),), "keypoints": ((1, None, points, 3),)},
        "yolo-pose": {"people": ((1, wide, None), (1, None, wide + 1))},
        "rtmdet": {"boxes": ((1, None, 5),), "labels": ((1, None),)},
        "nanodet": {"boxes": tuple((1, cells, None) for cells in nanodet_cells(*sides))},
        "yolox": {"boxes": ((1, yolox_cells(*sides), None),)},
        "blazepose": {
            "landmarks": ((1, 195),), "flag": ((1, 1),), "heatmap": ((1, 64, 64, 39),), "world": ((1, 117),),
        },
        "blazepose-detector": {"boxes": ((1, 2254, 12),), "scores": ((1, 2254, 1),)},
    }  # fmt: skip
    return table[use.head]


def _check_input(use: Use, value: Value) -> None:
    said = use.input
    sides = (said.height, said.width)
    shape = (1, *sides, 3) if said.layout == "NHWC" else (1, 3, *sides)
    if unknown := sorted(said.sizes.keys() - set(value.open)):
        raise ModelMismatch(
            f"input.sizes.{unknown[0]}: the model has no open size of that name; its input is {shown(value)}"
        )
    given = tuple(
        said.sizes.get(name, 0) if name else size
        for size, name in zip(value.shape, value.open or ("",) * len(value.shape), strict=True)
    )
    if 0 in given:
        missing = [name or "one without a name" for size, name in zip(given, value.open, strict=True) if not size]
        raise ModelMismatch(f"input.sizes: the open size {missing[0]!r} has no value; the input is {shown(value)}")
    if given != shape:
        raise ModelMismatch(
            f"input.layout = {said.layout!r}, input.width = {said.width} and input.height = {said.height} make "
            f"{list(shape)}; the model takes {list(given)}"
        )
    if said.dtype != value.dtype:
        raise ModelMismatch(f"input.dtype = {said.dtype!r}; the model takes {value.dtype}")
    if said.quantum is not None and said.dtype not in WHOLE_NUMBERS:
        raise ModelMismatch(f"input.quantum is for whole numbers; the model takes {value.dtype}")
    if said.quantum is not None and value.quantum is not None and not _same(said.quantum.scale, value.quantum.scale):
        raise ModelMismatch(f"input.quantum.scale = {said.quantum.scale}; the model says {value.quantum.scale}")
    if said.quantum is not None and value.quantum is not None and said.quantum.zero != value.quantum.zero:
        raise ModelMismatch(f"input.quantum.zero = {said.quantum.zero}; the model says {value.quantum.zero}")


def _check_part(use: Use, part: str, shapes: tuple[Fits, ...], outputs: Mapping[str, Value]) -> None:
    """Exactly one output plays the part, in one of the shapes, and its numbers can be read."""
    named = use.outputs.get(part)
    among = {named: outputs[named]} if named is not None else outputs
    fitting = [value for value in among.values() if any(has_shape(value.shape, fits) for fits in shapes)]
    if len(fitting) != 1:
        raise ModelMismatch(no_part(use, part, shapes[0], {name: value.shape for name, value in outputs.items()}))
    (value,) = fitting
    if use.head in ROWS and value.shape[2]:  # 0 is open: the head sees for itself
        ROWS[use.head](value.shape[2], use)
    whole = value.dtype in WHOLE_NUMBERS and part not in LABELS
    if whole and value.quantum is None and value.name not in use.quanta:
        raise ModelMismatch(
            f"quanta.{value.name}: the output is {value.dtype}, and nothing says what its numbers stand for"
        )
    if not whole and value.name in use.quanta:
        raise ModelMismatch(f"quanta.{value.name}: the output is {value.dtype}, which stands for itself")
    if value.quantum is not None and value.name in use.quanta:
        raise ModelMismatch(f"quanta.{value.name}: the model says it itself; leave it out")


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-6 * max(abs(a), abs(b))


def shown(value: Value) -> str:
    """Its type and shape, open sizes by their names."""
    names = value.open or ("",) * len(value.shape)
    sizes = [name or str(size or "any") for size, name in zip(value.shape, names, strict=True)]
    return f"{value.dtype} [{', '.join(sizes)}]"
