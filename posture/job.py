"""One job: a sandboxed child process that decodes a file and estimates poses, or redacts or scrubs files.

    parent                         child (python -m posture.job)
    Job(spec) ── JobSpec ────────► limits: no network, no writing, no other process, bounded memory
    for message in job ◄────────── Started, Batch…, (Redone, Batch…), Finished | Failed
    (or, where the spec asks for stills: Still…, Finished | Failed; for the trial of a model: Finished | Failed)
    (Blocked at any time, for `posture.privacy.guard`; who iterates does not see it)
    (or, for a LookSpec: Ready, then one answer for each command; job.ask(command) ──► Find, Next, Show)
    (or, for a RedactSpec: Ready, (Begun, Piece…, Done | Refused)…, Finished | Failed)
    (or, for a PicturesSpec: (Started, Batch…, Analysed | Refused)…, Finished | Failed)
    (or, for a ScrubSpec: Ready, (Placed…, Cleaned | Refused)… or Compared | Refused, Finished | Failed)
    job.stop() ── end of stdin ──► ends after the frame in hand, with what was done so far

`posture analyze`, `posture redact`, `posture scrub`, the Analyse page and the batch workers use this one runner. A file
that kills its child, hangs it or eats its memory is one failed file. The child ends by itself when its parent goes
away, because its stdin ends: after the frame in hand, or after `STOP_S` whatever it is at.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Annotated, BinaryIO

import msgspec

from posture import analysisjob, errors, lookjob, picturesjob, posesjob, redactjob, scrubjob, wire
from posture.data import Damage
from posture.errors import PostureError, SourceError, Stalled, printable
from posture.privacy import guard, limits

STOP_S = 20.0
"""Seconds that a child may take to end after it was asked to."""
_CREATE_NEW_PROCESS_GROUP = 0x200  # winbase.h; the name is in subprocess on Windows alone
_GRAPHICS_DEVICE = Path("/dev/nvidiactl")  # without it CUDA cannot start; the only graphics provider on Linux
_STDERR_KEPT = 4000  # bytes of the child's last words
_STDERR_BLOCK = 4096


class JobSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of the decoding process."""

    memory_mib: Annotated[int, msgspec.Meta(ge=1024)] = 4096
    """Address space of the child in MiB (Linux; committed memory on Windows; not enforced by macOS)."""
    stall_s: Annotated[float, msgspec.Meta(gt=0)] = 300.0
    """A child that makes no progress for so long is ended, and the file counts as failed."""
    time_limit_s: Annotated[float, msgspec.Meta(gt=0)] = 86400.0
    """Longest wall-clock time of one file."""


class Job:
    """A running child process. Iterate over its messages; leave by `close`, which never leaves a process behind."""

    def __init__(self, spec: wire.Spec, limits: JobSettings) -> None:
        self._name = _name(spec)
        self._limits = limits
        self._started_s = time.monotonic()
        self._stopping_s: float | None = None
        self._messages: queue.Queue[wire.Message | PostureError | None] = queue.Queue(16)
        self._stderr = b""
        self._blocked: set[str] = set()
        self._closed = threading.Event()
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "posture.job"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(),
            # Ctrl+C at the terminal reaches the parent alone, which then asks the child to stop.
            start_new_session=sys.platform != "win32",
            creationflags=_CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0,
        )
        threads = (self._receive, self._listen)
        self._threads = [threading.Thread(target=run, name=f"job-{run.__name__}") for run in threads]
        try:  # Ctrl+C may come while a thread starts: a child that nobody ends would keep this program from ending
            for thread in self._threads:
                thread.start()
            self._send(spec)
        except BaseException:
            self.close()
            raise

    def _send(self, spec: wire.Spec) -> None:
        with suppress(OSError):  # where the child is dead already, its last words come with the end of its stdout
            wire.write(self._stdin, spec)

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._child.stdin is not None
        return self._child.stdin

    def __iter__(self) -> Iterator[wire.Message]:
        """Messages until Finished. Raises the PostureError that ended the child, SourceError if it died or hung."""
        deadline = time.monotonic() + self._limits.stall_s
        while True:
            self._check_time(deadline)
            try:
                message = self._messages.get(timeout=0.2)
            except queue.Empty:
                continue
            deadline = time.monotonic() + self._limits.stall_s
            if message is None:
                raise SourceError(self._epitaph())
            if isinstance(message, PostureError):
                raise message
            if isinstance(message, wire.Failed):
                raise rebuilt(message)
            if isinstance(message, wire.Blocked):
                self._tell(message)
                continue
            yield message
            if isinstance(message, wire.Finished):
                return
            deadline = time.monotonic() + self._limits.stall_s  # whoever iterates may have taken its time

    def _tell(self, message: wire.Blocked) -> None:
        """Pass on which calls were refused; each once, and no more than there can be: the child is not trusted."""
        for call in message.calls:
            if call not in self._blocked and len(self._blocked) < wire.BLOCKED_LIMIT:
                self._blocked.add(call)
                guard.tell(call)

    def ask(self, command: wire.Command) -> None:
        """Of a child that was started with a `LookSpec`: its answer is the next message."""
        with suppress(OSError):  # as in `_send`
            wire.write(self._stdin, command)

    def stop(self) -> None:
        """Ask the child to end with what it has done so far. Its remaining messages still come."""
        if self._stopping_s is None:
            self._stopping_s = time.monotonic()
            with suppress(OSError):
                self._stdin.close()

    def begin(self, name: str) -> None:
        """From here on messages speak of the file `name`, and its time begins."""
        self._name, self._started_s = name, time.monotonic()

    def abandon(self) -> None:
        """End the child at once, from any thread or signal handler; whoever iterates gets a SourceError."""
        self._child.kill()

    def close(self) -> None:
        """End the child at once if it still runs, and join the threads."""
        self._closed.set()
        self._child.kill()
        self._child.wait()
        with suppress(OSError):
            self._stdin.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        for pipe in (self._child.stdout, self._child.stderr):  # of a thread that was never started
            if pipe is not None:
                pipe.close()

    def _check_time(self, stall_deadline: float) -> None:
        now = time.monotonic()
        if now > stall_deadline:
            raise Stalled(f"{self._name}: no progress for {self._limits.stall_s:g} s; the file was given up")
        if now > self._started_s + self._limits.time_limit_s:
            raise SourceError(f"{self._name}: took longer than job.time_limit_s = {self._limits.time_limit_s:g} s")
        if self._stopping_s is not None and now > self._stopping_s + STOP_S:
            raise SourceError(f"{self._name}: did not stop within {STOP_S:g} s and was ended")

    def _receive(self) -> None:
        """Top of the receiving thread: owns the child's stdout."""
        assert self._child.stdout is not None
        message: wire.Message | PostureError | None
        with self._child.stdout as stream:
            while not self._closed.is_set():
                try:
                    message = wire.read(stream)
                except (PostureError, OSError, ValueError) as exc:
                    message = exc if isinstance(exc, PostureError) else None
                self._hand_over(message)
                if message is None or isinstance(message, PostureError | wire.Finished | wire.Failed):
                    return

    def _hand_over(self, message: wire.Message | PostureError | None) -> None:
        while not self._closed.is_set():
            with suppress(queue.Full):
                self._messages.put(message, timeout=0.2)
                return

    def _listen(self) -> None:
        """Top of the listening thread: keeps the child's last words."""
        assert self._child.stderr is not None
        with self._child.stderr as stream:
            while block := os.read(
                stream.fileno(), _STDERR_BLOCK
            ):  # by lines, one without an end would fill the memory
                self._stderr = (self._stderr + block)[-_STDERR_KEPT:]

    def _epitaph(self) -> str:
        code = self._child.wait()
        self._threads[1].join()
        cause = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        words = self._stderr.decode("utf-8", "replace").strip().splitlines()
        return (
            f"{self._name}: the decoding process died ({cause}{': ' + words[-1] if words else ''}); "
            "the file may be damaged or need more than job.memory_mib"
        )


def _name(spec: wire.Spec) -> str:
    """How the file is called in messages: its name without the folder."""
    if not isinstance(spec, wire.JobSpec):
        return "files"  # until `Job.begin` says which file
    return printable(Path(os.fsdecode(spec.path)).name) if spec.path is not None else "demo"


def child_environment() -> dict[str, str]:
    """The parent's, with this package importable: `-P` keeps the working folder out of the module path."""
    root = str(Path(__file__).resolve().parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "ORT_DISABLE_TELEMETRY": "1"}


def rebuilt(failed: wire.Failed | wire.Refused) -> PostureError:
    """The error of the child, as one of ours."""
    kind = getattr(errors, failed.error, SourceError)
    if isinstance(kind, type) and issubclass(kind, PostureError):
        return kind(failed.message)
    return SourceError(failed.message)


class _Replies:
    """The way to the parent, which also hears which calls for the network were refused, whoever caught that."""

    def __init__(self) -> None:
        self._refused: dict[str, None] = {}  # may grow in any thread, and never shrinks
        self._told = 0
        self._stream: BinaryIO | None = None

    def refused(self, call: str, _: str = "", /) -> None:
        if len(self._refused) < wire.BLOCKED_LIMIT:
            self._refused[call] = None

    def open(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, *messages: wire.Message) -> None:
        assert self._stream is not None
        if new := tuple(self._refused)[self._told :]:
            self._told += len(new)
            wire.write(self._stream, wire.Blocked(new))
        for message in messages:
            wire.write(self._stream, message)


def main() -> int:
    """The child. Nothing else runs before the limits hold."""
    replies = _Replies()
    guard.go_offline(replies.refused)
    commands, stream = _private_streams()
    replies.open(stream)
    spec = wire.read_spec(commands)
    layers = limits.limit_process(spec.memory_bytes) + limits.confine(graphics=_wants_graphics(spec))
    stop, wanted = threading.Event(), lookjob.Commands()
    waits = (_hear, (commands, wanted)) if isinstance(spec, wire.LookSpec) else (_wait_for_end, (commands, stop))
    threading.Thread(target=waits[0], args=waits[1], daemon=True, name="stdin").start()
    try:
        for message in _messages(spec, layers, stop, wanted):
            replies.write(message)
    except PostureError as exc:
        replies.write(wire.Failed(type(exc).__name__, str(exc)))
    except MemoryError:
        limit = spec.memory_bytes >> 20
        replies.write(wire.Failed("SourceError", f"{_name(spec)}: needs more than job.memory_mib = {limit}"))
    except BrokenPipeError:
        return 1
    except OSError as exc:  # it opens nothing but the file and the models
        words = f"{_name(spec)}: reading failed ({exc.strerror}); is its disk still there?"
        replies.write(wire.Failed("CannotRead", words))
    finally:
        with suppress(OSError):
            replies.write()
    return 0


def _wants_graphics(spec: wire.Spec) -> bool:
    """Whether the model may run on a graphics card, whose driver needs more than the processor does."""
    if isinstance(spec, wire.ScrubSpec | wire.LookSpec):
        return False  # no model runs
    return set(spec.pose.providers) != {"cpu"} and _GRAPHICS_DEVICE.exists()


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Our own pipes; what a library prints to stdout goes to stderr instead of between the messages."""
    commands, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return commands, replies


def _wait_for_end(commands: BinaryIO, stop: threading.Event) -> None:
    """Top of the child's listening thread. A parent that was killed ends no child that hangs: it does so itself."""
    commands.read(1)
    stop.set()
    time.sleep(STOP_S)
    os._exit(1)


def _hear(commands: BinaryIO, wanted: lookjob.Commands) -> None:
    """Top of the listening thread of a child that is asked for moments; it ends like the other."""
    while (command := wire.read_command(commands)) is not None:
        wanted.put(command)
    wanted.put(None)
    time.sleep(STOP_S)
    os._exit(1)


def _messages(
    spec: wire.Spec, layers: tuple[str, ...], stop: threading.Event, wanted: lookjob.Commands
) -> Iterator[wire.Message]:
    if isinstance(spec, wire.LookSpec):
        yield from lookjob.messages(spec, layers, wanted)
        return
    if isinstance(spec, wire.JobSpec):
        job = posesjob if not spec.trial_sha256 and posesjob.is_for(spec) else analysisjob
        yield from job.messages(spec, layers, stop)
        return
    jobs_of_many = {wire.PicturesSpec: picturesjob, wire.RedactSpec: redactjob, wire.ScrubSpec: scrubjob}
    yield from jobs_of_many[type(spec)].messages(spec, layers, stop)
    yield wire.Finished(Damage(), 0, stop.is_set(), time.process_time(), limits.peak_memory())


if __name__ == "__main__":
    sys.exit(main())
