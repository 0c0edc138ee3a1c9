"""One entry as bytes: canonical JSON, and the record that holds it in a file.

Record: length of the entry (4 bytes, big-endian) ‖ first 4 bytes of its SHA-256 ‖ the entry. Canonical JSON: UTF-8,
sorted keys, no spaces. Every entry has `seq` (its number, counted through all months), `wall` (seconds since 1970,
UTC), `mono_ns` (nanoseconds since the machine started), `ev` (the event) and the fields of its event.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from posture.audit.clock import Moment
from posture.audit.events import Event, Value

ENTRY_LIMIT_BYTES = 1024  # the longest entry that the events allow has less than 400
_HEADER = struct.Struct(">I4s")
RECORD_LIMIT_BYTES = _HEADER.size + ENTRY_LIMIT_BYTES
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_ALWAYS = {"seq": int, "wall": int, "mono_ns": int, "ev": str}


class EntryError(ValueError):
    """These bytes are no entry. The message is for people."""


def encode(seq: int, moment: Moment, event: Event, fields: Mapping[str, Value]) -> bytes:
    """The canonical JSON of one entry."""
    return _canonical({"seq": seq, "wall": moment.wall, "mono_ns": moment.mono_ns, "ev": event.value, **fields})


def decode(entry: bytes) -> dict[str, Any]:
    """The fields of an entry. Raises EntryError unless it is canonical and has all that every entry has.

    An event that this version does not know is no error: a newer version may have written it.
    """
    try:
        fields = json.loads(entry)
    except ValueError as exc:
        raise EntryError("not JSON") from exc
    except RecursionError as exc:
        raise EntryError("too deep") from exc
    if not isinstance(fields, dict) or any(type(fields.get(name)) is not kind for name, kind in _ALWAYS.items()):
        raise EntryError(f"an entry has {', '.join(_ALWAYS)}")
    if any(type(value) not in (int, str) for value in fields.values()) or _canonical(fields) != entry:
        raise EntryError("not in the one canonical form")
    return fields


def pack(entry: bytes) -> bytes:
    """The record of an entry."""
    return _HEADER.pack(len(entry), _mark(entry)) + entry


@dataclass(frozen=True)
class Scan:
    """What a file of records holds."""

    entries: tuple[bytes, ...]
    tail: bytes
    """From the first byte that is no whole record on; empty in a sound file."""

    @property
    def torn(self) -> bool:
        """Whether the tail can be what one interrupted append leaves: shorter than a record, and none follows it."""
        if len(self.tail) > RECORD_LIMIT_BYTES:
            return False
        return all(_entry_at(self.tail, place) is None for place in range(1, len(self.tail)))


def scan(data: bytes) -> Scan:
    """The entries up to the first record that is not whole."""
    entries, place = [], 0
    while (entry := _entry_at(data, place)) is not None:
        entries.append(entry)
        place += _HEADER.size + len(entry)
    return Scan(tuple(entries), data[place:])


def _entry_at(data: bytes, place: int) -> bytes | None:
    if len(data) - place <= _HEADER.size:
        return None
    length, mark = _HEADER.unpack_from(data, place)
    start = place + _HEADER.size
    entry = data[start : start + length] if length <= ENTRY_LIMIT_BYTES else b""
    return entry if entry and len(entry) == length and _mark(entry) == mark else None


def _mark(entry: bytes) -> bytes:
    return sha256(entry).digest()[:4]


def _canonical(fields: Mapping[str, object]) -> bytes:
    return _ENCODER.encode(fields).encode("utf-8", "surrogatepass")
