import av
import numpy as np
import pytest

from posture.sources.clipwriter import write_clip
from posture.sources.demo import DemoSource


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "demo.mp4"
    write_clip(path, DemoSource(640, 480), seconds=1)
    return path


def test_the_clip_shows_the_demo(clip, opened):
    source = opened(clip)
    pairs = list(zip(source, DemoSource(640, 480), strict=False))
    assert len(pairs) == 30
    for decoded, original in pairs[::10]:
        assert decoded.time_s == pytest.approx(original.time_s, abs=1e-4)
        difference = decoded.luma(80, 60).astype(int) - original.luma(80, 60)
        assert np.abs(difference).mean() < 3


def test_the_same_bytes_every_time_without_the_writer_s_name(clip, tmp_path):
    again = tmp_path / "again.mp4"
    write_clip(again, DemoSource(640, 480), seconds=1)
    assert again.read_bytes() == clip.read_bytes()
    assert b"Lavf" not in clip.read_bytes()
    with av.open(str(clip)) as container:
        assert "encoder" not in container.metadata
        assert "creation_time" not in container.metadata


def test_the_rate_asked_for_is_spent(tmp_path):
    path = tmp_path / "a.mp4"
    write_clip(path, DemoSource(640, 480), seconds=3, bit_rate=3_000_000)
    assert path.stat().st_size * 8 / 3 == pytest.approx(3_000_000, rel=0.3)
