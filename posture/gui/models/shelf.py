"""What the Models page has done in another thread: looking, measuring, adding, removing."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from posture import config
from posture.audit.events import Event
from posture.bench import model as bench
from posture.bench.model import ModelSpeed
from posture.errors import ModelError
from posture.pose.added import AddedModels, Examined
from posture.pose.catalogue import Catalogue, Verification
from posture.pose.settings import DETECTION_MODELS, LANDMARK_MODELS, PoseSettings

State = Literal["verified", "missing", "unknown", "failed"]
"""unknown: no key that is trusted here signed it; nothing runs it."""
Note = Callable[[Event, dict[str, str]], object]
"""Writes an entry of the audit log."""
HALF = ".f16"
"""End of the name of a copy for graphics processors (`Catalogue.variant`)."""
_HASH = re.compile(r"\b[0-9a-fA-F]{64}\b")


@dataclass(frozen=True, slots=True)
class Model:
    """One model as it is now."""

    name: str
    """Of the program's, as in the catalogue."""
    title: str
    """What a person calls it."""
    role: str
    """pose, detector, face, segmentation or other."""
    use: str
    """How it is used, in English: purpose of the program's own, head and layout of an added one."""
    own: bool
    state: State
    message: str = ""
    licence: str = ""
    source: str = ""
    input: str = ""
    bytes: int = 0
    sha256: str = ""
    signer: str = ""
    chosen: bool = False
    """Whether the settings name it."""


class Shelf(Protocol):
    """Every method may take its time, and raises PostureError."""

    def look(self) -> tuple[Model, ...]:
        """All models, read and verified now."""

    def measure(self, name: str, on_start: Callable[[Callable[[], None]], None]) -> ModelSpeed:
        """How fast it is; `on_start` gets what ends that at once."""

    def add(self, folder: Path, hashes: frozenset[str]) -> tuple[str, ...]:
        """Take in a signed folder whose models have exactly these hashes; their names."""

    def remove(self, name: str) -> None:
        """Forget an added model."""


def hashes_in(text: str) -> frozenset[str]:
    """Every SHA-256 that stands in a text, as it may have been pasted."""
    return frozenset(each.lower() for each in _HASH.findall(text))


@dataclass(frozen=True, slots=True)
class UserShelf:
    """Implements Shelf for this account."""

    pose: Callable[[], PoseSettings] = PoseSettings
    note: Note = lambda event, fields: None
    added: AddedModels = field(default_factory=AddedModels)

    def look(self) -> tuple[Model, ...]:
        """See Shelf."""
        settings = self.pose()
        own = (_own(each, settings) for each in Catalogue.load().verify_all())
        others = (_added(self.added.examine(name), settings) for name in self.added.names())
        return (*sorted(own, key=_place), *others)

    def measure(self, name: str, on_start: Callable[[Callable[[], None]], None]) -> ModelSpeed:
        """See Shelf."""
        return bench.measure(name, on_start)

    def add(self, folder: Path, hashes: frozenset[str]) -> tuple[str, ...]:
        """See Shelf: the same way in as `posture models add`, and the hashes in front of it."""
        from posture import admission

        def refused(sha256: str, reason: str) -> None:
            self.note(Event.MODEL_REFUSED, {"sha256": sha256, "reason": reason})

        settings = config.load({"pose.model": PoseSettings().model, "pose.detector": PoseSettings().detector})
        opened = admission.add(folder, self.added, settings, refused, hashes)
        for model in opened.manifest.models:
            key_id = opened.signer.key_id.hex()
            self.note(Event.MODEL_ADDED, {"sha256": model.sha256, "key_id": key_id})
        return tuple(model.name for model in opened.manifest.models)

    def remove(self, name: str) -> None:
        """See Shelf."""
        settings = self.pose()
        if name in (settings.model, settings.detector):
            raise ModelError(f"{name} is in use: choose another model in the settings first")
        before = self.added.examine(name)
        self.added.remove(name)
        known = {"sha256": before.sha256, "key_id": before.signer.rpartition(" ")[2]}
        self.note(Event.MODEL_REMOVED, {key: value for key, value in known.items() if value})


def _own(found: Verification, settings: PoseSettings) -> Model:
    entry = found.entry
    shorts = {full: name for name, full in (LANDMARK_MODELS | DETECTION_MODELS).items()}
    short = shorts.get(entry.name, "")
    shape = "×".join(str(size) for size in entry.inputs[0].shape)
    return Model(
        name=entry.name,
        title=short or entry.name,
        role=_role(entry.name),
        use=entry.purpose,
        own=True,
        state=found.state,
        message=found.message,
        licence=entry.licence,
        source=f"{entry.source.package}: {entry.source.file}",
        input=f"{shape} {entry.inputs[0].dtype}",
        bytes=entry.bytes,
        sha256=entry.sha256,
        chosen=short in (settings.model, settings.detector),
    )


def _place(model: Model) -> tuple[bool, int, int]:
    """Pose models first, what people choose before what comes along with it, and copies for graphics last."""
    roles, shorts = ("pose", "detector", "face", "segmentation"), (*LANDMARK_MODELS, *DETECTION_MODELS)
    return model.name.endswith(HALF), roles.index(model.role), shorts.index(model.title) if model.title in shorts else 0


def _role(name: str) -> str:
    if name in DETECTION_MODELS.values():
        return "detector"
    for part, role in (("detection", "detector"), ("segmentation", "segmentation")):
        if part in name:
            return "face" if name.startswith("face") else role
    return "pose"


def _added(found: Examined, settings: PoseSettings) -> Model:
    model = found.model
    if model is None:
        state: State = "unknown" if found.reason == "signature" else "failed"
        return Model(found.name, found.name, "other", "", own=False, state=state, message=found.message)
    use = "" if model.use is None else " · ".join(filter(None, (f"head {model.use.head}", model.use.skeleton)))
    return Model(
        name=found.name,
        title=found.name,
        role={"pose_landmark": "pose", "pose": "pose", "detector": "detector"}.get(model.role, "other"),
        use=use,
        own=False,
        state="verified" if found.state == "verified" else "failed",
        message=found.message,
        licence=model.licence,
        source=model.source,
        input=f"{'×'.join(str(size) for size in model.inputs[0].shape)} {model.inputs[0].dtype}"
        if model.inputs
        else "",
        bytes=model.bytes,
        sha256=model.sha256,
        signer=found.signer,
        chosen=found.name in (settings.model, settings.detector),
    )
