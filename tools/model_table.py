"""Every model of a folder, through its entry, on labelled pictures: accuracy, time of a look, memory. Prints a table.

    python tools/model_table.py ../shared/media/models tests/data/models ../shared/media/keypoints/annotations.json

Each model runs in a process of its own. Accuracy is that of `posture.evaluate`; pose models have the program's own
detector in front of them, detectors its own landmark model behind them. Points that a layout lacks count as wrong.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from look_models import SETTINGS, assembled, entry, people

from posture.data import Frame
from posture.evaluate import MOST_PEOPLE, as_guess, scored
from posture.pose.brought.use import DETECTORS
from posture.pose.metrics import Guess
from posture.pose.runtimes import SUFFIXES

RUNS = 20
COLUMNS = ("model", "head", "layout", "MB", "PCK whole", "PCK box", "AP whole", "found", "call ms", "peak MiB")


def figures(model: Path, entries: Path, annotations: Path) -> dict[str, str]:
    """The row of one model; this process is for it alone."""
    use = entry(model, entries)
    made = assembled(model, use)

    def guess(frame: Frame) -> list[Guess]:
        return [as_guess(pose) for pose in people(made, frame, use, MOST_PEOPLE)]

    rows = scored(annotations, guess)
    runs = made[0 if use.head in DETECTORS else 1].runs
    values = np.full(runs.input_shape, 100, runs.input_dtype)
    runs.run(values)
    began = time.process_time()
    for _ in range(RUNS):
        runs.run(values)
    call_ms = (time.process_time() - began) / RUNS * 1000
    whole, box = ([row for row in rows if row.mode == mode] for mode in ("whole picture", "given box"))

    def share(chosen: list[object], right: str, of: str) -> str:
        total = sum(getattr(row, of) for row in chosen)
        return f"{sum(getattr(row, right) * getattr(row, of) for row in chosen) / total:.2f}" if total else "-"

    counted_whole = [row for row in whole if row.pck_points]
    counted_box = [row for row in box if row.pck_points]
    judged = [row for row in whole if row.people]
    return {
        "model": model.name,
        "head": use.head,
        "layout": use.skeleton or "-",
        "MB": f"{model.stat().st_size / 1e6:.1f}",
        "PCK whole": share([*counted_whole], "pck", "pck_points"),
        "PCK box": share([*counted_box], "pck", "pck_points"),
        "AP whole": share([*judged], "average_precision", "people"),
        "found": f"{sum(row.found for row in whole)}/{sum(row.people for row in whole)}",
        "call ms": f"{call_ms:.1f}",
        "peak MiB": str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10),
    }


def main() -> int:
    """Print the table, or with --one the row of one model as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name in ("models", "entries", "annotations"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--one", action="store_true", help="`models` is one file; print its row as JSON")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(figures(asked.models, asked.entries, asked.annotations)))
        return 0
    print(f"{SETTINGS.threads} thread, CPU; PCK@0.2 torso and OKS-AP over {asked.annotations}")
    print(" | ".join(COLUMNS))
    failed = 0
    for model in sorted(file for file in asked.models.iterdir() if file.suffix in SUFFIXES):
        arguments = [sys.executable, __file__, "--one", str(model), str(asked.entries), str(asked.annotations)]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            failed += 1
            print(f"{model.name}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
            continue
        row = json.loads(done.stdout.splitlines()[-1])
        print(" | ".join(row[name] for name in COLUMNS), flush=True)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
