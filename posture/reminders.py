"""When to remind, and when to be quiet: a pure policy between the judge and whatever shows a cue.

The judge says how a person sits; this says whether the person should be told now. Times `t` are seconds of the stream;
the wall clock and what the desktop is doing come in as a `Surroundings`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from posture.ergonomics.sitting import State


class Level(StrEnum):
    """How a reminder shows, from the quietest on."""

    NONE = "none"
    TRAY = "tray"
    EDGE = "edge"
    DIM = "dim"
    SOUND = "sound"


class Silence(StrEnum):
    """Why no reminder is given although the posture calls for one; `NONE` where one is given or none is due."""

    NONE = "none"
    ONSET = "onset"
    COOL_DOWN = "cool_down"
    SNOOZED = "snoozed"
    MUTED = "muted"
    QUIET_HOURS = "quiet_hours"
    FULL_SCREEN = "full_screen"
    CALL = "call"


class Prompt(StrEnum):
    """What is proposed beside the posture itself."""

    BREAK = "break"
    STAND = "stand"
    SIT = "sit"
    RECALIBRATE = "recalibrate"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the desktop is doing; None where that cannot be known."""

    now: datetime
    """Local wall clock, aware."""
    full_screen: bool | None = None
    in_call: bool | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """What should be shown at this moment. The shell compares it with what is shown and changes that at once."""

    cue: State | None = None
    """The posture that is shown as poor now; None clears every cue."""
    level: Level = Level.NONE
    fired: bool = False
    """Whether the cue begins with this very look: a sound plays once."""
    silence: Silence = Silence.NONE
    prompt: Prompt | None = None
