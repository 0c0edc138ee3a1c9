"""One combination on labelled pictures: how right, how fast, how much memory, and where it is worst.

`python -m posture.ranking.one TASK`, where TASK is a `Task` as JSON, prints a `Ranked` as one JSON line.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from posture import evaluate
from posture.bench.measured import Stopwatch
from posture.data import Frame
from posture.evaluate import Accuracy, Answer, Guesser, Mode
from posture.pose.added import AddedModels
from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator
from posture.pose.metrics import Guess, Person, oks
from posture.pose.settings import PoseSettings
from posture.privacy.limits import peak_memory
from posture.ranking.candidates import Candidate

ALL = "all"
"""Instead of the name of a data set: all of them together."""
WORST = 4
"""So many people who were not found are kept, and so many who were found with little right."""


class Task(msgspec.Struct, frozen=True):
    """What a process is to do."""

    annotations: str
    candidate: Candidate
    pose: PoseSettings


class Worst(msgspec.Struct, frozen=True):
    """A person of whom little was right; points [17] of x and y in pixels."""

    image: str
    dataset: str
    box: tuple[float, float, float, float]
    similarity: float
    """OKS, 0..1; 0 for a person who was not found."""
    truth: list[tuple[float, float]]
    labelled: list[bool]
    guess: list[tuple[float, float]] | None
    """None for a person who was not found; NaN for a point that the model does not have."""


class Ranked(msgspec.Struct, frozen=True):
    """What came of one combination."""

    candidate: Candidate
    sha256: str
    """Of the pose model that ran."""
    provider: str
    overall: list[Accuracy]
    """All data sets together, one a mode."""
    accuracy: list[Accuracy]
    """Each data set by itself."""
    invented: int
    """People found in pictures in which nobody is labelled."""
    empty_pictures: int
    picture_ms: float
    """Wall time of a whole picture, median; without reading the file."""
    picture_ms_p90: float
    peak_memory_mib: float
    worst: list[Worst]

    def of(self, mode: Mode) -> Accuracy | None:
        """All data sets in one mode; None where the model cannot be asked so."""
        return next((row for row in self.overall if row.mode == mode), None)


def ranked(task: Task, added: AddedModels | None = None) -> Ranked:
    """Do it; `added` are by default the models of this account. Raises ConfigError, SourceError, ModelError."""
    path = Path(task.annotations)
    labelled, folder = evaluate.read(path), path.parent
    estimator = Estimator(Catalogue.load(), task.candidate.settings(task.pose), added, still=True)
    times_ms: list[float] = []
    guess, look = evaluate.guesser(estimator, evaluate.MOST_PEOPLE), evaluate.looker(estimator)
    whole = evaluate.whole_pictures(folder, labelled, _timed(guess, times_ms))
    answers: dict[Mode, list[Answer]] = {
        "whole picture": whole,
        "given box": evaluate.given_boxes(folder, labelled, guess),
    }
    if look is not None:
        answers["given region"] = evaluate.given_regions(folder, labelled, look)
    empty = [answer for answer in whole if not answer.people]
    return Ranked(
        candidate=task.candidate,
        sha256=estimator.model[1],
        provider=estimator.providers[1],
        overall=[evaluate.together(rows, ALL, mode) for mode, rows in answers.items()],
        accuracy=[row for mode, rows in answers.items() for row in evaluate.accuracy(rows, mode)],
        invented=sum(len(answer.guesses) for answer in empty),
        empty_pictures=len(empty),
        picture_ms=float(np.median(times_ms)) if times_ms else 0.0,
        picture_ms_p90=float(np.percentile(times_ms, 90)) if times_ms else 0.0,
        peak_memory_mib=peak_memory() / 2**20,
        worst=worst(whole),
    )


def worst(answers: Sequence[Answer]) -> list[Worst]:
    """The largest who were not found at all, then the least alike of those who were."""
    cases = [
        (oks(guess, person) if guess is not None else 0.0, -person.area, answer, guess, person)
        for answer in answers
        for guess, person in evaluate.pairs_of(answer)
    ]
    cases.sort(key=lambda case: case[:2])
    missed = [case for case in cases if case[3] is None][:WORST]
    wrong = [case for case in cases if case[3] is not None][:WORST]
    return [_case(answer, guess, person, similarity) for similarity, _, answer, guess, person in (*missed, *wrong)]


def _case(answer: Answer, guess: Guess | None, person: Person, similarity: float) -> Worst:
    return Worst(
        image=answer.item.image,
        dataset=answer.item.dataset,
        box=person.box,
        similarity=similarity,
        truth=[(float(x), float(y)) for x, y in person.points],
        labelled=[bool(one) for one in person.labelled],
        guess=None if guess is None else [(float(x), float(y)) for x, y in guess.points],
    )


def _timed(guess: Guesser, times_ms: list[float]) -> Guesser:
    def timed(frame: Frame) -> Sequence[Guess]:
        began_s = time.perf_counter()
        found = guess(frame)
        times_ms.append((time.perf_counter() - began_s) * 1e3)
        return found

    return timed


def main() -> None:
    """Print what came of it; NaN as Python's `json` writes it."""
    Stopwatch()  # ends this process with its parent
    task = msgspec.json.decode(sys.argv[1], type=Task)
    print(json.dumps(msgspec.to_builtins(ranked(task))))


if __name__ == "__main__":
    main()
