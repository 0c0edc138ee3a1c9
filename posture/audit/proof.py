"""Proofs that stand alone: that an entry is in the log, or that the log only grew, without showing the log.

A proof is a small JSON text. It holds the public key, one or two signed checkpoints and the hashes that lead from one
to the other (RFC 6962 sections 2.1.1 and 2.1.2). It proves nothing about who wrote the log; compare its key or its
checkpoint with one that was kept elsewhere.
"""

import base64
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from posture.audit.archive import Archive, MonthLog
from posture.audit.checkpoint import Checkpoint, parse_hash
from posture.audit.tree import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from posture.audit.verify import decoded, opened, verify
from posture.errors import LogDamaged, NoInput
from posture.signed_note import NoteError, PublicKey

PROOF_LIMIT_BYTES = 1 << 20


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The text of a proof: of one `entry` at `index`, or of the growth since the checkpoint `earlier`."""

    schema: Literal["posture.audit-proof/1"] = "posture.audit-proof/1"
    entry: str | None = None
    index: int | None = None
    earlier: str | None = None
    hashes: tuple[str, ...]
    """Base64."""
    checkpoint: str
    key: str

    def text(self) -> bytes:
        """As a file."""
        tree = {name: value for name, value in msgspec.to_builtins(self).items() if value is not None}
        return msgspec.json.format(msgspec.json.encode(tree), indent=1) + b"\n"


@dataclass(frozen=True)
class Proven:
    """What a proof that holds says."""

    key: PublicKey
    checkpoint: Checkpoint
    entry: dict[str, Any] | None
    earlier: Checkpoint | None


def prove_entry(archive: Archive, seq: int, at: bytes | None = None) -> Proof:
    """That entry `seq` is in the log, under its newest checkpoint or under the checkpoint `at`.

    Raises NoInput if the checkpoint does not cover such an entry, LogDamaged if the log does not hold.
    """
    verify(archive)
    for month in archive.months:
        first = decoded(month.entries[0], month.month)["seq"] if month.entries else None
        if isinstance(first, int) and first <= seq < first + len(month.entries):
            return _inclusion(archive, month, seq - first, at)
    raise NoInput(f"there is no entry {seq} in the audit log; see `posture audit show`")


def prove_growth(archive: Archive, earlier: bytes) -> Proof:
    """That the log holds all that the checkpoint `earlier` has seen. Raises LogDamaged, NoInput."""
    verify(archive)
    assert archive.key is not None  # verify refuses that
    seen = opened(earlier, archive.key)
    for month in archive.months:
        if month.month == seen.month and month.entries:
            note = month.checkpoint or b""
            now = opened(note, archive.key)
            if seen.size > now.size:
                raise LogDamaged(
                    f"the checkpoint has seen {seen.size} entries of {seen.month}, this log has {now.size}"
                )
            leaves = [leaf_hash(entry) for entry in month.entries[: now.size]]
            hashes = _texts(consistency_proof(leaves, seen.size))
            return _sound(
                Proof(earlier=earlier.decode(), hashes=hashes, checkpoint=note.decode(), key=str(archive.key))
            )
    raise NoInput(f"this log has no entries of {seen.month} any more, of which the checkpoint is")


def read_proof(data: bytes) -> Proof:
    """From a file. Raises LogDamaged if it is no proof."""
    try:
        if len(data) > PROOF_LIMIT_BYTES:
            raise LogDamaged(f"a proof has at most {PROOF_LIMIT_BYTES} bytes")
        return msgspec.json.decode(data, type=Proof)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise LogDamaged(f"this is no proof of this version: {exc}") from exc


def verify_proof(proof: Proof) -> Proven:
    """What the proof shows, by its own key. Raises LogDamaged if it does not show it."""
    try:
        key = PublicKey.parse(proof.key)
        hashes = [parse_hash(text) for text in proof.hashes]
    except NoteError as exc:
        raise LogDamaged(f"the proof is damaged: {exc}") from exc
    now = opened(proof.checkpoint.encode(), key)
    if proof.entry is not None and proof.index is not None and proof.earlier is None:
        entry = proof.entry.encode("utf-8", "surrogatepass")
        if not verify_inclusion(proof.index, now.size, leaf_hash(entry), hashes, now.root):
            raise LogDamaged("the proof does not lead from the entry to the checkpoint: one of them was changed")
        return Proven(key, now, decoded(entry, now.month), None)
    if proof.earlier is not None and proof.entry is None and proof.index is None:
        earlier = opened(proof.earlier.encode(), key)
        same_month = earlier.month == now.month
        if not same_month or not verify_consistency(earlier.size, now.size, earlier.root, now.root, hashes):
            raise LogDamaged("the later checkpoint does not continue the earlier one: the log was rewritten")
        return Proven(key, now, None, earlier)
    raise LogDamaged("a proof is either of one entry or of growth")


def _inclusion(archive: Archive, month: MonthLog, index: int, at: bytes | None) -> Proof:
    assert archive.key is not None
    note = month.checkpoint if at is None else at
    signed = opened(note or b"", archive.key)
    if signed.month != month.month or index >= signed.size:
        raise NoInput(f"that entry is not among the {signed.size} of {signed.month} that the checkpoint covers")
    leaves = [leaf_hash(entry) for entry in month.entries[: signed.size]]
    return _sound(
        Proof(
            entry=month.entries[index].decode(),
            index=index,
            hashes=_texts(inclusion_proof(leaves, index)),
            checkpoint=(note or b"").decode(),
            key=str(archive.key),
        )
    )


def _sound(proof: Proof) -> Proof:
    """The proof, unless it fails by itself: then the checkpoint that it was asked for is of another history."""
    verify_proof(proof)
    return proof


def _texts(hashes: list[bytes]) -> tuple[str, ...]:
    return tuple(base64.b64encode(part).decode() for part in hashes)
