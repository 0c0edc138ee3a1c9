"""What decides about results on a machine: the program, the libraries that compute, the models.

A worker of a fleet offers what it has, a task asks for what it needs, and only equal words match. So a machine with
another version gets no work, and says so, instead of giving results that differ in the last digit.
"""

import hashlib
import importlib.metadata
from contextlib import suppress
from functools import cache
from pathlib import Path

from posture import __version__
from posture.batch.work import Orders
from posture.errors import ModelMismatch, ModelMissing, PostureError
from posture.pose.added import AddedModels
from posture.pose.catalogue import MANIFEST_SHA256, Catalogue
from posture.pose.settings import LANDMARK_MODELS

_COMPUTES = ("av", "numpy", "onnxruntime", "onnxruntime-directml", "opencv-python-headless", "pillow")
_DIGITS = 8


@cache
def program() -> str:
    """The program, its models and the versions of the libraries that compute: "posture 0.1.0 5f1c2a3b"."""
    parts = [__version__, MANIFEST_SHA256]
    for name in _COMPUTES:
        with suppress(importlib.metadata.PackageNotFoundError):
            parts.append(f"{name} {importlib.metadata.version(name)}")
    return f"posture {__version__} {hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:_DIGITS]}"


def offered(folder: Path | None = None, added: AddedModels | None = None) -> tuple[str, ...]:
    """Of this machine. Every model is read whole and compared with its hash first.

    Raises ModelMismatch or ModelMissing for one that is not what it should be; an optional one may be missing, and a
    model of the organisation that does not verify is not offered.
    """
    found = Catalogue.load(folder).verify_all()
    for result in found:
        if not result.ok:
            raise (ModelMissing if result.state == "missing" else ModelMismatch)(result.message)
    missing = {result.entry.name for result in found if result.state == "missing"}
    own = [name for name in LANDMARK_MODELS if f"pose_landmark_{name}" not in missing]
    return (program(), *(_own(name) for name in own), *_added(added or AddedModels()))


def needed(orders: Orders, added: AddedModels | None = None) -> tuple[str, ...]:
    """By these orders. Raises what `AddedModels.signed` raises for a model of the organisation."""
    name = orders.settings.pose.model
    if orders.what != "analyze":
        return (program(),)
    if name in LANDMARK_MODELS:
        return program(), _own(name)
    return program(), _foreign(name, (added or AddedModels()).signed(name)[0].sha256)


def _added(models: AddedModels) -> list[str]:
    words = []
    for name in models.names():
        with suppress(PostureError):
            models.read(name)
            words.append(_foreign(name, models.signed(name)[0].sha256))
    return words


def _own(name: str) -> str:
    return f"model {name}"


def _foreign(name: str, sha256: str) -> str:
    return f"model {name} {sha256}"
