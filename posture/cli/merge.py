"""`posture merge`: two recordings of one task from two sides, as one report."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from posture.cli import trail
from posture.cli.analyze import rate_of, reports_wanted
from posture.cli.analyze_options import Folder, Formats, Language, Model, Overwrite, Rate
from posture.cli.options import AsJson
from posture.cli.said import Names, Reviewer, TaskFile, scores_line, user_says
from posture.cli.screen import stderr, stdout
from posture.cli.written import write_all
from posture.errors import ConfigError, printable

if TYPE_CHECKING:
    from posture.analysis import Observed
    from posture.ergonomics.offset import Proposal
    from posture.merging import Merged


def merge(
    first: Annotated[Path, typer.Argument(metavar="FIRST", help="A video or keypoints; its times count.")],
    second: Annotated[
        Path, typer.Argument(metavar="SECOND", help="The same task at the same time, from another side.")
    ],
    offset: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="What is at t in FIRST is at t + SECONDS in SECOND (default: found in the movements, or refused).",
        ),
    ] = None,
    output: Folder = None,
    formats: Formats = None,
    language: Language = None,
    model: Model = None,
    rate: Rate = None,
    person: Annotated[
        str | None, typer.Option(metavar="N,N", help="Who it is in each (default: whoever is seen most).")
    ] = None,
    task: TaskFile = None,
    name: Names = None,
    reviewer: Reviewer = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Merge a second view of the same task into one report.

    Each angle comes from the view that measures it, and the report shows how far the two disagree. The offset between
    the recordings is found in the movements where it is certain; otherwise --offset has to say it.
    """
    from posture import config
    from posture.analysis import Analysis, Range, report_paths
    from posture.ergonomics.two_views import fuse
    from posture.merging import merged_report

    estimated = {"pose.model": model, "analysis.rate": rate_of(rate)}
    settings = config.load(reports_wanted(output, formats, language) | estimated)
    told = user_says(task, name or [], None, None, reviewer)
    base = Path(settings.output.folder).expanduser() / f"{first.stem}+{second.stem}"
    trail.started("merge")
    outputs = report_paths(base, settings.output.formats, overwrite=overwrite)
    analyses = [Analysis(path, settings, Range(), told) for path in (first, second)]
    with stderr.status("analysing both views"):
        seen = [one.observe(lambda *_: None) for one in analyses]
    people = _people(person, seen)
    proposal = _proposal(seen, people, offset)
    offset_s = offset if offset is not None else proposal.offset_s if proposal else 0.0
    fused = fuse(seen[0].observations, seen[1].observations, offset_s, people)
    if not fused.paired_s:
        raise ConfigError(_nothing_shared(seen, offset_s))
    merged = merged_report(analyses[0], (seen[0], seen[1]), fused, offset_s, proposal, settings, people)
    write_all(outputs, merged.write, overwrite=overwrite)
    _tell(merged, outputs, as_json=as_json)


def _tell(merged: "Merged", outputs: dict[str, Path], *, as_json: bool) -> None:
    if as_json:
        files = {kind: str(path) for kind, path in outputs.items()}
        document = {"schema": "posture.merge/1", "outputs": files, "report": msgspec.to_builtins(merged.summary)}
        json.dump(document, sys.stdout, indent=1)
        print()
        return
    for one in filter(scores_line, merged.summary.people):
        stdout.print(scores_line(one), markup=False, highlight=False, soft_wrap=True)
    for path in outputs.values():
        stdout.print(f"  → {printable(str(path))}", markup=False, highlight=False, soft_wrap=True)


def _people(person: str | None, seen: "list[Observed]") -> tuple[int, int]:
    from posture.ergonomics.two_views import most_seen

    if person is None:
        found = [most_seen(one.observations) for one in seen]
    else:
        parts = person.split(",")
        if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
            raise ConfigError(f"--person takes a number for each view as N,N, not {person!r}")
        found = [int(part) for part in parts]
    if not all(found):
        raise ConfigError("nobody is in view in one of the recordings, so there is nothing to merge")
    for view, number, one in zip(("FIRST", "SECOND"), found, seen, strict=True):
        if not any(subject.pose.person == number for moment in one.observations for subject in moment.people):
            raise ConfigError(f"--person: nobody in {view} has the number {number}; leave it out, or see that report")
    return found[0], found[1]


def _proposal(seen: "list[Observed]", people: tuple[int, int], entered_s: float | None) -> "Proposal | None":
    """How the offset was found; None where a person entered it, who hears of it where the movements say another."""
    from posture.ergonomics.offset import NEAR_S, propose

    found = propose(seen[0].observations, seen[1].observations, people)
    told = f"r = {found.correlation:.2f}, elsewhere {found.runner_up:.2f}" if found else ""
    if entered_s is not None:
        if found and found.certain and abs(found.offset_s - entered_s) > NEAR_S:
            stderr.print(
                f"the movements fit at an offset of {found.offset_s:g} s ({told}), not at the {entered_s:g} s that was "
                "given: check --offset",
                highlight=False,
            )
        return None
    if found is None:
        raise ConfigError("the recordings are too short, or nothing moves, to find their offset: give --offset SECONDS")
    if not found.certain:
        raise ConfigError(
            "the movements do not tell the offset with certainty, or are not the same "
            f"(best {found.offset_s:g} s, {told}): give --offset SECONDS"
        )
    stderr.print(
        f"offset {found.offset_s:g} s ± {found.uncertainty_s:g} s, from the movements ({told})", highlight=False
    )
    return found


def _nothing_shared(seen: "list[Observed]", offset_s: float) -> str:
    """Why no moment shows the person twice: when each recording is, by the clock of the first."""
    first, second = ([one.time_s for one in side.observations] for side in seen)
    begin_s, end_s = second[0] - offset_s, second[-1] - offset_s
    where = f"FIRST lasts from {first[0]:.1f} to {first[-1]:.1f} s, SECOND from {begin_s:.1f} to {end_s:.1f} s"
    return f"with an offset of {offset_s:g} s no moment shows the person in both views ({where}): check --offset"
