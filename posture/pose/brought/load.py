"""Models with an entry, loaded and put together: which of them finds people, and which sees them."""

from posture.errors import ModelRefused
from posture.pose.brought.agree import check_agrees
from posture.pose.brought.eyes import BoxDetector, CrowdEyes, LandmarkEyes, RegionEyes, SsdDetector
from posture.pose.brought.use import DETECTORS, ONE_STAGE, Use
from posture.pose.choice import Chosen
from posture.pose.eyes import BlazeDetector, BlazeEyes, Detects, Sees
from posture.pose.formats import facts_of
from posture.pose.runtimes import Runs, loaded
from posture.pose.settings import PoseSettings


def load(chosen: Chosen, detector: Chosen, settings: PoseSettings) -> tuple[Detects, Sees]:
    """What finds people, and what sees them; one and the same where the pose model finds everybody at once.

    Raises ModelError, ConfigError.
    """
    eyes = pose_eyes(opened(chosen, settings), chosen.use, settings.min_score)
    if isinstance(eyes, CrowdEyes):
        return eyes, eyes
    return finder(opened(detector, settings), detector.use, settings.min_score), eyes


def opened(chosen: Chosen, settings: PoseSettings) -> Runs:
    """Load a model after its entry was compared with its bytes. Raises ModelMismatch and what loading raises."""
    use = chosen.use
    if use is None:
        return loaded(chosen.read, settings)
    data = chosen.read("cpu")
    check_agrees(use, facts_of(data, open_sizes=bool(use.input.sizes)))
    return loaded(lambda provider: data, settings, use.input.sizes, tflite=chosen.tflite)


def pose_eyes(runs: Runs, use: Use | None, min_score: float) -> Sees:
    """A pose model as the tracker uses it. Raises ModelRefused for a detector."""
    if use is None:
        return BlazeEyes(runs, min_score)
    if use.head in DETECTORS:
        raise ModelRefused(f"a model with the head {use.head} finds people and no keypoints; name it as the detector")
    if use.head in ONE_STAGE:
        return CrowdEyes(runs, use, min_score)
    return (LandmarkEyes if use.head == "blazepose" else RegionEyes)(runs, use, min_score)


def finder(runs: Runs, use: Use | None, min_score: float) -> Detects:
    """A detector as the tracker uses it. Raises ModelRefused for a pose model."""
    if use is None:
        return BlazeDetector(runs, min_score)
    if use.head not in DETECTORS:
        raise ModelRefused(f"a model with the head {use.head} is no detector; name it as the pose model")
    if use.head == "blazepose-detector":
        return SsdDetector(runs, use, min_score)
    return BoxDetector(runs, use, min_score)
