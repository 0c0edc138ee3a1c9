"""What a job needs of the vault: keys of recordings among its files, and for whom its results are encrypted."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from posture.cli.clips import key_of_clip, vault_of_user
from posture.cli.opening import opened, today, user_vault
from posture.errors import Locked, PostureError, VaultError
from posture.inputs import CLIP_SUFFIX
from posture.output import Plainly, Writing

if TYPE_CHECKING:
    from posture.batch.journal import Journal
    from posture.batch.plan import JobPlan
    from posture.vault.recipient import Recipient, Secret
    from posture.vault.store import Unlocked

_SECRET = "checkpoint secret"
"""Where it stands in the journal."""


class JobVault:
    """The vault as one job sees it."""

    def __init__(self, unlocked: "Unlocked | None", recipients: "tuple[Recipient, ...]") -> None:
        self._unlocked = unlocked
        self.recipients = recipients
        """For whom results are encrypted; empty: they are plain."""

    @property
    def writing(self) -> Writing:
        """How the summary is put on the disk."""
        from posture.batch.sealing import Sealing

        return Sealing(self.recipients) if self.recipients else Plainly()

    def key_of(self, path: Path) -> bytes | PostureError:
        """What opens a recording; empty for other files."""
        if path.suffix.lower() != CLIP_SUFFIX:
            return b""
        if self._unlocked is None:
            return Locked(f"{path.name}: the vault is locked; run the job where it can be opened, after batch retry")
        return key_of_clip(path, self._unlocked.secrets)

    def checkpoint_secret(self, journal: "Journal") -> "Secret | None":
        """What opens the checkpoints of a job whose results are encrypted, kept in its journal as they are.

        A new one where it cannot be opened any more, because the day of its key is over: then its files begin again.
        """
        from posture.batch.sealing import opened as unsealed
        from posture.batch.sealing import sealed
        from posture.vault.hpke import new_secret, secret_of
        from posture.vault.recipient import X25519

        if not self.recipients or self._unlocked is None:
            return None
        try:
            return secret_of(X25519, unsealed(journal.noted(_SECRET), self._unlocked.secrets))
        except VaultError:
            secret = new_secret(X25519)
            journal.note(_SECRET, sealed(secret.seed, self.recipients))
            return secret

    @contextmanager
    def readable(self, journal: "Journal") -> "Iterator[Journal]":
        """The journal, or where its rows are encrypted, a copy in memory in which they are plain."""
        from posture.batch.rows import FileRow, severity
        from posture.batch.sealing import opened as unsealed

        if not self.recipients or self._unlocked is None:
            yield journal
            return
        secrets = self._unlocked.secrets

        def plain(row: bytes) -> tuple[bytes, float, str]:
            content = unsealed(row, secrets)
            of_file = msgspec.msgpack.decode(content, type=FileRow)
            return content, max((severity(person)[0] for person in of_file.people), default=0.0), of_file.task

        with journal.unsealed(plain) as copy:
            yield copy


@contextmanager
def vault_for(plan: "JobPlan", journal: "Journal") -> Iterator[JobVault]:
    """The vault, opened once where the job needs it. Raises VaultError where results are to go into it and cannot."""
    if plan.vault:
        vault = user_vault()
        with opened(vault) as unlocked:
            yield JobVault(unlocked, vault.recipients(today()))
        return
    waiting = journal.entries("state = 'waiting'", "id")
    if not any(Path(os.fsdecode(entry.path)).suffix.lower() == CLIP_SUFFIX for entry in waiting):
        yield JobVault(None, ())
        return
    with vault_of_user(named=False) as unlocked:
        yield JobVault(unlocked, ())
