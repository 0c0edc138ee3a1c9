"""The models that were added: where they lie, and their bytes, verified again at every use.

In `models/` of the user's data folder lie, for each model, NAME.note (a copy of the signed note that it came with) and
SHA256.onnx or SHA256.tflite. Whoever can write the account's files can write these as well, so nothing in here is
believed: the signature against the keys that are trusted now, the hash and the check of the content decide each time.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from posture.errors import ModelMismatch, ModelMissing, PostureError
from posture.folders import data_folder
from posture.output import whole_file
from posture.pose import package
from posture.pose.catalogue import MODEL_LIMIT_BYTES, read_limited
from posture.pose.package import OnRefused, Opened, Reason, SignedModel, silent, step
from posture.pose.runtimes import SUFFIXES
from posture.pose.trusted_keys import TrustedKeys, system_keys

_NOTE_SUFFIX = ".note"


@dataclass(frozen=True)
class Examined:
    """What `AddedModels.examine` found about one model."""

    name: str
    state: str
    """verified, or failed."""
    message: str = ""
    """What is wrong; empty for a verified one."""
    reason: Reason | None = None
    sha256: str = ""
    """Of the model, or of the note where no trusted key signed it."""
    model: SignedModel | None = None
    """None where no trusted key vouches for what the note says."""
    signer: str = ""
    """Name of the key that signed, and its id; empty where none is trusted."""


@dataclass(frozen=True)
class AddedModels:
    """The added models of this account. Making one reads nothing."""

    folder: Path = field(default_factory=lambda: data_folder() / "models")
    keys: TrustedKeys = field(default_factory=system_keys)

    def names(self) -> tuple[str, ...]:
        """In alphabetical order; nothing is verified for it."""
        with suppress(OSError):
            return tuple(sorted(file.stem for file in self.folder.iterdir() if file.suffix == _NOTE_SUFFIX))
        return ()

    def signed(self, name: str, refused: OnRefused = silent) -> tuple[SignedModel, Opened]:
        """What the note of an added model says, if a key signed it that is trusted now.

        Raises ModelMissing, ModelMismatch; ConfigError where the file of the keys is not safe.
        """
        if name not in self.names():
            raise ModelMissing(f"no model {name!r} was added; added are: {', '.join(self.names()) or 'none'}")
        path = self._note(name)
        note = package.read_note(path)
        with step(sha256(note).hexdigest(), "signature", refused):
            found = package.open_note(note, self.keys.read(), path)
            return found.manifest.model(name), found

    def read(self, name: str, refused: OnRefused = silent) -> bytes:
        """The bytes of an added model, verified. Raises ModelMissing, ModelMismatch, ModelRefused, ConfigError."""
        model, _ = self.signed(name, refused)
        path = self._content(model)
        with step(model.sha256, "hash", refused):
            data = read_limited(path, MODEL_LIMIT_BYTES)
        package.verify(model, data, path, refused)
        return data

    def examine(self, name: str) -> Examined:
        """Verify one model, as `read` does, and say what was found."""
        reasons: list[tuple[str, Reason]] = []
        model, signer = None, ""
        try:
            model, found = self.signed(name, lambda *both: reasons.append(both))
            signer = f"{found.signer.name} {found.signer.key_id.hex()}"
            self.read(name, lambda *both: reasons.append(both))
        except PostureError as exc:
            digest, reason = reasons[0] if reasons else ("", None)
            return Examined(name, "failed", str(exc), reason, digest, model, signer)
        return Examined(name, "verified", sha256=model.sha256, model=model, signer=signer)

    def put(self, found: Opened, contents: dict[str, bytes]) -> None:
        """Keep the models of a note, whose bytes are `contents` (name -> verified bytes), all or none.

        Raises ModelMismatch where another model has the name, SinkError where the folder cannot be written.
        """
        for model in found.manifest.models:
            self._refuse_another(model)
        before = {name: self._note(name).exists() for name in contents}
        try:
            for model in found.manifest.models:
                with whole_file(self._content(model), overwrite=True, advice="check the folder") as out:
                    out.write(contents[model.name])
                with whole_file(self._note(model.name), overwrite=True, advice="check the folder") as out:
                    out.write(found.note)
        except BaseException:
            for name in (name for name, existed in before.items() if not existed):
                self._note(name).unlink(missing_ok=True)
            self._sweep()
            raise

    def remove(self, name: str) -> None:
        """Forget a model, and its bytes where no other one has the same. Raises ModelMissing."""
        if name not in self.names():
            raise ModelMissing(f"no model {name!r} was added; added are: {', '.join(self.names()) or 'none'}")
        try:
            self._note(name).unlink()
            self._sweep()
        except OSError as exc:
            raise ModelMissing(f"{self._note(name)} cannot be removed: {exc.strerror}; check the folder") from exc

    def _sweep(self) -> None:
        """Remove contents that no note here speaks of; what a note says counts for that, trusted or not."""
        notes = [package.read_note(self._note(name)).decode("utf-8", "replace") for name in self.names()]
        for content in (file for suffix in SUFFIXES for file in self.folder.glob(f"*{suffix}")):
            if not any(content.stem in note for note in notes):
                content.unlink()

    def _refuse_another(self, model: SignedModel) -> None:
        """A name stays with its model until that is removed. Raises ModelMismatch."""
        if model.name not in self.names():
            return
        note = package.read_note(self._note(model.name)).decode("utf-8", "replace")
        if model.sha256 not in note:
            raise ModelMismatch(
                f"another model is called {model.name} here; first `posture models remove {model.name}`, "
                "or give the new one another name"
            )

    def _note(self, name: str) -> Path:
        return self.folder / f"{name}{_NOTE_SUFFIX}"

    def _content(self, model: SignedModel) -> Path:
        return self.folder / f"{model.sha256}{'.tflite' if model.tflite else '.onnx'}"
