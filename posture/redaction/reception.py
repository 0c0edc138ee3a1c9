"""What one child process sends, file by file, and the files that come of it."""

import math
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

from posture import wire
from posture.errors import PostureError, SourceError
from posture.job import rebuilt
from posture.output import whole_file
from posture.redaction.outputs import Outputs
from posture.redaction.plan import Plan, Redacted, Task

OnShare = Callable[[float, int], None]
"""Called with the part that is done (0 to 1, NaN: unknown) and the frames."""


class Refusal(Exception):
    """The child cannot redact this file, and goes on with the next."""

    def __init__(self, refused: wire.Refused) -> None:
        super().__init__(refused.message)
        self.error: PostureError = rebuilt(refused)


def await_ready(messages: Iterator[wire.Message]) -> None:
    """Until the child has loaded its models. Raises the PostureError that keeps it from redacting any file."""
    if not isinstance(first := next(messages, None), wire.Ready):
        raise _out_of_turn(first)


def receive(messages: Iterator[wire.Message], task: Task, plan: Plan, outputs: Outputs, on_share: OnShare) -> Redacted:
    """The next file that the child sends, under its name once the child has said that it is complete.

    Raises Refusal, or the PostureError that ended it; then nothing was written, and only after a Refusal will the
    child go on.
    """
    began_s = time.monotonic()
    begun = next(messages, None)
    if isinstance(begun, wire.Refused):
        raise Refusal(begun)
    if not isinstance(begun, wire.Begun):
        raise _out_of_turn(begun)
    output = outputs.of(task, begun.suffix)
    with whole_file(output, overwrite=plan.overwrite) as stream:
        done = _copied(messages, stream, lambda time_s, frames: on_share(_part(plan, begun, time_s), frames))
        size = stream.tell()
    return Redacted(output, size, time.monotonic() - began_s, begun, done)


def _copied(messages: Iterator[wire.Message], stream: BinaryIO, on_time: OnShare) -> wire.Done:
    """Write the pieces of one file. Raises unless `Done` comes behind at least one of them."""
    for message in messages:
        match message:
            case wire.Piece():
                stream.write(message.content)
            case wire.Advanced():
                on_time(message.time_s, message.frames)
            case wire.Refused():
                raise Refusal(message)
            case wire.Done() if stream.tell():
                return message
            case _:
                raise _out_of_turn(message)
    raise _out_of_turn(None)


def _part(plan: Plan, begun: wire.Begun, time_s: float) -> float:
    """How much of a video is done at `time_s`, 0 to 1; NaN where its length is unknown."""
    end_s = math.inf if plan.end_s is None else plan.end_s
    whole_s = begun.info.duration_s if begun.info.duration_s > 0 else math.inf
    length_s = min(end_s, whole_s) - plan.start_s
    return min(1.0, (time_s - plan.start_s) / length_s) if 0 < length_s < math.inf else math.nan


def _out_of_turn(message: wire.Message | None) -> SourceError:
    what = "ended before its work" if message is None else f"sent {type(message).__name__} out of turn"
    return SourceError(f"the decoding process {what}; nothing was written of this file")
