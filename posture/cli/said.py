"""What the user says about a recording (`--task`, `--name`), and its scores in a line."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posture.cli.screen import stderr
from posture.errors import ConfigError

if TYPE_CHECKING:
    from posture.analysis import Result, Told
    from posture.inputs import Input
    from posture.reports.schema import PersonSummary
    from posture.review import Review

TaskFile = Annotated[
    str | None,
    typer.Option(
        "--task",
        metavar="FILE",
        help="What no camera sees, for RULA, REBA and OWAS, as TOML: force_kg, coupling, stance, wrist_deg, ... What "
        "is left out makes the scores intervals.",
    ),
]
Names = Annotated[
    list[str] | None,
    typer.Option("--name", metavar="[N=]NAME", help="Name of person N (default 1) in the report; may be repeated."),
]
ReviewFile = Annotated[
    str | None,
    typer.Option(
        "--review",
        metavar="FILE",
        help="Corrections of one recording, as the Analyse page saves them: keypoints, factors, time that does not "
        "count, task, names. The report lists every one of them.",
    ),
]

Reviewer = Annotated[
    str | None,
    typer.Option(
        "--reviewer",
        metavar="NAME",
        help="Who reviewed the report and answers for it. Without a name each page of it says that it is a draft.",
    ),
]


def user_says(
    task: str | None,
    names: list[str],
    frame_rate: float | None = None,
    review: str | None = None,
    reviewer: str | None = None,
) -> "Told":
    """What the user says. Raises ConfigError for a file that cannot be used or a name for nobody."""
    from posture.analysis import Told
    from posture.ergonomics.task import Task as Entered
    from posture.ergonomics.task import load_task

    given: dict[int, str] = {}
    for text in names:
        number, separator, name = text.partition("=")
        number, name = (number, name) if separator else ("1", text)
        if not number.isascii() or not number.isdigit() or not int(number) or not name.strip():
            raise ConfigError(f"--name {text!r}: give a name, or the number of a person and a name, as in 2=packer")
        given[int(number)] = name.strip()
    entered = load_task(Path(task).expanduser()) if task else Entered()
    corrected = _review(review, task) if review else None
    signed = (reviewer or "").strip()
    return Told(entered, given, frame_rate, corrected, signed, date.today() if signed else None)


def _review(file: str, task: str | None) -> "Review":
    from posture.ergonomics.task import NOTHING_SAID
    from posture.review import load_review

    review = load_review(Path(file).expanduser())
    if task and review.task != NOTHING_SAID:
        raise ConfigError(f"{file} holds a task of its own: leave --task out, or take the task out of the review")
    return review


def recordings(inputs: list[str], review: str | None) -> "list[Input]":
    """What the user named. Raises NoInput, and ConfigError where there are several and one review."""
    from posture.inputs import CLIP_SUFFIX, MEDIA_SUFFIXES, find_inputs

    found = find_inputs(inputs, suffixes=MEDIA_SUFFIXES | {CLIP_SUFFIX})
    if review and len(found) > 1:
        raise ConfigError(f"--review is about one recording, and there are {len(found)}")
    return found


def tell_of_unknown_names(told: "Told", result: "Result") -> None:
    """A name that nobody got is told on stderr."""
    known = {person.person for person in result.summary.people}
    for number in sorted(set(told.names) - known):
        stderr.print(f"[yellow]▲[/yellow] --name: the report has no person {number}", highlight=False)


def scores_line(person: "PersonSummary") -> str:
    """RULA and REBA of one person in a line; empty where nothing was scored."""
    from posture.reports import score_words as sw
    from posture.reports import words

    told = [
        f"{sw.title(one.method, one.side)} P50 {sw.interval(one.p50_low, one.p50_high)}, "
        f"P90 {sw.interval(one.p90_low, one.p90_high)}"
        for one in person.scores
        if one.method != "owas"
    ]
    return f"{person.name or words.person(person.person)}: {'; '.join(told)}" if told else ""
