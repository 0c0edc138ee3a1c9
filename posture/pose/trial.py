"""The first run of a model that nobody here has run before; made for a process that may be lost."""

from hashlib import sha256
from pathlib import Path

import numpy as np

from posture.errors import ModelMismatch, ModelRefused
from posture.pose.brought.heads import BOX_HEADS, POSE_HEADS
from posture.pose.brought.use import Use
from posture.pose.catalogue import MODEL_LIMIT_BYTES, read_limited
from posture.pose.runtimes import NO_SIZES, facts_of, is_tflite, loaded
from posture.pose.settings import PoseSettings

GREY = 128
"""Every number of the input: a grey picture in bytes; in floating point simply a number that is not 0."""


def run_once(path: Path, expected: str, settings: PoseSettings, use: Use | None = None) -> None:
    """Read, compare with the SHA-256 `expected`, check, load and run a model, and read its outputs as `use` says.

    Raises ModelMismatch, ModelRefused, or ModelError where its run fails.
    """
    data = read_limited(path, MODEL_LIMIT_BYTES)
    if sha256(data).hexdigest() != expected:
        raise ModelMismatch(f"{path} changed while it was looked at; add it again")
    sizes = use.input.sizes if use is not None else NO_SIZES
    facts = facts_of(data, open_sizes=bool(sizes))
    session = loaded(lambda provider: data, settings, sizes, tflite=is_tflite(facts))
    outputs = session.run(np.full(session.input_shape, GREY, session.input_dtype))
    if not all(np.isfinite(values).all() for values in outputs.values()):
        raise ModelRefused("its results for a grey picture are no finite numbers")
    if use is not None and (head := POSE_HEADS.get(use.head) or BOX_HEADS.get(use.head)) is not None:
        head(outputs, use)
