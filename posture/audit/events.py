"""What may be written into the audit log: a closed list of events, and for each a closed list of fields.

No kind of field takes free text: hashes and ids of fixed length, numbers, and words of short lists. So no name, no path
and no picture can get in, not even by a mistake.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

Value = str | int

# The verbs of the command line that write entries, with what was typed after them where that changes what happens.
VERBS = (
    "batch.open", "batch.retry", "batch.run", "batch.stop",
    "fleet.certs", "fleet.scheduler", "fleet.status", "fleet.worker", "watch",
    "analyze", "config.edit", "config.reset", "demo", "keys.create", "keys.export", "keys.import", "keys.passphrase",
    "keys.recovery.add", "keys.recovery.remove", "keys.recovery.share", "keys.refill", "keys.rotate", "live",
    "models.add", "models.remove", "models.sign", "models.trust", "models.verify",
    "privacy.consent.add", "privacy.consent.withdraw", "privacy.erase", "privacy.export",
    "privacy.paperwork", "privacy.policy.install", "privacy.policy.remove", "privacy.policy.sign",
    "record", "recordings.delete",
    "recordings.export", "recordings.hold", "recordings.play", "recordings.rekey", "recordings.repair",
    "recordings.retain", "recordings.verify", "redact", "verify",
    "compare", "merge", "report",
    "scrub",
    "evaluate",
)  # fmt: skip
FORMATS = (
    "csv", "html", "json", "pdf", "xlsx", "review",
    "openpose", "coco", "trc", "mot", "c3d", "wide", "long", "parquet", "netcdf",  # of posture.interchange
)  # fmt: skip
EXPORT_REASONS = ("own-use", "medical", "ergonomics", "access-request", "incident", "legal", "other")
CONSENT_KINDS = ("consent", "notice")
REFUSALS = ("missing", "hash", "signature", "check", "shape", "load")
LAYERS = ("interpreter", "decoding")  # who noticed: the audit hook of this process, or that of the decoding process
FLEET_ROLES = ("authority", "scheduler", "worker", "client")
CALLS = (
    "socket", "connect", "bind", "sendto", "sendmsg", "getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo",
    "getservbyname", "getservbyport",
)  # fmt: skip

MOST_COUNT = 2**53 - 1  # what every reader of JSON can represent exactly
_VERSION = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){1,3}((a|b|rc)[0-9]{1,3})?(\.(post|dev)[0-9]{1,4})?")
_SETTING = re.compile(r"(?=.{3,60}$)[a-z][a-z_]*(\.[a-z][a-z0-9_]*){1,2}")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


class FieldError(ValueError):
    """A field is missing, unknown or not of its kind. The message names the field and never its value."""


class Event(StrEnum):
    """Everything that the log knows."""

    PROGRAM_STARTED = "program.started"
    PROGRAM_ENDED = "program.ended"
    PROGRAM_CRASHED = "program.crashed"
    CAMERA_OPENED = "camera.opened"
    CAMERA_CLOSED = "camera.closed"
    MODEL_VERIFIED = "model.verified"
    MODEL_REFUSED = "model.refused"
    MODEL_ADDED = "model.added"
    MODEL_REMOVED = "model.removed"
    MODEL_KEY_TRUSTED = "model.key.trusted"
    MODEL_KEY_DISTRUSTED = "model.key.distrusted"
    CLIP_OPENED = "clip.opened"
    CLIP_CLOSED = "clip.closed"
    CLIP_VIEWED = "clip.viewed"
    CLIP_EXPORTED = "clip.exported"
    CLIP_DELETED = "clip.deleted"
    CLIP_HELD = "clip.held"
    CLIP_REKEYED = "clip.rekeyed"
    REPORT_EXPORTED = "report.exported"
    REDACTED_EXPORTED = "redacted.exported"
    SCRUBBED_EXPORTED = "scrubbed.exported"
    KEY_CREATED = "key.created"
    KEY_ERASED = "key.erased"
    SETTINGS_CHANGED = "settings.changed"
    CONSENT_NOTED = "consent.noted"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    DATA_EXPORTED = "data.exported"
    DATA_ERASED = "data.erased"
    POLICY_APPLIED = "policy.applied"
    POLICY_WITHDRAWN = "policy.withdrawn"
    RETENTION_RUN = "retention.run"
    NETWORK_BLOCKED = "network.blocked"
    FLEET_STARTED = "fleet.started"
    FLEET_ENDED = "fleet.ended"
    FLEET_CERTIFIED = "fleet.certified"
    CRASH_RECOVERED = "crash.recovered"
    CLOCK_CHANGED = "clock.changed"
    LOG_ROTATED = "log.rotated"
    LOG_RESTARTED = "log.restarted"
    LOG_EXPIRED = "log.expired"


@dataclass(frozen=True)
class Kind:
    """What a field may hold."""

    words: str
    """For a person: "64 hex digits"."""
    fits: Callable[[object], bool]
    optional: bool = False


def _hex(*lengths: int) -> Callable[[object], bool]:
    digits = frozenset("0123456789abcdef")
    return lambda value: isinstance(value, str) and len(value) in lengths and digits.issuperset(value)


def _whole(least: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and least <= value <= MOST_COUNT


def _matching(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _one_of(*words: str) -> Kind:
    return Kind(f"one of {', '.join(words)}", lambda value: isinstance(value, str) and value in words)


_SHA256 = Kind("64 hex digits", _hex(64))
_KEY_ID = Kind("8 or 16 hex digits", _hex(8, 16))  # of a signed note; of a recording's key; of a note of a consent
_CLIP = Kind("32 hex digits", _hex(32))
_COUNT = Kind("a whole number", _whole(0))
_SECONDS = Kind("whole seconds", _whole(-MOST_COUNT))
_CODE = Kind("an exit code", lambda value: type(value) is int and 0 <= value <= 255)
_IN_FLEET = {"role": _one_of(*FLEET_ROLES), "fleet": Kind("16 hex digits", _hex(16))}
_MODEL_OF_KEY = {"sha256": _SHA256, "key_id": _KEY_ID}

FIELDS: Mapping[Event, Mapping[str, Kind]] = {
    Event.PROGRAM_STARTED: {"verb": _one_of(*VERBS), "version": Kind("a version number", _matching(_VERSION))},
    Event.PROGRAM_ENDED: {"exit_code": _CODE},
    Event.PROGRAM_CRASHED: {},  # noticed at the next start: nothing is known of when or why
    Event.CAMERA_OPENED: {},
    Event.CAMERA_CLOSED: {},
    Event.MODEL_VERIFIED: {"sha256": _SHA256},
    # The hash that the file should have had; a file may be missing or unreadable.
    Event.MODEL_REFUSED: {"sha256": replace(_SHA256, optional=True), "reason": _one_of(*REFUSALS)},
    Event.MODEL_ADDED: _MODEL_OF_KEY,
    # What does not verify any more can be removed too; then neither its signer nor its hash is known.
    Event.MODEL_REMOVED: {name: replace(kind, optional=True) for name, kind in _MODEL_OF_KEY.items()},
    Event.MODEL_KEY_TRUSTED: {"key_id": _KEY_ID},
    Event.MODEL_KEY_DISTRUSTED: {"key_id": _KEY_ID},
    Event.CLIP_OPENED: {"clip": _CLIP},
    Event.CLIP_CLOSED: {"clip": _CLIP, "bytes": _COUNT, "sha256": _SHA256},
    Event.CLIP_VIEWED: {"clip": _CLIP},
    Event.CLIP_EXPORTED: {"clip": _CLIP, "purpose": _one_of(*EXPORT_REASONS)},
    Event.CLIP_DELETED: {"clip": _CLIP},
    Event.CLIP_HELD: {"clip": _CLIP, "key_id": _KEY_ID},
    Event.CLIP_REKEYED: {"clip": _CLIP, "key_id": _KEY_ID},
    Event.REPORT_EXPORTED: {"format": _one_of(*FORMATS), "sha256": _SHA256},
    Event.REDACTED_EXPORTED: {"sha256": _SHA256, "bytes": _COUNT},
    Event.SCRUBBED_EXPORTED: {"sha256": _SHA256, "bytes": _COUNT},
    Event.KEY_CREATED: {"key_id": _KEY_ID},
    Event.KEY_ERASED: {"key_id": _KEY_ID},
    Event.SETTINGS_CHANGED: {"setting": Kind("a key path such as pose.model", _matching(_SETTING))},
    Event.CONSENT_NOTED: {"note": _KEY_ID, "kind": _one_of(*CONSENT_KINDS)},
    Event.CONSENT_WITHDRAWN: {"note": _KEY_ID},
    Event.DATA_EXPORTED: {"files": _COUNT, "sha256": _SHA256},
    Event.DATA_ERASED: {"files": _COUNT, "keys": _COUNT, "sha256": _SHA256},
    Event.POLICY_APPLIED: {"serial": _COUNT, "sha256": _SHA256, "key_id": _KEY_ID},
    Event.POLICY_WITHDRAWN: {"serial": _COUNT},
    Event.RETENTION_RUN: {"removed": _COUNT},
    Event.NETWORK_BLOCKED: {"layer": _one_of(*LAYERS), "call": _one_of(*CALLS)},
    # A process that may open connections began and ended; a certificate for one was made.
    Event.FLEET_STARTED: _IN_FLEET,
    Event.FLEET_ENDED: _IN_FLEET,
    Event.FLEET_CERTIFIED: _IN_FLEET,
    Event.CRASH_RECOVERED: {"bytes": _COUNT},
    Event.CLOCK_CHANGED: {"seconds": _SECONDS},
    Event.LOG_ROTATED: {"size": _COUNT, "root": _SHA256},
    Event.LOG_RESTARTED: {"size": _COUNT},
    Event.LOG_EXPIRED: {"month": Kind("a month such as 2026-11", _matching(_MONTH)), "size": _COUNT, "root": _SHA256},
}


def check(event: Event, fields: Mapping[str, object], known_settings: Collection[str] | None = None) -> None:
    """Raise FieldError unless `fields` are exactly those of `event`, each of its kind.

    `known_settings`: the key paths that `settings.changed` may name; None allows all that look like one.
    """
    kinds = FIELDS[event]
    if unknown := fields.keys() - kinds.keys():
        raise FieldError(f"{event} has no field {sorted(unknown)[0]!r}; it has {', '.join(kinds) or 'none'}")
    for name, kind in kinds.items():
        if name not in fields and not kind.optional:
            raise FieldError(f"{event} needs the field {name!r}: {kind.words}")
        if name in fields and not kind.fits(fields[name]):
            raise FieldError(f"the field {name!r} of {event} must be {kind.words}")
    if event is Event.SETTINGS_CHANGED and known_settings is not None and fields["setting"] not in known_settings:
        raise FieldError("the field 'setting' of settings.changed must be a setting that exists")
