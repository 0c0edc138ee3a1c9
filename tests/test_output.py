import errno
import os
import subprocess
import sys

import pytest

from posture.errors import OutputExists, OutputFull, SinkError
from posture.output import probe, whole_file


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_the_file_appears_whole(tmp_path):
    target = tmp_path / "deep" / "report.json"
    with whole_file(target) as out:
        out.write(b"first half, ")
        assert not target.exists()
        out.write(b"second half")
    assert target.read_bytes() == b"first half, second half"
    assert names(target.parent) == ["report.json"]


def test_an_error_in_between_leaves_nothing(tmp_path):
    def half(path):
        with whole_file(path) as out:
            out.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half(tmp_path / "report.json")
    assert names(tmp_path) == []


def test_an_existing_file_is_kept(tmp_path):
    target = tmp_path / "report.json"
    target.write_bytes(b"mine")
    with pytest.raises(OutputExists, match="--overwrite"), whole_file(target) as out:
        out.write(b"yours")
    assert target.read_bytes() == b"mine"
    with whole_file(target, overwrite=True) as out:
        out.write(b"yours")
    assert target.read_bytes() == b"yours"


def test_a_file_that_appears_meanwhile_is_kept(tmp_path):
    target = tmp_path / "report.json"

    def meanwhile():
        with whole_file(target) as out:
            out.write(b"ours")
            target.write_bytes(b"theirs")

    with pytest.raises(OutputExists):
        meanwhile()
    assert target.read_bytes() == b"theirs"
    assert names(tmp_path) == ["report.json"]


@pytest.mark.parametrize(("code", "kind"), [(errno.ENOSPC, OutputFull), (errno.EIO, SinkError)])
def test_faults_of_the_disk_are_named(tmp_path, monkeypatch, code, kind):
    def fail(_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(kind, match=r"report\.json"), whole_file(tmp_path / "report.json") as out:
        out.write(b"x")
    assert names(tmp_path) == []


def test_a_probe_finds_what_writing_would_and_leaves_nothing(tmp_path):
    probe(tmp_path / "deep" / "er" / "report.json")
    assert names(tmp_path) == []
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SinkError, match="cannot write"):
        probe(tmp_path / "file" / "report.json")


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SinkError, match="cannot write"), whole_file(tmp_path / "file" / "report.json"):
        pytest.fail("must not get here")


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_usual_permissions(tmp_path):
    with whole_file(tmp_path / "a") as out:
        out.write(b"x")
    (tmp_path / "b").write_bytes(b"x")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


KILLED = """
import os, signal, sys
from pathlib import Path
from posture.output import whole_file
with whole_file(Path(sys.argv[1])) as out:
    out.write(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_what_a_killed_run_left_of_the_same_file_is_removed(tmp_path):
    for name in ("report.json", "other.json"):
        subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / name)], check=False)
    assert len(names(tmp_path)) == 2, "the negative control"
    with whole_file(tmp_path / "report.json") as out:
        out.write(b"x")
    left, whole = names(tmp_path)
    assert (left[0], left[-8:], whole) == (".", ".partial", "report.json")


def test_what_another_run_is_writing_is_left_alone(tmp_path):
    with whole_file(tmp_path / "report.json") as slow:
        with whole_file(tmp_path / "report.json") as out:
            out.write(b"quick")
        slow.write(b"slow")
        assert len(names(tmp_path)) == 2
        (tmp_path / "report.json").unlink()
    assert (tmp_path / "report.json").read_bytes() == b"slow"
    assert names(tmp_path) == ["report.json"]
