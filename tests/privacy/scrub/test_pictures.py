"""Pictures full of metadata, generated: all of it goes, no pixel changes, and what is damaged is refused."""

import io

import dirty_files
import numpy as np
import pytest
from dirty_files import PICTURES, TURNED
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageSequence

from posture.privacy.scrub import icc, kinds
from posture.privacy.scrub.found import Broken, OnlyAnew
from posture.privacy.scrub.tiff_fields import small_exif
from posture.sources.same import same_picture

DIRTY = {name: make() for name, make in PICTURES.items()}
TURNING = ("jpg", "progressive.jpg", "png", "moving.png", "webp", "moving.webp", "tif", "avif")
EXPECTED = {
    "jpg": {"position", "device", "date", "name or text", "maker's note", "editing history", "unknown part"}
    | {"further picture", "text of a colour profile", "preview picture", "video in the picture"},
    "png": {"position", "device", "date", "name or text", "maker's note", "unknown part", "bytes after the end"},
    "webp": {"position", "device", "date", "name or text", "unknown part", "bytes after the end"},
    "gif": {"name or text", "bytes after the end"},
    "tif": {"position", "device", "date", "name or text", "further picture", "text of a colour profile"},
    "bmp": {"bytes after the end"},
    "avif": {"position", "device", "date", "name or text", "unknown part"},
    "jp2": {"name or text"},
}


def kind(name):
    return kinds.kind_of(DIRTY[name][: kinds.HEAD_BYTES])


def cleaned(name):
    return kinds.PICTURES[kind(name)](DIRTY[name])


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_that_was_planted_is_left_and_no_pixel_changed(name):
    clean = cleaned(name)
    assert dirty_files.left(DIRTY[name]) == {*dirty_files.SECRETS}, "the negative control"
    assert dirty_files.left(clean.content) == set()
    same_picture(name, kind(name), DIRTY[name], clean.content)


@pytest.mark.parametrize("name", PICTURES)
def test_a_clean_picture_is_left_as_it_is(name):
    clean = cleaned(name)
    again = kinds.PICTURES[kind(name)](clean.content)
    assert (again.content, again.findings) == (clean.content, ())
    assert again.kept == clean.kept


@pytest.mark.parametrize("name", EXPECTED)
def test_the_report_names_what_was_there(name):
    assert EXPECTED[name] <= {finding.kind for finding in cleaned(name).findings}


@pytest.mark.parametrize("name", TURNING)
def test_a_picture_stays_turned(name):
    clean = cleaned(name)
    assert "orientation" in clean.kept
    with Image.open(io.BytesIO(clean.content)) as opened:
        assert opened.getexif()[0x0112] == TURNED
        assert dict(opened.getexif()).keys() - {0x0112} <= set(range(0x100, 0x160)) | {34675}


def test_a_picture_of_tiles_keeps_all_of_them_and_its_turn():
    clean = cleaned("tiled.avif")
    assert "orientation" in clean.kept
    assert "preview picture" in {finding.kind for finding in clean.findings}
    with Image.open(io.BytesIO(clean.content)) as opened:
        assert opened.size == (128, 64)
        right = np.asarray(opened)[:, 64:]
    assert np.abs(right.astype(int) - 90).max() <= 2


@pytest.mark.parametrize("name", ["gif", "moving.png", "moving.webp"])
def test_a_moving_picture_keeps_its_pictures_and_their_times(name):
    with Image.open(io.BytesIO(cleaned(name).content)) as opened:
        frames = [frame.load() and frame.info.get("duration") for frame in ImageSequence.Iterator(opened)]
    assert len(frames) == 2
    assert frames[-1] == 100


@pytest.mark.parametrize("name", PICTURES)
@given(st.data())
def test_a_cut_picture_is_refused_or_whole(name, data):
    """Whatever is cut off: what is given back has all pixels of the original."""
    content = DIRTY[name]
    end = data.draw(st.integers(0, len(content) - 1))
    try:
        clean = kinds.PICTURES[kind(name)](content[:end])
    except (Broken, OnlyAnew):
        return
    same_picture(name, kind(name), content, clean.content)


@pytest.mark.parametrize("name", PICTURES)
@given(st.data())
def test_altered_bytes_end_in_a_clean_file_or_a_refusal_and_in_nothing_else(name, data):
    content = bytearray(DIRTY[name])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        clean = kinds.PICTURES[kind(name)](bytes(content))
    except (Broken, OnlyAnew):
        return
    again = kinds.PICTURES[kind(name)](clean.content)
    assert (again.content, again.findings) == (clean.content, ())


def test_bytes_behind_the_coded_picture_of_a_png_go():
    file = io.BytesIO()
    dirty_files.picture().save(file, "PNG")
    plain = file.getvalue()
    size = int.from_bytes(plain[33:37], "big")
    body = plain[41 : 41 + size] + dirty_files.TEXT.encode()
    dirty = plain[:33] + dirty_files.chunk(b"IDAT", body) + plain[45 + size :]
    clean = kinds.PICTURES["png"](dirty)
    assert clean.content == plain
    assert [finding.kind for finding in clean.findings] == ["bytes after the end"]


def test_a_camera_raw_file_is_refused_and_not_reduced_to_its_preview():
    raw = bytearray(kinds.PICTURES["tiff"](dirty_files.tiff()).content)
    made = Image.open(io.BytesIO(bytes(raw)))
    file = io.BytesIO()
    made.save(file, "TIFF", tiffinfo={254: 1})
    with pytest.raises(OnlyAnew, match="raw file"):
        kinds.PICTURES["tiff"](file.getvalue())


def test_a_profile_keeps_its_colours_and_loses_its_words():
    dirty = dirty_files.profile()
    plain = icc.plain_profile(dirty)
    assert dirty_files.left(plain) == set()
    assert icc.plain_profile(plain) == plain
    ramp = np.stack(np.meshgrid(*[np.arange(0, 256, 15, np.uint8)] * 3), -1).reshape(18, -1, 3)
    colours = [_converted(one, ramp) for one in (dirty, plain)]
    np.testing.assert_array_equal(*colours)


def _converted(profile, ramp):
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    lab = ImageCms.createProfile("LAB")
    return np.asarray(ImageCms.profileToProfile(Image.fromarray(ramp), source, lab, outputMode="LAB"))


def test_two_profiles_that_differ_in_words_leave_with_the_same_bytes():
    assert icc.plain_profile(dirty_files.profile("one")) == icc.plain_profile(dirty_files.profile("another one"))


def test_the_orientation_alone_is_no_finding():
    clean = kinds.PICTURES["jpeg"](dirty_files.jpeg())
    assert small_exif(TURNED) in clean.content
    assert len(small_exif(TURNED)) == 26
