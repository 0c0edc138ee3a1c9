"""An entry and a model that do not belong together: one fault per vector, and the error names it."""

import msgspec
import pytest

from posture.errors import ConfigError, ModelMismatch
from posture.pose.brought.agree import check_agrees
from posture.pose.brought.propose import propose
from posture.pose.brought.use import as_tree, from_tree
from posture.pose.catalogue import Catalogue
from posture.pose.formats import facts_of
from posture.pose.onnx_check import Facts, OperatorSet, Quantum, Value


def facts(inputs, outputs):
    return Facts((OperatorSet("", 17),), tuple(inputs), tuple(outputs), ("Conv",))


MOVENET = facts([Value("x", "uint8", (1, 192, 192, 3))], [Value("y", "float32", (1, 1, 17, 3))])
ENTRY = {
    "head": "movenet",
    "skeleton": "coco-17",
    "input": {"width": 192, "height": 192, "layout": "NHWC", "dtype": "uint8", "fit": "region"},
}
POSENET = facts(
    [Value("x", "uint8", (1, 33, 49, 3), quantum=Quantum(0.0078125, 128))],
    [Value(n, "uint8", (1, 3, 4, c)) for n, c in (("h", 17), ("o", 34), ("d", 64))],
)
QUANTA = {n: {"scale": 0.1, "zero": 128} for n in "hod"}
SHOWN = {"width": 49, "height": 33, "layout": "NHWC", "dtype": "uint8", "fit": "letterbox"}
POSENET_ENTRY = {"head": "posenet", "skeleton": "coco-17", "input": SHOWN, "quanta": QUANTA}
RTMDET = facts(
    [Value("input", "float32", (0, 3, 0, 0), ("batch", "", "height", "width"))],
    [Value("dets", "float32", (0, 0, 0), ("b", "n", "m")), Value("labels", "int64", (0, 0), ("b", "n"))],
)
SIZES = {"batch": 1, "height": 320, "width": 320}
RTMDET_ENTRY = {
    "head": "rtmdet",
    "input": {"width": 320, "height": 320, "layout": "NCHW", "dtype": "float32", "fit": "corner", "sizes": SIZES},
}
YOLOX = facts([Value("x", "float32", (1, 3, 64, 64))], [Value("y", "float32", (1, 84, 6))])
YOLOX_ENTRY = {"head": "yolox", "input": {**RTMDET_ENTRY["input"], "width": 64, "height": 64, "sizes": {}}}
NANODET = facts([Value("x", "float32", (1, 3, 64, 64))], [Value("y", "float32", (1, 84, 124))])
NANODET_ENTRY = {**YOLOX_ENTRY, "head": "nanodet"}


def changed(entry, path, value):
    tree = msgspec.json.decode(msgspec.json.encode(entry))
    *above, last = path.split(".")
    place = tree
    for key in above:
        place = place.setdefault(key, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return tree


@pytest.mark.parametrize(
    ("entry", "model"),
    [
        (ENTRY, MOVENET),
        (POSENET_ENTRY, POSENET),
        (RTMDET_ENTRY, RTMDET),
        (YOLOX_ENTRY, YOLOX),
        (NANODET_ENTRY, NANODET),
    ],
)
def test_what_belongs_together_agrees(entry, model):
    check_agrees(from_tree(entry, "entry"), model)


FAULTS = {
    "width": (ENTRY, MOVENET, "input.width", 256, r"input\.width = 256.*the model takes \[1, 192, 192, 3\]"),
    "layout": (ENTRY, MOVENET, "input.layout", "NCHW", r"input\.layout = 'NCHW'"),
    "type": (ENTRY, MOVENET, "input.dtype", "float32", r"input\.dtype = 'float32'; the model takes uint8"),
    "skeleton": (
        ENTRY,
        MOVENET,
        "skeleton",
        "aic-14",
        r"skeleton = 'aic-14' \(14 points\): .*shape \[1, 1, 14, 3\] for keypoints; the model gives y \[1, 1, 17, 3\]",
    ),
    "head": (ENTRY, MOVENET, "head", "heatmap", r"head heatmap .*: there is not exactly one output"),
    "output": (ENTRY, MOVENET, "outputs.keypoints", "z", r"outputs\.keypoints = 'z': .*no such output; it gives y"),
    "quantum of nothing": (ENTRY, MOVENET, "quanta.z", {"scale": 1.0}, r"quanta\.z: .*no such output; it gives y"),
    "part": (ENTRY, MOVENET, "outputs.heat", "y", r"outputs\.heat: head movenet has the parts keypoints"),
    "needless quantum": (ENTRY, MOVENET, "quanta.y", {"scale": 1.0}, r"quanta\.y: the output is float32"),
    "missing quantum": (POSENET_ENTRY, POSENET, "quanta.h", None, r"quanta\.h: the output is uint8"),
    "scale": (POSENET_ENTRY, POSENET, "input.quantum", {"scale": 0.5, "zero": 128}, r"input\.quantum\.scale = 0\.5"),
    "zero": (POSENET_ENTRY, POSENET, "input.quantum", {"scale": 0.0078125}, r"input\.quantum\.zero = 0; .* 128"),
    "open size": (RTMDET_ENTRY, RTMDET, "input.sizes.height", None, r"the open size 'height' has no value"),
    "unknown size": (RTMDET_ENTRY, RTMDET, "input.sizes.depth", 3, r"input\.sizes\.depth: the model has no open size"),
    "size": (RTMDET_ENTRY, RTMDET, "input.sizes.width", 416, r"make \[1, 3, 320, 320\]; .* \[1, 3, 320, 416\]"),
    "classes": (NANODET_ENTRY, NANODET, "classes", 79, r"classes = 79: rows of 124 numbers"),
    "many classes": (NANODET_ENTRY, NANODET, "classes", 124, r"classes = 124: rows of 124 numbers"),
    "cells": (NANODET_ENTRY, NANODET, "input.width", 96, r"input\.width = 96"),
    "class": (YOLOX_ENTRY, YOLOX, "person", 1, r"person = 1: the model knows 1 classes"),
}


@pytest.mark.parametrize(("entry", "model", "path", "value", "words"), FAULTS.values(), ids=FAULTS)
def test_one_fault_is_named(entry, model, path, value, words):
    with pytest.raises(ModelMismatch, match=words):
        check_agrees(from_tree(changed(entry, path, value), "entry"), model)


WRONG = {
    "unknown head": ("head", "openpose", r"'openpose' - at `\$\.head`; known are blazepose, heatmap"),
    "unknown key": ("stride", 8, "unknown field `stride`; known are head, input, skeleton"),
    "unknown key of the input": ("input.color", "BGR", r"`color` - at `\$\.input`; known are width, .*colour"),
    "unknown key further in": ("quanta.y", {"step": 1}, r"unknown field `step` - at `\$\.quanta\[\.\.\.\]`$"),
    "unknown colours": ("input.colour", "rgb", r"'rgb' - at `\$\.input\.colour`; known are RGB, BGR"),
    "unknown layout": ("skeleton", "coco-18", "known are blazepose-33, coco-17"),
    "no layout": ("skeleton", "", "skeleton = ''"),
    "deviation of 0": ("input.std", [1.0, 0.0, 1.0], r"input\.std must not be 0"),
    "two colours": ("input.mean", [1.0, 2.0], "mean"),
    "size of nothing": ("input.width", 0, "width"),
    "even chance of nothing": ("half", 0.0, "half"),
    "whole picture for one person": ("input.fit", "corner", "looks at a region"),
    "padding below 1": ("input.padding", 0.5, "padding"),
    "fill of 300": ("input.fill", 300, "fill"),
    "no head": ("head", None, "missing required field `head`"),
}


@pytest.mark.parametrize(("path", "value", "words"), WRONG.values(), ids=WRONG)
def test_an_entry_that_says_nonsense_is_refused(path, value, words):
    with pytest.raises(ConfigError, match=rf"office\.toml: .*{words}"):
        from_tree(changed(ENTRY, path, value), "office.toml")


def test_a_detector_takes_no_skeleton_and_no_region():
    with pytest.raises(ConfigError, match="takes no skeleton"):
        from_tree(changed(YOLOX_ENTRY, "skeleton", "coco-17"), "e")
    with pytest.raises(ConfigError, match="looks at the whole picture"):
        from_tree(changed(YOLOX_ENTRY, "input.fit", "region"), "e")


def test_a_person_is_one_of_the_classes():
    with pytest.raises(ConfigError, match="person = 80: of classes = 80 the first is 0"):
        from_tree(changed(NANODET_ENTRY, "person", 80), "e")


SIMCC = facts(
    [Value("input", "float32", (1, 3, 256, 192))],
    [Value("simcc_x", "float32", (1, 17, 384)), Value("simcc_y", "float32", (1, 17, 512))],
)
SIGNATURES = {
    "movenet": MOVENET,
    "movenet-multi": facts([Value("x", "uint8", (1, 256, 256, 3))], [Value("y", "float32", (1, 6, 56))]),
    "posenet": POSENET,
    "rtmdet": RTMDET,
    "yolox": YOLOX,
    "nanodet": NANODET,
    "simcc": SIMCC,
    "rtmo": facts(
        [Value("x", "float32", (1, 3, 640, 640))],
        [Value("dets", "float32", (1, 0, 5), ("", "n", "")), Value("k", "float32", (1, 0, 17, 3), ("", "n", "", ""))],
    ),
    "yolo-pose": facts([Value("x", "float32", (1, 3, 640, 640))], [Value("o", "float32", (1, 56, 8400))]),
    "heatmap": facts([Value("x", "float32", (1, 3, 256, 192))], [Value("o", "float32", (1, 17, 64, 48))]),
}


@pytest.mark.parametrize("head", SIGNATURES)
def test_a_proposal_agrees_with_its_model(head):
    proposal = propose(SIGNATURES[head])
    assert proposal.use.head == head
    assert from_tree(as_tree(proposal.use), "again") == proposal.use
    if head not in ("movenet", "movenet-multi"):
        assert proposal.unsure, "shapes never tell everything"


def test_outputs_that_no_head_reads():
    odd = facts([Value("x", "float32", (1, 3, 64, 64))], [Value("mask", "float32", (1, 64, 64, 1))])
    with pytest.raises(ModelMismatch, match=r"no head reads such outputs: mask float32 \[1, 64, 64, 1\]"):
        propose(odd)
    with pytest.raises(ModelMismatch, match="no picture"):
        propose(facts([Value("x", "float32", (1, 7))], YOLOX.outputs))
    with pytest.raises(ModelMismatch, match="is 2 pictures; export it for one"):
        propose(facts([Value("x", "float32", (2, 3, 64, 64))], YOLOX.outputs))
    with pytest.raises(ModelMismatch, match=r"dets float32 \[b, n, m\]"):
        propose(facts(RTMDET.inputs, RTMDET.outputs[:1]))


PLUS = 84 + 1  # 64 pixels are one cell more


@pytest.mark.parametrize(
    ("cells", "columns", "head", "classes", "guesses"),
    [
        (84, 80 + 44, "nanodet", 80, ("head",)),
        (84, 80 + 32, "nanodet", 80, ("head",)),
        (84, 1 + 32, "nanodet", 1, ("head", "classes")),
        (84, 1 + 44, "nanodet", 1, ("head", "classes")),
        (PLUS, 80 + 32, "nanodet", 80, ()),
        (PLUS, 1 + 32, "nanodet", 1, ("classes",)),
        (PLUS, 7 + 32, "nanodet", 7, ("classes", "person")),
        (84, 5 + 80, "yolox", 80, ()),
        (84, 5 + 1, "yolox", 80, ()),
        (84, 5 + 3, "yolox", 80, ("person",)),
    ],
)
def test_what_rows_of_cells_tell(cells, columns, head, classes, guesses):
    use, unsure = propose(facts(NANODET.inputs, [Value("y", "float32", (1, cells, columns))]))
    assert (use.head, use.classes, use.half) == (head, classes, 0.3)
    assert {each.partition(":")[0] for each in unsure} == {"input.colour, input.mean, input.std", "half", *guesses}


def test_what_travels_along_is_proposed_as_it_is_used():
    """All but the guesses about numbers, which happen to be right."""
    for entry in Catalogue.load().entries:
        if entry.use:
            proposal = propose(facts_of(Catalogue.load().read(entry.name)))
            assert as_tree(proposal.use) == as_tree(from_tree(entry.use, entry.name))
