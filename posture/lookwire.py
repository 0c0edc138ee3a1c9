"""What is said while somebody looks at a video: a part of `wire`, which sends and reads it."""

from typing import Annotated

import msgspec


class LookSpec(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A video to look at: the child answers one `Command` after the other until its stdin ends."""

    path: bytes | None
    """`os.fsencode` of the file; None is the bundled demo."""
    clip_key: bytes = b""
    """Where given, `path` is a clip of the vault, and this opens it and nothing else."""
    memory_bytes: int


class Find(msgspec.Struct, frozen=True, tag=True):
    """Command: stand at the first frame at or after `time_s`. Answered by `At` or `Ended`."""

    time_s: float


class Next(msgspec.Struct, frozen=True, tag=True):
    """Command: stand at the next frame. Answered by `At` or `Ended`, which keeps the frame."""


class Show(msgspec.Struct, frozen=True, tag=True):
    """Command: the picture of the frame, so large. Answered by `Pixels`."""

    width: Annotated[int, msgspec.Meta(ge=1, le=16384)]
    height: Annotated[int, msgspec.Meta(ge=1, le=16384)]


class At(msgspec.Struct, frozen=True, tag=True):
    """The frame that the child stands at."""

    index: int
    time_s: float
    width: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    height: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    """Of the upright picture."""


class Ended(msgspec.Struct, frozen=True, tag=True):
    """There is no such frame."""


class Pixels(msgspec.Struct, frozen=True, tag=True):
    """A picture as `Frame.shown` gives it: blue, green, red and 255, row by row."""

    content: bytes


Command = Find | Next | Show
