"""One conformance suite over all formats: what goes out comes back, and what is missing stays missing."""

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posture.data import MEASURE_NAMES, frozen
from posture.interchange import FORMATS
from posture.interchange.layouts import BODY_25, COCO_17
from posture.interchange.motion import Motion
from posture.skeleton import BLAZEPOSE_33

NAMES = BLAZEPOSE_33.names
K = len(NAMES)
PX, M, SURE, ANGLE = 0.006, 6e-5, 6e-5, 6e-3
"""How far a value may be off after a round trip: half of the last written digit."""


WITH_PURPOSE = {"coco", "mot", "c3d", "parquet", "netcdf"}


@st.composite
def motions(draw, *, people=3):
    """Motions with gaps: whole frames, whole people, single points, single angles."""
    frames, count = draw(st.integers(1, 6)), draw(st.integers(1, people))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = random.integers(1, 200_000, frames) if draw(st.booleans()) else np.full(frames, 40_000)
    shape = (frames, count, K)
    missing = random.random(shape) < draw(st.sampled_from([0.0, 0.2, 1.0]))
    missing |= (random.random(shape[:2]) < draw(st.sampled_from([0.0, 0.4])))[..., None]
    image, world = random.uniform(-50, 4000, (*shape, 2)), random.uniform(-1.2, 1.2, (*shape, 3))
    sure, angles = random.random(shape), random.uniform(-180, 180, (*shape[:2], len(MEASURE_NAMES)))
    for values in (image, world, sure):
        values[missing] = np.nan
    angles[random.random(angles.shape) < 0.3] = np.nan
    return Motion(
        frozen((np.cumsum(steps) - steps[0]) / 1e6), tuple(f"person-{i + 1}" for i in range(count)), NAMES,
        frozen(image), frozen(world), frozen(sure), (1920, 1080), MEASURE_NAMES, frozen(angles),
    )  # fmt: skip


def there_and_back(name, motion, folder, rate_hz=None):
    kind = FORMATS[name]
    target = folder / f"poses.{kind.suffix}"
    kind.write(motion, target)
    assert target.is_dir() == kind.folder
    return kind.read(target, rate_hz)


def same(found, expected, tolerance):
    """Equal where there is something, and missing in the same places."""
    assert found.shape == expected.shape
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance, equal_nan=True)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(motion=motions())
def test_what_goes_out_comes_back(name, motion, tmp_path_factory):
    kind = FORMATS[name]
    folder = tmp_path_factory.mktemp("poses")
    if kind.one_person:
        motion = motion.person(0)
    found = there_and_back(name, motion, folder)
    if name != "c3d":
        np.testing.assert_allclose(found.time_s, motion.time_s, atol=1e-6)
    if kind.holds in ("world", "all") and name != "c3d":
        place = [found.people.index(person) for person in motion.people if person in found.people]
        kept = [i for i, person in enumerate(motion.people) if person in found.people]
        column = [found.names.index(point) for point in NAMES if point in found.names]
        if found.names:
            same(found.world_m[:, place][:, :, column], motion.world_m[:, kept], M)
    if kind.holds == "all" and found.names:
        same(found.image_px[:, place][:, :, column], motion.image_px[:, kept], PX)
        same(found.confidence[:, place][:, :, column], motion.confidence[:, kept], SURE)
    if kind.holds == "angles":
        for angle, values in zip(MEASURE_NAMES, motion.angles[:, 0].T, strict=True):
            if np.isfinite(values).any():
                same(found.angles[:, 0, found.angle_names.index(angle)], values, ANGLE)
            else:
                assert angle not in found.angle_names


@pytest.mark.parametrize(("name", "layout"), [("openpose", BODY_25), ("coco", COCO_17)])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(motion=motions())
def test_points_of_other_layouts_are_ours_under_their_names(name, layout, motion, tmp_path_factory):
    found = there_and_back(name, motion, tmp_path_factory.mktemp("poses"))
    assert found.names == layout
    assert found.size_px == (1920, 1080)
    seen = [i for i in range(len(motion.people)) if motion.seen[:, i].any()]
    assert len(found.people) == len(seen)
    for place, person in enumerate(seen):
        for column, point in enumerate(layout):
            if point in NAMES:
                same(found.image_px[:, place, column], motion.image_px[:, person, NAMES.index(point)], PX)
                sure = motion.confidence[:, person, NAMES.index(point)]
                same(found.confidence[:, place, column], sure, 2 * SURE)


def walk(frames=50, rate=25.0, people=1):
    """A motion that is even in time and moves in straight lines."""
    time_s = np.arange(frames) / rate
    world = np.zeros((frames, people, K, 3)) + np.arange(K)[None, None, :, None] / 100
    world[..., 0] += time_s[:, None, None]
    image = 100 + world[..., :2] * 200
    shape = (frames, people, K)
    angles = np.tile(time_s[:, None, None], (1, people, len(MEASURE_NAMES)))
    return Motion(
        frozen(time_s), tuple(f"person-{i + 1}" for i in range(people)), NAMES, frozen(image), frozen(world),
        frozen(np.full(shape, 0.9)), (640, 480), MEASURE_NAMES, frozen(angles),
    )  # fmt: skip


def test_c3d_keeps_people_gaps_and_rate(tmp_path):
    motion = walk(people=2)
    world = motion.world_m.copy()
    world[10:20, 1, 5] = np.nan
    gappy = Motion(motion.time_s, ("Ann", "person-2"), NAMES, motion.image_px, frozen(world), motion.confidence)
    found = there_and_back("c3d", gappy, tmp_path)
    assert found.people == ("Ann", "person-2")
    assert found.names == NAMES
    assert found.rate_hz == pytest.approx(25)
    same(found.world_m, world, 1e-6)


def test_c3d_says_missing_with_a_residual_and_up_with_a_parameter(tmp_path):
    ezc3d = pytest.importorskip("ezc3d")
    motion = walk(frames=10)
    world = motion.world_m.copy()
    world[3, 0, 0] = np.nan
    gappy = Motion(motion.time_s, motion.people, NAMES, motion.image_px, frozen(world), motion.confidence)
    FORMATS["c3d"].write(gappy, tmp_path / "a.c3d")
    file = ezc3d.c3d(str(tmp_path / "a.c3d"))
    residuals = file["data"]["meta_points"]["residuals"][0]
    assert residuals[0].tolist() == [0, 0, 0, -1, 0, 0, 0, 0, 0, 0]
    assert (residuals[1:] == 0).all()
    point = file["parameters"]["POINT"]
    assert (point["UNITS"]["value"], point["X_SCREEN"]["value"], point["Y_SCREEN"]["value"]) == (["mm"], ["+X"], ["+Y"])
    assert file["data"]["points"][1, 1, 0] == pytest.approx(-motion.world_m[0, 0, 1, 1] * 1000, abs=1e-3)


def test_uneven_times_become_even_for_c3d_and_a_long_gap_stays_empty(tmp_path):
    motion = walk(frames=100)
    kept = np.r_[0:30, 60:100]  # a gap of 1.2 s
    shift = np.where(np.arange(100) % 2, 0.01, 0.0)
    uneven = motion.time_s + shift
    world = motion.world_m.copy()
    world[..., 0] += shift[:, None, None]
    part = Motion(
        frozen(uneven[kept]), motion.people, NAMES, frozen(motion.image_px[kept]), frozen(world[kept]),
        frozen(motion.confidence[kept]),
    )  # fmt: skip
    found = there_and_back("c3d", part, tmp_path)
    empty = np.isnan(found.world_m[:, 0, 0, 0])
    times = found.time_s
    assert empty[(times > 1.25) & (times < 2.35)].all()
    assert not empty[(times < 1.1) | (times > 2.5)].any()
    here = ~empty
    assert found.world_m[here, 0, 0, 0] == pytest.approx(times[here], abs=1e-4), "a straight line stays one"


def test_a_trc_file_leaves_cells_empty_and_never_says_nan(tmp_path):
    motion = walk(frames=3)
    world = motion.world_m.copy()
    world[1, 0, 0] = np.nan
    part = Motion(motion.time_s, motion.people, NAMES, motion.image_px, frozen(world), motion.confidence)
    FORMATS["trc"].write(part, tmp_path / "a.trc")
    text = (tmp_path / "a.trc").read_text()
    assert "nan" not in text.lower()
    assert text.splitlines()[7].split("\t")[:5] == ["2", "0.040000", "", "", ""]
    assert text.splitlines()[6].split("\t")[2:5] == ["0.00000", "-0.00000", "-0.00000"]


def test_a_mot_file_bridges_gaps_and_says_which(tmp_path):
    motion = walk(frames=5)
    angles = motion.angles.copy()
    angles[1:3, 0, 0] = np.nan
    angles[:, 0, 1] = np.nan
    part = Motion(
        motion.time_s, motion.people, NAMES, motion.image_px, motion.world_m, motion.confidence, (0, 0), MEASURE_NAMES,
        frozen(angles),
    )  # fmt: skip
    FORMATS["mot"].write(part, tmp_path / "a.mot")
    lines = (tmp_path / "a.mot").read_text().splitlines()
    names = lines[6].split("\t")
    assert names[:4] == ["time", MEASURE_NAMES[0], f"{MEASURE_NAMES[0]}_measured", MEASURE_NAMES[2]]
    rows = [dict(zip(names, map(float, line.split("\t")), strict=True)) for line in lines[7:]]
    assert [row[MEASURE_NAMES[0]] for row in rows] == pytest.approx([0, 0.04, 0.08, 0.12, 0.16])
    assert [row[f"{MEASURE_NAMES[0]}_measured"] for row in rows] == [1, 0, 0, 1, 1]
    assert int(lines[2].removeprefix("nRows=")) == len(rows)
    assert int(lines[3].removeprefix("nColumns=")) == len(names)


def test_an_openpose_folder_of_another_program_needs_a_rate(tmp_path):
    for number in (7, 8):
        person = {"person_id": [-1], "pose_keypoints_2d": [10.0, 20.0, 0.5] * 25}
        (tmp_path / f"walk_{number:012d}_keypoints.json").write_text(json.dumps({"version": 1.3, "people": [person]}))
    with pytest.raises(ValueError, match="--frame-rate"):
        FORMATS["openpose"].read(tmp_path, None)
    found = FORMATS["openpose"].read(tmp_path, 25.0)
    assert found.time_s.tolist() == [7 / 25, 8 / 25]
    assert found.image_px[1, 0, 3].tolist() == [10, 20]


def test_a_point_in_the_corner_of_the_picture_is_not_taken_for_missing(tmp_path):
    motion = walk(frames=1)
    image = motion.image_px.copy()
    image[0, 0, 0] = 0.0
    corner = Motion(motion.time_s, motion.people, NAMES, frozen(image), motion.world_m, motion.confidence)
    found = there_and_back("openpose", corner, tmp_path)
    assert found.image_px[0, 0, 0] == pytest.approx([0, 0], abs=0.002)


def test_coco_says_hidden_and_seen_and_boxes(tmp_path):
    motion = walk(frames=1)
    sure = motion.confidence.copy()
    sure[0, 0, 0] = 0.2
    part = Motion(motion.time_s, motion.people, NAMES, motion.image_px, motion.world_m, frozen(sure), (640, 480))
    FORMATS["coco"].write(part, tmp_path / "a.json")
    file = json.loads((tmp_path / "a.json").read_text())
    one = file["annotations"][0]
    assert one["keypoints"][2] == 1
    assert set(one["keypoints"][5::3]) == {2}
    left, top, width, height = one["bbox"]
    xs, ys = one["keypoints"][0::3], one["keypoints"][1::3]
    assert (left, top) == (min(xs), min(ys))
    assert (left + width, top + height) == pytest.approx((max(xs), max(ys)))
    assert file["categories"][0]["keypoints"] == list(COCO_17)
    assert one["num_keypoints"] == 17


GARBAGE = [
    b"", b"\0" * 64, b"{}", b"[1, 2]", b"PathFileType\t4\n\n\n\n\n", b"time,person\n1,2\n", b"endheader\ntime\n\xff",
]  # fmt: skip


@pytest.mark.parametrize("name", [name for name, kind in FORMATS.items() if not kind.folder])
@pytest.mark.parametrize("content", GARBAGE, ids=range(len(GARBAGE)))
def test_what_is_not_of_a_format_is_refused_in_words(name, content, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises((ValueError, OSError)) as refused:
        FORMATS[name].read(path, None)
    assert str(refused.value)


TEXTS = ["coco", "trc", "mot", "wide", "long"]
"""Formats that we read ourselves. Libraries may hang over a damaged file: tests/test_posesjob.py."""


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_gives_a_motion_or_an_error_of_its_format(name, data, tmp_path_factory):
    """One byte changed, or the end cut off: never an error that nobody expects."""
    path = tmp_path_factory.mktemp("poses") / f"a.{FORMATS[name].suffix}"
    FORMATS[name].write(walk(frames=2), path)
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[place] = data.draw(st.integers(0, 255))
    else:
        del content[place:]
    path.write_bytes(content)
    try:
        found = FORMATS[name].read(path, None)
    except (ValueError, OSError):
        return
    assert all(math.isfinite(time_s) for time_s in found.time_s)


@pytest.mark.parametrize("name", FORMATS)
def test_what_people_were_seen_for_stands_where_there_is_a_place_for_it(name, tmp_path):
    for purpose in ("risk-assessment", ""):
        target = tmp_path / f"poses{purpose}.{FORMATS[name].suffix}"
        FORMATS[name].write(dataclasses.replace(walk(people=2), purpose=purpose).person(0), target)
        content = b"".join(path.read_bytes() for path in (target.iterdir() if target.is_dir() else [target]))
        assert (b"risk-assessment" in content) == (bool(purpose) and name in WITH_PURPOSE)
