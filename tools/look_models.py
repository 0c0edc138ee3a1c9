"""Every model of a folder, through its entry, on pictures: overlays on one contact sheet, to be looked at.

    python tools/look_models.py ../shared/media/models tests/data/models ../shared/media/images out.png

Detectors are shown with the program's own landmark model behind them, pose models with the program's own detector.
"""

import argparse
import sys
import tomllib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from posture.data import Frame, Pose
from posture.errors import PostureError
from posture.pose.brought.agree import check_agrees
from posture.pose.brought.eyes import CrowdEyes
from posture.pose.brought.load import finder, pose_eyes
from posture.pose.brought.use import DETECTORS, Use, from_tree
from posture.pose.catalogue import Catalogue
from posture.pose.estimator import agreement
from posture.pose.eyes import Detects, Sees
from posture.pose.formats import SUFFIXES, facts_of, is_tflite
from posture.pose.runtimes import loaded
from posture.pose.settings import PoseSettings
from posture.pose.track import Tracker
from posture.skeleton import BLAZEPOSE_33
from posture.sources.opening import open_source

SETTINGS = PoseSettings(providers=("cpu",))
CELL_PX = 300
Sheet = NDArray[np.uint8]


def entry(model: Path, entries: Path) -> Use:
    """The entry of a model. Raises ConfigError, OSError."""
    file = entries / f"{model.stem}.toml"
    return from_tree(tomllib.loads(file.read_text("utf-8")), str(file))


def assembled(model: Path, use: Use) -> tuple[Detects, Sees]:
    """The model, checked, and what it needs beside it. Raises ModelError."""
    data = model.read_bytes()
    facts = facts_of(data, open_sizes=bool(use.input.sizes))
    check_agrees(use, facts)
    runs = loaded(lambda _: data, SETTINGS, use.input.sizes, tflite=is_tflite(facts))
    own = Catalogue.load().reader
    if use.head in DETECTORS:
        eyes = pose_eyes(loaded(own("pose_landmark_full"), SETTINGS), None, SETTINGS.min_score)
        return finder(runs, use, SETTINGS.min_score), eyes
    eyes = pose_eyes(runs, use, SETTINGS.min_score)
    if isinstance(eyes, CrowdEyes):
        return eyes, eyes
    detector = loaded(own("pose_detection"), SETTINGS)
    return finder(detector, None, SETTINGS.min_score), eyes


def people(model: tuple[Detects, Sees], frame: Frame, use: Use, most: int = 10) -> tuple[Pose, ...]:
    """Everybody in a single picture."""
    detects, sees = model
    least = agreement(None if use.head in DETECTORS else use)
    return Tracker(detects.detect, sees.look, people=most, smooth=False, min_agreement=least)(frame)[0]


def overlay(frame: Frame, poses: tuple[Pose, ...]) -> Sheet:
    """The picture, at most `CELL_PX` on its longer side, with everybody's skeleton."""
    scale = CELL_PX / max(frame.width, frame.height)
    picture = frame.scaled(max(round(frame.width * scale), 1), max(round(frame.height * scale), 1))[..., ::-1].copy()
    for pose in poses:
        points = pose.points_px[:, :2] * scale
        for a, b in ((BLAZEPOSE_33.index[a], BLAZEPOSE_33.index[b]) for a, b in BLAZEPOSE_33.bones):
            if min(pose.visibility[a], pose.visibility[b]) >= 0.5:
                colour = (60, 200, 60) if "left" in BLAZEPOSE_33.names[a] else (60, 120, 255)
                ends = [tuple(int(value) for value in points[i]) for i in (a, b)]
                cv2.line(picture, ends[0], ends[1], colour, 2, cv2.LINE_AA)
        for point in points[pose.visibility >= 0.5]:
            cv2.circle(picture, tuple(int(value) for value in point), 2, (0, 230, 255), -1, cv2.LINE_AA)
    cell: Sheet = np.full((CELL_PX, CELL_PX, 3), 255, np.uint8)
    cell[: picture.shape[0], : picture.shape[1]] = picture
    text = f"{len(poses)}: " + " ".join(f"{pose.score:.2f}" for pose in poses)[:30]
    cv2.putText(cell, text, (4, CELL_PX - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 200), 1, cv2.LINE_AA)
    return cell


def row(model: Path, use: Use, pictures: list[Path]) -> Sheet:
    """One model on all pictures, its name in front."""
    made = assembled(model, use)
    name: Sheet = np.full((CELL_PX, CELL_PX, 3), 255, np.uint8)
    words = [model.name[i : i + 26] for i in range(0, len(model.name), 26)]
    for line, text in enumerate([*words, f"head {use.head}", use.skeleton]):
        cv2.putText(name, text, (4, 30 + 24 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (0, 0, 0), 1, cv2.LINE_AA)
    cells = [name]
    for picture in pictures:
        source = open_source(picture)
        frame = next(iter(source))
        cells.append(overlay(frame, people(made, frame, use)))
        source.close()
    return np.concatenate(cells, axis=1)


def main() -> int:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name in ("models", "entries", "pictures", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--only", default="", help="part of the names of the models")
    asked = parser.parse_args()
    endings = (".jpg", ".jpeg", ".png", ".bmp")
    pictures = sorted(file for file in asked.pictures.iterdir() if file.suffix.lower() in endings)
    rows = []
    for model in sorted(file for file in asked.models.iterdir() if file.suffix in SUFFIXES and asked.only in file.name):
        try:
            rows.append(row(model, entry(model, asked.entries), pictures))
            print(f"{model.name}: looked at {len(pictures)} pictures")
        except (PostureError, OSError) as exc:
            print(f"{model.name}: {exc}", file=sys.stderr)
            return 1
    cv2.imwrite(str(asked.out), np.concatenate(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
