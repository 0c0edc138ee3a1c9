"""How right keypoints are: PCK and OKS average precision on the 17 keypoints of COCO. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posture.data import Array
from posture.skeleton import BLAZEPOSE_33

COCO_NAMES = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)  # fmt: skip
COCO_OF_BLAZEPOSE = tuple(BLAZEPOSE_33.index[name] for name in COCO_NAMES)
"""`points[list(COCO_OF_BLAZEPOSE)]` are the COCO points of a BlazePose body."""

# COCO keypoint evaluation (pycocotools, Params.kpt_oks_sigmas).
SIGMAS = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 1000
THRESHOLDS = np.arange(0.50, 0.951, 0.05)
RECALLS = np.linspace(0, 1, 101)
AREA_OF_BOX = 0.53
"""Area of a person over that of the box, where a data set has no areas (as the evaluation of CrowdPose takes it)."""
PCK_SHARE = 0.2
DIAGONALS = ((5, 12), (6, 11))
"""Shoulder and opposite hip: the torso of PCK (Sapp and Taskar 2013, MODEC)."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """The truth about one person in a picture."""

    points: Array
    """[17, 2] pixels."""
    labelled: NDArray[np.bool_]
    """[17]"""
    box: tuple[float, float, float, float]
    """Left, top, width, height."""
    area: float
    """Pixels."""
    crowd: bool = False

    @property
    def counts(self) -> bool:
        """Whether finding or missing this person is counted at all."""
        return not self.crowd and bool(self.labelled.any())

    @property
    def torso(self) -> float:
        """The longer labelled diagonal of the torso in pixels; NaN where none is labelled."""
        lengths = [np.hypot(*(self.points[a] - self.points[b])) for a, b in DIAGONALS if self.labelled[[a, b]].all()]
        return float(max(lengths, default=np.nan))


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """What a model says about one person."""

    points: Array
    """[17, 2] pixels; NaN where the layout of the model lacks a point, which counts as wrong."""
    score: float


def oks(guess: Guess, person: Person) -> float:
    """Object keypoint similarity, 0..1: mean over labelled points of exp(-d^2 / (2 area (2 sigma)^2)).

    For a person without labels d is the distance to the doubled box, as in pycocotools.
    """
    if person.labelled.any():
        offsets, use = guess.points - person.points, person.labelled
    else:
        corner, size = np.array(person.box[:2]), np.array(person.box[2:])
        low, high = corner - size, corner + 2 * size
        offsets = np.maximum(low - guess.points, 0) + np.maximum(guess.points - high, 0)
        use = np.ones(len(SIGMAS), bool)
    error = (offsets**2).sum(1) / (2 * (2 * SIGMAS) ** 2 * (person.area + np.spacing(1)))
    error[np.isnan(error)] = np.inf  # a point that the model does not have is as wrong as one can be
    return float(np.exp(-error[use]).mean())


def pck(guess: Guess | None, person: Person, share: float = PCK_SHARE) -> tuple[int, int]:
    """(right, labelled) points of one person: right = nearer than `share` of the torso. Without a guess none is."""
    return int(right_points(guess, person, share).sum()), int(person.labelled.sum())


def right_points(guess: Guess | None, person: Person, share: float = PCK_SHARE) -> NDArray[np.bool_]:
    """[17] which labelled points are right, as `pck` counts."""
    if guess is None:
        return np.zeros(len(person.labelled), bool)
    far = np.hypot(*(guess.points - person.points).T)
    right: NDArray[np.bool_] = person.labelled & (far < share * person.torso)
    return right


def paired(guesses: Sequence[Guess], people: Sequence[Person]) -> list[Guess | None]:
    """The guess that belongs to each person, one to one, the pair with the highest similarity first."""
    pairs = [(oks(guess, person), g, p) for g, guess in enumerate(guesses) for p, person in enumerate(people)]
    found: dict[int, int] = {}
    for similarity, g, p in sorted(pairs, reverse=True):
        if similarity > 0 and g not in found.values() and p not in found:
            found[p] = g
    return [guesses[found[p]] if p in found else None for p in range(len(people))]


def average_precision(pictures: Sequence[tuple[Sequence[Guess], Sequence[Person]]]) -> float:
    """AP over OKS 0.50:0.05:0.95, interpolated at 101 recalls, all areas; NaN where nobody counts."""
    wanted = sum(person.counts for _, people in pictures for person in people)
    if not wanted:
        return float("nan")
    return float(np.mean([_precision_at(threshold, pictures, wanted) for threshold in THRESHOLDS]))


def _precision_at(threshold: float, pictures: Sequence[tuple[Sequence[Guess], Sequence[Person]]], wanted: int) -> float:
    hits = [hit for guesses, people in pictures for hit in _hits(threshold, guesses, people)]
    hits.sort(key=lambda hit: -hit[0])
    right = np.cumsum([hit for _, hit in hits])
    recall = right / wanted
    precision = right / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, RECALLS, side="left")
    return float(np.append(precision, 0.0)[np.minimum(at, len(precision))].mean())


def _hits(threshold: float, guesses: Sequence[Guess], people: Sequence[Person]) -> list[tuple[float, bool]]:
    """(score, right) of each guess that counts: those that fit only a person who does not count are left out."""
    free = set(range(len(people)))
    hits = []
    for guess in sorted(guesses, key=lambda guess: -guess.score):
        similar = {p: oks(guess, people[p]) for p in free}
        fits = [p for p in similar if similar[p] >= threshold]
        best = max(fits, key=lambda p: (people[p].counts, similar[p]), default=None)
        if best is not None and not people[best].crowd:
            free.remove(best)
        if best is None or people[best].counts:
            hits.append((guess.score, best is not None))
    return hits
