"""From the name that a person chose to a landmark model: one of the program, or one that was added."""

import difflib
from dataclasses import dataclass

from posture.errors import ConfigError, ModelMissing, ModelRefused
from posture.pose.added import AddedModels
from posture.pose.catalogue import Catalogue
from posture.pose.settings import LANDMARK_MODELS


@dataclass(frozen=True)
class LandmarkModel:
    """A landmark model of the program, which may have a file of its own for a provider, or one that was added."""

    catalogue: Catalogue
    added: AddedModels
    name: str

    def file_for(self, provider: str) -> str:
        """Which model runs on a provider."""
        if self.name in LANDMARK_MODELS:
            return self.catalogue.variant(f"pose_landmark_{self.name}", provider)
        return self.name

    def read(self, provider: str) -> bytes:
        """The bytes for a provider, verified. Raises ModelMissing, ModelMismatch, ModelRefused, ConfigError."""
        if self.name in LANDMARK_MODELS:
            return self.catalogue.read(self.file_for(provider))
        return self.added.read(self.name)


def landmark_model(catalogue: Catalogue, added: AddedModels, name: str) -> LandmarkModel:
    """The model of that name. Raises ModelMissing for an unknown one, ModelRefused for one of another role."""
    if name not in LANDMARK_MODELS:
        if name not in added.names():
            raise ModelMissing(f"there is no landmark model {name!r}: {_known(name, added)}")
        model, _ = added.signed(name)
        if model.role != "pose_landmark":
            raise ModelRefused(
                f"{name} has the role {model.role!r}: it can be kept and verified, but nothing uses such a model yet"
            )
    return LandmarkModel(catalogue, added, name)


def check_name(name: str, added: AddedModels | None = None) -> None:
    """Raise ConfigError where `pose.model` names nothing; whether an added model is sound is seen when it is used."""
    if name in LANDMARK_MODELS:
        return
    found = added or AddedModels()
    if name not in found.names():
        raise ConfigError(f"setting pose.model = {name!r}: {_known(name, found)}")


def _known(name: str, added: AddedModels) -> str:
    names = (*LANDMARK_MODELS, *added.names())
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}there are {', '.join(names)}; `posture models add` adds others"
