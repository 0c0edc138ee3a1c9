"""Does an audit log hold? Every entry, every checkpoint, the chain of its months, and what a witness saw earlier.

What this proves: since each checkpoint nothing that it covers was changed, removed, added or put in another order. What
it cannot prove: whoever can write the log holds its signing key as well, and could write the whole log anew, or set it
back together with its checkpoint. Only a checkpoint that was kept elsewhere shows that.
"""

from dataclasses import dataclass
from typing import Any

from posture.audit.archive import Archive, MonthLog
from posture.audit.checkpoint import Checkpoint
from posture.audit.events import Event
from posture.audit.records import EntryError, decode
from posture.audit.tree import Tree, leaf_hash
from posture.errors import LogDamaged, PostureError
from posture.signed_note import NoteError, PublicKey


@dataclass(frozen=True)
class MonthFound:
    """A month that holds."""

    checkpoint: Checkpoint
    size: int
    """Entries; of an expired month as its last checkpoint says."""
    root: bytes
    """Over all of them."""
    expired: bool
    signed_until: int | None
    """Seconds since 1970 of the last entry that the checkpoint covers; None without such an entry."""
    torn_bytes: int
    """What an interrupted append left; the next start of the program removes it and says so."""


def verify(archive: Archive) -> tuple[MonthFound, ...]:
    """Check all of a log. Raises LogDamaged with the first thing that does not hold."""
    key = archive.key
    if key is None:
        raise LogDamaged("the signing key of the audit log is gone, so nothing in it can be checked")
    if not archive.months:
        raise LogDamaged(f"the audit log {key.name} has no month at all; its files are gone")
    if [month.month for month in archive.months] != sorted({month.month for month in archive.months}):
        raise LogDamaged("the months of the audit log do not follow one another")
    found: list[MonthFound] = []
    before: Checkpoint | None = None
    next_seq: int | None = 0
    for month in archive.months:
        result = _checked(month, key, newest=month is archive.months[-1])
        next_seq = None if result.expired else _check_entries(month, before, next_seq)
        found.append(result)
        before = result.checkpoint
    _check_expiry(archive, found)
    return tuple(found)


def verify_against(archive: Archive, witness: bytes) -> Checkpoint:
    """Check a log, and that it holds all that the checkpoint `witness` has seen: size and root of what it covers.

    Raises LogDamaged if it does not, and PostureError if the entries have expired that could tell.
    """
    found = {result.checkpoint.month: result for result in verify(archive)}
    assert archive.key is not None  # verify refuses that
    seen = opened(witness, archive.key)
    here = found.get(seen.month)
    if here is None:
        raise LogDamaged(f"the checkpoint kept elsewhere is of {seen.month}, of which this log has nothing")
    if here.size < seen.size:
        raise LogDamaged(
            f"the checkpoint kept elsewhere has seen {seen.size} entries of {seen.month}, and this log has "
            f"{here.size}: it was set back"
        )
    if here.expired and here.size != seen.size:
        raise PostureError(
            f"the entries of {seen.month} have expired, and only a checkpoint over all {here.size} of them could be "
            f"compared; this one covers {seen.size}"
        )
    if here.expired:
        root = here.root
    else:
        (month,) = (month for month in archive.months if month.month == seen.month)
        root = Tree(map(leaf_hash, month.entries[: seen.size])).root()
    if root != seen.root:
        raise LogDamaged(
            f"the first {seen.size} entries of {seen.month} are not those that the checkpoint kept elsewhere has seen: "
            "the log was rewritten"
        )
    return seen


def opened(note: bytes, key: PublicKey) -> Checkpoint:
    """A checkpoint that `key` signed. Raises LogDamaged."""
    try:
        return Checkpoint.opened(note, key)
    except NoteError as exc:
        raise LogDamaged(f"the checkpoint does not belong to the key {key.name} ({key.key_id.hex()}): {exc}") from exc


def _checked(month: MonthLog, key: PublicKey, *, newest: bool) -> MonthFound:
    """The checkpoint of a month and the tree over its entries."""
    if month.checkpoint is None:
        raise LogDamaged(f"the checkpoint of {month.month} is gone")
    try:
        signed = Checkpoint.opened(month.checkpoint, key)
    except NoteError as exc:
        raise LogDamaged(f"the checkpoint of {month.month} does not hold: {exc}") from exc
    if signed.month != month.month:
        raise LogDamaged(f"the checkpoint of {month.month} is one of {signed.month}")
    if month.records is None and (not newest or signed.size == 0):
        return MonthFound(signed, signed.size, signed.root, not newest, None, 0)
    tree, root = Tree(), None
    for leaf in (leaf_hash(entry) for entry in month.entries):
        root = tree.root() if tree.size == signed.size else root
        tree.add(leaf)
    root = tree.root() if tree.size == signed.size else root
    if tree.size < signed.size:
        raise LogDamaged(f"{month.month} has {tree.size} whole entries of the {signed.size} that were signed")
    if root != signed.root:
        raise LogDamaged(f"{month.month} holds other entries than the {signed.size} that were signed")
    if not newest and tree.size != signed.size:
        raise LogDamaged(f"{month.month} goes on behind the {signed.size} entries with which it was finished")
    until = decoded(month.entries[signed.size - 1], month.month)["wall"] if signed.size else None
    return MonthFound(signed, tree.size, tree.root(), False, until, _torn(month, newest=newest))


def _torn(month: MonthLog, *, newest: bool) -> int:
    assert month.records is not None
    tail = month.records.tail
    if tail and not (newest and month.records.torn):
        raise LogDamaged(
            f"{month.month} has a damaged record behind {len(month.entries)} whole ones, which no crash leaves behind"
        )
    return len(tail)


def _check_entries(month: MonthLog, before: Checkpoint | None, next_seq: int | None) -> int | None:
    """The form, the numbers and the first entry of a month that is there; the number that comes next.

    `next_seq` is None behind entries that have expired: then the first number is taken as it is.
    """
    fields = [decoded(entry, month.month) for entry in month.entries]
    if not fields:
        return next_seq
    _check_first(month.month, fields[0], before)
    first = fields[0]["seq"] if next_seq is None else next_seq
    for expected, entry in enumerate(fields, first):
        if entry["seq"] != expected:
            raise LogDamaged(f"{month.month}: entry {entry['seq']} stands where {expected} should")
    return int(first) + len(fields)


def _check_first(month: str, first: dict[str, object], before: Checkpoint | None) -> None:
    """The first entry of a month names what the month before ended with, and of the first month no such thing."""
    continues = first["ev"] == Event.LOG_ROTATED
    if before is None:
        if continues:
            raise LogDamaged(f"{month} continues a month of which the checkpoint is gone")
        return
    if not continues or (first.get("size"), first.get("root")) != (before.size, before.root.hex()):
        raise LogDamaged(f"{month} does not continue {before.month} as that was finished")


def _check_expiry(archive: Archive, found: list[MonthFound]) -> None:
    """Every month without entries expired: an entry that is still there says so, of it or of a later month."""
    word = Event.LOG_EXPIRED.encode()
    entries = (decode(entry) for month in archive.months for entry in month.entries if word in entry)
    said = {(e.get("month"), e.get("size"), e.get("root")) for e in entries if e["ev"] == Event.LOG_EXPIRED}
    accounted = False
    for result in reversed(found):
        signed = result.checkpoint
        accounted = accounted or (signed.month, signed.size, signed.root.hex()) in said
        if result.expired and not accounted:
            raise LogDamaged(f"the entries of {signed.month} are gone, and no entry says that they have expired")


def decoded(entry: bytes, month: str) -> dict[str, Any]:
    """The fields of an entry. Raises LogDamaged."""
    try:
        return decode(entry)
    except EntryError as exc:
        raise LogDamaged(f"{month} holds something that is no entry: {exc}") from exc
