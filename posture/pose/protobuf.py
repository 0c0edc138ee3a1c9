"""Protocol buffers, read strictly: only what a schema names, each field at most as often as it says, bounded depth.

Wire format: protobuf.dev/programming-guides/encoding. Readers differ in what they do with the unusual: an unknown
field, a single field twice, a wrong wire type, a number in more bytes than it needs. A check is worth something only
if it sees what the runtime sees, so everything unusual is refused here.

The bytes are visited once, without recursion; contents of byte fields are views and no copies.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from posture.errors import ModelMismatch, ModelRefused

DEPTH_LIMIT = 64
"""Messages inside messages. A plain graph needs 7; the runtime's own reader gives up at 100."""
FIELDS_LIMIT = 200_000
"""Fields of all messages together. The largest model of the program has 13 500; this many take 1.5 s and 120 MiB."""

NUMBERS_LIMIT = 256
"""Numbers that are read out of one field. What is read is a size or a list of a few; weights are never read here."""

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_VARINT_BYTES = 10  # of the longest number, 64 bits
_WORD_END = 1 << 64
_SIGN = 1 << 63

Kind = Literal["int", "int32", "float", "double", "bytes", "text"]
"""`int` has 64 bits. Of an `int32` or an enumeration other readers keep the low 32 bits, so it must fit into them."""
_WIRE: dict[str, int] = {
    "int": _VARINT,
    "int32": _VARINT,
    "float": _FIXED32,
    "double": _FIXED64,
    "bytes": _LENGTH,
    "text": _LENGTH,
}
_PACKABLE = ("int", "int32", "float", "double")
_INT32_END = 1 << 31


class Field(NamedTuple):
    """One field of a message: its name, and a `Kind` or the name of the message that it holds."""

    name: str
    kind: str
    repeated: bool = False


Schema = Mapping[str, Mapping[int, Field]]
"""Name of a message -> number of a field -> the field."""


@dataclass(slots=True, eq=False)
class Message:
    """A message as read. `where` is its path for people; `fields` has only the names that occur."""

    kind: str
    where: str
    fields: dict[str, list["Message | int | float | str | memoryview"]] = field(default_factory=dict)

    def messages(self, name: str) -> list["Message"]:
        """The messages in a field; none where it does not occur."""
        return [value for value in self.fields.get(name, ()) if isinstance(value, Message)]

    def message(self, name: str) -> "Message | None":
        """The message in a single field."""
        return next(iter(self.messages(name)), None)

    def text(self, name: str) -> str:
        """The text of a single field; empty where it does not occur."""
        value = self.fields.get(name, [""])[0]
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """The texts of a repeated field."""
        return [value for value in self.fields.get(name, ()) if isinstance(value, str)]

    def number(self, name: str, default: int = 0) -> int:
        """The whole number of a single field, signed."""
        value = self.fields.get(name, [default])[0]
        return value if isinstance(value, int) else default

    def content(self, name: str) -> bytes:
        """The bytes of a single field; empty where it does not occur."""
        value = self.fields.get(name, [b""])[0]
        return bytes(value) if isinstance(value, memoryview) else b""

    def numbers(self, name: str, kind: Kind = "int") -> list[float]:
        """All numbers of a repeated field, packed or one by one; whole ones are exact integers.

        Raises ModelMismatch for a malformed packing, ModelRefused for more than `NUMBERS_LIMIT`.
        """
        found: list[float] = []
        for value in self.fields.get(name, ()):
            if isinstance(value, memoryview):
                found += _unpacked(value, kind, f"{_short(self.where)}.{name}")
            elif isinstance(value, int | float):
                found.append(value)
            if len(found) > NUMBERS_LIMIT:
                raise ModelRefused(
                    f"{_short(self.where)}.{name}: more than {NUMBERS_LIMIT} numbers where a size stands"
                )
        return found


class _Reader:
    """A position in the bytes of one message."""

    __slots__ = ("data", "end", "place", "where")

    def __init__(self, data: memoryview, where: str) -> None:
        self.data, self.place, self.end, self.where = data, 0, len(data), where

    def varint(self) -> int:
        """An unsigned number of up to 64 bits, in as few bytes as it needs."""
        data, place = self.data, self.place
        value = shift = 0
        for place in range(self.place, min(self.place + _VARINT_BYTES, self.end)):
            byte = data[place]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        else:
            raise ModelMismatch(f"{self.where}: a number is cut or longer than {_VARINT_BYTES} bytes")
        if value >= _WORD_END or (byte == 0 and shift > 7):
            raise ModelMismatch(f"{self.where}: a number is written in more bytes or bits than it may have")
        self.place = place + 1
        return value

    def take(self, size: int) -> memoryview:
        """The next `size` bytes."""
        if size > self.end - self.place:
            raise ModelMismatch(f"{self.where}: a field of {size} bytes goes beyond its end")
        start, self.place = self.place, self.place + size
        return self.data[start : self.place]


def parse(data: bytes, schema: Schema, kind: str) -> Message:
    """The message `kind` in `data`, with all messages inside.

    Raises ModelMismatch where the bytes are no such message, ModelRefused where it is nested or long beyond the limits.
    """
    root = Message(kind, kind.lower())
    waiting = [(root, memoryview(data), 1)]
    count = 0
    while waiting:
        message, content, depth = waiting.pop()
        if depth > DEPTH_LIMIT:
            raise ModelRefused(f"{_short(message.where)}: messages are nested deeper than {DEPTH_LIMIT}")
        for value in _fields(message, content, schema):
            count += 1
            if count > FIELDS_LIMIT:
                raise ModelRefused(f"the model has more than {FIELDS_LIMIT} fields; nothing sound needs so many")
            if value is not None:
                waiting.append((*value, depth + 1))
    return root


def _fields(message: Message, content: memoryview, schema: Schema) -> Iterator[tuple[Message, memoryview] | None]:
    """Read the fields of one message into it; yields for each one the message inside that is still to be read."""
    known = schema[message.kind]
    reader = _Reader(content, message.where)
    while reader.place < reader.end:
        key = reader.varint()
        found = known.get(key >> 3)
        if found is None:
            raise ModelMismatch(f"{_short(message.where)}: field {key >> 3} is unknown to this version")
        values = message.fields.setdefault(found.name, [])
        if values and not found.repeated:
            raise ModelMismatch(f"{_short(message.where)}: the field {found.name} is there twice")
        if found.kind in schema:
            inside = _inside(message, found, len(values), key & 7, reader)
            values.append(inside[0])
            yield inside
        else:
            values.append(_value(reader, found, key & 7))
            yield None


def _inside(message: Message, found: Field, index: int, wire: int, reader: _Reader) -> tuple[Message, memoryview]:
    where = f"{message.where}.{found.name}" + (f"[{index}]" if found.repeated else "")
    if wire != _LENGTH:
        raise ModelMismatch(f"{_short(where)}: wire type {wire} instead of {_LENGTH}")
    return Message(found.kind, where), reader.take(reader.varint())


def _value(reader: _Reader, found: Field, wire: int) -> int | float | str | memoryview:
    where = f"{_short(reader.where)}.{found.name}"
    if wire == _LENGTH and found.repeated and found.kind in _PACKABLE:
        return reader.take(reader.varint())
    if wire != _WIRE[found.kind]:
        raise ModelMismatch(f"{where}: wire type {wire} instead of {_WIRE[found.kind]}")
    match found.kind:
        case "int":
            return _signed(reader.varint())
        case "int32":
            return _int32(reader.varint(), where)
        case "float":
            return float(struct.unpack("<f", reader.take(4))[0])
        case "double":
            return float(struct.unpack("<d", reader.take(8))[0])
        case "text":
            return _text(reader.take(reader.varint()), where)
        case _:
            return reader.take(reader.varint())


def _text(content: memoryview, where: str) -> str:
    try:
        return str(content, "utf-8")
    except UnicodeDecodeError as exc:
        raise ModelMismatch(f"{where}: not UTF-8") from exc


def _unpacked(content: memoryview, kind: Kind, where: str) -> list[float]:
    """The packed numbers, of which no more are read than are needed to see that there are too many."""
    numbers: list[float] = []
    if kind in ("int", "int32"):
        reader = _Reader(content, where)
        while reader.place < reader.end and len(numbers) <= NUMBERS_LIMIT:
            value = reader.varint()
            numbers.append(_signed(value) if kind == "int" else _int32(value, where))
        return numbers
    size, letter = (4, "f") if kind == "float" else (8, "d")
    if len(content) % size:
        raise ModelMismatch(f"{where}: {len(content)} bytes are no whole number of values")
    count = min(len(content) // size, NUMBERS_LIMIT + 1)
    return list(struct.unpack(f"<{count}{letter}", content[: count * size]))


def _signed(value: int) -> int:
    """Two's complement of 64 bits, as int64 and enumerations are written."""
    return value - _WORD_END if value >= _SIGN else value


def _int32(value: int, where: str) -> int:
    """The same for a number of 32 bits. Raises ModelMismatch for one that another reader would take for a smaller."""
    signed = _signed(value)
    if not -_INT32_END <= signed < _INT32_END:
        raise ModelMismatch(f"{where}: the number {signed} has more than the 32 bits that are kept of it")
    return signed


def _short(where: str) -> str:
    """A path that a line can hold: deep ones lose their middle."""
    return where if len(where) <= 120 else f"{where[:60]}…{where[-50:]}"
