"""What can be set about recording. Loads nothing heavy: every verb reads settings."""

from typing import Annotated, Literal, get_args

import msgspec

Content = Literal["skeleton", "background-removed", "background-blurred", "faces-blurred", "full"]
"""What of the picture is recorded: figures on a flat ground, people before a flat or a blurred background with their
faces blurred, the picture with faces blurred, or the picture as it is."""
Mode = Literal["manual", "event", "continuous"]
"""Begun and ended by hand; a clip around each reminder and each poor posture; all the time while monitoring runs."""
CodecName = Literal["h264", "hevc", "av1"]

USUAL_HZ, REDACTED_HZ = 10, 5
"""Posture moves slowly: more pictures show nothing that these do not."""


class RecorderSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[recorder]` of the settings."""

    allowed: bool = True
    """Whether anything may be recorded."""
    most: Content = "full"
    """The most that may be recorded; the words stand in their order, from nothing of the picture to all of it."""
    content: Content = "skeleton"
    """What is recorded; nothing of the rest touches the disk."""
    mode: Mode = "manual"
    """When it is recorded."""
    codec: CodecName = "h264"
    """hevc and av1 give smaller files for three and two times the work."""
    hardware: bool = False
    """Use the graphics card's encoder where there is one and it writes nothing but pictures; else the processor."""
    rate: Annotated[int, msgspec.Meta(ge=0, le=60)] = 0
    """Pictures a second; 0: 10, and 5 where faces have to be found, which takes a tenth of a second of one processor.
    The times of the camera are not kept: their jitter would tell which camera it was."""
    height: Annotated[int, msgspec.Meta(ge=120, le=4320)] = 720
    """Most lines of the recorded picture; larger ones are scaled down."""
    crf: Annotated[int, msgspec.Meta(ge=0, le=51)] = 23
    """Quality as x264 counts it: 0 loses nothing, 51 is worst."""
    pre_roll_s: Annotated[int, msgspec.Meta(ge=0, le=30)] = 10
    """Seconds before an event that its clip begins with, held in memory until then; as many follow it."""
    split_min: Annotated[int, msgspec.Meta(ge=1, le=240)] = 15
    """A clip that is so many minutes long ends, and the next begins."""
    split_mib: Annotated[int, msgspec.Meta(ge=8, le=65536)] = 1024
    """The same for its size in MiB."""
    most_gib: Annotated[float, msgspec.Meta(ge=0, le=65536)] = 0.0
    """Recording stops where the clips in the folder are so large together, in GiB; 0: no limit but the disk."""

    def refusal(self, content: Content | None = None) -> str:
        """Why `content` may not be recorded, by default that of these settings; empty where it may."""
        wanted = content or self.content
        if not self.allowed:
            return "recording is not allowed here (recorder.allowed)"
        order = get_args(Content)
        if order.index(wanted) > order.index(self.most):
            return f"{wanted!r} may not be recorded here, at most {self.most!r} (recorder.most)"
        return ""

    @property
    def rate_hz(self) -> int:
        """Pictures a second."""
        return self.rate or (USUAL_HZ if self.content in ("skeleton", "full") else REDACTED_HZ)
