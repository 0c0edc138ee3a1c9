"""One model in ONNX Runtime: the only file that imports it.

Providers are always named (never the runtime's default list, which holds network providers) and tried in order; what
is asked for and not what runs is said in `Session.fallback_reason`.
"""

import os
import sys
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posture.errors import ConfigError, ModelError, ModelMismatch, ModelRefused
from posture.pose.watchdog import CALL_LIMIT_S, Watchdog

# Newer runtimes read this once, at import, and otherwise start an uploader. `posture` has set it already; this line
# is here so that the import below can never come first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_native

if sys.platform == "win32":
    ort.disable_telemetry_events()  # Windows builds do not read the variable

# In the order of preference. AzureExecutionProvider, part of every build, is left out: it sends pictures away.
PROVIDERS = {
    "dml": "DmlExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
LOG_ERRORS = 3  # onnxruntime severity: only errors and worse
NATIVE_ERRORS = tuple(e for e in vars(ort_native).values() if isinstance(e, type) and issubclass(e, Exception))
RUNTIME_ERRORS: tuple[type[Exception], ...] = (*NATIVE_ERRORS, RuntimeError, ValueError)
BROKEN_MODEL: tuple[type[Exception], ...] = (ort_native.InvalidProtobuf, ort_native.InvalidGraph, ort_native.NoModel)
DTYPES: dict[str, np.dtype[Any]] = {
    "tensor(uint8)": np.dtype(np.uint8),
    "tensor(int8)": np.dtype(np.int8),
    "tensor(int32)": np.dtype(np.int32),
    "tensor(int64)": np.dtype(np.int64),
    "tensor(float16)": np.dtype(np.float16),
    "tensor(float)": np.dtype(np.float32),
}


def available_providers() -> tuple[str, ...]:
    """The short names of the providers in the installed runtime, best first; "cpu" is always there."""
    present = ort.get_available_providers()
    return tuple(short for short, name in PROVIDERS.items() if name in present)


class Session:
    """A loaded model that turns one tensor into named arrays.

    Attributes:
        provider: short name of the provider in use.
        fallback_reason: why it is not the first choice; empty if it is.
        input_shape, input_dtype: what `run` takes.
        output_shapes: name -> shape of what `run` gives.
        sha256: of the bytes that the runtime was given, in hex.

    `run` may be called from any thread, one call at a time (DirectML allows no more; a lock holds it). `terminate`
    may be called during a run, from another thread. A run that takes longer than its limit is ended; the runtime looks
    between two operators whether it should end, so a single operator that runs for hours is ended by the job alone.
    """

    def __init__(
        self,
        model: bytes | Callable[[str], bytes],
        providers: Sequence[str] = (),
        threads: int = 1,
        call_limit_s: float = CALL_LIMIT_S,
        sizes: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """Load `model`: the bytes, or a function that gives the best bytes for a provider (`Catalogue.reader`).

        `providers` are short names, tried in order, and the CPU in the end; empty means all of this machine.
        `threads` is the number of CPU threads within one call, `call_limit_s` the longest that a call may take, `sizes`
        what the named open sizes of the model are to be; with them outputs may keep some that only a run tells.

        Raises `ConfigError` for a provider that does not exist, `ModelMismatch` for bytes that are no model with one
        input and static shapes, `ModelRefused` if no provider runs it.
        """
        self._lock = threading.Lock()
        self._run_options = ort.RunOptions()
        self._run_options.log_severity_level = LOG_ERRORS
        self._watchdog = _watchdog(self._run_options, call_limit_s)
        weakref.finalize(self, self._watchdog.close)
        failures = []
        for provider in _choices(providers):
            try:
                self._open(model if isinstance(model, bytes) else model(provider), provider, threads, sizes)
            except ModelRefused as exc:
                failures.append(f"{provider}: {exc}")
                continue
            self.fallback_reason = "; ".join(failures)
            return
        raise ModelRefused("no provider runs the model: " + "; ".join(failures))

    def _open(self, model: bytes, provider: str, threads: int, sizes: Mapping[str, int]) -> None:
        """Load the model on one provider and prove that it runs there. Raises `ModelRefused` if it does not."""
        self.provider = provider
        self.sha256 = sha256(model).hexdigest()
        self._runtime = _load(model, provider, threads, sizes)
        inputs, outputs = self._runtime.get_inputs(), self._runtime.get_outputs()
        if len(inputs) != 1:
            raise ModelMismatch(f"the model has {len(inputs)} inputs, one is expected")
        self._input = inputs[0].name
        self.input_shape, self.input_dtype = _signature(inputs[0])
        self.output_shapes = {output.name: _signature(output, open_sizes=bool(sizes))[0] for output in outputs}
        if provider != "cpu":
            self._probe()

    def _probe(self) -> None:
        """Graphics drivers may fail only when something runs; better now than on the first picture."""
        try:
            outputs = self.run(np.zeros(self.input_shape, self.input_dtype))
        except ModelError as exc:
            raise ModelRefused(str(exc)) from exc
        if not all(np.isfinite(value).all() for value in outputs.values()):
            raise ModelRefused("its results are no finite numbers")

    def run(self, tensor: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """The outputs by name for one input of `input_shape` and `input_dtype`, in the types that the model gives.

        Raises `ModelMismatch` for another shape or dtype, `ModelError` if the runtime fails or was ended.
        """
        if tensor.shape != self.input_shape or tensor.dtype != self.input_dtype:
            raise ModelMismatch(
                f"the model takes {self.input_dtype} {list(self.input_shape)}, not {tensor.dtype} {list(tensor.shape)}"
            )
        names = list(self.output_shapes)
        with self._lock, self._watchdog.watched():
            try:
                values = self._runtime.run(names, {self._input: tensor}, self._run_options)
            except RUNTIME_ERRORS as exc:
                if self._watchdog.expired:
                    raise ModelError(
                        f"a call of the model took longer than pose.call_limit_s = {self._watchdog.limit_s:g} s and "
                        "was ended; use another model, or raise the limit on a very slow machine"
                    ) from exc
                if self._run_options.terminate:
                    raise ModelError("the model call was ended on request") from exc
                raise ModelError(f"the model failed on {self.provider}: {_first_line(exc)}") from exc
        return dict(zip(names, values, strict=True))

    def terminate(self) -> None:
        """End the call that is running, and refuse every later one: a session that hung is not used again."""
        self._run_options.terminate = True
        self._watchdog.close()


def _watchdog(options: ort.RunOptions, limit_s: float) -> Watchdog:
    """A watchdog that knows the options of the run and not the session, which it would otherwise keep alive."""

    def end() -> None:
        options.terminate = True

    return Watchdog(limit_s, end)


def _choices(providers: Sequence[str]) -> tuple[str, ...]:
    """The providers to try, without repeats, the CPU last unless it is named earlier."""
    unknown = [name for name in providers if name not in PROVIDERS]
    if unknown:
        raise ConfigError(f"there is no provider {unknown[0]!r}; there are {', '.join(PROVIDERS)}")
    return tuple(dict.fromkeys([*(providers or available_providers()), "cpu"]))


def _options(threads: int, sizes: Mapping[str, int] = MappingProxyType({})) -> ort.SessionOptions:
    """Session options; measured on two cores: spinning threads double the CPU time between frames."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL  # DirectML requires it
    options.enable_mem_pattern = False  # DirectML forbids it; elsewhere it costs 10 MB and saves no time
    options.log_severity_level = LOG_ERRORS
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    # Otherwise four bytes inside an ONNX file ("ORTM") make the runtime read it as a format that nobody has checked.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    for name, size in sizes.items():
        options.add_free_dimension_override_by_name(name, size)
    return options


def _load(model: bytes, provider: str, threads: int, sizes: Mapping[str, int]) -> ort.InferenceSession:
    """The runtime's session on exactly this provider; the runtime itself would silently take another one."""
    name = PROVIDERS[provider]
    if name not in ort.get_available_providers():
        raise ModelRefused("not part of the installed onnxruntime")
    try:
        runtime = ort.InferenceSession(model, _options(threads, sizes), providers=[name], enable_fallback=0)
    except BROKEN_MODEL as exc:
        raise ModelMismatch(f"not a readable ONNX model: {_first_line(exc)}") from exc
    except RUNTIME_ERRORS as exc:
        raise ModelRefused(_first_line(exc)) from exc
    if runtime.get_providers()[0] != name:
        raise ModelRefused("dropped by onnxruntime; its driver or libraries are missing")
    return runtime


def _signature(value: ort.NodeArg, *, open_sizes: bool = False) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and dtype of an input or output; both must be fixed (DirectML compiles for them).

    With `open_sizes` a size that only a run tells is 0.
    """
    fixed = all(isinstance(size, int) and size > 0 for size in value.shape)
    if value.type not in DTYPES or not (fixed or open_sizes):
        raise ModelMismatch(f"{value.name} is {value.type} {value.shape}; a fixed shape of numbers is expected")
    return tuple(size if isinstance(size, int) else 0 for size in value.shape), DTYPES[value.type]


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
