"""The planted, odd and broken files of the test media: nothing planted survives, nothing breaks the run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import plain_files
import pytest

from posture.redaction.outputs import is_picture
from posture.sources import open_source

POSTURE = [sys.executable, "-c", "from posture.cli import main; main()"]


def redacted(paths, out, *options):
    """What a run says of each file."""
    done = subprocess.run(
        [*POSTURE, "redact", *map(str, paths), "-o", str(out), "--json", "--progress", "none", *options],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env={**os.environ, "POSTURE_POSE__MODEL": "lite"},
    )
    assert done.returncode in (0, 3), done.stderr
    return json.loads(done.stdout)["files"]


@pytest.mark.timeout(600)
def test_nothing_planted_survives(media, tmp_path):
    planted = media / "metadata" / "planted"
    values = json.loads((planted / "planted.json").read_text())["files"]
    files = redacted([planted], tmp_path / "out", "--rename", "--to", "0.5")
    assert [file["exit"] for file in files] == [0] * len(files)
    copies = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(copies) == len(files) >= 30
    for copy in copies:
        plain_files.check_file(copy)
    written = b"".join(copy.read_bytes() for copy in copies) + "".join(copy.name for copy in copies).encode()
    controls = 0
    for name, about in values.items():
        source = (planted / name).read_bytes() + name.encode()
        for value in about["values"]:
            both = value.encode(), value.encode("utf-16-le")
            controls += any(text in source for text in both)
            assert not any(text in written for text in both), (name, value)
    assert controls >= 80, "the negative control: the sources do hold them"


ODD = (
    "anamorphic_sar2.mp4",
    "animated.gif",
    "av1.mp4",
    "hevc_10bit.mp4",
    "odd_dims_101x77.mp4",
    "phone_portrait_rotate_flag.mp4",
    "rot90_displaymatrix.mp4",
    "rot270_displaymatrix.mp4",
    "single_frame.mp4",
    "still_exif6.jpg",
    "still_webp.webp",
    "vfr_irregular.mp4",
    "with_audio_track.mp4",
)


def frames_of(path):
    """Size and time of each frame."""
    source = open_source(path, threads=1)
    try:
        return [(frame.width, frame.height, frame.time_s) for frame in source]
    finally:
        source.close()


@pytest.mark.timeout(600)
def test_odd_files_come_out_plain_upright_and_with_every_frame_at_its_time(media, tmp_path):
    expected = json.loads((media / "odd" / "expected.json").read_text())["files"]
    files = redacted([media / "odd" / name for name in ODD], tmp_path / "out", "--faces", "keep")
    assert [file["file"] for file in files if file["sound_left_out"]] == ["with_audio_track.mp4"]
    for file in files:
        about, copy = expected[file["file"]], Path(file["output"])
        plain_files.check_file(copy)
        frames = frames_of(copy)
        assert file["frames"] == len(frames) == about["frames"]
        width, height = about["upright_size"]
        even = copy.suffix == ".mp4"
        assert frames[0][:2] == (width + (even and width % 2), height + (even and height % 2))
        before = [time_s for _, _, time_s in frames_of(media / "odd" / file["file"])]
        assert [time_s for _, _, time_s in frames] == pytest.approx([time_s - before[0] for time_s in before], abs=1e-4)


@pytest.mark.timeout(600)
def test_broken_pictures_are_redacted_or_refused_one_by_one(media, tmp_path):
    """Through one child process, which none of them may take with it."""
    folder = media / "broken" / "made"
    pictures = [path for path in sorted(folder.iterdir()) if is_picture(path)]
    assert len(pictures) >= 30
    files = redacted(pictures, tmp_path / "out", "--jobs", "1")
    assert [file["file"] for file in files] == [path.name for path in pictures]
    claims = {file["file"]: file for file in files}
    assert claims["jpg_claims_65500x65500.jpg"]["error"] == "VideoUnreadable"
    assert claims["png_bomb_24000x24000.png"]["error"] == "VideoUnreadable"
    assert not [file for file in files if "died" in file.get("message", "")]
    for file in files:
        if not file["exit"]:
            plain_files.check_file(Path(file["output"]))
