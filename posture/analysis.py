"""One file from its name to its report: runs the job, gathers the observations, writes every format whole.

This is the parent's side of `job.py`, for `posture analyze`, `posture demo` and the batch workers.
"""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import msgspec

from posture import __version__, wire
from posture.config import Settings
from posture.data import Measurements, Observation, Pose, SourceInfo
from posture.digest import Digest
from posture.ergonomics.measure import measure
from posture.ergonomics.score_settings import ScoreSettings
from posture.ergonomics.task import NOTHING_SAID, Task
from posture.errors import ConfigError, NoInput, SourceError
from posture.interchange import Gathering, writing
from posture.job import Job
from posture.output import Plainly, Writing, probe, refuse_existing
from posture.reports import REVIEW, WRITERS, Provenance, Reviewed, Scored, Still, Summary, Table, score_table, summarise
from posture.reports.review_schema import ReviewFacts
from posture.resuming import Checkpoints
from posture.review import NO_REVIEW, Review

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
        checkpoints: Checkpoints | None = None,
        messages: Iterable[wire.Message] | None = None,
        writing: Writing | None = None,
    ) -> None:
        """`path` None is the bundled demo; `told` is what the user says about it; `key` opens a clip of the vault, and
        nothing else. With `checkpoints` the work goes on from an earlier run, and a stop writes no report. `messages`
        are those of a child that does this file among others, from `Started` to `Finished`.
        `writing` puts the reports on the disk; exports for other programs are always plain.

        Raises NoInput or VideoUnreadable if the file cannot be opened.
        """
        self._path = path
        self._settings = settings
        self._part = part
        self._told = told or Told()
        self._key = key
        self._messages = messages
        self._writing = writing or Plainly()
        self._checkpoints = checkpoints if path is not None else None
        self._job: Job | None = None
        self._stop = False
        self._said = 0.0, math.nan, 0
        self._keeping = self._told.review is not None
        """Whether observations are kept as they come, because what counts of them is not known yet."""
        self._start_over()
        if path is not None and not os.path.lexists(path):
            raise NoInput(f"{path}: no such file")

    def stop(self) -> None:
        """End early with what was done so far."""
        self._stop = True
        if self._job is not None:
            self._job.stop()

    def abandon(self) -> None:
        """End at once, from any thread: whoever waits for it gets a SourceError."""
        self._stop = True
        if self._job is not None:
            self._job.abandon()

    def run(self, base: Path, on_progress: OnProgress, *, overwrite: bool = False) -> Result:
        """Analyse and write `base` + ".html", ".json", ... for each format of the settings.

        Raises the PostureError that ended it; then no output was written. Whether the outputs can be written is known
        before the analysis begins.
        """
        outputs = self._outputs(base, overwrite=overwrite)
        self._refuse_other_source()
        run = self._observe(on_progress)
        taken = self._reviewed(run.started, self._kept) if self._told.review is not None else self._table
        result = self._write(taken, run, outputs, base, overwrite=overwrite)
        if self._checkpoints is not None:
            self._checkpoints.forget()
        return result

    def report(self, observed: Observed, base: Path, *, overwrite: bool = False) -> Result:
        """Write the reports of what was observed earlier. Raises as `run` does."""
        outputs = self._outputs(base, overwrite=overwrite)
        run = _Run(observed.started, observed.finished, observed.sha256, observed.size_bytes)
        taken = self._reviewed(run.started, observed.observations)
        return self._write(taken, run, outputs, base, overwrite=overwrite)

    def _outputs(self, base: Path, *, overwrite: bool) -> dict[str, Path]:
        """Format to file. Raises where one of them, or of the exports, cannot be written."""
        writing.check_packages(self._settings.output.exports)
        writing.refuse_what_is_there(self._settings.output.exports, base, overwrite=overwrite)
        formats: tuple[str, ...] = self._settings.output.formats
        if "csv" in formats and self._told.review is not None:
            formats += (REVIEW,)
        return report_paths(base, formats, self._writing.suffix, overwrite=overwrite)

    def _write(
        self, taken: Table | Reviewed, run: "_Run", outputs: dict[str, Path], base: Path, *, overwrite: bool
    ) -> Result:
        exports = self._settings.output.exports
        table, scored, review = _summed(taken, self._told.task, self._settings.scores)
        summary = summarise(table, self.provenance(run), scored, review)
        stills = self._stills(summary) if any(WRITERS[name].shows_stills for name in outputs) else {}
        with ExitStack() as together:  # all formats are complete before the first one appears
            for name, output in outputs.items():
                stream = together.enter_context(self._writing.open(output, overwrite=overwrite))
                WRITERS[name].write(summary, table.rows(scored.rows), stream, stills)
            if exports:
                size = run.started.info.width, run.started.info.height
                motion = self._gathering.motion(size, self._told.names)
                motion = replace(motion, purpose=self._settings.privacy.purpose)
                outputs |= together.enter_context(writing.written(motion, exports, base, overwrite=overwrite))
        return Result(summary, outputs, run.finished.stopped, run.finished)

    def observe(self, on_progress: OnProgress) -> Observed:
        """Analyse without writing anything: for whoever looks at the moments themselves. Raises as `run` does."""
        self._keeping = True
        run = self._observe(on_progress)
        return Observed(tuple(self._kept), run.started, run.finished, run.sha256, run.size_bytes)

    def _observe(self, on_progress: OnProgress) -> "_Run":
        digest = Digest(self._path, self._settings.job.stall_s)
        try:
            # None: the checkpoint was made with another model or provider
            seen = self._seen(on_progress, self._begun()) or self._seen(on_progress, self._begun())
        except BaseException:
            digest.cancel()
            raise
        finally:
            if self._checkpoints is not None:
                self._checkpoints.close()
        assert seen is not None  # a job that begins anew has nothing to differ from
        ended = seen[1].stopped
        digest.wait(lambda: on_progress(*self._said), lambda: self._checkpoints is None or not (ended or self._stop))
        return _Run(*seen, digest.sha256, digest.size)

    def _begun(self) -> wire.JobSpec:
        """The job, behind a checkpoint where there is one; then with all that was observed before."""
        self._start_over()
        if self._checkpoints is None or self._path is None:
            return self._spec()
        spec = self._checkpoints.begin(self._spec(), self._path)
        for batch in self._checkpoints.batches():
            self._take(batch)
        return spec

    def _start_over(self) -> None:
        self._gathering = Gathering()
        self._table = Table(keypoints=self._settings.output.keypoints, said=lambda _: self._told.task)
        self._kept: list[Observation] = []

    def _take(self, batch: wire.Batch) -> None:
        for observation in batch.observations:
            if self._keeping:
                self._kept.append(observation)
            else:
                self._count(observation)

    def _count(self, observation: Observation) -> None:
        self._table.append(observation)
        if self._settings.output.exports:
            self._gathering.append(observation)

    def _reviewed(self, started: wire.Started, observations: Iterable[Observation]) -> Reviewed:
        """What was measured, and what counts of it after the review."""
        reviewed = Reviewed(
            self._told.review or NO_REVIEW, measuring(started.info, self._settings),
            keypoints=self._settings.output.keypoints,
        )  # fmt: skip
        for observation in observations:
            counted = reviewed.append(observation)
            if counted is not None and self._settings.output.exports:
                self._gathering.append(counted)
        return reviewed

    @contextmanager
    def _child(self, spec: wire.JobSpec) -> Iterator[Iterable[wire.Message]]:
        """What a child says that does this job: one of its own, unless messages were given."""
        if self._messages is not None:
            yield self._messages
            return
        job = self._job = Job(spec, self._settings.job)
        try:
            if self._stop:
                job.stop()
            yield job
        finally:
            job.close()

    def _seen(self, on_progress: OnProgress, spec: wire.JobSpec) -> tuple[wire.Started, wire.Finished] | None:
        """All that the child says of the file; None where it does not go on as the checkpoint began."""
        started = finished = None
        keep = self._checkpoints
        with self._child(spec) as messages:
            for message in messages:
                match message:
                    case wire.Started():
                        started = message
                        if keep is not None and not keep.fits(message):
                            keep.start_over()
                            return None
                    case wire.Redone():
                        self._start_over()
                        if keep is not None:
                            keep.start_over()
                    case wire.Batch():
                        self._take(message)
                        if keep is not None:
                            keep.add(message)
                        self._said = message.time_s - self._part.start_s, self._length(started), message.frames_decoded
                        on_progress(*self._said)
                    case wire.Checkpoint() if keep is not None:
                        keep.keep(message)
                    case wire.Finished():
                        finished = message
        assert started is not None  # a job that does not start raises, and one that ends has finished
        assert finished is not None
        return started, finished

    def _refuse_other_source(self) -> None:
        """Raise ConfigError for a review of another recording, before anything is decoded."""
        review = self._told.review
        if review is None or not review.source_sha256 or self._path is None:
            return
        digest = Digest(self._path, self._settings.job.stall_s)
        digest.wait(wanted=lambda: not self._stop)
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

    def provenance(self, run: "_Run | Observed") -> Provenance:
        """What a report states about what was observed."""
        return Provenance(
            info=run.started.info,
            damage=run.finished.damage,
            source_sha256=run.sha256,
            source_bytes=run.size_bytes,
            frames_decoded=run.finished.frames_decoded,
            stopped=run.finished.stopped,
            program_version=__version__,
            model=run.started.model,
            model_sha256=run.started.model_sha256,
            provider=run.started.provider,
            fallback_reason=run.started.fallback_reason,
            isolation=run.started.layers,
            settings=msgspec.to_builtins(self._settings),
            camera=self._settings.measure.camera,
            language=self._settings.output.language,
            label=self._told.task.name,
            task=self._told.task,
            reviewer=self._told.reviewer,
            reviewed_on=self._told.reviewed_on,
            names=self._told.names,
        )


def report_paths(base: Path, formats: Iterable[str], suffix: str = "", *, overwrite: bool) -> dict[str, Path]:
    """Format to file, `base` + ".html", ... Raises SinkError where one of them cannot be written."""
    outputs = {name: base.with_name(f"{base.name}.{WRITERS[name].suffix}{suffix}") for name in formats}
    for output in outputs.values():
        refuse_existing(output, overwrite=overwrite)
        probe(output)
    return outputs


@dataclass(frozen=True)
class _Run:
    """What the decoding process said of the file as a whole."""

    started: wire.Started
    finished: wire.Finished
    sha256: str
    size_bytes: int


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
