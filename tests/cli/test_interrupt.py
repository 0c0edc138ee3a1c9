"""Every way to end a running verb but `kill -9`: in order, with the exit code of the signal, nothing half done left."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from posture.cli import exits

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

POSTURE = [sys.executable, "-c", "from posture.cli import main; main()"]
ENDS = [(signal.SIGTERM, exits.TERMINATED), (signal.SIGHUP, exits.HUNG_UP), (signal.SIGINT, exits.CANCELLED)]
SECONDS = 60


def heard():
    """In the child: no signal is ignored from the start, as it would be where the tests themselves run under nohup."""
    for number, _ in ENDS:
        signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)


@pytest.fixture
def begun():
    """Start a verb in a session of its own, and wait for a word on its stderr. No process outlives the test."""
    started = []

    def begin(*arguments, word='"frames"', before=(), **environment):
        child = subprocess.Popen(
            [*before, *POSTURE, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True, env={**os.environ, "POSTURE_POSE__MODEL": "lite", **environment},
            preexec_fn=heard,
        )  # fmt: skip
        started.append(child)
        assert any(word in line for line in child.stderr), child.wait()
        return child

    yield begin
    for child in started:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate()


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) if folder.exists() else []


def last_exit_code():
    command = [*POSTURE, "audit", "show", "--json"]
    entries = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=SECONDS).stdout)["entries"]
    assert entries[-1]["ev"] == "program.ended"
    return entries[-1]["exit_code"]


@pytest.mark.parametrize(("number", "code"), ENDS)
def test_a_redaction_leaves_no_half_copy(begun, long, tmp_path, number, code):
    child = begun("redact", long, "-o", tmp_path / "out", "--progress", "json")
    assert [name.endswith(".partial") for name in names(tmp_path / "out")] == [True], "the negative control"
    child.send_signal(number)
    _, words = child.communicate(timeout=SECONDS)
    assert (child.returncode, names(tmp_path / "out")) == (code, []), words
    assert "not complete" in words
    assert last_exit_code() == code


@pytest.mark.parametrize(("number", "code"), ENDS)
def test_an_analysis_ends_with_what_was_done_so_far(begun, long, tmp_path, number, code):
    how = ["--rate", "all", "--format", "json", "--progress", "json", "--json"]
    child = begun("analyze", long, "-o", tmp_path / "out", *how)
    child.send_signal(number)
    out, words = child.communicate(timeout=SECONDS)
    assert (child.returncode, names(tmp_path / "out")) == (code, ["long.json"]), words
    (file,) = json.loads(out)["files"]
    assert file["exit"] == code
    assert file["report"]["source"]["stopped_early"]
    assert last_exit_code() == code


@pytest.mark.parametrize(("number", "code"), ENDS[:2])
def test_other_verbs_clear_away_what_they_made(begun, tmp_path, number, code):
    child = begun("bench", "--json", word=" cores, ", TMPDIR=str(tmp_path))
    while not any("demo" in name for name in names(tmp_path)):  # the clip that it makes
        with suppress(subprocess.TimeoutExpired):
            pytest.fail(f"ended with {child.wait(timeout=0.05)}")
    child.send_signal(number)
    out, words = child.communicate(timeout=SECONDS)
    assert (child.returncode, out, names(tmp_path)) == (code, "", []), words
    assert "stopped" in words
    assert "Traceback" not in words


def test_a_second_signal_ends_at_once_and_in_order_too(begun, long, tmp_path):
    child = begun("analyze", long, "-o", tmp_path / "out", "--rate", "all", "--progress", "json")
    child.send_signal(signal.SIGTERM)
    assert any("give it up" in line for line in child.stderr)
    child.send_signal(signal.SIGTERM)
    _, words = child.communicate(timeout=SECONDS)
    assert child.returncode == exits.TERMINATED
    assert "Traceback" not in words
    assert not any(name.endswith(".partial") for name in names(tmp_path / "out"))


def test_a_signal_that_was_ignored_from_the_start_stays_so(begun, long, tmp_path):
    ignore = [sys.executable, "-c", "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
              "os.execv(sys.argv[1], sys.argv[1:])"]  # fmt: skip
    how = ["--to", "2", "--progress", "json", "--json"]
    child = begun("redact", long, "-o", tmp_path / "out", *how, word='"share"', before=ignore)
    child.send_signal(signal.SIGHUP)
    out, words = child.communicate(timeout=SECONDS)
    assert child.returncode == 0, words
    assert json.loads(out)["files"][0]["frames"] == 60


def test_a_terminal_that_is_closed_ends_the_work_in_order(long, tmp_path):
    """Nothing can be printed any more then: that must not keep the log from its last entry."""
    import pty

    pid, terminal = pty.fork()
    if pid == 0:
        heard()
        os.execve(POSTURE[0], [*POSTURE, "redact", str(long), "-o", str(tmp_path / "out")],
                  {**os.environ, "POSTURE_POSE__MODEL": "lite"})  # fmt: skip
    shown = b""
    while not re.search(rb"[1-9] ?%", shown):
        shown += os.read(terminal, 4096)
    assert names(tmp_path / "out") != [], "the negative control"
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == exits.HUNG_UP
    assert names(tmp_path / "out") == []
    assert last_exit_code() == exits.HUNG_UP


def test_what_a_killed_run_left_is_removed_by_the_next(begun, long, tmp_path):
    child = begun("redact", long, "-o", tmp_path / "out", "--progress", "json")
    child.kill()
    child.communicate(timeout=SECONDS)
    (left,) = names(tmp_path / "out")
    assert left.endswith(".partial")
    (tmp_path / "out" / ".other.partial").write_bytes(b"of somebody else")
    again = subprocess.run(
        [*POSTURE, "redact", str(long), "-o", str(tmp_path / "out"), "--to", "0.5"],
        capture_output=True, check=False, env={**os.environ, "POSTURE_POSE__MODEL": "lite"},
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert names(tmp_path / "out") == [".other.partial", "long.redacted.mp4"]
