"""What is watched: a camera, a file that is played as if it were one, or the demo."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from posture.capture import LiveSource
from posture.sources.camera import CameraSettings, open_wanted
from posture.sources.devices import presence
from posture.sources.fakecamera import FakeCamera
from posture.sources.film import DemoFilm

DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Opening:
    """How a monitor gets at its pictures; `Monitor` takes the first two."""

    open: Callable[[], LiveSource]
    presence: Callable[[], Hashable]
    kind: Literal["camera", "file", "demo"]


def opening(source: str | None, settings: CameraSettings) -> Opening:
    """`source`: a file, "demo", or id or name of a camera; None is the camera of the settings.

    Nothing is opened yet. What is no file is taken for a camera, which may be plugged in later.
    """
    if source == DEMO:
        demo = FakeCamera(DemoFilm)
        return Opening(demo.open, demo.presence, "demo")
    if source is not None and Path(source).exists():
        film = FakeCamera(Path(source), repeat=False)
        return Opening(film.open, film.presence, "file")
    wanted = settings if source is None else msgspec.structs.replace(settings, device=source)
    return Opening(lambda: open_wanted(wanted), presence, "camera")
