"""Where in a stream a frame is, so that decoding can go on behind it after the program was ended."""

import msgspec


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """The place of one frame. Decoding goes on behind it with the same frames, numbers and times."""

    index: int
    time_s: float
    stamp: tuple[int, int] | None
    """Presentation time in seconds of the container, as a fraction; None where the frame has none."""
    keys: int
    """Key frames among those that were given."""
    sound: bool
    """Whether all so far was whole and every time was believed. Then decoding may begin at a key frame before this
    frame; otherwise it begins at the first one."""
