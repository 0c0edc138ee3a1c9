"""`posture fleet` at the command line: who gets a network at all, and what is said of mistakes."""

import json
import os
import subprocess
import sys

import pytest

from posture.batch import running
from posture.cli.fleet import wants_network


def posture(*arguments):
    return subprocess.run(
        [sys.executable, "-c", "from posture.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("fleet scheduler --certs x", True),
        ("fleet worker 10.0.0.1", True),
        ("fleet status 10.0.0.1", True),
        ("batch run videos --fleet 10.0.0.1", True),
        ("batch run --fleet=10.0.0.1 videos", True),
        ("fleet certs ours", False),
        ("fleet", False),
        ("batch run videos", False),
        ("batch run -- --fleet", False),
        ("batch status --fleet", False),
        ("analyze --fleet", False),
        ("analyze fleet worker", False),
        ("watch fleet", False),
        ("", False),
    ],
)
def test_only_these_words_start_a_process_with_a_network(typed, wanted):
    assert wants_network(typed.split()) is wanted


def test_a_job_file_cannot_start_a_fleet(tmp_path):
    (tmp_path / "job.toml").write_text('inputs = ["."]\noutput = "out"\nfleet = "10.0.0.1"\n')
    done = posture("batch", "run", tmp_path / "job.toml")
    assert done.returncode == 2
    assert "fleet" in done.stderr


def test_certificates_are_made_and_listed_and_logged(tmp_path):
    assert posture("fleet", "certs", tmp_path / "ours").returncode == 0
    done = posture("fleet", "certs", tmp_path / "ours", "--name", "pc7", "--role", "worker", "--days", 20, "--json")
    listed = json.loads(done.stdout)
    assert [(each["name"], each["role"]) for each in listed["machines"]] == [("pc7", "worker")]
    shown = json.loads(posture("audit", "show", "--json").stdout)
    made = [(each["role"], each["fleet"]) for each in shown["entries"] if each["ev"] == "fleet.certified"]
    assert made == [("authority", listed["fleet"]), ("worker", listed["fleet"])]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fleet", "certs", "x", "--name", "pc7"), "--role"),
        (("fleet", "certs", "x", "--renew"), "--name"),
        (("fleet", "certs", "x", "--name", "pc7", "--role", "king"), "scheduler, worker, client"),
        (("fleet", "scheduler", "--certs", "x", "--listen", "localhost:8786"), "looks none up"),
        (("fleet", "status", "10.0.0.1", "--certs", "nowhere"), "posture fleet certs"),
        (("batch", "run", ".", "--stream"), "--fleet"),
        (("batch", "run", ".", "--fleet", "10.0.0.1"), "--certs"),
    ],
)
def test_a_mistake_is_said_before_anything_begins(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = posture(*arguments)
    assert done.returncode == 2, done.stderr
    assert words in " ".join(done.stderr.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
def test_a_process_of_a_fleet_is_seen_while_it_runs_and_not_after_it_was_killed():
    noted = "with running.noted('worker', '10.0.0.1:8786'):\n    print(flush=True)\n    input()"
    code = f"from posture.batch import running\n{noted}"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        assert running.running() == (running.Running(process.pid, "worker", "10.0.0.1:8786"),)
        process.kill()
        process.wait()
        assert running.running() == ()
        assert list(running.folder().iterdir()) == []
    with running.noted("client", "10.0.0.1:8786"):
        assert (running.folder() / f"{os.getpid()}.json").exists()
    assert running.running() == ()
