"""Comparisons: what changed is found, what did not is not, and what cannot be compared is refused with the reason."""

import dataclasses
import io
import json

import numpy as np
import pytest

from posture.errors import ConfigError, NoInput, VideoUnreadable
from posture.reports import FORMATS, score_table, summarise
from posture.reports.compared import Series, compare, read_series
from posture.reports.compared.difference import DRAWS
from posture.reports.compared.page import FORMATS as WRITTEN
from posture.reports.compared.page import write
from posture.reports.scores import settings_of


def series(angle, *, zone=None, name="one", step_s=0.5, **facts):
    """A series of one angle."""
    count = len(angle)
    zones = np.zeros(count) if zone is None else zone
    return Series(
        name, np.arange(count) * step_s, np.full(count, step_s), {"trunk_inclination_deg": np.asarray(angle, float)},
        {"trunk": zones}, {}, {"side": count * step_s}, rate_hz=1 / step_s, **facts,
    )  # fmt: skip


def wander(seed, count=600, mean=20.0):
    """A posture that stays like itself for seconds: an AR(1) process, standard deviation 5 degrees."""
    random, values = np.random.default_rng(seed), np.empty(count)
    values[0] = random.normal(0, 5)
    for i in range(1, count):
        values[i] = 0.95 * values[i - 1] + random.normal(0, 5 * (1 - 0.95**2) ** 0.5)
    return mean + values


def test_a_change_is_the_difference_of_the_percentiles_and_its_interval_holds_it():
    before, after = series(wander(1, mean=30)), series(wander(2, mean=20))
    p50 = next(one for one in compare(before, after).differences if one.figure == "p50")
    exact = np.percentile(after.angles["trunk_inclination_deg"], 50, method="inverted_cdf")
    exact -= np.percentile(before.angles["trunk_inclination_deg"], 50, method="inverted_cdf")
    assert p50.change == pytest.approx(exact, abs=0.02)
    assert p50.low < -10 < p50.high < 0


def test_intervals_hold_no_change_about_as_often_as_they_say():
    held = 0
    for seed in range(40):
        found = compare(series(wander(2 * seed + 100)), series(wander(2 * seed + 101)))
        held += not next(one for one in found.differences if one.figure == "p50").shown
    assert held >= 33  # of 40; 38 expected, and a bootstrap over single frames holds about a quarter


def test_shares_of_zones_add_up_before_and_after():
    zone = np.repeat([0.0, 1.0, 2.0], 100)
    found = [one for one in compare(series(wander(1, 300), zone=zone), series(wander(2, 300))).differences
             if one.kind == "zone"]  # fmt: skip
    assert [one.before for one in found] == pytest.approx([1 / 3] * 3, abs=1e-4)
    assert [one.after for one in found] == [1, 0, 0]


def test_the_same_input_gives_the_same_intervals():
    before, after = series(wander(1)), series(wander(2))
    assert compare(before, after) == compare(before, after)
    assert DRAWS >= 1000


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"views_s": {"front": 300.0}}, "each view measures other angles"),
        ({"model": "b" * 64}, "different models"),
        ({"settings": {"scores.deadband_deg": 10.0}}, "scores.deadband_deg"),
        ({"rate_hz": 9.0}, "same --rate"),
        ({"duration_s": np.full(600, 0.05)}, "too little to compare"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_reason(change, reason):
    plain = series(wander(1), model="a" * 64, settings={"scores.deadband_deg": 5.0})
    with pytest.raises(ConfigError, match=reason):
        compare(plain, dataclasses.replace(plain, **change))


def test_a_quantity_that_is_hardly_known_is_left_out_with_the_reason():
    angle = wander(1)
    angle[40:] = np.nan
    found = compare(series(angle), series(wander(2)))
    assert found.left_out == {"trunk_inclination_deg": "too_short"}


@pytest.fixture(scope="module")
def reports(make, tmp_path_factory):
    """A report in JSON and CSV of the same session."""
    folder, table = tmp_path_factory.mktemp("reports"), make.filled(list(make.desk_session(seconds=240)))
    provenance = make.provenance(label="before")
    scored = score_table(table, provenance.task, settings_of(provenance.settings))
    summary = summarise(table, provenance, scored)
    for name in ("json", "csv"):
        with (folder / f"report.{name}").open("wb") as out:
            FORMATS[name].write(summary, table.rows(scored.rows), out)
    return folder


def test_json_and_csv_of_a_session_do_not_differ(reports):
    of_json, of_csv = (read_series(reports / f"report.{name}") for name in ("json", "csv"))
    found = compare(of_csv, of_json)
    assert {one.name for one in found.differences if one.kind == "zone"} >= {"trunk", "head"}
    assert [one.name for one in found.differences if one.kind != "score" and abs(one.change) > 2] == []


def test_every_format_is_written_in_both_languages(reports):
    one = read_series(reports / "report.csv")
    for language in ("en", "de"):
        found = compare(one, one, language=language)
        for name in WRITTEN:
            out = io.BytesIO()
            write(found, name, out)
            assert out.getvalue()
            if name == "json":
                assert json.loads(out.getvalue())["schema"] == "posture.comparison/1"


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.json", b"{}", VideoUnreadable), ("a.json", b"\xff", VideoUnreadable), ("a.csv", b"", VideoUnreadable),
        ("a.csv", b"time_s,duration_s,person,view\r\n", VideoUnreadable), ("a.csv", b"x\r\n1\r\n", VideoUnreadable),
        ("a.csv", None, NoInput),
    ],
)  # fmt: skip
def test_what_is_no_report_is_said(tmp_path, name, content, error):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(error):
        read_series(tmp_path / name)
