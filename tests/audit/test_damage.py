"""Every change to what a checkpoint covers is found, by `verify` and by the next append, which touch nothing then."""

import itertools

import pytest

from posture.audit.checkpoint import Checkpoint
from posture.audit.events import Event
from posture.audit.log import restart
from posture.audit.records import pack, scan
from posture.audit.settings import AuditSettings
from posture.audit.verify import verify, verify_against
from posture.errors import LogDamaged, PostureError
from posture.signed_note import PrivateKey

LOG, CHECKPOINT, KEY = "audit-2026-11.log", "audit-2026-11.ckpt", "signing.key"


def alarms(case, content):
    """Assert that a folder with this content is refused by all who use it, and left as it is."""
    case.put(content)
    with pytest.raises(LogDamaged):
        case.written(1)
    assert case.content == content
    with pytest.raises(LogDamaged):
        verify(case.archive)
    assert case.content == content


def test_every_changed_byte_is_found(case):
    case.written(3)
    sound = case.content
    for place in range(len(sound[LOG])):
        changed = bytearray(sound[LOG])
        changed[place] ^= 0x01
        alarms(case, sound | {LOG: bytes(changed)})
    case.put(sound)
    verify(case.archive)


def test_every_truncation_is_found(case):
    case.written(3)
    sound = case.content
    for length in range(len(sound[LOG])):
        alarms(case, sound | {LOG: sound[LOG][:length]})


def test_every_changed_byte_of_the_checkpoint_is_found(case):
    case.written(3)
    sound = case.content
    for place in range(len(sound[CHECKPOINT])):
        changed = bytearray(sound[CHECKPOINT])
        changed[place] ^= 0x01
        alarms(case, sound | {CHECKPOINT: bytes(changed)})


def test_records_that_are_removed_repeated_or_moved_are_found(case):
    case.written(4)
    sound = case.content
    records = [pack(entry) for entry in scan(sound[LOG]).entries]
    ways = {order for length in (3, 4) for order in itertools.permutations(range(4), length)}
    ways |= {(0, 0, 1, 2, 3), (0, 1, 2, 2, 3), (0, 1, 1, 3), ()}
    ways.discard((0, 1, 2, 3))
    for order in ways:
        alarms(case, sound | {LOG: b"".join(records[place] for place in order)})


@pytest.mark.parametrize("unsigned", [0, 1, 3])
def test_an_entry_that_is_written_anew_with_a_right_record_is_found(case, unsigned):
    log = case.open()
    case.fill(log, 3)
    log.checkpoint()
    case.fill(log, unsigned)
    sound = case.content
    entries = scan(sound[LOG]).entries
    changed = [entries[0], entries[1].replace(b'"removed":1', b'"removed":7'), *entries[2:]]
    assert changed[1] != entries[1]
    alarms(case, sound | {LOG: b"".join(map(pack, changed))})


@pytest.mark.parametrize("gone", [LOG, CHECKPOINT, KEY])
def test_a_file_that_is_gone_is_found(case, gone):
    case.written(3)
    alarms(case, {name: data for name, data in case.content.items() if name != gone})


def test_another_key_is_found(case):
    case.written(3)
    sound = case.content
    name = sound[KEY].decode().split("+")[2]
    alarms(case, sound | {KEY: PrivateKey.generate(name).secret_text().encode()})
    alarms(case, sound | {KEY: b"PRIVATE+KEY+half"})


def test_a_checkpoint_of_another_month_or_log_is_found(case):
    case.written(2)
    case.to(2026, 12)
    case.written(1)
    sound = case.content
    alarms(case, sound | {"audit-2026-12.ckpt": sound[CHECKPOINT]})
    key = PrivateKey.parse(sound[KEY].decode())
    other = Checkpoint("posture.audit/00000000", "2026-12", 0, bytes(32)).signed(key)
    alarms(case, sound | {"audit-2026-12.ckpt": other})
    alarms(case, sound | {"audit-2026-12.ckpt": Checkpoint.empty(key.name, "2027-01").signed(key)})


def months(case):
    """Three months, of which the middle one has four entries."""
    case.written(2)
    case.to(2026, 12)
    case.written(3)
    case.to(2027, 1)
    case.written(1)
    return case.content


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        (["audit-2026-12.log"], "no entry says that they have expired"),
        (["audit-2026-12.ckpt"], "checkpoint of 2026-12 is gone"),
        (["audit-2026-12.log", "audit-2026-12.ckpt"], "2027-01 does not continue 2026-11"),
        ([LOG, CHECKPOINT], "continues a month of which the checkpoint is gone"),
        ([KEY], "signing key"),
    ],
)
def test_a_finished_month_that_is_gone_is_found(case, gone, words):
    sound = months(case)
    case.put({name: data for name, data in sound.items() if name not in gone})
    with pytest.raises(LogDamaged, match=words):
        verify(case.archive)


def test_a_finished_month_that_goes_on_is_found(case):
    sound = months(case)
    more = scan(sound["audit-2026-12.log"]).entries[-1].replace(b'"seq":5', b'"seq":6')
    case.put(sound | {"audit-2026-12.log": sound["audit-2026-12.log"] + pack(more)})
    with pytest.raises(LogDamaged, match="goes on"):
        verify(case.archive)
    case.put(sound | {"audit-2026-12.log": sound["audit-2026-12.log"] + b"x"})
    with pytest.raises(LogDamaged, match="damaged record"):
        verify(case.archive)


def resigned(case, sound, entries, month="2026-11"):
    """What somebody who holds the signing key can write: another log with a checkpoint that fits."""
    from posture.audit.tree import Tree, leaf_hash

    key = PrivateKey.parse(sound[KEY].decode())
    root = Tree(map(leaf_hash, entries)).root()
    note = Checkpoint(key.name, month, len(entries), root).signed(key)
    return sound | {f"audit-{month}.log": b"".join(map(pack, entries)), f"audit-{month}.ckpt": note}


def test_a_roll_back_is_found_by_a_checkpoint_kept_elsewhere_and_by_nothing_else(case):
    case.written(3)
    older = case.content
    case.written(4)
    witness = case.content[CHECKPOINT]
    assert verify_against(case.archive, witness).size == 7
    case.put(older)
    assert verify(case.archive)[0].size == 3, "the stated limit: a whole older copy looks sound by itself"
    with pytest.raises(LogDamaged, match="has seen 7 entries of 2026-11, and this log has 3: it was set back"):
        verify_against(case.archive, witness)
    case.pass_(5)
    case.written(9)
    with pytest.raises(LogDamaged, match="was rewritten"):
        verify_against(case.archive, witness)


def test_a_log_written_anew_with_its_key_is_found_by_a_checkpoint_kept_elsewhere_and_by_nothing_else(case):
    case.written(5)
    sound = case.content
    entries = list(scan(sound[LOG]).entries)
    entries[1] = entries[1].replace(b'"removed":1', b'"removed":7')
    case.put(resigned(case, sound, entries))
    assert verify(case.archive)[0].size == 5, "the stated limit: who holds the key can write all of it anew"
    with pytest.raises(LogDamaged, match="was rewritten"):
        verify_against(case.archive, sound[CHECKPOINT])


def test_a_later_log_still_holds_what_the_witness_saw(case):
    with case.open() as log:
        case.fill(log, 3)
        witness = log.checkpoint()
        case.fill(log, 3)
        case.to(2026, 12)
        case.fill(log, 3)
    assert verify_against(case.archive, witness).size == 3


def test_a_month_that_the_witness_saw_and_that_is_not_there(case):
    case.written(2)
    older = case.content
    case.to(2026, 12)
    case.written(2)
    witness = case.content["audit-2026-12.ckpt"]
    case.put(older)
    with pytest.raises(LogDamaged, match="of 2026-12, of which this log has nothing"):
        verify_against(case.archive, witness)


def test_a_finished_month_cannot_be_exchanged_under_the_next_one(case):
    sound = months(case)
    entries = scan(sound["audit-2026-12.log"]).entries[:-1]
    case.put(resigned(case, sound, entries, "2026-12"))
    with pytest.raises(LogDamaged, match="2027-01 does not continue 2026-12"):
        verify(case.archive)


def test_a_witness_of_an_expired_month(case):
    with case.open(settings=AuditSettings(keep_months=1)) as log:
        case.fill(log, 2)
        early = log.checkpoint()
        case.fill(log, 1)
        last = log.checkpoint()
        for day in (2, 4):
            case.to(2027, 1, day)
            case.fill(log, 1)
    assert verify_against(case.archive, last).size == 3
    with pytest.raises(PostureError, match="have expired, and only a checkpoint over all 3") as caught:
        verify_against(case.archive, early)
    assert not isinstance(caught.value, LogDamaged)


def test_a_witness_of_another_log_is_told_apart(case):
    case.written(2)
    witness = case.content[CHECKPOINT]
    restart(case.folder, case.clock)
    with pytest.raises(LogDamaged, match="does not belong to the key"):
        verify_against(case.archive, witness)


def test_a_file_that_shrinks_while_it_is_in_use(case):
    log = case.open()
    case.fill(log, 3)
    with (case.folder / LOG).open("r+b") as file:
        file.truncate(100)
    with pytest.raises(LogDamaged, match="became shorter"):
        case.fill(log, 1)


def test_entries_of_a_newer_version_are_no_damage(case):
    case.written(1)
    sound = case.content
    entries = scan(sound[LOG]).entries
    newer = entries[0].replace(b"retention.run", b"thought.read").replace(b'"seq":0', b'"seq":1')
    case.put(resigned(case, sound, [*entries, newer]))
    verify(case.archive)
    assert case.written(1) == [2]


@pytest.mark.parametrize(
    "entry",
    [
        b"{}",
        b"[]",
        b"no json",
        b'{"ev":"retention.run","mono_ns":1,"removed":0,"seq":1,"wall":1.5}',
        b'{"ev":"retention.run","mono_ns":1,"removed":0,"seq":true,"wall":1}',
        b'{"ev":"retention.run", "mono_ns":1,"removed":0,"seq":1,"wall":1}',
        b'{"ev":"retention.run","mono_ns":1,"removed":[],"seq":1,"wall":1}',
        b'{"ev":"retention.run","mono_ns":1,"removed":0,"seq":2,"wall":1}',
        b"[" * 1000,
        b"\xff",
    ],
)
def test_something_that_is_no_entry_is_found_even_when_it_is_signed(case, entry):
    case.written(1)
    sound = case.content
    alarms(case, resigned(case, sound, [*scan(sound[LOG]).entries, entry]))


def test_the_first_month_does_not_begin_with_a_later_number(case):
    case.written(2)
    sound = case.content
    case.put(resigned(case, sound, scan(sound[LOG]).entries[1:]))
    with pytest.raises(LogDamaged, match="entry 1 stands where 0 should"):
        verify(case.archive)
    assert Event.LOG_ROTATED not in case.events
