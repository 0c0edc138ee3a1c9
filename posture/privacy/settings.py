"""What can be set about redaction. Loads nothing heavy: settings are read by every verb, models by one process."""

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
