"""Play a scenario of a sitter before a camera through the real judge and the real reminder policy.

    python tools/scenario.py FILE [--json] [--fps N ...] [--seed N] [--plot OUT.svg]

Prints for every frame rate and segment what was expected, what was said (share of the time after the settling time) and
which reminders began; `--json` prints the summary as JSON and nothing else. Exit code 1 where a segment is wrong, a
reminder came that should not have, or one did not come; 2 where FILE is no scenario. `scenario_file.py` has the schema.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import msgspec  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402
from scenario_file import load  # noqa: E402
from scenario_play import Played, play, plot, verdict  # noqa: E402

from posture.errors import ConfigError  # noqa: E402


def main() -> int:
    """Play, print, and say by the exit code whether all was right."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file", type=Path)
    options.add_argument("--json", action="store_true")
    options.add_argument("--fps", type=float, nargs="+", help="instead of the rates in the file")
    options.add_argument("--seed", type=int, help="instead of the seed in the file")
    options.add_argument("--plot", type=Path, help="states over time as SVG")
    asked = options.parse_args()
    try:
        scenario = load(asked.file)
    except ConfigError as exc:
        print(f"scenario: {exc}", file=sys.stderr)
        return 2
    if asked.seed is not None:
        scenario = msgspec.structs.replace(scenario, seed=asked.seed)
    runs = [play(scenario, fps) for fps in asked.fps or scenario.fps_variants]
    summary = verdict(scenario, runs)
    if asked.json:
        print(msgspec.json.format(msgspec.json.encode(summary), indent=1).decode())
    else:
        shown(runs)
        print(
            f"{len(runs)} frame rates, {summary['segments']} segments each: {summary['wrong_segments']} wrong, "
            f"{summary['false_reminders']} false reminders, {summary['missed_reminders']} missed"
        )
    if asked.plot:
        asked.plot.write_text(plot(scenario, runs), encoding="utf-8")
    return 0 if summary["ok"] else 1


def shown(runs: list[Played]) -> None:
    """A table for each frame rate."""
    console = Console()
    for run in runs:
        table = Table("s", "what", "expected", "said", "reminders", title=f"{run.fps:g} fps", title_justify="left")
        for row in run.segments:
            said = ", ".join(f"{name} {share:.0%}" for name, share in row.actual.items())
            times = ", ".join(f"{t:.1f}" for t in row.reminders)
            wrong = "" if row.ok else f"  <- {', '.join(row.problems)}"
            table.add_row(
                f"{row.t_s[0]:g}-{row.t_s[1]:g}", row.note, " ".join(row.expect), said + wrong, times,
                style="" if row.ok else "red",
            )  # fmt: skip
        console.print(table)


if __name__ == "__main__":
    sys.exit(main())
