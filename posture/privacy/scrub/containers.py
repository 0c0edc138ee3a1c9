"""What is in a video file beside its pictures and its sound.

Each container is walked by an allow-list of what FFmpeg needs to write, so a copy must have no finding at all, and the
findings of a source are what its copy will not have. The coded pictures are looked into by `units.py`, not here.
"""

import struct
from typing import BinaryIO

from posture.privacy.scrub.avi_walk import note_avi
from posture.privacy.scrub.found import Broken, Notes
from posture.privacy.scrub.matroska_walk import note_matroska
from posture.privacy.scrub.mp4_walk import note_mp4
from posture.vault.boxes import BoxError

WALKS = {
    "mp4": note_mp4,
    "mov": note_mp4,
    "3gp": note_mp4,
    "matroska": note_matroska,
    "webm": note_matroska,
    "avi": note_avi,
}
"""By the names of FFmpeg's writers."""


def note_video(kind: str, file: BinaryIO, notes: Notes) -> None:
    """Walk a whole video file of a kind of `WALKS`. Raises Broken."""
    try:
        WALKS[kind](file, notes)
    except (BoxError, struct.error, IndexError) as exc:
        raise Broken("its parts are damaged or cut") from exc
