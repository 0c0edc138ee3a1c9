"""Is anything left after `posture scrub`? `python tools/check_scrub.py [FILE|FOLDER...] [--control]`.

Scrubs copies of the files (default: the test media) as a user does, and looks at what comes out: for every value that
was planted (planted.json), in UTF-8, UTF-16, hexadecimal, base64, percent code and inside deflated parts; and with
ExifTool, mat2, ffprobe and MediaInfo, of which every key has to stand in check_scrub_keys.json, a list of what is
structure. A tool that is not installed is named and left out. Exit 1 if anything is left or a pixel was another.

`--control` looks at the files as they are: then every file with something planted in it has to be found.
"""

import argparse
import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_from_bytes

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
MEDIA = ROOT.parent / "shared" / "media"
FOLDERS = [MEDIA / "metadata", MEDIA / "odd", MEDIA / "images"]
KEYS = json.loads((ROOT / "tools" / "check_scrub_keys.json").read_text("utf-8"))
BROKEN = {"random_bytes.mp4", "text_named.mp4", "truncated_faststart.mp4", "truncated_no_moov.mp4", "zero_byte.mp4"}
"""What cannot be scrubbed, by the names of the test media: audio_only has no pictures."""
BROKEN |= {"audio_only.m4a"}
NOTHING = ("", "0", "none", "0000:00:00 00:00:00", "colour", "und", "[0][0][0][0]")
MOST_DEFLATED_BYTES = 1 << 24


def main() -> int:
    """Print a row for each file; 1 if the check did not end as it has to."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("sources", nargs="*", type=Path, default=FOLDERS)
    options.add_argument("--control", action="store_true", help="look at the files before they are scrubbed")
    asked = options.parse_args()
    missing = [name for name in CHECKS if shutil.which(name) is None]
    if missing:
        print(f"not installed, so left out: {', '.join(missing)}", file=sys.stderr)
    planted = _planted(asked.sources)
    with tempfile.TemporaryDirectory() as name:
        files = _copied(asked.sources, Path(name) / "in")
        outputs: dict[Path, Path | str] = dict(zip(files, files, strict=True))
        if not asked.control:
            outputs = scrubbed(files, Path(name) / "out")
        grid = Table("file", "scrubbed", "planted values", *CHECKS)
        bad = sum(_row(grid, file, outputs[file], planted.get(file.name, []), asked.control) for file in files)
    Console(width=None if sys.stdout.isatty() else 180).print(grid)
    print(f"{len(files)} files, {bad} not as they have to be")
    return 1 if bad or not files else 0


def scrubbed(files: list[Path], folder: Path) -> dict[Path, Path | str]:
    """The scrubbed copy of each file, or why there is none."""
    program = [sys.executable, "-c", "from posture.cli import main; main()", "scrub"]
    command = [*program, *map(str, files), "-o", str(folder), "--json", "--progress", "none"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(done.stderr)
    said = json.loads(done.stdout)["files"]
    pairs = zip(files, said, strict=True)
    return {file: Path(one["output"]) if one["exit"] == 0 else str(one["message"]) for file, one in pairs}


def _row(grid: Table, file: Path, output: Path | str, values: list[str], control: bool) -> bool:
    """Fill a row; whether the file is not as it has to be."""
    if isinstance(output, str):
        expected = file.name in BROKEN
        grid.add_row(file.name, "refused" if expected else f"[red]{output}[/red]", "", *["" for _ in CHECKS])
        return not expected
    left = [value for value in values if value in found_in(output.read_bytes(), values)]
    faults = {name: check(output) if shutil.which(name) else None for name, check in CHECKS.items()}
    said = ["-" if fault is None else "clean" if not fault else ", ".join(fault)[:60] for fault in faults.values()]
    gone = f"{len(values)} gone" if values else "none planted"
    planted = f"{len(left)} of {len(values)} left" if left else gone
    grid.add_row(file.name, "as it is" if control else "yes", planted, *said)
    dirty = bool(left) or any(faults.values())
    return bool(values) and not dirty if control else dirty


def found_in(content: bytes, values: list[str]) -> set[str]:
    """Which of the values stand in the content, whatever way they are written."""
    whole = [content, *_deflated(content)]
    return {value for value in values if any(form in part for form in forms(value) for part in whole)}


def forms(value: str) -> list[bytes]:
    """How a text may be written."""
    plain = value.encode()
    made = [plain, value.encode("utf-16-le"), value.encode("utf-16-be"), quote_from_bytes(plain).encode()]
    made += [plain.hex().encode(), plain.hex().upper().encode()]
    # Of base64 the three places where a text may begin, without the letters that depend on its neighbours.
    for before in range(3):
        coded = base64.b64encode(bytes(before) + plain)
        made.append(coded[(0, 2, 3)[before] : len(coded) - (0, 4, 4)[len(bytes(before) + plain) % 3 and 1]])
    return [form for form in made if len(form) >= 4]


def _deflated(content: bytes) -> Iterator[bytes]:
    """What stands in zlib streams (PNG texts and profiles, PDF-like parts)."""
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content):
        try:
            yield zlib.decompressobj().decompress(content[start.start() :], MOST_DEFLATED_BYTES)
        except zlib.error:
            continue


def told_by(*command: str) -> str:
    """What a tool prints."""
    return subprocess.run(command, capture_output=True, text=True, check=False, errors="replace").stdout


def exiftool(file: Path) -> list[str]:
    """Keys that are no structure, and such that should hold nothing and do."""
    (said,) = json.loads(told_by("exiftool", "-j", "-G1", "-a", "-ee3", "-u", "-U", str(file)))
    return _faults("exiftool", [(key.rpartition(":")[2], value) for key, value in said.items() if _tells(key)])


def _tells(key: str) -> bool:
    return key.partition(":")[0] not in ("System", "ExifTool", "SourceFile")


def mat2(file: Path) -> list[str]:
    """The same of mat2; it knows fewer kinds of files."""
    lines = [line.strip().partition(": ") for line in told_by("mat2", "--show", str(file)).splitlines()]
    return _faults("exiftool", [(name, value) for name, colon, value in lines if colon and not name.startswith("[")])


def ffprobe(file: Path) -> list[str]:
    """Tags, chapters, programs and streams that are neither pictures nor sound."""
    shows = ("-show_format", "-show_streams", "-show_chapters", "-show_programs")
    said = json.loads(told_by("ffprobe", "-v", "error", "-of", "json", *shows, str(file)) or "{}")
    parts = [said.get("format", {}), *said.get("streams", [])]
    tags = [(name.lower(), value) for part in parts for name, value in part.get("tags", {}).items()]
    others = {one["codec_type"] for one in said.get("streams", [])} - {"video", "audio"}
    covers = [one for one in said.get("streams", []) if one["disposition"]["attached_pic"]]
    rest = [name for name in ("chapters", "programs") if said.get(name)]
    return _faults("ffprobe", tags) + sorted(others) + rest + ["cover"] * bool(covers)


def mediainfo(file: Path) -> list[str]:
    """Keys of MediaInfo."""
    said = json.loads(told_by("mediainfo", "--Output=JSON", str(file)) or "{}").get("media") or {}
    pairs = []
    for track in said.get("track", []):
        pairs += [(name, value) for name, value in track.items() if not isinstance(value, dict)]
        pairs += [pair for value in track.values() if isinstance(value, dict) for pair in value.items()]
    return _faults("mediainfo", [(name, value) for name, value in pairs if not name.startswith(("@", "File_"))])


def _faults(tool: str, pairs: list[tuple[str, object]]) -> list[str]:
    """Names that are not listed, or listed as empty and not so."""
    structure, empty, patterns = KEYS[tool]["structure"], KEYS[tool]["empty"], KEYS[tool]["patterns"]
    bad = []
    for name, value in pairs:
        if name in empty:
            bad += [name] if str(value).strip() not in NOTHING else []
        elif name not in structure and not any(re.fullmatch(pattern, name) for pattern in patterns):
            bad.append(name)
    return sorted(set(bad))


CHECKS = {"exiftool": exiftool, "mat2": mat2, "ffprobe": ffprobe, "mediainfo": mediainfo}


def _planted(sources: list[Path]) -> dict[str, list[str]]:
    """Values by the name of the file."""
    found: dict[str, list[str]] = {}
    for source in sources:
        for path in source.rglob("planted.json") if source.is_dir() else source.parent.glob("planted.json"):
            files = json.loads(path.read_text("utf-8"))["files"]
            found |= {name: one["values"] for name, one in files.items()}
    return found


def _copied(sources: list[Path], folder: Path) -> list[Path]:
    """Copies of all files that may be videos or pictures: with a name of its own each, and never the originals."""
    files: list[Path] = []
    folder.mkdir()
    for source in sources:
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if path.is_file() and path.suffix.lower() not in (".json", ".md", ".wav"):
                inside = folder / str(len(files))
                inside.mkdir()
                files.append(Path(shutil.copyfile(path, inside / path.name)))
    return files


if __name__ == "__main__":
    sys.exit(main())
