"""What a job and its worker process say to each other: MessagePack, length-prefixed, typed, over two pipes."""

from typing import IO, Any

import msgspec

from posture.batch.work import FileOutcome, FileTask, Progress

LIMIT = 16 << 20  # bytes of one message


class Assign(msgspec.Struct, frozen=True, tag=True):
    """Do these, one after the other. More than one only where one child process can do them all: pictures."""

    tasks: tuple[FileTask, ...]
    checkpoints: bytes | None
    """`os.fsencode` of the folder of the checkpoints."""


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """Stop what is in hand."""


class Ahead(msgspec.Struct, frozen=True, tag=True):
    """How far the task of this number is, counted from 0 within its `Assign`."""

    number: int
    progress: Progress


class Ended(msgspec.Struct, frozen=True, tag=True):
    """What became of it."""

    number: int
    outcome: FileOutcome


class Blocked(msgspec.Struct, frozen=True, tag=True):
    """A call for the network that a decoding process refused."""

    call: str


Command = Assign | Cancel
Reply = Ahead | Ended | Blocked

_encoder = msgspec.msgpack.Encoder()
commands: msgspec.msgpack.Decoder[Command] = msgspec.msgpack.Decoder(Command)
replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def write(stream: IO[bytes], message: Command | Reply) -> None:
    """Send one message. Raises OSError where nobody listens."""
    content = _encoder.encode(message)
    stream.write(len(content).to_bytes(4, "big") + content)
    stream.flush()


def read(stream: IO[bytes], decoder: "msgspec.msgpack.Decoder[Any]") -> Any:  # noqa: ANN401 - what the decoder gives
    """Receive one message; None at the end of the stream or where what comes is no message."""
    head = stream.read(4)
    size = int.from_bytes(head, "big")
    if len(head) < 4 or size > LIMIT:
        return None
    content = stream.read(size)
    return decoder.decode(content) if len(content) == size else None
