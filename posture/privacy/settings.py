"""What can be set about redaction, and what a person declares of places outside the program. Loads nothing heavy: settings are read by every verb, models by one process."""

from typing import Annotated, Literal

import msgspec

Channel = Annotated[int, msgspec.Meta(ge=0, le=255)]
NEUTRAL = (226, 229, 233)
"""RGB of a removed background: light, so that people stand out on paper, too."""


class RedactSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[redact]` of the settings: what of a picture stays."""

    faces: Literal["cover", "blur", "keep"] = "cover"
    """A flat colour; or a few cells of colour; or as they are."""
    background: Literal["keep", "blur", "remove", "replace"] = "keep"
    """`remove` leaves one flat colour, `replace` a picture where one is given and else the colour."""
    background_colour: tuple[Channel, Channel, Channel] = NEUTRAL
    """Red, green, blue."""
    bystanders: Literal["keep", "remove"] = "keep"
    """`remove` paints over everybody but the main person, the largest one."""
    skeleton_only: bool = False
    """Nothing of the picture stays: figures on a flat ground."""


class Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A touchpoint outside the program, as a person declares it: `[[flow.declared]]`. Nothing of it is checked but `where`."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    receives: str
    """Name of the touchpoint whose data get there, of `posture privacy map`: "recordings", "reports", ..."""
    where: str = ""
    """A path, where it can be looked at from here, or words."""
    how: str = ""
    """How the data get there: "nightly backup", ..."""
    key: str = "not known"
    kept: str = "not known"
    readers: str = "not known"


class FlowSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[flow]` of the settings: where data go outside the program."""

    declared: tuple[Declared, ...] = ()
    """Places outside the program that get data of it, for the map of data flows: a backup, a share, a contractor."""
