"""Read FlatBuffers without trusting them: every offset is checked before it is followed, and every list is counted.

A strict reader of its own, because generated ones believe what they read. Tables are known by the numbers of their
fields (flatbuffers.dev, "FlatBuffer Binary Format"); a field that is not among those that the caller knows is refused.
"""

import struct
from collections.abc import Iterator

from posture.errors import ModelMismatch

TABLES_LIMIT = 200_000
"""Tables that are looked at in one file. The largest TFLite model of the tests has 2 500."""


class File:
    """The bytes of a file and how many tables of it were opened."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._left = TABLES_LIMIT

    def root(self, fields: frozenset[int]) -> "Table":
        """The table that the file is."""
        return self.table(self.offset(0), fields, "model")

    def table(self, at: int, fields: frozenset[int], where: str) -> "Table":
        """The table at `at`, which may have no other fields than `fields`."""
        self._left -= 1
        if self._left < 0:
            raise ModelMismatch(f"{where}: more than {TABLES_LIMIT} tables in one file")
        return Table(self, at, fields, where)

    def number(self, at: int, letter: str, where: str = "model") -> int | float:
        """A little-endian number in the code of `struct`."""
        size = struct.calcsize(f"<{letter}")
        if not 0 <= at <= len(self.data) - size:
            raise ModelMismatch(f"{where}: an offset of {at} in a file of {len(self.data)} bytes")
        value: int | float = struct.unpack_from(f"<{letter}", self.data, at)[0]
        return value

    def offset(self, at: int, where: str = "model") -> int:
        """Where the offset stored at `at` points to. Offsets point forward, so nothing can go round in circles."""
        step = int(self.number(at, "I", where))
        if step == 0:
            raise ModelMismatch(f"{where}: an offset that points to itself")
        return at + step


class Table:
    """One table. What is missing is the default that is asked with."""

    def __init__(self, file: File, at: int, fields: frozenset[int], where: str) -> None:
        self.where = where
        self._file, self._at = file, at
        directory = at - int(file.number(at, "i", where))
        size, self._size = int(file.number(directory, "H", where)), int(file.number(directory + 2, "H", where))
        if size < 4 or size % 2 or directory + size > len(file.data) or at + self._size > len(file.data):
            raise ModelMismatch(f"{where}: a table that reaches beyond the file")
        steps = [int(file.number(directory + 4 + 2 * i, "H", where)) for i in range((size - 4) // 2)]
        self._steps = {number: step for number, step in enumerate(steps) if step}
        if unknown := sorted(self._steps.keys() - fields):
            raise ModelMismatch(f"{where}: field {unknown[0]} is not known here")
        if any(step < 4 or step >= self._size for step in self._steps.values()):
            raise ModelMismatch(f"{where}: a field outside of its table")

    def has(self, field: int) -> bool:
        """Whether the field is there."""
        return field in self._steps

    def number(self, field: int, letter: str, default: int = 0) -> int:
        """A whole number."""
        step = self._steps.get(field)
        return default if step is None else int(self._file.number(self._at + step, letter, self.where))

    def text(self, field: int, limit: int = 1000) -> str:
        """A text of at most `limit` bytes; empty where it is missing."""
        raw = bytes(self.numbers(field, "B", limit))
        try:
            return raw.decode()
        except UnicodeDecodeError as exc:
            raise ModelMismatch(f"{self.where}: a text that is none") from exc

    def numbers(self, field: int, letter: str, limit: int) -> tuple[int, ...]:
        """A list of at most `limit` whole numbers."""
        at, count = self._list(field, struct.calcsize(f"<{letter}"), limit)
        return struct.unpack_from(f"<{count}{letter}", self._file.data, at) if count else ()

    def length(self, field: int) -> int:
        """Bytes of a list of bytes, which lies in the file."""
        return self._list(field, 1, len(self._file.data))[1]

    def content(self, field: int) -> bytes:
        """A list of bytes."""
        at, count = self._list(field, 1, len(self._file.data))
        return self._file.data[at : at + count]

    def table(self, field: int, fields: frozenset[int]) -> "Table | None":
        """The table in a field."""
        step = self._steps.get(field)
        if step is None:
            return None
        return self._file.table(self._file.offset(self._at + step, self.where), fields, f"{self.where}.{field}")

    def tables(self, field: int, name: str, fields: frozenset[int], limit: int) -> Iterator["Table"]:
        """A list of at most `limit` tables, which messages call `name`."""
        at, count = self._list(field, 4, limit)
        for i in range(count):
            where = f"{name}[{i}]"
            yield self._file.table(self._file.offset(at + 4 * i, where), fields, where)

    def _list(self, field: int, size: int, limit: int) -> tuple[int, int]:
        """Where the elements of a list begin, and how many there are; all of them lie in the file."""
        step = self._steps.get(field)
        if step is None:
            return 0, 0
        at = self._file.offset(self._at + step, self.where)
        count = int(self._file.number(at, "I", self.where))
        if count > limit or at + 4 + count * size > len(self._file.data):
            raise ModelMismatch(
                f"{self.where}: a list of {count} elements in field {field}; at most {limit}, in the file"
            )
        return at + 4, count
