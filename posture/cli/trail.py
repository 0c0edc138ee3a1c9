"""What the verbs write into the audit log of this user.

The log is opened with the first entry and closed when the program ends. A verb that cannot write its entries ends with
the error that says why: nothing goes on unlogged unless `audit.enabled` is false.
"""

import hashlib
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from posture import __version__
from posture.audit.events import CALLS, Event, Value
from posture.errors import ConfigError, ModelError, ModelMismatch, ModelMissing, PostureError, SinkError
from posture.folders import data_folder

if TYPE_CHECKING:
    from posture.audit.log import AuditLog
    from posture.config import Settings


@dataclass
class _Trail:
    """What this process has to do with the log. Its threads may write at the same time."""

    log: "AuditLog | None" = None
    started: bool = False
    failed: bool = False
    """An error of the log was raised already; it is said once."""


_trail = _Trail()
_opening = threading.Lock()


def folder() -> Path:
    """Where the audit log of this user is; it need not exist."""
    return data_folder() / "audit"


def started(verb: str) -> None:
    """A verb begins; `ended` follows when the program ends."""
    record(Event.PROGRAM_STARTED, verb=verb, version=__version__)
    _trail.started = True
    with suppress(ConfigError):  # said by whatever reads the settings, and by `posture privacy policy check`
        note_policy()


def note_policy() -> None:
    """Write down where another policy is in force than when this user was here last. Raises ConfigError."""
    from posture.policy import system_files

    news = system_files().remember(date.today())
    if news is None:
        return
    if news.withdrawn:
        record(Event.POLICY_WITHDRAWN, serial=news.serial)
    else:
        record(Event.POLICY_APPLIED, serial=news.serial, sha256=news.sha256, key_id=news.key_id)


def record(event: Event, **fields: Value) -> None:
    """One entry, unless the log is switched off. Raises LogDamaged or SinkError if it cannot be written."""
    with _opening:
        log = _trail.log = _trail.log or _opened()
    if log is None:
        return
    try:
        log.append(event, **fields)
    except BaseException:
        _trail.failed = True
        raise


def exported(name: str, path: Path) -> None:
    """A report in the format `name` was written."""
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        record(Event.REPORT_EXPORTED, format=name, sha256=_digest(file))


def redacted(path: Path, size_bytes: int) -> None:
    """A redacted copy was written."""
    record(Event.REDACTED_EXPORTED, sha256=_digest(path), bytes=size_bytes)


def scrubbed(path: Path, size_bytes: int) -> None:
    """A copy without metadata was written."""
    record(Event.SCRUBBED_EXPORTED, sha256=_digest(path), bytes=size_bytes)


def failed(error: PostureError | None) -> None:
    """What of an error that ended the work on one file belongs into the log: a refused model."""
    if isinstance(error, ModelError):
        reason = (
            "missing" if isinstance(error, ModelMissing) else "hash" if isinstance(error, ModelMismatch) else "load"
        )
        record(Event.MODEL_REFUSED, reason=reason)


def blocked(call: str, layer: str = "interpreter", /) -> None:
    """Python code tried to reach the network and was refused. `call` as the interpreter names it: "socket.connect"."""
    name = call.removeprefix("socket.")
    record(Event.NETWORK_BLOCKED, layer=layer, call=name if name in CALLS else "socket")


def ended(code: int) -> None:
    """The program ends with this exit code: the last entry of a verb that began, and a signed checkpoint."""
    log, begun = _trail.log, _trail.started and not _trail.failed
    if begun:
        record(Event.PROGRAM_ENDED, exit_code=code)
    if log is not None and not _trail.failed:
        log.close()
    _trail.log, _trail.started, _trail.failed = None, False, False


def settings_in_force() -> "Settings":
    """The settings; where the policy is broken, those of the file alone; where that is, the defaults: a broken file
    switches no log off, and neither a policy nor a period that can be read in it gives way.
    """
    from posture import config

    for ruled in (True, False):
        with suppress(ConfigError):
            return config.load(ruled=ruled)
    usual = config.readable(config.config_path(), config.PERIODS)
    with suppress(ConfigError):
        return config.within_policy(usual, {})
    return usual


def _digest(path: Path) -> str:
    """SHA-256 of a file that was just written."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise SinkError(f"{path} was written and cannot be read: {exc.strerror}; is its disk still there?") from exc


def _opened() -> "AuditLog | None":
    from posture import config
    from posture.audit.log import AuditLog

    settings = settings_in_force().audit
    if not settings.enabled:
        return None
    return AuditLog(folder(), settings=settings, known_settings=frozenset(config.key_paths()))
