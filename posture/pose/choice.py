"""From the name that a person chose to a landmark model: one of the program, or one that was added."""

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posture.errors import ConfigError, ModelMissing, ModelRefused
from posture.pose.catalogue import Catalogue
from posture.pose.settings import LANDMARK_MODELS

if TYPE_CHECKING:  # what reads signatures takes 50 ms to import, and the models of the program need none of it
    from posture.pose.added import AddedModels


@dataclass(frozen=True)
class LandmarkModel:
    """A landmark model of the program, which may have a file of its own for a provider, or (`added`) another one."""

    catalogue: Catalogue
    name: str
    added: "AddedModels | None" = None

    def file_for(self, provider: str) -> str:
        """Which model runs on a provider."""
        if self.added is None:
            return self.catalogue.variant(f"pose_landmark_{self.name}", provider)
        return self.name

    def read(self, provider: str) -> bytes:
        """The bytes for a provider, verified. Raises ModelMissing, ModelMismatch, ModelRefused, ConfigError."""
        if self.added is None:
            return self.catalogue.read(self.file_for(provider))
        return self.added.read(self.name)


def landmark_model(catalogue: Catalogue, name: str, added: "AddedModels | None" = None) -> LandmarkModel:
    """The model of that name; `added` are by default those of this account.

    Raises ModelMissing for an unknown one, ModelRefused for one of another role, and what `AddedModels.signed` raises.
    """
    if name in LANDMARK_MODELS:
        return LandmarkModel(catalogue, name)
    found = added or _of_this_account()
    if name not in found.names():
        raise ModelMissing(f"there is no landmark model {name!r}: {_known(name, found)}")
    model, _ = found.signed(name)
    if model.role != "pose_landmark":
        raise ModelRefused(
            f"{name} has the role {model.role!r}: it can be kept and verified, but nothing uses such a model yet"
        )
    return LandmarkModel(catalogue, name, found)


def check_name(name: str, added: "AddedModels | None" = None) -> None:
    """Raise ConfigError where `pose.model` names nothing; whether an added model is sound is seen when it is used."""
    if name in LANDMARK_MODELS:
        return
    found = added or _of_this_account()
    if name not in found.names():
        raise ConfigError(f"setting pose.model = {name!r}: {_known(name, found)}")


def _of_this_account() -> "AddedModels":
    from posture.pose.added import AddedModels

    return AddedModels()


def _known(name: str, added: "AddedModels") -> str:
    names = (*LANDMARK_MODELS, *added.names())
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}there are {', '.join(names)}; `posture models add` adds others"
