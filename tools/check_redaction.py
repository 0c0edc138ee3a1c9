"""How many labelled faces does redaction cover? `python tools/check_redaction.py [-o FOLDER] [--only TEXT] [--speed]`.

Every file of the labels goes through `posture.redactor`, videos frame by frame. A face counts as covered when at least
95 % of the inner ellipse of its labelled box was changed; faces of less than 24 px in height are counted apart, and
so are backs of heads, which show no face. Printed for each file: faces, covered, the share of the picture that was
left as it was, milliseconds a frame; then totals by kind, and every face that was missed with its box.

`-o FOLDER` gets contact sheets (PNG) to look at; labels that are covered have a green box, others a red one.
`--control` covers nothing, and must report 0 %. `--speed` measures the time a frame at fixed sizes instead.
Exit 1 if a face of at least 24 px was missed (with `--control`: if one was covered).
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from posture.data import Oval, Picture, Source
from posture.pose.catalogue import Catalogue
from posture.pose.settings import PoseSettings
from posture.privacy.redact import changed_share
from posture.redactor import Redactor, RedactSettings
from posture.sources import open_source
from posture.sources.picture import Picture as DecodedPicture

MEDIA = Path(__file__).resolve().parents[2] / "shared" / "media"
LABELS = Path(__file__).resolve().parents[1] / "tests" / "data" / "faces.json"
ENOUGH = 0.95
"""Share of a face's inner ellipse that has to be changed."""
SMALLEST_PX = 24
SHEET_CELL, SHEET_COLUMNS, SHEET_ROWS = 480, 4, 3
SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160), "12 MP": (4000, 3000)}
SPEED_FRAMES = 90


@dataclass
class Tally:
    """Of one file."""

    seen: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    covered: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    missed: list[str] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    """Share of each labelled picture that is as it was."""
    seconds: list[float] = field(default_factory=list)


def kind_of(face: dict[str, Any]) -> str:
    """The kind that is counted: `small` by height alone."""
    return "small" if face["box"][3] < SMALLEST_PX else str(face["kind"])


def inner(box: Sequence[float]) -> Oval:
    """The ellipse that fills a labelled box [x, y, w, h]."""
    x, y, w, h = box
    return Oval(x + (w - 1) / 2, y + (h - 1) / 2, max(w / 2 - 2, 0.5), max(h / 2 - 2, 0.5))


def judge(name: str, entry: dict[str, Any], before: Picture, after: Picture, tally: Tally) -> list[bool]:
    """Count the faces of one labelled picture; whether each is covered."""
    tally.left.append(float((before == after).all(-1).mean()))
    verdicts = []
    for face in entry["faces"]:
        share, kind = changed_share(before, after, inner(face["box"])), kind_of(face)
        verdicts.append(share >= ENOUGH)
        tally.seen[kind] += 1
        tally.covered[kind] += verdicts[-1]
        if not verdicts[-1]:
            tally.missed.append(f"{kind:8} {name} frame {entry['frame']} box {face['box']} {share:.0%} changed")
    return verdicts


def cell(caption: str, after: Picture, entry: dict[str, Any], verdicts: Sequence[bool]) -> Picture:
    """One picture of a contact sheet."""
    scale = SHEET_CELL / max(after.shape[:2])
    size = max(round(after.shape[1] * scale), 1), max(round(after.shape[0] * scale), 1)
    small = cv2.resize(after, size, interpolation=cv2.INTER_AREA)
    for face, fine in zip(entry["faces"], verdicts, strict=True):
        x, y, w, h = (round(value * scale) for value in face["box"])
        cv2.rectangle(small, (x, y), (x + w, y + h), (0, 220, 0) if fine else (255, 0, 0), 1)
    made = np.full((SHEET_CELL + 16, SHEET_CELL, 3), 24, np.uint8)
    made[16 : 16 + size[1], : size[0]] = small
    cv2.putText(made, caption[-64:], (2, 11), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (255, 255, 255), 1, cv2.LINE_AA)
    return made


def write_sheets(folder: Path, cells: Sequence[Picture]) -> None:
    """`sheet_00.png` ... in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    each = SHEET_COLUMNS * SHEET_ROWS
    for number, start in enumerate(range(0, len(cells), each)):
        page = list(cells[start : start + each])
        page += [np.zeros_like(cells[0])] * (each - len(page))
        rows = [np.hstack(page[i : i + SHEET_COLUMNS]) for i in range(0, each, SHEET_COLUMNS)]
        cv2.imwrite(str(folder / f"sheet_{number:02}.png"), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))


def examine(
    path: Path, entries: Sequence[dict[str, Any]], catalogue: Catalogue, settings: RedactSettings
) -> tuple[Tally, list[Picture]]:
    """Redact one file and compare it with its labels."""
    wanted = {entry["frame"]: entry for entry in entries}
    tally, cells = Tally(), []
    source: Source = open_source(path, threads=1)
    still = source.info.kind == "image"
    redactor = Redactor(catalogue, settings, PoseSettings(providers=("cpu",)), still=still)
    for frame in source:
        start_s = time.perf_counter()
        result = redactor(frame)
        tally.seconds.append(time.perf_counter() - start_s)
        if frame.index in wanted:
            entry = wanted[frame.index]
            before = frame.scaled(frame.width, frame.height)
            verdicts = judge(path.name, entry, before, result.pixels, tally)
            caption = f"{path.name} {frame.index}: {result.faces} faces {result.people} people {result.uncertain} whole"
            cells.append(cell(caption, result.pixels, entry, verdicts))
        if frame.index >= max(wanted):
            break
    source.close()
    return tally, cells


def report(console: Console, tallies: dict[str, Tally]) -> int:
    """Print the tables; how many faces of at least 24 px were missed and how many covered."""
    table = Table("file", "faces", "covered", "of them backs", "small", "left", "ms a frame", "slowest")
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, tally in tallies.items():
        faces = [kind for kind in tally.seen if kind not in ("small", "back")]
        counts = [f"{tally.covered[k]}/{tally.seen[k]}" if k in tally.seen else "-" for k in ("back", "small")]
        times = np.array(tally.seconds) * 1000
        seen, covered = (sum(which[kind] for kind in faces) for which in (tally.seen, tally.covered))
        left = f"{np.mean(tally.left):.0%}" if tally.left else "-"
        table.add_row(name, str(seen), str(covered), *counts, left, f"{times.mean():.0f}", f"{times.max():.0f}")
        for kind in tally.seen:
            totals[kind][0] += tally.seen[kind]
            totals[kind][1] += tally.covered[kind]
    console.print(table)
    for kind, (seen, covered) in sorted(totals.items()):
        console.print(f"{kind:9} {covered} of {seen} covered, {covered / seen:.1%}")
    for tally in tallies.values():
        for line in tally.missed:
            console.print(f"missed: {line}", highlight=False)
    return sum(seen - covered for kind, (seen, covered) in totals.items() if kind not in ("small", "back"))


def frames_of(path: Path, size: tuple[int, int], count: int) -> Iterator[tuple[float, Picture]]:
    """The first frames of a video, stretched to `size`, with their times."""
    for frame in open_source(path, threads=1):
        if frame.index >= count:
            return
        yield frame.time_s, frame.scaled(*size)


def speed(console: Console, media: Path, catalogue: Catalogue) -> None:
    """Milliseconds of processor time a frame: a video at several sizes, and a photo of 12 MP."""
    cv2.setNumThreads(1)
    table = Table("what", "size", "settings", "ms a frame", "slowest")
    cases: list[tuple[str, dict[str, Any]]] = [
        ("12 MP", {}),
        ("12 MP", {"background": "remove"}),
        ("12 MP", {"background": "blur"}),
        ("1080p", {}),
        ("1080p", {"background": "remove"}),
        ("4K", {}),
    ]
    for name, options in cases:
        still = name == "12 MP"
        clips = ["front_head_pose_man.mp4", "seated_checkout_turn_light_2persons.mp4", "side_walk_2persons_vp9.mp4"]
        for clip in clips:
            redactor = Redactor(catalogue, RedactSettings(**options), PoseSettings(providers=("cpu",)), still=still)
            spent = []
            for time_s, pixels in frames_of(media / "videos" / clip, SIZES[name], 3 if still else SPEED_FRAMES):
                frame = decoded(pixels, time_s)
                start_s = time.process_time()
                redactor(frame)
                spent.append((time.process_time() - start_s) * 1000)
            what = " ".join(["faces", *(f"+ {part} {how}" for part, how in options.items())])
            table.add_row(clip, name, what, f"{np.mean(spent):.0f}", f"{max(spent):.0f}")
    console.print(table)


def decoded(pixels: Picture, time_s: float) -> DecodedPicture:
    """A frame as a decoder would give it: planes of yuv420p."""
    import av

    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(format="yuv420p")
    return DecodedPicture(frame, index=0, time_s=time_s)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, default=LABELS)
    parser.add_argument("--media", type=Path, default=MEDIA)
    parser.add_argument("-o", "--out", type=Path, help="folder for contact sheets")
    parser.add_argument("--only", default="", help="files whose path holds this text")
    parser.add_argument("--control", action="store_true", help="cover nothing: must report 0 %%")
    parser.add_argument("--blur", action="store_true", help="blur faces instead of covering them")
    parser.add_argument("--speed", action="store_true")
    arguments = parser.parse_args()
    console, catalogue = Console(width=150), Catalogue.load()
    if arguments.speed:
        speed(console, arguments.media, catalogue)
        return 0
    settings = RedactSettings(faces="keep" if arguments.control else "blur" if arguments.blur else "cover")
    files: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in json.loads(arguments.labels.read_text(encoding="utf-8")):
        if arguments.only in entry["file"]:
            files[entry["file"]].append(entry)
    tallies, cells = {}, []
    for name, entries in files.items():
        tallies[name], made = examine(arguments.media / name, entries, catalogue, settings)
        cells += made
    if arguments.out and cells:
        write_sheets(arguments.out, cells)
    missed = report(console, tallies)
    if arguments.control:
        return int(any(sum(tally.covered.values()) for tally in tallies.values()))
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
