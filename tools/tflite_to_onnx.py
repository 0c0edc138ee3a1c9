"""Convert the TFLite models of the BlazePose family to ONNX: without TensorFlow, and to the same bytes every time.

What comes out: one input `image`, uint8 NHWC, whose normalisation is part of the graph; only the named outputs
(everything that feeds other heads is left out); activations in NCHW; weights stored as float16 wherever that loses
nothing (the sources store them so), computed as float32 or, for graphics processors, as float16.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import numpy as np
import onnx
import tflite
from numpy.typing import NDArray
from onnx import TensorProto, helper
from onnx_writer import TO_NCHW, TO_NHWC, OnnxWriter, Pads, Unsupported, finished, onnx_pads, same_padding
from tflite_reader import Graph, Operator

PRODUCER = "posture tools/tflite_to_onnx.py"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What to make of a TFLite model.

    `outputs` maps the ONNX name of each output to its position among the TFLite outputs; the order is kept.
    `input_range` is what the byte values 0 and 255 become.
    """

    outputs: dict[str, int]
    input_range: tuple[float, float]
    compute: Literal["float32", "float16"] = "float32"


def convert(source: bytes, recipe: Recipe) -> bytes:
    """The ONNX file for a TFLite file; the same bytes for the same source and recipe.

    Raises `Unsupported` naming the operator or property that has no translation.
    """
    return finished(_Converter(Graph(source), recipe).converted(), sha256(source).hexdigest())


class _Converter(OnnxWriter):
    """Walks the TFLite operators once. Picture-like activations (4-D) live in NCHW."""

    def __init__(self, graph: Graph, recipe: Recipe) -> None:
        super().__init__(recipe.compute)
        self.graph, self.recipe = graph, recipe
        self.evaluated: dict[int, NDArray[Any]] = {}  # tensors that are constant after DEQUANTIZE and DENSIFY
        self.names: dict[int, str] = {}  # TFLite tensor -> ONNX value
        self.padded: dict[int, tuple[int, NDArray[np.int64]]] = {}  # PAD output -> (what it pads, [4, 2] amounts)
        self.consumers: dict[int, list[str]] = {}
        for operator in graph.operators:
            for tensor in operator.inputs:
                self.consumers.setdefault(tensor, []).append(operator.kind)

    def converted(self) -> onnx.ModelProto:
        """The whole ONNX model."""
        if len(self.graph.inputs) != 1:
            raise Unsupported(f"{len(self.graph.inputs)} inputs")
        image = self._input(self.graph.inputs[0])
        live = self._live()
        for operator in self.graph.operators:
            if operator.output in live:
                self._operator(operator)
        outputs = [self._output(name, self.graph.outputs[i]) for name, i in self.recipe.outputs.items()]
        return self.model([image], outputs, PRODUCER)

    def _live(self) -> set[int]:
        """The tensors that the kept outputs depend on."""
        live = {self.graph.outputs[i] for i in self.recipe.outputs.values()}
        for operator in reversed(self.graph.operators):
            if operator.output in live:
                live.update(operator.inputs)
        return live

    def _input(self, tensor: int) -> onnx.ValueInfoProto:
        shape = self.graph.shape(tensor)
        if len(shape) != 4:
            raise Unsupported(f"input of shape {shape}; a picture [1, height, width, 3] is expected")
        low, high = self.recipe.input_range
        value = self.node("Transpose", ["image"], "image_nchw", perm=TO_NCHW)
        value = self.node("Cast", [value], "image_cast", to=helper.np_dtype_to_tensor_dtype(self.dtype))
        value = self.node("Mul", [value, self.number((high - low) / 255, "image_scale")], "image_scaled")
        if low:
            value = self.node("Add", [value, self.number(low, "image_offset")], "image_normalised")
        self.names[tensor] = value
        return helper.make_tensor_value_info("image", TensorProto.UINT8, shape)

    def _output(self, name: str, tensor: int) -> onnx.ValueInfoProto:
        shape, value = self.graph.shape(tensor), self.names[tensor]
        if len(shape) == 4 and shape[3] != 1:
            value = self.node("Transpose", [value], perm=TO_NHWC)
        elif len(shape) == 4:
            value = self.node("Reshape", [value, self.share(np.array(shape, np.int64), "shape")])
        if self.dtype == np.float16:
            self.node("Cast", [value], name, to=TensorProto.FLOAT)
        else:
            self.node("Identity", [value], name)
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    def constant(self, tensor: int) -> NDArray[Any]:
        """The value of a tensor that is known at conversion."""
        if tensor not in self.evaluated:
            value = self.graph.constant(tensor)
            if value is None:
                raise Unsupported(f"tensor {tensor} is computed where a constant is expected")
            self.evaluated[tensor] = value
        return self.evaluated[tensor]

    def value(self, tensor: int) -> str:
        """The ONNX name of an activation, or of a constant operand brought into NCHW."""
        if tensor not in self.names:
            constant = self.constant(tensor)
            if constant.ndim == 4:
                constant = constant.transpose(TO_NCHW)
            elif constant.ndim == 1:
                constant = constant.reshape(1, -1, 1, 1)
            self.names[tensor] = self.weight(constant, self.name("constant"))
        return self.names[tensor]

    def _operator(self, operator: Operator) -> None:
        if operator.kind in EVALUATED:
            value = self.constant(operator.inputs[0])
            self.evaluated[operator.output] = value.astype(np.float32) if operator.kind == "DEQUANTIZE" else value
        elif operator.kind == "PAD" and self._folds(operator):
            self.padded[operator.output] = operator.inputs[0], self.constant(operator.inputs[1]).astype(np.int64)
        elif operator.kind in OPERATORS:
            self.names[operator.output] = OPERATORS[operator.kind](self, operator)
        else:
            raise Unsupported(f"operator {operator.kind}")

    def _folds(self, pad: Operator) -> bool:
        """Whether a PAD becomes part of the convolutions after it: height and width only, no other consumer."""
        amounts = self.constant(pad.inputs[1])
        consumers = self.consumers.get(pad.output, [])
        return not amounts[[0, 3]].any() and all(kind in CONVOLUTIONS for kind in consumers)

    def activation(self, value: str, function: int) -> str:
        """Append the activation that TFLite fuses into an operator."""
        kinds = tflite.ActivationFunctionType
        if function == kinds.NONE:
            return value
        if function == kinds.RELU:
            return self.node("Relu", [value])
        if function == kinds.RELU6:
            return self.node("Clip", [value, self.number(0, "clip_min"), self.number(6, "clip_max")])
        raise Unsupported(f"fused activation {function}")


def _padding(shape: list[int], kernel: Pads, stride: Pads, dilation: Pads, scheme: int) -> list[Pads]:
    """(before, after) for height and width of an NHWC shape."""
    if scheme == tflite.Padding.VALID:
        return [(0, 0), (0, 0)]
    return [same_padding(shape[1 + i], kernel[i], stride[i], dilation[i]) for i in (0, 1)]


def _convolution(c: _Converter, op: Operator) -> str:
    depthwise = op.kind == "DEPTHWISE_CONV_2D"
    options = op.options(tflite.DepthwiseConv2DOptions if depthwise else tflite.Conv2DOptions)
    # CONV_2D stores OHWI, DEPTHWISE_CONV_2D stores 1HWC; ONNX wants OIHW and C1HW.
    weight = c.constant(op.inputs[1]).transpose([3, 0, 1, 2] if depthwise else TO_NCHW)
    kernel = weight.shape[2], weight.shape[3]
    stride = options.StrideH(), options.StrideW()
    dilation = options.DilationHFactor(), options.DilationWFactor()
    source, shape = op.inputs[0], c.graph.shape(op.inputs[0])
    pads = _padding(shape, kernel, stride, dilation, options.Padding())
    if source in c.padded:
        source, amounts = c.padded[source]
        pads = [(pads[i][0] + amounts[i + 1, 0], pads[i][1] + amounts[i + 1, 1]) for i in (0, 1)]
    name = c.name("depthwise" if depthwise else "conv")
    inputs = [c.value(source), c.weight(weight, f"{name}.weight")]
    if len(op.inputs) > 2 and op.inputs[2] >= 0:
        inputs.append(c.weight(c.constant(op.inputs[2]).reshape(-1), f"{name}.bias"))
    attributes = {"kernel_shape": kernel, "strides": stride, "dilations": dilation, "pads": onnx_pads(pads)}
    value = c.node("Conv", inputs, name, group=shape[3] if depthwise else 1, **attributes)
    return c.activation(value, options.FusedActivationFunction())


def _transposed_convolution(c: _Converter, op: Operator) -> str:
    """MediaPipe's custom operator: a transposed convolution with bias; its options are TfLiteTransposeConvParams."""
    weight = c.constant(op.inputs[1]).transpose(3, 0, 1, 2)  # OHWI -> IOHW
    _, stride_w, stride_h = np.frombuffer(op.table.CustomOptionsAsNumpy().tobytes()[:12], np.int32)
    stride, kernel = (int(stride_h), int(stride_w)), (weight.shape[2], weight.shape[3])
    before, after = c.graph.shape(op.inputs[0]), c.graph.shape(op.output)
    total = [max(0, (before[1 + i] - 1) * stride[i] + kernel[i] - after[1 + i]) for i in (0, 1)]
    name = c.name("transposed_conv")
    inputs = [c.value(op.inputs[0]), c.weight(weight, f"{name}.weight")]
    inputs.append(c.weight(c.constant(op.inputs[2]).reshape(-1), f"{name}.bias"))
    pads = onnx_pads([(t // 2, t - t // 2) for t in total])
    return c.node("ConvTranspose", inputs, name, kernel_shape=kernel, strides=stride, pads=pads)


def _pad(c: _Converter, op: Operator) -> str:
    amounts = c.constant(op.inputs[1]).astype(np.int64)[TO_NCHW]
    return c.node("Pad", [c.value(op.inputs[0]), c.share(np.concatenate([amounts[:, 0], amounts[:, 1]]), "pads")])


def _arithmetic(c: _Converter, op: Operator) -> str:
    options = op.options(tflite.AddOptions if op.kind == "ADD" else tflite.MulOptions)
    value = c.node(op.kind.title(), [c.value(op.inputs[0]), c.value(op.inputs[1])])
    return c.activation(value, options.FusedActivationFunction())


def _pool(c: _Converter, op: Operator) -> str:
    options, shape = op.options(tflite.Pool2DOptions), c.graph.shape(op.inputs[0])
    kernel = options.FilterHeight(), options.FilterWidth()
    if op.kind == "AVERAGE_POOL_2D" and kernel == (shape[1], shape[2]):
        return c.activation(c.node("GlobalAveragePool", [c.value(op.inputs[0])]), options.FusedActivationFunction())
    stride = options.StrideH(), options.StrideW()
    pads = onnx_pads(_padding(shape, kernel, stride, (1, 1), options.Padding()))
    kind = "MaxPool" if op.kind == "MAX_POOL_2D" else "AveragePool"
    value = c.node(kind, [c.value(op.inputs[0])], kernel_shape=kernel, strides=stride, pads=pads)
    return c.activation(value, options.FusedActivationFunction())


def _mean(c: _Converter, op: Operator) -> str:
    axes = sorted(int(axis) for axis in c.constant(op.inputs[1]).reshape(-1))
    if axes != [1, 2] or not op.options(tflite.ReducerOptions).KeepDims():
        raise Unsupported(f"operator MEAN over axes {axes}; only height and width, kept as axes of size 1")
    return c.node("GlobalAveragePool", [c.value(op.inputs[0])])


def _resize(c: _Converter, op: Operator) -> str:
    options = op.options(tflite.ResizeBilinearOptions)
    before, after = c.graph.shape(op.inputs[0]), c.graph.shape(op.output)
    unaligned = "half_pixel" if options.HalfPixelCenters() else "asymmetric"
    mode = "align_corners" if options.AlignCorners() else unaligned
    scales = np.array([1, 1, after[1] / before[1], after[2] / before[2]], np.float32)
    inputs = [c.value(op.inputs[0]), "", c.share(scales, "scales")]
    return c.node("Resize", inputs, mode="linear", coordinate_transformation_mode=mode, nearest_mode="floor")


def _depth_to_space(c: _Converter, op: Operator) -> str:
    size = op.options(tflite.DepthToSpaceOptions).BlockSize()
    return c.node("DepthToSpace", [c.value(op.inputs[0])], blocksize=size, mode="DCR")


def _reshape(c: _Converter, op: Operator) -> str:
    """TFLite reshapes the NHWC order, so a picture goes back to NHWC first, unless its pixels are one column."""
    value, before, after = c.value(op.inputs[0]), c.graph.shape(op.inputs[0]), c.graph.shape(op.output)
    if len(before) == 4 and not before[1] == before[2] == 1 and before[3] != 1:
        value = c.node("Transpose", [value], perm=TO_NHWC)
    if len(after) == 4:
        if after[1:3] != [1, 1]:
            raise Unsupported(f"operator RESHAPE to the picture {after}")
        after = [after[i] for i in TO_NCHW]
    return c.node("Reshape", [value, c.share(np.array(after, np.int64), "shape")])


def _concatenation(c: _Converter, op: Operator) -> str:
    axis = op.options(tflite.ConcatenationOptions).Axis()
    if len(c.graph.shape(op.inputs[0])) == 4:
        axis = TO_NHWC[axis]
    return c.node("Concat", [c.value(tensor) for tensor in op.inputs], axis=axis)


def _unary(kind: str) -> Callable[[_Converter, Operator], str]:
    return lambda c, op: c.node(kind, [c.value(op.inputs[0])])


EVALUATED = {"DEQUANTIZE", "DENSIFY"}  # done at conversion: they only unpack stored weights
CONVOLUTIONS = {"CONV_2D", "DEPTHWISE_CONV_2D"}
OPERATORS: dict[str, Callable[[_Converter, Operator], str]] = {
    "ADD": _arithmetic,
    "AVERAGE_POOL_2D": _pool,
    "CONCATENATION": _concatenation,
    "CONV_2D": _convolution,
    "Convolution2DTransposeBias": _transposed_convolution,
    "DEPTHWISE_CONV_2D": _convolution,
    "DEPTH_TO_SPACE": _depth_to_space,
    "HARD_SWISH": _unary("HardSwish"),
    "LOGISTIC": _unary("Sigmoid"),
    "MAX_POOL_2D": _pool,
    "MEAN": _mean,
    "MUL": _arithmetic,
    "PAD": _pad,
    "RELU": _unary("Relu"),
    "RESHAPE": _reshape,
    "RESIZE_BILINEAR": _resize,
}
