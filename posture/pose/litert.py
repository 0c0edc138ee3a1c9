"""One TFLite model in LiteRT: the only file that imports it.

LiteRT is an extra (`pip install posture[tflite]`); without it TFLite models are refused with that advice. It runs on
the processor alone. A run cannot be ended from outside: what `posture.pose.tflite_check` lets in has no loops, the job
ends a process that hangs, and the live window says so.
"""

import threading
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posture.errors import ModelError, ModelMismatch, ModelRefused

EXTRA = "TFLite models need LiteRT, which is not installed here: `pip install posture[tflite]` (or ai-edge-litert)"
PROVIDER = "cpu"


def available() -> bool:
    """Whether LiteRT is installed."""
    from importlib.util import find_spec

    return find_spec("ai_edge_litert") is not None


class LiteSession:
    """A loaded TFLite model, with the attributes and methods of `posture.pose.session.Session`.

    Outputs that are quantised come as the float32 values that they stand for; the input is taken as it is.
    """

    def __init__(self, model: bytes, threads: int = 1) -> None:
        """Load `model`, whose content was checked. Raises ModelRefused without LiteRT, or where it cannot load it."""
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as exc:
            raise ModelRefused(EXTRA) from exc
        self.provider, self.fallback_reason = PROVIDER, ""
        self.sha256 = sha256(model).hexdigest()
        self._lock = threading.Lock()
        self._ended = False
        try:
            self._runtime = Interpreter(model_content=model, num_threads=threads)
            self._runtime.allocate_tensors()
        except (ValueError, RuntimeError) as exc:
            raise ModelRefused(f"LiteRT does not take the model: {_first_line(exc)}") from exc
        inputs, self._outputs = self._runtime.get_input_details(), self._runtime.get_output_details()
        if len(inputs) != 1:
            raise ModelMismatch(f"the model has {len(inputs)} inputs, one is expected")
        self._input = inputs[0]["index"]
        self.input_shape = tuple(int(size) for size in inputs[0]["shape"])
        self.input_dtype: np.dtype[Any] = np.dtype(inputs[0]["dtype"])
        self.output_shapes = {each["name"]: tuple(int(size) for size in each["shape"]) for each in self._outputs}

    def run(self, tensor: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """The outputs by name for one input of `input_shape` and `input_dtype`.

        Raises ModelMismatch for another shape or dtype, ModelError if the runtime fails or was ended.
        """
        if tensor.shape != self.input_shape or tensor.dtype != self.input_dtype:
            raise ModelMismatch(
                f"the model takes {self.input_dtype} {list(self.input_shape)}, not {tensor.dtype} {list(tensor.shape)}"
            )
        with self._lock:
            if self._ended:
                raise ModelError("the model call was ended on request")
            try:
                self._runtime.set_tensor(self._input, tensor)
                self._runtime.invoke()
                return {each["name"]: self._value(each) for each in self._outputs}
            except (ValueError, RuntimeError) as exc:
                raise ModelError(f"the model failed in LiteRT: {_first_line(exc)}") from exc

    def terminate(self) -> None:
        """Refuse every later call. A call that runs now runs to its end."""
        self._ended = True

    def _value(self, detail: dict[str, Any]) -> NDArray[Any]:
        values: NDArray[Any] = self._runtime.get_tensor(detail["index"])
        scale, zero = detail["quantization"]
        return values if not scale else (values.astype(np.float32) - np.float32(zero)) * np.float32(scale)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
