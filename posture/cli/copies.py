"""What the verbs have in common that write a copy of each of many files: `posture redact` and `posture scrub`.

Which files are sources and which are copies of an earlier run; the run itself; what became of each file, on the screen
and as JSON; the exit code.
"""

import json
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from rich.markup import escape

from posture.cli import exits
from posture.cli.interrupt import stopping
from posture.cli.screen import ProgressMode, ProgressReport, stderr, stdout
from posture.errors import PostureError, printable

if TYPE_CHECKING:
    from posture.inputs import Input


class Task(Protocol):
    """One file."""

    @property
    def path(self) -> Path:
        """The source."""


class Outcome(Protocol):
    """What became of the task of a number, from 0: one of result and error is set."""

    @property
    def number(self) -> int: ...  # noqa: D102 - above

    @property
    def result(self) -> Any: ...  # noqa: ANN401, D102 - each verb's own

    @property
    def error(self) -> PostureError | None: ...  # noqa: D102 - above


OutcomeT = TypeVar("OutcomeT", bound=Outcome, covariant=True)


class Work(Protocol[OutcomeT]):
    """A run over files, which ends early when it is asked to."""

    def stop(self) -> None: ...  # noqa: D102 - above

    def steps(self, tasks: Sequence[Any]) -> int: ...  # noqa: D102 - how often progress begins anew

    def run(self, tasks: Sequence[Any], watcher: ProgressReport) -> Generator[OutcomeT, None, None]: ...  # noqa: D102


def sources(inputs: list[str], folder: Path | None, mark: str, verb: str, suffixes: frozenset[str]) -> "list[Input]":
    """What is to be copied, and a word on the copies that were left out.

    `folder`: where copies go, None for beside each file. `mark`: what the name of a copy ends with, before its suffix.
    """
    from posture.inputs import find_inputs

    copies: set[Path] = set()
    output = None if folder is None else folder.resolve()
    found = find_inputs(inputs, partial(_is_copy, output=output, mark=mark, copies=copies), suffixes)
    if copies:
        what = "1 copy of an earlier run was" if len(copies) == 1 else f"{len(copies)} copies of an earlier run were"
        stderr.print(f"{what} left out; name a copy to {verb} it again", highlight=False, soft_wrap=True)
    return found


def _is_copy(path: Path, searched: Path, *, output: Path | None, mark: str, copies: set[Path]) -> bool:
    """Whether a file is a copy: by its name, or because it lies in the output folder below the one that is searched.

    Where both are one folder, the name alone tells copies from sources. `copies` remembers those that were found.
    """
    folder = searched.resolve()
    below = output is not None and output != folder and output.is_relative_to(folder)
    inside = below and output is not None and (folder / path.relative_to(searched)).is_relative_to(output)
    if inside or path.stem.endswith(mark):
        copies.add(path.absolute())
        return True
    return False


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person reads of a file that is done."""

    headline: str
    details: Sequence[str] = ()
    warn: bool = False


def finished(
    work: Work[OutcomeT],
    tasks: Sequence[Task],
    progress: ProgressMode,
    note: Callable[[OutcomeT], None],
    shown: Callable[[Any], Shown] | None,
    *,
    rename: bool,
) -> tuple[list[OutcomeT], int]:
    """Do the work; the outcomes in the end, and the exit code.

    `note`: hears of each outcome, for the audit log. `shown`: what to print of a result, None for nothing. With neutral
    names (`rename`), nothing that is printed says which copy is whose.
    """
    done: list[OutcomeT] = []
    with (
        ProgressReport(progress, work.steps(tasks)) as report,
        stopping(work, "stopping; a file that is not complete is not written") as wish,
        closing(work.run(tasks, report)) as outcomes,
    ):
        for outcome in outcomes:
            done.append(outcome)
            note(outcome)
            if shown is not None and outcome.result is not None:
                output = None if rename else outcome.result.output
                _show(printable(tasks[outcome.number].path.name), shown(outcome.result), output)
            elif shown is not None:
                stderr.print(f"[red]■[/red] {escape(str(outcome.error))}", highlight=False, soft_wrap=True)
    errors = [outcome.error for outcome in done if outcome.error is not None]
    code = exits.OK if not errors else exits.exit_code(errors[0]) if len(done) == 1 else exits.SOME_FAILED
    return done, wish.code or code


def _show(name: str, shown: Shown, output: Path | None) -> None:
    mark = "[yellow]▲[/yellow]" if shown.warn else "[blue]●[/blue]"
    stdout.print(f"{mark} [bold]{escape(name)}[/bold]  {escape(shown.headline)}", highlight=False, soft_wrap=True)
    for line in (*shown.details, *([] if output is None else [f"→ {printable(str(output))}"])):
        stdout.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def counted(done: Sequence[Outcome], tasks: Sequence[Task]) -> str:
    """How many files are done, failed and left."""
    failed = sum(outcome.result is None for outcome in done)
    missing = len(tasks) - len(done)
    return f"{len(done)} files, {failed} failed" + (f", {missing} not done" if missing else "")


def print_json(
    schema: str,
    done: Sequence[OutcomeT],
    tasks: Sequence[Task],
    fields: Callable[[Any], dict[str, Any]],
    *,
    rename: bool,
) -> None:
    """The JSON document. With neutral names a file is its number: nothing pairs it with its copy.

    `fields`: of what came out of one file.
    """
    files = [_tree(outcome, tasks[outcome.number].path, fields, rename=rename) for outcome in done]
    json.dump({"schema": schema, "files": files}, sys.stdout, indent=1)
    print()


def _tree(outcome: Outcome, path: Path, fields: Callable[[Any], dict[str, Any]], *, rename: bool) -> dict[str, Any]:
    if outcome.result is not None:
        name = outcome.number + 1 if rename else printable(path.name)
        return {"file": name, "exit": exits.OK, **fields(outcome.result)}
    error = outcome.error
    code = exits.exit_code(error) if error else exits.FAILED
    return {"file": printable(path.name), "exit": code, "error": type(error).__name__, "message": str(error)}
