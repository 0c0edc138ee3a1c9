"""What can be set about live monitoring. Loads nothing heavy: every verb reads settings."""

from typing import Annotated, Literal, Protocol

import msgspec

from posture.ergonomics.camera import MeasureSettings
from posture.ergonomics.desk_settings import DeskSettings
from posture.pose.settings import PoseSettings
from posture.privacy.settings import PrivacySettings
from posture.reminders import ReminderSettings
from posture.sinks.recorder_settings import RecorderSettings

ViewMode = Literal["video", "blurred", "skeleton", "hidden"]
"""What the picture of a view shows: the video, the video made unrecognisable, no picture, nothing at all."""


class LiveSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[live]` of the settings."""

    rate: Annotated[float, msgspec.Meta(ge=1, le=120)] = 30.0
    """Pictures and poses a second while a view shows them."""
    economy_rate: Annotated[float, msgspec.Meta(ge=0.2, le=30)] = 1.0
    """Judgements a second while no view shows anything. Posture moves slowly; 1 Hz costs about 2 % of one core."""
    people: Annotated[int, msgspec.Meta(ge=1, le=5)] = 2
    """How many people are followed, so that a passer-by is not taken for the one who was calibrated."""
    call_limit_s: Annotated[float, msgspec.Meta(ge=1, le=60)] = 5.0
    """A model call that takes longer, in seconds, is ended and monitoring stops with a message."""
    remember_profiles: bool = False
    """Whether calibrations stay on this computer when the program ends: a few numbers a profile, never a picture. They
    are encrypted where the keyring of the system opens the vault."""
    history_days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 30
    """Days that the history goes back. Where it is kept in a vault, the key of an older day is erased."""


class Sections(Protocol):
    """The sections of the settings that a monitor reads; `posture.config.Settings` has them."""

    @property
    def pose(self) -> PoseSettings:
        """Which model, on what."""

    @property
    def measure(self) -> MeasureSettings:
        """The camera's tilt."""

    @property
    def desk(self) -> DeskSettings:
        """How strict the judge is."""

    @property
    def reminders(self) -> ReminderSettings:
        """When and how a person is reminded."""

    @property
    def live(self) -> LiveSettings:
        """What is declared above."""

    @property
    def privacy(self) -> PrivacySettings:
        """What people are seen for."""

    @property
    def recorder(self) -> RecorderSettings:
        """What is recorded, and when."""
