"""One distribution against its RECORD: which files are altered, missing, or there without being recorded."""

import base64
import binascii
import csv
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import Distribution
from pathlib import Path

ALGORITHMS = ("sha256", "sha384", "sha512")
"""Hashes that count; the specification forbids weaker ones."""
_DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}
# RECORD cannot hold its own hash; these are signatures of it (JSON web signatures, as wheels may carry them).
_WITHOUT_HASH = ("RECORD", "RECORD.jws", "RECORD.p7s")
# Files at the top of site-packages that Python runs or imports before anything else could be asked.
_TOP_SUFFIXES = (".py", ".pth", ".pyc", ".so", ".pyd", ".dll", ".dylib")
_CUSTOMIZE = ("sitecustomize", "usercustomize")
# Written there by virtualenv and uv when they make an environment, which record it nowhere.
_OF_THE_ENVIRONMENT = frozenset({"_virtualenv.py", "_virtualenv.pth"})
_LIBRARY = re.compile(r"\.(?:so(?:\.\d+)*|pyd|dll|dylib)$")
# Native code that sees pictures or keys: runtime, graphics, decoder, picture functions, arithmetic, cryptography.
_IMPORTANT = re.compile(
    r"onnxruntime|directml|avcodec|avformat|avutil|swscale|swresample|avfilter|avdevice|cv2|_multiarray_umath|openblas"
    r"|_rust|typst",
    re.IGNORECASE,
)

OnBytes = Callable[[int], None]
"""Called with the number of bytes that were read."""


class RecordError(ValueError):
    """A RECORD that is missing or cannot be read."""


@dataclass(frozen=True)
class Row:
    """One line of RECORD. `digest` is None for the few files that cannot have one."""

    path: str
    algorithm: str
    digest: bytes | None
    size: int


@dataclass(frozen=True)
class Library:
    """A shared library that matters, and what became of it."""

    distribution: str
    name: str
    sha256: str
    state: str
    """as recorded, altered, missing, or unrecorded."""


@dataclass
class Checked:
    """What was found about one distribution; paths as RECORD writes them."""

    name: str
    version: str
    files: int = 0
    bytes: int = 0
    compiled: int = 0
    """Files that Python compiled, which no RECORD knows."""
    altered: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unrecorded: list[str] = field(default_factory=list)
    problem: str = ""
    """Why nothing could be compared; empty where it was."""
    libraries: list[Library] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything is as it was recorded."""
        return not (self.altered or self.missing or self.unrecorded or self.problem)


def read_record(distribution: Distribution) -> list[Row]:
    """The lines of RECORD. Raises RecordError with the line where one is malformed."""
    text = distribution.read_text("RECORD")
    if text is None:
        raise RecordError("it has no RECORD: it was not installed by pip or uv, so nothing can be compared")
    return rows(text)


def rows(text: str) -> list[Row]:
    """The lines of a RECORD: path, algorithm=hash in URL-safe base64 without padding, size. Raises RecordError."""
    try:
        lines = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as exc:
        raise RecordError(f"its RECORD is no table: {exc}") from exc
    found = [_row(number, line) for number, line in enumerate(lines, 1) if line]
    if not found:
        raise RecordError("its RECORD is empty")
    return found


def check(
    distribution: Distribution, recorded: frozenset[str], claimed: set[str], on_bytes: OnBytes = lambda _: None
) -> Checked:
    """Compare a distribution with its RECORD.

    `recorded` are the files of all distributions (`key`), `claimed` the folders that were searched already: folders
    that several distributions share are searched once.
    """
    checked = Checked(distribution.metadata["Name"] or "?", distribution.metadata["Version"] or "?")
    try:
        lines = read_record(distribution)
    except RecordError as exc:
        checked.problem = str(exc)
        return checked
    base = Path(str(distribution.locate_file("")))
    for row in lines:
        if not _is_compiled(row.path):
            _compare(base / row.path, row, checked)
            on_bytes(row.size)
    for folder in sorted(_folders(lines, base) - claimed):
        claimed.add(folder)
        for path in _files(Path(folder)):
            _look(path, base, recorded, checked)
    return checked


def loose_files(base: Path, recorded: frozenset[str]) -> list[str]:
    """Files at the top of a site-packages folder that nobody recorded and that Python would run or import."""
    found = []
    for path in sorted(base.iterdir()):
        runs = path.name.lower().endswith(_TOP_SUFFIXES) or path.name.partition(".")[0] in _CUSTOMIZE
        if runs and key(path) not in recorded and path.name not in _OF_THE_ENVIRONMENT:
            found.append(path.name)
    return found


def key(path: Path) -> str:
    """One spelling of a path, to compare files by."""
    return os.path.normcase(os.path.normpath(path))


def keys(distribution: Distribution) -> Iterator[str]:
    """`key` of every file of a distribution; none where its RECORD cannot be read."""
    try:
        lines = read_record(distribution)
    except RecordError:
        return
    base = Path(str(distribution.locate_file("")))
    yield from (key(base / row.path) for row in lines)


def _row(number: int, line: list[str]) -> Row:
    if len(line) != 3 or not line[0]:
        raise RecordError(f"line {number} of its RECORD has {len(line)} fields instead of a path, a hash and a size")
    path, hashed, size = line
    if size and not (size.isascii() and size.isdigit()):
        raise RecordError(f"line {number} of its RECORD has the size {size!r}")
    if not hashed:
        if _is_compiled(path) or path.rpartition("/")[2] in _WITHOUT_HASH:
            return Row(path, "", None, int(size or 0))
        raise RecordError(f"line {number} of its RECORD gives no hash for {path}")
    algorithm, _, text = hashed.partition("=")
    if algorithm not in ALGORITHMS:
        raise RecordError(f"line {number} of its RECORD has the hash algorithm {algorithm!r}, which does not count")
    try:
        digest = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as exc:
        raise RecordError(f"line {number} of its RECORD holds no base64") from exc
    if len(digest) != _DIGEST_BYTES[algorithm]:
        raise RecordError(f"line {number} of its RECORD has a hash of {len(digest)} bytes")
    return Row(path, algorithm, digest, int(size or 0))


def _compare(path: Path, row: Row, checked: Checked) -> None:
    checked.files += 1
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, row.algorithm or "sha256")
            size = file.tell()
    except OSError:
        checked.missing.append(row.path)
        state, text = "missing", ""
    else:
        checked.bytes += size
        same = row.digest is None or found.digest() == row.digest
        state, text = "as recorded" if same else "altered", found.hexdigest()
        checked.altered += [] if same else [row.path]
    _note_library(path, text, state, checked)


def _look(path: Path, base: Path, recorded: frozenset[str], checked: Checked) -> None:
    """A file that is there: recorded, compiled by Python, or a stray one."""
    if _is_compiled(path.as_posix()):
        checked.compiled += 1
        return
    if key(path) in recorded:
        return
    checked.unrecorded.append(path.relative_to(base).as_posix())
    _note_library(path, "", "unrecorded", checked)


def _note_library(path: Path, digest: str, state: str, checked: Checked) -> None:
    if _LIBRARY.search(path.name.lower()) and _IMPORTANT.search(path.name):
        checked.libraries.append(Library(checked.name, path.name, digest, state))


def _folders(lines: list[Row], base: Path) -> set[str]:
    """The package folders directly in site-packages that a distribution writes to."""
    tops = {row.path.partition("/")[0] for row in lines if "/" in row.path and not row.path.startswith(("..", "/"))}
    return {str(base / top) for top in tops if top != "__pycache__" and (base / top).is_dir()}


def _files(folder: Path) -> Iterator[Path]:
    """All files below a folder. A link to another folder counts as a file: Python would look into it."""
    for place, folders, files in os.walk(folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        yield from (Path(place) / name for name in sorted([*files, *links]))


def _is_compiled(path: str) -> bool:
    return path.endswith(".pyc") and "__pycache__" in path.split("/")
