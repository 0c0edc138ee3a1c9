"""A connection that something slips into the program is refused, ends the verb with 77, and stands in the audit log."""

import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

POSTURE = (sys.executable, "-c", "from posture.cli import main; main()")
CONNECT = "__import__('socket').create_connection(('127.0.0.1', 9))"
PICTURE = cv2.imencode(".png", np.full((64, 64, 3), 128, np.uint8))[1].tobytes()
IN_THIS_PROCESS = f"""
from posture import inputs
inputs.find_inputs = lambda *_, **__: {CONNECT}
"""
IN_THE_DECODING_PROCESS = f"""
from posture.pose import estimator
estimator.Estimator.detect = lambda *_: {CONNECT}
"""


SWALLOWED_THERE = """
from posture.pose import estimator
detect = estimator.Estimator.detect
def detect_and_try(*arguments):
    for _ in range(3):
        try:
            CONNECT
        except Exception:
            pass
    return detect(*arguments)
estimator.Estimator.detect = detect_and_try
""".replace("CONNECT", CONNECT)


@pytest.mark.skipif(sys.platform == "win32", reason="the name of the child's module in sys.orig_argv")
@pytest.mark.parametrize(
    ("place", "canary", "layer"),
    [("posture.cli", IN_THIS_PROCESS, "interpreter"), ("posture.job", IN_THE_DECODING_PROCESS, "decoding")],
)
def test_a_canary_inside_the_program_is_blocked_and_logged(tmp_path, place, canary, layer):
    done, blocked = analysed(tmp_path, place, canary)
    assert (done.returncode, "Traceback" in done.stderr) == (77, False), done.stderr
    assert "opens no network connection" in done.stderr
    assert not (tmp_path / "out").exists()
    assert blocked == [(layer, "getaddrinfo")]


@pytest.mark.skipif(sys.platform == "win32", reason="the name of the child's module in sys.orig_argv")
def test_a_refusal_that_a_library_keeps_to_itself_is_logged_all_the_same(tmp_path):
    """Once, however often it was tried; the file is analysed, because nothing got out."""
    done, blocked = analysed(tmp_path, "posture.job", SWALLOWED_THERE)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert (tmp_path / "out").exists()
    assert blocked == [("decoding", "getaddrinfo")]


def analysed(tmp_path, place, canary):
    """A run of `posture analyze` with the canary in one of its processes, and what the log says was blocked."""
    lines = [
        "import sys",
        f"if any({place!r} in word for word in sys.orig_argv):",
        *(f"    {line}" for line in canary.split("\n")),
    ]
    (tmp_path / "sitecustomize.py").write_text("\n".join(lines))
    (tmp_path / "a.png").write_bytes(PICTURE)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    command = [*POSTURE, "analyze", "a.png", "-o", "out"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    shown = subprocess.run([*POSTURE, "audit", "show", "--json"], capture_output=True, text=True, check=True)
    entries = json.loads(shown.stdout)["entries"]
    return done, [(entry["layer"], entry["call"]) for entry in entries if entry["ev"] == "network.blocked"]
