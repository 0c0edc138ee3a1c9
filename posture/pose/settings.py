"""What can be set about pose estimation."""

from typing import Annotated, Literal

import msgspec

from posture.pose.watchdog import CALL_LIMIT_S

LANDMARK_MODELS = {
    "lite": "pose_landmark_lite",
    "full": "pose_landmark_full",
    "heavy": "pose_landmark_heavy",
    "movenet": "movenet_thunder",
}
"""The pose models of the program: from the names that a person gives them to those of the catalogue."""
DETECTION_MODELS = {"blazepose": "pose_detection", "nanodet": "nanodet_g"}
"""The same for what finds people."""
ProviderName = Literal["dml", "cuda", "coreml", "cpu"]


class PoseSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[pose]` of the settings."""

    model: str = "full"
    """Pose model: lite takes about half the time of full and is less accurate, heavy takes four times as long; movenet
    is surer in hard scenes, but finds 17 points without depth; or the name of a model that was added (`posture models
    list`)."""
    detector: str = "blazepose"
    """What finds people for the pose model to look at: blazepose; nanodet, which sees more of those who are small, far
    off or many, and takes longer; or the name of a detector that was added. Models that find everybody at once need
    none."""
    search: Literal["auto", "quick", "thorough"] = "auto"
    """How people are looked for. quick: the whole picture at once, which misses people who are small in it. thorough:
    with a second model and in parts of a large picture too, in videos every 3 seconds, and each find confirmed by a
    third; a search takes about 0.2 s of processor time, in 4K 0.8 s. auto: thorough in single pictures and where
    several people are followed, otherwise quick. Other detectors than blazepose, and models that find everybody at
    once, are asked quickly, whatever stands here."""
    people: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1
    """How many people are followed. With 1 it is the largest one; the number of others is reported."""
    providers: tuple[ProviderName, ...] = ()
    """Where the models run, in order of preference; the next one is taken when one fails. Empty = automatic."""
    threads: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    """Processor threads of one model run. 2 gives a lower delay, 1 the least work in total."""
    smooth: bool = True
    """Whether points and visibility are smoothed over time."""
    min_score: Annotated[float, msgspec.Meta(ge=0.0, lt=1.0)] = 0.5
    """A person counts as found, and as still there, above this probability."""
    call_limit_s: Annotated[float, msgspec.Meta(gt=0)] = CALL_LIMIT_S
    """A model call that takes longer, in seconds, is ended, and the file counts as failed."""
