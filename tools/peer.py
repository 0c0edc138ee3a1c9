"""MediaPipe 0.10.21 in an environment of its own, and a pipe to it. Used by tools/compare_mediapipe.py."""

import subprocess
import sys
import venv
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple

import numpy as np

from posture.data import Array, Picture
from posture.pose.crop import Region

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-mediapipe"
PACKAGE = "mediapipe==0.10.21"  # the last release whose wheel carries the legacy graphs; brings numpy 1.26, OpenCV 4.11
POINTS, VALUES = 33, 7
ROW = 5 + 3 * POINTS * VALUES
"""Numbers in one answer, see tools/mediapipe_peer.py."""


class Answer(NamedTuple):
    """What MediaPipe says about one picture. The arrays are [33, 7]: x, y, z (pixels), visibility, world x, y, z
    (metres); NaN where it found nobody.
    """

    region: Region | None
    plain: Array
    smooth: Array
    noisy: Array


def interpreter() -> Path:
    """The Python of the peer's environment, which is made at the first call (downloads about 200 MB)."""
    python = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ready = ENVIRONMENT / "ready"
    if not ready.exists() or ready.read_text() != PACKAGE:
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", PACKAGE], check=True)
        ready.write_text(PACKAGE)
    return python


class Peer:
    """One MediaPipe process; a context manager. With `still` each picture stands alone."""

    def __init__(self, *, still: bool = False) -> None:
        command = [str(interpreter()), str(ROOT / "tools" / "mediapipe_peer.py"), *(["still"] if still else [])]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._to, self._from = _open(self._process.stdin), _open(self._process.stdout)
        if self._from.readline() != b"ready\n":
            raise RuntimeError(f"MediaPipe does not start: run {' '.join(command)}")

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._to.close()
        self._process.wait(10)

    def ask(self, picture: Picture) -> Answer:
        """MediaPipe's results for an RGB picture [height, width, 3]."""
        height, width = picture.shape[:2]
        self._to.write(np.array([width, height], "<u4").tobytes() + picture.tobytes())
        self._to.flush()
        row = np.frombuffer(self._from.read(ROW * 8), "<f8")
        if len(row) != ROW:
            raise RuntimeError("MediaPipe ended")
        in_pixels = row[5:].reshape(3, POINTS, VALUES) * [width, height, width, 1, 1, 1, 1]
        return Answer(_region(row[:5], width, height), *in_pixels)


def _region(rect: Array, width: int, height: int) -> Region | None:
    if np.isnan(rect).any():
        return None
    x, y, across, _, rotation = (float(value) for value in rect)
    return Region(x * width, y * height, across * width, rotation)


def _open(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream
