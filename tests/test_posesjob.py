"""Keypoints of other programs, from their file to a report, in the process that decodes."""

import json
from contextlib import suppress
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from posture import config
from posture.analysis import Analysis, Range, Told
from posture.data import SourceInfo
from posture.errors import ConfigError, OutputExists, SourceError, VideoUnreadable
from posture.interchange import FORMATS
from posture.interchange.writing import written

ALL = tuple(FORMATS)
SAME = ["wide", "long", "parquet", "netcdf"]
"""Formats that carry everything."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Reports of the demo and its keypoints in every format."""
    base = tmp_path_factory.mktemp("demo") / "demo"
    settings = config.checked({"output": {"formats": ["json"], "exports": list(ALL)}})
    return Analysis(None, settings, Range(0.0, 3.0)).run(base, lambda *_: None)


def analysed(path, folder, *, frame_rate=None, **settings):
    chosen = config.checked({"output": {"formats": ["json"]}, **settings})
    return Analysis(path, chosen, told=Told(frame_rate_hz=frame_rate)).run(folder / "again", lambda *_: None)


def test_every_format_is_written_beside_the_report(demo):
    assert set(demo.outputs) == {"json", *ALL}
    for name, path in demo.outputs.items():
        assert path.is_dir() == (name == "openpose"), name
    assert not list(demo.outputs["json"].parent.glob(".*")), "nothing else is left behind"


@pytest.mark.parametrize("name", SAME)
def test_a_format_that_carries_everything_gives_the_same_report(name, demo, tmp_path):
    again = analysed(demo.outputs[name], tmp_path).summary
    first = demo.summary
    assert again.source.kind == "keypoints"
    assert len(again.people) == len(first.people) == 1
    assert again.quality.analysed_s == pytest.approx(first.quality.analysed_s, abs=1e-3)
    assert again.quality.judged_share == pytest.approx(first.quality.judged_share, abs=0.02)
    ours, theirs = again.people[0], first.people[0]
    assert [finding.text for finding in ours.findings] == [finding.text for finding in theirs.findings]


@pytest.mark.parametrize("name", ["trc", "c3d"])
def test_markers_in_space_are_measured_as_seen_from_ahead(name, demo, tmp_path):
    again = analysed(demo.outputs[name], tmp_path).summary
    assert again.quality.judged_share > 0.5


@pytest.mark.parametrize("name", ["openpose", "coco"])
def test_points_without_depth_are_not_guessed_at(name, demo, tmp_path):
    again = analysed(demo.outputs[name], tmp_path).summary
    assert again.quality.people_seen == 1
    assert again.quality.judged_share == 0


def test_angles_alone_are_nothing_to_measure(demo, tmp_path):
    with pytest.raises(VideoUnreadable, match="angles and no keypoints"):
        analysed(demo.outputs["mot"], tmp_path)


def test_a_folder_without_times_needs_a_rate_and_takes_it(demo, tmp_path):
    folder = tmp_path / "walk"
    folder.mkdir()
    for path in demo.outputs["openpose"].iterdir():
        frame = json.loads(path.read_text())
        del frame["time_s"]
        (folder / path.name).write_text(json.dumps(frame))
    with pytest.raises(VideoUnreadable, match="--frame-rate"):
        analysed(folder, tmp_path)
    again = analysed(folder, tmp_path, frame_rate=10.0).summary
    assert again.quality.analysed_s == pytest.approx(len(list(folder.iterdir())) / 10)


@pytest.mark.parametrize("name", ["c3d", "parquet", "netcdf"])
def test_a_damaged_file_is_one_failed_file(name, demo, tmp_path):
    """Bytes of the whole file are changed at random places, from a fixed seed; a reader that hangs is ended."""
    random = np.random.default_rng(7)
    content = bytearray(demo.outputs[name].read_bytes())
    path = tmp_path / f"damaged.{FORMATS[name].suffix}"
    for _ in range(3):
        for place in random.integers(0, min(len(content), 4096), 20):
            content[place] = random.integers(0, 256)
        path.write_bytes(content)
        with suppress(SourceError):  # refused, died or hung; anything else is a defect
            analysed(path, tmp_path, job={"stall_s": 5.0})
        (tmp_path / "again.json").unlink(missing_ok=True)


def test_what_is_there_is_not_replaced_and_nothing_is_half_there(demo, tmp_path):
    base = tmp_path / "demo"
    (tmp_path / "demo.trc").write_text("mine")
    settings = config.checked({"output": {"formats": ["json"], "exports": ["trc", "coco"]}})
    with pytest.raises(OutputExists, match=r"demo\.trc"):
        Analysis(None, settings, Range(0.0, 1.0)).run(base, lambda *_: None)
    assert [path.name for path in tmp_path.iterdir()] == ["demo.trc"]


def test_a_format_that_fails_leaves_none(demo, tmp_path, monkeypatch):
    motion = FORMATS["wide"].read(demo.outputs["wide"], None)

    def failing(motion, target):
        target.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(FORMATS, "mot", replace(FORMATS["mot"], write=failing))
    with pytest.raises(Exception, match="no room"), written(motion, ["wide", "mot"], tmp_path / "x", overwrite=False):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_missing_package_is_said_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setitem(FORMATS, "c3d", replace(FORMATS["c3d"], packages=("no_such_package",)))
    settings = config.checked({"output": {"exports": ["c3d"]}})
    with pytest.raises(ConfigError, match=r'pip install "posture\[c3d\]"'):
        Analysis(None, settings).run(tmp_path / "x", lambda *_: None)


def test_several_people_are_several_files_where_a_file_holds_one(demo, tmp_path):
    motion = FORMATS["wide"].read(demo.outputs["wide"], None)
    two = replace(
        motion,
        people=("Ann/../x", "Bob"),
        **{
            name: np.concatenate([getattr(motion, name)] * 2, 1)
            for name in ("image_px", "world_m", "confidence", "angles")
        },
    )
    with written(two, ["trc", "wide"], tmp_path / "x", overwrite=False) as found:
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.person-1.trc", "x.person-2.trc", "x.wide.csv"]
    assert set(found) == {"trc person-1", "trc person-2", "wide"}
    assert FORMATS["trc"].read(tmp_path / "x.person-1.trc", None).people == ("Ann/../x",)


def test_a_source_of_keypoints_is_a_kind_of_its_own():
    info = SourceInfo("keypoints", 10, 10, 25.0, 1.0)
    assert msgspec.convert(msgspec.to_builtins(info), SourceInfo) == info
