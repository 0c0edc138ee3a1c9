"""How accurate the engine is on labelled pictures: PCK, OKS average precision, angles.

Matching rule: a guess belongs to the person with the highest OKS, one to one, best pairs first; a person nobody
belongs to has all points wrong. PCK counts people with a shoulder and the opposite hip labelled, AP everybody with a
label. *Whole picture*: the detector has to find the people. *Given box*: the same on a cut-out around each labelled box
(a square of 1.25 times its longer side), of which the largest find is taken. *Given region*: the pose model alone looks
at that square, so nothing but the model is measured; only models that look at one person at a time can.
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
from posture.pose.metrics import (
    AREA_OF_BOX,
    COCO_NAMES,
    COCO_OF_BLAZEPOSE,
    Guess,
    Person,
    average_precision,
    oks,
    paired,
    pck,
    right_points,
)
from posture.sources.opening import open_source
from posture.sources.picture import Picture

Mode = Literal["whole picture", "given box", "given region"]
MOST_PEOPLE = 10
FOUND_OKS = 0.5

Guesser = Callable[[Frame], Sequence[Guess]]
"""The people in a picture, the main one first."""
Looker = Callable[[Frame, Region], Guess | None]
"""The person in a region."""


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
    joints: dict[str, tuple[int, int]]
    """(right, labelled) of each of COCO's keypoints, counted as PCK does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One picture, who is in it, and what a system said."""

    item: LabelledPicture
    guesses: list[Guess]
    people: list[Person]


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
    return scored(annotations, guesser(estimator, MOST_PEOPLE), looker(estimator))


def scored(annotations: Path, guess: Guesser, look: Looker | None = None) -> tuple[Accuracy, ...]:
    """Accuracy of any system. Raises as `evaluate`."""
    labelled = read(annotations)
    folder = annotations.parent
    rows = [*accuracy(whole_pictures(folder, labelled, guess), "whole picture")]
    rows += accuracy(given_boxes(folder, labelled, guess), "given box")
    if look is not None:
        rows += accuracy(given_regions(folder, labelled, look), "given region")
    return tuple(rows)


def accuracy(answers: Sequence[Answer], mode: Mode) -> list[Accuracy]:
    """One row a data set."""
    datasets = dict.fromkeys(answer.item.dataset for answer in answers)
    return [together([one for one in answers if one.item.dataset == name], name, mode) for name in datasets]


def whole_pictures(folder: Path, labelled: Sequence[LabelledPicture], guess: Guesser) -> list[Answer]:
    """What a system says of whole pictures. Raises SourceError."""
    return [Answer(item, list(guess(first_frame(folder / item.image))), _people(item)) for item in labelled]


def given_boxes(folder: Path, labelled: Sequence[LabelledPicture], guess: Guesser) -> list[Answer]:
    """What it says of a cut-out around each person. Raises SourceError."""
    return _one_by_one(folder, labelled, lambda frame, person: _in_cut_out(frame, person, guess))


def given_regions(folder: Path, labelled: Sequence[LabelledPicture], look: Looker) -> list[Answer]:
    """What a pose model says of the square around each person. Raises SourceError."""

    def looked(frame: Frame, person: Person) -> list[Guess]:
        found = look(frame, square_around(person.box))
        return [found] if found is not None else []

    return _one_by_one(folder, labelled, looked)


def guesser(estimator: Estimator, people: int) -> Guesser:
    """The engine on single pictures, up to `people` in each."""

    def guess(frame: Frame) -> list[Guess]:
        return [as_guess(pose) for pose in estimator.tracker(people, smooth=False)(frame)[0]]

    return guess


def looker(estimator: Estimator) -> Looker | None:
    """The pose model alone; None for one that sees everybody at once."""
    if not estimator.looks_at_one:
        return None

    def look(frame: Frame, region: Region) -> Guess | None:
        body = estimator.look(frame, region)
        return Guess(body.points_px[list(COCO_OF_BLAZEPOSE), :2], body.score) if body is not None else None

    return look


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


def read(path: Path) -> tuple[LabelledPicture, ...]:
    """An annotation file. Raises ConfigError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[LabelledPicture, ...])
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror}") from exc
    except msgspec.DecodeError as exc:
        raise ConfigError(f"{path} is not an annotation file: {exc}") from exc


def _people(item: LabelledPicture) -> list[Person]:
    return [person.person() for person in item.persons]


def _one_by_one(
    folder: Path, labelled: Sequence[LabelledPicture], find: Callable[[Frame, Person], list[Guess]]
) -> list[Answer]:
    answers = []
    for item in labelled:
        frame, people = first_frame(folder / item.image), _people(item)
        guesses = [one for person in people if person.counts for one in find(frame, person)]
        answers.append(Answer(item, guesses, people))
    return answers


def square_around(box: tuple[float, float, float, float]) -> Region:
    """The square of `MARGIN` longer sides of a box (left, top, width, height), on whole pixels."""
    left, top, width, height = box
    size = max(round(MARGIN * max(width, height)), 1)
    return Region(left + width / 2, top + height / 2, float(size), 0.0)


def _in_cut_out(frame: Frame, person: Person, guess: Guesser) -> list[Guess]:
    """The first guess in the cut-out around a labelled box, in pixels of the whole picture; black lies outside."""
    square = square_around(person.box)
    size = int(square.side)
    pixels = frame.crop(affine(square, size), size, "black")
    found = guess(Picture.of_rgb(pixels))[:1]
    return [Guess(to_picture(one.points / size, square), one.score) for one in found]


def first_frame(path: Path) -> Frame:
    """A picture. Raises SourceError."""
    with closing(open_source(path)) as source:
        return next(iter(source))


def together(answers: Sequence[Answer], dataset: str, mode: Mode) -> Accuracy:
    """Accuracy on all these pictures, under the name `dataset`."""
    pictures = [(answer.guesses, answer.people) for answer in answers]
    pairs = [pair for answer in answers for pair in pairs_of(answer)]
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
        joints=_joints(measurable),
    )


def _joints(pairs: Sequence[tuple[Guess | None, Person]]) -> dict[str, tuple[int, int]]:
    counts = dict.fromkeys(COCO_NAMES, (0, 0))
    for guess, person in pairs:
        right = right_points(guess, person)
        for name, yes, labelled in zip(COCO_NAMES, right, person.labelled, strict=True):
            counts[name] = (counts[name][0] + int(yes), counts[name][1] + int(labelled))
    return counts


def pairs_of(answer: Answer) -> Iterator[tuple[Guess | None, Person]]:
    """Everybody who counts, with the guess that belongs to them."""
    counting = [person for person in answer.people if person.counts]
    yield from zip(paired(answer.guesses, counting), counting, strict=True)


def _angle_differences(picture: Path, row: dict[str, str], estimator: Estimator) -> dict[str, tuple[float, float]]:
    """By column: difference of the picture-plane angle and of the measurement; nothing where nobody was found."""
    frame = first_frame(picture)
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
