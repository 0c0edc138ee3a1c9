"""What a person can set about recordings and their keys."""

from typing import Annotated

import msgspec


class VaultSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long recordings are kept, where they lie, and when the vault locks itself."""

    keep_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 3
    """Days after which nobody can read a recording any more: its key is erased. Of the history: `live.history_days`."""
    hold_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 3650
    """Most days from today for which a single recording may be kept; 0: none is kept for longer than its day."""
    results_mib: Annotated[int, msgspec.Meta(ge=0, le=1 << 20)] = 1024
    """Most MiB of results of the Analyse page, kept encrypted for `keep_days` so that a file opens again at once. The
    oldest go first; 0: none is kept."""
    folder: str = ""
    """Where recordings are written; empty: in a checkout its recordings, otherwise the data folder of this account."""
    lock_after_min: Annotated[int, msgspec.Meta(ge=1, le=240)] = 5
    """Minutes without a use of the recordings after which the vault is locked again."""
