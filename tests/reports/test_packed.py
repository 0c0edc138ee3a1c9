import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from posture.reports.packed import CHUNK_ROWS, Packed

WHOLE = st.integers(-(2**30) + 1, 2**30 - 1)


@given(arrays(np.int64, st.tuples(st.integers(1, 40), st.just(3)), elements=WHOLE), st.data())
@settings(max_examples=60)
def test_what_went_in_comes_out(fixed, data):
    steps = [0.01, 0.0001, 1.0]
    values = fixed * steps
    gone = data.draw(arrays(np.bool_, values.shape))
    values = np.where(gone, np.nan, values)
    packed = Packed(steps)
    for row in values:
        packed.append(row)
    np.testing.assert_allclose(packed.read(), values, rtol=1e-12, atol=0)


@pytest.mark.parametrize("rows", [0, 1, CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1, 3 * CHUNK_ROWS])
def test_chunk_edges(rows):
    packed = Packed([1, 0.5], np.int64)
    for i in range(rows):
        packed.append([i, -i / 2])
    assert len(packed) == rows
    assert packed.chunk_count == -(-rows // CHUNK_ROWS)
    np.testing.assert_array_equal(packed.read(), np.column_stack([np.arange(rows), -np.arange(rows) / 2]))
    np.testing.assert_array_equal(packed.column(1), -np.arange(rows) / 2)
    for i in range(0, rows, 257):
        assert packed.row(i).tolist() == [i, -i / 2]


def test_values_are_rounded_to_their_step_and_the_impossible_is_kept_apart():
    packed = Packed([0.1])
    for value in (0.26, -0.26, np.inf, np.nan, 1e30):
        packed.append([value])
    found = packed.read()[:, 0]
    assert found[:2] == pytest.approx([0.3, -0.3])
    assert np.isnan(found[2:4]).all()
    assert found[4] == pytest.approx((2**31 - 1) // 2 * 0.1)


def test_a_still_series_takes_hardly_any_room():
    packed = Packed([0.01] * 20)
    for _ in range(10 * CHUNK_ROWS):
        packed.append([12.34] * 20)
    assert packed.packed_bytes < 10 * 1000
