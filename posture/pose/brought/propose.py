"""A first entry for a model, from the shapes of its inputs and outputs alone, and what in it is a guess.

Shapes tell the head, sizes and order of axes. They do not tell what the numbers of a picture mean, and of layouts only
how many points there are: that is taken from how such models are published, and said to be a guess.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from posture.errors import ModelMismatch
from posture.pose.brought.agree import check_agrees, shown
from posture.pose.brought.boxes import nanodet_cells, yolox_cells
from posture.pose.brought.use import Use, from_tree
from posture.pose.onnx_check import Facts, Value

Tree = dict[str, Any]
IMAGENET = {"mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375]}
USUAL_SIDE = 640
COCO_CLASSES = 80
NANODET_BINS = (8, 11)
"""Of NanoDet (m, Plus) and NanoDet-g."""
LAYOUTS_BY_COUNT = {14: "aic-14", 16: "mpii-16", 17: "coco-17", 26: "halpe-26", 33: "blazepose-33"}
SAME_COUNT = {14: ("aic-14", "aic-14-top", "crowdpose-14"), 16: ("mpii-16", "efficientpose-16")}
SMALLEST_MAP = 8
HALF = "half: the score that stands for an even chance; try it on pictures with and without people"


class Proposal(NamedTuple):
    """An entry that agrees with the model, and what a person has to look up."""

    use: Use
    unsure: tuple[str, ...]


def propose(facts: Facts) -> Proposal:
    """A first entry for a model. Raises ModelMismatch where no head reads such outputs."""
    if len(facts.inputs) != 1:
        raise ModelMismatch(f"the model has {len(facts.inputs)} inputs, one is expected")
    unsure: list[str] = []
    entry = _input(facts.inputs[0], unsure)
    for recognise in RECOGNISED:
        if (found := recognise(facts.outputs, entry, unsure)) is not None:
            use = from_tree({**found, "input": {**entry, **found["input"]}}, "proposal")
            check_agrees(use, facts)
            return Proposal(use, tuple(unsure))
    shapes = ", ".join(f"{value.name} {shown(value)}" for value in facts.outputs)
    raise ModelMismatch(f"no head reads such outputs: {shapes}; `posture.pose.brought.heads` lists what can be read")


def _input(value: Value, unsure: list[str]) -> Tree:
    """Size, layout, type. Open sizes become usual ones."""
    if len(value.shape) != 4 or 3 not in (value.shape[1], value.shape[3]):
        raise ModelMismatch(f"the input {value.name} {shown(value)} is no picture of three colours")
    if value.shape[0] > 1:
        raise ModelMismatch(f"the input {value.name} {shown(value)} is {value.shape[0]} pictures; export it for one")
    sizes: dict[str, int] = {}
    shape = list(value.shape)
    layout = "NCHW" if shape[1] == 3 else "NHWC"
    for axis, name in enumerate(value.open):
        if shape[axis] == 0:
            if not name:
                raise ModelMismatch(f"the input {value.name} has an open size without a name: fix it in the file")
            shape[axis] = sizes[name] = 1 if axis == 0 else USUAL_SIDE
            if axis:
                unsure.append(f"input.sizes.{name}: the model leaves it open; {USUAL_SIDE} is usual")
    height, width = shape[2:] if layout == "NCHW" else shape[1:3]
    entry: Tree = {"width": width, "height": height, "layout": layout, "dtype": value.dtype}
    if sizes:
        entry["sizes"] = sizes
    if value.dtype == "int8":
        entry |= {"mean": [128.0] * 3}
        unsure.append("input.mean: bytes less 128, as int8 models are usually quantised")
    return entry


def _movenet(outputs: tuple[Value, ...], entry: Tree, unsure: list[str]) -> Tree | None:
    if len(outputs) != 1 or outputs[0].shape != (1, 1, 17, 3):
        return None
    return {"head": "movenet", "skeleton": "coco-17", "half": 0.35, "input": {"fit": "region"}}


def _movenet_multi(outputs: tuple[Value, ...], entry: Tree, unsure: list[str]) -> Tree | None:
    if len(outputs) != 1 or outputs[0].shape not in ((1, 6, 56), (1, 0, 56)):
        return None
    return {"head": "movenet-multi", "skeleton": "coco-17", "half": 0.3, "input": {"fit": "letterbox"}}


def _blazepose(outputs: tuple[Value, ...], entry: Tree, unsure: list[str]) -> Tree | None:
    shapes = {value.shape for value in outputs}
    if {(1, 195), (1, 1), (1, 117)} <= shapes:
        return {"head": "blazepose", "input": {"fit": "region", **_scaled(entry, 0.0, 255.0)}}
    if {(1, 2254, 12), (1, 2254, 1)} <= shapes:
        return {"head": "blazepose-detector", "input": {"fit": "letterbox", **_scaled(entry, 127.5, 127.5)}}
    return None


def _simcc(outputs: tuple[Value, ...], entry: Tree, unsure: list[str]) -> Tree | None:
    flat = [value for value in outputs if len(value.shape) == 3]
    if len(outputs) != 2 or len(flat) != 2 or flat[0].shape[1] != flat[1].shape[1]:
        return None
    splits = [[each.shape[2] / entry[side] for each in flat] for side in ("width", "height")]
    order = next(((i, 1 - i) for i in (0, 1) if splits[0][i] == splits[1][1 - i] and splits[0][i] >= 1), None)
    if order is None:
        return None
    parts = {"x": flat[order[0]].name, "y": flat[order[1]].name}
    skeleton = _skeleton(flat[0].shape[1], unsure)
    if skeleton is None:
        return None
    _guess_colours(unsure)
    found = {"head": "simcc", "skeleton": skeleton, "outputs": parts, "split": splits[0][order[0]], "half": 0.3}
    return {**found, "input": {"fit": "region", **IMAGENET}}


def _posenet(outputs: tuple[Value, ...], entry: Tree, unsure: list[str]) -> Tree | None:
    channels = {value.shape[3]: value for value in outputs if len(value.shape) == 4}
    if not {17, 34, 64} <= channels.keys():
        return None
    colours = {} if entry["dtype"] == "uint8" else {"mean": [127.5] * 3, "std": [127.5] * 3}
    _needs_quanta([channels[size] for size in (17, 34, 64)], unsure)
    found: Tree = {"head": "posenet", "skeleton": "coco-17", "score": "logit", "input": {"fit": "letterbox", **colours}}
    whole = [channels[size] for size in (17, 34, 64) if _is_bare(channels[size])]
    return {**found, "quanta": {value.name: {"scale": 1.0, "zero": 128} for value in whole}} if whole else found


def _rows(outputs: tuple[Value, ...], entry: Tree, unsure: list[str]) -> Tree | None:
    """Models that give rows: RTMO, RTMDet, YOLOX, NanoDet, YOLO with keypoints."""
    shapes = [value.shape for value in outputs]
    points = next((shape[2] for shape in shapes if len(shape) == 4 and shape[3] == 3), None)
    rows = next((shape for shape in shapes if len(shape) == 3), None)
    corner = {"fit": "corner", "fill": 114}
    if rows is None:
        return None
    if points is not None and rows[2] in (0, 5) and (skeleton := _skeleton(points, unsure)) is not None:
        _guess_colours(unsure)
        return {"head": "rtmo", "skeleton": skeleton, "half": 0.3, "input": {**corner, "colour": "BGR"}}
    if len(outputs) == 2 and rows[2] in (0, 5) and any(len(shape) == 2 for shape in shapes):
        _guess_colours(unsure)
        unsure.append(HALF)
        return {"head": "rtmdet", "half": 0.3, "input": {**corner, "colour": "BGR", **_backward(IMAGENET)}}
    if (found := _nanodet(rows, entry, unsure)) is not None:
        return found
    if rows[1] == yolox_cells(entry["width"], entry["height"]) and rows[2] > 5:
        _guess_colours(unsure)
        _guess_person(rows[2] - 5, unsure)
        return {"head": "yolox", "half": 0.3, "input": {**corner, "colour": "BGR"}}
    count = (rows[1] - 5) // 3 if rows[1] > 5 and (rows[1] - 5) % 3 == 0 else (rows[2] - 6) // 3
    wide = rows[1] == 5 + 3 * count or rows[2] == 6 + 3 * count
    if not wide or (skeleton := _skeleton(count, unsure)) is None:
        return None
    colours = _scaled(entry, 0.0, 255.0)
    return {"head": "yolo-pose", "skeleton": skeleton, "input": {"fit": "letterbox", "fill": 114, **colours}}


def _nanodet(rows: tuple[int, ...], entry: Tree, unsure: list[str]) -> Tree | None:
    """Rows of COCO's 80 classes, or of people alone; of NanoDet-Plus, whose cells no other model has, of any."""
    cells = nanodet_cells(entry["width"], entry["height"])
    if rows[1] not in cells:
        return None
    likely = [rows[2] - 4 * bins for bins in NANODET_BINS]
    plus = rows[1] == cells[1]
    classes = next((each for each in likely if each in (COCO_CLASSES, 1)), likely[0] if plus else 0)
    if classes < 1:
        return None
    if not plus:
        unsure.append(f"head: a YOLOX of {rows[2] - 5} classes has such rows, too")
    if classes != COCO_CLASSES:
        unsure.append(f"classes: {rows[2]} numbers a row, {rows[2] - classes} of them for the four sides")
    _guess_colours(unsure)
    _guess_person(classes, unsure)
    found: Tree = {"head": "nanodet", "half": 0.3, "classes": classes}
    return {**found, "input": {"fit": "letterbox", "colour": "BGR", **_backward(IMAGENET)}}


def _heatmap(outputs: tuple[Value, ...], entry: Tree, unsure: list[str]) -> Tree | None:
    channel, side = (1, 2) if entry["layout"] == "NCHW" else (3, 1)
    maps = [value for value in outputs if len(value.shape) == 4 and value.shape[side] >= SMALLEST_MAP]
    maps = [value for value in maps if value.shape[channel] in LAYOUTS_BY_COUNT]
    if not maps:
        return None
    largest = max(maps, key=lambda value: value.shape[side])
    _guess_colours(unsure)
    _needs_quanta([largest], unsure)
    found: Tree = {"head": "heatmap", "skeleton": _skeleton(largest.shape[channel], unsure), "half": 0.3}
    found["input"] = {"fit": "region", **({} if entry["dtype"] in ("uint8", "int8", "int32") else IMAGENET)}
    if len(outputs) > 1:
        found["outputs"] = {"heatmap": largest.name}
        unsure.append("outputs.heatmap: the finest of the maps")
    return {**found, "quanta": {largest.name: {"scale": 1.0, "zero": 0}}} if _is_bare(largest) else found


Recognise = Callable[[tuple[Value, ...], Tree, list[str]], Tree | None]
RECOGNISED: tuple[Recognise, ...] = (_blazepose, _movenet, _movenet_multi, _posenet, _simcc, _rows, _heatmap)


def _skeleton(points: int, unsure: list[str]) -> str | None:
    """The layout with that many points that is usual; None where none is known here."""
    name = LAYOUTS_BY_COUNT.get(points)
    if name is not None:
        others = ", ".join(SAME_COUNT.get(points, (name,)))
        unsure.append(f"skeleton: the order of its {points} points; known here are {others}")
        unsure.append(HALF)
    return name


def _guess_colours(unsure: list[str]) -> None:
    unsure.append("input.colour, input.mean, input.std: as such models are usually trained; shapes do not tell")


def _guess_person(classes: int, unsure: list[str]) -> None:
    """What has to be looked up of a detector of that many classes."""
    if classes not in (COCO_CLASSES, 1):
        unsure.append(f"person: which of its {classes} classes people are; the first is 0")
    unsure.append(HALF)


def _backward(colours: Tree) -> Tree:
    """Mean and deviation of RGB for BGR."""
    return {name: values[::-1] for name, values in colours.items()}


def _scaled(entry: Tree, mean: float, std: float) -> Tree:
    """Mean and deviation for inputs of real numbers; bytes are taken as they are."""
    return {} if entry["dtype"] in ("uint8", "int8", "int32") else {"mean": [mean] * 3, "std": [std] * 3}


def _is_bare(value: Value) -> bool:
    """Whether the numbers of an output need a quantum that the file does not have."""
    return value.dtype in ("uint8", "int8", "int16", "int32") and value.quantum is None


def _needs_quanta(values: list[Value], unsure: list[str]) -> None:
    for value in values:
        if _is_bare(value):
            unsure.append(f"quanta.{value.name}: what its whole numbers stand for; look it up in the original file")
