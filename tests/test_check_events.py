"""The whole chain on real clips: head tilts, squats, a still person and a walk."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_clips_show_what_happens_in_them(media):
    command = [sys.executable, str(ROOT / "tools" / "check_events.py"), "--media", str(media), "--rate", "5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "squat: 3 happen, 3 found" in done.stdout
    assert "head tilt to the person's left: 1 happen, 1 found" in done.stdout


def test_without_clips_it_says_so(tmp_path):
    command = [sys.executable, str(ROOT / "tools" / "check_events.py"), "--media", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "no events.json" in done.stdout
