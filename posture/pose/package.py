"""Models that an organisation adds: a folder of files and `models.note`, which says what they are and is signed.

    text of the note   one line of canonical JSON: `Manifest`
    signature          Ed25519, as `posture.signed_note` describes

A model is used only if all of this holds, in this order, at every use: the note is signed by a key that is trusted
now, the bytes have the hash of the note, they pass `posture.pose.onnx_check` or `tflite_check`, and they are what the
note says. A model that is not used exactly as those of the program has an entry (`posture.pose.brought.use`), which is
signed with it: NAME.toml beside the file when the folder is signed.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec

from posture import __version__
from posture.errors import ModelError, ModelMismatch, ModelMissing
from posture.pose.brought.agree import check_agrees
from posture.pose.brought.use import DETECTORS, Use
from posture.pose.catalogue import MODEL_LIMIT_BYTES, Catalogue, read_limited
from posture.pose.formats import facts_of, is_tflite
from posture.pose.onnx_check import Facts, OperatorSet, Value
from posture.signed_note import NOTE_LIMIT_BYTES, NoteError, PrivateKey, PublicKey, opened

NOTE = "models.note"
ROLE_TEMPLATE = "pose_landmark_full"
"""A model whose inputs and outputs are those of this one can take its place."""
_NAME = r"^[a-z0-9][a-z0-9_.-]{0,63}$"
_FILE = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,119}\.(onnx|tflite)$"
_VERSION = r"^[0-9]{1,4}(\.[0-9]{1,4}){0,3}$"

Role = Literal["pose_landmark", "pose", "detector", "other"]
Reason: TypeAlias = Literal["signature", "hash", "check", "shape", "load"]
"""Why a model was refused, in one word, for the audit trail."""
OnRefused = Callable[[str, Reason], None]
"""Called before the error is raised, with the reason and the SHA-256 of the model, or of a note nobody trusts."""


class SignedModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One model of a signed manifest."""

    name: Annotated[str, msgspec.Meta(pattern=_NAME)]
    file: Annotated[str, msgspec.Meta(pattern=_FILE)]
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, msgspec.Meta(ge=1, le=MODEL_LIMIT_BYTES)]
    role: Role
    """What it may be used as: in the place of the program's own, as its entry says, or (`other`) for nothing yet."""
    opset: tuple[OperatorSet, ...]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    ops: tuple[str, ...]
    source: str
    licence: str
    min_app: Annotated[str, msgspec.Meta(pattern=_VERSION)]
    """The oldest version of the program that may use it."""
    use: Use | None = None
    """How pictures get in and keypoints out; None where that is as with the model of the program, or unknown."""

    @property
    def tflite(self) -> bool:
        """Whether it is a TFLite model; else it is ONNX."""
        return self.file.endswith(".tflite")


class SignedManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text of `models.note`."""

    v: Literal[1]
    models: Annotated[tuple[SignedModel, ...], msgspec.Meta(min_length=1, max_length=100)]

    def model(self, name: str) -> SignedModel:
        """The model of that name. Raises ModelMissing."""
        for model in self.models:
            if model.name == name:
                return model
        raise ModelMissing(f"the note names no model {name!r}; it names {', '.join(m.name for m in self.models)}")


class Opened(msgspec.Struct, frozen=True):
    """A note whose signature is right."""

    manifest: SignedManifest
    signer: PublicKey
    note: bytes


def silent(sha256: str, reason: Reason) -> None:
    """An `OnRefused` that tells nobody."""


def described(file: Path, data: bytes, *, source: str, licence: str, use: Use | None = None) -> SignedModel:
    """The entry of a model for a manifest; its name is the name of the file. Raises ModelMismatch, ModelRefused."""
    with _naming(file):
        facts = _facts(data, use, file)
        if use is not None:
            check_agrees(use, facts)
    fields = {
        "name": file.stem.lower(),
        "file": file.name,
        "sha256": sha256(data).hexdigest(),
        "bytes": len(data),
        "role": _role(facts, use),
        "source": source,
        "licence": licence,
        "min_app": __version__,
        **msgspec.to_builtins(facts),
        "use": msgspec.to_builtins(use),
    }
    try:
        return msgspec.convert(fields, SignedModel)
    except msgspec.ValidationError as exc:
        raise ModelMismatch(f"{file} cannot be described: {exc}; names are letters, digits, points and dashes") from exc


def signed(models: tuple[SignedModel, ...], key: PrivateKey) -> bytes:
    """`models.note` for these models. Raises ModelMismatch where two have one name or a name is taken."""
    manifest = SignedManifest(1, models)
    _check_names(manifest)
    return key.sign(_canonical(manifest)).encode()


def open_note(note: bytes, keys: tuple[PublicKey, ...], origin: Path) -> Opened:
    """The manifest of a note that one of `keys` signed.

    Raises ModelMismatch for a note that none of them signed, is changed, or is not the manifest of this version.
    """
    try:
        text, signer = opened(note, keys)
    except NoteError as exc:
        raise ModelMismatch(
            f"{origin}: {exc}; an administrator of this computer trusts a key by `posture models trust`"
        ) from exc
    try:
        manifest = msgspec.json.decode(text, type=SignedManifest)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise ModelMismatch(f"{origin} is signed by {signer.name}, but is no manifest of this version: {exc}") from exc
    if text != _canonical(manifest):
        raise ModelMismatch(f"{origin} is not written as `posture models sign` writes it; sign the models again")
    _check_names(manifest)
    return Opened(manifest, signer, note)


def verify(model: SignedModel, data: bytes, origin: Path, refused: OnRefused = silent) -> None:
    """Raise unless `data` is what the manifest says and holds nothing that is never allowed.

    Raises ModelMismatch (another hash, another shape, made for a newer program) or ModelRefused.
    """
    with step(model.sha256, "hash", refused):
        found = sha256(data).hexdigest()
        if found != model.sha256 or len(data) != model.bytes:
            raise ModelMismatch(
                f"{origin} is not the model that was signed: expected SHA-256 {model.sha256}, found {found} "
                f"({len(data)} bytes); nothing was loaded"
            )
    with step(model.sha256, "check", refused), _naming(origin):
        facts = _facts(data, model.use, Path(model.file))
    with step(model.sha256, "shape", refused):
        _compare(model, facts, origin)


def read_note(path: Path) -> bytes:
    """A note, with or without a right signature. Raises ModelMissing, ModelMismatch."""
    return read_limited(path, NOTE_LIMIT_BYTES)


@contextmanager
def step(sha256: str, reason: Reason, refused: OnRefused) -> Iterator[None]:
    """Tell `refused` when the block refuses the model."""
    try:
        yield
    except ModelError:
        refused(sha256, reason)
        raise


@contextmanager
def _naming(origin: Path) -> Iterator[None]:
    """Put the file in front of what is wrong inside it."""
    try:
        yield
    except ModelError as exc:
        raise type(exc)(f"{origin}: {exc}") from exc


def _compare(model: SignedModel, facts: Facts, origin: Path) -> None:
    said = Facts(model.opset, model.inputs, model.outputs, model.ops)
    if said != facts:
        raise ModelMismatch(f"{origin} has other inputs, outputs or operators than its note says; sign it again")
    if model.role != _role(facts, model.use) and model.use is not None:
        raise ModelMismatch(f"{origin} is used with the head {model.use.head}; its role is not {model.role}")
    if model.use is not None:
        with _naming(origin):
            check_agrees(model.use, facts)
    if model.role == "pose_landmark" and not _can_take_the_place(facts):
        raise ModelMismatch(f"{origin} does not have the inputs and outputs of {ROLE_TEMPLATE}; its role is not that")
    if _numbers(model.min_app) > _numbers(__version__):
        raise ModelMismatch(f"{origin} needs version {model.min_app} of the program, and this is {__version__}")


def _facts(data: bytes, use: Use | None, file: Path) -> Facts:
    """What a checked model is. Raises ModelMismatch, also where the file's name says another format, ModelRefused."""
    facts = facts_of(data, open_sizes=use is not None and bool(use.input.sizes))
    if is_tflite(facts) != (file.suffix == ".tflite"):
        raise ModelMismatch(
            f"the content is {'TFLite' if is_tflite(facts) else 'ONNX'}, and the name says another format; rename it"
        )
    return facts


def _role(facts: Facts, use: Use | None) -> Role:
    if use is not None:
        return "detector" if use.head in DETECTORS else "pose"
    return "pose_landmark" if _can_take_the_place(facts) else "other"


def _can_take_the_place(facts: Facts) -> bool:
    """Whether a model has the inputs and outputs of the landmark models: names, types and shapes."""
    entry = Catalogue.load().entry(ROLE_TEMPLATE)
    inputs, outputs = (
        {(tensor.name, tensor.dtype, tensor.shape) for tensor in tensors} for tensors in (entry.inputs, entry.outputs)
    )
    return (
        inputs == {(value.name, value.dtype, value.shape) for value in facts.inputs}
        and outputs == {(value.name, value.dtype, value.shape) for value in facts.outputs}
        and len(facts.inputs) + len(facts.outputs) == len(inputs) + len(outputs)
    )


def _check_names(manifest: SignedManifest) -> None:
    """Names must differ from each other and from those of the program. Raises ModelMismatch."""
    taken = Catalogue.load().reserved_names
    names: set[str] = set()
    for model in manifest.models:
        if model.name in taken:
            raise ModelMismatch(f"{model.name} is the name of a model of the program; rename the file and sign again")
        if model.name in names:
            raise ModelMismatch(f"two models are called {model.name}; rename one of the files and sign again")
        names.add(model.name)


def _canonical(manifest: SignedManifest) -> str:
    """JSON with sorted keys and without spaces, in one line."""
    return msgspec.json.encode(manifest, order="sorted").decode() + "\n"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
