"""The promise of the log: no free text, no name, no path gets in, whatever a caller hands over."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.audit.clock import Moment
from posture.audit.events import (
    CALLS,
    CONSENT_KINDS,
    EXPORT_REASONS,
    FIELDS,
    FORMATS,
    LAYERS,
    REFUSALS,
    VERBS,
    Event,
    FieldError,
    check,
)  # fmt: skip
from posture.audit.records import ENTRY_LIMIT_BYTES, decode, encode
from posture.interchange import FORMATS as POSE_FORMATS
from posture.reports import FORMATS as REPORT_FORMATS

# One sound value for each field by its name.
SOUND = {
    "verb": "demo", "version": "0.1.0", "exit_code": 0, "sha256": "a" * 64, "reason": "hash", "key_id": "0" * 8,
    "clip": "f" * 32, "bytes": 7, "format": "html", "setting": "pose.model", "removed": 0, "layer": "decoding",
    "call": "connect", "seconds": -3, "size": 9, "root": "b" * 64, "month": "2026-11",
    "purpose": "own-use",
    "note": "0" * 16, "kind": "notice", "files": 3, "keys": 4, "serial": 5,
}  # fmt: skip
LONGEST = SOUND | {
    "version": "1000.1000.1000.1000rc100.post1000", "key_id": "f" * 16, "setting": f"{'a' * 29}.{'b' * 30}",
    "bytes": 2**53 - 1, "size": 2**53 - 1, "seconds": -(2**53) + 1,
    "files": 2**53 - 1, "keys": 2**53 - 1, "serial": 2**53 - 1,
}  # fmt: skip
NAMES = sorted({(event, name) for event, fields in FIELDS.items() for name in fields})
# All text that may stand in an entry: closed lists, and shapes that hold no words.
WORDS = {*VERBS, *FORMATS, *REFUSALS, *LAYERS, *CALLS, *EXPORT_REASONS, *CONSENT_KINDS}
SHAPES = re.compile(r"[0-9a-f]{8}|[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{64}|[0-9]+(\.[0-9]+)+((a|b|rc)[0-9]+)?"
                    r"(\.(post|dev)[0-9]+)?|[0-9]{4}-[0-9]{2}")  # fmt: skip


def sound(event, values=SOUND):
    return {name: values[name] for name in FIELDS[event]}


def test_every_event_has_its_table():
    assert set(FIELDS) == set(Event)
    assert {name for _, name in NAMES} == set(SOUND)
    assert all(re.fullmatch(r"[a-z]+(\.[a-z]+)+", event) for event in Event)
    assert not {name for _, name in NAMES} & {"seq", "wall", "mono_ns", "ev"}


@pytest.mark.parametrize("event", Event)
def test_sound_fields_are_taken_and_fit_into_a_record(event):
    for values in (SOUND, LONGEST):
        check(event, sound(event, values))
        entry = encode(2**53, Moment(2**53, 2**63), event, sound(event, values))
        assert decode(entry)["ev"] == event
        assert len(entry) < 400 < ENTRY_LIMIT_BYTES


@pytest.mark.parametrize(("event", "name"), NAMES)
def test_every_field_is_needed_but_what_nobody_knows_of_a_bad_model(event, name):
    fields = sound(event)
    del fields[name]
    if (event, name) in {
        (Event.MODEL_REFUSED, "sha256"),
        (Event.MODEL_REMOVED, "sha256"),
        (Event.MODEL_REMOVED, "key_id"),
    }:
        check(event, fields)
        return
    with pytest.raises(FieldError, match=f"needs the field '{name}'"):
        check(event, fields)


@pytest.mark.parametrize("event", Event)
def test_no_other_field_is_taken(event):
    with pytest.raises(FieldError, match="has no field 'path'"):
        check(event, {**sound(event), "path": "x"})


anything = (
    st.text()
    | st.binary()
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.none()
    | st.lists(st.text())
    | st.from_regex(r"[a-z]{3,12}( [A-Z][a-z]+)?", fullmatch=True)
    | st.sampled_from(["/home/ada/x.mp4", r"C:\Users\Ada", "ada@example.com", "a" * 63 + "\n", "A" * 64, "0.1.0 Ada"])
)


def refusal(event, fields):
    """Why these fields are refused; None if they are not."""
    try:
        check(event, fields)
    except FieldError as error:
        return str(error)
    return None


@given(st.sampled_from(NAMES), anything)
def test_free_text_is_taken_by_no_field(where, value):
    event, name = where
    reason = refusal(event, {**sound(event), name: value})
    if reason is not None:
        assert len(str(value)) <= 12 or str(value) not in reason, "an error may be printed: it must not show the value"
    elif name == "setting":
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+){1,2}", value)
    elif isinstance(value, str):
        assert value in WORDS or SHAPES.fullmatch(value)
    else:
        assert type(value) is int


@given(st.text())
def test_a_setting_is_one_that_exists(text):
    check(Event.SETTINGS_CHANGED, {"setting": "pose.model"}, {"pose.model"})
    with pytest.raises(FieldError):
        check(Event.SETTINGS_CHANGED, {"setting": text if text != "pose.model" else ""}, {"pose.model"})


@pytest.mark.parametrize(
    ("event", "name", "value"),
    [
        (Event.PROGRAM_ENDED, "exit_code", 256),
        (Event.PROGRAM_ENDED, "exit_code", -1),
        (Event.PROGRAM_ENDED, "exit_code", True),
        (Event.CLIP_OPENED, "clip", "f" * 31),
        (Event.CLIP_OPENED, "clip", "f" * 31 + "g"),
        (Event.CLIP_OPENED, "clip", "f" * 31 + "٣"),
        (Event.CLIP_CLOSED, "bytes", -1),
        (Event.CLIP_CLOSED, "bytes", 2**53),
        (Event.PROGRAM_STARTED, "version", "1.٣"),
        (Event.PROGRAM_STARTED, "version", "0.1.0\n"),
        (Event.PROGRAM_STARTED, "verb", "ada"),
        (Event.REPORT_EXPORTED, "format", "html\n"),
        (Event.SETTINGS_CHANGED, "setting", "ada"),
        (Event.SETTINGS_CHANGED, "setting", "pose." + "a" * 60),
        (Event.SETTINGS_CHANGED, "setting", "pose.model\n"),
        (Event.LOG_EXPIRED, "month", "2026-13"),
        (Event.KEY_CREATED, "key_id", "0" * 12),
    ],
)
def test_what_almost_fits_is_refused(event, name, value):
    with pytest.raises(FieldError, match=f"'{name}'"):
        check(event, {**sound(event), name: value})


def test_every_format_of_a_report_has_its_word():
    assert set(REPORT_FORMATS) | set(POSE_FORMATS) <= set(FORMATS)


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=4))
def test_only_the_one_canonical_form_is_an_entry(extra):
    fields = {"seq": 1, "wall": 2, "mono_ns": 3, "ev": "x", **extra}
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    whole = {name: type(fields[name]) for name in ("seq", "wall", "mono_ns", "ev")}
    if whole == {"seq": int, "wall": int, "mono_ns": int, "ev": str}:
        assert decode(text.encode("utf-8", "surrogatepass")) == fields
    with pytest.raises(ValueError, match=r"canonical|entry"):
        decode(json.dumps(fields).encode())
