"""Every combination in a process of its own, one after the other, and the results in order."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from posture.bench.runs import printed
from posture.errors import SourceError
from posture.pose.settings import PoseSettings
from posture.ranking.candidates import Candidate
from posture.ranking.one import Ranked, Task


def measured(annotations: Path, candidate: Candidate, pose: PoseSettings) -> Ranked:
    """What came of one combination. Raises SourceError where its process fails."""
    task = msgspec.json.encode(Task(str(annotations), candidate, pose)).decode()
    return msgspec.convert(json.loads(printed("posture.ranking.one", task, about=Path(candidate.label))), Ranked)


def rank(
    annotations: Path, candidates: Sequence[Candidate], pose: PoseSettings, on_run: Callable[[str], None]
) -> tuple[list[Ranked], dict[str, str]]:
    """All of them, best first, and why one could not be measured, by its label."""
    results, failed = [], {}
    for place, candidate in enumerate(candidates):
        on_run(f"{candidate.label} ({place + 1} of {len(candidates)})")
        try:
            results.append(measured(annotations, candidate, pose))
        except SourceError as exc:
            failed[candidate.label] = str(exc)
    return sorted(results, key=order, reverse=True), failed


def order(result: Ranked) -> tuple[float, float, float]:
    """Whole pictures count: precision, then PCK, then speed. Nobody labelled counts as nothing."""
    whole = result.of("whole picture")
    if whole is None or not whole.people:
        return 0.0, 0.0, -result.picture_ms
    return whole.average_precision, whole.pck if whole.pck_points else 0.0, -result.picture_ms
