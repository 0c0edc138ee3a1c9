"""Reports that several verbs write in formats beside each other: all of them, or none."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from posture.cli import trail
from posture.cli.options import listed
from posture.errors import ConfigError
from posture.output import probe, refuse_existing, whole_file

ReportFile = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="The report, its name without a suffix.")
]
ReportLanguage = Annotated[str | None, typer.Option("--language", metavar="en|de", help="Language of the report.")]
Replace = Annotated[bool, typer.Option("--overwrite", metavar="", help="Replace what is already there.")]
Write = Callable[[str, BinaryIO], None]
"""Write the format of that name."""


def planned(output: Path | None, formats: str | None, known: tuple[str, ...], *, overwrite: bool) -> dict[str, Path]:
    """Format to file, `output`.html, ...; nothing where no output is wanted.

    Raises ConfigError for an unknown format, SinkError where a file cannot be written: before any work is done.
    """
    if output is None:
        if formats:
            raise ConfigError("--format needs a name to write to: add --output FILE")
        return {}
    wanted = listed(formats, everything=known) or known
    if unknown := [name for name in wanted if name not in known]:
        raise ConfigError(f"--format {unknown[0]}: this report is written as {', '.join(known)}")
    paths = {name: output.with_name(f"{output.name}.{name}") for name in wanted}
    for path in paths.values():
        refuse_existing(path, overwrite=overwrite)
        probe(path)
    return paths


def write_all(paths: Mapping[str, Path], write: Write, *, overwrite: bool) -> None:
    """Write each. All of them are complete before the first one appears. Raises SinkError."""
    with ExitStack() as together:
        for name, path in paths.items():
            write(name, together.enter_context(whole_file(path, overwrite=overwrite)))
    for name, path in paths.items():
        trail.exported(name, path)
