"""Coded pictures: messages and user data go, what decoding and screens need stays, byte for byte."""

import dirty_files
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.privacy.scrub import sound, units
from posture.privacy.scrub.found import Broken, Notes, OnlyAnew

SLICE = b"\x65\x88\x84\x00\x10"
TEXT = dirty_files.TEXT.encode()
AVCC = bytes.fromhex("0164000a ffe1 0004 6764000a 01 0003 68ebe3".replace(" ", ""))


def by_length(*parts):
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def filtered(sample, codec="h264", extradata=AVCC):
    run, _, notes = units.for_codec(codec, extradata)
    return run(sample, notes), {(one.kind, one.place) for one in notes.findings}


def sei(*messages):
    return b"\x06" + b"".join(bytes((kind, len(body))) + body for kind, body in messages) + b"\x80"


@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        (sei((5, bytes(range(1, 17)) + TEXT)), "text of the encoder"),
        (sei((4, TEXT)), "captions or user data"),
        (sei((1, b"\x11\x22")), "time code"),
        (sei((200, TEXT)), "unknown part"),
        (b"\x0c" + TEXT, "unknown part"),
        (b"\x1e" + TEXT, "unknown part"),
    ],
)
def test_what_is_no_picture_goes_and_is_named(unit, kind):
    content, found = filtered(by_length(unit, SLICE))
    assert content == by_length(SLICE)
    assert {one for one, _ in found} == {kind}


def test_a_message_that_decoding_needs_stays_and_its_neighbour_goes():
    recovery = (6, b"\x84")
    content, _ = filtered(by_length(sei(recovery), SLICE))
    assert content == by_length(sei(recovery), SLICE)
    content, found = filtered(by_length(sei((5, bytes(range(1, 17)) + TEXT), recovery), SLICE))
    assert content == by_length(sei(recovery), SLICE)
    assert len(found) == 1


@given(st.lists(st.sampled_from([0, 1, 2, 3, 0x80, 0xFF]), max_size=40).map(bytes))
def test_zeros_in_a_kept_message_survive_being_written_again(body):
    recovery = b"\x89" + bytes((len(body),)) + body  # 137: mastering display
    unit = units._escaped(b"\x05\x11" + bytes(range(1, 18)) + recovery + b"\x80")
    content, _ = filtered(by_length(b"\x06" + unit, SLICE))
    kept = content[4 : -len(by_length(SLICE))]
    assert kept[1:].replace(b"\0\0\3", b"\0\0") == recovery + b"\x80"
    assert b"\0\0\0" not in kept
    assert b"\0\0\1" not in kept


def test_start_codes_instead_of_lengths():
    content, found = filtered(dirty_files.message(TEXT) + b"\0\0\1" + SLICE, extradata=b"")
    assert content == b"\0\0\0\1" + SLICE
    assert {one for one, _ in found} == {"text of the encoder"}


def test_bytes_behind_the_parameter_sets_go():
    _, header, _ = units.for_codec("h264", AVCC + b"\xfd\xf8\xf8\0" + TEXT)
    assert header == AVCC + b"\xfd\xf8\xf8\0"


def test_av1_metadata_go_but_for_brightness():
    sequence, light, text = b"\x0a\x02ab", b"\x2a\x05\x01abcd", b"\x2a\x05\x04abcd"
    content, found = filtered(sequence + light + text, "av1", b"\x81\0\0\0")
    assert content == sequence + light
    assert {one for one, _ in found} == {"captions or user data"}


def test_user_data_and_time_codes_of_mpeg2_go():
    group, picture = b"\0\0\1\xb8\x21\x48\x0b\x40", b"\0\0\1\x00abcd"
    content, found = filtered(b"\0\0\1\xb2" + TEXT + group + picture, "mpeg2video", b"")
    assert content == b"\0\0\1\xb8\0\x08\0\x40" + picture
    assert {one for one, _ in found} == {"captions or user data", "time code"}


def test_a_codec_that_nobody_knows_is_refused():
    for made in (units.for_codec, sound.for_codec):
        with pytest.raises(OnlyAnew):
            made("vc1image", b"")


@given(st.binary(max_size=60), st.sampled_from(["h264", "hevc", "av1", "mpeg2video", "mpeg4"]))
def test_any_bytes_are_filtered_or_broken(sample, codec):
    run, _, notes = units.for_codec(codec, {"h264": AVCC, "av1": b"\x81\0\0\0"}.get(codec, b""))
    try:
        once = run(sample, notes)
    except Broken:
        return
    later = Notes()
    assert run(once, later) == once
    assert not later.findings


def test_comments_of_vorbis_and_flac_go():
    identification, setup = b"\1vorbis" + bytes(23), b"\5vorbis" + bytes(300)
    comment = b"\3vorbis" + TEXT * 20
    laced = bytes((2, len(identification))) + b"\xff" * (len(comment) // 255) + bytes((len(comment) % 255,))
    _, header, notes = sound.for_codec("vorbis", laced + identification + comment + setup)
    assert dirty_files.left(header) == set()
    assert header.endswith(setup)
    assert notes.findings
    _, header, notes = sound.for_codec("flac", bytes(34) + TEXT)
    assert header == bytes(34)
    assert notes.findings
