"""Whole jobs on disks that are full, read-only or ignore case, in a mount namespace; and names that disks allow."""

import json
import os
import subprocess
import sys

import batch_kill
import pytest
from PIL import Image

from posture.cli import exits

POSTURE = f"{sys.executable} -P -c 'from posture.cli import main; main()'"
OPTIONS = "--what redact --workers 1 --progress none"


@pytest.fixture
def names(tmp_path):
    """Pictures that nobody is in, each another one, by their names in `in`."""
    (tmp_path / "in").mkdir()

    def put(*names):
        for number, name in enumerate(names):
            with open(os.fsencode(tmp_path / "in") + b"/" + name, "wb") as file:
                Image.new("RGB", (64, 48), (10 * number, 90, 120)).save(file, "PNG")

    return put


def in_namespace(folder, script):
    """Run a script of the shell in `folder`, with mounts that only it sees; its exit code and what it said."""
    if sys.platform != "linux":
        pytest.skip("mount namespaces are of Linux")
    unshare = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    if subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode:
        pytest.skip("the system lets nobody here make a mount namespace")
    words = script.replace("POSTURE", f"{POSTURE} batch run in -o out {OPTIONS}")
    done = subprocess.run(
        [*unshare, "sh", "-ec", words], cwd=folder, check=False, capture_output=True, text=True, timeout=300
    )
    if done.returncode == 77:
        pytest.skip(done.stderr.strip())
    assert "Traceback" not in done.stderr
    return done


def test_a_full_disk_ends_the_job_and_with_room_it_goes_on(tmp_path, names):
    names(b"a.png", b"b.png")
    script = """
        mkdir out; mount -t tmpfs -o size=16k disk out; head -c 16k /dev/zero > out/blocker || true
        code=0; POSTURE || code=$?; echo "first $code $(ls -A out | tr '\\n' ' ')"
        rm out/blocker; mount -o remount,size=1m out
        POSTURE; echo "second $(ls -A out | tr '\\n' ' ')"
    """
    done = in_namespace(tmp_path, script)
    assert done.returncode == 0, done.stderr
    first = next(line for line in done.stdout.splitlines() if line.startswith("first")).split()
    assert first == ["first", str(exits.IO_ERROR), "blocker"]
    assert "free some space" in done.stdout + done.stderr
    second = next(line for line in done.stdout.splitlines() if line.startswith("second")).split()[1:]
    copies = ["a.redacted.manifest.json", "a.redacted.png", "b.redacted.manifest.json", "b.redacted.png"]
    assert second == [*copies, "posture-batch.csv", "posture-batch.html", "posture-batch.json"]


def test_a_read_only_share_is_read_and_a_read_only_folder_of_results_is_said(tmp_path, names):
    names(b"a.png")
    script = """
        mount --bind in in; mount -o remount,bind,ro in; POSTURE; ls out
        mount -t tmpfs -o ro disk out
        code=0; POSTURE || code=$?; echo "code $code"
    """
    done = in_namespace(tmp_path, script)
    assert "a.redacted.png" in done.stdout
    assert f"code {exits.CANNOT_WRITE}" in done.stdout
    assert "Read-only file system" in done.stderr


def test_a_disk_that_ignores_case_gets_two_names(tmp_path, names):
    names(b"a.png", b"A.png", "ä.png".encode(), "Ä.png".encode())
    script = """
        truncate -s 8M disk; mkfs.ext4 -q -O casefold -E encoding=utf8 disk; mkdir mounted
        mount -o loop disk mounted 2> /dev/null || { echo "this kernel has no file system without case" >&2; exit 77; }
        mkdir mounted/out; chattr +F mounted/out; ln -s mounted/out out; POSTURE; ls out
    """
    done = in_namespace(tmp_path, script)
    assert done.returncode == 0, done.stderr
    assert len([name for name in done.stdout.splitlines() if name.endswith(".png")]) == 4


def test_names_and_cut_files_have_each_an_outcome_of_their_own(tmp_path, names):
    if sys.platform != "linux":
        pytest.skip("other systems take no names that are no Unicode")
    batch_kill.make_clips(tmp_path / "clips", 1)
    clip = (tmp_path / "clips" / "clip-00000.mp4").read_bytes()
    names(b"\xff.png", b"n" * 251 + b".png", b"a.png", b"A.png")
    (tmp_path / "in" / "a.mp4").write_bytes(clip[: len(clip) // 2])
    (tmp_path / "in" / "empty.mp4").write_bytes(b"")
    command = f"{POSTURE} batch run in -o out {OPTIONS} --json"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == exits.SOME_FAILED, done.stderr
    summary = json.loads((tmp_path / "out" / "posture-batch.json").read_text("utf-8"))
    told = {one["file"]: (one["state"], one["message"]) for one in summary["files"]}
    assert sorted(state for state, _ in told.values()) == ["done"] * 4 + ["failed"] * 2
    assert "not a readable video" in told["a.mp4"][1]
    assert "empty" in told["empty.mp4"][1]
    written = [path.name for path in (tmp_path / "out").iterdir()]
    copies = [name for name in written if name.endswith(".png")]
    assert len({name.casefold() for name in copies}) == 4
    assert not [name for name in written if name.endswith(".partial")]
