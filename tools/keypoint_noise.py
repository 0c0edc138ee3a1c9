"""How far the engine's keypoints lie from labelled ones: the noise that `posture/ergonomics/stability.py` works with.

    .venv/bin/python tools/keypoint_noise.py ../shared/media/keypoints/annotations.json

Prints, for each kind of keypoint, the standard deviation of its error along one axis as a share of the trunk's length
(middle of the shoulders to middle of the hips), from the median absolute error of people of whom shoulders and hips are
labelled. Labels have an error of their own (about 2 % of the trunk), so the true noise is a little smaller.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np

from posture.data import Array
from posture.evaluate import FOUND_OKS, LabelledPicture, guesser
from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator
from posture.pose.metrics import COCO_NAMES, oks, paired
from posture.pose.settings import PoseSettings
from posture.sources.opening import open_source

MAD_TO_SIGMA = 1.4826
SHOULDERS, HIPS = (5, 6), (11, 12)
VISIBLE = 2


def errors(annotations: Path) -> Iterator[tuple[str, Array]]:
    """Kind of keypoint and the error (x, y) of each one found, in trunk lengths."""
    guess = guesser(Estimator(Catalogue.load(), PoseSettings()), people=10)
    for item in msgspec.json.decode(annotations.read_bytes(), type=tuple[LabelledPicture, ...]):
        with closing(open_source(annotations.parent / item.image)) as source:
            guesses = guess(next(iter(source)))
        people = [one.person() for one in item.persons]
        for labelled, person, found in zip(item.persons, people, paired(guesses, people), strict=True):
            table = np.array(labelled.keypoints, np.float64).reshape(-1, 3)
            seen = table[:, 2] == VISIBLE
            if found is None or not person.labelled[[*SHOULDERS, *HIPS]].all() or oks(found, person) < FOUND_OKS:
                continue
            trunk = float(np.linalg.norm(table[list(SHOULDERS), :2].mean(axis=0) - table[list(HIPS), :2].mean(axis=0)))
            for i in np.flatnonzero(seen):
                yield COCO_NAMES[i].rpartition("_")[2], (found.points[i] - table[i, :2]) / trunk


def main() -> None:
    """Print the table."""
    kinds: dict[str, list[Array]] = defaultdict(list)
    for kind, error in errors(Path(sys.argv[1])):
        kinds[kind].append(error)
    print(f"{'keypoint':10}{'labels':>8}{'sigma':>8}{'bias x':>8}{'bias y':>8}")
    for kind, found in kinds.items():
        rows = np.array(found)
        bias = np.median(rows, axis=0)
        sigma = MAD_TO_SIGMA * float(np.median(np.abs(rows - bias)))
        print(f"{kind:10}{len(rows):8}{sigma:8.3f}{bias[0]:8.3f}{bias[1]:8.3f}")


if __name__ == "__main__":
    main()
