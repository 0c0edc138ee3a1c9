"""`posture analyze` and `posture demo`: from files to reports."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from posture.cli import exits, trail
from posture.cli.analyze_options import (
    CameraPitch,
    CameraRoll,
    Estimate,
    Exports,
    Folder,
    Formats,
    FrameRate,
    Inputs,
    KeyFrames,
    Keypoints,
    Language,
    Level,
    Model,
    Overwrite,
    People,
    Rate,
    Video,
)
from posture.cli.annotated import Annotated
from posture.cli.going_on import Resume, checkpoints_of, reports_are_there
from posture.cli.interrupt import stopping
from posture.cli.options import AsJson, End, HowProgress, Provider, Start, listed, part
from posture.cli.said import (
    Names,
    Reviewer,
    ReviewFile,
    TaskFile,
    recordings,
    scores_line,
    tell_of_unknown_names,
    user_says,
)
from posture.cli.screen import ProgressMode, ProgressReport, new_grid, stderr, stdout
from posture.errors import ConfigError, PostureError, printable
from posture.pacing import Step

if TYPE_CHECKING:
    from posture.analysis import Analysis, Range, Result, Told
    from posture.cli.clips import Keys
    from posture.config import Settings
    from posture.reports.schema import Summary

FINDINGS_SHOWN = 3

Task = tuple[Path | None, Path]
"""A file (None: the demo) and the path of its reports without a suffix."""


@dataclass(frozen=True)
class Outcome:
    """What became of one input."""

    name: str
    """Printable."""
    result: "Result | None" = None
    error: PostureError | None = None
    there: bool = False
    """Its reports are there from an earlier run, and it was left out."""
    stop_code: int = 0
    """Somebody wanted no more meanwhile, so that nothing follows: the exit code for it."""


def analyze(
    inputs: Inputs,
    output: Folder = None,
    formats: Formats = None,
    language: Language = None,
    model: Model = None,
    rate: Rate = None,
    estimate: Estimate = False,
    people: People = None,
    provider: Provider = None,
    start: Start = None,
    end: End = None,
    camera_pitch: CameraPitch = None,
    camera_roll: CameraRoll = None,
    level: Level = None,
    task: TaskFile = None,
    name: Names = None,
    reviewer: Reviewer = None,
    review: ReviewFile = None,
    keypoints: Keypoints = False,
    key_frames: KeyFrames = None,
    video: Video = False,
    exports: Exports = None,
    frame_rate: FrameRate = None,
    overwrite: Overwrite = False,
    resume: Resume = False,
    as_json: AsJson = False,
    progress: HowProgress = "auto",
) -> None:
    """Analyse recorded videos, pictures, or keypoints of other programs into posture reports.

    A folder is searched through; a file that fails does not stop the others. Ctrl+C ends with what was done so far.
    Keypoints: OpenPose folders, COCO (.coco.json), TRC, C3D, netCDF (.nc), Parquet, and CSV (.wide.csv, .long.csv).
    Recordings of the vault (.pclip) are decrypted as they are read, with the keyring of the system or the passphrase.
    """
    from posture.analysis import Range
    from posture.cli.clips import with_keys
    from posture.interchange import FORMATS as POSE_FORMATS

    settings = _settings(
        {
            **reports_wanted(output, formats, language),
            "output.keypoints": keypoints or None,
            "output.key_frames": key_frames,
            "output.exports": listed(exports, everything=tuple(POSE_FORMATS)),
            "pose.model": model,
            "pose.people": people,
            "pose.providers": listed(provider),
            "analysis.rate": rate_of(rate),
            "analysis.poses": "estimated" if estimate else None,
            "measure.camera_pitch_deg": camera_pitch,
            "measure.camera_roll_deg": _roll(level, camera_roll),
        }
    )
    span, told = Range(*part(start, end)), user_says(task, name or [], frame_rate, review, reviewer)
    found = recordings(inputs, review)
    trail.started("analyze")
    wanted, keys = with_keys(found)
    tasks: list[Task] = [(item.path, Path(settings.output.folder).expanduser() / item.stem) for item in wanted]
    _finish(_run(tasks, settings, span, told, overwrite, progress, keys, resume=resume, video=video), as_json)


def demo(
    output: Folder = None,
    formats: Formats = None,
    language: Language = None,
    key_frames: KeyFrames = None,
    as_json: AsJson = False,
    progress: HowProgress = "auto",
) -> None:
    """Analyse the bundled demo with the real engine and write report.html, report.json and report.csv.

    The demo is a public-domain portrait, moved by known motions: lean left, lean right, closer, further.
    """
    from posture.analysis import Range, Told

    settings = _settings(reports_wanted(output, formats, language) | {"output.key_frames": key_frames})
    trail.started("demo")
    base = Path(settings.output.folder).expanduser() / ("report" if output else "demo/report")
    _finish(_run([(None, base)], settings, Range(), Told(), True, progress), as_json)


def reports_wanted(output: str | None, formats: str | None, language: str | None) -> dict[str, Any]:
    """The settings that say where, in which formats and in which language reports are written."""
    named = listed(formats, everything=("html", "json", "csv", "pdf", "xlsx"))
    return {"output.folder": output, "output.formats": named, "output.language": language}


def _settings(flags: dict[str, Any]) -> "Settings":
    """Raises ConfigError also for pictures of moments where no report shows any, and for keypoints without a CSV."""
    from posture import config
    from posture.reports import FORMATS

    settings = config.load(flags)
    if flags["output.key_frames"] == "picture" and not any(
        FORMATS[name].shows_stills for name in settings.output.formats
    ):
        raise ConfigError("--key-frames picture is for HTML and PDF: add one to --format, or leave --key-frames out")
    if flags.get("output.keypoints") and "csv" not in settings.output.formats:
        raise ConfigError("--keypoints are written into the CSV: add csv to --format, or leave --keypoints out")
    return settings


def _run(
    tasks: list[Task],
    settings: "Settings",
    span: "Range",
    told: "Told",
    overwrite: bool,
    progress: ProgressMode,
    keys: "Keys | None" = None,
    *,
    resume: bool = False,
    video: bool = False,
) -> Iterator[Outcome]:
    """One outcome a file, in order; ends after the file in hand when somebody wants no more."""
    from posture.analysis import Analysis

    with ProgressReport(progress, len(tasks) * (2 if video else 1)) as report:
        for path, base in tasks:
            name = printable(path.name) if path else "demo"
            report.begin(name)
            key = keys.get(path, b"") if keys and path else b""
            if isinstance(key, PostureError):
                yield Outcome(name, error=key)
                continue
            if resume and not overwrite and reports_are_there(settings, base):
                yield Outcome(name, there=True)
                continue
            kept = checkpoints_of(path, settings, span, told) if resume and path else None
            analysis = Analysis(path, settings, span, told, key=key, checkpoints=kept)
            copy = Annotated(path, base, settings, span, key, overwrite=overwrite) if video and path else None
            words = "stopping; --resume goes on from here" if kept else "ending with what is done so far"
            with stopping(_Both(analysis, copy), words) as wish:
                result, error = None, None
                try:
                    if copy is not None:
                        copy.refuse()
                    result = analysis.run(base, report.update, overwrite=overwrite)
                    if copy is not None and not wish.code:
                        result.outputs["video"] = copy.write(report)
                except PostureError as exc:
                    error = exc
            _record(result, error)
            if result is not None:
                tell_of_unknown_names(told, result)
            yield Outcome(name, result, error, stop_code=wish.code)
            if wish.code:
                return


class _Both:
    """An analysis and the annotated copy that follows it."""

    def __init__(self, analysis: "Analysis", copy: Annotated | None) -> None:
        self._analysis, self._copy = analysis, copy

    def stop(self) -> None:
        """Whichever is at work; the other has ended, or does not begin."""
        self._analysis.stop()
        if self._copy is not None:
            self._copy.stop()


def _record(result: "Result | None", error: PostureError | None) -> None:
    """What one input led to, for the audit log: a model that was refused, or the reports.

    Which model ran stands in the reports, whose hashes are logged: only the decoding process says so, and that is not
    trusted to write into the log.
    """
    trail.failed(error)
    if result is not None:
        for name, path in result.outputs.items():
            if name == "video":
                trail.redacted(path, path.stat().st_size)
            else:
                trail.exported(name.partition(" ")[0], path)


def _finish(outcomes: Iterator[Outcome], as_json: bool) -> None:
    """Show every outcome as it comes, the table of several at the end, and leave with the exit code."""
    done = []
    for outcome in outcomes:
        done.append(outcome)
        if not as_json:
            _show(outcome)
    if as_json:
        json.dump({"schema": "posture.analyze/1", "files": [_as_dict(o) for o in done]}, sys.stdout, indent=1)
        print()
    elif len(done) > 1:
        stdout.print(_grid(done))
    raise typer.Exit(_code(done))


def _code(done: list[Outcome]) -> int:
    errors = [outcome.error for outcome in done if outcome.error is not None]
    if stopped := next((outcome.stop_code for outcome in done if outcome.stop_code), 0):
        return stopped
    if not errors:
        return exits.OK
    return exits.exit_code(errors[0]) if len(done) == 1 else exits.SOME_FAILED


def _show(outcome: Outcome) -> None:
    """What a person wants to know of one file: did it work, what came out, where is it."""
    if outcome.there:
        stdout.print(f"[blue]●[/blue] {escape(outcome.name)}  its reports are there", highlight=False, soft_wrap=True)
        return
    if outcome.error is not None:  # with a result: its annotated copy did not come about
        stderr.print(f"[red]■[/red] {escape(str(outcome.error))}", highlight=False, soft_wrap=True)
    if outcome.result is None:
        return
    summary = outcome.result.summary
    partial = "[yellow]▲[/yellow]"
    mark = partial if summary.source.damage or outcome.result.stopped else "[blue]●[/blue]"
    stdout.print(
        f"{mark} [bold]{escape(outcome.name)}[/bold]  {escape(headline(summary))}", highlight=False, soft_wrap=True
    )
    for line in filter(None, (summary.source.damage, summary.engine.fallback_reason)):
        stdout.print(f"  {escape(line)}", highlight=False, soft_wrap=True)
    if outcome.result.stopped:
        stdout.print("  stopped early: the reports cover what was done until then", highlight=False)
    for person in summary.people:
        if told := scores_line(person):
            stdout.print(f"  {escape(told)}", highlight=False, soft_wrap=True)
        for finding in person.findings[:FINDINGS_SHOWN]:
            stdout.print(f"  {escape(finding.text)}", highlight=False, soft_wrap=True)
    paths = list(outcome.result.outputs.values())
    stdout.print(f"  → {printable(str(paths[0]))}", markup=False, highlight=False, soft_wrap=True)
    stem = paths[0].stem
    if others := ", ".join(printable(path.name.removeprefix(stem)) for path in paths[1:]):
        stdout.print(f"    beside it {others}", markup=False, highlight=False)


def _grid(done: list[Outcome]) -> Table:
    failed = sum(outcome.error is not None for outcome in done)
    grid = new_grid("file", "outcome", "", title=f"{len(done)} files, {failed} failed")
    for outcome in done:
        if outcome.there:
            state, words = "[blue]● there[/blue]", ""
        elif outcome.result is None:
            state, words = "[red]■ failed[/red]", str(outcome.error)
        else:
            summary = outcome.result.summary
            state = "[yellow]▲ partial[/yellow]" if summary.source.damage else "[blue]● ok[/blue]"
            words = headline(summary)
        grid.add_row(escape(outcome.name), state, escape(words))
    return grid


def _as_dict(outcome: Outcome) -> dict[str, Any]:
    if outcome.there:
        return {"file": outcome.name, "exit": exits.OK, "there": True}
    failure = {}
    if error := outcome.error:
        failure = {"exit": exits.exit_code(error), "error": type(error).__name__, "message": str(error)}
    if outcome.result is None:
        return {"file": outcome.name, "exit": exits.FAILED, **failure}
    return {
        "file": outcome.name,
        "exit": exits.OK,
        **failure,
        **({"exit": outcome.stop_code} if outcome.stop_code else {}),
        "outputs": {name: str(path) for name, path in outcome.result.outputs.items()},
        "report": msgspec.to_builtins(outcome.result.summary),
    }


def headline(summary: "Summary") -> str:
    """One line: how many people, how much of the time was judged, and how good the data are."""
    quality = summary.quality
    if summary.source.kind == "image":
        moments = [moment for person in summary.people for moment in person.moments[:1]]
        parts = sum(zone != "unknown" for moment in moments for zone in moment.zones.values())
        return f"a picture with {quality.people_seen or 'nobody'} in view, {parts} body parts judged"
    if not quality.frames_with_person:
        return f"nobody in view in {quality.frames_analysed} frames"
    people = "1 person" if quality.people_seen == 1 else f"{quality.people_seen} people"
    others = f", {quality.most_others_seen} more beside" if quality.most_others_seen else ""
    judged = f"judged {quality.judged_share:.0%} of {quality.analysed_s:.1f} s"
    return f"{people}{others}, {judged}, data {quality.grade.replace('_', ' ')}"


def rate_of(text: str | None) -> float | str | None:
    """What --rate says."""
    if text is None or text in get_args(Step):
        return text
    try:
        return float(text)
    except ValueError:
        steps = ", ".join(get_args(Step))
        raise typer.BadParameter(f"--rate takes a number of Hz, or one of {steps}, not {text!r}") from None


def _roll(level: str | None, stated: float | None) -> float | None:
    """Camera roll in degrees: as stated, or from the two points of a line that is level or plumb in the world."""
    if level is None:
        return stated
    if stated is not None:
        raise ConfigError("--level measures what --camera-roll states: give one of them")
    from posture.ergonomics.measure import roll_from_level

    try:
        x1, y1, x2, y2 = (float(part) for part in level.split(","))
        return roll_from_level((x1, y1), (x2, y2))
    except ValueError:
        raise typer.BadParameter(f"--level takes two different points as X,Y,X,Y in pixels, not {level!r}") from None
