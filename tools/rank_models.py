"""A table of all models: those of the program and those of a folder with entries, on labelled pictures.

    python tools/rank_models.py ../shared/media/models tests/data/models ../shared/media/keypoints/annotations.json

Each model is signed with a key made for the occasion, added to a folder that goes away, and measured in a process of
its own through the same code as `posture evaluate --all`. Prints Markdown.
"""

import argparse
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from posture import admission
from posture.config import Settings
from posture.pose.added import AddedModels
from posture.pose.catalogue import Catalogue
from posture.pose.formats import SUFFIXES
from posture.pose.settings import PoseSettings
from posture.pose.trusted_keys import TrustedKeys
from posture.ranking.candidates import Candidate, candidates
from posture.ranking.one import Ranked, Task, ranked
from posture.ranking.runs import order
from posture.signed_note import PrivateKey

POSE = PoseSettings(providers=("cpu",))


def taken_in(model: Path, entries: Path, folder: Path) -> AddedModels:
    """One model, signed and added below `folder`. Raises PostureError."""
    folder.chmod(0o755)
    package = folder / "package"
    package.mkdir()
    name = re.sub(r"[^a-z0-9_-]", "_", model.stem.lower())
    shutil.copyfile(model, package / f"{name}{model.suffix}")
    shutil.copyfile(entries / f"{model.stem}.toml", package / f"{name}.toml")
    key = PrivateKey.generate("occasion")
    keys = TrustedKeys(folder / "etc" / "trusted-keys", owner=os.getuid(), top=folder)
    keys.add(key.public)
    added = AddedModels(folder / "store", keys)
    admission.sign(package, key, source="at hand", licence="see its origin")
    admission.add(package, added, Settings())
    return added


def one(model: Path, entries: Path, annotations: Path) -> list[Ranked]:
    """Every combination with one brought model, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        added = taken_in(model, entries, Path(folder))
        found, _ = candidates(Catalogue.load(), added)
        mine = [each for each in found if added.names()[0] in (each.model, each.detector)]
        return [ranked(Task(str(annotations), each, POSE), added) for each in mine]


def alone(arguments: list[str]) -> list[Ranked]:
    """What another process of this tool prints."""
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{arguments}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return []
    return msgspec.convert(json.loads(done.stdout), list[Ranked])


def row(result: Ranked) -> str:
    """A line of the table."""
    whole, region = result.of("whole picture"), result.of("given region")
    assert whole is not None
    figures = (whole.average_precision, whole.pck, region.pck if region is not None else math.nan)
    shares = " | ".join("–" if math.isnan(value) else f"{value:.3f}" for value in figures)
    found = f"{whole.found} of {whole.people} | {result.invented}"
    return f"| {result.candidate.label} | {found} | {shares} | {result.picture_ms:.0f} | {result.peak_memory_mib:.0f} |"


def main() -> int:
    """Print the table, or, for one model, its results as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name in ("models", "entries", "annotations"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--own", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.own:
        own = msgspec.json.decode(asked.own, type=Candidate)
        print(json.dumps([msgspec.to_builtins(ranked(Task(str(asked.annotations), own, POSE)))]))
        return 0
    if asked.models.is_file():
        print(json.dumps(msgspec.to_builtins(one(asked.models, asked.entries, asked.annotations))))
        return 0
    results: list[Ranked] = []
    fixed = [str(asked.entries), str(asked.annotations)]
    with tempfile.TemporaryDirectory() as nothing:
        found, _ = candidates(Catalogue.load(), AddedModels(Path(nothing)))
    for each in found:
        results += alone([str(asked.models), *fixed, "--own", msgspec.json.encode(each).decode()])
    for model in sorted(file for file in asked.models.iterdir() if file.suffix in SUFFIXES):
        results += alone([str(model), *fixed])
    print("| model, search | found | invented | OKS-AP | PCK@0.2 | PCK@0.2, region given | ms a picture | peak MiB |")
    print("|---|---|---|---|---|---|---|---|")
    for result in sorted(results, key=order, reverse=True):
        print(row(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
