"""Analyse every file of the odd and broken media and compare with their expected.json: `python tools/check_media.py`.

Each file goes through the product's own sandboxed job, every frame looked at. Printed for each: outcome, frames,
upright size, people at once, damaged frames, seconds and memory, and what differs from what is expected. Exit 1 if
anything does, or if a file took longer than 10 s or more than 2 GiB.
"""

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from posture import wire
from posture.cli.exits import exit_code
from posture.data import Damage, SourceInfo
from posture.ergonomics.measure import MeasureSettings
from posture.errors import PostureError
from posture.job import Job, JobSettings
from posture.pipeline import AnalysisSettings
from posture.pose.settings import PoseSettings
from posture.sources.container import LENIENT_CODECS

MEDIA = Path(__file__).resolve().parents[2] / "shared" / "media"
MOST_S = 10.0
MOST_BYTES = 2 << 30


@dataclass
class Found:
    """What the job gave for one file."""

    exit: int = 0
    message: str = ""
    info: SourceInfo | None = None
    damage: Damage = field(default_factory=Damage)
    frames: int = 0
    most_people: int = 0
    seconds: float = 0.0
    peak_bytes: int = 0


def analysed(path: Path) -> Found:
    """Run the job over one file."""
    spec = wire.JobSpec(
        path=os.fsencode(path),
        pose=PoseSettings(people=4, providers=("cpu",)),
        measure=MeasureSettings(),
        analysis=AnalysisSettings(rate="all"),
        memory_bytes=JobSettings().memory_mib << 20,
    )
    found, start_s = Found(), time.monotonic()
    job = Job(spec, JobSettings(stall_s=60))
    try:
        for message in job:
            match message:
                case wire.Started():
                    found.info = message.info
                case wire.Redone():
                    found.most_people = 0
                case wire.Batch():
                    found.most_people = max([found.most_people, *(len(o.people) for o in message.observations)])
                case wire.Finished():
                    found.damage, found.frames = message.damage, message.frames_decoded
                    found.peak_bytes = message.peak_memory_bytes
    except PostureError as error:
        found.exit, found.message = exit_code(error), str(error)
    finally:
        job.close()
    found.seconds = time.monotonic() - start_s
    return found


def differences(found: Found, expected: dict[str, Any]) -> list[str]:
    """What is not as expected.json says, and the limits that every file has."""
    pairs: dict[str, tuple[object, object]] = {"exit": (found.exit, expected["exit"])}
    if expected["exit"] == 0 and found.info is not None:
        frames: int = expected["frames"] if "frames" in expected else expected["frames_one_thread"]
        corrupt = expected.get("corrupt_frames", 0)
        # Where a decoder error is named the numbers are those of a decoder that stops at the first packet it refuses:
        # more frames may come, damaged ones among them. What else is partial without a damaged frame was cut off.
        if expected.get("decoder_error") is None:
            pairs["cut short"] = (found.damage.truncated, expected["outcome"] == "partial" and not corrupt)
        else:
            frames, corrupt = max(found.frames, frames), max(found.damage.corrupt_frames, corrupt)
        if found.info.codec in LENIENT_CODECS:  # the numbers are those of a decoder that says nothing of missing parts
            corrupt = max(found.damage.corrupt_frames, corrupt)
        pairs["frames"] = (found.frames, frames)
        pairs["damaged"] = (found.damage.corrupt_frames, corrupt)
        pairs["partial"] = (found.damage.any, expected["outcome"] == "partial" or corrupt > 0)
        if size := expected.get("upright_size"):
            pairs["size"] = ([found.info.width, found.info.height], size)
        if "container_rotation_deg" in expected:
            pairs["rotation"] = (found.info.rotation_deg % 360, expected["container_rotation_deg"] % 360)
        if (people := expected.get("persons")) is not None:
            pairs["people"] = (min(found.most_people, max(people, 1)) if people else found.most_people, people)
    wrong = [f"{name}: {got}, expected {want}" for name, (got, want) in pairs.items() if got != want]
    if found.seconds > MOST_S:
        wrong.append(f"took {found.seconds:.0f} s")
    if found.peak_bytes > MOST_BYTES:
        wrong.append(f"took {found.peak_bytes >> 20} MiB")
    return wrong


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[MEDIA / "odd", MEDIA / "broken"])
    console = Console(width=None if sys.stdout.isatty() else 180)
    failures = 0
    for folder in parser.parse_args().folders:
        files = json.loads((folder / "expected.json").read_text("utf-8"))["files"]
        table = Table(
            "file", "exit", "frames", "size", "people", "damaged", "s", "MiB", "what is said", title=folder.name
        )
        for name, expected in sorted(files.items()):
            found = analysed(folder / name)
            wrong = differences(found, expected)
            failures += bool(wrong)
            size = f"{found.info.width}x{found.info.height}" if found.info and not found.exit else ""
            said = escape(found.message or found.damage.message)
            table.add_row(
                escape(name),
                str(found.exit),
                str(found.frames),
                size,
                str(found.most_people),
                str(found.damage.corrupt_frames),
                f"{found.seconds:.1f}",
                str(found.peak_bytes >> 20),
                f"[red]{escape('; '.join(wrong))}[/red] {said}" if wrong else said,
            )
        console.print(table)
    console.print("all as expected" if not failures else f"{failures} files differ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
