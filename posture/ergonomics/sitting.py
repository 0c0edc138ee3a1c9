"""The nouns of desk posture: what the judge looks at and what it says.

    Look ─► desk.judge ─► Judgement ─► reminders
             ▲
             Profile (calibrated baseline of a place, a camera and a seat)

Times are seconds of the stream. Nothing here is a guess: where the judge cannot tell, the state is `UNRELIABLE` and the
doubt says why.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from posture.data import Subject


class State(StrEnum):
    """How the calibrated person sits, or why there is nothing to judge."""

    GOOD = "good"
    FORWARD_HEAD = "forward_head"
    SLUMP = "slump"
    LEAN_LEFT = "lean_left"
    """Towards the person's own left."""
    LEAN_RIGHT = "lean_right"
    SHOULDERS_RAISED = "shoulders_raised"
    TOO_CLOSE = "too_close"
    LOOKING_DOWN = "looking_down"
    TURNED_AWAY = "turned_away"
    AWAY = "away"
    STANDING = "standing"
    UNRELIABLE = "unreliable"


POOR: frozenset[State] = frozenset(
    {
        State.FORWARD_HEAD,
        State.SLUMP,
        State.LEAN_LEFT,
        State.LEAN_RIGHT,
        State.SHOULDERS_RAISED,
        State.TOO_CLOSE,
    }
)
"""The states that a person is reminded of."""


class Doubt(StrEnum):
    """Why the state is `UNRELIABLE`; `NONE` where it is not."""

    NONE = "none"
    TURNED = "turned"
    TOO_DARK = "too_dark"
    PARTLY_OUT = "partly_out_of_view"
    SECOND_PERSON = "second_person"
    CAMERA_MOVED = "camera_moved"
    NOT_CALIBRATED = "not_calibrated"
    LOW_CONFIDENCE = "low_confidence"


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one look through the camera gives the judge."""

    people: tuple[Subject, ...]
    """Everybody who was found; the judge picks the calibrated person."""
    width: int
    """Of the upright picture in pixels."""
    height: int
    luma: float = math.nan
    """Mean brightness of the picture, 0 to 255; NaN where nobody measured it."""
    camera_shift: tuple[float, float] = (math.nan, math.nan)
    """How far the background lies from where it was at calibration: x, y in picture widths; NaN where unknown."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One quantity that the judge compares: what it is now, what it was at calibration, from where on it counts."""

    name: str
    """Key of the words for it: "head_drop", "lean", ..."""
    value: float
    """NaN where it is not visible."""
    limit: float
    unit: str
    """"deg", "cm" or "%"."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge says of one look."""

    state: State
    doubt: Doubt
    since_s: float
    """When the state began."""
    person: int | None = None
    """`Pose.person` of the one who is judged."""
    deviations: tuple[Deviation, ...] = ()
    recalibrate: bool = False
    """Whether the person should be asked to calibrate anew."""
    profile: str = ""
    """Name of the profile that was compared with; empty where there is none."""
    standing: bool = False
    """Whether the person stands: up from the seat, or at a place that was calibrated standing."""
