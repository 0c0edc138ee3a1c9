"""TFLite models that nobody may load, one fault each; and that no bytes at all bring the reader down."""

import contextlib
import struct
from pathlib import Path

import numpy as np
import pytest
import tflite
from hypothesis import given
from hypothesis import strategies as st
from tiny_tflite import tiny

from posture.errors import ModelError, ModelMismatch, ModelRefused
from posture.pose.litert import LiteSession
from posture.pose.tflite_check import check

MODELS = Path(__file__).resolve().parents[3] / "shared" / "media" / "models"
SOUND = tiny()
Op, Kind = tflite.BuiltinOperator, tflite.TensorType

REFUSED = {
    "custom operator": ({"operator": Op.CUSTOM, "custom": "FlexConv2D"}, "custom operators"),
    "custom name at a builtin": ({"custom": "TFLite_Detection_PostProcess"}, "custom operators"),
    "loop": ({"operator": Op.WHILE}, "operator 119 is not one of"),
    "branch": ({"operator": Op.IF}, "operator 118"),
    "call": ({"operator": Op.CALL_ONCE}, "operator 129"),
    "variable": ({"operator": Op.READ_VARIABLE}, "operator 143"),
    "table of texts": ({"operator": Op.HASHTABLE}, "operator 136"),
    "delegate": ({"operator": Op.DELEGATE}, "operator 51"),
    "random numbers": ({"operator": Op.RANDOM_UNIFORM}, "operator 148"),
    "operator of tomorrow": ({"operator": 999}, "operator 999"),
    "second graph": ({"graphs": 2}, "2 graphs"),
    "variable tensor": ({"variable": True}, "a variable is never allowed"),
    "text tensor": ({"kind": Kind.STRING}, "numbers of type 5"),
    "huge tensor": ({"shape": (1, 1 << 14, 1 << 14, 3)}, "805306368 elements"),
    "huge padding": ({"paddings": (0, 0, 0, 2**31 - 1, 0, 0, 0, 0)}, r"asks for 2147483648 elements"),
    "computed size": ({"computed": True}, "computed while the model runs"),
}
MISMATCHED = {
    "no identifier": ({"identifier": b"TFL2"}, "the identifier TFL3 is missing"),
    "version": ({"version": 4}, "of version 4"),
    "negative size": ({"shape": (1, -4, 4, 3)}, "negative size"),
    "zero size": ({"shape": (1, 0, 4, 3)}, "not fixed"),
    "open size": ({"signature": (1, -1, 4, 3)}, "not fixed"),
    "content outside of the file": ({"offset": 4096}, "field 1 is not known here"),
    "short constant": ({"padding_bytes": b"\0" * 8}, "8 bytes of content, and 32 belong"),
    "buffer that is not there": ({"buffer": 7}, "buffer 7 does not exist"),
    "tensor that is not there": ({"operator_input": 99}, "tensor 99 does not exist"),
    "negative tensor": ({"operator_input": -2}, "tensor -2 does not exist"),
    "writes to a constant": ({"operator_output": 1}, "write to a constant"),
    "operator code that is not there": ({"code": 3}, "operator code 3 does not exist"),
    "input that is not there": ({"graph_input": 5}, "inputs, or one that does not exist"),
}


def test_the_sound_one_is_taken_and_runs():
    facts = check(SOUND)
    assert (facts.ops, facts.inputs[0].shape, facts.outputs[0].shape) == (("PAD",), (1, 4, 4, 3), (1, 6, 6, 3))
    pytest.importorskip("ai_edge_litert")
    outputs = LiteSession(SOUND).run(np.ones((1, 4, 4, 3), np.float32))
    assert outputs["y"].sum() == 48
    assert outputs["y"][0, 0].sum() == 0


@pytest.mark.parametrize(("fault", "words"), REFUSED.values(), ids=REFUSED)
def test_never_allowed(fault, words):
    with pytest.raises(ModelRefused, match=words):
        check(tiny(**fault))


@pytest.mark.parametrize(("fault", "words"), MISMATCHED.values(), ids=MISMATCHED)
def test_no_model_of_this_kind(fault, words):
    with pytest.raises(ModelMismatch, match=words):
        check(tiny(**fault))


@pytest.mark.parametrize("length", [0, 4, 7, 8, 20, len(SOUND) // 2, len(SOUND) - 1])
def test_a_cut_model(length):
    with pytest.raises(ModelError):
        check(SOUND[:length])


@given(st.integers(0, len(SOUND) - 1), st.binary(min_size=1, max_size=4))
def test_no_change_brings_the_reader_down(place, new):
    changed = SOUND[:place] + new + SOUND[place + len(new) :]
    with contextlib.suppress(ModelError):
        check(changed)


def test_a_list_that_claims_billions_costs_nothing():
    place = SOUND.find(struct.pack("<I", 3))
    changed = bytearray(SOUND)
    changed[place : place + 4] = struct.pack("<I", 0xFFFFFFF0)
    with pytest.raises(ModelError):
        check(bytes(changed))


@pytest.mark.skipif(not MODELS.is_dir(), reason="needs ../shared/media")
def test_a_sparse_constant_that_does_not_fit_its_shape():
    """MediaPipe's detector has 38 sparse constants. One entry of one of them points beyond its dimension."""
    data = (MODELS / "mediapipe_pose_detection.tflite").read_bytes()
    check(data)
    graph = tflite.Model.GetRootAsModel(data, 0).Subgraphs(0)
    tensors = (graph.Tensors(i) for i in range(graph.TensorsLength()))
    sparse = next(tensor.Sparsity() for tensor in tensors if tensor.Sparsity() is not None)
    level = next(sparse.DimMetadata(i) for i in range(sparse.DimMetadataLength()) if sparse.DimMetadata(i).Format())
    union = level.ArrayIndices()
    vector = {1: tflite.Int32Vector, 2: tflite.Uint16Vector, 3: tflite.Uint8Vector}[level.ArrayIndicesType()]()
    vector.Init(union.Bytes, union.Pos)
    changed = bytearray(data)
    start = vector._tab.Vector(vector._tab.Offset(4))
    changed[start] = 255
    with pytest.raises(ModelMismatch, match="an index beyond"):
        check(bytes(changed))
