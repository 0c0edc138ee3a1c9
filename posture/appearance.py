"""How the window looks and listens, as far as a person can set it. Knows nothing of Qt: every verb reads settings."""

from typing import Annotated, Literal

import msgspec

ThemeName = Literal["system", "light", "dark", "contrast"]
LanguageName = Literal["system", "en", "de"]
ViewName = Literal["video", "blurred", "skeleton", "hidden"]


class WindowSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[window]` of the settings."""

    theme: ThemeName = "system"
    """Light, dark, or strong contrast; `system` follows the desktop."""
    language: LanguageName = "system"
    """Of the window and its dialogs; `system` follows the desktop."""
    text_scale_percent: Annotated[int, msgspec.Meta(ge=80, le=200)] = 100
    """Size of all text, in percent of the desktop's."""
    reduced_motion: bool = False
    """Whether nothing fades, slides or blinks."""
    view: ViewName = "skeleton"
    """What the Live page shows of you: the video, a blurred video, a figure alone, or nothing while it goes on."""
    mirror: bool = True
    """Whether the camera's picture is shown as in a mirror. What is measured stays the same."""
    ghost: bool = True
    """Whether the calibrated pose and the limits are drawn into the picture."""
    single_letter_keys: bool = True
    """Whether single letters such as C and M work while the picture has the focus."""


class ShellSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[shell]` of the settings: how the program lives on the desktop."""

    keep_in_tray: bool = True
    """Whether closing the window leaves the program in the tray, where there is one; “Quit” ends it."""
    pause_on_battery: bool = False
    """Whether the camera is off while the computer runs on its battery."""
