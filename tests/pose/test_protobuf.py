"""The reader of protocol buffers: what is unusual is refused, and nothing makes it slow or deep."""

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.errors import ModelMismatch, ModelRefused
from posture.pose import protobuf
from posture.pose.protobuf import DEPTH_LIMIT, NUMBERS_LIMIT, Field, parse

SCHEMA = {
    "Tree": {
        1: Field("child", "Tree", repeated=True),
        2: Field("name", "text"),
        3: Field("number", "int"),
        4: Field("numbers", "int", repeated=True),
        5: Field("half", "float"),
        6: Field("wholes", "double", repeated=True),
        7: Field("content", "bytes"),
        8: Field("only", "Tree"),
        9: Field("small", "int32"),
        10: Field("smalls", "int32", repeated=True),
    }
}


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number, wire, content=b""):
    return varint(number << 3 | wire) + (varint(len(content)) + content if wire == 2 else content)


def read(data):
    return parse(data, SCHEMA, "Tree")


@given(st.integers(-(1 << 63), (1 << 63) - 1), st.text(), st.binary(), st.lists(st.integers(-(1 << 63), (1 << 63) - 1)))
def test_what_is_written_is_read(number, name, content, numbers):
    packed = b"".join(varint(n) for n in numbers[:NUMBERS_LIMIT])
    tree = read(
        field(2, 2, name.encode()) + field(3, 0, varint(number)) + field(7, 2, content) + field(4, 2, packed)
    )  # fmt: skip
    assert (tree.text("name"), tree.number("number"), tree.content("content")) == (name, number, content)
    assert tree.numbers("numbers") == numbers[:NUMBERS_LIMIT]


def test_packed_and_single_numbers_are_one_list():
    tree = read(field(4, 0, varint(1)) + field(4, 2, varint(2) + varint(-3)) + field(4, 0, varint(4)))
    assert tree.numbers("numbers") == [1, 2, -3, 4]
    halves = read(field(5, 5, struct.pack("<f", 0.5)) + field(6, 2, struct.pack("<2d", 1, -2)))
    assert halves.fields["half"] == [0.5]
    assert halves.numbers("wholes", "double") == [1.0, -2.0]


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_of_a_number_of_32_bits_nothing_is_cut_off(number):
    """Other readers keep the low 32 bits: 7 + 2^32 would be 7 for them and something else here."""
    for data, name in ((field(9, 0), "small"), (field(10, 0), "smalls")):
        read_it = lambda data=data, name=name: read(data + varint(number)).numbers(name, "int32")  # noqa: E731
        if -(1 << 31) <= number < 1 << 31:
            assert read_it() == [number]
        else:
            with pytest.raises(ModelMismatch, match=f"{name}: the number {number} has more than the 32 bits"):
                read_it()


def test_of_packed_numbers_of_32_bits_nothing_is_cut_off():
    assert read(field(10, 2, varint(7) + varint(-1))).numbers("smalls", "int32") == [7, -1]
    with pytest.raises(ModelMismatch, match="32 bits"):
        read(field(10, 2, varint(7) + varint(7 + (1 << 32)))).numbers("smalls", "int32")


def test_an_absent_field_is_empty():
    tree = read(b"")
    assert (tree.text("name"), tree.number("number", 7), tree.content("content")) == ("", 7, b"")
    assert (tree.messages("child"), tree.message("only"), tree.numbers("numbers")) == ([], None, [])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x80", "cut or longer"),
        (b"\x18" + b"\x80" * 10 + b"\x01", "cut or longer"),
        (b"\x18" + b"\xff" * 9 + b"\x02", "more bytes or bits"),
        (b"\x18\x80\x00", "more bytes or bits"),
        (b"\x98\x00\x01", "more bytes or bits"),
        (b"\x12\x05abc", "beyond its end"),
        (b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "beyond its end"),
        (b"\x2d\x00\x00", "beyond its end"),
        (b"\x12\x01\xff", "not UTF-8"),
        (b"\x00", "field 0 is unknown"),
        (b"\x58\x01", "field 11 is unknown"),
        (b"\x0b\x0c", "wire type 3"),
        (b"\x13", "wire type 3"),
        (b"\x16", "wire type 6"),
        (b"\x10\x01", "wire type 0 instead of 2"),
        (b"\x08\x01", "wire type 0 instead of 2"),
        (b"\x1a\x01\x01", "wire type 2 instead of 0"),
        (b"\x12\x00\x12\x00", "name is there twice"),
        (b"\x42\x00\x42\x00", "only is there twice"),
    ],
)
def test_malformed_bytes_are_named(data, words):
    with pytest.raises(ModelMismatch, match=words):
        read(data)


@pytest.mark.parametrize("content", [b"\x80", b"\x80\x00"])
def test_a_malformed_packing_is_refused_when_it_is_read(content):
    with pytest.raises(ModelMismatch, match=r"tree\.numbers"):
        read(field(4, 2, content)).numbers("numbers")
    with pytest.raises(ModelMismatch, match="no whole number of values"):
        read(field(6, 2, b"1234567")).numbers("wholes", "double")


def test_a_long_list_is_not_unpacked():
    for data in (field(4, 2, b"\x01" * 10_000_000), field(4, 0, b"\x01") * (NUMBERS_LIMIT + 1)):
        with pytest.raises(ModelRefused, match=f"more than {NUMBERS_LIMIT} numbers"):
            read(data).numbers("numbers")


def nested(depth):
    data = b""
    for _ in range(depth):
        data = field(8, 2, data)
    return data


def test_depth_is_bounded():
    assert read(nested(DEPTH_LIMIT - 1)).kind == "Tree"
    with pytest.raises(ModelRefused, match=f"deeper than {DEPTH_LIMIT}"):
        read(nested(DEPTH_LIMIT))


def test_a_hundred_thousand_levels_do_no_harm():
    heads, size = [], 0
    for _ in range(100_000):
        heads.append(b"\x42" + varint(size))
        size += len(heads[-1])
    with pytest.raises(ModelRefused, match="deeper"):
        read(b"".join(reversed(heads)))


def test_the_number_of_fields_is_bounded(monkeypatch):
    monkeypatch.setattr(protobuf, "FIELDS_LIMIT", 100)
    assert len(read(b"\x0a\x00" * 100).messages("child")) == 100
    with pytest.raises(ModelRefused, match="more than 100 fields"):
        read(b"\x0a\x00" * 101)


def test_the_largest_file_takes_seconds_at_most():
    began = time.process_time()
    with pytest.raises(ModelRefused, match="fields"):
        read(b"\x0a\x00" * (32 << 20))
    assert time.process_time() - began < 20
