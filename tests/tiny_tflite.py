"""TFLite models of a few bytes: a picture is padded by a constant. Each keyword makes one thing of it wrong."""

import flatbuffers
import numpy as np
import tflite


def _vector(builder, start, items, put):
    start(builder, len(items))
    for item in reversed(items):
        put(item)
    return builder.EndVector()


def _ints(builder, start, values):
    return _vector(builder, start, values, builder.PrependInt32)


def _tensor(builder, name, shape, kind, buffer, *, variable=False, signature=None, sparsity=None):
    text = builder.CreateString(name)
    sizes = _ints(builder, tflite.TensorStartShapeVector, shape)
    open_sizes = _ints(builder, tflite.TensorStartShapeSignatureVector, signature) if signature else None
    tflite.TensorStart(builder)
    tflite.TensorAddShape(builder, sizes)
    tflite.TensorAddType(builder, kind)
    tflite.TensorAddBuffer(builder, buffer)
    tflite.TensorAddName(builder, text)
    tflite.TensorAddIsVariable(builder, variable)
    if open_sizes:
        tflite.TensorAddShapeSignature(builder, open_sizes)
    if sparsity:
        tflite.TensorAddSparsity(builder, sparsity)
    return tflite.TensorEnd(builder)


def _buffer(builder, content, offset=0):
    data = builder.CreateByteVector(content) if content else None
    tflite.BufferStart(builder)
    if data:
        tflite.BufferAddData(builder, data)
    if offset:
        builder.PrependUint64Slot(1, offset, 0)
    return tflite.BufferEnd(builder)


def tiny(
    *,
    identifier=b"TFL3",
    version=3,
    operator=tflite.BuiltinOperator.PAD,
    custom="",
    shape=(1, 4, 4, 3),
    paddings=(0, 0, 1, 1, 1, 1, 0, 0),
    padding_bytes=None,
    kind=tflite.TensorType.FLOAT32,
    variable=False,
    signature=None,
    graphs=1,
    operator_input=0,
    operator_output=2,
    graph_input=0,
    buffer=0,
    offset=0,
    code=0,
    computed=False,
):
    """The bytes of a model that pads `shape` by the constant `paddings`."""
    b = flatbuffers.Builder(1024)
    content = np.array(paddings, np.int32).tobytes() if padding_bytes is None else padding_bytes
    buffers = [_buffer(b, b"", offset), _buffer(b, b"" if computed else content)]
    padded = [size + paddings[2 * i] + paddings[2 * i + 1] for i, size in enumerate(shape)]
    tensors = [
        _tensor(b, "x", shape, kind, buffer, variable=variable, signature=signature),
        _tensor(b, "paddings", (4, 2), tflite.TensorType.INT32, 1),
        _tensor(b, "y", padded if max(padded) < 1 << 20 else shape, tflite.TensorType.FLOAT32, 0),
    ]
    inputs = _ints(b, tflite.OperatorStartInputsVector, [operator_input, 1])
    outputs = _ints(b, tflite.OperatorStartOutputsVector, [operator_output])
    tflite.OperatorStart(b)
    tflite.OperatorAddOpcodeIndex(b, code)
    tflite.OperatorAddInputs(b, inputs)
    tflite.OperatorAddOutputs(b, outputs)
    one = tflite.OperatorEnd(b)
    operators = _vector(b, tflite.SubGraphStartOperatorsVector, [one], b.PrependUOffsetTRelative)
    table = _vector(b, tflite.SubGraphStartTensorsVector, tensors, b.PrependUOffsetTRelative)
    graph_in = _ints(b, tflite.SubGraphStartInputsVector, [graph_input])
    graph_out = _ints(b, tflite.SubGraphStartOutputsVector, [2])
    made = []
    for _ in range(graphs):
        tflite.SubGraphStart(b)
        tflite.SubGraphAddTensors(b, table)
        tflite.SubGraphAddInputs(b, graph_in)
        tflite.SubGraphAddOutputs(b, graph_out)
        tflite.SubGraphAddOperators(b, operators)
        made.append(tflite.SubGraphEnd(b))
    name = b.CreateString(custom) if custom else None
    tflite.OperatorCodeStart(b)
    tflite.OperatorCodeAddDeprecatedBuiltinCode(b, min(operator, 127))
    tflite.OperatorCodeAddBuiltinCode(b, operator)
    if name:
        tflite.OperatorCodeAddCustomCode(b, name)
    codes = _vector(b, tflite.ModelStartOperatorCodesVector, [tflite.OperatorCodeEnd(b)], b.PrependUOffsetTRelative)
    graph_list = _vector(b, tflite.ModelStartSubgraphsVector, made, b.PrependUOffsetTRelative)
    buffer_list = _vector(b, tflite.ModelStartBuffersVector, buffers, b.PrependUOffsetTRelative)
    tflite.ModelStart(b)
    tflite.ModelAddVersion(b, version)
    tflite.ModelAddOperatorCodes(b, codes)
    tflite.ModelAddSubgraphs(b, graph_list)
    tflite.ModelAddBuffers(b, buffer_list)
    b.Finish(tflite.ModelEnd(b), file_identifier=identifier)
    return bytes(b.Output())
