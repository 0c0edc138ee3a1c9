"""What can be set about the camera."""

from typing import Annotated

import msgspec


class CameraSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[camera]` of the settings."""

    device: str = ""
    """Id or name of the camera, or a part of the name; empty takes the first one."""
    width: Annotated[int, msgspec.Meta(ge=64, le=7680)] = 1280
    """Size of the picture that is asked for, in pixels; the nearest one that reaches the rate is taken."""
    height: Annotated[int, msgspec.Meta(ge=64, le=4320)] = 720
    """Of that picture, in pixels."""
    rate: Annotated[float, msgspec.Meta(ge=1, le=240)] = 30.0
    """Frames a second that the camera is asked for."""
