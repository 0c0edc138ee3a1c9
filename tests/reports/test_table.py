import numpy as np
import pytest

from posture.data import MEASURE_NAMES, Observation, Reason, Zone
from posture.reports import Table
from posture.reports.packed import CHUNK_ROWS


def two_people(make):
    """Person 2 from frame 3 on, person 1 always, nobody in frame 6; person 2 is handed over first."""
    for i in range(10):
        people = [make.subject({"head_tilt_deg": float(i)}, person=1)]
        if i >= 3:
            people.insert(0, make.subject({"head_tilt_deg": -float(i)}, person=2))
        yield Observation(i * 2, i * 0.5, () if i == 6 else tuple(people), others=i % 2)


def test_rows_come_in_the_order_of_time_then_person_and_nobody_is_a_row(make):
    rows = list(make.filled(two_people(make)).rows())
    assert [(row.time_s, row.person) for row in rows][:6] == [(0, 1), (0.5, 1), (1, 1), (1.5, 1), (1.5, 2), (2, 1)]
    nobody = [row for row in rows if not row.person]
    assert [(row.time_s, row.values, row.zones) for row in nobody] == [(3.0, [], [])]
    tilt = MEASURE_NAMES.index("head_tilt_deg")
    assert [row.values[tilt] for row in rows if row.person == 2] == [-3, -4, -5, -7, -8, -9]
    assert [row.frame_index for row in rows if row.person == 1] == [0, 2, 4, 6, 8, 10, 14, 16, 18]


def test_people_and_their_columns(make):
    table = make.filled(two_people(make))
    assert {p: tuple(span) for p, span in table.people.items()} == {1: (0, 4.5, 4.5), 2: (1.5, 4.5, 3.0)}
    person = table.person(2)
    assert person.time_s.tolist() == [1.5, 2, 2.5, 3.5, 4, 4.5]
    assert person.value("head_tilt_deg").tolist() == [-3, -4, -5, -7, -8, -9]
    assert np.isnan(person.value("trunk_inclination_deg")).all()
    assert table.frames[:, 2].tolist() == [0, 1] * 5
    assert table.keypoints(0).shape == (33, 3)


def test_reasons_and_zones_survive(make):
    angles = {"trunk_inclination_deg": 70.0, "head_inclination_deg": 30.0}
    row = next(make.filled([Observation(0, 0.0, (make.subject(angles, reason=Reason.WRONG_VIEW),))]).rows())
    assert row.zones == [Zone.NOT_RECOMMENDED, Zone.CONDITIONAL, Zone.UNKNOWN, Zone.UNKNOWN, Zone.UNKNOWN]
    assert row.zone_reasons == [Reason.MEASURED] * 2 + [Reason.WRONG_VIEW] * 3
    assert row.reasons.count(Reason.MEASURED) == 2


def test_a_row_stands_for_the_time_until_the_next_but_not_for_a_gap(make):
    table = make.filled([Observation(i, t) for i, t in enumerate([0.0, 0.1, 0.25, 0.35, 20.0, 20.1])])
    assert table.duration_s.tolist() == pytest.approx([0.1, 0.15, 0.1, 1.0, 0.1, 0.1])


def test_slow_sampling_is_no_gap(make):
    table = make.filled([Observation(i, 5.0 * i) for i in range(4)])
    assert table.duration_s.tolist() == [5.0] * 4


def test_a_single_frame_stands_for_no_time(make):
    assert make.filled([Observation(0, 0.0, (make.subject(make.UPRIGHT),))]).duration_s.tolist() == [0.0]


def test_keypoints_are_handed_out_only_if_asked_for(make):
    observations = list(two_people(make))
    assert all(row.keypoints is None for row in make.filled(observations).rows())
    rows = list(make.filled(observations, keypoints=True).rows())
    assert {len(row.keypoints) for row in rows} == {0, 99}
    x, y, visibility = rows[0].keypoints[:3]
    nose = observations[0].people[0].pose.points_px[0]
    assert (x, y, visibility) == pytest.approx((nose[0], nose[1], 0.97), abs=0.051)


def test_rows_are_the_same_however_they_are_read(make):
    table = make.filled(make.desk_session(seconds=150, rate_hz=10))
    assert len(table) > 2 * CHUNK_ROWS
    person = table.person(1)
    rows = [row for row in table.rows() if row.person == 1]
    np.testing.assert_array_equal(np.array([row.values for row in rows]), person.values)
    np.testing.assert_array_equal([row.duration_s for row in rows], person.duration_s)


def test_an_hour_at_ten_hertz_fits_into_fifteen_megabytes(desk):
    assert desk.packed_bytes / len(desk) * 36_000 < 15e6


def test_an_empty_table():
    table = Table()
    assert table.people == {}
    assert list(table.rows()) == []
    assert len(table.duration_s) == 0
