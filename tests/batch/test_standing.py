"""What stands in a folder, who holds a file, and which file systems tell of changes."""

import fcntl
import os
import sys
import threading
from pathlib import Path

import pytest

from posture.batch.standing import Away, Folder, file_system, is_held, watched_by

MOUNTS = """\
21 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 21 0:40 / /mnt rw - tmpfs none rw
31 30 0:41 / /mnt/nas rw,relatime shared:1 - cifs //office/videos rw
32 30 0:42 / /mnt/with\\040space rw - nfs4 server:/x rw
33 21 0:43 / /home/u/drive rw - fuse.rclone remote rw
"""


@pytest.mark.parametrize(
    ("path", "kind", "watched"),
    [
        ("/home/u/videos", "ext4", "events"),
        ("/mnt", "tmpfs", "events"),
        ("/mnt/nas", "cifs", "polling"),
        ("/mnt/nas/a/b", "cifs", "polling"),
        ("/mnt/nasty", "tmpfs", "events"),
        ("/mnt/with space/a", "nfs4", "polling"),
        ("/home/u/drive/x", "fuse.rclone", "polling"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="reads mountinfo")
def test_the_file_system_is_that_of_the_longest_mount_point(path, kind, watched):
    assert file_system(Path(path), MOUNTS) == kind
    assert watched_by(Path(path), MOUNTS) == watched


def test_a_folder_that_is_not_there_is_away(tmp_path):
    with pytest.raises(Away):
        Folder(tmp_path / "x", "analyze")
    folder = Folder(tmp_path, "analyze")
    tmp_path.rename(tmp_path.with_name("elsewhere"))
    with pytest.raises(Away):
        folder.look()


def test_a_share_that_does_not_answer_is_away(tmp_path, monkeypatch):
    monkeypatch.setattr("posture.batch.standing.ANSWER_S", 0.01)
    answered = threading.Event()

    def stuck(path):
        answered.wait()
        raise OSError(5, "at last")

    monkeypatch.setattr(os, "scandir", stuck)
    with pytest.raises(Away, match="does not answer"):
        Folder(tmp_path, "analyze")
    answered.set()


def test_only_videos_and_pictures_that_somebody_could_mean_are_listed(tmp_path):
    for name in ("a.mp4", "b.JPG", "c.txt", ".d.mp4", ".hidden/e.mp4", "sub/f.mov", "out/g.mp4", "h.scrubbed.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    listing = Folder(tmp_path, "scrub", [tmp_path / "out"]).look()
    assert sorted(listing) == [b"a.mp4", b"b.JPG", b"sub/f.mov"]


@pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux's")
def test_a_file_that_somebody_writes_or_has_locked_is_held(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x")
    assert not is_held(path)
    with path.open("ab"):
        assert is_held(path)
    with path.open("rb") as reader:
        assert not is_held(path)
        fcntl.flock(reader, fcntl.LOCK_EX)
        assert is_held(path)
    assert not is_held(path)
    assert not is_held(tmp_path / "gone.mp4")
