"""Recordings of the vault among what is to be analysed: the vault is opened once, and each one gets its own key."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from posture.cli import trail
from posture.cli.opening import VARIABLE, opened, say, user_vault
from posture.errors import Locked, PostureError, VideoUnreadable
from posture.inputs import CLIP_SUFFIX

if TYPE_CHECKING:
    from posture.inputs import Input
    from posture.vault.recipient import Secrets
    from posture.vault.store import Unlocked

_ADVICE = f"name one of them to be asked for the passphrase, or name a file that holds it in {VARIABLE}"

Keys = Mapping[Path, bytes | PostureError]
"""What opens each recording and nothing else, or why nothing does."""


def with_keys(found: "Sequence[Input]") -> "tuple[list[Input], Keys]":
    """What can be analysed, and the keys of the recordings among it.

    A passphrase is asked for where one is needed. Who named a recording gets the error that says why it cannot be
    opened; recordings that only lie in a folder are left out then, and that is said.
    """
    clips = [item for item in found if item.path.suffix.lower() == CLIP_SUFFIX]
    if not clips:
        return list(found), {}
    with vault_of_user(named=any(item.named for item in clips)) as unlocked:
        if unlocked is None:
            others = [item for item in found if item not in clips]
            if not others:
                raise Locked(f"there are only recordings, and the vault is locked: {_ADVICE}")
            say(f"recordings are left out, because the vault is locked: {len(clips)}; {_ADVICE}")
            return others, {}
        return list(found), {item.path: key_of_clip(item.path, unlocked.secrets) for item in clips}


def vault_of_user(*, named: bool) -> "AbstractContextManager[Unlocked | None]":
    """The vault, open; None where nobody asked for a recording and nobody can be asked for the passphrase."""
    vault = user_vault()
    if named or (vault.exists and (sys.stdin.isatty() or os.environ.get(VARIABLE))):
        return opened(vault)
    unlocked = vault.unlock_with_keyring() if vault.exists else None
    return nullcontext() if unlocked is None else unlocked


def key_of_clip(path: Path, secrets: "Secrets") -> bytes | PostureError:
    """What opens the recording and nothing else, or why nothing does; the audit log says that it was viewed."""
    from posture.audit.events import Event
    from posture.vault import header

    try:
        with path.open("rb") as file:
            head = header.read(file)
        key = head.key(secrets)
    except PostureError as exc:
        return type(exc)(f"{path.name}: {exc}")
    except OSError as exc:
        return VideoUnreadable(f"{path.name}: cannot be opened ({exc.strerror}); check its permissions")
    trail.record(Event.CLIP_VIEWED, clip=head.clip_id.hex())
    return key
