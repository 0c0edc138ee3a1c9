"""A driver of our own answers the kernel's questions, in the kernel's structures."""

import errno
import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.sources import v4l2
from posture.sources.cameramode import Mode

# _IOWR('V', n, struct) of videodev2.h on x86-64, as `gcc` prints them.
ENUM_FMT, ENUM_FRAMESIZES, ENUM_FRAMEINTERVALS = 0xC0405602, 0xC02C564A, 0xC034564B
G_FMT, S_FMT, G_PARM, S_PARM = 0xC0D05604, 0xC0D05605, 0xC0CC5615, 0xC0CC5616


def fourcc(name):
    return struct.unpack("<I", name.encode())[0]


class Driver:
    """`table`: name -> {(width, height): [(numerator, denominator) of an interval]}; or ranges, see `sizes`."""

    def __init__(self, table=None, *, sizes=None, intervals=None, answers=None):
        self.table, self.sizes, self.intervals = table or {}, sizes, intervals
        self.answers = answers or {}
        self.asked = []

    def __call__(self, fd, number, content):
        assert fd == 7
        self.asked.append(number)
        if number in self.answers:
            answer = self.answers[number]
            if isinstance(answer, OSError):
                raise answer
            assert len(answer) == len(content)
            content[:] = answer
        elif number == ENUM_FMT:
            self.format(content)
        elif number == ENUM_FRAMESIZES:
            self.size(content)
        elif number == ENUM_FRAMEINTERVALS:
            self.interval(content)
        else:
            raise OSError(errno.ENOTTY, "not asked of a camera")

    def format(self, content):
        index, kind = struct.unpack_from("=2I", content)
        assert kind == 1
        name = self.nth(list(self.table), index)
        struct.pack_into("=I32sI", content, 8, 1, b"Motion-JPEG", fourcc(name))

    def size(self, content):
        index, pixel_format = struct.unpack_from("=2I", content)
        if self.sizes:
            struct.pack_into("=7I", content, 8, 3, *self.nth([self.sizes], index))
        else:
            struct.pack_into("=3I", content, 8, 1, *self.nth(list(self.of(pixel_format)), index))

    def interval(self, content):
        index, pixel_format, width, height = struct.unpack_from("=4I", content)
        if self.intervals:
            struct.pack_into("=7I", content, 16, 2, *self.nth([self.intervals], index))
        else:
            struct.pack_into("=3I", content, 16, 1, *self.nth(self.of(pixel_format)[width, height], index))

    def of(self, pixel_format):
        return self.table[struct.pack("<I", pixel_format).decode()]

    @staticmethod
    def nth(values, index):
        if index >= len(values):
            raise OSError(errno.EINVAL, "the list ends")
        return values[index]


def test_the_modes_of_a_usual_webcam():
    driver = Driver(
        {
            "MJPG": {(1920, 1080): [(1, 30), (1, 15)], (640, 480): [(1, 30)]},
            "YUYV": {(1920, 1080): [(1, 5)], (640, 480): [(1, 15), (1, 30)]},
        }
    )
    assert v4l2.modes(7, driver) == [
        Mode("mjpeg", 1920, 1080, Fraction(30)),
        Mode("mjpeg", 640, 480, Fraction(30)),
        Mode("yuyv422", 1920, 1080, Fraction(5)),
        Mode("yuyv422", 640, 480, Fraction(30)),
    ]


def test_only_lists_are_asked_for():
    driver = Driver({"MJPG": {(640, 480): [(1, 30)]}})
    v4l2.modes(7, driver)
    assert set(driver.asked) == {ENUM_FMT, ENUM_FRAMESIZES, ENUM_FRAMEINTERVALS}


def test_a_range_of_sizes_counts_as_the_usual_ones_in_it():
    driver = Driver({"NV12": {}}, sizes=(32, 2592, 16, 32, 1944, 8), intervals=(1, 60, 1, 1, 1, 60))
    assert v4l2.modes(7, driver) == [
        Mode("nv12", 640, 480, Fraction(60)),
        Mode("nv12", 1280, 720, Fraction(60)),
        Mode("nv12", 1920, 1080, Fraction(60)),
        Mode("nv12", 2560, 1440, Fraction(60)),
    ]


def test_formats_that_cannot_be_read_are_left_out():
    driver = Driver({"BA81": {(640, 480): [(1, 30)]}, "Z16 ": {(640, 480): [(1, 30)]}})
    assert v4l2.modes(7, driver) == []


def test_a_driver_without_intervals_says_no_rate():
    assert v4l2.modes(7, Driver({"YUYV": {(640, 480): []}})) == [Mode("yuyv422", 640, 480, Fraction(0))]


def test_nonsense_of_a_driver_is_no_division_by_zero():
    driver = Driver({"YUYV": {(0, 480): [(1, 30)], (640, 480): [(0, 30), (1, 0), (1, 10)]}})
    assert v4l2.modes(7, driver) == [Mode("yuyv422", 640, 480, Fraction(10))]


def test_a_list_without_an_end_is_not_followed():
    class Endless(Driver):
        @staticmethod
        def nth(values, index):
            return values[0]

    driver = Endless({"YUYV": {(640, 480): [(1, 30)]}}, sizes=(32, 4096, 1, 32, 4096, 1), intervals=(1, 30, 1, 1, 1, 1))
    assert len(v4l2.modes(7, driver)) == v4l2.MOST_ENTRIES * len(v4l2.USUAL_SIZES)


def test_a_device_that_is_no_camera_cannot_be_asked():
    with pytest.raises(OSError, match="Inappropriate"):
        v4l2.modes(7, Driver(answers={ENUM_FMT: OSError(errno.ENOTTY, "Inappropriate ioctl for device")}))


def test_a_camera_that_is_pulled_while_it_is_asked_has_no_modes():
    gone = OSError(errno.ENODEV, "No such device")
    assert v4l2.modes(7, Driver({"MJPG": {}}, answers={ENUM_FRAMESIZES: gone})) == []


names = st.sampled_from(sorted(v4l2.FOURCC))
sides = st.integers(1, 8192)
intervals = st.lists(st.tuples(st.integers(1, 2**32 - 1), st.integers(1, 2**32 - 1)), max_size=4)
tables = st.dictionaries(names, st.dictionaries(st.tuples(sides, sides), intervals, max_size=4), max_size=4)


@given(tables)
def test_what_a_driver_lists_is_what_is_read(table):
    expected = [
        Mode(v4l2.FOURCC[name], *size, max((Fraction(b, a) for a, b in found), default=Fraction(0)))
        for name, sizes in table.items()
        for size, found in sizes.items()
    ]
    assert v4l2.modes(7, Driver(table)) == expected


@given(st.binary(min_size=64, max_size=64), st.binary(min_size=44, max_size=44), st.binary(min_size=52, max_size=52))
def test_no_answer_of_a_driver_breaks_anything(formats, sizes, intervals):
    formats = formats[:44] + b"MJPG" + formats[48:]
    found = v4l2.modes(7, Driver(answers={ENUM_FMT: formats, ENUM_FRAMESIZES: sizes, ENUM_FRAMEINTERVALS: intervals}))
    assert all(mode.format == "mjpeg" and mode.width and mode.height and mode.rate >= 0 for mode in found)


@pytest.mark.skipif(struct.calcsize("P") != 8, reason="the size of a structure is that of 64-bit machines")
def test_the_format_is_given_back_as_it_was():
    before = {G_FMT: bytes(range(208)), G_PARM: bytes(range(204))}
    driver = Driver(answers=before)
    settled = v4l2.Settled(7, driver)
    given_back = {}
    settled._ioctl = lambda fd, number, content: given_back.update({number: bytes(content)})
    settled.restore()
    assert given_back == {S_FMT: before[G_FMT], S_PARM: before[G_PARM]}


@pytest.mark.skipif(struct.calcsize("P") != 8, reason="the size of a structure is that of 64-bit machines")
@pytest.mark.parametrize("number", [errno.EBUSY, errno.ENODEV])
def test_a_device_that_another_program_has_or_that_is_gone_stays_as_it_is(number):
    refusal = OSError(number, "no")
    driver = Driver(answers={G_FMT: bytes(208), G_PARM: bytes(204), S_FMT: refusal, S_PARM: refusal})
    v4l2.Settled(7, driver).restore()
    assert driver.asked == [G_FMT, G_PARM, S_FMT]


def test_a_driver_that_keeps_no_format_gets_none_back():
    driver = Driver()
    v4l2.Settled(7, driver).restore()
    assert len(driver.asked) == 2
