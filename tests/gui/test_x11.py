"""A real window on a real X server, driven by the keyboard alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("Xvfb", "xvfb-run", "xdotool")

SCRIPT = """
import sys
from pathlib import Path
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
sys.path.insert(0, {tools!r})
from filled_vault import FilledVault
from played import PlayedMonitor, moment
from posture.gui.app import Parts, run
monitor = PlayedMonitor()
folder = Path({folder!r})

def ready():
    monitor.play(moment())
    QTimer.singleShot(300, lambda: (folder / "ready").write_text("x"))

nothing = lambda changed: None
vault = FilledVault(folder / "data")
parts = Parts(
    monitor, folder / "config.toml", nothing, nothing, devices=tuple, safe=vault.safe, office=vault.office,
    layers=tuple,
)
application = QApplication.instance() or QApplication(sys.argv)
QTimer.singleShot(500, ready)
code = run(parts, application=application)
(folder / "asked").write_text(repr([asked[0] for asked in monitor.asked]))
(folder / "shown").write_text(str(len(monitor.shown)))
sys.exit(code)
"""

KEYS = """
set -e
"$0" -W error "$1/program.py" & program=$!
for i in $(seq 150); do [ -e "$1/ready" ] && break; sleep 0.1; done
xdotool search --sync --onlyvisible --name '^posture$' windowfocus --sync
xdotool key --delay 150 m
xdotool key --delay 150 space
xdotool key --delay 150 ctrl+2
xdotool key --delay 150 m
xdotool key --delay 150 ctrl+q
wait $program
"""


@pytest.mark.skipif(sys.platform != "linux", reason="X11 is a matter of Linux")
@pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason=f"needs {', '.join(NEEDED)}")
def test_the_keyboard_drives_a_real_window(tmp_path):
    (tmp_path / "program.py").write_text(SCRIPT.format(tools=str(ROOT / "tools"), folder=str(tmp_path)))
    environment = {**os.environ, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT), "QT_XCB_GL_INTEGRATION": "none"}
    environment.pop("WAYLAND_DISPLAY", None)
    command = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", "bash", "-c", KEYS, sys.executable, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "asked").read_text() == "['mute', 'pause', 'close']"
    assert int((tmp_path / "shown").read_text()) >= 1
    assert "Traceback" not in done.stderr
