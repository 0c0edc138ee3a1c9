from importlib import resources

import msgspec

from posture.data import MEASURE_NAMES, PARTS, Reason, View, Zone
from posture.reports import statements, words
from posture.reports.criteria import NOT_ENTERED, SITTING_NOT_SEEN
from posture.reports.schema import json_schema


def test_the_schema_beside_the_code_is_that_of_the_code():
    """After a change: write `msgspec.json.format(msgspec.json.encode(json_schema(), order="sorted"))` there again."""
    stored = resources.files("posture.reports").joinpath("report.schema.json").read_bytes()
    assert msgspec.json.decode(stored) == msgspec.json.decode(msgspec.json.encode(json_schema()))


def test_everything_has_words():
    assert set(words.MEASURES) == set(MEASURE_NAMES)
    assert set(words.PARTS) == set(statements.ADVICE) == set(PARTS)
    assert set(words.ZONES) == set(Zone)
    assert set(words.REASONS) == {*Reason, NOT_ENTERED, SITTING_NOT_SEEN}
    assert set(words.VIEWS) == set(View)


def test_wording():
    said = " ".join((*statements.LIMITS, *statements.PRIVACY))
    assert "pseudonymised" in said
    assert "anonymous" not in said
    assert "after ISO 11226" in said
    assert "not a medical device" in said
