"""What the command line composes a monitor of: a history in the vault where there is one."""

from datetime import date

import pytest
from lived import NOON, Wall, lived

from posture.cli import monitoring
from posture.ergonomics.sitting import State
from posture.live.profiles import seal_of
from posture.sinks.history import History
from posture.sinks.today import Shut
from posture.vault.keyfile import Cost
from posture.vault.store import Vault


def test_without_a_vault_nothing_is_kept(data_folder):
    assert monitoring._archive() is None
    assert list(data_folder.iterdir()) == []


def test_the_history_of_the_user_lies_in_the_vault_and_is_read_with_its_passphrase(data_folder):
    vault = Vault(data_folder / "vault", cost=Cost(memory_kib=64, iterations=1, lanes=1))
    vault.create("correct horse", date.fromtimestamp(NOON)).close()
    wall = Wall()
    history = History(monitoring._archive, wall=wall)
    history.begin()
    lived(history, wall, (120, State.GOOD))
    history.end()
    history.close()
    assert (data_folder / "vault" / "history.sqlite").exists()
    again = History(monitoring._archive, wall=wall)
    assert again.days(1)[0].shut == {Shut.LOCKED}
    with vault.unlock("correct horse") as unlocked:
        assert again.days(1, unlocked.secrets)[0].known.good_s == pytest.approx(119)
    again.close()


def test_calibrations_are_encrypted_only_where_the_keyring_opens_the_vault(data_folder):
    vault = Vault(data_folder / "vault", cost=Cost(64, 1, 1))
    assert seal_of(vault) is None
    vault.create("correct horse", date.fromtimestamp(NOON)).close()
    assert seal_of(vault) is None
