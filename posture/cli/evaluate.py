"""`posture evaluate`: how accurate the engine is on labelled pictures, and which of its models is best there."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from posture.cli import trail
from posture.cli.screen import new_grid, stderr, stdout
from posture.errors import ConfigError

if TYPE_CHECKING:
    from posture.evaluate import Accuracy, AngleAccuracy
    from posture.pose.settings import PoseSettings
    from posture.ranking.candidates import Search
    from posture.ranking.one import Ranked

RULE = (
    "A guess belongs to the person with the highest OKS, one to one; a person nobody belongs to has all points wrong. "
    "PCK@0.2: labelled points closer than 0.2 torso (shoulder to opposite hip); OKS-AP: mean over 0.50:0.05:0.95."
)

AGREEMENT_RULE = (
    "One value: pictures in which only one score is possible; exact, ±1 and quadratically weighted kappa over those. "
    "Lower end: the same for the lowest possible score of every picture. Held: share of pictures whose interval holds "
    "the reference; width: its mean width in points."
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
        str | None, typer.Option(help="Pose model: lite, full (default), heavy, movenet, or an added one.")
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all", metavar="", help="Rank all models that are installed, with a quick and a thorough search."
        ),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Write a page of all figures with the worst cases. It holds pictures."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", metavar="", help="Replace a page that is there.")] = False,
    angles: Annotated[
        Path | None,
        typer.Option(
            metavar="ANGLES.csv",
            help="Hand-measured angles, also alone (default: ../angles/*.csv beside the pictures).",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="As JSON.")] = False,
) -> None:
    """Print PCK@0.2 torso, OKS-AP and the error of angles on labelled pictures; rank models, with speed and memory.

    Whole pictures: the detector has to find the people. Given boxes: each labelled person is cut out first. Given
    regions: the pose model alone looks there. A guess belongs to the person with the highest OKS, one to one.
    PCK@0.2: share of labelled points closer than 0.2 of the torso (shoulder to opposite hip); AP: COCO's average
    precision over OKS 0.50 to 0.95. n stands beside each figure.
    """
    if (reba is not None and (annotations or angles)) or not (annotations or reba or angles):
        raise ConfigError("give labelled pictures (ANNOTATIONS.json), --angles, or both; or --reba alone")
    if reba is not None:
        _reba(reba, model, as_json=as_json)
        return
    if every and model is not None:
        raise typer.BadParameter("choose one of --model and --all")
    from posture import config

    pose = config.load({"pose.model": model}).pose
    if every or report is not None:
        if annotations is None:
            raise ConfigError("--all and --report rank models on labelled pictures: give ANNOTATIONS.json")
        _rank(annotations, pose, _Wanted(every, report, overwrite, as_json))
    else:
        _one(annotations, pose, angles, as_json=as_json)


def _one(annotations: Path | None, pose: "PoseSettings", angles: Path | None, *, as_json: bool) -> None:
    """The model that the settings name, on labelled pictures, on hand-measured angles, or both."""
    from posture import evaluate
    from posture.pose.catalogue import Catalogue
    from posture.pose.estimator import Estimator

    estimator = Estimator(Catalogue.load(), pose, still=True)
    tables = [angles] if angles else []
    if annotations and not angles:
        tables = sorted((annotations.parent.parent / "angles").glob("*.csv"))
    with stderr.status("evaluating"):
        accuracy = evaluate.evaluate(annotations, estimator) if annotations else ()
        errors = [row for table in tables for row in evaluate.evaluate_angles(table, estimator)]
    if as_json:
        tree = {"accuracy": [asdict(row) for row in accuracy], "angles": [asdict(row) for row in errors]}
        _print({"schema": "posture.evaluate/1", "model": pose.model, **tree})
        return
    if accuracy:
        stdout.print(_accuracy(accuracy, pose.model))
        stdout.print(RULE, highlight=False)
    if errors:
        stdout.print(_angles(errors))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a ranking is to give."""

    every: bool
    report: Path | None
    overwrite: bool
    as_json: bool


def _rank(annotations: Path, pose: "PoseSettings", wanted: _Wanted) -> None:
    """Each combination in a process of its own. Raises PostureError."""
    import msgspec

    from posture import evaluate
    from posture.output import probe, refuse_existing
    from posture.pose.added import AddedModels
    from posture.pose.catalogue import Catalogue
    from posture.ranking import runs
    from posture.ranking.candidates import Candidate, candidates

    if wanted.report is not None:
        refuse_existing(wanted.report, overwrite=wanted.overwrite)
        probe(wanted.report)
        trail.started("evaluate")
    evaluate.read(annotations)  # what is wrong with it is said once
    found = [Candidate(pose.model, search, pose.detector) for search in _searches(pose)]
    left_out: dict[str, str] = {}
    if wanted.every:
        found, left_out = candidates(Catalogue.load(), AddedModels())
    with stderr.status("starting") as status:
        results, failed = runs.rank(annotations.absolute(), found, pose, status.update)
    left_out |= failed
    if wanted.report is not None:
        _write(results, left_out, annotations.parent, wanted)
    if wanted.as_json:
        _print({"schema": "posture.ranking/1", "left_out": left_out, "ranking": msgspec.to_builtins(results)})
        return
    stdout.print(_ranking(results))
    stdout.print(RULE, highlight=False)
    for name, why in left_out.items():
        stdout.print(f"left out: {name}: {why}", markup=False, highlight=False, soft_wrap=True)


def _searches(pose: "PoseSettings") -> "tuple[Search, ...]":
    """Single pictures are searched thoroughly unless somebody chose otherwise."""
    return ("thorough",) if pose.search == "auto" else (pose.search,)


def _write(results: "list[Ranked]", left_out: dict[str, str], folder: Path, wanted: _Wanted) -> None:
    from posture.bench.machine import describe
    from posture.output import whole_file
    from posture.ranking import page

    assert wanted.report is not None
    advice = "pass --overwrite to replace it"
    with whole_file(wanted.report, overwrite=wanted.overwrite, advice=advice) as out:
        page.write(results, left_out, folder, describe(), out)
    trail.exported("html", wanted.report)
    stderr.print(f"wrote {wanted.report}; it holds pictures", markup=False, highlight=False, soft_wrap=True)


def _ranking(results: "list[Ranked]") -> Table:
    grid = new_grid(
        "model, search", "found", "OKS-AP", "PCK@0.2", "given box", "given region", "invented", "ms a picture",
        "peak MiB", title="whole pictures, best first",
    )  # fmt: skip
    for result in results:
        whole, box, region = (result.of(mode) for mode in ("whole picture", "given box", "given region"))
        assert whole is not None
        assert box is not None
        grid.add_row(
            result.candidate.label,
            f"{whole.found} of {whole.people}",
            _share(whole.average_precision),
            _share(whole.pck),
            _share(box.pck),
            "-" if region is None else _share(region.pck),
            f"{result.invented} in {result.empty_pictures}",
            f"{result.picture_ms:.0f}",
            f"{result.peak_memory_mib:.0f}",
        )
    return grid


def _reba(folder: Path, model: str | None, *, as_json: bool) -> None:
    """Agreement of REBA, part by part."""
    from posture import config
    from posture.agreement import agreement
    from posture.pose.catalogue import Catalogue
    from posture.pose.estimator import Estimator

    settings = config.load({"pose.model": model})
    with stderr.status("evaluating"):
        tables, missed = agreement(folder, Estimator(Catalogue.load(), settings.pose, still=True))
    if as_json:
        document = {"schema": "posture.agreement/1", "nobody_found": missed, "tables": [asdict(one) for one in tables]}
        print(json.dumps(_without_nan(document), indent=1))
        return
    stdout.print(f"nobody found in {missed} pictures", highlight=False)
    for one in tables:
        without = ", without rows that contradict the tables" if one.clean else ""
        pictures = one.parts[0].pictures
        title = f"REBA against {one.reference}{without}: {pictures} pictures"
        grid = new_grid(
            "part", "one value", "exact", "±1", "kappa", "lower end: exact", "±1", "kappa", "held", "width", title=title
        )
        for part in one.parts:
            shares = (part.exact, part.near, part.kappa, part.lowest_exact, part.lowest_near, part.lowest_kappa)
            grid.add_row(
                part.part.replace("_", " "), str(part.single), *map(_share, (*shares, part.held)), f"{part.width:.1f}"
            )
        stdout.print(grid)
    stdout.print(AGREEMENT_RULE, highlight=False)


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


def _print(document: object) -> None:
    print(json.dumps(_without_nan(document), indent=1))


def _without_nan(value: object) -> object:
    """The same tree with None for NaN, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _without_nan(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(below) for below in value]
    return None if isinstance(value, float) and math.isnan(value) else value
