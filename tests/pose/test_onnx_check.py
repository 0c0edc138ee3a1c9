"""Hostile models, one fault each: what the pinned runtime does by itself, and that the check refuses."""

import contextlib
import itertools
import os
import random
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import AttributeProto, FunctionProto, ModelProto, NodeProto, TensorProto, helper

from posture.errors import ModelError, ModelMismatch, ModelRefused
from posture.pose import onnx_check
from posture.pose.catalogue import Catalogue
from posture.pose.onnx_check import OperatorSet, Value, check
from posture.pose.onnx_schema import SCHEMA
from posture.pose.onnx_sizes import ELEMENTS_LIMIT
from posture.pose.protobuf import parse
from posture.pose.session import Session

FLOAT, DOUBLE, INT64, BOOL = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64, TensorProto.BOOL


def value(name: str, shape: Sequence[object] | None = (4,), dtype: int = FLOAT):
    return helper.make_tensor_value_info(name, dtype, shape)


def model(
    nodes: Sequence[NodeProto] | None = None,
    weights: Sequence[TensorProto] = (),
    *,
    domains: Sequence[str] = (),
    functions: Sequence[FunctionProto] = (),
) -> ModelProto:
    """From `x` to `y`, four numbers each."""
    graph = helper.make_graph(
        list(nodes if nodes is not None else [helper.make_node("Relu", ["x"], ["y"])]),
        "graph",
        [value("x")],
        [value("y")],
        list(weights),
    )
    opsets = [helper.make_opsetid("", 17), *(helper.make_opsetid(domain, 1) for domain in domains)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9, functions=list(functions))


def external(location: str, *, name: str = "w") -> TensorProto:
    """Four numbers that lie in another file."""
    tensor = TensorProto(name=name, data_type=FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    for key, text in (("location", location), ("offset", "0"), ("length", "16")):
        tensor.external_data.add(key=key, value=text)
    return tensor


def reading(location: str) -> ModelProto:
    """`y = x + w`, where `w` lies in another file."""
    return model([helper.make_node("Add", ["x", "w"], ["y"])], [external(location)])


def loop(rounds: int = 1 << 62) -> ModelProto:
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["co"]), helper.make_node("Identity", ["v"], ["vo"])],
        "body",
        [value("i", [], INT64), value("c", [], BOOL), value("v")],
        [value("co", [], BOOL), value("vo")],
    )
    constants = [helper.make_tensor("m", INT64, [], [rounds]), helper.make_tensor("t", BOOL, [], [True])]
    return model([helper.make_node("Loop", ["m", "t", "x"], ["y"], body=body)], constants)


def branch() -> ModelProto:
    side = helper.make_graph([helper.make_node("Identity", ["x"], ["z"])], "side", [], [value("z")])
    yes = helper.make_tensor("t", BOOL, [], [True])
    return model([helper.make_node("If", ["t"], ["y"], then_branch=side, else_branch=side)], [yes])


def shaped(operator: str, numbers: Sequence[float], *, dtype: int = INT64, inputs: Sequence[str] = ("x", "s"), **more):
    """`y = operator(x, s)` where `s` are the numbers."""
    return model(
        [helper.make_node(operator, list(inputs), ["y"], **more)],
        [helper.make_tensor("s", dtype, [len(numbers)], list(numbers))],
    )


def range_model(start: float, limit: float, delta: float, dtype: int = INT64) -> ModelProto:
    ends = [helper.make_tensor(n, dtype, [], [v]) for n, v in (("a", start), ("b", limit), ("c", delta))]
    return model([helper.make_node("Range", ["a", "b", "c"], ["r"]), helper.make_node("Relu", ["x"], ["y"])], ends)


def with_attribute(attribute: AttributeProto) -> ModelProto:
    node = helper.make_node("Relu", ["x"], ["y"])
    node.attribute.append(attribute)
    return model([node])


def changed(change: Callable[[ModelProto], object]) -> ModelProto:
    """The sound model after a change."""
    made = model()
    change(made)
    return made


def sparse(tensor: TensorProto) -> object:
    indices = helper.make_tensor("i", INT64, [4], [0, 1, 2, 3])
    return helper.make_sparse_tensor(tensor, indices, [4])


def run_bare(data: bytes | str) -> list[np.ndarray]:
    """The model in the runtime alone, with nothing of the product around it."""
    options = ort.SessionOptions()
    options.log_severity_level = 4
    session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": np.zeros(4, np.float32)})


def test_every_model_of_the_program_passes_and_is_what_the_manifest_says() -> None:
    models = Catalogue.load()
    for entry in (entry for entry in models.entries if not entry.optional):
        facts = check(models.read(entry.name))
        assert facts.opset == (OperatorSet("", entry.opset),)
        assert facts.ops == tuple(sorted(entry.operators))
        for said, found in ((entry.inputs, facts.inputs), (entry.outputs, facts.outputs)):
            assert [(each.name, each.dtype, each.shape) for each in said] == [
                (each.name, each.dtype, each.shape) for each in found
            ]


def test_the_sound_model_passes_and_runs() -> None:
    data = model().SerializeToString()
    facts = check(data)
    assert facts == onnx_check.Facts(
        (OperatorSet("", 17),), (Value("x", "float32", (4,)),), (Value("y", "float32", (4,)),), ("Relu",)
    )
    assert run_bare(data)[0].tolist() == [0, 0, 0, 0]


# What the runtime alone does with weights in another file.


@pytest.mark.parametrize("location", ["../secret.bin", "ABSOLUTE", "*/_ORT_MEM_ADDR_/*"])
def test_weights_elsewhere_are_refused_by_both(tmp_path, monkeypatch, location) -> None:
    (tmp_path / "secret.bin").write_bytes(np.arange(4, dtype=np.float32).tobytes())
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    data = reading(location.replace("ABSOLUTE", str(tmp_path / "secret.bin"))).SerializeToString()
    with pytest.raises(ort_errors()):
        run_bare(data)
    with pytest.raises(ModelRefused, match=r"initializer\[0\] \(w\): external data"):
        check(data)


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_a_symbolic_link_is_refused_by_both(tmp_path) -> None:
    (tmp_path / "secret.bin").write_bytes(np.arange(4, dtype=np.float32).tobytes())
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "w.bin").symlink_to(tmp_path / "secret.bin")
    path = tmp_path / "models" / "m.onnx"
    path.write_bytes(reading("w.bin").SerializeToString())
    with pytest.raises(ort_errors()):
        run_bare(str(path))
    with pytest.raises(ModelRefused, match="external data"):
        check(path.read_bytes())


def test_a_hard_link_is_read_by_the_runtime_and_refused_here(tmp_path) -> None:
    (tmp_path / "secret.bin").write_bytes(np.arange(4, dtype=np.float32).tobytes())
    (tmp_path / "models").mkdir()
    os.link(tmp_path / "secret.bin", tmp_path / "models" / "w.bin")
    path = tmp_path / "models" / "m.onnx"
    path.write_bytes(reading("w.bin").SerializeToString())
    assert run_bare(str(path))[0].tolist() == [0, 1, 2, 3], "the runtime alone hands out the other file"
    with pytest.raises(ModelRefused, match="external data"):
        check(path.read_bytes())


def ort_errors() -> tuple[type[Exception], ...]:
    from posture.pose.session import RUNTIME_ERRORS

    return RUNTIME_ERRORS


def test_a_tensor_of_a_tebibyte_in_a_hundred_bytes_is_accepted_by_the_runtime_and_refused_here() -> None:
    data = shaped("ConstantOfShape", [1 << 20, 1 << 18], inputs=["s"]).SerializeToString()
    assert len(data) < 120
    ort.InferenceSession(data, quiet(), providers=["CPUExecutionProvider"], disabled_optimizers=["ConstantFolding"])
    with pytest.raises(ModelRefused, match=r"node\[0\] \(ConstantOfShape\): 1048576 x 262144 asks for 274877906944"):
        check(data)


def wide(field: int, value: int) -> bytes:
    """A field that holds `value` + 2^32, of which a number of 32 bits keeps only `value` (below 128)."""
    key = bytes([field << 3]) if field < 16 else bytes([field << 3 & 0x7F | 0x80, field >> 4])
    return key + bytes([value | 0x80, 0x80, 0x80, 0x80, 0x10])


def test_a_data_type_that_only_the_runtime_cuts_to_32_bits_hides_no_tebibyte() -> None:
    outer = shaped("ConstantOfShape", [1 << 20, 1 << 18], inputs=["s"])
    (sizes,) = outer.graph.initializer
    sound = sizes.SerializeToString()
    sizes.ClearField("data_type")
    graph = outer.graph
    graph_bytes = {}
    for name, tensor in (("sound", sound), ("wide", sizes.SerializeToString() + wide(2, INT64))):
        bare = type(graph)()
        bare.CopyFrom(graph)
        del bare.initializer[:]
        graph_bytes[name] = bare.SerializeToString() + inside(5, tensor)
    outer.ClearField("graph")
    for name, error in (("sound", ModelRefused), ("wide", ModelMismatch)):
        data = outer.SerializeToString() + inside(7, graph_bytes[name])
        ort.InferenceSession(data, quiet(), providers=["CPUExecutionProvider"], disabled_optimizers=["ConstantFolding"])
        with pytest.raises(error, match="ConstantOfShape" if name == "sound" else "data_type: the number 4294967303"):
            check(data)


THIRTY_TWO_BITS = (
    ("Tensor", 2),
    ("Tensor", 5),
    ("Tensor", 14),
    ("Attribute", 20),
    ("TensorType", 1),
    ("MapType", 1),
)


@pytest.mark.parametrize(("kind", "number"), THIRTY_TWO_BITS)
def test_every_number_of_32_bits_is_read_as_one(kind, number) -> None:
    """Of onnx.proto: data_type, int32_data, data_location, type, elem_type, key_type."""
    with pytest.raises(ModelMismatch, match="32 bits"):
        parse(wide(number, 1), SCHEMA, kind)
    thirty_two = {(name, at) for name, known in SCHEMA.items() for at, each in known.items() if each.kind == "int32"}
    assert thirty_two == set(THIRTY_TWO_BITS)


def quiet() -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.log_severity_level = 4
    return options


def test_a_loop_without_end_is_loaded_by_the_runtime_and_refused_here() -> None:
    data = loop().SerializeToString()
    ort.InferenceSession(data, quiet(), providers=["CPUExecutionProvider"])
    with pytest.raises(ModelRefused, match=r"node\[0\] \(Loop\): loops"):
        check(data)


def test_four_bytes_make_the_runtime_read_another_format_but_not_here() -> None:
    """A name that lies where the runtime's own format has its mark: what the check sees must be what runs."""
    made = model().SerializeToString()
    data = b"\x08\x09\x12\x04ORTM" + made[2:]
    assert made[:2] == data[:2]
    with pytest.raises(ort_errors(), match="ORT model verification failed"):
        run_bare(data)
    check(data)
    assert Session(data, ["cpu"]).run(np.array([-1, 1, 2, 3], np.float32))["y"].tolist() == [0, 1, 2, 3]


def constant_elsewhere() -> ModelProto:
    return model(
        [helper.make_node("Constant", [], ["w"], value=external("w.bin")), helper.make_node("Add", ["x", "w"], ["y"])]
    )


def subgraph_elsewhere() -> ModelProto:
    made = branch()
    made.graph.node[0].attribute[0].g.initializer.append(external("w.bin"))
    return made


def named_only() -> ModelProto:
    made = reading("w.bin")
    made.graph.initializer[0].ClearField("data_location")
    return made


def located_only() -> ModelProto:
    made = reading("w.bin")
    del made.graph.initializer[0].external_data[:]
    return made


def in_training(made: ModelProto) -> None:
    made.training_info.add().algorithm.initializer.append(external("w.bin"))


def as_function(domain: str) -> ModelProto:
    opset = [helper.make_opsetid("", 17)]
    own = helper.make_function(domain, "Own", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])], opset)
    return model([helper.make_node("Own", ["x"], ["y"], domain=domain)], domains=[domain], functions=[own])


def deep_type(made: ModelProto) -> None:
    inner = made.graph.output[0].type
    for _ in range(40):
        inner = inner.sequence_type.elem_type
    inner.tensor_type.elem_type = FLOAT


REFUSED = {
    "external data, only named": (named_only, "external data"),
    "external data, only located": (located_only, "external data"),
    "external data in a Constant": (constant_elsewhere, r"node\[0\]\.attribute\[0\]\.t \(w\): external data"),
    "external data in tensors of an attribute": (
        lambda: with_attribute(AttributeProto(name="a", type=AttributeProto.TENSORS, tensors=[external("w.bin")])),
        "external data",
    ),
    "external data in a subgraph": (subgraph_elsewhere, r"\(If\)"),
    "external data in sparse weights": (
        lambda: changed(lambda m: m.graph.sparse_initializer.append(sparse(external("w.bin")))),
        "sparse tensor",
    ),
    "external data in training": (lambda: changed(in_training), "training"),
    "sparse weights": (
        lambda: changed(
            lambda m: m.graph.sparse_initializer.append(sparse(helper.make_tensor("w", FLOAT, [4], [1] * 4)))
        ),
        "unpacked to whatever size",
    ),
    "a branch": (branch, r"\(If\): loops and branches"),
    "a scan": (lambda: model([helper.make_node("Scan", ["x"], ["y"])]), r"\(Scan\)"),
    "a map": (lambda: model([helper.make_node("SequenceMap", ["x"], ["y"])]), r"\(SequenceMap\)"),
    "a loop of another domain": (lambda: model([helper.make_node("Loop", ["x"], ["y"], domain="ai.onnx")]), "loops"),
    "a graph in an ordinary operator": (
        lambda: with_attribute(helper.make_attribute("g", branch().graph)),
        r"attribute\[0\]\.g: a graph inside an operator",
    ),
    "graphs in an ordinary operator": (
        lambda: with_attribute(helper.make_attribute("g", [model().graph])),
        r"attribute\[0\]\.graphs\[0\]: a graph inside",
    ),
    "a function": (lambda: as_function("example"), r"functions\[0\] \(Own\)|domain 'example'"),
    "a function of the standard domain": (lambda: as_function("ai.onnx.ml"), r"functions\[0\] \(Own\)"),
    "an operator of somebody": (
        lambda: model([helper.make_node("Magic", ["x"], ["y"], domain="example")], domains=["example"]),
        r"node\[0\] \(example:Magic\): operators of the domain 'example'",
    ),
    "an operator that reads a file": (
        lambda: model([helper.make_node("EPContext", ["x"], ["y"], domain="com.microsoft")], domains=["com.microsoft"]),
        r"of com.microsoft only \d+ operators",
    ),
    "types nested too deep": (lambda: changed(deep_type), "deeper than 64"),
    "declared weights": (
        lambda: model(weights=[TensorProto(name="w", data_type=FLOAT, dims=[1 << 20, 1 << 18])]),
        "274877906944 elements",
    ),
    "a product that overflows": (
        lambda: model(weights=[TensorProto(name="w", data_type=FLOAT, dims=[1 << 32, 1 << 32])]),
        f"{1 << 64} elements",
    ),
    "many large weights": (
        lambda: model(weights=[TensorProto(name=f"w{i}", data_type=FLOAT, dims=[1 << 25]) for i in range(3)]),
        "constants have more than",
    ),
    "too many dimensions": (
        lambda: model(weights=[TensorProto(name="w", data_type=FLOAT, dims=[1] * 17)]),
        "17 dimensions",
    ),
    "a large input": (lambda: changed(lambda m: m.graph.input[0].CopyFrom(value("x", [1 << 40]))), "1099511627776"),
    "a large value between": (
        lambda: changed(lambda m: m.graph.value_info.append(value("v", [1 << 40]))),
        "value_info",
    ),
    "Expand": (lambda: shaped("Expand", [1 << 30, 4]), r"\(Expand\)"),
    "Tile": (lambda: shaped("Tile", [1 << 30]), r"\(Tile\)"),
    "Resize by sizes": (lambda: shaped("Resize", [1 << 20, 1 << 20], inputs=["x", "", "", "s"]), r"\(Resize\)"),
    "Resize by scales": (lambda: shaped("Resize", [1e5, 1e5], dtype=FLOAT, inputs=["x", "", "s"]), r"\(Resize\)"),
    "Resize to infinity": (lambda: shaped("Resize", [float("inf")], dtype=FLOAT, inputs=["x", "", "s"]), "finite"),
    "Pad": (lambda: shaped("Pad", [0, 1 << 40]), r"\(Pad\)"),
    "OneHot": (lambda: shaped("OneHot", [1 << 40], inputs=["x", "s", "x"]), r"\(OneHot\)"),
    "a shape of many dimensions": (
        lambda: shaped("ConstantOfShape", [2] * 40, inputs=["s"]),
        "more than 16 dimensions",
    ),
    "Range": (lambda: range_model(0, 1 << 40, 1), "from 0 to 1099511627776 by 1"),
    "Range downwards": (lambda: range_model(1 << 40, 0, -1), "by -1"),
    "Range without an end": (lambda: range_model(0, 10, 0), "without an end"),
    "Range in the smallest steps": (lambda: range_model(0, 1, 5e-324, DOUBLE), "by 5e-324 asks for countless elements"),
    "Range from end to end": (lambda: range_model(-1.7e308, 1.7e308, 1, DOUBLE), "countless"),
    "Range from end to end, in steps that lead away": (lambda: range_model(1.7e308, -1.7e308, 1, DOUBLE), "countless"),
    "a size of many numbers": (
        lambda: model([helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2**63 - 1] * 256)]),
        r"\(MaxPool\), kernel_shape: 256 numbers; a tensor has at most 16",
    ),
    "a padding of many numbers": (
        lambda: model([helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2], pads=[2**63 - 1] * 34)]),
        r"pads: 34 numbers",
    ),
    "sizes with more digits than Python prints": (
        lambda: shaped("Resize", [1.7e308] * 16, dtype=DOUBLE, inputs=["x", "", "s"]),
        "countless",
    ),
    "a Constant as a shape": (
        lambda: model(
            [
                helper.make_node("Constant", [], ["s"], value_ints=[1 << 40]),
                helper.make_node("Expand", ["x", "s"], ["y"]),
            ]
        ),
        r"\(Expand\): 1099511627776",
    ),
    "a size in an attribute": (
        lambda: model([helper.make_node("RandomNormal", [], ["y"], shape=[1 << 40])]),
        r"\(RandomNormal\), shape",
    ),
    "the output of RoiAlign": (
        lambda: model([helper.make_node("RoiAlign", ["x"], ["y"], output_height=1 << 14, output_width=1 << 14)]),
        r"\(RoiAlign\), output_height, output_width: 16384 x 16384 asks",
    ),
    "the samples of RoiAlign": (
        lambda: model([helper.make_node("RoiAlign", ["x"], ["y"], output_height=2, sampling_ratio=1 << 13)]),
        r"output_height, sampling_ratio: 2 x 8192 x 8192 asks",
    ),
    "MaxRoiPool": (
        lambda: model([helper.make_node("MaxRoiPool", ["x", "x"], ["y"], pooled_shape=[1 << 14, 1 << 14])]),
        "pooled_shape",
    ),
    "LRN": (lambda: model([helper.make_node("LRN", ["x"], ["y"], size=1 << 40)]), r"\(LRN\), size"),
    "Multinomial": (
        lambda: model([helper.make_node("Multinomial", ["x"], ["y"], sample_size=1 << 40)]),
        "sample_size",
    ),
    "TfIdfVectorizer": (
        lambda: model([helper.make_node("TfIdfVectorizer", ["x"], ["y"], ngram_indexes=[0, 1 << 40])]),
        "ngram_indexes: 1099511627776 asks",
    ),
    "Col2Im": (lambda: shaped("Col2Im", [1 << 20, 1 << 20], inputs=["x", "s", "s"]), r"\(Col2Im\)"),
    "MelWeightMatrix": (
        lambda: shaped("MelWeightMatrix", [1 << 14], inputs=["s", "s", "x", "x", "x"]),
        r"16384 x 16384 asks",
    ),
    "trees": (
        lambda: model([helper.make_node("TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml", n_targets=1)]),
        r"domain 'ai.onnx.ml' are never allowed",
    ),
    "a padding in an attribute": (
        lambda: model([helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2], pads=[0, 1 << 40])]),
        "pads",
    ),
}

MISMATCHED = {
    "no graph": (lambda: changed(lambda m: m.ClearField("graph")), "no graph"),
    "no operator set": (lambda: changed(lambda m: m.ClearField("opset_import")), "operator set"),
    "two operator sets": (lambda: changed(lambda m: m.opset_import.add(domain="ai.onnx", version=12)), "two versions"),
    "no input": (lambda: changed(lambda m: m.graph.ClearField("input")), "0 inputs"),
    "no output": (lambda: changed(lambda m: m.graph.ClearField("output")), "0 inputs or outputs"),
    "an open size": (
        lambda: changed(lambda m: m.graph.input[0].CopyFrom(value("x", ["batch"]))),
        r"\[batch\] is not fixed",
    ),
    "no shape": (lambda: changed(lambda m: m.graph.input[0].CopyFrom(value("x", None))), "fixed shape"),
    "text": (lambda: changed(lambda m: m.graph.input[0].CopyFrom(value("x", [4], TensorProto.STRING))), "numbers"),
    "a negative size": (lambda: model(weights=[TensorProto(name="w", data_type=FLOAT, dims=[-4])]), "negative"),
    "two constants of one name": (
        lambda: model(weights=[helper.make_tensor("w", FLOAT, [1], [1]), helper.make_tensor("w", FLOAT, [1], [2])]),
        "same name",
    ),
    "an unknown data type": (
        lambda: model(weights=[TensorProto(name="w", data_type=99, dims=[4], raw_data=bytes(16))]),
        "no data type 99",
    ),
    "a tensor without a data type": (
        lambda: model(weights=[TensorProto(name="w", dims=[4], raw_data=bytes(16))]),
        "no data type 0",
    ),
    "a tensor with its values in two places": (
        lambda: model(weights=[TensorProto(name="w", data_type=INT64, dims=[1], int64_data=[1 << 40], int32_data=[1])]),
        "stands in int32_data and in int64_data",
    ),
    "an attribute with its content in two places": (
        lambda: with_attribute(AttributeProto(name="a", type=AttributeProto.INTS, ints=[1 << 40], i=1)),
        "stands in i and in ints",
    ),
    "an attribute twice": (
        lambda: model([NodeProto(op_type="Relu", attribute=[helper.make_attribute("a", number) for number in (1, 2)])]),
        "which of its 2 attributes",
    ),
    "a Constant of two values": (
        lambda: model([helper.make_node("Constant", [], ["c"], value_int=1, value_ints=[1 << 40])]),
        "which of its 2 attributes",
    ),
    "a range between several numbers": (
        lambda: model(
            [helper.make_node("Constant", [], ["c"], value_ints=[1, 2]), helper.make_node("Range", ["c"] * 3, ["r"])]
        ),
        "no single numbers",
    ),
    "a node without an operator": (lambda: model([helper.make_node("", ["x"], ["y"])]), "without an operator"),
}


@pytest.mark.parametrize(("make", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_never_allowed_is_refused_with_its_place(make, words) -> None:
    with pytest.raises(ModelRefused, match=words):
        check(make().SerializeToString())


@pytest.mark.parametrize(("make", "words"), MISMATCHED.values(), ids=MISMATCHED)
def test_what_is_no_such_model_is_named(make, words) -> None:
    with pytest.raises(ModelMismatch, match=words):
        check(make().SerializeToString())


def inside(number: int, content: bytes) -> bytes:
    """A field of bytes, shorter than 128."""
    return bytes([number << 3 | 2, len(content)]) + content


FIXED, NAMED = b"\x08\x04", b"\x12\x01n"
TENSOR = b"\x08\x01" + inside(2, inside(1, FIXED))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (inside(1, b"\x08\x01" + inside(2, inside(1, FIXED + NAMED))), "a number and a name at once"),
        (inside(1, TENSOR) + inside(4, b""), "two types at once"),
    ],
)
def test_two_alternatives_at_once_are_refused(kind, words) -> None:
    """Readers take the last one of the file; the onnx package itself cannot write both."""
    graph = model().graph
    graph.ClearField("input")
    outer = model()
    outer.ClearField("graph")
    for type_bytes, expected in ((inside(1, TENSOR), None), (kind, words)):
        whole = graph.SerializeToString() + inside(11, inside(1, b"x") + inside(2, type_bytes))
        data = outer.SerializeToString() + inside(7, whole)
        if expected is None:
            assert check(data).inputs == (Value("x", "float32", (4,)),)
            continue
        with pytest.raises(ModelMismatch, match=expected):
            check(data)


def test_the_number_of_operators_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(onnx_check, "NODES_LIMIT", 2)
    names = ["x", "a", "b", "y"]
    nodes = [helper.make_node("Relu", [a], [b]) for a, b in itertools.pairwise(names)]
    with pytest.raises(ModelRefused, match="3 operators"):
        check(model(nodes).SerializeToString())
    monkeypatch.setattr(onnx_check, "NODES_LIMIT", 3)
    check(model(nodes).SerializeToString())


@pytest.mark.parametrize(
    ("operator", "numbers"),
    [("Expand", [ELEMENTS_LIMIT]), ("Tile", [1, 8192, 8192]), ("Pad", [ELEMENTS_LIMIT - 2, 1]), ("Expand", [-1, 0, 4])],
)
def test_a_size_at_the_limit_passes(operator, numbers) -> None:
    check(shaped(operator, numbers).SerializeToString())


@pytest.mark.parametrize(("operator", "numbers"), [("Expand", [ELEMENTS_LIMIT + 1]), ("Pad", [ELEMENTS_LIMIT, 1])])
def test_a_size_above_the_limit_does_not(operator, numbers) -> None:
    with pytest.raises(ModelRefused, match=str(ELEMENTS_LIMIT)):
        check(shaped(operator, numbers).SerializeToString())


def test_operators_of_the_runtime_that_tools_write_are_allowed() -> None:
    node = helper.make_node("Gelu", ["x"], ["y"], domain="com.microsoft")
    data = model([node], domains=["com.microsoft"]).SerializeToString()
    assert check(data).ops == ("com.microsoft:Gelu",)
    assert run_bare(data)[0].tolist() == [0, 0, 0, 0]


@given(st.binary(max_size=400))
def test_random_bytes_give_an_error_or_a_model(data) -> None:
    try:
        check(data)
    except ModelError:
        return
    pytest.fail("no random bytes are a model with a graph, inputs and outputs")


SMALL = shaped("Resize", [1.0], dtype=FLOAT, inputs=["x", "", "s"]).SerializeToString()


@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255), st.integers(0, len(SMALL)))
def test_changed_and_cut_models_give_an_error_or_pass(place, flip, length) -> None:
    data = bytearray(SMALL)
    data[place] ^= flip
    for each in (bytes(data), bytes(data[:length]), SMALL[:length]):
        with contextlib.suppress(ModelError):
            assert check(each).ops


def test_a_real_model_with_changed_bytes_takes_no_longer() -> None:
    sound = Catalogue.load().read("face_detection_short_range")
    draw = random.Random(5)
    began = time.process_time()
    for _ in range(60):
        data = bytearray(sound)
        for _ in range(draw.randrange(1, 9)):
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        try:
            check(bytes(data))
        except ModelError:
            continue
    assert time.process_time() - began < 30
