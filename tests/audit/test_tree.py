"""The Merkle tree: the known answers that public logs are tested with, and the definition of RFC 6962 written out."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.audit.tree import (
    EMPTY_ROOT,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

# The eight entries, roots and proofs by which implementations of Certificate Transparency test their trees.
ENTRIES = [
    b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43", bytes(range(0x50, 0x58)),
    bytes(range(0x60, 0x70)),
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PROOF_OF_FIRST = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
GROWTH_FROM_1_TO_8 = PROOF_OF_FIRST
GROWTH_FROM_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
sizes = st.integers(0, 70)


def some_leaves(count):
    return [leaf_hash(bytes([number])) for number in range(count)]


def defined_root(entries):
    """MTH of RFC 6962 section 2.1, word for word."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = max(2**power for power in range(8) if 2**power < len(entries))
    return sha256(b"\x01" + defined_root(entries[:k]) + defined_root(entries[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_known_roots(size):
    assert Tree(LEAVES[:size]).root().hex() == defined_root(ENTRIES[:size]).hex() == ROOTS[size]


def test_the_known_proofs():
    assert [h.hex() for h in inclusion_proof(LEAVES, 0)] == PROOF_OF_FIRST
    assert [h.hex() for h in consistency_proof(LEAVES, 1)] == GROWTH_FROM_1_TO_8
    assert [h.hex() for h in consistency_proof(LEAVES, 6)] == GROWTH_FROM_6_TO_8


@given(st.lists(st.binary(max_size=9), max_size=70))
def test_the_compact_tree_has_the_root_of_the_definition(entries):
    assert Tree(map(leaf_hash, entries)).root() == defined_root(entries)


@given(st.integers(1, 70), st.data())
def test_every_entry_is_proven_and_nothing_else_is(size, data):
    leaves = some_leaves(size)
    index = data.draw(st.integers(0, size - 1))
    root, proof = Tree(leaves).root(), inclusion_proof(leaves, index)
    assert verify_inclusion(index, size, leaves[index], proof, root)
    assert not verify_inclusion(index, size, leaf_hash(b"another"), proof, root)
    assert not verify_inclusion(index, size, leaves[index], proof, leaf_hash(b"another"))
    assert not verify_inclusion(index, size, leaves[index], [*proof, root], root)
    assert not verify_inclusion(size, size, leaves[index], proof, root)
    assert not verify_inclusion(-1, size, leaves[index], proof, root)
    if proof:
        assert not verify_inclusion(index, size, leaves[index], proof[:-1], root)
        changed = data.draw(st.integers(0, len(proof) - 1))
        wrong = [leaf_hash(b"") if place == changed else part for place, part in enumerate(proof)]
        assert not verify_inclusion(index, size, leaves[index], wrong, root)
        assert not verify_inclusion((index + 1) % size, size, leaves[index], proof, root)


@given(sizes, sizes, st.data())
def test_growth_is_proven_and_nothing_else_is(one, other, data):
    old, new = sorted((one, other))
    leaves = some_leaves(new)
    old_root, new_root, proof = Tree(leaves[:old]).root(), Tree(leaves).root(), consistency_proof(leaves, old)
    assert verify_consistency(old, new, old_root, new_root, proof)
    assert not verify_consistency(old, new, leaf_hash(b"another"), new_root, proof)
    assert not verify_consistency(new + 1, new, old_root, new_root, proof)
    assert not verify_consistency(-1, new, old_root, new_root, proof)
    assert not verify_consistency(old, new, old_root, new_root, [*proof, new_root])
    if old > 0:
        assert not verify_consistency(old, new, old_root, leaf_hash(b"another"), proof)
    if proof:
        assert not verify_consistency(old, new, old_root, new_root, proof[:-1])
        assert not verify_consistency(old, new, old_root, new_root, [])
        changed = data.draw(st.integers(0, len(proof) - 1))
        wrong = [leaf_hash(b"") if place == changed else part for place, part in enumerate(proof)]
        assert not verify_consistency(old, new, old_root, new_root, wrong)


def test_an_entry_cannot_pass_for_a_node():
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != Tree([left, right]).root()
    assert Tree().root() == EMPTY_ROOT != leaf_hash(b"")


@pytest.mark.parametrize(("proof", "place"), [(inclusion_proof, 8), (inclusion_proof, -1), (consistency_proof, 9)])
def test_what_is_not_in_the_tree_has_no_proof(proof, place):
    with pytest.raises(IndexError, match="8 leaves"):
        proof(LEAVES, place)
