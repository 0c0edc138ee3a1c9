"""The themes of `tools/torture.py` that are about recorders, a hundredth of each."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THEMES = ("kill", "full", "vanished", "blocked", "unplug", "soak", "identity")


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked and killed, file systems mounted")
def test_recorders_survive(tmp_path):
    command = [sys.executable, str(ROOT / "tools" / "torture.py"), *THEMES, "--small", "--folder", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    for theme in THEMES:
        assert f"{theme}: " in done.stdout
    assert "WRONG" not in done.stdout
