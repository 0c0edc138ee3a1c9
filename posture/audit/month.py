"""The entries of one month as far as they were read, and checked against the checkpoint of that month."""

import os
from dataclasses import dataclass
from pathlib import Path

from posture.audit.checkpoint import Checkpoint
from posture.audit.clock import Moment
from posture.audit.folder import ADVICE, Folder, damaged
from posture.audit.records import EntryError, Scan, decode, pack, scan
from posture.audit.tree import Tree, leaf_hash
from posture.output import translated
from posture.signed_note import NoteError, PublicKey

_Identity = tuple[int, int]


@dataclass
class Month:
    """Where the next entry of a month goes. Belongs to whoever holds the lock."""

    name: str
    tree: Tree
    first_seq: int
    end: int
    """Bytes of the whole records."""
    signed: int
    """Entries that the newest checkpoint covers."""
    torn: int = 0
    """Bytes behind `end` that an interrupted append left."""
    identity: _Identity = (0, 0)
    """Device and number of the file, which tell whether another one took its name."""
    last: Moment | None = None
    """When the newest entry was written that was there when the month was opened."""

    @property
    def next_seq(self) -> int:
        """The number of the next entry."""
        return self.first_seq + self.tree.size

    def take(self, entry: bytes) -> None:
        """`entry` is in the file now."""
        self.tree.add(leaf_hash(entry))
        self.end += len(pack(entry))


def open_month(folder: Folder, name: str, key: PublicKey) -> Month:
    """Read a month from its beginning. Raises LogDamaged if that is not what its checkpoint says; changes nothing."""
    path = folder.log_path(name)
    signed = read_checkpoint(folder, name, key)
    found = scan(folder.read_log(name) or b"")
    if signed is None:
        if found.entries:
            raise damaged(folder.checkpoint_path(name), "is gone")
        signed = Checkpoint.empty(key.name, name)
    tree = Tree()
    for entry in found.entries:
        if tree.size == signed.size:
            _same(tree, signed, path)
        tree.add(leaf_hash(entry))
    _same(tree, signed, path, at_the_end=True)
    _refuse_damage(found, path)
    end = sum(len(pack(entry)) for entry in found.entries)
    first_seq, last = _first_and_last(found, path)
    return Month(name, tree, first_seq, end, signed.size, len(found.tail), identity(path), last)


def read_checkpoint(folder: Folder, month: str, key: PublicKey) -> Checkpoint | None:
    """The checkpoint of a month, its signature checked; None where there is none. Raises LogDamaged."""
    note = folder.read_checkpoint(month)
    if note is None:
        return None
    try:
        checkpoint = Checkpoint.opened(note, key)
    except NoteError as exc:
        raise damaged(folder.checkpoint_path(month), f"does not hold: {exc}") from exc
    if checkpoint.month != month:
        raise damaged(folder.checkpoint_path(month), f"is the checkpoint of {checkpoint.month}")
    return checkpoint


def read_more(folder: Folder, month: Month) -> None:
    """Take in what other processes appended since. Raises LogDamaged if less is there than before."""
    path = folder.log_path(month.name)
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(month.end)
            found = scan(file.read() if size > month.end else b"")
    except FileNotFoundError as exc:
        raise damaged(path, "is gone") from exc
    except OSError as exc:
        raise translated(path, exc, ADVICE) from exc
    if size < month.end:
        raise damaged(path, "became shorter while it was in use")
    _refuse_damage(found, path)
    for entry in found.entries:
        month.take(entry)
    month.torn = len(found.tail)


def identity(path: Path) -> _Identity:
    """Which file stands under a name; zeros for none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return (0, 0)
    except OSError as exc:
        raise translated(path, exc, ADVICE) from exc
    return (found.st_dev, found.st_ino)


def _same(tree: Tree, signed: Checkpoint, path: Path, *, at_the_end: bool = False) -> None:
    """Raise LogDamaged if the tree, once it has the size of the checkpoint, has another root, or never gets there."""
    if tree.size < signed.size and at_the_end:
        raise damaged(path, f"holds {tree.size} whole entries of the {signed.size} that were signed")
    if tree.size == signed.size and tree.root() != signed.root:
        raise damaged(path, f"holds other entries than the {signed.size} that were signed")


def _refuse_damage(found: Scan, path: Path) -> None:
    if found.tail and not found.torn:
        raise damaged(
            path, f"has a damaged record behind {len(found.entries)} whole ones, which no crash leaves behind"
        )


def _first_and_last(found: Scan, path: Path) -> tuple[int, Moment | None]:
    """The number of the first entry, and the time of the last one."""
    if not found.entries:
        return 0, None
    try:
        first, last = decode(found.entries[0]), decode(found.entries[-1])
    except EntryError as exc:
        raise damaged(path, f"holds something that is no entry: {exc}") from exc
    if last["seq"] - first["seq"] != len(found.entries) - 1:
        raise damaged(path, "holds entries whose numbers do not follow one another")
    return first["seq"], Moment(last["wall"], last["mono_ns"])
