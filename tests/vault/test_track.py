"""The poses beside the pictures come back as they went in, and nothing that is no track is taken for one."""

import io
import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.data import (
    MEASURE_NAMES,
    PARTS,
    Assessment,
    Measurements,
    Observation,
    Pose,
    Reason,
    Subject,
    View,
    Zone,
)
from posture.errors import Damaged, UnsupportedVersion
from posture.vault import track
from posture.vault.boxes import track_box


def subject(person=1, seed=0):
    random = np.random.default_rng(seed)
    values = random.normal(0, 40, len(MEASURE_NAMES))
    values[3] = np.nan
    reasons = [Reason.MEASURED] * len(MEASURE_NAMES)
    reasons[3] = Reason.LOW_VISIBILITY
    return Subject(
        Pose(
            person=person,
            points_px=random.uniform(0, 1920, (33, 3)),
            world_m=random.normal(0, 0.5, (33, 3)),
            visibility=random.uniform(0, 1, 33),
            presence=random.uniform(0, 1, 33),
            score=0.75,
            region=(960.0, 540.0, 700.0, 0.25),
        ),
        Measurements(View.SIDE, 87.5, values, tuple(reasons)),
        Assessment(
            (Zone.ACCEPTABLE, Zone.UNKNOWN, Zone.CONDITIONAL, Zone.NOT_RECOMMENDED, Zone.ACCEPTABLE),
            (Reason.MEASURED, Reason.WRONG_VIEW, Reason.MEASURED, Reason.MEASURED, Reason.MEASURED),
        ),
    )


def same(got, wanted, scale=1.0):
    assert (got.pose.person, got.pose.score, got.pose.skeleton) == (wanted.pose.person, 0.75, "blazepose-33")
    np.testing.assert_allclose(got.pose.points_px, wanted.pose.points_px * scale, rtol=1e-6)
    np.testing.assert_allclose(got.pose.world_m, wanted.pose.world_m, atol=1.1e-3)
    np.testing.assert_allclose(got.pose.visibility, wanted.pose.visibility, atol=0.002)
    np.testing.assert_allclose(got.pose.presence, wanted.pose.presence, atol=0.002)
    x, y, side, rotation = wanted.pose.region
    assert got.pose.region == pytest.approx((x * scale, y * scale, side * scale, rotation))
    assert (got.measurements.view, got.measurements.facing_deg) == (View.SIDE, 87.5)
    np.testing.assert_allclose(got.measurements.values, wanted.measurements.values, rtol=1e-6)
    assert got.measurements.reasons == wanted.measurements.reasons
    assert got.assessment == wanted.assessment
    assert not got.pose.points_px.flags.writeable


def looks():
    return [
        track.Look(0.0, 0, Observation(40, 9.0, (subject(1), subject(7, seed=1)), others=2)),
        track.Look(0.1, 1, Observation(43, 9.1)),
        track.Look(0.9, 9, Observation(60, 9.9, (subject(7, seed=2),))),
    ]


def test_looks_come_back():
    got = track.decode(track.encode(looks(), 1280, 720, 2 / 3), 5.0, 50)
    assert [(one.index, round(one.time_s, 6), one.others) for one in got] == [(50, 5.0, 2), (51, 5.1, 0), (59, 5.9, 0)]
    assert [len(one.people) for one in got] == [2, 0, 1]
    for one, look in zip(got, looks(), strict=True):
        for person, wanted in zip(one.people, look.observation.people, strict=True):
            same(person, wanted, 2 / 3)


def test_a_second_of_one_person_is_small():
    one = [track.Look(n / 10, n, Observation(n, n / 10, (subject(),))) for n in range(10)]
    assert len(track.encode(one, 1280, 720)) < 9000


def test_there_is_a_place_for_each_word():
    assert (len(PARTS), len(MEASURE_NAMES)) == (5, 24), "another vocabulary is another version of the track"


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"\0", lambda b: b"", lambda b: b[:9]])
def test_a_track_of_another_length_is_damaged(change):
    with pytest.raises(Damaged):
        track.decode(change(track.encode(looks(), 64, 48)), 0.0, 0)


@pytest.mark.parametrize("place", range(4))
def test_another_version_says_so(place):
    body = bytearray(track.encode(looks(), 64, 48))
    body[place] += 1
    with pytest.raises(UnsupportedVersion, match="another version"):
        track.decode(bytes(body), 0.0, 0)


@given(st.binary(max_size=300), st.integers(0, 60), st.binary(min_size=1, max_size=8))
def test_what_is_no_track_is_refused(content, place, other):
    whole = bytearray(track.encode(looks()[1:2], 64, 48))
    whole[place : place + len(other)] = other
    for body in (content, bytes(whole)):
        with suppress(Damaged, UnsupportedVersion):
            track.decode(body, 0.0, 0)


def box(kind, content):
    return struct.pack(">I4s", 8 + len(content), kind) + content


def fragment(ticks, count, body=b""):
    tfdt, trun = struct.pack(">IQ", 1 << 24, ticks), struct.pack(">II", 0, count)
    boxes = box(b"moof", box(b"traf", box(b"tfdt", tfdt) + box(b"trun", trun))) + box(b"mdat", b"")
    return (track_box(body) if body else b"") + boxes


def movie(*fragments):
    mdhd = struct.pack(">IIII", 0, 0, 0, 90_000)
    return box(b"moov", box(b"trak", box(b"mdia", box(b"mdhd", mdhd)))) + b"".join(fragments)


def test_times_and_numbers_are_those_of_the_video():
    content = movie(
        fragment(0, 10, track.encode(looks(), 64, 48)),
        fragment(90_000, 10),
        fragment(270_000, 10, track.encode(looks()[2:], 64, 48)),
    )
    got = list(track.read(io.BytesIO(content)))
    assert [(one.index, round(one.time_s, 5)) for one in got] == [(0, 0.0), (1, 0.1), (9, 0.9), (29, 3.9)]


@pytest.mark.parametrize("content", [b"1234567", movie(fragment(0, 1))[:-3], fragment(0, 1, track.encode([], 4, 4))])
def test_a_file_that_is_no_clip_is_damaged(content):
    with pytest.raises(Damaged):
        list(track.read(io.BytesIO(content)))
