"""Torture recordings and say what survives: `python tools/torture.py [THEME...] [--small] [--folder DIR] [--seed N]`.

One figure a line; exit 1 if anything came out otherwise than it must. Without a theme, all of them.
A theme is a function of `torture_figure.Asked` that yields a `Figure` for each line; a new one needs a line in THEMES.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from torture_disks import blocked, full, vanished  # noqa: E402
from torture_figure import Asked, Theme  # noqa: E402
from torture_flips import flips, truncations  # noqa: E402
from torture_keys import wrong_keys  # noqa: E402
from torture_kill import kill  # noqa: E402
from torture_long import identity, soak, unplug  # noqa: E402
from torture_mutations import mutations  # noqa: E402
from torture_power import power_cuts  # noqa: E402
from torture_speed import speed  # noqa: E402
from torture_vault import keys_of_a_vault  # noqa: E402

THEMES: dict[str, Theme] = {
    "flips": flips,
    "truncations": truncations,
    "power": power_cuts,
    "mutations": mutations,
    "keys": wrong_keys,
    "vault": keys_of_a_vault,
    "speed": speed,
    "kill": kill,
    "full": full,
    "vanished": vanished,
    "blocked": blocked,
    "unplug": unplug,
    "soak": soak,
    "identity": identity,
}


def main() -> int:
    """Print the figures; 1 if any case came out wrong."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("themes", nargs="*", metavar="THEME", help=f"of {', '.join(THEMES)} (default: all)")
    options.add_argument("--small", action="store_true", help="a hundredth of it, in seconds")
    options.add_argument("--folder", type=Path, help="on the disk that is to be tortured (default: the temporary one)")
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    if unknown := set(asked.themes) - THEMES.keys():
        options.error(f"no theme {', '.join(sorted(unknown))}; there are {', '.join(THEMES)}")
    return 1 if sum(run(name, asked) for name in asked.themes or THEMES) else 0


def run(name: str, asked: argparse.Namespace) -> int:
    """One theme in a folder of its own; how many cases were wrong."""
    wrong, began_s = 0, time.monotonic()
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix="torture-") as folder:
        for figure in THEMES[name](Asked(Path(folder), small=asked.small, seed=asked.seed)):
            wrong += figure.wrong
            print(f"{'WRONG' if figure.wrong else 'ok   '} {figure.what}: {figure.found}", flush=True)
    print(f"      {name}: {time.monotonic() - began_s:.0f} s", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
