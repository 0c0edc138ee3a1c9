"""Accuracy on labelled pictures beside MediaPipe's own. Used by tools/compare_mediapipe.py --keypoints."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from peer import Peer
from rich.console import Console
from rich.table import Table

from posture.data import Frame
from posture.evaluate import MOST_PEOPLE, Accuracy, Guesser, guesser, scored
from posture.pose.estimator import Estimator
from posture.pose.metrics import COCO_OF_BLAZEPOSE, Guess


def print_accuracy(annotations: Path, estimator: Estimator) -> int:
    """Print one table; 1 if PCK is below MediaPipe's anywhere. Both find one person in a picture; the last rows do not
    count for that: ours with several.
    """
    with Peer(still=True) as peer:
        theirs = scored(annotations, peer_guesser(peer))
    ours = scored(annotations, guesser(estimator, 1))
    many = [row for row in scored(annotations, guesser(estimator, MOST_PEOPLE)) if row.mode == "whole picture"]
    table = Table(title="Accuracy on labelled pictures")
    for title in ("data set", "mode", "system", "pictures", "people found", "PCK@0.2 torso", "points", "OKS-AP"):
        table.add_column(title, justify="left" if title in ("data set", "mode", "system") else "right")
    for their, our in zip(theirs, ours, strict=True):
        add(table, their, "MediaPipe")
        add(table, our, "ours", end_section=True)
    for row in many:
        add(table, row, f"ours, up to {MOST_PEOPLE} people")
    console = Console(width=130)
    console.print(table)
    worse = [our for their, our in zip(theirs, ours, strict=True) if our.pck < their.pck]
    for row in worse:
        console.print(f"FAILED: {row.dataset}, {row.mode}: PCK is below MediaPipe's")
    return 1 if worse else 0


def add(table: Table, row: Accuracy, system: str, *, end_section: bool = False) -> None:
    """One row of the table."""
    found = f"{row.found} of {row.people}"
    table.add_row(
        row.dataset, row.mode, system, str(row.pictures), found, f"{row.pck:.3f}", f"{row.pck_points}",
        f"{row.average_precision:.3f}", end_section=end_section,
    )  # fmt: skip


def peer_guesser(peer: Peer) -> Guesser:
    """MediaPipe on single pictures."""

    def guess(frame: Frame) -> Sequence[Guess]:
        coco = peer.ask(frame.scaled(frame.width, frame.height)).plain[list(COCO_OF_BLAZEPOSE), :2]
        return [] if np.isnan(coco).any() else [Guess(coco, 1.0)]

    return guess
