"""What ISO 11226 asks for beside inclinations, and support, in every report: times that add up, reasons, words."""

import csv
import io

import msgspec
import pytest
from msgspec.structs import replace
from workbook import Book

from posture.data import Observation
from posture.ergonomics.criteria import CRITERIA
from posture.ergonomics.score_settings import PAPER
from posture.ergonomics.support import SUPPORTS
from posture.ergonomics.task import Segment, Task
from posture.reports import FORMATS, Table, criteria_page, score_words, summarise
from posture.reports.language import speaking
from posture.reports.page import page
from posture.reports.reviewed import Reviewed
from posture.review import Override, Review

RATES = (2, 5, 12, 30, 60)


def sitting(make, rate=5.0, end_s=60.0):
    """Sits from the side, trunk at 30 degrees; from 20 s to 32 s turned by 25; the left knee at 80 degrees inside."""
    angles = make.UPRIGHT | {
        "trunk_inclination_deg": 30.0, "trunk_twist_deg": 0.0, "left_hip_flexion_deg": 90.0,
        "left_knee_flexion_deg": 100.0,
    }  # fmt: skip
    for i in range(round(end_s * rate)):
        twist = 25.0 if 20 <= i / rate < 32 else 3.0
        yield Observation(i, i / rate, (make.subject(angles | {"trunk_twist_deg": twist}),))


def summed(make, task=Task(), rate=5.0):  # noqa: B008
    table = Table(said=lambda _: task)
    for observation in sitting(make, rate):
        table.append(observation)
    return table, summarise(table, make.provenance(task=task))


def criterion(summary, name, side=""):
    return next(one for one in summary.people[0].criteria if (one.name, one.side) == (name, side))


def part(summary, name):
    return next(one for one in summary.people[0].parts if one.part == name)


@pytest.mark.parametrize("rate", RATES)
def test_times_add_up_and_do_not_depend_on_the_rate(make, rate):
    _, summary = summed(make, rate=rate)
    person = summary.people[0]
    for one in person.criteria:
        assert one.met_s + one.not_met_s + one.not_judged_s + one.beside_s == pytest.approx(person.present_s)
        assert sum(one.not_judged_reasons_s.values()) == pytest.approx(one.not_judged_s)
        shares = one.origins
        assert shares.measured + shares.entered + shares.overridden + shares.assumed == pytest.approx(1.0, abs=1e-5)
    twisted = criterion(summary, "trunk_twisted")
    assert twisted.not_met_s == pytest.approx(12.0, abs=1 / rate)
    assert (twisted.held, twisted.longest_s) == (1, pytest.approx(12.0, abs=1.001 / rate))
    assert (twisted.from_deg, twisted.to_deg) == (-20.0, 20.0)


def test_each_says_why_it_was_not_judged(make):
    _, summary = summed(make)
    why = {(one.name, one.side): one.not_judged_reasons_s for one in summary.people[0].criteria}
    assert set(why) == {(one.name, one.side) for one in CRITERIA}
    assert list(why["trunk_side_bent", ""]) == ["out_of_picture"]
    assert list(why["shoulder_raised", "left"]) == list(why["back_rounded", ""]) == ["not_entered"]
    assert criterion(summary, "knee_deg", "left").not_met_s == 60.0
    assert list(why["knee_deg", "right"]) == ["out_of_picture"]  # sits, as the other leg shows
    assert why["trunk_twisted", ""] == {}


def test_whether_a_person_sits_may_be_unknown(make, desk_summary):
    assert list(criterion(desk_summary, "knee_deg", "left").not_judged_reasons_s) == ["sitting_not_seen"]
    assert sum(one.not_entered_s for one in desk_summary.people[0].support) == pytest.approx(
        4 * desk_summary.people[0].present_s
    )


def test_support_as_entered_is_in_zones_holds_and_rows(make):
    plain_table, plain = summed(make)
    table, summary = summed(make, Task(trunk_supported=True))
    assert part(plain, "trunk").conditional_s == 60.0
    assert [hold.part for hold in plain.people[0].holds] == ["trunk"]
    assert (part(summary, "trunk").acceptable_s, part(summary, "trunk").acceptable_by_support_s) == (60.0, 60.0)
    assert summary.people[0].holds == ()
    supports = {(one.name, one.side): one for one in summary.people[0].support}
    assert supports["trunk_supported", ""].supported_s == 60.0
    assert {name for name, _ in supports} == SUPPORTS
    for made, told, zone in ((plain_table, plain, "conditional"), (table, summary, "acceptable")):
        out = io.BytesIO()
        FORMATS["csv"].write(told, made.rows(), out)
        assert {row["trunk_zone"] for row in csv.DictReader(io.StringIO(out.getvalue().decode()))} == {zone}


def test_a_hold_ends_where_support_begins(make):
    task = Task(segments=(Segment(name="on the back rest", start=30, end=60, trunk_supported=True),))
    _, summary = summed(make, task)
    (hold,) = summary.people[0].holds
    assert (hold.start_s, hold.duration_s) == (0.0, pytest.approx(29.8))


def test_support_can_be_overridden_for_one_person_in_a_review(make):
    review = Review(overrides=(Override(at="", factor="trunk_supported", value=True, start_s=0, end_s=30),))
    reviewed = Reviewed(review, lambda pose: None)
    for observation in sitting(make):
        reviewed.append(observation)
    scored = reviewed.scored(PAPER)
    facts = reviewed.facts(scored)
    found = summarise(reviewed.table, make.provenance(), scored, facts)
    assert part(found, "trunk").acceptable_by_support_s == 30.0
    assert [(change.what, change.before, change.after) for change in facts.changes] == [
        ("trunk_supported", (), (True,))
    ]
    before = summarise(reviewed.measured, make.provenance())
    assert part(before, "trunk").acceptable_by_support_s == 0.0


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ("Trunk not twisted", "not entered 1 min", "1 ×, up to 12 s", "90° to 135°")),
        ("de", ("Rumpf nicht verdreht", "nicht eingetragen 1 min", "1 ×, bis 12 s", "90° bis 135°")),
    ],
)
def test_reports_for_reading_tell_all_of_it(make, language, texts):
    table, _ = summed(make)
    task = Task(trunk_supported=True)
    summary = summarise(table, make.provenance(task=task, language=language))
    out = io.BytesIO()
    FORMATS["html"].write(summary, (), out)
    written = " ".join(out.getvalue().decode().split())
    for text in texts:
        assert text in written
    with speaking(language):
        blocks = page(summary).chapters[0].blocks
        rows = next(b for b in blocks if b.heading == criteria_page.TEXTS["criteria"]).table.rows
    assert len(rows) == len(CRITERIA)


def test_the_workbook_holds_the_same(make):
    _, summary = summed(make, Task(trunk_supported=True))
    out = io.BytesIO()
    FORMATS["xlsx"].write(summary, (), out)
    cells = Book(out.getvalue()).sheets["Criteria"].values
    assert [cells[f"{column}2"] for column in "BCDEF"] == ["Trunk not twisted", -20, 20, 48, 12]
    assert [cells[f"{column}{2 + len(CRITERIA)}"] for column in "BEFG"] == ["Trunk well supported", 60, 0, 0]


def test_json_holds_the_same(make):
    _, summary = summed(make, Task(trunk_supported=True))
    tree = msgspec.json.decode(msgspec.json.encode(summary))
    person = tree["people"][0]
    assert {one["name"] for one in person["criteria"]} == set(criteria_page.CRITERIA)
    assert person["support"][0] == {
        "name": "trunk_supported", "side": "", "supported_s": 60.0, "not_supported_s": 0.0, "not_entered_s": 0.0,
    }  # fmt: skip


def test_too_little_data_has_no_such_table(make):
    _, summary = summed(make)
    person = replace(summary.people[0], enough=False)
    assert criteria_page.blocks(person) == ()


def test_everything_has_words():
    assert set(criteria_page.CRITERIA) == {one.name for one in CRITERIA}
    assert set(score_words.FACTORS) >= SUPPORTS | {one.name for one in CRITERIA}
