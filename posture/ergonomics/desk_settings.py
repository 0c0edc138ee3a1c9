"""What can be set about the judgement at the desk."""

from typing import Annotated

import msgspec


class DeskSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[desk]` of the settings."""

    sensitivity: Annotated[float, msgspec.Meta(ge=0.5, le=2.0)] = 1.0
    """Every limit of posture is divided by this: 2 notices half as much, 0.5 lets twice as much pass."""
    camera_fov_deg: Annotated[float, msgspec.Meta(ge=30.0, le=140.0)] = 65.0
    """Angle that the picture covers across its width. Webcams have 60 to 78 degrees; it scales only how a change of
    distance is told from a change of height: with 65 for a camera of 90, a head counts as forward at two thirds."""
    min_luma: Annotated[float, msgspec.Meta(ge=0.0, le=128.0)] = 15.0
    """A darker picture (mean brightness, 0 to 255) is not judged. A room lit by a screen alone has 25 to 40."""
    too_close_percent: Annotated[float, msgspec.Meta(ge=5.0, le=60.0)] = 25.0
    """How much nearer than at calibration the face may come. From 70 cm, the upper end of what AUVA advises for large
    screens, 25 % nearer is 52 cm; its lower end is 50 cm."""
    camera_shift_percent: Annotated[float, msgspec.Meta(ge=0.5, le=20.0)] = 2.5
    """How far the background may lie from where it was, in percent of the picture's width; smaller shifts are taken
    back. 2.5 % is a turn of the camera by 1.8 degrees."""
