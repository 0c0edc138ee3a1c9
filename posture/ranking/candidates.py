"""The combinations of models and searches that there are to compare."""

from typing import Literal

import msgspec

from posture.errors import ModelMissing
from posture.pose.added import AddedModels
from posture.pose.brought.use import ONE_STAGE
from posture.pose.catalogue import BUILD_COMMAND, Catalogue
from posture.pose.settings import BUILT_IN_DETECTOR, LANDMARK_MODELS, PoseSettings

Search = Literal["quick", "thorough"]
SEARCHES: tuple[Search, ...] = ("quick", "thorough")
BESIDE_DETECTORS = ("full", "movenet")
"""Pose models that a detector is tried with which was added."""


class Candidate(msgspec.Struct, frozen=True):
    """One combination."""

    model: str
    search: Search
    detector: str = BUILT_IN_DETECTOR

    @property
    def label(self) -> str:
        """How it is called in tables."""
        found_by = "" if self.detector == BUILT_IN_DETECTOR else f", people found by {self.detector}"
        return f"{self.model}, {self.search}{found_by}"

    def settings(self, base: PoseSettings) -> PoseSettings:
        """`base` with this combination."""
        return msgspec.structs.replace(base, model=self.model, search=self.search, detector=self.detector)


def candidates(catalogue: Catalogue, added: AddedModels) -> tuple[list[Candidate], dict[str, str]]:
    """Everything that is installed and sound, and why something is not among it, by name."""
    found: list[Candidate] = []
    left_out: dict[str, str] = {}
    for name, entry in LANDMARK_MODELS.items():
        try:
            catalogue.read(entry)
        except ModelMissing:
            left_out[name] = f"it is not built; in a checkout `{BUILD_COMMAND} --{name}` does it"
        else:
            found += [Candidate(name, search) for search in SEARCHES]
    for name in added.names():
        examined = added.examine(name)
        model = examined.model
        if examined.state != "verified" or model is None:
            left_out[name] = "it was refused; `posture models verify` says why"
        elif model.role == "detector":
            found += [Candidate(beside, "quick", name) for beside in BESIDE_DETECTORS]
        elif model.use is not None and model.use.head in ONE_STAGE:
            found.append(Candidate(name, "quick"))
        elif model.role in ("pose", "pose_landmark"):
            found += [Candidate(name, search) for search in SEARCHES]
        else:
            left_out[name] = "it has no entry that says how it is used"
    return found, left_out
