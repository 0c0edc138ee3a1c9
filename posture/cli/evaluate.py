"""`posture evaluate`: how accurate the engine is on labelled pictures."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from posture.cli.screen import new_grid, stderr, stdout
from posture.errors import ConfigError

if TYPE_CHECKING:
    from posture.evaluate import Accuracy, AngleAccuracy

RULE = (
    "A guess belongs to the person with the highest OKS, one to one; a person nobody belongs to has all points wrong. "
    "PCK@0.2: labelled points closer than 0.2 torso (shoulder to opposite hip); OKS-AP: mean over 0.50:0.05:0.95."
)


def evaluate(
    annotations: Annotated[
        Path | None,
        typer.Argument(
            metavar="ANNOTATIONS.json",
            help="Labelled pictures: a list of {image, dataset, persons}, image relative to the file; a person is "
            "{bbox, keypoints, area?, iscrowd?} as in COCO: bbox x, y, width, height, and 17 keypoints of x, y, v, "
            "where v is 0 for not labelled.",
        ),
    ] = None,
    reba: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Rated photographs: how our REBA agrees with people and motion capture."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Pose model: lite, full (default), heavy, or the name of an added one.")
    ] = None,
    angles: Annotated[
        Path | None,
        typer.Option(metavar="ANGLES.csv", help="Hand-measured angles (default: ../angles/*.csv beside the pictures)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="As JSON.")] = False,
) -> None:
    """Print PCK@0.2 torso, OKS-AP and the error of angles on labelled pictures.

    Whole pictures: the detector has to find the people. Given boxes: each labelled person is cut out first. A guess
    belongs to the person with the highest OKS, one to one. PCK@0.2: share of labelled points closer than 0.2 of the
    torso (shoulder to opposite hip); AP: COCO's average precision over OKS 0.50 to 0.95. n stands beside each figure.
    """
    if (annotations is None) == (reba is None):
        raise ConfigError("give labelled pictures (ANNOTATIONS.json), or --reba with rated photographs")
    if reba is not None:
        _reba(reba, model, as_json=as_json)
        return
    assert annotations is not None
    from posture import config, evaluate
    from posture.pose.catalogue import Catalogue
    from posture.pose.estimator import Estimator

    settings = config.load({"pose.model": model})
    estimator = Estimator(Catalogue.load(), settings.pose, still=True)
    tables = [angles] if angles else sorted((annotations.parent.parent / "angles").glob("*.csv"))
    with stderr.status("evaluating"):
        accuracy = evaluate.evaluate(annotations, estimator)
        errors = [row for table in tables for row in evaluate.evaluate_angles(table, estimator)]
    if as_json:
        tree = {"accuracy": [asdict(row) for row in accuracy], "angles": [asdict(row) for row in errors]}
        document = {"schema": "posture.evaluate/1", "model": settings.pose.model, **tree}
        print(json.dumps(_without_nan(document), indent=1))
        return
    stdout.print(_accuracy(accuracy, settings.pose.model))
    stdout.print(RULE, highlight=False)
    if errors:
        stdout.print(_angles(errors))


def _reba(folder: Path, model: str | None, *, as_json: bool) -> None:
    """Agreement of REBA, part by part."""
    from posture import config
    from posture.agreement import agreement
    from posture.pose.catalogue import Catalogue
    from posture.pose.estimator import Estimator

    settings = config.load({"pose.model": model})
    with stderr.status("evaluating"):
        tables, missed = agreement(folder, Estimator(Catalogue.load(), settings.pose))
    if as_json:
        document = {"schema": "posture.agreement/1", "nobody_found": missed, "tables": [asdict(one) for one in tables]}
        print(json.dumps(_without_nan(document), indent=1))
        return
    stdout.print(f"nobody found in {missed} pictures", highlight=False)
    for one in tables:
        without = ", without rows that contradict the tables" if one.clean else ""
        pictures = one.parts[0].pictures
        title = f"REBA against {one.reference}{without}: {pictures} pictures"
        grid = new_grid("part", "one value", "exact", "±1", "weighted kappa", "held by the interval", title=title)
        for part in one.parts:
            shares = map(_share, (part.exact, part.near, part.kappa, part.held))
            grid.add_row(part.part.replace("_", " "), str(part.single), *shares)
        stdout.print(grid)


def _accuracy(rows: "tuple[Accuracy, ...]", model: str) -> Table:
    grid = new_grid(
        "data set", "mode", "pictures", "people", "found", "PCK@0.2", "n points", "OKS-AP", title=f"model {model}"
    )
    for row in rows:
        grid.add_row(
            row.dataset,
            row.mode,
            str(row.pictures),
            str(row.people),
            str(row.found),
            _share(row.pck),
            f"{row.pck_points} of {row.pck_people} people",
            _share(row.average_precision),
        )
    return grid


def _angles(rows: "list[AngleAccuracy]") -> Table:
    grid = new_grid(
        "angle, mean absolute error",
        "picture plane",
        "n",
        "as measured",
        "n",
        title="hand labels, good to about 5 degrees",
    )
    for row in rows:
        plane, space = _degrees(row.picture_plane_deg), _degrees(row.measured_deg)
        grid.add_row(row.name, plane, str(row.pictures), space, str(row.measured))
    return grid


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _degrees(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1f}°"


def _without_nan(value: object) -> object:
    """The same tree with None for NaN, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _without_nan(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_without_nan(below) for below in value]
    return None if isinstance(value, float) and math.isnan(value) else value
