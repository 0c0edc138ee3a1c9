"""Entries of the audit log as sentences for a person."""

from collections.abc import Callable
from typing import Any

from posture.audit.events import Event

SHORT_HEX = 12
"""Digits of a hash that a table shows; `--json` has all of them."""

SENTENCES: dict[str, str] = {
    Event.PROGRAM_STARTED: "posture {version} was started: {verb}",
    Event.PROGRAM_ENDED: "it ended with exit code {exit_code}",
    Event.PROGRAM_CRASHED: "the window had not ended properly the time before",
    Event.CAMERA_OPENED: "the camera was switched on",
    Event.CAMERA_CLOSED: "the camera was switched off",
    Event.MODEL_VERIFIED: "model {sha256} is what it should be",
    Event.MODEL_REFUSED: "a model was refused ({reason})",
    Event.MODEL_ADDED: "model {sha256}, signed by key {key_id}, was added",
    Event.MODEL_REMOVED: "an added model was removed",
    Event.MODEL_KEY_TRUSTED: "models signed by key {key_id} are trusted from now on",
    Event.MODEL_KEY_DISTRUSTED: "models signed by key {key_id} are not trusted any more",
    Event.CLIP_OPENED: "recording {clip} was begun",
    Event.CLIP_CLOSED: "recording {clip} was finished: {bytes} bytes, {sha256}",
    Event.CLIP_VIEWED: "recording {clip} was viewed",
    Event.CLIP_EXPORTED: "recording {clip} was exported, readable for everybody ({purpose})",
    Event.CLIP_DELETED: "recording {clip} was deleted",
    Event.CLIP_HELD: "recording {clip} is kept for longer, under a key of its own: {key_id}",
    Event.CLIP_REKEYED: "recording {clip} was encrypted for other keys, of which the first is {key_id}",
    Event.REPORT_EXPORTED: "a report was written as {format}: {sha256}",
    Event.SCRUBBED_EXPORTED: "a file without metadata was written: {bytes} bytes, {sha256}",
    Event.REDACTED_EXPORTED: "a file with hidden people was written: {bytes} bytes, {sha256}",
    Event.KEY_CREATED: "recording key {key_id} was made",
    Event.KEY_ERASED: "recording key {key_id} was erased; what it encrypted cannot be read any more",
    Event.SETTINGS_CHANGED: "the setting {setting} was changed",
    Event.CONSENT_NOTED: "a {kind} was noted: {note}",
    Event.CONSENT_WITHDRAWN: "consent {note} was withdrawn",
    Event.DATA_EXPORTED: "a copy of the data was written, readable for everybody: {files} files, index {sha256}",
    Event.DATA_ERASED: "data were erased: {keys} keys and {files} files, after the plan {sha256}",
    Event.POLICY_APPLIED: "policy number {serial}, signed by key {key_id}, is in force: {sha256}",
    Event.POLICY_WITHDRAWN: "policy number {serial} was withdrawn by an administrator",
    Event.RETENTION_RUN: "recordings that were kept long enough: {removed} removed",
    Event.NETWORK_BLOCKED: "an attempt to reach the network was blocked ({layer}: {call})",
    Event.CRASH_RECOVERED: "the program was interrupted while it wrote; {bytes} bytes of half an entry were removed",
    Event.CLOCK_CHANGED: "the clock of the machine was set by {seconds} s, or nothing was written for so long",
    Event.LOG_ROTATED: "a new month begins; the one before ended with {size} entries, root {root}",
    Event.LOG_RESTARTED: "a new log begins; the one before, of {size} readable entries, was put aside",
    Event.LOG_EXPIRED: "the {size} entries of {month} were deleted because they had expired; root {root}",
}


def sentence(entry: dict[str, Any], translated: Callable[[str], str] = str) -> str:
    """What happened. Of an event that this version does not know, or that lacks a field: the fields as they are.

    `translated` gives one of `SENTENCES` in another language.
    """
    fields = {name: _shown(value) for name, value in entry.items()}
    own = {name: value for name, value in fields.items() if name not in ("seq", "wall", "mono_ns", "ev")}
    plain = ", ".join(f"{name} {value}" for name, value in own.items())
    template = SENTENCES.get(entry["ev"])
    try:
        return translated(template).format_map(fields) if template else plain
    except KeyError:
        return plain


def _shown(value: object) -> str:
    text = str(value)
    return f"{text[:SHORT_HEX]}…" if len(text) == 64 else text
