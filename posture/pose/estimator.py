"""Frames in, poses out: a detector and a pose model, those of the program or others, and a tracker on top."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from posture.data import Frame, Pose
from posture.pose.blazepose import Detection, Landmarks
from posture.pose.body import Box
from posture.pose.catalogue import Catalogue
from posture.pose.choice import Chosen, detector_model, pose_model
from posture.pose.crop import Region
from posture.pose.eyes import BlazeDetector, BlazeEyes, Detects, Sees
from posture.pose.scout import Scout
from posture.pose.session import Session
from posture.pose.settings import PoseSettings
from posture.pose.track import MIN_AGREEMENT, OTHERS_AGREEMENT, Memory, Tracker

if TYPE_CHECKING:
    from posture.pose.added import AddedModels
    from posture.pose.brought.use import Use

FINDS, LIKELY = "nanodet", 1 / 3
"""The detector that finds people in a thorough search, and how certain it must be that somebody is looked at closer."""
CONFIRMS, CONFIRMED = "movenet", 0.5
"""The model that confirms its finds, and the least certainty that it must have."""


class Estimator:
    """Pose models on one stream of frames. Not to be shared between streams or threads: it remembers who was where."""

    def __init__(
        self,
        catalogue: Catalogue,
        settings: PoseSettings = PoseSettings(),  # noqa: B008 - frozen
        added: "AddedModels | None" = None,
        *,
        search_every_s: float | None = None,
        cuts: bool = True,
        still: bool = False,
    ) -> None:
        """Load the models; `added` are by default those of this account. `search_every_s` and `cuts` as `Tracker` has
        them. `still`: each frame is a picture of its own.

        Raises ModelError: missing, altered, not signed by a trusted key, or refused; ConfigError where the file of the
        trusted keys is not safe.
        """
        self._chosen = pose_model(catalogue, settings.model, added)
        self._finder, self._eyes = assembled(self._chosen, catalogue, settings, added)
        self._agreement = agreement(self._chosen.use)
        thorough = settings.search == "thorough" or (settings.search == "auto" and (still or settings.people > 1))
        if thorough and isinstance(self._finder, BlazeDetector):
            self._finder = _scout(self._finder, catalogue, settings, still)
            if self._chosen.use is not None:
                self._agreement = 0.0  # the scout has asked a second model
        self._search_every_s, self._cuts = search_every_s, cuts
        self._track = self.tracker(settings.people, smooth=settings.smooth)

    def tracker(self, people: int, *, smooth: bool) -> Tracker:
        """A tracker of its own on these models, which knows of nobody yet."""
        return Tracker(
            self.detect,
            self.look,
            people=people,
            smooth=smooth,
            search_every_s=self._search_every_s,
            cuts=self._cuts,
            min_agreement=self._agreement,
            near=self._finder.within if isinstance(self._finder, BlazeDetector | Scout) else None,
        )

    @property
    def providers(self) -> tuple[str, ...]:
        """Where the models run (short names): detector, landmark model."""
        return self._finder.runs.provider, self._eyes.runs.provider

    @property
    def model(self) -> tuple[str, str]:
        """Name of the pose model that runs, and the SHA-256 of the very bytes."""
        return self._chosen.file_for(self._eyes.runs.provider), self._eyes.runs.sha256

    @property
    def looks_at_one(self) -> bool:
        """Whether the pose model sees one person in a region, and not everybody in the picture at once."""
        finder: object = self._finder
        return finder is not self._eyes

    @property
    def fallback_reason(self) -> str:
        """Why a model does not run on the first choice; empty if all do."""
        return self._eyes.runs.fallback_reason or self._finder.runs.fallback_reason

    def __call__(self, frame: Frame) -> tuple[tuple[Pose, ...], int]:
        """The people followed in this frame and how many others were seen. Frames must come in order of time.

        Raises ModelError if the runtime fails.
        """
        return self._track(frame)

    def forget(self) -> None:
        """The next frame has nothing to do with those before: another camera, or a pause. Its time may be earlier."""
        self._track.forget()
        if isinstance(self._finder, Scout):
            self._finder.searched_s = -math.inf

    def memory(self) -> Memory:
        """What an estimator with the same models and settings needs to go on behind this frame with the same bits."""
        memory = self._track.memory()
        if not isinstance(self._finder, Scout):
            return memory
        return msgspec.structs.replace(memory, scouted_s=self._finder.searched_s)

    def remember(self, memory: Memory) -> None:
        """Go on where an estimator was that gave this memory; an empty one is that of a new estimator."""
        self._track.remember(memory)
        if isinstance(self._finder, Scout):
            self._finder.searched_s = memory.scouted_s

    def detect(self, frame: Frame, hidden: Sequence[Box] = ()) -> tuple[Detection, ...]:
        """Everybody the detector sees, best first; the boxes `hidden` are painted over."""
        return self._finder.detect(frame, hidden)

    def look(self, frame: Frame, region: Region) -> Landmarks | None:
        """The body in `region`; None where the model sees none."""
        return self._eyes.look(frame, region)

    def close(self) -> None:
        """End a model call that hangs, from any thread. The estimator cannot be used afterwards."""
        if isinstance(self._finder, Scout):
            self._finder.close()
        else:
            self._finder.runs.terminate()
        self._eyes.runs.terminate()


def agreement(use: "Use | None") -> float:
    """`Tracker`'s `min_agreement` for a pose model: none where detector and pose model are one."""
    if use is None:
        return MIN_AGREEMENT
    from posture.pose.brought.use import ONE_STAGE

    return 0.0 if use.head in ONE_STAGE else OTHERS_AGREEMENT


def _scout(finder: BlazeDetector, catalogue: Catalogue, settings: PoseSettings, still: bool) -> Scout:
    from posture.pose.brought.eyes import BoxDetector, RegionEyes
    from posture.pose.brought.load import opened

    finds, confirms = detector_model(catalogue, FINDS), pose_model(catalogue, CONFIRMS)
    assert finds.use is not None
    assert confirms.use is not None
    return Scout(
        finder,
        BoxDetector(opened(finds, settings), finds.use, LIKELY),
        RegionEyes(opened(confirms, settings), confirms.use, CONFIRMED),
        still=still,
    )


def assembled(
    chosen: Chosen, catalogue: Catalogue, settings: PoseSettings, added: "AddedModels | None" = None
) -> tuple[Detects, Sees]:
    """Load the pose model `chosen` and what finds people for it. Raises ModelError, ConfigError."""
    found = detector_model(catalogue, settings.detector, added)
    if chosen.use is None and found.use is None:  # the models of the program need nothing of what others do
        detector, landmarks = (
            Session(each.read, settings.providers, threads=settings.threads, call_limit_s=settings.call_limit_s)
            for each in (found, chosen)
        )
        return BlazeDetector(detector, settings.min_score), BlazeEyes(landmarks, settings.min_score)
    from posture.pose.brought.load import load

    return load(chosen, found, settings)
