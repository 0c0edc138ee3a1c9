"""`tools/live_hour.py`: nothing grows and nothing is left behind."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.skipif(sys.platform != "linux", reason="memory and handles are read from /proc")
def test_six_minutes_of_monitoring_leave_nothing_behind():
    command = [sys.executable, str(ROOT / "tools" / "live_hour.py"), "--minutes", "6", "--factor", "40"]
    done = subprocess.run(
        [*command, "--pause-every", "60"], capture_output=True, text=True, timeout=170, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "flat" in done.stdout
