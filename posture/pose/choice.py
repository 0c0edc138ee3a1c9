"""From the names that a person chose to models: those of the program, or some that were added."""

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posture.errors import ConfigError, ModelMissing, ModelRefused
from posture.pose.catalogue import Catalogue
from posture.pose.settings import DETECTION_MODELS, LANDMARK_MODELS

if TYPE_CHECKING:  # what reads signatures takes 50 ms to import, and the models of the program need none of it
    from posture.pose.added import AddedModels
    from posture.pose.brought.use import Use


@dataclass(frozen=True)
class Chosen:
    """A model of the program, which may have a file of its own for a provider, or (`added`) another one."""

    catalogue: Catalogue
    name: str
    """Of the program's, its name in the catalogue."""
    added: "AddedModels | None" = None
    use: "Use | None" = None
    """How it is used; None for what is used exactly as the model of the program."""
    tflite: bool = False

    def file_for(self, provider: str) -> str:
        """Which model runs on a provider."""
        return self.catalogue.variant(self.name, provider) if self.added is None else self.name

    def read(self, provider: str) -> bytes:
        """The bytes for a provider, verified. Raises ModelMissing, ModelMismatch, ModelRefused, ConfigError."""
        if self.added is None:
            return self.catalogue.read(self.file_for(provider))
        return self.added.read(self.name)


def pose_model(catalogue: Catalogue, name: str, added: "AddedModels | None" = None) -> Chosen:
    """The model of that name that finds keypoints; `added` are by default those of this account.

    Raises ModelMissing for an unknown one, ModelRefused for one of another role, and what `AddedModels.signed` raises.
    """
    if name in LANDMARK_MODELS:
        return _own(catalogue, LANDMARK_MODELS[name])
    return _added_model(catalogue, name, added, ("pose_landmark", "pose"), "a pose model", tuple(LANDMARK_MODELS))


def detector_model(catalogue: Catalogue, name: str, added: "AddedModels | None" = None) -> Chosen:
    """The model of that name that finds people. Raises as `pose_model`."""
    if name in DETECTION_MODELS:
        return _own(catalogue, DETECTION_MODELS[name])
    return _added_model(catalogue, name, added, ("detector",), "a detector", tuple(DETECTION_MODELS))


def _own(catalogue: Catalogue, name: str) -> Chosen:
    tree = catalogue.entry(name).use
    if not tree:
        return Chosen(catalogue, name)
    from posture.pose.brought.use import from_tree

    return Chosen(catalogue, name, use=from_tree(tree, f"{name} in the manifest"))


def check_names(model: str, detector: str, added: "AddedModels | None" = None) -> None:
    """Raise ConfigError where `pose.model` or `pose.detector` names nothing.

    Whether an added model is sound, and of the right role, is seen when it is used.
    """
    for key, name, own in (("model", model, tuple(LANDMARK_MODELS)), ("detector", detector, tuple(DETECTION_MODELS))):
        if name not in own:
            found = added or _of_this_account()
            if name not in found.names():
                raise ConfigError(f"setting pose.{key} = {name!r}: {_known(name, found, own)}")


def _added_model(
    catalogue: Catalogue,
    name: str,
    added: "AddedModels | None",
    roles: tuple[str, ...],
    what: str,
    own: tuple[str, ...],
) -> Chosen:
    found = added or _of_this_account()
    if name not in found.names():
        raise ModelMissing(f"there is no model {name!r}: {_known(name, found, own)}")
    model, _ = found.signed(name)
    if model.role not in roles:
        raise ModelRefused(
            f"{name} has the role {model.role!r}, and {what} is wanted; `posture models list` shows roles"
        )
    return Chosen(catalogue, name, found, model.use, model.tflite)


def _of_this_account() -> "AddedModels":
    from posture.pose.added import AddedModels

    return AddedModels()


def _known(name: str, added: "AddedModels", own: tuple[str, ...]) -> str:
    names = (*own, *added.names())
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    if name in (*LANDMARK_MODELS, *DETECTION_MODELS):
        hint = f"it is one for pose.{'detector' if name in DETECTION_MODELS else 'model'}; "
    return f"{hint}there are {', '.join(names)}; `posture models add` adds others"
