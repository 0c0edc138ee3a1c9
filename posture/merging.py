"""Two recordings of one task as one report: the parent's side of `posture merge`."""

from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from posture.analysis import Analysis, Observed
from posture.config import Settings
from posture.data import Observation
from posture.ergonomics.offset import Proposal
from posture.ergonomics.task import NOTHING_SAID, Task
from posture.ergonomics.two_views import Fused
from posture.reports import FORMATS, Scored, Summary, Table, score_table, summarise
from posture.reports.exposure import views
from posture.reports.two_views import summed


@dataclass(frozen=True, eq=False)
class Merged:
    """One report of two views."""

    summary: Summary
    table: Table
    scored: Scored

    def write(self, name: str, stream: BinaryIO) -> None:
        """Write the format of that name."""
        FORMATS[name].write(self.summary, self.table.rows(self.scored.rows), stream)


def merged_report(
    analysis: Analysis,
    seen: tuple[Observed, Observed],
    fused: Fused,
    offset_s: float,
    proposal: Proposal | None,
    settings: Settings,
    people: tuple[int, int],
) -> Merged:
    """Sum up the fused views; `analysis` is that of the first one, `people` whose number in each."""
    provenance = analysis.provenance(seen[0])
    table = _filled(fused.observations, provenance.task)
    scored = score_table(table, provenance.task, settings.scores)
    shown = tuple(views(_filled(one.observations).person(person)) for one, person in zip(seen, people, strict=True))
    both = summed(fused, offset_s, proposal, (shown[0], shown[1]), seen[1].sha256)
    with_both = msgspec.structs.replace(summarise(table, provenance, scored), two_views=both)
    return Merged(with_both, table, scored)


def _filled(observations: tuple[Observation, ...], task: Task = NOTHING_SAID) -> Table:
    table = Table(said=lambda _: task)
    for observation in observations:
        table.append(observation)
    return table
