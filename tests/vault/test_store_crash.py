"""The machine stops between any two changes to the disk: the vault opens as it was or as it was to be."""

import pytest
from vault_office import Crash, Machine, after

from posture.errors import Locked, WrongKey
from posture.vault.ring import Other, OtherKey

NEW = "battery staple"


def prepared(office):
    """A vault of yesterday with the keyring, of which a day is over."""
    office.created(keyring=True).close()
    office.vault().expire(after(4), keep_days=3)


def readers():
    return (Other("clinic", (OtherKey(after(5), b"c" * 32, 0x20),)),)


CHANGES = {
    "create": lambda office: office.created(keyring=True).close(),
    "unlock": lambda office: office.unlock().close(),
    "expire": lambda office: office.vault().expire(after(6), keep_days=3),
    "refill": lambda office: office.unlock().refill(after(6)),
    "rotate": lambda office: office.unlock().rotate(after(5)),
    "hold": lambda office: office.unlock().new_hold(after(5), after(90), after(5)),
    "others": lambda office: office.unlock().set_others(readers(), after(5)),
    "passphrase": lambda office: office.unlock().change_passphrase(NEW),
    "keyring off": lambda office: office.unlock().use_keyring(False),
    "adopt": lambda office: office.created(copy=adopted(office)).close(),
}


def adopted(office):
    source = type(office)(office.folder / "source")
    with source.created() as unlocked:
        return unlocked.copy()


def opened(office):
    """With whichever passphrase opens it."""
    try:
        return office.unlock()
    except WrongKey:
        return office.vault().unlock(NEW)


def check(office):
    """Whoever records now can be read after unlocking, by passphrase as by keyring, and nothing is left behind."""
    vault = office.vault()
    if not vault.exists:
        office.created().close()
        return
    own = []
    for days in range(5, 40):
        try:
            own.append(vault.recipients(after(days))[0])
        except Locked:
            break
    unlocked = [opened(office)]
    assert unlocked[0].rejected == ()
    if (by_keyring := vault.unlock_with_keyring()) is not None:
        unlocked.append(by_keyring)
    for each in unlocked:
        for recipient in own:
            assert each.secrets(recipient.key_id).recipient == recipient
    for each in unlocked:
        each.refill(after(6))
        each.close()
    names = {path.name for path in (office.folder / "vault").iterdir()}
    assert names <= {"identity.pkey", "ring.json"}


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Keys for ten days, because each stop makes and reads all of them again."""
    monkeypatch.setattr("posture.vault.ring.AHEAD_DAYS", 10)


@pytest.mark.parametrize("name", CHANGES)
def test_stopped_before_any_change_to_the_disk(office, monkeypatch, name):
    if name not in ("create", "adopt"):
        prepared(office)
    before, keys = office.everything(), dict(office.keystore.keys)
    with monkeypatch.context() as patch:
        machine = Machine(patch)
        CHANGES[name](office)
    assert machine.done > 3
    check(office)
    for at in range(machine.done):
        office.put(before)
        office.keystore.keys = dict(keys)
        with monkeypatch.context() as patch:
            Machine(patch, at)
            with pytest.raises(Crash):
                CHANGES[name](office)
        check(office)


@pytest.mark.parametrize("name", ["refill", "passphrase", "expire"])
def test_a_full_disk_leaves_the_old_keys(office, monkeypatch, name):
    prepared(office)
    before = office.everything()

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    from posture.errors import OutputFull

    for call in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr("os." + call, full)
            with pytest.raises(OutputFull, match="free some space"):
                CHANGES[name](office)
        assert office.everything() == before
