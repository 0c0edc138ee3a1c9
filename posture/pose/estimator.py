"""Frames in, poses out: the models of the catalogue, and a tracker on top."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from posture.data import Array, Frame, Picture, Pose
from posture.pose import blazepose
from posture.pose.body import Box
from posture.pose.catalogue import Catalogue
from posture.pose.choice import landmark_model
from posture.pose.crop import Region, affine, letterbox, to_region
from posture.pose.session import Session
from posture.pose.settings import PoseSettings
from posture.pose.track import Memory, Tracker

if TYPE_CHECKING:
    from posture.pose.added import AddedModels


class Estimator:
    """BlazePose on one stream of frames. Not to be shared between streams or threads: it remembers who was where."""

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
        self._min_score = settings.min_score
        self._chosen = landmark_model(catalogue, settings.model, added)
        self._detector, self._landmarks = (
            Session(read, settings.providers, threads=settings.threads, call_limit_s=settings.call_limit_s)
            for read in (catalogue.reader("pose_detection"), self._chosen.read)
        )
        self._track = Tracker(
            self.detect,
            self.look,
            people=settings.people,
            smooth=settings.smooth,
            search_every_s=search_every_s,
            cuts=cuts,
        )

    @property
    def providers(self) -> tuple[str, ...]:
        """Where the models run (short names): detector, landmark model."""
        return self._detector.provider, self._landmarks.provider

    @property
    def model(self) -> tuple[str, str]:
        """Name of the landmark model that runs, and the SHA-256 of the very bytes."""
        return self._chosen.file_for(self._landmarks.provider), self._landmarks.sha256

    @property
    def fallback_reason(self) -> str:
        """Why a model does not run on the first choice; empty if all do."""
        return self._landmarks.fallback_reason or self._detector.fallback_reason

    def __call__(self, frame: Frame) -> tuple[tuple[Pose, ...], int]:
        """The people followed in this frame and how many others were seen. Frames must come in order of time.

        Raises ModelError if the runtime fails.
        """
        return self._track(frame)

    def forget(self) -> None:
        """The next frame has nothing to do with those before: another camera, or a pause. Its time may be earlier."""
        self._track.forget()

    def memory(self) -> Memory:
        """What an estimator with the same models and settings needs to go on behind this frame with the same bits."""
        return self._track.memory()

    def remember(self, memory: Memory) -> None:
        """Go on where an estimator was that gave this memory; an empty one is that of a new estimator."""
        self._track.remember(memory)

    def detect(self, frame: Frame, hidden: Sequence[Box] = ()) -> tuple[blazepose.Detection, ...]:
        """Everybody the detector sees, best first; the boxes `hidden` are painted over."""
        square = letterbox(frame.width, frame.height)
        picture = frame.crop(affine(square, blazepose.DETECTOR_SIZE), blazepose.DETECTOR_SIZE, "black")
        outputs = self._detector.run(painted(picture, [in_crop(box, square) for box in hidden])[None])
        return blazepose.detections(outputs, square, self._min_score)

    def look(self, frame: Frame, region: Region) -> blazepose.Landmarks | None:
        """The body in `region`; None where the model sees none."""
        picture = frame.crop(affine(region, blazepose.LANDMARK_SIZE), blazepose.LANDMARK_SIZE, "edge")
        return blazepose.landmarks(self._landmarks.run(picture[None]), region, self._min_score)

    def close(self) -> None:
        """End a model call that hangs, from any thread. The estimator cannot be used afterwards."""
        self._detector.terminate()
        self._landmarks.terminate()


def painted(picture: Picture, boxes: Sequence[Array]) -> Picture:
    """A copy with `boxes` ([2, 2] each: low and high corner in pixels) in the mean colour of the picture."""
    if not boxes:
        return picture
    copy, colour = picture.copy(), picture.mean((0, 1)).astype(np.uint8)
    for box in boxes:
        (left, top), (right, bottom) = np.clip(box, 0, picture.shape[0]).astype(int)
        copy[top:bottom, left:right] = colour
    return copy


def in_crop(box: Box, square: Region) -> Array:
    """[2, 2] both corners of `box` in pixels of the detector's crop of `square`."""
    corners = np.array([[box.left, box.top], [box.right, box.bottom]])
    return to_region(corners, square) * blazepose.DETECTOR_SIZE
