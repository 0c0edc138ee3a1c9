"""The models that come with the program: where they lie, what they should be, and their bytes, checked.

A model file is read once; size and SHA-256 of those very bytes are compared with the manifest, and the same bytes go
to the runtime, so that nothing can be swapped in between. The SHA-256 of the manifest itself is part of the code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import msgspec

from posture.errors import ModelMismatch, ModelMissing
from posture.pose.settings import DETECTION_MODELS, LANDMARK_MODELS

# Written by tools/build_models.py.
MANIFEST_SHA256 = "f92c5ba52bf67968c9a24b3fb2321fa6225a9a0fb07701896e6d52077ad2e4cf"

MANIFEST = "manifest.json"
MANIFEST_LIMIT_BYTES = 1 << 20
MODEL_LIMIT_BYTES = 64 << 20  # the largest, heavy, has 28 MB
GPU_PROVIDERS = ("dml", "cuda")  # compute in float16 faster than in float32, with float16 files of their own
BUILD_COMMAND = "python tools/build_models.py"


class Tensor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One input or output. `shape` in ONNX order; `meaning` says units, ranges and layout."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    meaning: str


class Origin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a model was converted from: a published package, the file in it, and the SHA-256 of that file."""

    package: str
    file: str
    sha256: str


class ModelEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One model of the manifest. `compute` is the precision of its arithmetic; `optional` ones need not be there."""

    name: str
    file: str
    sha256: str
    bytes: int
    purpose: str
    optional: bool
    licence: str
    source: Origin
    compute: Literal["float32", "float16"]
    opset: int
    operators: tuple[str, ...]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    use: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    """How the model is used, as `posture.pose.brought.use` reads it; without one as BlazePose's are."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file `manifest.json`."""

    version: Literal[1]
    models: tuple[ModelEntry, ...]


@dataclass(frozen=True)
class Verification:
    """What `Catalogue.verify_all` found about one model; `message` is empty for a verified one."""

    entry: ModelEntry
    state: Literal["verified", "missing", "failed"]
    message: str = ""

    @property
    def ok(self) -> bool:
        """Whether the models are usable as they are: only an optional one may be missing."""
        return self.state == "verified" or (self.state == "missing" and self.entry.optional)


@dataclass(frozen=True)
class Catalogue:
    """The models of one folder."""

    folder: Path
    entries: tuple[ModelEntry, ...]

    @classmethod
    def load(cls, folder: Path | None = None, *, manifest_sha256: str = MANIFEST_SHA256) -> "Catalogue":
        """Read the manifest of `folder`, by default of the installed program or of the checkout.

        Raises `ModelMissing` without a manifest, `ModelMismatch` for one that is not the manifest of this version.
        """
        folder = folder or models_folder()
        data = _read_checked(folder / MANIFEST, manifest_sha256, MANIFEST_LIMIT_BYTES)
        try:
            manifest = msgspec.json.decode(data, type=Manifest)
        except msgspec.DecodeError as exc:
            raise ModelMismatch(f"{folder / MANIFEST} cannot be read as a manifest of this version: {exc}") from exc
        return cls(folder, manifest.models)

    def entry(self, name: str) -> ModelEntry:
        """The entry of that name. Raises `ModelMissing` naming the models that exist."""
        for entry in self.entries:
            if entry.name == name:
                return entry
        raise ModelMissing(f"there is no model {name!r}; there are {', '.join(e.name for e in self.entries)}")

    @property
    def reserved_names(self) -> frozenset[str]:
        """Names that no other model may have."""
        return frozenset({entry.name for entry in self.entries}) | {*LANDMARK_MODELS, *DETECTION_MODELS}

    def read(self, name: str) -> bytes:
        """The bytes of a model, checked against the manifest; hand these to the runtime, not the path.

        Raises `ModelMissing` (for an optional model with the command that builds it) or `ModelMismatch` with the
        expected and the found hash.
        """
        entry = self.entry(name)
        try:
            return _read_checked(self.folder / entry.file, entry.sha256, MODEL_LIMIT_BYTES, entry.bytes)
        except ModelMissing as exc:
            if not entry.optional:
                raise
            raise ModelMissing(
                f"{entry.name} is an optional model that is not built yet: run `{BUILD_COMMAND} --heavy` in a checkout "
                f"of the source; the file belongs into {self.folder}"
            ) from exc

    def variant(self, name: str, provider: str) -> str:
        """The name of the file of model `name` that is best for a provider: float16 arithmetic for graphics processors.

        On the CPU float16 arithmetic is emulated and slower (19.0 instead of 16.3 ms for pose_landmark_full).
        """
        half = f"{name}.f16"
        has_half = any(entry.name == half for entry in self.entries)
        return half if provider in GPU_PROVIDERS and has_half else name

    def reader(self, name: str) -> Callable[[str], bytes]:
        """A function (provider -> checked bytes of the best variant), as `Session` takes it."""
        return lambda provider: self.read(self.variant(name, provider))

    def verify_all(self) -> tuple[Verification, ...]:
        """Read and check every model of the manifest."""
        return tuple(self._verify(entry) for entry in self.entries)

    def _verify(self, entry: ModelEntry) -> Verification:
        try:
            self.read(entry.name)
        except ModelMissing as exc:
            return Verification(entry, "missing", str(exc))
        except ModelMismatch as exc:
            return Verification(entry, "failed", str(exc))
        return Verification(entry, "verified")


def models_folder() -> Path:
    """`posture/_models` of an installed program, `models/` beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_models"
    return installed if installed.is_dir() else package.parent / "models"


def read_limited(path: Path, limit: int) -> bytes:
    """A whole file of at most `limit` bytes. Raises ModelMissing, ModelMismatch."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as exc:
        raise ModelMissing(f"{path} cannot be read: {exc.strerror}") from exc
    if len(data) > limit:
        raise ModelMismatch(f"{path} is larger than {limit} bytes and was not read")
    return data


def _read_checked(path: Path, expected: str, limit_bytes: int, size: int | None = None) -> bytes:
    """The content of `path` if its SHA-256 (and size) are the expected ones. Never reads more than the limit."""
    if not path.is_file():
        raise ModelMissing(f"{path} is not there; install the program again or restore the file from the repository")
    data = read_limited(path, limit_bytes)
    found = sha256(data).hexdigest()
    if found != expected or size not in (None, len(data)):
        raise ModelMismatch(
            f"{path} is not the file this version was made with: expected SHA-256 {expected}, found {found} "
            f"({len(data)} bytes); nothing was loaded in its place, restore the file from the repository or package"
        )
    return data
