import dataclasses
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture import wire
from posture.data import (
    MEASURE_NAMES,
    PARTS,
    Assessment,
    Damage,
    Measurements,
    Observation,
    Pose,
    Reason,
    Subject,
    View,
    Zone,
)
from posture.errors import SourceError


def observation():
    points = np.arange(99.0).reshape(33, 3)
    pose = Pose(1, points, points / 100, np.linspace(0, 1, 33), np.linspace(1, 0, 33), 0.9, (1.0, 2.0, 3.0, 0.1))
    values = np.full(len(MEASURE_NAMES), np.nan)
    measurements = Measurements(View.SIDE, 88.0, values, (Reason.LOW_VISIBILITY,) * len(values))
    assessment = Assessment((Zone.UNKNOWN,) * len(PARTS), (Reason.WRONG_VIEW,) * len(PARTS))
    return Observation(7, 0.25, (Subject(pose, measurements, assessment),), others=2, corrupt=True)


def sent(*messages):
    stream = io.BytesIO()
    for message in messages:
        wire.write(stream, message)
    return stream.getvalue()


def test_observations_arrive_as_they_were():
    before = observation()
    data = io.BytesIO(sent(wire.Batch([before], 8, 0.25, 1.5), wire.Redone("damage")))
    batch, redone = wire.read(data), wire.read(data)
    assert wire.read(data) is None
    assert redone == wire.Redone("damage")
    after = batch.observations[0]
    assert (after.index, after.time_s, after.others, after.corrupt) == (7, 0.25, 2, True)
    pose = after.people[0].pose
    np.testing.assert_array_equal(pose.points_px, before.people[0].pose.points_px)
    assert not pose.points_px.flags.writeable
    assert np.isnan(after.people[0].measurements.values).all()
    assert after.people[0].measurements.reasons == before.people[0].measurements.reasons
    assert after.people[0].assessment == before.people[0].assessment


def changed(**arrays):
    """A batch whose one pose has other arrays."""
    before = observation()
    (subject,) = before.people
    pose = dataclasses.replace(subject.pose, **arrays)
    return wire.Batch([dataclasses.replace(before, people=(dataclasses.replace(subject, pose=pose),))], 8, 0.25, 1.5)


@pytest.mark.parametrize(
    "arrays",
    [
        {"points_px": np.zeros((32, 3))},
        {"world_m": np.zeros(99)},
        {"visibility": np.zeros((33, 1))},
        {"presence": np.zeros(0)},
    ],
)
def test_an_array_of_another_shape_is_refused(arrays):
    with pytest.raises(SourceError, match="no message"):
        wire.read(io.BytesIO(sent(changed(**arrays))))


def test_missing_zones_are_refused():
    before = observation()
    (subject,) = before.people
    subject = dataclasses.replace(subject, assessment=Assessment((), ()))
    with pytest.raises(SourceError, match="no message"):
        wire.read(io.BytesIO(sent(wire.Batch([dataclasses.replace(before, people=(subject,))], 8, 0.25, 1.5))))


def test_a_message_that_is_nested_too_deeply_is_refused():
    content = b"\x81\xa1x" + b"\x91" * 200_000 + b"\xc0"
    with pytest.raises(SourceError, match="no message"):
        wire.read(io.BytesIO(len(content).to_bytes(4, "big") + content))


def test_the_end_in_the_middle_of_a_message_is_an_end():
    whole = sent(wire.Finished(Damage(), 3, False, 1.0, 0))
    for length in range(len(whole)):
        assert wire.read(io.BytesIO(whole[:length])) is None


def test_an_absurd_length_is_refused_before_it_is_read():
    with pytest.raises(SourceError, match="4294967295 bytes"):
        wire.read(io.BytesIO(b"\xff\xff\xff\xff"))


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_one_clear_error(content):
    data = len(content).to_bytes(4, "big") + content
    with pytest.raises(SourceError, match="no message"):
        wire.read(io.BytesIO(data))


@given(st.integers(0, 3000), st.integers(0, 255))
def test_a_changed_byte_is_a_message_or_a_clear_error(position, value):
    data = bytearray(sent(wire.Batch([observation()], 8, 0.25, 1.5)))
    data[4 + position % (len(data) - 4)] = value
    try:
        message = wire.read(io.BytesIO(bytes(data)))
    except SourceError:
        return
    assert isinstance(message, wire.Message)
