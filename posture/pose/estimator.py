"""Frames in, poses out: a detector and a pose model, those of the program or others, and a tracker on top."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from posture.data import Frame, Pose
from posture.pose.blazepose import Detection, Landmarks
from posture.pose.body import Box
from posture.pose.catalogue import Catalogue
from posture.pose.choice import Chosen, detector_model, pose_model
from posture.pose.crop import Region
from posture.pose.eyes import BlazeDetector, BlazeEyes, Detects, Sees
from posture.pose.session import Session
from posture.pose.settings import PoseSettings
from posture.pose.track import MIN_AGREEMENT, Tracker

if TYPE_CHECKING:
    from posture.pose.added import AddedModels


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
    ) -> None:
        """Load the models; `added` are by default those of this account. `search_every_s` and `cuts` as `Tracker` has
        them.

        Raises ModelError: missing, altered, not signed by a trusted key, or refused; ConfigError where the file of the
        trusted keys is not safe.
        """
        self._chosen = pose_model(catalogue, settings.model, added)
        self._finder, self._eyes = assembled(self._chosen, catalogue, settings, added)
        self._track = Tracker(
            self.detect,
            self.look,
            people=settings.people,
            smooth=settings.smooth,
            search_every_s=search_every_s,
            cuts=cuts,
            min_agreement=MIN_AGREEMENT if self._chosen.use is None else 0.0,
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

    def detect(self, frame: Frame, hidden: Sequence[Box] = ()) -> tuple[Detection, ...]:
        """Everybody the detector sees, best first; the boxes `hidden` are painted over."""
        return self._finder.detect(frame, hidden)

    def look(self, frame: Frame, region: Region) -> Landmarks | None:
        """The body in `region`; None where the model sees none."""
        return self._eyes.look(frame, region)

    def close(self) -> None:
        """End a model call that hangs, from any thread. The estimator cannot be used afterwards."""
        self._finder.runs.terminate()
        self._eyes.runs.terminate()


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
