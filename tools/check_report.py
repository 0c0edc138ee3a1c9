"""Check the reports of a demo run against what is known of the demo (`.ci/run` does, after `python3 tools/start.py`).

    python3 tools/check_report.py FOLDER [FORMAT ...]     default formats: html json csv

The demo moves a portrait by known angles, so a wrong number is as much a failure as a missing file.
"""

import csv
import json
import re
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

SCHEMA = "posture.report/1"
DURATION_S, RATE_HZ = 24.0, 10.0
# Times of the demo in which the person keeps still (sources/demo.py), upright and leaning by 15 degrees to each side.
# The pose model sees the lean to the right of this portrait weakly, so the bounds are wide; the side must be right.
UPRIGHT_S, LEFT_S, RIGHT_S = (1.0, 4.0), (6.5, 10.0), (14.0, 16.0)
LEAST_DEG, MOST_DEG = 5.0, 20.0


def problems(folder: Path, formats: list[str]) -> Iterator[str]:
    """What is wrong with the reports in `folder`, one sentence each."""
    for format in formats:
        path = folder / f"report.{format}"
        if not path.is_file() or path.stat().st_size < 1000:
            yield f"{path} is missing or nearly empty"
        else:
            for problem in CHECKS[format](path):
                yield f"{path}: {problem}"
    if left := sorted(folder.glob(".*")) + sorted(folder.glob("*.tmp")):
        yield f"unfinished files were left behind: {', '.join(path.name for path in left)}"


def html_problems(path: Path) -> Iterator[str]:
    """One file that loads nothing, and says that it is a demo."""
    text = path.read_text(encoding="utf-8")
    if "default-src 'none'" not in text:
        yield "no content security policy that forbids loading"
    if loaded := re.findall(r"""(?:src|href)=["'](?!#|data:)([^"']+)""", text):
        yield f"it refers to other files: {loaded[:3]}"
    if "<script" in text:
        yield "it carries a script"
    if text.count("<svg") < 2 or not text.rstrip().endswith("</html>"):
        yield "charts or the end are missing"
    if "demo" not in text.lower():
        yield "it does not say that it is a demo"


def json_problems(path: Path) -> Iterator[str]:
    """The schema, and the headline figures."""
    report = json.loads(path.read_text(encoding="utf-8"))
    quality, source, people = report["quality"], report["source"], report["people"]
    expected = {
        "schema": (report["schema"], SCHEMA),
        "kind of source": (source["kind"], "demo"),
        "people": (quality["people_seen"], 1),
        "frames analysed": (quality["frames_analysed"], round(DURATION_S * RATE_HZ)),
        "frames with a person": (quality["frames_with_person"], round(DURATION_S * RATE_HZ)),
        "seconds analysed": (round(quality["analysed_s"], 1), DURATION_S),
        "damage": (source["damage"], ""),
    }
    for what, (found, wanted) in expected.items():
        if found != wanted:
            yield f"{what}: {found!r} instead of {wanted!r}"
    head = [part for person in people for part in person["parts"] if part["part"] == "head"]
    if not head or head[0]["judged_s"] < 0.9 * DURATION_S:
        yield "the head was hardly judged"


def csv_problems(path: Path) -> Iterator[str]:
    """One row a frame, and the head tilts by what the demo moves it."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if len(rows) != round(DURATION_S * RATE_HZ):
        yield f"{len(rows)} rows"
        return
    upright = _median(rows, UPRIGHT_S)
    for side, window, sign in (("left", LEFT_S, -1), ("right", RIGHT_S, 1)):
        lean = sign * (_median(rows, window) - upright)
        if not LEAST_DEG <= lean <= MOST_DEG:
            yield f"the head leans to the {side} by {lean:.1f} degrees instead of about 15"


def _median(rows: list[dict[str, str]], window: tuple[float, float]) -> float:
    start, end = window
    return statistics.median(float(row["head_tilt_deg"]) for row in rows if start <= float(row["time_s"]) <= end)


def pdf_problems(path: Path) -> Iterator[str]:
    """Whole and tagged."""
    data = path.read_bytes()
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-64:]:
        yield "it is no whole PDF"
    if b"/StructTreeRoot" not in data:
        yield "it is not tagged"


CHECKS = {"html": html_problems, "json": json_problems, "csv": csv_problems, "pdf": pdf_problems}


def main() -> int:
    """Exit code 0 when everything is as it should be."""
    folder = Path(sys.argv[1])
    formats = sys.argv[2:] or ["html", "json", "csv"]
    found = list(problems(folder, formats))
    for problem in found:
        print(f"FAIL {problem}", file=sys.stderr)
    if not found:
        print(f"{folder}: {', '.join(formats)} are as they should be")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
