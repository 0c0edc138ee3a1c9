"""The combinations of models and searches that there are to compare."""

from typing import Literal

import msgspec

from posture.errors import ModelMissing
from posture.pose.added import AddedModels
from posture.pose.brought.use import ONE_STAGE
from posture.pose.catalogue import BUILD_COMMAND, Catalogue
from posture.pose.settings import DETECTION_MODELS, LANDMARK_MODELS, PoseSettings

Search = Literal["quick", "thorough"]
SEARCHES: tuple[Search, ...] = ("quick", "thorough")
BESIDE_DETECTORS = ("full", "movenet")
"""Pose models that a detector is tried with which is not the usual one."""
USUAL_DETECTOR = PoseSettings().detector


class Candidate(msgspec.Struct, frozen=True):
    """One combination."""

    model: str
    search: Search
    detector: str = USUAL_DETECTOR

    @property
    def label(self) -> str:
        """How it is called in tables."""
        found_by = "" if self.detector == USUAL_DETECTOR else f", people found by {self.detector}"
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
            found += _searched(name, (catalogue.entry(entry).use or {}).get("head"))
    found += [
        Candidate(beside, "quick", name)
        for name in DETECTION_MODELS
        if name != USUAL_DETECTOR
        for beside in BESIDE_DETECTORS
    ]
    for name in added.names():
        examined = added.examine(name)
        model = examined.model
        if examined.state != "verified" or model is None:
            left_out[name] = "it was refused; `posture models verify` says why"
        elif model.role == "detector":
            found += [Candidate(beside, "quick", name) for beside in BESIDE_DETECTORS]
        elif model.role in ("pose", "pose_landmark"):
            found += _searched(name, None if model.use is None else model.use.head)
        else:
            left_out[name] = "it has no entry that says how it is used"
    return found, left_out


def _searched(model: str, head: str | None) -> list[Candidate]:
    """A pose model in every search that there is for it: one that finds everybody at once searches itself."""
    return [Candidate(model, search) for search in (SEARCHES[:1] if head in ONE_STAGE else SEARCHES)]
