"""The chain of one analysis: frames in, observations out.

    source ─► (decode thread) ─► Channel ─► estimator ─► measure ─► assess ─► Observation

The decode thread owns the source and drops the frames that are not due; the caller's thread runs the model. Threads
are started and joined in `decoded_ahead`, and the first error comes home to its caller.
"""

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Literal, Protocol

import msgspec

from posture.channel import Channel
from posture.data import Assessment, Frame, Measurements, Observation, Pose, Source, Subject
from posture.pacing import Pacer, Rate, Step

FRAMES_AHEAD = 2
"""Decoded frames that wait for the model. More would only hold memory: a 4K frame is 12 MB."""


ALIVE_S = 2.0
"""Seconds of wall time after which the chain says that it is still decoding."""


class AnalysisSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often there is a pose, and where it comes from."""

    rate: Annotated[float, msgspec.Meta(gt=0, le=1000)] | Step = 10.0
    """Target rate of poses in Hz; "all" takes every frame, "1/5" every fifth. Posture moves slowly: 10 Hz is the
    default."""
    decode: Literal["due", "all"] = "due"
    """Whether frames that are not due and that no other frame refers to are left out by the decoder. The others are
    the same pixels either way; "all" also counts damage in frames that nobody looks at."""

    poses: Literal["recorded", "estimated"] = "recorded"
    """Of a recording of this program: those that were seen while it was made, which its pictures may not show any more,
    or estimated anew from the pictures. Other videos have none of their own."""

    @property
    def decode_rate(self) -> float | None:
        """Rate in Hz for the source; None where it has to decode every frame."""
        return None if isinstance(self.rate, str) or self.decode == "all" else self.rate


class Seen(Protocol):
    """How far an earlier run was that this one goes on behind."""

    @property
    def until_s(self) -> float:
        """Time of the last frame that was estimated then."""

    def recognise(self, frame: Frame) -> None:
        """Raise unless `frame`, at that time, is the one of then. Called once, before the first frame behind it."""


class Progress:
    """How far the decode thread is. Written by that thread alone, read by any."""

    def __init__(self) -> None:
        self.frames_decoded = 0
        self.time_s = 0.0


def observations(
    source: Source,
    estimate: Callable[[Frame], tuple[tuple[Pose, ...], int]],
    measure: Callable[[Pose, int, int], Measurements],
    assess: Callable[[Measurements], Assessment],
    *,
    rate: Rate,
    progress: Progress,
    stop: threading.Event,
    seen: "Seen | None" = None,
) -> Iterator[Observation | None]:
    """Run the chain over `source` until it ends or `stop` is set. Raises what the source or a station raises.

    `seen`: what was estimated in an earlier run, whose frames are decoded and nothing else.
    None stands for "still decoding, nothing was due for `ALIVE_S` seconds".
    """
    with decoded_ahead(source, rate=rate, progress=progress, stop=stop, seen=seen) as frames:
        for frame in frames:
            if frame is None:
                yield None
                continue
            if seen is not None and frame.time_s <= seen.until_s:
                seen.recognise(frame)
                continue
            poses, others = estimate(frame)
            yield Observation(
                index=frame.index,
                time_s=frame.time_s,
                people=tuple(_subject(pose, frame.width, frame.height, measure, assess) for pose in poses),
                others=others,
                corrupt=frame.corrupt,
            )


def recorded(
    looks: Iterable[Observation],
    size: tuple[int, int],
    measure: Callable[[Pose, int, int], Measurements],
    assess: Callable[[Measurements], Assessment],
    *,
    rate: Rate,
    between_s: tuple[float, float],
    progress: Progress,
    stop: threading.Event,
) -> Iterator[Observation]:
    """The same from poses that were kept, measured and judged anew: `looks` of pictures of this size, of which those
    count that are due and `between_s` (inclusive, exclusive) on the stream.
    """
    pacer = Pacer(rate)
    for look in looks:
        if stop.is_set() or look.time_s >= between_s[1]:
            return
        progress.frames_decoded, progress.time_s = look.index + 1, look.time_s
        if look.time_s >= between_s[0] and pacer.due(look.time_s):
            people = tuple(_subject(one.pose, *size, measure, assess) for one in look.people)
            yield replace(look, people=people)


@contextmanager
def decoded_ahead(
    source: Source, *, rate: Rate, progress: Progress, stop: threading.Event, seen: "Seen | None" = None
) -> Iterator[Iterator[Frame | None]]:
    """The frames that are due, decoded by a thread of their own, which ends with the block.

    Iterating raises what the source raises. None stands for "still decoding", as in `observations`.
    Of the frames that were `seen` only the last one comes.
    """
    channel: Channel[Frame | None] = Channel(FRAMES_AHEAD, "block")
    pacer = Pacer(rate)
    if seen is not None:
        pacer.due(seen.until_s)
    args = (source, pacer, channel, progress, stop, -math.inf if seen is None else seen.until_s)
    decoder = threading.Thread(target=_decode, args=args, name="decode")
    decoder.start()
    try:
        yield channel
    finally:
        channel.stop()
        decoder.join()


def _subject(
    pose: Pose,
    width: int,
    height: int,
    measure: Callable[[Pose, int, int], Measurements],
    assess: Callable[[Measurements], Assessment],
) -> Subject:
    measurements = measure(pose, width, height)
    return Subject(pose, measurements, assess(measurements))


def _decode(
    source: Source,
    pacer: Pacer,
    channel: Channel[Frame | None],
    progress: Progress,
    stop: threading.Event,
    seen_until_s: float,
) -> None:
    """Top of the decode thread: every end of the source becomes an end of the channel."""
    told_s = time.monotonic()
    try:
        for frame in source:
            progress.frames_decoded = frame.index + 1
            progress.time_s = frame.time_s
            behind = frame.time_s > seen_until_s
            due = pacer.due(frame.time_s) if behind else frame.time_s == seen_until_s
            if due or time.monotonic() - told_s > ALIVE_S:
                told_s = time.monotonic()
                if not channel.put(frame if due else None):
                    return
            if stop.is_set():
                break
        channel.end()
    except BaseException as exc:  # noqa: BLE001 - a thread's top: the error goes to the consumer
        channel.fail(exc)
