"""How the camera stands, and how far its keypoints are trusted: the settings of every measurement."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import msgspec

from posture.ergonomics.vector import Vector, cross

Tilt = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]

MIN_VISIBILITY = 0.5
"""A point is more likely seen than hidden. Hidden elbows and knees of the test clips lie at 0.03 to 0.3, seen ones
above 0.8."""
MIN_PRESENCE = 0.5
"""A point lies more likely inside the picture than outside. Hips below the lower edge of a desk picture have 0.00."""


LEVEL = (
    "The camera is assumed to stand level; if it looks down by 10 degrees, a person who faces it seems to lean forward "
    "by 10 degrees more."
)
TILTED = (
    "The camera is taken to look down by {pitch} degrees and to be turned clockwise by {roll} degrees; inclinations "
    "are corrected for it."
)


@dataclass(frozen=True)
class Camera:
    """Tilt of a camera against gravity, and the limits from which on its keypoints are believed."""

    pitch_deg: float = 0.0
    """Positive where the camera looks down, as one mounted above a screen or on a ceiling does."""
    roll_deg: float = 0.0
    """Positive where the camera is turned clockwise as seen from behind it: level things then fall to the left."""
    min_visibility: float = MIN_VISIBILITY
    min_presence: float = MIN_PRESENCE

    @cached_property
    def up(self) -> Vector:
        """Unit vector against gravity in camera coordinates (x right, y down, z away)."""
        pitch, roll = math.radians(self.pitch_deg), math.radians(self.roll_deg)
        return (-math.sin(roll) * math.cos(pitch), -math.cos(roll) * math.cos(pitch), -math.sin(pitch))

    @cached_property
    def away(self) -> Vector:
        """Unit vector of the horizontal direction in which the camera looks, in camera coordinates."""
        pitch, roll = math.radians(self.pitch_deg), math.radians(self.roll_deg)
        return (-math.sin(roll) * math.sin(pitch), -math.cos(roll) * math.sin(pitch), math.cos(pitch))

    @cached_property
    def side(self) -> Vector:
        """Unit vector of the horizontal direction to the right of the camera, in camera coordinates."""
        return cross(self.away, self.up)

    @property
    def assumption(self) -> str:
        """One sentence for the report: what the angles against gravity rest on."""
        level = self.pitch_deg == 0 and self.roll_deg == 0
        return LEVEL if level else TILTED.format(pitch=f"{self.pitch_deg:g}", roll=f"{self.roll_deg:g}")


class MeasureSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set about measuring. `camera` is the same as the object that `measure` takes."""

    camera_pitch_deg: Tilt = 0.0
    """Positive where the camera looks down."""
    camera_roll_deg: Tilt = 0.0
    """Positive where the camera is turned clockwise as seen from behind it."""
    min_visibility: Probability = MIN_VISIBILITY
    """A keypoint counts from this probability on that it is not hidden."""
    min_presence: Probability = MIN_PRESENCE
    """A keypoint counts from this probability on that it lies within the picture."""

    @property
    def camera(self) -> Camera:
        """The camera that these settings describe."""
        return Camera(self.camera_pitch_deg, self.camera_roll_deg, self.min_visibility, self.min_presence)


def roll_from_level(p: tuple[float, float], q: tuple[float, float]) -> float:
    """Camera roll in degrees, (-45, 45], from two picture points (x, y; pixels) that are level or plumb in the world.

    Which of the two is meant follows from the line itself: nearer to horizontal means level (a table edge), nearer
    to vertical means plumb (a door frame). Raises ValueError where the points coincide.
    """
    dx, dy = q[0] - p[0], q[1] - p[1]
    if dx == 0 and dy == 0:
        raise ValueError("two different points are needed to find the roll")
    angle = math.degrees(math.atan2(-dy, dx)) % 90
    return angle - 90 if angle > 45 else angle
