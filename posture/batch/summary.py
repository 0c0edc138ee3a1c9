"""One summary over all files of a job: JSON, CSV and HTML, worst first, and per person, task and day.

Streamed from the journal, so that it does not grow with the number of files. It holds no clock time, no duration of the
work and no name of a computer, and nothing of how often something was tried: the same files give the same bytes.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import msgspec

from posture import __version__
from posture.batch import summary_page
from posture.batch.discovery import SUMMARY
from posture.batch.journal import Entry, Journal, results_of
from posture.batch.plan import JobPlan
from posture.batch.rows import FileRow, PersonRow
from posture.errors import printable
from posture.output import Plainly, Writing
from posture.reports.language import speaking
from posture.reports.review_csv import plain

FORMATS = ("html", "csv", "json")
COLUMNS = (
    "file", "state", "person", "person_group", "task", "day", "judged_s", "analysed_s", "grade", "worst_part",
    "not_recommended_share", "rula_p90", "reba_p90", "holds_too_long", "damage", "finding", "error", "message",
    "source_sha256",
)  # fmt: skip
_WORST_FIRST = "severity DESC, stem_key"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the JSON document."""

    file: str
    state: str
    error: str
    message: str
    source_sha256: str
    frames: int
    media_s: float
    person: str
    task: str
    day: str
    results: tuple[dict[str, object], ...]
    report: FileRow | None


@dataclass
class Group:
    """What the files of one person, task or day come to."""

    name: str
    files: int = 0
    judged_s: float = 0.0
    bad_s: float = 0.0
    """Judged time in the zone "not recommended", of the worst part of each person."""
    rula: int = 0
    reba: int = 0

    def add(self, person: PersonRow) -> None:
        """Take one person of one file into account."""
        self.judged_s += person.judged_s
        self.bad_s += person.judged_s * person.not_recommended_share
        self.rula, self.reba = max(self.rula, person.rula), max(self.reba, person.reba)

    @property
    def share(self) -> float:
        """Of the judged time; what groups are ordered by."""
        return round(self.bad_s / self.judged_s, 4) if self.judged_s else 0.0


@dataclass
class Groups:
    """By person, task and day."""

    person: dict[str, Group] = field(default_factory=dict)
    task: dict[str, Group] = field(default_factory=dict)
    day: dict[str, Group] = field(default_factory=dict)

    def add(self, entry: Entry, row: FileRow | None) -> None:
        """Take one file into account."""
        people = row.people if row else ()
        for kind, name in (("person", entry.person), ("task", entry.task), ("day", entry.day)):
            if name:
                self._add(kind, name, people)
        if not entry.person:
            for person in people:
                if person.name:
                    self._add("person", person.name, (person,))

    def _add(self, kind: str, name: str, people: tuple[PersonRow, ...]) -> None:
        group = getattr(self, kind).setdefault(name, Group(name))
        group.files += 1
        for person in people:
            group.add(person)

    def ordered(self, kind: str) -> list[Group]:
        """Worst first; days in their order."""
        groups = getattr(self, kind).values()
        return sorted(groups, key=lambda one: one.name if kind == "day" else (-one.share, -one.reba, one.name))


def write_summary(
    plan: JobPlan,
    journal: Journal,
    identity: str,
    writing: Writing = Plainly(),  # noqa: B008 - has no state
    language: str = "en",
) -> list[Path]:
    """Write all formats, whole; those of an earlier run of the job are replaced. `language`: of the page.

    Raises SinkError.
    """
    folder = Path(plan.output).expanduser().absolute()
    paths = [folder / f"{SUMMARY}.{name}{writing.suffix}" for name in FORMATS]
    groups = Groups()
    for entry in journal.entries("state = 'done'", _WORST_FIRST):
        groups.add(entry, _row(entry))
    with ExitStack() as together:
        html, table, document = (together.enter_context(writing.open(path, overwrite=True)) for path in paths)
        with speaking(language):
            lines = ((entry, _row(entry), _message(plan, entry)) for entry in journal.entries("1", _WORST_FIRST))
            summary_page.write(html, plan, journal.counts(), groups, lines)
        _write_csv(table, plan, journal)
        _write_json(document, plan, journal, groups, identity)
    return paths


def _told(plan: JobPlan, journal: Journal) -> Iterator[Told]:
    for entry in journal.entries("1", _WORST_FIRST):
        yield Told(
            file=printable(_text(entry.below)),
            state=entry.state if entry.state != "running" else "waiting",
            error=entry.error,
            message=_message(plan, entry),
            source_sha256=entry.source_sha256,
            frames=entry.frames,
            media_s=entry.media_s,
            person=entry.person,
            task=entry.task,
            day=entry.day,
            results=tuple(
                {
                    "name": printable(_text(one.name)),
                    "format": one.format,
                    "sha256": one.sha256,
                    "bytes": one.size_bytes,
                }
                for one in results_of(entry)
            ),
            report=_row(entry),
        )


def _write_json(out: BinaryIO, plan: JobPlan, journal: Journal, groups: Groups, identity: str) -> None:
    counts = journal.counts()
    head = {
        "schema": "posture.batch/1",
        "program_version": __version__,
        "what": plan.what,
        "identity": identity,
        "files_in_all": counts.total,
        "states": {state: counts.files[state] for state in ("done", "failed", "refused")},
        "media_s": round(counts.media_s, 3),
        **{f"by_{kind}": [_as_dict(one) for one in groups.ordered(kind)] for kind in ("person", "task", "day")},
    }
    out.write(msgspec.json.encode(head)[:-1] + b',"files":[')
    for number, told in enumerate(_told(plan, journal)):
        out.write((b",\n" if number else b"\n") + msgspec.json.encode(told))
    out.write(b"\n]}\n")


def _as_dict(group: Group) -> dict[str, object]:
    return {
        "name": group.name, "files": group.files, "judged_s": round(group.judged_s, 3),
        "not_recommended_share": group.share, "rula_p90": group.rula, "reba_p90": group.reba,
    }  # fmt: skip


def _write_csv(out: BinaryIO, plan: JobPlan, journal: Journal) -> None:
    """One row for each person of a file, or for a file without any."""
    text = io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for told in _told(plan, journal):
        row = told.report
        for person in row.people if row and row.people else (None,):
            table.writerow([_cell(value) for value in _values(told, row, person)])
    text.detach()


def _values(told: Told, row: FileRow | None, person: PersonRow | None) -> tuple[object, ...]:
    of_person: tuple[object, ...] = ("",) * 5
    if person:
        of_person = (
            person.worst_part, person.not_recommended_share, person.rula or "", person.reba or "",
            person.holds_too_long,
        )  # fmt: skip
    return (
        told.file, told.state, person.name or person.person if person else "", told.person, told.task, told.day,
        person.judged_s if person else "", row.analysed_s if row else "", row.grade if row else "", *of_person,
        row.damage if row else "", row.headline if row else "", told.error, told.message, told.source_sha256,
    )  # fmt: skip


def _cell(value: object) -> object:
    return plain(value) if isinstance(value, str) else value


def _message(plan: JobPlan, entry: Entry) -> str:
    """Why a file has no results, without the folder of the results."""
    if entry.state not in ("failed", "refused"):
        return ""
    folder = str(Path(plan.output).expanduser().absolute())
    return entry.message.replace(f"{folder}/", "")


def _row(entry: Entry) -> FileRow | None:
    return msgspec.msgpack.decode(entry.row, type=FileRow) if entry.row else None


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
