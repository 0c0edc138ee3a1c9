"""A copy looks like its source: colours of profiles and of HDR, and nothing that was transparent."""

import io
from pathlib import Path

import av
import cv2
import numpy as np
import plain_files
import pytest
from PIL import Image, ImageCms

SECRET = (200, 30, 40)
KEEP = {"redact.faces": "keep"}


@pytest.fixture
def copied(run):
    """The copy of one file in which nothing is covered: RGB of its first frame, and what it says of colours."""

    def _copied(path: Path):
        (outcome,) = run([path], flags=KEEP, overwrite=True).outcomes
        assert outcome.error is None
        plain_files.check_file(outcome.result.output)
        with av.open(io.BytesIO(outcome.result.output.read_bytes())) as container:
            frame = next(container.decode(video=0))
            tags = frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range
            return frame.to_ndarray(format="rgb24"), tuple(map(int, tags))

    return _copied


@pytest.mark.parametrize("shown", [0, 255])
def test_what_was_transparent_is_in_no_copy(copied, tmp_path, shown):
    """With 255 the negative control."""
    path, pixels = tmp_path / "a.png", np.full((120, 160, 4), 255, np.uint8)
    cv2.putText(pixels, "PIN 1234", (5, 60), cv2.FONT_HERSHEY_SIMPLEX, 1, (*SECRET, 255), 3)
    pixels[..., 3] = np.where((pixels[..., :3] != 255).any(-1), shown, 255)
    Image.fromarray(pixels).save(path)
    copy, _ = copied(path)
    seen = (copy != 255).any(-1).sum()
    assert seen > 200 if shown else seen == 0


def test_the_profile_of_the_source_is_used_and_left_behind(copied, tmp_path):
    """One in which red is green and green is red; with sRGB itself as the negative control."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    crossed = profile.replace(b"rXYZ", b"tXYZ", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"tXYZ", b"gXYZ", 1)
    path = tmp_path / "a.png"
    for icc, expected in ((profile, (220, 20, 20)), (crossed, (20, 220, 20))):
        Image.new("RGB", (160, 120), (220, 20, 20)).save(path, icc_profile=icc)
        assert np.abs(copied(path)[0].astype(int) - expected).max() <= 3


@pytest.mark.parametrize(("transfer", "lowest", "highest"), [("smpte2084", 225, 240), ("bt709", 140, 155)])
def test_hdr_becomes_a_video_that_every_player_shows(copied, tmp_path, transfer, lowest, highest):
    """Diffuse white of PQ, 58 % signal (ITU-R BT.2408); without the tag it is what its code says."""
    path = tmp_path / "a.mkv"
    with av.open(path, "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p10le"
        hdr = transfer == "smpte2084"
        colours = (9, 9, 16) if hdr else (1, 1, 1)
        for number in range(3):
            frame = av.VideoFrame(160, 120, "yuv420p10le")
            for plane, code in zip(frame.planes, (round(64 + 876 * 0.58), 512, 512), strict=True):
                plane.update(np.full((plane.height, plane.line_size // 2), code, np.uint16).tobytes())
            context = stream.codec_context
            for thing in (frame, context):
                thing.colorspace, thing.color_primaries, thing.color_trc = colours
                thing.color_range = 1
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    copy, tags = copied(path)
    assert tags == (1, 1, 1, 1)
    assert lowest <= copy.min()
    assert copy.max() <= highest
