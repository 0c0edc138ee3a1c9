"""One file from its name to its report: runs the job, gathers the observations, writes every format whole.

This is the parent's side of `job.py`, for `posture analyze`, `posture demo` and the batch workers.
"""

import hashlib
import math
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from posture import __version__, wire
from posture.config import Settings
from posture.data import Measurements, Observation, Pose, SourceInfo
from posture.ergonomics.measure import measure
from posture.ergonomics.score_settings import ScoreSettings
from posture.ergonomics.task import NOTHING_SAID, Task
from posture.errors import ConfigError, NoInput, SourceError, VideoUnreadable
from posture.interchange import Gathering, writing
from posture.job import Job
from posture.output import probe, refuse_existing, whole_file
from posture.reports import FORMATS, Provenance, Reviewed, Scored, Still, Summary, Table, score_table, summarise
from posture.reports.review_schema import ReviewFacts
from posture.review import Review

_BLOCK_BYTES = 1 << 20


class Takes(Protocol):
    """Takes observations in order."""

    def append(self, observation: Observation, /) -> None:
        """The next one."""


class _Kept(list[Observation]):
    """All of them as they came."""


Taking = TypeVar("Taking", bound=Takes)

OnProgress = Callable[[float, float, int], None]
"""Called with stream seconds done, stream seconds in all (NaN: unknown) and frames decoded."""


@dataclass(frozen=True)
class Range:
    """The part of the file to analyse, in seconds of the stream."""

    start_s: float = 0.0
    end_s: float | None = None


@dataclass(frozen=True)
class Told:
    """What the user says about a recording that nobody sees in it."""

    task: Task = NOTHING_SAID
    names: Mapping[int, str] = field(default_factory=dict)
    """Names of people, by their number in the report."""
    frame_rate_hz: float | None = None
    """Of keypoints that say nothing of time."""
    review: Review | None = None
    """Corrections by a person. Its names and, where it has one, its task go before those above."""
    reviewer: str = ""
    """Who reviewed the report; without, it is a draft."""
    reviewed_on: date | None = None

    def __post_init__(self) -> None:
        if self.review is not None:
            object.__setattr__(self, "names", dict(self.names) | self.review.names)
            task = self.task if self.review.task == NOTHING_SAID else self.review.task
            object.__setattr__(self, "task", task)
            object.__setattr__(self, "review", msgspec.structs.replace(self.review, task=task))


@dataclass(frozen=True, eq=False)
class Observed:
    """Everything that the decoding process said about a file."""

    observations: tuple[Observation, ...]
    started: wire.Started
    finished: wire.Finished
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Result:
    """What an analysis gave."""

    summary: Summary
    outputs: dict[str, Path]
    """Format name to file, or to folder."""
    stopped: bool
    """Ended by request before the end of the file; the report covers what was done."""
    finished: wire.Finished


class Analysis:
    """The analysis of one file. `stop` may be called from a signal handler or another thread while `run` works."""

    def __init__(
        self,
        path: Path | None,
        settings: Settings,
        part: Range = Range(),
        told: Told | None = None,
        *,
        key: bytes = b"",
    ) -> None:
        """`path` None is the bundled demo; `told` is what the user says about it; `key` opens a clip of the vault, and
        nothing else.


        Raises NoInput or VideoUnreadable if the file cannot be opened.
        """
        self._path = path
        self._settings = settings
        self._part = part
        self._told = told or Told()
        self._key = key
        self._job: Job | None = None
        self._stop = False
        self._gathering = Gathering()
        if path is not None and not os.path.lexists(path):
            raise NoInput(f"{path}: no such file")

    def stop(self) -> None:
        """End early with what was done so far."""
        self._stop = True
        if self._job is not None:
            self._job.stop()

    def run(self, base: Path, on_progress: OnProgress, *, overwrite: bool = False) -> Result:
        """Analyse and write `base` + ".html", ".json", ... for each format of the settings.

        Raises the PostureError that ended it; then no output was written. Whether the outputs can be written is known
        before the analysis begins.
        """
        formats = self._settings.output.formats
        exports = self._settings.output.exports
        writing.check_packages(exports)
        writing.refuse_what_is_there(exports, base, overwrite=overwrite)
        outputs: dict[str, Path] = {name: base.with_name(f"{base.name}.{FORMATS[name].suffix}") for name in formats}
        for output in outputs.values():
            refuse_existing(output, overwrite=overwrite)
            probe(output)
        self._refuse_other_source()
        taken, started, finished, digest = self._observe(self._new_tables, on_progress)
        table, scored, review = _summed(taken, self._told.task, self._settings.scores)
        summary = summarise(table, self._provenance(started, finished, digest.sha256, digest.size), scored, review)
        stills = self._stills(summary) if any(FORMATS[name].shows_stills for name in formats) else {}
        with ExitStack() as together:  # all formats are complete before the first one appears
            for name, output in outputs.items():
                stream = together.enter_context(whole_file(output, overwrite=overwrite))
                FORMATS[name].write(summary, table.rows(scored.rows), stream, stills)
            if exports:
                size = started.info.width, started.info.height
                motion = self._gathering.motion(size, self._told.names)
                outputs |= together.enter_context(writing.written(motion, exports, base, overwrite=overwrite))
        return Result(summary, outputs, finished.stopped, finished)

    def observe(self, on_progress: OnProgress) -> Observed:
        """Analyse without writing anything: for whoever looks at the moments themselves. Raises as `run` does."""
        taken, started, finished, digest = self._observe(lambda _: _Kept(), on_progress)
        return Observed(tuple(taken), started, finished, digest.sha256, digest.size)

    def _observe(
        self, begin: Callable[[wire.Started], Taking], on_progress: OnProgress
    ) -> tuple[Taking, wire.Started, wire.Finished, "_Digest"]:
        """Run the job; `begin` gives what takes the observations, anew where the file is done again."""
        digest = _Digest(self._path)
        job = self._job = Job(self._spec(), self._settings.job)
        if self._stop:
            job.stop()
        taken, started, finished = None, None, None
        try:
            for message in job:
                match message:
                    case wire.Started():
                        started, taken, self._gathering = message, begin(message), Gathering()
                    case wire.Batch():
                        assert taken is not None  # a job says first that it has started
                        for observation in message.observations:
                            taken.append(observation)
                            if self._settings.output.exports:
                                self._gathering.append(observation)
                        on_progress(message.time_s - self._part.start_s, self._length(started), message.frames_decoded)
                    case wire.Finished():
                        finished = message
        except BaseException:
            digest.cancel()
            raise
        finally:
            job.close()
        assert taken is not None
        assert started is not None  # a job that does not start raises, and one that ends has finished
        assert finished is not None
        digest.wait()
        return taken, started, finished, digest

    def _refuse_other_source(self) -> None:
        """Raise ConfigError for a review of another recording, before anything is decoded."""
        review = self._told.review
        if review is None or not review.source_sha256 or self._path is None:
            return
        digest = _Digest(self._path)
        digest.wait()
        if digest.sha256 != review.source_sha256:
            raise ConfigError(f"{self._path.name}: the review is about another recording (its SHA-256 differs)")

    def _stills(self, summary: Summary) -> Mapping[float, Still]:
        """The pictures of the moments by their time, if the settings ask for them, from a child of their own.

        Where a picture cannot be had, the report is written without it: its stick figure stands in.
        """
        times = {moment.time_s for person in summary.people for moment in person.moments}
        if self._settings.output.key_frames != "picture" or self._stop or not times:
            return {}
        found = {}
        job = self._job = Job(msgspec.structs.replace(self._spec(), stills_s=tuple(sorted(times))), self._settings.job)
        try:
            for message in job:
                if isinstance(message, wire.Still) and message.time_s in times:
                    found[message.time_s] = Still(message.width, message.height, message.jpeg)
        except SourceError:
            return found
        finally:
            job.close()
        return found

    def _new_tables(self, started: wire.Started) -> Table | Reviewed:
        keypoints, review = self._settings.output.keypoints, self._told.review
        if review is None:
            return Table(keypoints=keypoints)
        return Reviewed(review, measuring(started.info, self._settings), keypoints=keypoints)

    def _length(self, started: wire.Started | None) -> float:
        end_s = self._part.end_s if self._part.end_s is not None else math.inf
        whole_s = started.info.duration_s if started else math.nan
        return min(end_s, whole_s if whole_s == whole_s else math.inf) - self._part.start_s

    def _spec(self) -> wire.JobSpec:
        return wire.JobSpec(
            path=os.fsencode(self._path) if self._path else None,
            start_s=self._part.start_s,
            end_s=self._part.end_s,
            frame_rate=self._told.frame_rate_hz,
            pose=self._settings.pose,
            measure=self._settings.measure,
            analysis=self._settings.analysis,
            memory_bytes=self._settings.job.memory_mib << 20,
            clip_key=self._key,
        )

    def provenance(self, seen: Observed) -> Provenance:
        """What a report states about what `observe` gave."""
        return self._provenance(seen.started, seen.finished, seen.sha256, seen.size_bytes)

    def _provenance(self, started: wire.Started, finished: wire.Finished, sha256: str, size: int) -> Provenance:
        return Provenance(
            info=started.info,
            damage=finished.damage,
            source_sha256=sha256,
            source_bytes=size,
            frames_decoded=finished.frames_decoded,
            stopped=finished.stopped,
            program_version=__version__,
            model=started.model,
            model_sha256=started.model_sha256,
            provider=started.provider,
            fallback_reason=started.fallback_reason,
            isolation=started.layers,
            settings=msgspec.to_builtins(self._settings),
            camera=self._settings.measure.camera,
            language=self._settings.output.language,
            label=self._told.task.name,
            task=self._told.task,
            reviewer=self._told.reviewer,
            reviewed_on=self._told.reviewed_on,
            names=self._told.names,
        )


def _summed(taken: Table | Reviewed, task: Task, settings: ScoreSettings) -> tuple[Table, Scored, ReviewFacts | None]:
    """The table that counts, its scores, and what a reviewer changed."""
    if isinstance(taken, Table):
        return taken, score_table(taken, task, settings), None
    scored = taken.scored(settings)
    return taken.table, scored, taken.facts(scored)


def measuring(info: SourceInfo, settings: Settings) -> Callable[[Pose], Measurements]:
    """How poses of that picture are measured, as the decoding process does it."""
    camera = settings.measure.camera
    return lambda pose: measure(pose, info.width, info.height, camera)


class _Digest:
    """SHA-256 and size of the source, read in a thread beside the decoding. Empty and 0 for the demo; of a folder, its
    files after each other in the order of their names.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._hash = hashlib.sha256()
        self.size = 0
        self._error: OSError | None = None
        self._cancelled = False
        self._thread = threading.Thread(target=self._run, name="sha256")
        self._thread.start()

    @property
    def sha256(self) -> str:
        """In hex."""
        return self._hash.hexdigest() if self._path is not None else ""

    def wait(self) -> None:
        """Until the whole file is read. Raises VideoUnreadable if it went away."""
        self._thread.join()
        if self._error is not None:
            raise VideoUnreadable(f"{self._path}: {self._error.strerror}; is its disk still there?") from self._error

    def cancel(self) -> None:
        """Nobody wants the digest any more."""
        self._cancelled = True
        self._thread.join()

    def _run(self) -> None:
        # A pipe would block; the job says what is wrong with it.
        if self._path is None or not (self._path.is_file() or self._path.is_dir()):
            return
        try:
            for file in sorted(self._path.iterdir()) if self._path.is_dir() else [self._path]:
                self._add(file)
        except OSError as exc:
            self._error = exc

    def _add(self, file: Path) -> None:
        with file.open("rb") as stream:
            while not self._cancelled and (block := stream.read(_BLOCK_BYTES)):
                self._hash.update(block)
                self.size += len(block)
