"""What the parent and the decoding process say to each other: MessagePack, length-prefixed, typed.

No pickle: the process that decodes an untrusted file is not trusted itself, so the parent only ever reads plain data
of the types below. A message is a big-endian u32 length and that many bytes; longer than `MESSAGE_LIMIT` is refused.
An array is the pair (shape, little-endian float64 bytes).
"""

from typing import IO, Annotated, Any, Literal, Protocol, TypeVar

import msgspec
import numpy as np

from posture.data import MEASURE_NAMES, PARTS, Damage, Observation, SourceInfo, frozen
from posture.ergonomics.measure import MeasureSettings
from posture.errors import SourceError
from posture.lookwire import At as At
from posture.lookwire import Command as Command
from posture.lookwire import Ended as Ended
from posture.lookwire import Find as Find
from posture.lookwire import LookSpec as LookSpec
from posture.lookwire import Next as Next
from posture.lookwire import Pixels as Pixels
from posture.lookwire import Show as Show
from posture.pipeline import AnalysisSettings
from posture.pose.brought.use import Use
from posture.pose.settings import PoseSettings
from posture.privacy.scrub.found import PLACE_LIMIT, Kind
from posture.privacy.settings import RedactSettings
from posture.skeleton import BLAZEPOSE_33

MESSAGE_LIMIT = 64 << 20  # bytes; a batch of observations is a few hundred kB


PIECE_LIMIT = 1 << 20  # bytes of a redacted file in one message; sixteen of them may wait for the parent

BLOCKED_LIMIT = 16  # names of calls that one child may report; the interpreter knows ten

RedactedSuffix = Literal["jpg", "png", "webp", "mp4"]


class JobSpec(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What one analysis is to do; it, a `RedactSpec`, a `ScrubSpec` or a `LookSpec` is the first message from parent to
    child, and only the last one is followed by others.
    """

    path: bytes | None
    """`os.fsencode` of the file, so that a name that is no Unicode survives. None is the bundled demo."""
    start_s: float = 0.0
    end_s: float | None = None
    frame_rate: float | None = None
    """Frames a second of keypoints that say nothing of time; None for everything else."""
    pose: PoseSettings
    measure: MeasureSettings
    analysis: AnalysisSettings
    memory_bytes: int
    clip_key: bytes = b""
    """Where given, `path` is a clip of the vault, and this opens it and nothing else."""
    stills_s: tuple[float, ...] = ()
    """Where there are any, the job is the pictures at these times (of frames, in seconds) and nothing else."""
    checkpoint_s: float = 0.0
    """Seconds of wall time from one `Checkpoint` to the next, about; 0: there are none."""
    behind: bytes = b""
    """The content of a `Checkpoint` of an earlier job with the same spec, which this one goes on behind."""
    trial_sha256: str = ""
    """Where given, `path` is a model with this hash, and the job is to load it, run it once and nothing else."""
    trial_use: Use | None = None
    """How that model is used."""


class PicturesSpec(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Pictures to analyse, one after the other. One that cannot be analysed does not stop the others."""

    paths: tuple[bytes, ...]
    """`os.fsencode` of each."""
    pose: PoseSettings
    measure: MeasureSettings
    analysis: AnalysisSettings
    memory_bytes: int


class RedactSpec(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Files to redact, one after the other. One that cannot be redacted does not stop the others."""

    paths: tuple[bytes, ...]
    """`os.fsencode` of each."""
    clip_keys: tuple[bytes, ...] = ()
    """Where given, one a path: it opens the clip of the vault there, and nothing else; empty for other files."""
    still: bool
    """Whether they look like pictures by their names; decides which models are loaded first, and nothing else."""
    start_s: float = 0.0
    end_s: float | None = None
    redact: RedactSettings
    replacement: bytes | None = None
    """`os.fsencode` of the picture that stands in for the background."""
    captions: dict[str, str] = {}
    """Plain ASCII for the parts, zones and the unit that `redact.overlay` names."""
    crf: int
    pose: PoseSettings
    memory_bytes: int


class ScrubSpec(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Files to take the metadata out of, one after the other; or one file to compare with its copy."""

    paths: tuple[bytes, ...]
    """`os.fsencode` of each."""
    action: Literal["clean", "look", "compare"]
    """Write a copy, say only what is in it, or compare with `copy`."""
    copy: bytes | None = None
    with_sound: bool = True
    memory_bytes: int


class Started(msgspec.Struct, frozen=True, tag=True):
    """The source is open and the model loaded."""

    info: SourceInfo
    model: str
    model_sha256: str
    provider: str
    fallback_reason: str
    layers: tuple[str, ...]
    """Kernel limits that hold in the child."""


class Batch(msgspec.Struct, frozen=True, tag=True):
    """Observations in stream order, and how far decoding is."""

    observations: list[Observation]
    frames_decoded: int
    time_s: float
    cpu_s: float
    """Processor seconds of the child so far."""


class Checkpoint(msgspec.Struct, frozen=True, tag=True):
    """Everything that the child knows from the frames so far, all of whose observations were sent before.

    The parent keeps `content` and does not look into it: only a child reads it again.
    """

    content: Annotated[bytes, msgspec.Meta(max_length=PIECE_LIMIT)]


class Redone(msgspec.Struct, frozen=True, tag=True):
    """Forget all batches so far: the file is done again from the start, with one decoder thread."""

    reason: str


class Still(msgspec.Struct, frozen=True, tag=True):
    """The picture of one frame, as small as a report shows it. The parent does not look into `jpeg`."""

    time_s: float
    """The time that was asked for."""
    width: int
    height: int
    """Of the upright frame in pixels; the JPEG is a smaller picture of the same shape."""
    jpeg: bytes


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The models are loaded; the first file of a `RedactSpec` is looked at from here on."""

    layers: tuple[str, ...]
    """Kernel limits that hold in the child."""


class Begun(msgspec.Struct, frozen=True, tag=True):
    """The next file is open. Its `Piece`s follow, then `Done`; or `Refused` at any time."""

    suffix: RedactedSuffix
    """Kind of the redacted file."""
    info: SourceInfo


class Piece(msgspec.Struct, frozen=True, tag=True):
    """The next bytes of the redacted file. The parent does not look into them."""

    content: Annotated[bytes, msgspec.Meta(max_length=PIECE_LIMIT)]


class Placed(msgspec.Struct, frozen=True, tag=True):
    """Bytes of a scrubbed file, and where they stand in it: not behind its end so far.

    The parent does not look at them.
    """

    at: Annotated[int, msgspec.Meta(ge=0)]
    content: Annotated[bytes, msgspec.Meta(max_length=PIECE_LIMIT)]


class Advanced(msgspec.Struct, frozen=True, tag=True):
    """How far the video in hand is."""

    frames: int
    time_s: float


class Done(msgspec.Struct, frozen=True, tag=True):
    """The redacted file is complete. Without this message there is none."""

    frames: Annotated[int, msgspec.Meta(ge=1)]
    faces: int
    """Faces covered: the most in one frame."""
    people: int
    """People seen: the most in one frame."""
    uncertain: int
    """People covered as a whole: the most in one frame."""
    damage: Damage


class Analysed(msgspec.Struct, frozen=True, tag=True):
    """All of the picture in hand was sent: `Started`, then `Batch`es. The next one follows."""

    damage: Damage
    frames_decoded: int


Kept = Literal["orientation", "colour profile"]


class Found(msgspec.Struct, frozen=True):
    """Something that is no picture: a kind and a place, never a value."""

    kind: Kind
    place: Annotated[str, msgspec.Meta(max_length=PLACE_LIMIT)]


class Cleaned(msgspec.Struct, frozen=True, tag=True):
    """The scrubbed file is complete, or (of a look) this is what is in the file."""

    format: Annotated[str, msgspec.Meta(max_length=16)]
    found: tuple[Found, ...]
    kept: tuple[Kept, ...]
    sha256: Annotated[bytes, msgspec.Meta(max_length=32)] = b""
    """Of a picture, whose copy was compared before it was sent; empty for a video, whose copy is to be compared."""
    converted: bool = False
    """The streams of the video are in another kind of container now."""


class Compared(msgspec.Struct, frozen=True, tag=True):
    """The copy shows and sounds the same, and nothing else is in it."""

    frames: Annotated[int, msgspec.Meta(ge=1)]


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The file in hand cannot be done: class name and message of the PostureError. The next one follows."""

    error: str
    message: str


class Blocked(msgspec.Struct, frozen=True, tag=True):
    """Calls for the network that were refused in the child, each name once, whatever became of the refusal there."""

    calls: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=64)], ...], msgspec.Meta(max_length=BLOCKED_LIMIT)]


class Finished(msgspec.Struct, frozen=True, tag=True):
    """The end, with what was lost. `stopped`: by request, before the end of the stream."""

    damage: Damage
    frames_decoded: int
    stopped: bool
    cpu_s: float
    peak_memory_bytes: int


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A PostureError of the child: its class name and message."""

    error: str
    message: str


_OfAnalysis = Started | Batch | Checkpoint | Redone | Still | Analysed
_OfCopies = Ready | Begun | Piece | Advanced | Done | Refused | Placed | Cleaned | Compared
_OfLooking = At | Ended | Pixels
Message = _OfAnalysis | _OfCopies | _OfLooking | Blocked | Finished | Failed
Spec = JobSpec | PicturesSpec | RedactSpec | ScrubSpec | LookSpec


def _encode_array(value: object) -> tuple[tuple[int, ...], bytes]:
    if isinstance(value, np.ndarray):
        return value.shape, value.astype("<f8").tobytes()
    raise NotImplementedError(type(value))


def _decode_array(_: type, value: tuple[tuple[int, ...], bytes]) -> np.ndarray[Any, Any]:
    shape, content = value
    return frozen(np.frombuffer(content, "<f8").reshape(shape))


_encoder = msgspec.msgpack.Encoder(enc_hook=_encode_array)
_messages = msgspec.msgpack.Decoder(Message, dec_hook=_decode_array)
_specs = msgspec.msgpack.Decoder(Spec)
_commands = msgspec.msgpack.Decoder(Command)


def packed(value: object) -> bytes:
    """MessagePack of plain data with arrays."""
    return _encoder.encode(value)


T = TypeVar("T")


def unpacked(content: bytes, kind: type[T]) -> T:
    """What was packed. Raises SourceError."""
    try:
        return msgspec.msgpack.decode(content, type=kind, dec_hook=_decode_array)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as exc:
        raise SourceError(f"a checkpoint cannot be read: {exc}") from exc


class Writes(Protocol):
    """What messages go into."""

    def write(self, content: bytes, /) -> object:
        """All of it."""

    def flush(self) -> None:
        """Hand it on."""


class Reads(Protocol):
    """What messages come from."""

    def read(self, size: int, /) -> bytes:
        """So much; less at the end."""


def write(stream: Writes, message: Message | Spec | Command) -> None:
    """Send one message."""
    content = _encoder.encode(message)
    stream.write(len(content).to_bytes(4, "big") + content)
    stream.flush()


def read(stream: Reads) -> Message | None:
    """Receive one message; None at the end of the stream. Raises SourceError if what arrives is no message."""
    content = _content(stream)
    if content is None:
        return None
    try:
        message: Message = _messages.decode(content)
        if isinstance(message, Batch):
            _check(message.observations)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError, MemoryError) as exc:
        raise SourceError(f"the decoding process sent something that is no message: {exc}") from exc
    return message


def _check(observations: list[Observation]) -> None:
    """Raise ValueError unless every array has the shape that `posture.data` says."""
    keypoints, measures, parts = len(BLAZEPOSE_33), len(MEASURE_NAMES), len(PARTS)
    for subject in (subject for observation in observations for subject in observation.people):
        pose, measured, assessed = subject.pose, subject.measurements, subject.assessment
        shapes = [a.shape for a in (pose.points_px, pose.world_m, pose.visibility, pose.presence, measured.values)]
        if shapes != [(keypoints, 3), (keypoints, 3), (keypoints,), (keypoints,), (measures,)]:
            raise ValueError(f"arrays of shapes {shapes}")
        if [len(measured.reasons), len(assessed.zones), len(assessed.reasons)] != [measures, parts, parts]:
            raise ValueError("not one reason or zone for each value or part")


def read_spec(stream: IO[bytes]) -> Spec:
    """Receive the job, in the child. Raises EOFError when the parent is gone."""
    content = _content(stream)
    if content is None:
        raise EOFError
    spec: Spec = _specs.decode(content)
    return spec


def read_command(stream: IO[bytes]) -> Command | None:
    """Receive what is wanted next, in the child; None when the parent wants no more, or is gone."""
    content = _content(stream)
    if content is None:
        return None
    command: Command = _commands.decode(content)
    return command


def _content(stream: Reads) -> bytes | None:
    head = stream.read(4)
    if len(head) < 4:
        return None
    size = int.from_bytes(head, "big")
    if size > MESSAGE_LIMIT:
        raise SourceError(f"the decoding process sent a message of {size} bytes")
    content = stream.read(size)
    return content if len(content) == size else None
