"""The keys of the history: a day has one of its own, which goes after as many days as the history is kept."""

from collections.abc import Callable, Sequence
from datetime import date

from posture.vault.recipient import Recipient
from posture.vault.store import Vault


class HistoryKeys:
    """What an archive of the history needs of a vault, locked or not."""

    at_hand = None
    """Reading takes unlocking."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def recipients(self, day: date) -> Sequence[Recipient]:
        """For whom the history of a day is encrypted: its owner alone. Raises Locked where no key is left, Damaged."""
        return self._vault.recipients(day, "history")

    def expire(self, today: date, keep_days: int) -> Callable[[bytes], bool]:
        """Erase the keys of days that were kept for long enough; what tells whether a key is still there.

        Raises Locked where there is no vault, Damaged, SinkError.
        """
        self._vault.expire(today, keep_days, "history")
        ring = self._vault.ring()
        return lambda key_id: ring.find(key_id) is not None
