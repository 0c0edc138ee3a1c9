"""`posture evaluate`: how accurate the engine is on labelled pictures."""

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    annotations: Annotated[Path, typer.Argument(metavar="ANNOTATIONS.json", help="Labelled pictures, see the README.")],
    model: Annotated[str, typer.Option(help="Pose model: lite, full or heavy.")] = "full",
) -> None:
    """Print PCK@0.2 and OKS-AP for each data set, for whole pictures and for given boxes."""
    raise NotImplementedError(annotations, model)
