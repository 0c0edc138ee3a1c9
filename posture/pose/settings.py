"""What can be set about pose estimation."""

from typing import Annotated, Literal

import msgspec

ModelName = Literal["lite", "full", "heavy"]
ProviderName = Literal["dml", "cuda", "coreml", "cpu"]


class PoseSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[pose]` of the settings."""

    model: ModelName = "full"
    """Landmark model. lite takes about half the time of full and is less accurate; heavy takes four times as long."""
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
