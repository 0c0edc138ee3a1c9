"""The walk over a video: everything that the program writes passes, and each single thing that must not be there fails.

The tools of others find nothing either, and find something in what FFmpeg writes by default: the negative control.
"""

import getpass
import io
import json
import re
import shutil
import socket
import struct
import subprocess
from contextlib import suppress
from datetime import date
from pathlib import Path

import av
import numpy as np
import plain_files
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.data import Observation
from posture.privacy.mp4_check import findings
from posture.sources.encoders import Encoding, for_export, for_recording
from posture.sources.hardware import encoding, faults
from posture.sources.plainvideo import PlainVideo
from posture.vault import track
from posture.vault.boxes import BoxError, padding, track_box

CODECS = ("h264", "hevc", "av1")
MEDIA = Path(__file__).resolve().parents[3] / "shared" / "media"


def pictures(count, width=128, height=96):
    base = np.random.default_rng(5).integers(0, 255, (height // 8, width // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    return [np.roll(base, 3 * number, 1) for number in range(count)]


def written(encoding, count=25):
    video, content = PlainVideo(128, 96, rate=10, encoding=encoding), b""
    for number, picture in enumerate(pictures(count)):
        video.add(picture, number / 10)
        content += video.take()
    video.end()
    return content + video.take()


def recorded(codec):
    """As it lies in a clip: with a pose track and with free space that fills up to the next chunk."""
    content = written(for_recording(codec, 23, 10))
    place = content.index(b"moof") - 4
    head, rest = content[:place], content[place:]
    looks = track_box(track.encode([track.Look(0.0, 0, Observation(0, 0.0))], 128, 96))
    return head + padding(len(head), 16384) + looks + rest


def by_default(codec="libx264"):
    """What PyAV writes when nobody asks for anything."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for picture in pictures(25):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture(scope="module", params=CODECS)
def clip(request):
    return recorded(request.param)


@pytest.fixture(scope="module")
def h264():
    return recorded("h264")


def found(content):
    return findings(io.BytesIO(content))


def test_what_is_recorded_is_plain(clip):
    assert found(clip) == []


def test_so_is_what_is_exported():
    content = written(for_export(20))
    assert found(content) == []
    plain_files.check_mp4(content)  # which was written by other hands, for the same promise


def test_the_negative_control():
    words = found(by_default())
    assert any("udta" in word for word in words)
    assert any("name of a handler" in word for word in words)
    assert any("fragment" in word for word in words)


@pytest.mark.parametrize(("encoder", "codec"), [("libx264", "h264"), ("libx265", "hevc")])
def test_units_of_an_encoder_that_tells_of_itself_are_found(encoder, codec, monkeypatch):
    """The same container around the stream as the encoder gives it."""
    monkeypatch.setattr("posture.sources.encoders.REMOVED_UNITS", {codec: "null"})
    monkeypatch.setattr("posture.sources.plainvideo.Flags", type("None", (), {"bitexact": 0, "global_header": 1 << 22}))
    words = found(written(Encoding(encoder, codec, {"preset": "ultrafast"})))
    assert any("a unit of type" in word for word in words)
    assert any("in the pictures" in word or "unit" in word for word in words)


def replaced(old, new, count=1):
    def change(content):
        assert content.count(old) >= 1, old
        return content.replace(old, new, count)

    return change


def inside(parent, box):
    """Put a box at the end of the first `parent` box, and make all boxes around it longer."""

    def change(content):
        def grown(data):
            out, place = b"", 0
            while place < len(data):
                size, kind = struct.unpack_from(">I4s", data, place)
                body = data[place + 8 : place + size]
                if kind == parent:
                    body += box
                elif kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex") and parent in body:
                    body = grown(body)
                out += struct.pack(">I4s", 8 + len(body), kind) + body
                place += size
            return out

        return grown(content)

    return change


def made(kind, body):
    return struct.pack(">I4s", 8 + len(body), kind) + body


def in_free(content):
    place = content.index(b"free") + 20
    return content[:place] + b"\1" + content[place + 1 :]


def first_unit(kind):
    def change(content):
        place = content.index(b"mdat") + 8
        return content[:place] + bytes([kind]) + content[place + 1 :]

    return change


def with_compressor(content):
    place = content.index(b"avc1", content.index(b"stsd")) + 4 + 42
    return content[:place] + b"\4Mine" + content[place + 5 :]


def with_longer_data(content):
    place = content.index(b"mdat") - 4
    (size,) = struct.unpack_from(">I", content, place)
    return (
        content[:place]
        + struct.pack(">I", size + 2)
        + content[place + 4 : place + size]
        + b"\0\0"
        + content[place + size :]
    )


FAULTS = {
    "a date in mvhd": replaced(b"mvhd\0\0\0\0\0\0\0\0", b"mvhd\0\0\0\0\xe0\0\0\0"),
    "a date in tkhd": replaced(b"tkhd\0\0\0\3\0\0\0\0", b"tkhd\0\0\0\3\xe0\0\0\0"),
    "a date in mdhd": replaced(b"mdhd\0\0\0\0\0\0\0\0\0\0\0\0", b"mdhd\0\0\0\0\0\0\0\0\xe0\0\0\0"),
    "a language": replaced(b"\x55\xc4\0\0", b"\x15\xc7\0\0"),
    "the brand qt  ": replaced(b"iso6\0\0\2\0", b"qt  \0\0\2\0"),
    "the name of a handler": replaced(b"vide" + bytes(12), b"vide" + bytes(8) + b"Mine"),
    "a track that is no video": replaced(b"vide" + bytes(12), b"soun" + bytes(12)),
    "a box udta in moov": inside(b"moov", made(b"udta", b"")),
    "a box meta in trak": inside(b"trak", made(b"meta", bytes(4))),
    "a box edts in trak": inside(b"trak", made(b"edts", b"")),
    "2 tracks instead of one": inside(b"moov", made(b"trak", b"")),
    "a box uuid in moov": inside(b"moov", made(b"uuid", bytes(16))),
    "a box skip": lambda content: content + made(b"skip", b"1234"),
    "a box mdta": lambda content: made(b"ftyp", b"iso6\0\0\2\0") + made(b"mdta", b"") + content,
    "a box uuid that is no pose track": lambda content: content + made(b"uuid", bytes(range(16)) + b"hidden"),
    "a pose track that cannot be read": lambda content: content + track_box(b"\1 nobody reads this"),
    "a free box with something in it": in_free,
    "a unit of type 6 in the H.264 stream": first_unit(6),
    "a unit of type 9 in the H.264 stream": first_unit(9),
    "bytes between the pictures": with_longer_data,
    "pictures in another file": replaced(b"url \0\0\0\1", b"url \0\0\0\0"),
    "a colour profile": replaced(b"colrnclx", b"colrprof"),
    "a picture that is to be turned": replaced(struct.pack(">3I", 0x10000, 0, 0), struct.pack(">3I", 0, 0x10000, 0), 9),
    "the name of an encoder": with_compressor,
    "pictures without a fragment": lambda content: content + made(b"mdat", b"\0\0\0\1\5"),
}


@pytest.mark.parametrize("word", FAULTS)
def test_the_walk_finds_each_single_fault(word, h264):
    words = found(FAULTS[word](h264))
    assert any(word in one for one in words), words


def test_a_file_that_is_cut_or_no_video_is_not_plain(h264):
    assert any("cut" in one for one in found(h264[:-5]))
    for content in (b"", b"\x89PNG\r\n\x1a\n", made(b"mdat", b"")):
        with pytest.raises(BoxError):
            found(content)


@given(st.integers(0, 6000), st.binary(min_size=1, max_size=6))
def test_the_walk_never_breaks(place, other):
    content = bytearray(SMALL)
    content[place : place + len(other)] = other
    with suppress(BoxError):
        found(bytes(content))


SMALL = recorded("h264")


@pytest.mark.skipif(not MEDIA.exists(), reason="no test media here")
def test_videos_of_others_are_not_plain():
    files = [
        *(MEDIA / "videos").glob("*.mp4"),
        *(MEDIA / "metadata").rglob("*.mp4"),
        *(MEDIA / "broken").rglob("*.mp4"),
    ]
    assert len(files) > 20
    plain = []
    for path in files:
        try:
            with path.open("rb") as file:
                plain += [] if findings(file) else [path.name]
        except BoxError:
            pass
    assert not plain


# Encoders: groups of exactly one second, the same bytes for the same frames.


@pytest.mark.parametrize("codec", CODECS)
def test_the_same_frames_give_the_same_bytes(codec):
    assert written(for_recording(codec, 23, 10)) == written(for_recording(codec, 23, 10))


@pytest.mark.parametrize("codec", CODECS)
def test_software_encoders_pass_the_trial_of_hardware(codec):
    assert faults(for_recording(codec, 23, 10)) == []


def test_the_trial_finds_groups_of_another_length_and_an_encoder_that_is_not_there():
    assert any("key frames" in word for word in faults(Encoding("libx264", "h264", {"x264-params": "keyint=4"}, 10)))
    assert any("h264_none" in word for word in faults(Encoding("h264_none", "h264", {}, 10)))


@pytest.mark.parametrize("codec", CODECS)
def test_without_a_card_the_processor_does_it(codec):
    assert encoding(codec, 23, 10, hardware=True).encoder in {f"{codec}_nvenc", "libx264", "libx265", "libsvtav1"}
    assert encoding(codec, 23, 10, hardware=False).encoder.startswith("lib")


@pytest.mark.parametrize("codec", CODECS)
def test_every_second_can_be_decoded_by_itself(codec):
    content = written(for_recording(codec, 23, 10), 30)
    starts = [match.start() - 4 for match in re.finditer(b"moof", content)]
    assert len(starts) == 3
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        with av.open(io.BytesIO(content[: starts[0]] + content[start:end]), "r", format="mp4") as container:
            assert len(list(container.decode(video=0))) == 10


# The tools of others.


def tool(name):
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not installed")


def told_by(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


KEYS = json.loads((Path(__file__).parent / "structural_keys.json").read_text())
"""What a video cannot be without (sizes, times, how it is coded), and what a tool says of the file around it."""


def exiftool_faults(path):
    (said,) = json.loads(told_by("exiftool", "-j", "-G1", "-a", "-ee", "-u", "-n", str(path)))
    dates = [key for key in said if key.endswith("Date") and not key.startswith("System")]
    return sorted(said.keys() - {*KEYS["exiftool"]}) + [key for key in dates if said[key] != "0000:00:00 00:00:00"]


def ffprobe_faults(path):
    shows = ("-show_format", "-show_streams", "-show_chapters")
    said = json.loads(told_by("ffprobe", "-v", "error", "-of", "json", *shows, str(path)))
    usual = {"major_brand": "iso6", "minor_version": "512", "language": "und", "vendor_id": "[0][0][0][0]"}
    tags = [*said["format"].get("tags", {}).items(), *(t for s in said["streams"] for t in s.get("tags", {}).items())]
    odd = [name for name, value in tags if name != "compatible_brands" and usual.get(name) != value]
    more = [stream["codec_type"] for stream in said["streams"][1:]] + said["chapters"]
    return odd + more + [side for stream in said["streams"] for side in stream.get("side_data_list", ())]


def mediainfo_faults(path):
    lines = [line.partition(" : ") for line in told_by("mediainfo", "-f", str(path)).splitlines()]
    return sorted({name.strip() for name, colon, _ in lines if colon} - {*KEYS["mediainfo"]})


def mat2_faults(path):
    lines = [line.partition(":") for line in told_by("mat2", "--show", str(path)).splitlines()[1:]]
    return sorted({name.strip() for name, colon, _ in lines if colon} - {*KEYS["mat2"]})


def strings_faults(path):
    runs = re.findall(rb"[\x20-\x7e]{5,}", path.read_bytes())
    person = [socket.gethostname(), getpass.getuser(), "posture"]
    words = (
        rb"lav[cf]\d|lavc|x26[45] |svt-av1|ffmpeg|options:|core \d|mdir|handler|"
        + str(date.today().year).encode()
        + b"-"
    )
    return [run for run in runs if re.search(words, run, re.I)] + [
        run for run in runs for name in person if len(name) > 4 and name.encode() in run
    ]


CHECKS = {"exiftool": exiftool_faults, "ffprobe": ffprobe_faults, "mediainfo": mediainfo_faults, "mat2": mat2_faults}
every_tool = pytest.mark.parametrize("name", [pytest.param(name, marks=tool(name)) for name in CHECKS])


@every_tool
def test_tools_find_nothing(name, clip, tmp_path):
    path = tmp_path / "0123456789abcdef.mp4"
    path.write_bytes(clip)
    assert CHECKS[name](path) == []
    assert strings_faults(path) == []


@every_tool
def test_tools_find_something_in_what_is_written_by_default(name, tmp_path):
    path = tmp_path / "usual.mp4"
    path.write_bytes(by_default())
    assert CHECKS[name](path)
    assert strings_faults(path)
