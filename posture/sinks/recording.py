"""The nouns of a recording: what the window gets to see of it, and what becomes of a clip."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol

from posture.data import Frame, Observation, Picture
from posture.sinks.recorder_settings import Content
from posture.vault.clip import Closed
from posture.vault.recipient import Recipient

Why = Literal["manual", "event", "continuous"]
"""Why a clip was made."""


class Phase(StrEnum):
    """What the recorder is doing."""

    OFF = "off"
    READY = "ready"
    """It waits for an event, or for a picture. The last seconds are in memory and nothing is written."""
    RECORDING = "recording"
    ENDING = "ending"
    """What is still in memory is being written."""
    FAILED = "failed"
    """It stopped by itself; `Recording.message` says why."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What is known of the recording at this moment."""

    phase: Phase = Phase.OFF
    content: Content = "skeleton"
    since: datetime | None = None
    """Local time at which the clip under way began; None where none is."""
    why: Why = "manual"
    safe_s: float = 0.0
    """Seconds of this recording that are on the disk, encrypted: neither a crash nor a power cut takes them."""
    safe_bytes: int = 0
    waiting_s: float = 0.0
    """Seconds that are in memory until the disk takes them."""
    lost_s: float = 0.0
    """Seconds that were let go because the disk took none for too long."""
    folder: Path | None = None
    """Where it is written now."""
    elsewhere: bool = False
    """Whether that is the spare folder, because the wanted one cannot be written."""
    clips: int = 0
    """Clips that this recording has begun so far."""
    message: str = ""
    """One sentence for the person, where something is wrong; said once."""

    @property
    def shows(self) -> bool:
        """Whether the sign of a recording has to be visible."""
        return self.phase in (Phase.READY, Phase.RECORDING, Phase.ENDING)


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One clip as it was planned; a fault of a disk may put it into more than one file."""

    head: bytes
    """`ftyp` and `moov`."""
    rate: int
    began: datetime
    content: Content
    why: Why


@dataclass(frozen=True, slots=True, eq=False)
class ClipNews:
    """A file was begun, or ended."""

    kind: Literal["opened", "closed", "abandoned"]
    """`abandoned`: the disk failed; what was safe by then can be read."""
    clip_id: bytes
    path: Path
    clip: Clip
    recipients: tuple[Recipient, ...]
    """For whom it is encrypted."""
    length_s: float
    size_bytes: int
    """On the disk."""
    closed: Closed | None
    """What the whole clip is recognised by; None where it is not whole."""


class Painter(Protocol):
    """Makes the pictures that are recorded. Belongs to one thread."""

    def __call__(
        self, frame: Frame, observation: Observation | None, number: int, size: tuple[int, int]
    ) -> list[tuple[Picture, int]]:
        """The pictures that are finished now, uint8 RGB of `size` (width, height), each with its number."""

    def rest(self) -> list[tuple[Picture, int]]:
        """Those that are left; the next frame has nothing to do with them."""

    def close(self) -> None:
        """Let go of models."""


class Encoder(Protocol):
    """What is needed of `posture.sources.plainvideo.PlainVideo`."""

    def add(self, pixels: Picture, time_s: float) -> None:
        """The next picture."""

    def end(self) -> None:
        """No picture comes after this."""

    def take(self) -> bytes:
        """Whole boxes that came since the last call."""
