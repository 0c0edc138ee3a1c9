"""Both formats of models, told apart by their content and checked, without loading what runs them."""

from posture.errors import ModelMismatch
from posture.pose import onnx_check, tflite_check
from posture.pose.onnx_check import Facts

SUFFIXES = (".onnx", ".tflite")
ONNX_BEGINS = b"\x08"
"""The first field, which every program that writes ONNX writes first."""


def facts_of(data: bytes, *, open_sizes: bool = False) -> Facts:
    """Check the content of a model of either format and say what it is. Raises ModelMismatch, ModelRefused."""
    if tflite_check.is_tflite(data):
        return tflite_check.check(data)
    try:
        return onnx_check.check(data, open_sizes=open_sizes)
    except ModelMismatch as exc:
        if not data:
            raise ModelMismatch("the file is empty; copy or export it again") from exc
        if not data.startswith(ONNX_BEGINS):
            raise ModelMismatch(f"the content is neither ONNX nor TFLite; read as ONNX: {exc}") from exc
        raise


def is_tflite(facts: Facts) -> bool:
    """Whether these are the facts of a TFLite model."""
    return any(each.domain == "tflite" for each in facts.opset)
