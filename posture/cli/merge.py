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
    from posture.analysis import Analysis, Range
    from posture.ergonomics.two_views import fuse
    from posture.merging import merged_report

    estimated = {"pose.model": model, "analysis.rate": rate_of(rate)}
    settings = config.load(reports_wanted(output, formats, language) | estimated)
    told = user_says(task, name or [], None, None, reviewer)
    base = Path(settings.output.folder).expanduser() / f"{first.stem}+{second.stem}"
    trail.started("merge")
    analyses = [Analysis(path, settings, Range(), told) for path in (first, second)]
    with stderr.status("analysing both views"):
        seen = [one.observe(lambda *_: None) for one in analyses]
    people = _people(person, seen)
    proposal = _proposal(seen, people) if offset is None else None
    offset_s = offset if offset is not None else proposal.offset_s if proposal else 0.0
    fused = fuse(seen[0].observations, seen[1].observations, offset_s, people)
    if not fused.paired_s:
        raise ConfigError(f"with an offset of {offset_s:g} s no moment shows the person in both views: check --offset")
    merged = merged_report(analyses[0], (seen[0], seen[1]), fused, offset_s, proposal, settings, people)
    outputs = merged.write(base, settings.output.formats, overwrite=overwrite)
    for kind, path in outputs.items():
        trail.exported(kind, path)
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
    return found[0], found[1]


def _proposal(seen: "list[Observed]", people: tuple[int, int]) -> "Proposal":
    from posture.ergonomics.offset import propose

    found = propose(seen[0].observations, seen[1].observations, people)
    if found is None:
        raise ConfigError("the recordings are too short, or nothing moves, to find their offset: give --offset SECONDS")
    told = f"r = {found.correlation:.2f} at {found.offset_s:g} s, elsewhere {found.runner_up:.2f}"
    if not found.certain:
        raise ConfigError(f"the movements do not tell the offset with certainty ({told}): give --offset SECONDS")
    stderr.print(
        f"offset {found.offset_s:g} s ± {found.uncertainty_s:g} s, from the movements ({told})", highlight=False
    )
    return found
