"""A recorder for the themes of `torture.py`: real encoder, real clips, frames that say which one they are."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import msgspec
import numpy as np

from posture.data import Frame, Observation
from posture.data import Picture as Pixels
from posture.sinks.clipfile import System
from posture.sinks.recorder import Recorder
from posture.sinks.recorder_settings import RecorderSettings
from posture.sinks.recording import Recording
from posture.sources.encoders import for_recording
from posture.sources.picture import Picture
from posture.sources.plainvideo import PlainVideo
from posture.vault.clip import open_clip
from posture.vault.hpke import new_secret
from posture.vault.recipient import X25519, Secret

SECRET = new_secret(X25519)
WIDTH, HEIGHT, RATE = 96, 64, 5
SETTINGS = RecorderSettings(content="full", rate=RATE)
SHADES = 50
MOST_WAITING_S = 20.0
"""Frames come much faster than a camera gives them: they wait for the disk before it counts as too slow."""
BEGAN = datetime(2026, 11, 28, 12, tzinfo=UTC)


def secrets(key_id: bytes) -> Secret | None:
    """The one key of the rig."""
    return SECRET if key_id == SECRET.recipient.key_id else None


class Plain:
    """Implements `Painter`: the picture as it is."""

    def __call__(
        self, frame: Frame, observation: Observation | None, number: int, size: tuple[int, int]
    ) -> list[tuple[Pixels, int]]:
        """See `Painter`."""
        return [(frame.scaled(*size), number)]

    def rest(self) -> list[tuple[Pixels, int]]:
        """See `Painter`."""
        return []

    def close(self) -> None:
        """See `Painter`."""


def frame(number: int, width: int = WIDTH, height: int = HEIGHT) -> Picture:
    """A picture that is as bright as its number says, modulo `SHADES`, with something that moves in it."""
    pixels = np.full((height, width, 3), 16 + 4 * (number % SHADES), np.uint8)
    pixels[height // 2 :, (7 * number) % (width - 8) :][:, :8] += 9
    return Picture.of_rgb(pixels)


def number_of(pixels: Pixels) -> int:
    """The number that the picture says."""
    return round((float(pixels[: pixels.shape[0] // 3].mean()) - 16) / 4)


def numbers(path: Path) -> tuple[list[int], bool]:
    """The numbers of all frames that can be read, and whether the clip is torn."""
    with path.open("rb") as file:
        reader = open_clip(file, secrets, recover=True)
        if not reader.size:
            return [], reader.torn
        with av.open(reader, "r", format="mp4") as container:
            return [number_of(_gray(one)) for one in container.decode(video=0)], reader.torn


def _gray(picture: av.VideoFrame) -> Pixels:
    return np.asarray(picture.to_ndarray(format="gray"), np.uint8)


class Rig:
    """A recorder whose frames come as fast as it takes them, on a clock of their own."""

    def __init__(
        self,
        *folders: Path,
        settings: RecorderSettings = SETTINGS,
        system: System | None = None,
        on_change: Callable[[Recording], None] = lambda recording: None,
    ) -> None:
        """`folders` in order of preference."""
        self.now_s = 0.0
        self.pushed = 0
        base = system or System(space=lambda folder: (10**12, 10**12))
        self.recorder = Recorder(
            settings,
            lambda: [(folder, True) for folder in folders],
            lambda day: (SECRET.recipient,),
            lambda content: Plain(),
            lambda s, width, height: PlainVideo(
                width, height, rate=s.rate, encoding=for_recording(s.codec, s.crf, s.rate)
            ),
            on_change=on_change,
            wall=lambda: BEGAN + timedelta(seconds=self.now_s),
            system=base,
        )

    def push(self, picture: Picture) -> None:
        """The next frame, once the recorder has taken those before."""
        self.recorder.push(picture, self.now_s, Observation(self.pushed, self.now_s))
        self.pushed += 1
        self.now_s += 1 / self.recorder.settings.rate
        self.settle()

    def settle(self) -> None:
        """Wait until the recorder has taken everything, or has stopped."""
        take = self.recorder._take
        while (
            take is not None
            and not take.over
            and (take.came > take.handled + take.dropped or take.storage.waiting_s > MOST_WAITING_S)
        ):
            time.sleep(0.0002)


def with_(**changes: object) -> RecorderSettings:
    """The usual settings but for these."""
    return msgspec.structs.replace(SETTINGS, **changes)
