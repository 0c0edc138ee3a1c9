"""How accurate the engine is on labelled pictures: PCK, OKS average precision, angles.

Matching rule: a guess belongs to the person with the highest OKS, one to one, best pairs first; a person nobody
belongs to has all points wrong. PCK counts people with a shoulder and the opposite hip labelled, AP everybody with a
label. *Whole picture*: the detector has to find the people. *Given box*: the same on a cut-out around each labelled box
(a square of 1.25 times its longer side), of which the largest find is taken.
"""

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import msgspec
import numpy as np

from posture.data import Array, Frame, Pose
from posture.ergonomics.measure import measure
from posture.ergonomics.picture import Side, measured_angles, picture_angles
from posture.errors import ConfigError
from posture.pose.crop import MARGIN, Region, affine, to_picture
from posture.pose.estimator import Estimator
from posture.pose.metrics import AREA_OF_BOX, COCO_OF_BLAZEPOSE, Guess, Person, average_precision, oks, paired, pck
from posture.sources.opening import open_source
from posture.sources.picture import Picture

Mode = Literal["whole picture", "given box"]
MOST_PEOPLE = 10
FOUND_OKS = 0.5

Guesser = Callable[[Frame], Sequence[Guess]]
"""The people in a picture, the main one first."""


class LabelledPerson(msgspec.Struct, frozen=True):
    """One person of an annotation file; keypoints in COCO order, v = 0 not labelled, 1 hidden, 2 visible."""

    bbox: tuple[float, float, float, float]
    keypoints: tuple[tuple[float, float, int], ...]
    area: float | None = None
    iscrowd: int = 0

    def person(self) -> Person:
        """As the metrics take it."""
        table = np.array(self.keypoints, np.float64).reshape(-1, 3)
        area = self.area or AREA_OF_BOX * self.bbox[2] * self.bbox[3]
        return Person(table[:, :2], table[:, 2] > 0, self.bbox, area, bool(self.iscrowd))


class LabelledPicture(msgspec.Struct, frozen=True):
    """One picture of an annotation file; `image` is relative to the file."""

    image: str
    dataset: str
    persons: tuple[LabelledPerson, ...]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Accuracy on one data set."""

    dataset: str
    mode: Mode
    pictures: int
    people: int
    """With at least one label."""
    found: int
    """Of these, people with a guess of OKS 0.5 or more."""
    pck_people: int
    """People that PCK counts."""
    pck_points: int
    pck: float
    """PCK@0.2 torso, 0..1; NaN where nobody counts."""
    average_precision: float
    """OKS-AP 0.50:0.95, 0..1; NaN where nobody counts."""


@dataclass(frozen=True, slots=True)
class AngleAccuracy:
    """Mean absolute difference from the hand-measured angles of one column, degrees; NaN where nothing to compare."""

    name: str
    pictures: int
    """With a hand-measured angle and a person found."""
    picture_plane_deg: float
    """Of the angle between the keypoints in the picture plane, which is what was measured by hand."""
    measured: int
    """Of these pictures, those where the program says that the angle is measurable."""
    measured_deg: float
    """Of the program's own measurement in space on those."""


def evaluate(annotations: Path, estimator: Estimator) -> tuple[Accuracy, ...]:
    """Accuracy of `estimator` on each data set of an annotation file, whole pictures first.

    Raises ConfigError for a file that is no annotation file, SourceError for a picture that cannot be read.
    """
    return scored(annotations, guesser(estimator, MOST_PEOPLE))


def scored(annotations: Path, guess: Guesser) -> tuple[Accuracy, ...]:
    """Accuracy of any system. Raises as `evaluate`."""
    labelled = _read(annotations)
    modes: tuple[Mode, ...] = ("whole picture", "given box")
    answers = {mode: [(item, *_answer(annotations.parent, item, mode, guess)) for item in labelled] for mode in modes}
    return tuple(
        _accuracy(dataset, mode, [(guesses, people) for item, guesses, people in rows if item.dataset == dataset])
        for mode, rows in answers.items()
        for dataset in dict.fromkeys(item.dataset for item in labelled)
    )


def guesser(estimator: Estimator, people: int) -> Guesser:
    """The engine on single pictures, up to `people` in each."""

    def guess(frame: Frame) -> list[Guess]:
        return [as_guess(pose) for pose in estimator.tracker(people, smooth=False)(frame)[0]]

    return guess


def as_guess(pose: Pose) -> Guess:
    """The COCO keypoints of a pose."""
    return Guess(pose.points_px[list(COCO_OF_BLAZEPOSE), :2], pose.score)


def evaluate_angles(table: Path, estimator: Estimator) -> tuple[AngleAccuracy, ...]:
    """Compare with a table of hand-measured angles (columns: `posture.ergonomics.picture`), one row a picture.

    `image` is relative to the folder above the table's. Raises ConfigError, SourceError.
    """
    try:
        rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
        differences = [_angle_differences(table.parent.parent / row["image"], row, estimator) for row in rows]
    except (KeyError, ValueError, OSError) as exc:
        raise ConfigError(f"{table} is not a table of angles with the columns image, side, ...: {exc}") from exc
    names = [name for name in rows[0] if name not in ("image", "side")] if rows else []
    return tuple(_angle_accuracy(name, [d[name] for d in differences if name in d]) for name in names)


def _read(path: Path) -> tuple[LabelledPicture, ...]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[LabelledPicture, ...])
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror}") from exc
    except msgspec.DecodeError as exc:
        raise ConfigError(f"{path} is not an annotation file: {exc}") from exc


def _answer(folder: Path, item: LabelledPicture, mode: Mode, guess: Guesser) -> tuple[list[Guess], list[Person]]:
    frame = _first_frame(folder / item.image)
    people = [person.person() for person in item.persons]
    if mode == "whole picture":
        return list(guess(frame)), people
    return [best for person in people if person.counts for best in _in_cut_out(frame, person, guess)], people


def _in_cut_out(frame: Frame, person: Person, guess: Guesser) -> list[Guess]:
    """The first guess in the cut-out around a labelled box, in pixels of the whole picture; black lies outside."""
    left, top, width, height = person.box
    size = max(round(MARGIN * max(width, height)), 1)
    square = Region(left + width / 2, top + height / 2, float(size), 0.0)
    pixels = frame.crop(affine(square, size), size, "black")
    found = guess(Picture.of_rgb(pixels))[:1]
    return [Guess(to_picture(one.points / size, square), one.score) for one in found]


def _first_frame(path: Path) -> Frame:
    with closing(open_source(path)) as source:
        return next(iter(source))


def _accuracy(dataset: str, mode: Mode, pictures: list[tuple[list[Guess], list[Person]]]) -> Accuracy:
    pairs = list(_pairs(pictures))
    measurable = [(guess, person) for guess, person in pairs if math.isfinite(person.torso)]
    points = [pck(guess, person) for guess, person in measurable]
    right, labelled = (sum(column) for column in zip((0, 0), *points, strict=True))
    return Accuracy(
        dataset=dataset,
        mode=mode,
        pictures=len(pictures),
        people=len(pairs),
        found=sum(guess is not None and oks(guess, person) >= FOUND_OKS for guess, person in pairs),
        pck_people=len(measurable),
        pck_points=labelled,
        pck=right / labelled if labelled else math.nan,
        average_precision=average_precision(pictures),
    )


def _pairs(pictures: list[tuple[list[Guess], list[Person]]]) -> Iterator[tuple[Guess | None, Person]]:
    for guesses, people in pictures:
        counting = [person for person in people if person.counts]
        yield from zip(paired(guesses, counting), counting, strict=True)


def _angle_differences(picture: Path, row: dict[str, str], estimator: Estimator) -> dict[str, tuple[float, float]]:
    """By column: difference of the picture-plane angle and of the measurement; nothing where nobody was found."""
    frame = _first_frame(picture)
    poses, _ = estimator.tracker(1, smooth=False)(frame)
    if not poses:
        return {}
    side = cast(Side, row["side"])
    plane = picture_angles(poses[0], side)
    space = measured_angles(measure(poses[0], frame.width, frame.height), side)
    truth = {name: float(text) for name, text in row.items() if name in plane and text}
    return {name: (abs(plane[name] - angle), abs(space[name] - angle)) for name, angle in truth.items()}


def _angle_accuracy(name: str, differences: list[tuple[float, float]]) -> AngleAccuracy:
    plane: Array = np.array([d for d, _ in differences])
    space: Array = np.array([d for _, d in differences if math.isfinite(d)])
    return AngleAccuracy(
        name=name,
        pictures=len(plane),
        picture_plane_deg=float(plane.mean()) if len(plane) else math.nan,
        measured=len(space),
        measured_deg=float(space.mean()) if len(space) else math.nan,
    )
