"""Pictures that a report may show beside what was measured. Only if asked for; see `output.key_frames`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Still:
    """The picture of one frame. Nothing here looks into the JPEG; it comes from the process that decodes."""

    width_px: int
    height_px: int
    """Of the upright frame, which is what keypoints refer to; the JPEG is a smaller picture of the same shape."""
    jpeg: bytes


Stills = Mapping[float, Still]
"""By the time of the moment in seconds."""
NO_STILLS: Stills = MappingProxyType({})
