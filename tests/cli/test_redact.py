"""`posture redact` as a user runs it: real processes, real files, exit codes, and what the copies give away."""

import json
import os
import re
import signal
import struct
import subprocess
import sys
import zlib

import av
import cv2
import numpy as np
import plain_files
import pytest

from posture.sources import open_source
from posture.sources.clipwriter import write_clip
from posture.sources.demo import PORTRAIT, DemoSource

POSTURE = [sys.executable, "-c", "from posture.cli import main; main()"]
SECRETS = ("Ada Planted", "SN-0815-4711", "patient file 12", "47.376888")
FACE = (slice(50, 160), slice(180, 270))  # rows and columns of the portrait


def posture(*arguments, environment=None, **options):
    done = subprocess.run(
        [*POSTURE, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "POSTURE_POSE__MODEL": "lite", **(environment or {})},
        **options,
    )
    assert "Traceback" not in done.stderr
    return done


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def portrait():
    """The portrait of the demo, BGR [512, 512, 3]."""
    return cv2.imread(str(PORTRAIT))


def exif(*texts):
    """A TIFF structure with one ASCII field for each text (image description, make, ...)."""
    tags = (0x010E, 0x010F, 0x0110, 0x013B)
    head, place, fields, values = b"II*\0\x08\0\0\0", 8 + 2 + 12 * len(texts) + 4, b"", b""
    for tag, text in zip(tags, texts, strict=True):
        value = text.encode() + b"\0"
        fields += struct.pack("<HHII", tag, 2, len(value), place + len(values))
        values += value
    return head + struct.pack("<H", len(texts)) + fields + bytes(4) + values


def planted_jpeg(picture):
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    app1, comment = b"Exif\0\0" + exif(*SECRETS), " ".join(SECRETS).encode()
    segments = [b"\xff\xe1" + struct.pack(">H", len(app1) + 2) + app1]
    segments.append(b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment)
    return jpeg[:2] + b"".join(segments) + jpeg[2:] + comment


def planted_png(picture):
    png = cv2.imencode(".png", picture)[1].tobytes()
    body = b"tEXtAuthor\0" + " ".join(SECRETS).encode()
    return png[:33] + struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)) + png[33:]


def planted_video(path, picture, container_format="mp4"):
    """Title and comment, a sound track, and a unit of text in front of each picture."""
    with av.open(str(path), "w", format=container_format) as container:
        container.metadata.update({"title": SECRETS[0], "comment": SECRETS[1], "location": SECRETS[3]})
        video, sound = container.add_stream("libx264", rate=25), container.add_stream("aac", rate=8000, layout="mono")
        video.height, video.width, video.pix_fmt = *picture.shape[:2], "yuv420p"
        video.metadata["handler_name"] = SECRETS[2]
        for _ in range(12):
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        container.mux(video.encode(None))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 4000), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 8000
        container.mux(sound.encode(silence))
        container.mux(sound.encode(None))
    return path


@pytest.fixture(scope="module")
def planted(tmp_path_factory, portrait):
    """A folder of files that tell more than they show."""
    folder = tmp_path_factory.mktemp("planted")
    (folder / "Ada").mkdir()
    (folder / "Ada" / "a.jpg").write_bytes(planted_jpeg(portrait))
    (folder / "b.png").write_bytes(planted_png(portrait))
    planted_video(folder / "c.mp4", portrait[:256])
    planted_video(folder / "d.mkv", portrait[:256], "matroska")
    cv2.imwrite(str(folder / "e.bmp"), portrait)
    (folder / "e.bmp").write_bytes((folder / "e.bmp").read_bytes() + " ".join(SECRETS).encode())
    cv2.imwrite(str(folder / "f.webp"), portrait)
    cv2.imwrite(str(folder / "g.tif"), portrait)
    return folder


@pytest.fixture(scope="module")
def copies(planted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("copies")
    done = posture("redact", planted, "-o", folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("sound is never carried over") == 1
    assert "7 files, 0 failed" in done.stdout
    return folder


def test_copies_keep_their_place_and_their_kind(copies):
    assert names(copies) == [
        "Ada/a.redacted.jpg",
        "b.redacted.png",
        "c.redacted.mp4",
        "d.redacted.mp4",
        "e.redacted.png",
        "f.redacted.webp",
        "g.redacted.png",
    ]


def test_no_copy_carries_anything_but_pictures(planted, copies):
    for name in names(copies):
        plain_files.check_file(copies / name)
    sources = b"".join((planted / name).read_bytes() for name in names(planted))
    written = b"".join((copies / name).read_bytes() for name in names(copies))
    for secret in SECRETS:
        assert secret.encode() in sources, "the negative control"
        for encoding in ("utf-8", "utf-16-le"):
            assert secret.encode(encoding) not in written


def face_changed(picture, portrait):
    return np.abs(picture[FACE].astype(int) - portrait[FACE]).mean()


def test_the_face_is_gone_and_the_rest_is_there(copies, portrait):
    picture = cv2.imread(str(copies / "b.redacted.png"))
    assert face_changed(picture, portrait) > 25
    assert np.abs(picture[400:].astype(int) - portrait[400:]).mean() < 3
    source = open_source(copies / "c.redacted.mp4")
    changes = [face_changed(frame.scaled(512, 256)[:, :, ::-1], portrait) for frame in source]
    source.close()
    assert len(changes) == 12
    assert min(changes) > 25


def test_kept_faces_are_the_negative_control(planted, tmp_path, portrait):
    done = posture("redact", planted / "b.png", "-o", tmp_path, "--faces", "keep")
    assert done.returncode == 0, done.stderr
    assert face_changed(cv2.imread(str(tmp_path / "b.redacted.png")), portrait) == 0


@pytest.mark.parametrize(
    "how",
    [
        ["--faces", "blur"],
        ["--background", "blur"],
        ["--background", "remove", "--colour", "#102030"],
        ["--bystanders", "remove"],
        ["--skeleton-only"],
        ["--skeleton-only", "--background", "remove", "--colour", "#102030"],
    ],
)
def test_every_way_gives_another_picture(planted, copies, tmp_path, how):
    done = posture("redact", planted / "b.png", "-o", tmp_path, "--faces", "cover", *how)
    assert done.returncode == 0, done.stderr
    plain_files.check_file(tmp_path / "b.redacted.png")
    covered = (copies / "b.redacted.png").read_bytes()
    if how[0] != "--bystanders":  # nobody stands by
        assert (tmp_path / "b.redacted.png").read_bytes() != covered


def test_a_background_is_replaced_by_a_picture(planted, tmp_path, portrait):
    cv2.imwrite(str(tmp_path / "blue.png"), np.full((64, 64, 3), (250, 10, 10), np.uint8))
    done = posture("redact", planted / "b.png", "-o", tmp_path / "out", "--picture", tmp_path / "blue.png")
    assert done.returncode == 0, done.stderr
    corner = cv2.imread(str(tmp_path / "out" / "b.redacted.png"))[250:260, :4].reshape(-1, 3)
    assert np.abs(corner.astype(int) - (250, 10, 10)).max() <= 5


def test_the_same_input_gives_the_same_bytes_under_any_name(planted, copies, tmp_path):
    (tmp_path / "x.mp4").write_bytes((planted / "c.mp4").read_bytes())
    (tmp_path / "y.jpg").write_bytes((planted / "Ada" / "a.jpg").read_bytes())
    done = posture("redact", tmp_path / "x.mp4", tmp_path / "y.jpg", "-o", tmp_path / "out", "--jobs", "1",
                   environment={"PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "C"})  # fmt: skip
    assert done.returncode == 0
    assert (tmp_path / "out" / "x.redacted.mp4").read_bytes() == (copies / "c.redacted.mp4").read_bytes()
    assert (tmp_path / "out" / "y.redacted.jpg").read_bytes() == (copies / "Ada" / "a.redacted.jpg").read_bytes()


def test_neutral_names_pair_nothing(planted, tmp_path):
    done = posture("redact", planted / "Ada", planted / "b.png", "-o", tmp_path, "--rename", "--json")
    assert names(tmp_path) == ["r0001.jpg", "r0002.png"]
    tree = json.loads(done.stdout)
    assert [file["file"] for file in tree["files"]] == [1, 2]
    assert "a.jpg" not in done.stdout
    words = posture("redact", planted / "b.png", "-o", tmp_path / "more", "--rename").stdout
    assert "b.png" in words
    assert "r0001" not in words


def test_json_is_one_document_and_nothing_else(planted, tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    done = posture("redact", tmp_path / "bad.mp4", planted / "c.mp4", "-o", tmp_path / "out", "--json")
    assert done.returncode == 3
    tree = json.loads(done.stdout)
    assert tree["schema"] == "posture.redact/1"
    bad, good = tree["files"]
    assert (bad["file"], bad["exit"], bad["error"]) == ("bad.mp4", 65, "VideoUnreadable")
    assert good.pop("seconds") > 0
    assert min(good.pop("faces"), good.pop("people")) >= 1
    assert good == {
        "file": "c.mp4",
        "exit": 0,
        "output": str(tmp_path / "out" / "c.redacted.mp4"),
        "frames": 12,
        "uncertain": good["uncertain"],
        "damage": "",
        "sound_left_out": True,
        "bytes": (tmp_path / "out" / "c.redacted.mp4").stat().st_size,
    }


def test_damage_is_said_and_what_is_left_is_redacted(planted, tmp_path):
    content = bytearray((planted / "c.mp4").read_bytes())
    place = content.index(b"mdat") + 6000  # inside the first picture
    content[place : place + 300] = bytes(300)
    (tmp_path / "hole.mp4").write_bytes(content)
    done = posture("redact", tmp_path / "hole.mp4", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "damaged" in done.stdout
    assert "▲" in done.stdout
    plain_files.check_file(tmp_path / "out" / "hole.redacted.mp4")


@pytest.mark.parametrize("verb", ["redact", "analyze"])
def test_a_picture_of_which_half_is_missing_is_said_to_be_damaged(portrait, tmp_path, verb):
    jpeg = cv2.imencode(".jpg", portrait)[1].tobytes()
    (tmp_path / "half.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    done = posture(verb, tmp_path / "half.jpg", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "▲" in done.stdout
    assert "The picture is damaged" in done.stdout


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (lambda p: None, 66, "no such file"),
        (lambda p: p.write_bytes(b""), 65, "empty"),
        (lambda p: p.write_bytes(b"just text, a lot of it" * 99), 65, "not a readable video"),
    ],
)
def test_a_bad_file_has_an_exit_code_and_one_clear_line(tmp_path, make, code, words):
    path = tmp_path / "bad.mp4"
    make(path)
    done = posture("redact", path, "-o", tmp_path / "out")
    assert done.returncode == code
    assert words in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--faces", "maybe"], "redact.faces"),
        (["--background", "gone"], "redact.background"),
        (["--bystanders", "hide"], "redact.bystanders"),
        (["--colour", "reddish"], "--colour"),
        (["--colour", "1,2,256"], "--colour"),
        (["--crf", "52"], "redact.crf"),
        (["--jobs", "0"], "--jobs"),
        (["--from", "5", "--to", "3"], "--to"),
        (["--provider", "tpu"], "pose.providers"),
        (["--picture", PORTRAIT, "--background", "blur"], "--picture"),
        (["--skeleton-only", "--background", "replace", "--picture", PORTRAIT], "--background replace, --picture"),
        (["--skeleton-only", "--picture", PORTRAIT], "does not go with --picture"),
        (["--skeleton-only", "--background", "blur"], "--background blur"),
        (["--skeleton-only", "--faces", "keep"], "--faces keep"),
        (["--colour", "#102030", "--background", "blur"], "--colour"),
        (["--colour", "#102030", "--picture", PORTRAIT], "--colour"),
    ],
)
def test_a_wrong_option_is_named(planted, tmp_path, arguments, words):
    done = posture("redact", planted / "b.png", "-o", tmp_path / "out", *arguments)
    assert done.returncode == 2
    assert words in re.sub(r"\s+", " ", done.stderr)
    assert not (tmp_path / "out").exists()


def test_a_picture_for_the_background_that_is_not_there(planted, tmp_path):
    done = posture("redact", planted / "b.png", "-o", tmp_path, "--picture", tmp_path / "none.png")
    assert done.returncode == 66
    assert "none.png" in done.stderr


def test_a_copy_that_is_there_is_kept_unless_asked(planted, tmp_path):
    (tmp_path / "b.redacted.png").write_bytes(b"mine")
    refused = posture("redact", planted / "b.png", "-o", tmp_path)
    assert refused.returncode == 73
    assert "--overwrite" in refused.stderr
    assert (tmp_path / "b.redacted.png").read_bytes() == b"mine"


def small_files():
    """No file of this process grows beyond 20 kB, as on a disk that is full."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_a_disk_that_is_full_leaves_nothing(planted, tmp_path):
    done = posture("redact", planted / "b.png", "-o", tmp_path / "out", preexec_fn=small_files)
    assert done.returncode == 74, done.stderr
    assert "no room to write" in done.stderr
    assert names(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_leaves_what_is_complete_and_nothing_else(planted, tmp_path):
    path = tmp_path / "long.mp4"
    write_clip(path, DemoSource(320, 240, 30.0, 60.0))
    arguments = ["redact", planted / "b.png", path, "-o", tmp_path / "out", "--progress", "json"]
    child = subprocess.Popen(
        [*POSTURE, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "POSTURE_POSE__MODEL": "lite"},
    )  # fmt: skip
    for line in child.stderr:
        if '"long.mp4"' in line:
            break
    child.send_signal(signal.SIGINT)
    words, complaints = child.communicate(timeout=60)
    assert child.returncode == 130, complaints
    assert "not complete" in complaints
    assert "1 not done" in words
    assert names(tmp_path / "out") == ["b.redacted.png"]


def test_a_rotation_flag_is_applied_and_not_carried_over(tmp_path, portrait):
    jpeg = cv2.imencode(".jpg", portrait[:400])[1].tobytes()
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHIHHI", 0x0112, 3, 1, 6, 0, 0)
    body = b"Exif\0\0" + tiff
    (tmp_path / "turned.jpg").write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:])
    done = posture("redact", tmp_path / "turned.jpg", "-o", tmp_path, "--faces", "keep")
    assert done.returncode == 0, done.stderr
    plain_files.check_file(tmp_path / "turned.redacted.jpg")
    got = cv2.imread(str(tmp_path / "turned.redacted.jpg"))
    upright = cv2.rotate(portrait[:400], cv2.ROTATE_90_CLOCKWISE)
    assert got.shape == upright.shape == (512, 400, 3)
    assert np.abs(got.astype(int) - upright).mean() < 5


def test_a_second_run_takes_no_copies_of_the_first(portrait, tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("a.png", "sub/b.png"):
        cv2.imwrite(str(tmp_path / name), portrait[:128, :128])
    assert posture("redact", ".", "--rename", cwd=tmp_path).returncode == 0
    first = ["posture-redacted/r0001.png", "posture-redacted/r0002.png"]
    assert names(tmp_path) == ["a.png", *first, "sub/b.png"]
    again = posture("redact", ".", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "2 copies of an earlier run were left out" in again.stderr
    second = ["posture-redacted/a.redacted.png", "posture-redacted/sub/b.redacted.png"]
    assert names(tmp_path) == sorted(["a.png", *first, *second, "sub/b.png"])
    for _ in range(2):
        beside = posture("redact", ".", "-o", ".", "--overwrite", cwd=tmp_path / "sub")
        assert beside.returncode == 0, beside.stderr
        assert names(tmp_path / "sub") == ["b.png", "b.redacted.png"]


def test_a_copy_that_is_named_is_redacted_again(portrait, tmp_path):
    copy = tmp_path / "posture-redacted" / "a.redacted.png"
    copy.parent.mkdir()
    cv2.imwrite(str(copy), portrait[:128, :128])
    refused = posture("redact", copy.parent, cwd=tmp_path)
    assert refused.returncode == 66
    assert "nothing in this folder but copies of an earlier run" in refused.stderr
    done = posture("redact", copy, "-o", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert names(tmp_path / "out") == ["a.redacted.redacted.png"]
