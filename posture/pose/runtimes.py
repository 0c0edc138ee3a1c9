"""One small interface to whatever runs a model, and the choice by the file itself: ONNX Runtime or LiteRT."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from posture.pose import onnx_check, tflite_check
from posture.pose.litert import LiteSession
from posture.pose.onnx_check import Facts
from posture.pose.session import Session
from posture.pose.settings import PoseSettings

SUFFIXES = (".onnx", ".tflite")
NO_SIZES: Mapping[str, int] = MappingProxyType({})


class Runs(Protocol):
    """A loaded model: `posture.pose.session.Session` and `posture.pose.litert.LiteSession`."""

    provider: str
    """Short name of what it runs on."""
    fallback_reason: str
    """Why that is not the first choice; empty if it is."""
    sha256: str
    input_shape: tuple[int, ...]
    input_dtype: np.dtype[Any]
    output_shapes: dict[str, tuple[int, ...]]

    def run(self, tensor: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """The outputs by name. Raises ModelMismatch, ModelError."""

    def terminate(self) -> None:
        """End the call that is running, where that can be done, and refuse every later one."""


def loaded(
    read: Callable[[str], bytes], settings: PoseSettings, sizes: Mapping[str, int] = NO_SIZES, *, tflite: bool = False
) -> Runs:
    """Load a model in what it is made for. `read` gives the bytes for a provider. Raises ModelError, ConfigError."""
    if tflite:
        return LiteSession(read("cpu"), settings.threads)
    return Session(read, settings.providers, settings.threads, settings.call_limit_s, sizes)


def facts_of(data: bytes, *, open_sizes: bool = False) -> Facts:
    """Check the content of a model of either format and say what it is. Raises ModelMismatch, ModelRefused."""
    if tflite_check.is_tflite(data):
        return tflite_check.check(data)
    return onnx_check.check(data, open_sizes=open_sizes)


def is_tflite(facts: Facts) -> bool:
    """Whether these are the facts of a TFLite model."""
    return any(each.domain == "tflite" for each in facts.opset)
