"""On a real X server without a screen; the test plays the window manager."""

import ctypes
import json
import os
import shutil
import subprocess
import sys
from ctypes import c_uint8, c_uint32, c_void_p
from pathlib import Path

import pytest

from posture.gui.system import x11

ROOT = Path(__file__).resolve().parents[3]
FULL_SCREEN = """
import sys
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QWidget
application = QApplication([])
window = QWidget()
window.setWindowTitle("film")
window.setGeometry(application.primaryScreen().geometry())
window.showFullScreen() if sys.argv[1] == "full" else window.show()
application.processEvents()
print(int(window.winId()), flush=True)
application.exec()
"""


@pytest.fixture(scope="module")
def display():
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("Xvfb is not installed")
    command = [server, "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            number = process.stdout.readline().strip()
            if not number:
                pytest.skip("Xvfb does not start here")
            yield f":{number}"
        finally:
            process.terminate()
            process.wait()


@pytest.fixture
def server(display):
    one = x11.connect(display)
    assert one is not None
    yield one
    one.close()


class Manager:
    """Plays the window manager: says what a real one would write on the root window."""

    def __init__(self, server):
        self._server = server
        self._change = server._library.xcb_change_property
        self._change.argtypes = [c_void_p, c_uint8, c_uint32, c_uint32, c_uint32, c_uint8, c_uint32, c_void_p]
        self.write("SUPPORTING_WM_CHECK", server._root)

    def write(self, name, *values, window=None):
        data = (c_uint32 * len(values))(*values)
        where = self._server._root if window is None else window
        atom = self._server._atoms[name]
        # 33 is XA_WINDOW, 32 bits a value
        self._change(self._server._connection, 0, where, atom, 33, 32, len(values), ctypes.addressof(data))
        self._server._words(where, name)  # an answer: it has arrived

    def close(self):
        delete = self._server._library.xcb_delete_property
        delete.argtypes = [c_void_p, c_uint32, c_uint32]
        for name in ("SUPPORTING_WM_CHECK", "ACTIVE_WINDOW", "CLIENT_LIST"):
            delete(self._server._connection, self._server._root, self._server._atoms[name])
        self._server._words(self._server._root, "ACTIVE_WINDOW")


@pytest.fixture
def manager(server):
    one = Manager(server)
    yield one
    one.close()


def environment(display):
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests", ROOT / "tools")))
    clean = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
    return {**clean, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": paths}


@pytest.fixture
def program(display):
    """Starts another program with a window; its number."""
    made = []

    def start(kind):
        command = [sys.executable, "-c", FULL_SCREEN, kind]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(display), text=True)
        made.append(process)
        return int(process.stdout.readline())

    yield start
    for process in made:
        process.kill()
        process.wait()
        process.stdout.close()


def test_without_a_window_manager_nothing_is_known(server):
    assert server.full_screen() is None
    assert server.covered() == ()
    assert not server.composited


def test_a_window_that_fills_the_screen(server, manager, program):
    film = program("full")
    manager.write("CLIENT_LIST", film)
    manager.write("ACTIVE_WINDOW", film)
    assert server.full_screen() is True
    assert server.covered() == (x11.Rectangle(0, 0, 1280, 800),)


def test_one_that_is_not_in_front_covers_its_screen_only(server, manager, program):
    film, text = program("full"), program("plain")
    manager.write("CLIENT_LIST", film, text)
    manager.write("ACTIVE_WINDOW", text)
    assert server.full_screen() is False
    assert len(server.covered()) == 1


def test_nothing_in_front(server, manager):
    manager.write("ACTIVE_WINDOW", 0)
    assert server.full_screen() is False


def test_our_own_full_screen_is_no_reason_to_be_quiet(server, manager, program):
    film = program("full")
    manager.write("WM_PID", os.getpid(), window=film)
    manager.write("CLIENT_LIST", film)
    manager.write("ACTIVE_WINDOW", film)
    assert server.full_screen() is False
    assert server.covered() == ()


def test_a_window_that_is_gone_is_no_error(server, manager):
    manager.write("CLIENT_LIST", 0x7FFFFF0)
    manager.write("ACTIVE_WINDOW", 0x7FFFFF0)
    assert server.full_screen() is False
    assert server.covered() == ()
    assert server.alive


def test_a_display_that_is_not_there():
    assert x11.connect(":65000") is None


@pytest.mark.skipif(shutil.which("xdotool") is None, reason="xdotool is not installed")
def test_a_cue_over_a_window_and_the_mini_window(display):
    script = Path(__file__).with_name("on_a_display.py")
    done = subprocess.run(
        [sys.executable, script], env=environment(display), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["foreground"] == "X11Foreground"
    assert not said["translucent"], "there is no compositor here"
    assert said["kinds"] == ["Glow"], "a shade would be black here"
    assert said["shown"]
    assert said["clicks"] == 1, "the click went through the glow"
    assert said["cleared_ms"] is not None
    assert said["cleared_ms"] < 200
    assert said["mini_asked"] == ["pause"]
    assert said["mini_closed"]
