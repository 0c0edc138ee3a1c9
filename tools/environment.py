"""Make `.venv`, fill it from `requirements.lock`, and run a command in it: the working half of `start.py`.

`.venv` is a pure function of the lock, `pyproject.toml` and the Python that makes it; the stamp inside says which
ones, and is written last. No stamp, or another one: it is made again. So an interrupted set-up repairs itself, and a
finished one costs a few milliseconds. Everything printed here goes to stderr: stdout belongs to the command.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TextIO

from machine import SetupError, explain, require_packages, require_platform, require_space

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_VERB = ("demo",)
INTERRUPTED = 130

# Raised when the way `.venv` is made changes, so that those of older versions are made again.
LAYOUT = 1
PROGRESS_PERIOD_S = 5.0
LOCK_POLL_S = 0.2
KEPT_LINES = 200

# Settings of the shell that would make Python or pip look, or install, elsewhere than in `.venv`.
MISLEADING = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "__PYVENV_LAUNCHER__")


def main(arguments: list[str]) -> NoReturn:
    """Prepare `.venv`, then become the command; exits with a message where there is no command to become."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    venv = Venv(ROOT)
    try:
        venv.prepare()
    except KeyboardInterrupt:
        say("\nInterrupted. The next start begins the set-up again.")
        sys.exit(INTERRUPTED)
    except SetupError as error:
        sys.exit(f"\n{error}")
    except OSError as error:
        sys.exit(f"\n{error}\n{explain(str(error))}")
    if arguments[:1] == ["test"]:
        os.chdir(ROOT)
        become([str(venv.python), "-m", "pytest", *arguments[1:]])
    become([*venv.posture, *(arguments or DEFAULT_VERB)])


def become(command: list[str]) -> NoReturn:
    """Run `command` in place of this process: signals, standard input and exit code are its own."""
    if sys.platform == "win32":
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the child as well, and the child decides
        sys.exit(subprocess.call(command))
    else:
        os.execv(command[0], command)


class Venv:
    """The environment of one checkout."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.stamp = self.folder / "posture-setup.json"
        self.lock = self.folder / "posture-setup.lock"
        self.log = self.folder / "posture-setup.log"
        windows = sys.platform == "win32"
        scripts = self.folder / ("Scripts" if windows else "bin")
        self.python = scripts / ("python.exe" if windows else "python")
        # Not by the script's first line: that breaks in long paths and in paths with spaces.
        self.posture = [str(scripts / "posture.exe")] if windows else [str(self.python), str(scripts / "posture")]

    def prepare(self) -> None:
        """Make or mend the environment unless it is complete.

        Raises `SetupError` with what happened and what to do next.
        """
        if self._is_complete():
            return
        require_platform()
        self._claim()
        with alone(self.lock) as lock:
            if not self._is_complete():
                self._build(lock)

    def _is_complete(self) -> bool:
        return self._written() == self._wanted()

    def _wanted(self) -> dict[str, str]:
        """Digests of all that goes into the environment, and into the installation of the project itself."""
        python = [*map(str, sys.version_info[:2]), sys.implementation.name, sysconfig.get_platform()]
        place = "\0".join([str(LAYOUT), str(self.root), *python, ""]).encode()
        pins = (self.root / "requirements.lock").read_bytes()
        version = (self.root / "posture" / "__init__.py").read_bytes()
        project = (self.root / "pyproject.toml").read_bytes()
        digests = {"environment": place + pins, "project": version + project}
        return {name: hashlib.sha256(data).hexdigest() for name, data in digests.items()}

    def _written(self) -> dict[str, str]:
        try:
            stamp = json.loads(self.stamp.read_bytes())
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) and self.python.exists() else {}

    def _claim(self) -> None:
        """Refuse to touch a `.venv` that something else has made."""
        self.folder.mkdir(exist_ok=True)
        if any(self.folder.iterdir()) and not self.lock.exists():
            raise SetupError(
                f"{self.folder} was made by something else, so it is left alone.\n"
                "Next: delete or rename it and start again, or go on using it without this command."
            )

    def _build(self, lock: int) -> None:
        began = time.monotonic()
        wanted = self._wanted()
        keep = self._written().get("environment") == wanted["environment"]
        self.stamp.unlink(missing_ok=True)
        if not keep:
            self._fill(lock)
        install = ("--no-deps", "--no-build-isolation", "--editable", str(self.root))
        self._pip(lock, "Installing posture itself", *install)
        temporary = self.stamp.with_suffix(".new")
        temporary.write_text(json.dumps(wanted), encoding="utf-8")
        os.replace(temporary, self.stamp)
        say(f"Ready after {time.monotonic() - began:.0f} s.")

    def _fill(self, lock: int) -> None:
        require_packages()
        self._empty()
        require_space(self.root)
        base = getattr(sys, "_base_executable", sys.executable)  # also right when the Python of .venv started this
        self._run(lock, "Making .venv", [base, "-m", "venv", str(self.folder)])
        pins = str(self.root / "requirements.lock")
        what = "Installing the dependencies (about 390 MB to download)"
        self._pip(lock, what, "--require-hashes", "--only-binary", ":all:", "--requirement", pins)

    def _empty(self) -> None:
        for child in self.folder.iterdir():
            if child == self.lock:
                continue
            if child.is_dir() and not child.is_symlink():
                shutil.rmtree(child)
            else:
                child.unlink()

    def _pip(self, lock: int, what: str, *arguments: str) -> None:
        pip = [str(self.python), "-I", "-m", "pip", "--disable-pip-version-check", "--no-input"]
        self._run(lock, what, [*pip, "install", "--progress-bar", "off", *arguments])

    def _run(self, lock: int, what: str, command: list[str]) -> None:
        """Run one step, its output into the log.

        The child inherits the lock: should this process be killed, the next start waits until the child is gone too.
        """
        say(f"{what} ...")
        environment = {name: value for name, value in os.environ.items() if name not in MISLEADING}
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=() if sys.platform == "win32" else (lock,),
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        with child, self.log.open("a", encoding="utf-8") as log:
            last = follow(child.stdout or (), log)
        if child.returncode:
            raise SetupError(f"That did not work. {explain(''.join(last))}\nThe whole output: {self.log}")


@contextmanager
def alone(path: Path) -> Iterator[int]:
    """Hold the lock file `path`, waiting for another holder; gives its descriptor. A killed holder frees it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _locked(descriptor):
            say("Another start is setting posture up here; waiting for it ...")
            while not _locked(descriptor):
                time.sleep(LOCK_POLL_S)
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def follow(lines: Iterable[str], log: TextIO) -> deque[str]:
    """Copy `lines` to `log`, show the newest (on a terminal in place, else one every few seconds), give the last."""
    last: deque[str] = deque(maxlen=KEPT_LINES)
    terminal = sys.stderr.isatty()
    width = shutil.get_terminal_size().columns - 3
    shown_s = time.monotonic()
    for line in lines:
        log.write(line)
        last.append(line)
        if terminal:
            sys.stderr.write(f"\r\033[K  {line.strip()[:width]}")
            sys.stderr.flush()
        elif time.monotonic() - shown_s >= PROGRESS_PERIOD_S:
            shown_s = time.monotonic()
            say(f"  {line.strip()[:width]}")
    if terminal:
        sys.stderr.write("\r\033[K")
    return last


def say(text: str) -> None:
    """Tell the person who waits."""
    print(text, file=sys.stderr, flush=True)
