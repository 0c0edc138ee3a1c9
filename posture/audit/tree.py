"""A Merkle tree over a list that only grows: RFC 6962 section 2.1, verified after RFC 9162 2.1.3 and 2.1.4.

Every hash is SHA-256 (32 bytes). A leaf is hashed with 0x00 in front and a node with 0x01, so that neither can pass for
the other. The left part of a tree of n leaves has the largest power of two below n.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two parts of a tree."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """The tree of `size` leaves, of which only the roots of its full parts are kept: at most 64 hashes."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self._parts: list[bytes] = []
        for leaf in leaves:
            self.add(leaf)

    def add(self, leaf: bytes) -> None:
        """One more leaf, as `leaf_hash` gives it."""
        count = self.size
        while count & 1:
            leaf = node_hash(self._parts.pop(), leaf)
            count >>= 1
        self._parts.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The hash over all leaves."""
        if not self._parts:
            return EMPTY_ROOT
        root = self._parts[-1]
        for part in reversed(self._parts[:-1]):
            root = node_hash(part, root)
        return root


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root of the tree over all `leaves` (RFC 6962 section 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"the tree has {len(leaves)} leaves, and none at {index}")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), Tree(leaves[split:]).root()]
    return [*inclusion_proof(leaves[split:], index - split), Tree(leaves[:split]).root()]


def consistency_proof(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """The hashes that show that the tree of the first `size` leaves begins the tree of all (RFC 6962 section 2.1.2)."""
    if not 0 <= size <= len(leaves):
        raise IndexError(f"the tree has {len(leaves)} leaves and cannot be compared with one of {size}")
    return _grown(leaves, size, known=True) if 0 < size < len(leaves) else []


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` leads from `leaf` at `index` to the `root` of a tree of `size` (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for part in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(part, found)
            while not place & 1 and place != 0:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, part)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a tree of `new_size` leaves continues the one of `old_size` (RFC 9162 section 2.1.4.2)."""
    if not 0 <= old_size <= new_size:
        return False
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT and (new_size > 0 or new_root == EMPTY_ROOT)
    if old_size == new_size:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    return bool(path) and _both_roots(old_size - 1, new_size - 1, path) == (old_root, new_root)


def _both_roots(place: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The roots of the old and of the new tree that `path` leads to; None if it is too long or too short."""
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for part in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            old, new = node_hash(part, old), node_hash(part, new)
            while not place & 1 and place != 0:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, part)
        place, last = place >> 1, last >> 1
    return (old, new) if last == 0 else None


def _grown(leaves: Sequence[bytes], size: int, *, known: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962; `known`: the root of these first `size` leaves is the one that the verifier holds."""
    if size == len(leaves):
        return [] if known else [Tree(leaves).root()]
    split = _split(len(leaves))
    if size <= split:
        return [*_grown(leaves[:split], size, known=known), Tree(leaves[split:]).root()]
    return [*_grown(leaves[split:], size - split, known=False), Tree(leaves[:split]).root()]


def _split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)
