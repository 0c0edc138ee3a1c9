"""What every source must do, whatever it reads."""

from itertools import pairwise

import numpy as np
import pytest
from recorded import Bench, secrets

from posture.data import Observation, SourceInfo
from posture.sources import SOURCES, open_source
from posture.sources.camera import open_wanted
from posture.sources.clip import ClipSource
from posture.sources.demo import DemoSource
from posture.sources.fakecamera import FakeCamera
from posture.sources.film import of_pictures
from posture.sources.pace import Leaping
from posture.sources.picture import Picture
from posture.vault.clip import input_key


@pytest.fixture(scope="module")
def files(tmp_path_factory, write_video, picture_of_corners):
    folder = tmp_path_factory.mktemp("files")
    pictures = [np.roll(picture_of_corners(), 4 * number, 1) for number in range(8)]
    return {
        "video": write_video(folder / "a.mp4", pictures, codec="libx264", pixel_format="yuv420p"),
        "deep video": write_video(folder / "b.mkv", pictures, pixel_format="yuv422p10le"),
        "animation": write_video(folder / "a.gif", pictures, codec="gif", pixel_format="rgb8", rate=10),
        "image": write_video(folder / "a.png", pictures[:1], codec="png", pixel_format="rgb24"),
        "camera": of_pictures(pictures),
        "camera of H.264": folder / "a.mp4",
        "clip": recorded_clip(folder, pictures),
        "camera of raw pictures": write_video(folder / "a.avi", pictures, codec="rawvideo", pixel_format="yuyv422"),
    }


def recorded_clip(folder, pictures):
    bench = Bench(folder)
    bench.recorder.begin()
    for number, pixels in enumerate(pictures):
        bench.recorder.push(Picture.of_rgb(pixels), bench.now_s, Observation(number, bench.now_s))
        bench.settle()
        bench.now_s += 1 / bench.recorder.settings.rate
    bench.close()
    (path,) = bench.files()
    return path


def opened(kind, files):
    if kind == "clip":
        with files[kind].open("rb") as file:
            key = input_key(file, secrets)
        return ClipSource(files[kind], key)
    if kind == "demo":
        return DemoSource(96, 64, frame_rate=4, duration_s=2)
    if kind.startswith("camera"):
        time = Leaping()
        return FakeCamera(files[kind], clock=time, wait=time.wait, repeat=False).open()
    return open_source(files[kind])


@pytest.fixture(
    params=[
        "video",
        "deep video",
        "animation",
        "image",
        "clip",
        "demo",
        "camera",
        "camera of H.264",
        "camera of raw pictures",
    ]
)
def make(request, files):
    """A function that gives a fresh source; all are closed at the end."""
    made = []

    def fresh():
        made.append(opened(request.param, files))
        return made[-1]

    yield fresh
    for source in made:
        source.close()


def test_every_kind_of_source_is_listed():
    assert {"file": open_source, "clip": ClipSource, "demo": DemoSource, "camera": open_wanted} == SOURCES


def test_info_is_there_before_the_first_frame(make):
    source = make()
    assert isinstance(source.info, SourceInfo)
    frame = next(source)
    assert (source.info.width, source.info.height) == (frame.width, frame.height)


def test_frames_are_numbered_and_time_rises_from_zero(make):
    frames = list(make())
    assert [frame.index for frame in frames] == list(range(len(frames)))
    times = [frame.time_s for frame in frames]
    assert times[0] == 0
    assert all(a < b for a, b in pairwise(times))


def test_pixels_have_the_shapes_that_were_asked_for(make):
    frame = next(make())
    affine = np.array([[0.5, 0.1, 3], [-0.1, 0.5, 8]])
    for picture, shape in (
        (frame.crop(affine, 20, "edge"), (20, 20, 3)),
        (frame.crop(affine, 20, "black"), (20, 20, 3)),
        (frame.scaled(40, 30), (30, 40, 3)),
        (frame.scaled(16, 10), (10, 16, 3)),
        (frame.luma(40, 30), (30, 40)),
        (frame.luma(16, 10), (10, 16)),
    ):
        assert picture.shape == shape
        assert picture.dtype == np.uint8
        assert picture.flags.c_contiguous


def test_a_crop_and_the_scaled_picture_show_the_same(make):
    frame = next(make())
    side = min(frame.width, frame.height)
    crop = frame.crop(np.array([[1.0, 0, 0], [0, 1.0, 0]]), side, "edge")
    whole = frame.scaled(frame.width, frame.height)
    assert np.abs(crop.astype(int) - whole[:side, :side]).max() <= 1


def test_two_readings_are_the_same_bytes(make):
    def reading():
        return [(frame.time_s, frame.scaled(48, 32).tobytes()) for frame in make()]

    assert reading() == reading()


def test_a_sound_source_has_no_damage(make):
    source = make()
    assert not any(frame.corrupt for frame in source)
    assert not source.damage.any
    assert source.damage.message == ""


def test_it_ends_and_stays_ended(make):
    source = make()
    assert list(source)
    assert next(source, None) is None


def test_close_ends_it_and_may_come_twice(make):
    source = make()
    frame = next(source)
    source.close()
    source.close()
    assert next(source, None) is None
    assert frame.scaled(8, 8).shape == (8, 8, 3)
    assert source.info.width == frame.width


def test_it_is_its_own_iterator(make):
    source = make()
    assert iter(source) is source
