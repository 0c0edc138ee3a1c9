"""The fault table of `posture watch`: each fault done to a real folder, with real mounts, signals and clocks.

    python tools/watch_faults.py              # all; some need root on Linux (mounts); a few minutes
    python tools/watch_faults.py growing kill # only those whose name holds one of these words

Each runs `posture watch` as a person does, does the fault to the folder, and compares what was done with what had to
be: which files have results, how often each was done, and that no half-written file is left. The files are pictures,
because what is tried here is the folder and not the decoder.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

SETTLE_S = 1.0
LONGEST_S = 60.0
_VERB = [sys.executable, "-P", "-c", "from posture.cli import main; main()", "watch"]


def picture() -> bytes:
    """A small JPEG that nobody is in."""
    return bytes(cv2.imencode(".jpg", np.full((64, 64, 3), 128, np.uint8))[1].tobytes())


PICTURE = picture()


@dataclass
class Watched:
    """One folder and the program that watches it."""

    root: Path
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    exit_code: int | None = None
    folder: Path = field(init=False)
    out: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder, self.out = self.root / "in", self.root / "out"
        self.folder.mkdir()

    def start(self, *more: str) -> None:
        """Start `posture watch`, and wait until it watches."""
        words = [str(self.folder), "-o", str(self.out), "--what", "redact", "--json", "--settle", f"{SETTLE_S:g}"]
        environment = {**os.environ, "POSTURE_DATA": str(self.root / "data")}
        count = len(self.heard("started"))
        with (self.root / "said").open("ab") as said:
            self.process = subprocess.Popen(
                [*_VERB, *words, *self.options, *more], stdout=said, stderr=said, env=environment
            )
        self.until(lambda: len(self.heard("started")) > count)

    def end(self, number: int = signal.SIGTERM) -> int:
        """End it; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        self.exit_code = self.process.wait(LONGEST_S)
        self.process = None
        return self.exit_code

    def heard(self, event: str = "") -> list[dict[str, str]]:
        """What it said so far."""
        lines = (self.root / "said").read_text().splitlines() if (self.root / "said").exists() else []
        told = [json.loads(line) for line in lines if line.startswith("{")]
        return [each for each in told if not event or each["event"] == event]

    def done(self) -> Counter[str]:
        """How often each file was done."""
        return Counter(each["file"] for each in self.heard("done"))

    def until(self, reached: Callable[[], bool], longest_s: float = LONGEST_S) -> None:
        """Wait for it. Raises RuntimeError where that takes too long."""
        ends_s = time.monotonic() + longest_s
        while not reached():
            if time.monotonic() > ends_s:
                raise RuntimeError(f"it did not get there: {self.heard()[-5:]}")
            time.sleep(0.02)

    def until_done(self, *names: str) -> None:
        """Until all of these are done."""
        self.until(lambda: set(names) <= set(self.done()))

    def rest(self) -> None:
        """Longer than a file takes to arrive, so that what must not be done would have been."""
        time.sleep(3 * SETTLE_S + 1.0)

    def put(self, name: str | bytes, more: bytes = b"") -> Path:
        """A picture; `more` bytes behind its end make it another one."""
        path = self.folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PICTURE + more)
        return path

    def left(self) -> list[str]:
        """Half-written files."""
        return [str(path) for path in self.root.rglob("*.partial")]


Fault = Callable[[Watched], Counter[str] | dict[str, int]]
"""Does the fault; returns how often each file must be done."""


def growing(watched: Watched) -> dict[str, int]:
    """A file grows for five seconds, with pauses shorter than it takes to arrive."""
    watched.start()
    with (watched.folder / "a.jpg").open("wb", 0) as file:
        for place in range(0, len(PICTURE), len(PICTURE) // 10 + 1):
            file.write(PICTURE[place : place + len(PICTURE) // 10 + 1])
            time.sleep(0.5)
    watched.until_done("a.jpg")
    return {"a.jpg": 1}


def held(watched: Watched) -> dict[str, int]:
    """A file stands still but is still open for writing."""
    watched.start()
    with (watched.folder / "a.jpg").open("wb", 0) as file:
        file.write(PICTURE)
        watched.until(lambda: bool(watched.heard("held")))
        assert not watched.done()
    watched.until_done("a.jpg")
    return {"a.jpg": 1}


def renamed_growing(watched: Watched) -> dict[str, int]:
    """A file is renamed while it grows."""
    watched.start()
    path = watched.folder / "a.jpg"
    with path.open("wb", 0) as file:
        file.write(PICTURE[:200])
        time.sleep(0.5)
        path.rename(watched.folder / "b.jpg")
        file.write(PICTURE[200:])
    watched.until_done("b.jpg")
    return {"b.jpg": 1}


def renamed_done(watched: Watched) -> dict[str, int]:
    """A file that was done is renamed."""
    watched.start()
    path = watched.put("a.jpg")
    watched.until_done("a.jpg")
    path.rename(watched.folder / "b.jpg")
    watched.until(lambda: bool(watched.heard("renamed")))
    return {"a.jpg": 1}


def deleted(watched: Watched) -> dict[str, int]:
    """A file is deleted before it has arrived."""
    watched.start()
    watched.put("a.jpg").unlink()
    watched.put("b.jpg")
    watched.until_done("b.jpg")
    return {"b.jpg": 1}


def replaced(watched: Watched) -> dict[str, int]:
    """A file that was done is replaced by another one of the same name."""
    watched.start()
    watched.put("a.jpg")
    watched.until_done("a.jpg")
    watched.put("a.jpg", b"other")
    watched.until(lambda: watched.done()["a.jpg"] == 2)
    assert len([path for path in watched.out.iterdir() if path.suffix == ".jpg"]) == 2
    return {"a.jpg": 2}


def touched(watched: Watched) -> dict[str, int]:
    """A file that was done gets a new time."""
    watched.start()
    path = watched.put("a.jpg")
    watched.until_done("a.jpg")
    os.utime(path)
    watched.until(lambda: bool(watched.heard("touched")))
    return {"a.jpg": 1}


def unmounted(watched: Watched) -> dict[str, int]:
    """A share (tmpfs) is unmounted, mounted again with the same files and one more."""
    kept = watched.root / "kept"
    with _mounted(watched.folder):
        watched.start("--polling")
        watched.put("a.jpg")
        watched.until_done("a.jpg")
        shutil.copytree(watched.folder, kept, copy_function=shutil.copy2)
    watched.until(lambda: bool(watched.heard("away")))
    with _mounted(watched.folder):
        for path in kept.iterdir():
            shutil.copy2(path, watched.folder)
        watched.put("b.jpg", b"b")
        watched.until_done("b.jpg")
        watched.rest()
        watched.end()
    return {"a.jpg": 1, "b.jpg": 1}


def read_only(watched: Watched) -> dict[str, int]:
    """A read-only share; the results go elsewhere."""
    with _mounted(watched.folder):
        watched.put("a.jpg")
        _run("mount", "-o", "remount,ro", str(watched.folder))
        watched.start()
        watched.until_done("a.jpg")
        watched.end()
    return {"a.jpg": 1}


def full(watched: Watched) -> dict[str, int]:
    """There is no room for results, and then there is again."""
    watched.out.mkdir()
    with _mounted(watched.out, "size=64k"):
        blocker = watched.out / "blocker"
        with blocker.open("wb", 0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        watched.put("a.jpg")
        watched.start()
        watched.until(lambda: bool(watched.heard("waits")))
        blocker.unlink()
        watched.until_done("a.jpg")
        watched.end()
    return {"a.jpg": 1}


def links(watched: Watched) -> dict[str, int]:
    """Links to files and folders, loops among them."""
    watched.put("sub/a.jpg")
    (watched.folder / "sub" / "up").symlink_to(watched.folder)
    (watched.folder / "b.jpg").symlink_to(watched.folder / "sub" / "a.jpg")
    (watched.folder / "c.jpg").symlink_to("c.jpg")
    watched.start()
    watched.until_done("sub/a.jpg")
    return {"sub/a.jpg": 1}


def names(watched: Watched) -> dict[str, int]:
    """Names that are no UTF-8, very long, or differ in their case alone."""
    for number, name in enumerate((b"\xff\xfe.jpg", b"x" * 250 + b".jpg", b"a.jpg", b"A.jpg", b"a.png")):
        watched.put(name, b"%d" % number)
    watched.start()
    watched.until(lambda: watched.done().total() == 5)
    assert len([path for path in watched.out.iterdir() if "manifest" not in path.name]) == 5
    return dict.fromkeys(watched.done(), 1)


def unreadable(watched: Watched) -> dict[str, int]:
    """A file that is no picture among others."""
    watched.start()
    (watched.folder / "bad.jpg").write_bytes(b"nothing of the kind")
    watched.put("a.jpg")
    watched.until_done("a.jpg")
    watched.until(lambda: bool(watched.heard("failed")))
    return {"a.jpg": 1}


def burst(watched: Watched) -> dict[str, int]:
    """A thousand files at once."""
    watched.start()
    for number in range(1000):
        watched.put(f"{number:04d}.jpg", b"%d" % number)
    watched.until(lambda: watched.done().total() >= 1000, longest_s=600.0)
    return {f"{number:04d}.jpg": 1 for number in range(1000)}


def killed(watched: Watched) -> dict[str, int]:
    """Killed with -9 five times in the middle of a hundred files."""
    for number in range(100):
        watched.put(f"{number:03d}.jpg", b"%d" % number)
    for count in range(1, 6):
        watched.start()
        watched.until(lambda count=count: watched.done().total() >= 15 * count)  # type: ignore[misc]
        watched.end(signal.SIGKILL)
    watched.start()
    # By the results: a file can be done and in the journal when the kill comes before it was said.
    watched.until(lambda: len(list(watched.out.glob("*.manifest.json"))) == 100)
    watched.rest()
    assert len(list(watched.out.iterdir())) == 200
    return dict.fromkeys(watched.done(), 1)


def interrupted(watched: Watched) -> dict[str, int]:
    """SIGTERM in the middle; the next start goes on."""
    for number in range(60):
        watched.put(f"{number:03d}.jpg", b"%d" % number)
    watched.start()
    watched.until(lambda: watched.done().total() >= 10)
    assert watched.end() == 128 + signal.SIGTERM
    watched.start()
    watched.until(lambda: len(watched.done()) == 60)
    return dict.fromkeys(watched.done(), 1)


def once(watched: Watched) -> dict[str, int]:
    """--once ends by itself, and the second time does nothing."""
    watched.put("a.jpg")
    for _ in range(2):
        watched.start("--once")
        assert watched.process is not None
        assert watched.process.wait(LONGEST_S) == 0
        watched.process = None
    return {"a.jpg": 1}


FAULTS: dict[str, tuple[Fault, bool]] = {
    "growing file": (growing, False),
    "held open, standing still": (held, False),
    "renamed while growing": (renamed_growing, False),
    "renamed when done": (renamed_done, False),
    "deleted before it arrived": (deleted, False),
    "replaced when done": (replaced, False),
    "only touched": (touched, False),
    "share unmounted and mounted again": (unmounted, True),
    "read-only share": (read_only, True),
    "no room for results for a while": (full, True),
    "links and loops": (links, False),
    "names: no UTF-8, long, case": (names, False),
    "unreadable file": (unreadable, False),
    "burst of 1,000": (burst, False),
    "kill -9, five times": (killed, False),
    "SIGTERM and start": (interrupted, False),
    "--once, twice": (once, False),
}
"""And whether it needs root."""


@contextmanager
def _mounted(folder: Path, options: str = "size=16m") -> Iterator[None]:
    _run("mount", "-t", "tmpfs", "-o", options, "posture-test", str(folder))
    try:
        yield
    finally:
        _run("umount", "-l", str(folder))


def _run(*words: str) -> None:
    subprocess.run(words, check=True)


def tried(name: str, folder: Path) -> tuple[str, bool]:
    """What came of one fault, and whether that is as it must be."""
    fault, needs_root = FAULTS[name]
    if needs_root and (sys.platform != "linux" or os.geteuid() != 0):
        return "not tried: needs root on Linux", True
    watched = Watched(folder)
    try:
        wanted = Counter(fault(watched))
        if watched.process is not None:
            watched.rest()
            watched.end()
    except (AssertionError, RuntimeError, subprocess.SubprocessError) as exc:
        return f"{type(exc).__name__}: {exc}", False
    finally:
        if watched.process is not None:
            watched.process.kill()
            watched.process.wait()
    done, left = watched.done(), watched.left()
    twice = sum(count > max(1, wanted[name]) for name, count in done.items())
    words = f"{len(done)} of {len(wanted)} files done, {twice} too often, {len(left)} half-written"
    return words, done == wanted and not left


def main() -> int:
    """Print the table; 1 where something is not as it must be."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("words", nargs="*", metavar="WORD", help="only faults whose name holds one of these")
    asked = options.parse_args()
    failed = False
    for name in FAULTS:
        if asked.words and not any(word in name for word in asked.words):
            continue
        began_s = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="watch-faults-") as folder:
            words, good = tried(name, Path(folder))
        failed |= not good
        print(f"{'ok  ' if good else 'FAIL'} {name:36} {words}  ({time.monotonic() - began_s:.0f} s)", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
