"""`tools/start.py` in a small project of its own: real environments and installations, no network."""

import hashlib
import os
import runpy
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parent.parent / "tools"
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals and exec are POSIX")

PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
# The smallest backend that gives an editable install with a command; SLOW makes it hold the set-up in its last step.
BACKEND = """\
import os, pathlib, time, zipfile
HERE = pathlib.Path(__file__).resolve().parent
def build_editable(folder, config_settings=None, metadata_directory=None):
    time.sleep(float(os.environ.get("SLOW", "0")))
    name = "posture-0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as wheel:
        wheel.writestr("posture.pth", str(HERE))
        wheel.writestr("posture-0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: posture\\nVersion: 0\\n")
        wheel.writestr("posture-0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("posture-0.dist-info/entry_points.txt", "[console_scripts]\\nposture = posture.cli:main\\n")
        wheel.writestr("posture-0.dist-info/RECORD", "")
    return name
"""
PROGRAM = """\
import os, sys, time
import dependency
def main():
    if sys.argv[1:] == ["wait"]:
        try:
            print("waiting", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            return 130
    print(sys.argv[1:], os.environ["ORT_DISABLE_TELEMETRY"], sys.stdin.read(), dependency.ANSWER)
    return 3
"""


def wheel_of_the_dependency(folder: Path) -> str:
    """Write the one dependency as a wheel; gives its SHA-256."""
    path = folder / "dependency-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("dependency.py", "ANSWER = 42\n")
        wheel.writestr("dependency-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: dependency\nVersion: 1\n")
        wheel.writestr("dependency-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("dependency-1.dist-info/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Checkout:
    """A project with one dependency, and `start.py` run in it as a person would."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.venv = root / ".venv"
        (root / "posture").mkdir(parents=True)
        shutil.copytree(TOOLS, root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        (root / "pyproject.toml").write_text(PROJECT)
        (root / "backend.py").write_text(BACKEND)
        (root / "posture" / "__init__.py").write_text("")
        (root / "posture" / "cli.py").write_text(PROGRAM)
        self.digest = wheel_of_the_dependency(root)
        self.lock(self.digest)

    def lock(self, digest: str) -> None:
        (self.root / "requirements.lock").write_text(f"dependency==1 --hash=sha256:{digest}\n")

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.root.as_uri(), "PIP_CONFIG_FILE": os.devnull}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [sys.executable, str(self.root / "tools" / "start.py"), *arguments]
        variables = os.environ | offline | environment
        return subprocess.Popen(command, env=variables, text=True, start_new_session=True, **pipes)

    def finish(self, *arguments: str, stdin: str = "", **environment: str) -> tuple[int, str, str]:
        with self.start(*arguments, **environment) as process:
            out, err = process.communicate(stdin, timeout=120)
        return process.returncode, out, err


@pytest.fixture(scope="module")
def set_up(tmp_path_factory):
    """A checkout, and what its first start said."""
    checkout = Checkout(tmp_path_factory.mktemp("with space") / "posture")
    return checkout, checkout.finish("analyze", "-o", "out", stdin="hello")


def test_the_first_start_sets_up_and_runs_the_verb(set_up):
    _, (code, out, err) = set_up
    assert code == 3, err
    assert out == "['analyze', '-o', 'out'] 1 hello 42\n"
    assert [line.split()[0] for line in err.splitlines()] == ["Making", "Installing", "Installing", "Ready"]


def test_the_second_start_only_runs_and_is_quick(set_up):
    checkout, _ = set_up
    began = time.monotonic()
    code, out, err = checkout.finish(stdin="x")
    assert (code, out, err) == (3, "['demo'] 1 x 42\n", "")
    assert time.monotonic() - began < 1


@posix_only
def test_an_interrupt_reaches_the_program(set_up):
    checkout, _ = set_up
    with checkout.start("wait") as process:
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert process.stderr.read() == ""


def test_a_changed_project_is_installed_again_without_its_dependencies(set_up):
    checkout, _ = set_up
    (checkout.root / "pyproject.toml").write_text(PROJECT + "# changed\n")
    code, _, err = checkout.finish()
    assert code == 3
    assert [line.partition(" ...")[0] for line in err.splitlines()][:-1] == ["Installing posture itself"]


@posix_only
def test_killed_in_the_last_step_it_mends_itself(set_up):
    checkout, _ = set_up
    (checkout.venv / "posture-setup.json").unlink()
    with checkout.start(SLOW="60") as process:
        while "Installing posture itself" not in process.stderr.readline():
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
    assert not (checkout.venv / "posture-setup.json").exists()
    code, out, err = checkout.finish()
    assert (code, out) == (3, "['demo'] 1  42\n")
    assert err.startswith("Making .venv")


def test_two_starts_at_once_set_up_once(set_up):
    checkout, _ = set_up
    (checkout.venv / "posture-setup.json").unlink()
    with checkout.start(SLOW="1") as one, checkout.start(SLOW="1") as other:
        results = [process.communicate("", timeout=120) for process in (one, other)]
    assert [one.returncode, other.returncode] == [3, 3]
    assert [out for out, _ in results] == ["['demo'] 1  42\n"] * 2
    assert sum("Making .venv" in err for _, err in results) == 1
    assert sum("Another start" in err for _, err in results) == 1


def test_a_file_that_is_not_the_locked_one_is_refused(set_up):
    checkout, _ = set_up
    checkout.lock("0" * 64)
    code, out, err = checkout.finish()
    assert (code, out) == (1, "")
    assert "not the one that requirements.lock names" in err
    assert "Traceback" not in err
    assert not (checkout.venv / "posture-setup.json").exists()


def test_an_environment_made_by_something_else_is_left_alone(tmp_path):
    checkout = Checkout(tmp_path / "posture")
    checkout.venv.mkdir()
    precious = checkout.venv / "precious"
    precious.write_text("mine")
    code, _, err = checkout.finish()
    assert code == 1
    assert "made by something else" in err
    assert "Next: " in err
    assert list(checkout.venv.iterdir()) == [precious]


def test_an_old_python_gets_an_answer(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    monkeypatch.setattr(sys, "version", "3.9.18 (main)")
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(TOOLS / "start.py"), run_name="__main__")
    assert "needs Python 3.11 or newer, and this is Python 3.9.18" in str(stop.value.code)


@pytest.fixture(scope="module")
def machine():
    return runpy.run_path(str(TOOLS / "machine.py"))


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "DISK_FULL"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "WRONG_HASH"),
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError('Failed to establish a new connection: "
            "[Errno -3] Temporary failure in name resolution')'\nERROR: No matching distribution found for av==18.1.0",
            "NO_NETWORK",
        ),
        (
            "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed'))\n"
            "Max retries exceeded with url: /simple/\nERROR: No matching distribution found for av==18.1.0",
            "BAD_CERTIFICATE",
        ),
        ("ERROR: Could not find a version that satisfies the requirement av==18.1.0 (from versions: none)", "NO_WHEEL"),
        ("[WinError 5] Access is denied: 'python.exe'", "DENIED"),
    ],
)
def test_each_cause_has_its_next_step(machine, output, cause):
    assert machine["explain"](output) == machine[cause]
    assert "Next: " in machine[cause]


def test_an_unknown_cause_shows_the_end_of_the_output(machine):
    told = machine["explain"]("\n".join(f"line {number}" for number in range(10)))
    assert told.splitlines() == [*(f"line {number}" for number in range(5, 10)), machine["UNKNOWN"]]


@pytest.mark.parametrize(
    ("found", "processor", "macos", "runs"),
    [
        ("linux-x86_64", "x86_64", "", True),
        ("linux-aarch64", "aarch64", "", True),
        ("linux-armv7l", "armv7l", "", False),
        ("win-amd64", "AMD64", "", True),
        ("win-arm64", "ARM64", "", False),
        ("win32", "x86", "", False),
        ("macosx-14.0-arm64", "arm64", "14.6", True),
        ("macosx-10.13-universal2", "arm64", "15.0", True),
        ("macosx-10.13-universal2", "x86_64", "15.0", False),
        ("macosx-11.0-arm64", "arm64", "13.7", False),
    ],
)
def test_systems_without_the_libraries_are_told_at_once(machine, monkeypatch, found, processor, macos, runs):
    monkeypatch.setattr("sysconfig.get_platform", lambda: found)
    monkeypatch.setattr("platform.machine", lambda: processor)
    monkeypatch.setattr("platform.mac_ver", lambda: (macos, ("", "", ""), ""))
    if runs:
        machine["require_platform"]()
    else:
        with pytest.raises(machine["SetupError"], match="Next: "):
            machine["require_platform"]()


def test_a_missing_system_package_is_named(machine, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr("os.geteuid", lambda: 1000, raising=False)
    with pytest.raises(machine["SetupError"], match=r"Next: sudo apt-get install .*python3\.\d+-venv"):
        machine["require_packages"]()


def test_a_disk_too_small_is_told_before_anything_is_written(machine, monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 5 * 10**6, 5 * 10**6))
    with pytest.raises(machine["SetupError"], match="5 MB are free"):
        machine["require_space"](tmp_path)
