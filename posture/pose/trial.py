"""The first run of a model that nobody here has run before; made for a process that may be lost."""

from hashlib import sha256
from pathlib import Path

import numpy as np

from posture.errors import ModelMismatch, ModelRefused
from posture.pose.catalogue import MODEL_LIMIT_BYTES, read_limited
from posture.pose.onnx_check import check
from posture.pose.session import Session
from posture.pose.settings import PoseSettings

GREY = 128
"""Every number of the input: a grey picture in bytes; in floating point simply a number that is not 0."""


def run_once(path: Path, expected: str, settings: PoseSettings) -> None:
    """Read, compare with the SHA-256 `expected`, check, load and run a model.

    Raises ModelMismatch, ModelRefused, or ModelError where its run fails.
    """
    data = read_limited(path, MODEL_LIMIT_BYTES)
    if sha256(data).hexdigest() != expected:
        raise ModelMismatch(f"{path} changed while it was looked at; add it again")
    check(data)
    session = Session(data, settings.providers, settings.threads, settings.call_limit_s)
    outputs = session.run(np.full(session.input_shape, GREY, session.input_dtype))
    if not all(np.isfinite(values).all() for values in outputs.values()):
        raise ModelRefused("its results for a grey picture are no finite numbers")
