"""The nouns that flow through the program: Frame → Pose → Measurements → Assessment → Observation.

All are frozen; arrays in them are read-only. *Nobody in view* is an empty tuple of people, *not visible* is NaN with
a `Reason`, *cannot judge* is `Zone.UNKNOWN` with a reason; none of them is a zero, an exception or a guess.

Coordinates: pixels of the upright picture (rotation flag and pixel aspect already applied), x right, y down, pixel
centres at whole numbers. World coordinates are metres, origin between the hips, x right and y down in the picture,
z away from the camera. Times are seconds of the stream, strictly increasing. Angles are degrees; their signs are
written in `posture/ergonomics/measure.py`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, made read-only."""
    array.flags.writeable = False
    return array


class Oval(NamedTuple):
    """An ellipse in the picture, for a head: middle x, y and half axes in pixels, rotation in radians.

    `rotation` is positive clockwise on the screen; at 0 `across` lies along x and `along` along y.
    """

    x: float
    y: float
    across: float
    along: float
    rotation: float = 0.0


class Frame(Protocol):
    """One decoded picture. It keeps the decoder's planes; each method converts only the pixels it returns."""

    @property
    def index(self) -> int:
        """Number of this frame among the decoded frames of its source, from 0."""

    @property
    def time_s(self) -> float:
        """Presentation time in seconds of the stream; the first frame of a source is at 0."""

    @property
    def width(self) -> int:
        """Width of the upright picture in pixels."""

    @property
    def height(self) -> int:
        """Height of the upright picture in pixels."""

    @property
    def corrupt(self) -> bool:
        """Whether the decoder marked this frame as damaged."""

    def crop(self, affine: Array, size: int, border: Literal["black", "edge"]) -> Picture:
        """Sample a square RGB picture, uint8 [size, size, 3], bilinearly.

        `affine`, float64 [2, 3], maps crop pixel (column, row, 1) to (x, y) of the upright picture. Outside the
        picture lies black, or the nearest edge pixel.
        """

    def scaled(self, width: int, height: int) -> Picture:
        """The whole upright picture as RGB, uint8 [height, width, 3]."""

    def luma(self, width: int, height: int) -> Picture:
        """The whole upright picture's brightness, full range, uint8 [height, width]."""

    def shown(self, width: int, height: int) -> Picture:
        """The whole upright picture for a screen: blue, green, red and 255, uint8 [height, width, 4], the order in
        which screens take them. A tenth of the work of `scaled`.
        """

    def glance(self, width: int, height: int) -> Picture:
        """Brightness as in `luma`, for a thumbnail: a tenth of the work, the levels differ by a few."""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source before its first frame. Never a name, path, date or place."""

    kind: Literal["video", "image", "animation", "demo", "camera", "keypoints"]
    width: int
    height: int
    frame_rate: float
    """Nominal frames a second; NaN where the container does not say."""
    duration_s: float
    """As the container claims; NaN where it does not say. Never trusted for allocation."""
    codec: str = ""
    pixel_format: str = ""
    rotation_deg: int = 0
    """What the container asks to turn the stored picture by, counter-clockwise as PyAV reports it."""
    pixel_aspect: float = 1.0
    interlaced: bool = False
    has_audio: bool = False
    discarded_metadata: int = 0
    """How many metadata fields the container carried. They are counted, never read."""
    decode_threads: int = 1


@dataclass(frozen=True, slots=True)
class Damage:
    """What a source could not give. All zero and empty for a sound file."""

    corrupt_frames: int = 0
    decode_errors: int = 0
    truncated: bool = False
    message: str = ""
    """One sentence for the report; empty where nothing was lost."""

    @property
    def any(self) -> bool:
        """Whether anything was lost."""
        return bool(self.corrupt_frames or self.decode_errors or self.truncated)


class Source(Protocol):
    """Something that yields frames: `info`, iterate, `close`. Iteration ends at the end of the stream or raises
    `SourceError`; `close` may be called at any time, twice, and from another thread.
    """

    @property
    def info(self) -> SourceInfo:
        """What is known before the first frame."""

    @property
    def damage(self) -> Damage:
        """What was lost so far."""

    def __iter__(self) -> "Source": ...

    def __next__(self) -> Frame: ...

    def close(self) -> None:
        """Release the file or device."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """One person in one frame. K = 33 keypoints, in the order of BlazePose, whatever the layout of the model."""

    person: int
    """Identity, from 1, unique within a run. A person found again after a gap has a new one."""
    points_px: Array
    """[K, 3]: x, y in pixels of the upright picture; z in the same unit, relative to the hips, away from the camera."""
    world_m: Array
    """[K, 3] metres, see the module docstring."""
    visibility: Array
    """[K] probability that the point is seen (not hidden behind something)."""
    presence: Array
    """[K] probability that the point lies within the picture."""
    score: float
    """Probability that the region holds a person."""
    region: tuple[float, float, float, float]
    """The square that the model looked at: centre x, y, side (pixels), rotation (radians)."""
    skeleton: str = "blazepose-33"
    """The layout of the model (`posture.skeleton`). What it lacks is NaN in all arrays of coordinates, and 0 in
    visibility and presence; a model without depth has NaN throughout `world_m`."""


class View(StrEnum):
    """From where the camera sees the trunk. Only some angles can be measured in each view."""

    FRONT = "front"
    OBLIQUE = "oblique"
    SIDE = "side"
    BACK = "back"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a value is not measurable; `MEASURED` where it is."""

    MEASURED = "measured"
    OUT_OF_PICTURE = "out_of_picture"
    LOW_VISIBILITY = "low_visibility"
    WRONG_VIEW = "wrong_view"
    NOT_IN_LAYOUT = "not_in_layout"


# The vocabulary of measurements; `Measurements.values` follows this order. Definitions: ergonomics/measure.py.
MEASURE_NAMES: tuple[str, ...] = (
    "head_inclination_deg",
    "head_tilt_deg",
    "head_yaw_deg",
    "neck_flexion_deg",
    "trunk_inclination_deg",
    "trunk_side_bend_deg",
    "trunk_twist_deg",
    "shoulder_tilt_deg",
    "left_shoulder_raise_ratio",
    "right_shoulder_raise_ratio",
    "left_upper_arm_elevation_deg",
    "right_upper_arm_elevation_deg",
    "left_elbow_flexion_deg",
    "right_elbow_flexion_deg",
    "left_hip_flexion_deg",
    "right_hip_flexion_deg",
    "left_knee_flexion_deg",
    "right_knee_flexion_deg",
    "ear_shoulder_angle_deg",
    "shoulder_width_ratio",
    "left_upper_arm_flexion_deg",
    "right_upper_arm_flexion_deg",
    "left_upper_arm_abduction_deg",
    "right_upper_arm_abduction_deg",
)
MEASURE_INDEX = {name: i for i, name in enumerate(MEASURE_NAMES)}


@dataclass(frozen=True, slots=True, eq=False)
class Measurements:
    """Angles and ratios of one pose, in the order of `MEASURE_NAMES` (M of them)."""

    view: View
    facing_deg: float
    """Azimuth of the trunk: 0 faces the camera, +90 the person's left side is turned to it. NaN where unknown."""
    values: Array
    """[M]; NaN where not measurable."""
    reasons: tuple[Reason, ...]
    """[M]; `Reason.MEASURED` exactly where the value is finite."""

    def __getitem__(self, name: str) -> float:
        return float(self.values[MEASURE_INDEX[name]])

    def reason(self, name: str) -> Reason:
        """Why `name` is not measurable, or `Reason.MEASURED`."""
        return self.reasons[MEASURE_INDEX[name]]


class Zone(StrEnum):
    """Verdict on one body part after ISO 11226; `UNKNOWN` says "cannot judge"."""

    ACCEPTABLE = "acceptable"
    CONDITIONAL = "conditional"
    NOT_RECOMMENDED = "not_recommended"
    UNKNOWN = "unknown"


# The body parts that are judged; `Assessment.zones` follows this order. Bands: ergonomics/iso11226.py.
PARTS: tuple[str, ...] = (
    "trunk",
    "head",
    "neck",
    "left_upper_arm",
    "right_upper_arm",
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """Zone of each body part, in the order of `PARTS`, and why a part could not be judged."""

    zones: tuple[Zone, ...]
    reasons: tuple[Reason, ...]
    """`Reason.MEASURED` exactly where the zone is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One person in one frame with everything derived from the pose."""

    pose: Pose
    measurements: Measurements
    assessment: Assessment


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """Everything known about one frame."""

    index: int
    time_s: float
    people: tuple[Subject, ...] = ()
    """Empty = nobody in view."""
    others: int = 0
    """People seen beside those that were asked for, at the last look of the detector."""
    corrupt: bool = field(default=False)
