"""A whole fleet on loopback: processes, TLS, a worker that is killed. `tools/fleet_net.py` does it in namespaces."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fleet_rig
import pytest
from fleet_net import knock
from fleet_rig import Rig

from posture.batch import certificates
from posture.bench.clips import generate
from posture.cli import exits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc which ports are open")


def free_port():
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def put(clip, path):
    """A copy that nobody takes for one that is still growing."""
    path.write_bytes(clip.read_bytes())
    os.utime(path, (1e9, 1e9))


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fleet")
    share = folder / "share"
    (share / "in").mkdir(parents=True)
    generate(share / "a.mp4", height=360, seconds=1)
    for name in "abcd":
        put(share / "a.mp4", share / "in" / f"{name}.mp4")
    with Rig(folder, share, port=free_port()) as made:
        made.scheduler()
        made.worker(0, wait=False)
        made.worker(1, wait=False)
        for number in range(2):
            made.wait_for(f"worker{number}", "working for")
        yield made


def test_strangers_do_not_get_in_and_the_client_does(rig, tmp_path):
    certificates.create_authority(tmp_path)
    certificates.create_machine(tmp_path, "client", "stranger")
    assert knock(rig.address, rig.certs("desk"), "")
    assert not knock(rig.address, str(tmp_path / "stranger"), rig.certs("desk"))
    assert not knock(rig.address, "", rig.certs("desk"))
    assert not knock(rig.address, "", "")


def test_nobody_listens_but_with_tls_and_each_process_at_one_port(rig):
    for process in rig.started.values():
        out = subprocess.run(["ls", "-l", f"/proc/{process.pid}/fd"], capture_output=True, text=True, check=True).stdout
        sockets = {word[8:-1] for word in out.split() if word.startswith("socket:[")}
        lines = [line.split() for line in Path(f"/proc/{process.pid}/net/tcp").read_text().splitlines()[1:]]
        ports = [int(line[1].split(":")[1], 16) for line in lines if line[3] == "0A" and line[9] in sockets]
        assert len(ports) == 1
        assert not knock(f"127.0.0.1:{ports[0]}", "", "")


def test_privacy_status_names_the_processes_that_have_a_network(rig, monkeypatch):
    from posture.batch.running import running

    monkeypatch.setenv("POSTURE_DATA", str(rig.folder / "data-worker0"))
    (found,) = running()
    assert (found.pid, found.role, found.address) == (rig.started["worker0"].pid, "worker", rig.address)
    assert "NETWORK OPEN" in rig.said("worker0")


def test_a_job_gives_the_bytes_of_a_local_one_although_a_worker_is_killed(rig):
    job = str(rig.share / "in"), "--format", "json", "--json", "-o"
    rig.job(*job, str(rig.share / "out"))
    rig.end("worker1", signal.SIGKILL)
    assert rig.ended("job", 120) == 0
    assert json.loads(rig.said("job", "out"))["files"]["done"] == 4
    rig.local_job(*job, str(rig.share / "local"))
    results = {
        name: {path.name: path.read_bytes() for path in (rig.share / name).iterdir()} for name in ("out", "local")
    }
    assert results["out"] == results["local"]


def test_a_file_outside_of_the_shares_is_sent_only_where_that_was_asked_for(rig, tmp_path):
    (tmp_path / "in").mkdir()
    put(rig.share / "a.mp4", tmp_path / "in" / "x.mp4")
    job = str(tmp_path / "in"), "--format", "json", "-o", str(tmp_path / "out")
    rig.job(*job, "--stream")
    assert rig.ended("job", 120) == 0
    assert (tmp_path / "out" / "x.json").read_bytes() == (rig.share / "local" / "a.json").read_bytes()
    left = rig.folder / "data-worker0" / "fleet" / "incoming"
    assert [path for path in left.rglob("*") if path.is_file()] == []


def test_a_worker_with_another_version_gets_nothing_and_it_is_said(rig):
    """The worker that was killed comes back, installed anew."""
    rig.verb = [sys.executable, "-P", "-c", f"import posture; posture.__version__ = '0.0.1'; {rig.verb[-1]}"]
    rig.worker(1)
    rig.verb = fleet_rig.VERB
    rig.job(str(rig.share / "in"), "--format", "json", "--json", "-o", str(rig.share / "again"))
    assert rig.ended("job", 120) == 0
    assert "has posture 0.0.1 " in rig.said("job")
    assert "gets no work" in rig.said("job")
    assert json.loads(rig.said("job", "out"))["files"]["done"] == 4
    rig.status()
    told = json.loads(rig.said("status", "out"))["workers"]
    assert sorted(each["fits"] for each in told) == [False, True]


def test_the_status_of_a_fleet_without_a_scheduler_says_what_to_look_at(rig):
    nobody = f"127.0.0.1:{free_port()}"
    rig.start("status", ("fleet", "status", nobody, "--certs", rig.certs("desk")), None)
    assert rig.ended("status", 60) == exits.UNAVAILABLE
    words = " ".join(rig.said("status").split())
    assert f"no scheduler answers at {nobody}" in words
    assert "is it started, and the address right?" in words
    assert "Traceback" not in words


def test_an_ended_certificate_is_refused_by_the_scheduler_and_a_renewed_one_gets_in(rig):
    long_ago = lambda: datetime.now(UTC) - timedelta(days=400)  # noqa: E731
    certificates.create_machine(rig.folder / "certs", "client", "old", now=long_ago)
    assert not knock(rig.address, rig.certs("old"), "")
    certificates.create_machine(rig.folder / "certs", "client", "old", renew=True)
    assert knock(rig.address, rig.certs("old"), "")


def test_the_worker_ends_in_order(rig):
    assert rig.end("worker0", signal.SIGTERM) == 143
    assert "Traceback" not in rig.said("worker0") + rig.said("scheduler")
