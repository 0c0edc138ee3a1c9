"""`--resume`: where an analysis keeps how far it is, and which files are done."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posture.folders import data_folder

if TYPE_CHECKING:
    from posture.analysis import Range, Told
    from posture.config import Settings
    from posture.resuming import Checkpoints

Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        metavar="",
        help="Go on where an earlier run with the same options, this one too, was ended, however it ended; files whose "
        "reports are there are left out. The reports are those of a run that was never ended.",
    ),
]


def checkpoints_of(path: Path, settings: "Settings", span: "Range", told: "Told") -> "Checkpoints":
    """Those of this file with these settings."""
    from posture.batch.work import Orders, new_task
    from posture.resuming import Checkpoints

    orders = Orders(settings=settings, start_s=span.start_s, end_s=span.end_s, told=told)
    name = new_task(path.absolute(), path, orders).checkpoint_name
    return Checkpoints(data_folder() / "checkpoints" / name)


def reports_are_there(settings: "Settings", base: Path) -> bool:
    """Whether every report of a file is there. They appear together, once all of them are complete."""
    from posture.reports import FORMATS

    return all(base.with_name(f"{base.name}.{FORMATS[name].suffix}").exists() for name in settings.output.formats)
