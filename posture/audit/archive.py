"""A whole audit log as one value: read from its folder, or from one file that was exported.

The exported file is JSON lines. The first says what it is and holds the public key; each month has one line with its
name, its signed checkpoint and the number of its entries, and below it the entries, byte for byte as they were hashed.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec

from posture.audit.folder import Folder
from posture.audit.records import Scan, scan
from posture.errors import LogDamaged
from posture.signed_note import NoteError, PublicKey


@dataclass(frozen=True)
class MonthLog:
    """One month."""

    month: str
    checkpoint: bytes | None
    """A signed note; None where the file is gone."""
    records: Scan | None
    """None where the entries are gone, because they expired or otherwise."""

    @property
    def entries(self) -> tuple[bytes, ...]:
        """All whole entries, oldest first."""
        return self.records.entries if self.records else ()


@dataclass(frozen=True)
class Archive:
    """All months, oldest first. Nothing is checked yet."""

    key: PublicKey | None
    months: tuple[MonthLog, ...] = field(default=())

    def entries(self) -> list[bytes]:
        """Every entry that is there, oldest first."""
        return [entry for month in self.months for entry in month.entries]

    def write(self, out: BinaryIO) -> None:
        """As one self-contained file."""
        out.write(_line(_Head(schema="posture.audit-export/1", key=str(self.key))))
        for month in self.months:
            note = (month.checkpoint or b"").decode("utf-8", "replace")
            out.write(_line(_MonthHead(month.month, note, None if month.records is None else len(month.entries))))
            for entry in month.entries:
                out.write(entry + b"\n")


def read_folder(path: Path) -> Archive:
    """The log of a folder, as it stands; nothing is made or changed. Raises SinkError if it cannot be read."""
    folder = Folder(path)
    with folder.locked_for_reading():
        key = folder.read_key()
        files = [(month, folder.read_checkpoint(month), folder.read_log(month)) for month in folder.months()]
    months = [MonthLog(month, note, None if data is None else scan(data)) for month, note, data in files]
    return Archive(key.public if key else None, tuple(months))


def read_export(data: bytes) -> Archive:
    """From an exported file. Raises LogDamaged if it is none, or not whole."""
    lines = data.split(b"\n")
    if lines.pop() != b"" or not lines:
        raise LogDamaged("this is no exported audit log, or its end is missing")
    head = _decoded(lines[0], _Head)
    try:
        key = PublicKey.parse(head.key)
    except NoteError as exc:
        raise LogDamaged(f"the public key of this export cannot be read: {exc}") from exc
    months, place = [], 1
    while place < len(lines):
        month = _decoded(lines[place], _MonthHead)
        count = month.entries or 0
        entries = tuple(lines[place + 1 : place + 1 + count])
        if len(entries) != count:
            raise LogDamaged(f"the export ends within {month.month}")
        records = None if month.entries is None else Scan(entries, b"")
        months.append(MonthLog(month.month, month.checkpoint.encode(), records))
        place += 1 + count
    return Archive(key, tuple(months))


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: Literal["posture.audit-export/1"]
    key: str


class _MonthHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    month: str
    checkpoint: str
    entries: int | None


def _line(head: _Head | _MonthHead) -> bytes:
    return msgspec.json.encode(head) + b"\n"


def _decoded(line: bytes, kind: type[Any]) -> Any:  # noqa: ANN401 - of the kind that was asked for
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise LogDamaged(f"this is no exported audit log of this version: {exc}") from exc
