"""A log in one file: the same verdict as in its folder, and one fault at a time."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.audit.archive import read_export
from posture.audit.proof import Proof, prove_entry, prove_growth, read_proof, verify_proof
from posture.audit.settings import AuditSettings
from posture.audit.verify import verify, verify_against
from posture.errors import LogDamaged, NoInput, PostureError


def exported(case):
    out = io.BytesIO()
    case.archive.write(out)
    return out.getvalue()


@pytest.fixture
def year(case):
    """Expired, finished and current months."""
    with case.open(settings=AuditSettings(keep_months=1)) as log:
        for month in (11, 12, 13, 14):
            case.to(2026 + month // 13, (month - 1) % 12 + 1)
            case.fill(log, 2)
            case.pass_(2 * 86400)
            case.fill(log, 1)
    return case


def test_an_export_is_checked_like_its_folder(year):
    again = read_export(exported(year))
    assert again.entries() == year.archive.entries()
    assert verify(again) == verify(year.archive)
    for name, note in year.content.items():
        if name.endswith(".ckpt"):
            assert verify_against(again, note)


def test_every_line_of_an_export_is_json_and_it_holds_no_secret(year):
    data = exported(year)
    lines = [json.loads(line) for line in data.splitlines()]
    assert lines[0]["schema"] == "posture.audit-export/1"
    assert [line["entries"] for line in lines if "checkpoint" in line] == [None, None, 5, 5]
    assert b"PRIVATE" not in data
    assert year.content["signing.key"].strip().split(b"+", 4)[4] not in data


def test_every_changed_byte_of_an_export_is_found(case):
    case.written(2)
    data = exported(case)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 0x01
        with pytest.raises(LogDamaged):
            verify(read_export(bytes(changed)))


def test_every_truncation_of_an_export_is_found(case):
    case.written(2)
    data = exported(case)
    for length in range(len(data)):
        with pytest.raises(LogDamaged):
            verify(read_export(data[:length]))


@given(st.binary(max_size=300) | st.from_regex(rb'(\{"[a-z]+":("[a-z]*"|[0-9]+|null)\}\n){1,4}', fullmatch=True))
def test_an_export_of_anything_is_refused_in_words(data):
    with pytest.raises(PostureError):
        verify(read_export(data))


def test_an_empty_log_is_no_log(case):
    case.open().close()
    with pytest.raises(LogDamaged, match="signing key"):
        verify(case.archive)


def test_every_entry_is_proven_by_itself(year):
    there = [entry["seq"] for entry in year.entries]
    assert there[0] > 0
    for seq in there:
        proof = read_proof(prove_entry(year.archive, seq).text())
        proven = verify_proof(proof)
        assert proven.entry["seq"] == seq
        assert str(proven.key) == proof.key
    with pytest.raises(NoInput, match="no entry 0"):
        prove_entry(year.archive, 0)


def test_an_entry_is_proven_under_a_checkpoint_that_was_kept_elsewhere(case):
    with case.open() as log:
        case.fill(log, 3)
        witness = log.checkpoint()
        case.fill(log, 5)
    proven = verify_proof(prove_entry(case.archive, 1, witness))
    assert proven.checkpoint.size == 3
    with pytest.raises(NoInput, match="not among the 3"):
        prove_entry(case.archive, 5, witness)


def test_growth_is_proven_without_any_entry(case):
    with case.open() as log:
        case.fill(log, 3)
        witness = log.checkpoint()
        case.fill(log, 5)
    proof = prove_growth(case.archive, witness)
    assert b"retention" not in proof.text()
    proven = verify_proof(read_proof(proof.text()))
    assert (proven.earlier.size, proven.checkpoint.size) == (3, 8)


def test_no_growth_is_proven_from_another_history(case):
    with case.open() as log:
        case.fill(log, 2)
        older = case.content | {"audit-2026-11.ckpt": log.checkpoint()}
        case.fill(log, 1)
        witness = log.checkpoint()
    case.put(older)
    with pytest.raises(LogDamaged, match="has seen 3 entries of 2026-11, this log has 2"):
        prove_growth(case.archive, witness)
    case.pass_(1)
    case.written(5)
    with pytest.raises(LogDamaged, match="was rewritten"):
        prove_growth(case.archive, witness)
    with pytest.raises(LogDamaged, match="does not lead"):
        prove_entry(case.archive, 1, witness)


@pytest.mark.parametrize("kind", ["entry", "growth"])
def test_every_changed_byte_of_a_proof_is_found_or_means_the_same(case, kind):
    with case.open() as log:
        case.fill(log, 3)
        witness = log.checkpoint()
        case.fill(log, 4)
    proof = prove_entry(case.archive, 2) if kind == "entry" else prove_growth(case.archive, witness)
    text = proof.text()
    for place in range(len(text)):
        changed = bytearray(text)
        changed[place] ^= 0x01
        try:
            same = read_proof(bytes(changed))
            verify_proof(same)
        except LogDamaged:
            continue
        assert same == proof, "only the white space of JSON means nothing"


@pytest.mark.parametrize(
    "change",
    [
        {"entry": None},
        {"index": None},
        {"earlier": "x"},
        {"index": -1},
        {"index": 2**70},
        {"hashes": ()},
        {"hashes": ("no base64!",)},
        {"key": "nobody"},
        {"checkpoint": ""},
        {"entry": "{}"},
    ],
)
def test_a_proof_with_one_fault(case, change):
    case.written(4)
    proof = prove_entry(case.archive, 2)
    fields = {name: getattr(proof, name) for name in proof.__struct_fields__}
    with pytest.raises(LogDamaged):
        verify_proof(Proof(**(fields | change)))


@given(st.binary(max_size=200))
def test_a_proof_of_anything_is_refused_in_words(data):
    with pytest.raises(LogDamaged):
        read_proof(data)


def test_a_proof_has_bounds():
    with pytest.raises(LogDamaged, match="at most"):
        read_proof(b"x" * (1 << 21))
