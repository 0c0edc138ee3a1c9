"""Odd and broken files against what is written down of them, where the shared test media are at hand."""

import json
import time
from pathlib import Path

import pytest

from posture.errors import VideoUnreadable

MEDIA = Path(__file__).parents[3] / "shared" / "media"
READ_IN_PART = {
    "avi_truncated.avi", "jpg_bit_flips.jpg", "jpg_truncated_half.jpg",
    "libjpeg-sos-leak.jpg", "msie-dht-leak.jpg", "photoshop-mem-leak.jpg",
}  # fmt: skip
"""One frame of each is damaged, and what is written down is that of a decoder that does not say so."""
SECONDS = 20.0
"""Bound for one file: each takes well under one second on an idle core."""


def expectations():
    for folder in ("odd", "broken"):
        book = MEDIA / folder / "expected.json"
        if book.is_file():
            for name, expected in json.loads(book.read_text("utf-8"))["files"].items():
                yield pytest.param(MEDIA / folder / name, expected, id=f"{folder}/{name}")


CASES = list(expectations())


def test_the_media_are_at_hand():
    if not CASES:
        pytest.skip("no ../shared/media beside the repository")
    assert len(CASES) == 172


@pytest.mark.parametrize(("path", "expected"), CASES)
def test_a_file_gives_what_is_expected(path, expected, opened):
    if not path.is_file():
        pytest.skip(f"{path.name} is not at hand")
    begun = time.monotonic()
    if expected["outcome"] == "error":
        with pytest.raises(VideoUnreadable) as caught:
            opened(path, threads=1)
        assert str(caught.value).startswith(f"{path.name}: ")
        assert str(path.parent) not in str(caught.value)
        assert expected.get("reason", "") in str(caught.value)
    else:
        said = {"outcome": "partial", "corrupt_frames": 1} if path.name in READ_IN_PART else {}
        _check_frames(opened(path, threads=1), expected | said)
    assert time.monotonic() - begun < SECONDS


def refused_by_the_decoder(expected):
    """Files of which more may come: the numbers are those of a decoder that stops at the first packet it refuses."""
    return expected.get("decoder_error") is not None


def _check_frames(source, expected):
    count, last_s = 0, -1.0
    for frame in source:
        assert frame.time_s > last_s
        count, last_s = count + 1, frame.time_s
    frames, corrupt = expected.get("frames", expected.get("frames_one_thread")), expected.get("corrupt_frames", 0)
    assert ("partial" if source.damage.any else "ok") == expected["outcome"]
    if refused_by_the_decoder(expected):
        assert count >= frames
        assert source.damage.corrupt_frames >= corrupt
    else:
        assert (count, source.damage.corrupt_frames) == (frames, corrupt)
    info = source.info
    if "upright_size" in expected:
        assert [info.width, info.height] == expected["upright_size"]
        assert info.rotation_deg == expected["container_rotation_deg"]
