"""A colour profile in a picture must not crash the process (PyAV 18.1 does, once its side data was looked at)."""

import subprocess
import sys

from posture.sources.demo import PORTRAIT

OPEN_AND_COLLECT = """
import gc, sys
from pathlib import Path
from posture.sources import open_source
for _ in range(5):
    for frame in open_source(Path(sys.argv[1])):
        print(frame.width, frame.height)
    gc.collect()
"""


def test_the_portrait_with_its_profile_opens_again_and_again():
    done = subprocess.run(
        [sys.executable, "-c", OPEN_AND_COLLECT, str(PORTRAIT)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.split()) == (0, ["512", "512"] * 5), done.stderr
