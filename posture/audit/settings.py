"""What a person can set about the audit log."""

from typing import Annotated

import msgspec


class AuditSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a log is kept, and for how long."""

    enabled: bool = True
    """Whether a log is kept of what the program does, without names, paths or pictures."""
    keep_months: Annotated[int, msgspec.Meta(ge=1, le=1200)] = 12
    """Whole months after which entries are deleted; the signed checkpoint of their month stays."""


DEFAULTS = AuditSettings()
