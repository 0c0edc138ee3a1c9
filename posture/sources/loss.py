"""What is lost where a decoder refuses a packet, and when decoding may go on.

The frames after a refused packet refer to a picture that is not there; only the next key frame refers to nothing. Until
it comes, packets are left out. A decoder that refuses everything is given up, so that no file keeps it busy for ever.
"""

import av
from av.video.stream import VideoStream

from posture.data import Damage

MOST_REFUSED = 1000
"""Packets refused in a row, without a frame in between, after which the rest is given up. The bound is on work: one
that is refused has cost about as much as one that is decoded."""

DAMAGED_PICTURE = "The picture is damaged: a part of it could not be read and is missing."


class Loss:
    """Counts what a stream could not give."""

    def __init__(self) -> None:
        self.waiting = False
        """Whether a packet was refused and no key frame came since."""
        self._cut_short = False
        self._refused = self._left_out = self._in_a_row = 0

    @property
    def any(self) -> bool:
        """Whether anything was lost so far."""
        return self.waiting or self._cut_short or self._refused > 0

    @property
    def given_up(self) -> bool:
        """Whether the decoder refuses too much to go on."""
        return self._in_a_row >= MOST_REFUSED

    def leaves_out(self, packet: "av.Packet[VideoStream]") -> bool:
        """Whether `packet` hangs on one that was refused; at the end, so do the frames that are held back."""
        end = packet.size == 0  # the last one, which has no picture: it asks for the frames that are held back
        self.waiting = self.waiting and (end or not packet.is_keyframe)
        self._left_out += self.waiting and not end
        return self.waiting

    def refused(self) -> None:
        """The decoder did not take a packet."""
        self._refused += 1
        self._in_a_row += 1
        self.waiting = True

    def cut_short(self) -> None:
        """The container could not be read on."""
        self._cut_short = True

    def frame_came(self) -> None:
        """The decoder gave a frame."""
        self._in_a_row = 0

    def damage(self, corrupt_frames: int, last_s: float, *, still: bool = False) -> Damage:
        """With the frames that came damaged, and the time of the last one that came at all. `still`: of a picture."""
        if still and corrupt_frames:
            return Damage(corrupt_frames, self._refused, self._cut_short, DAMAGED_PICTURE)
        lost, truncated = self._refused + self._left_out, self._cut_short or self.waiting
        said = []
        if corrupt_frames:
            said.append("1 frame is damaged" if corrupt_frames == 1 else f"{corrupt_frames} frames are damaged")
        if lost:
            said.append("1 frame could not be decoded" if lost == 1 else f"{lost} frames could not be decoded")
        if truncated:
            said.append(f"nothing after {last_s:.1f} s could be read")
        text = "; ".join(said)
        return Damage(corrupt_frames, self._refused, truncated, f"{text[:1].upper()}{text[1:]}." if text else "")
