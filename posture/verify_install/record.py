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
_TOP_SUFFIXES = (".py", ".pyw", ".pth", ".start", ".pyc", ".so", ".pyd", ".dll", ".dylib")
_CUSTOMIZE = ("sitecustomize", "usercustomize")
# Written there by virtualenv and uv when they make an environment, which record it nowhere: what they write.
_OF_THE_ENVIRONMENT = {
    "_virtualenv.pth": frozenset({"69ac3d8f27e679c81b94ab30b3b56e9cd138219b1ba94a1fa3606d5a76a1433d"}),
    "_virtualenv.py": frozenset(
        {
            "6cf30c56faf2a55228914dbbd17f8088ed371ebb08f5e7fa6fd931f913fcaf1d",  # uv 0.8
            "0aeb86546345c1d0fada097536e35525714d5cdbcc2d8eb3f9912a955044fcff",  # virtualenv 20.24
            "0f20351ea7e90039c46d3fabdef991f28b1e3ff33eb13ee6f0d5cd21ea0e8b14",  # virtualenv 20.29
            "bec6155ff7bfc88f8e79e481f27fd7ee0a3b40eeca9bfeb41f4c4b997b2f8100",  # virtualenv 20.35
            "07584d2a5d13e0811eb567d78ed2aca0fb60e7defff59a01ca7a48d907bdea51",  # virtualenv 21.15
        }
    ),
}
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


def starts(distribution: Distribution) -> bool:
    """Whether a distribution has files at the top of site-packages, which Python runs or imports by themselves.

    Whatever they are, they belong to what starts with the program, even where it does not need the distribution.
    """
    try:
        return any("/" not in row.path and _runs(row.path) for row in read_record(distribution))
    except RecordError:
        return False


def loose_files(base: Path, recorded: frozenset[str]) -> list[str]:
    """What is at the top of a site-packages folder, nobody recorded, and Python would run or import.

    A folder counts too, with "/" at its end: it could be imported in place of a module that is recorded.
    """
    folders = _top_folders(base, recorded)
    found = []
    for path in sorted(base.iterdir()):
        if path.is_dir() and path.name.isidentifier():
            if key(path) not in folders and path.name != "__pycache__" and _holds_files(path):
                found.append(f"{path.name}/")
        elif _runs(path.name) and key(path) not in recorded and not _is_of_the_environment(path):
            found.append(path.name)
    return found


def _runs(name: str) -> bool:
    """Whether Python runs or imports a file of this name at the top of site-packages."""
    return name.lower().endswith(_TOP_SUFFIXES) or name.partition(".")[0] in _CUSTOMIZE


def _top_folders(base: Path, recorded: frozenset[str]) -> set[str]:
    """`key` of what is directly in `base` and holds, or is, something recorded."""
    root = key(base) + os.sep
    return {root + path.removeprefix(root).partition(os.sep)[0] for path in recorded if path.startswith(root)}


def _is_of_the_environment(path: Path) -> bool:
    known = _OF_THE_ENVIRONMENT.get(path.name)
    return known is not None and path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() in known


def _holds_files(folder: Path) -> bool:
    return any(not _is_compiled(path.as_posix()) for path in _files(folder)) or folder.is_symlink()


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
