"""The search of tools/check_scrub.py finds a text however it is written, and its lists know what is no structure."""

import base64
import zlib
from urllib.parse import quote

import pytest
from check_scrub import _faults, found_in
from hypothesis import given
from hypothesis import strategies as st

VALUE = "Ada Planted"


@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode().hex().encode(),
        lambda text: quote(text).encode(),
        lambda text: zlib.compress(b"before" + text.encode()),
    ],
)
def test_a_text_is_found_however_it_is_written(write):
    assert found_in(b"\1\2" + write(VALUE) + b"\3", [VALUE]) == {VALUE}
    assert found_in(b"\1\2" + write("Bob Planted") + b"\3", [VALUE]) == set()


@given(st.binary(max_size=9), st.binary(max_size=9))
def test_a_text_inside_of_base64_is_found_wherever_it_begins(before, after):
    assert found_in(base64.b64encode(before + VALUE.encode() + after), [VALUE]) == {VALUE}


def test_keys_that_are_no_structure_are_faults():
    pairs = [("ImageWidth", 3), ("GPSLatitude", 47), ("CreateDate", "0000:00:00 00:00:00"), ("MuxingApp", "Lavf")]
    assert _faults("exiftool", pairs) == ["GPSLatitude", "MuxingApp"]
