import os
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QWidget

from posture.errors import PostureError, SinkError
from posture.gui.system.single import LOCK, RAISE, Single, to_front

HOLD = """
import sys
from pathlib import Path
from PyQt6.QtCore import QCoreApplication
from posture.gui.system.single import Single
application = QCoreApplication([])
print(Single(Path(sys.argv[1])).begin(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """A second process that has the lock."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", HOLD, str(tmp_path / "data")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=Path(__file__).parents[3]
    ) as process:
        assert process.stdout.readline().strip() == b"True"
        yield process
        process.kill()


def test_the_second_start_raises_the_window_of_the_first(tmp_path, qapp, qtbot):
    first, second = Single(tmp_path), Single(tmp_path)
    assert first.begin()
    raised = []
    first.raised.connect(lambda: raised.append(True))
    assert not second.begin()
    second.ask(wait=qapp.processEvents)
    assert raised == [True]
    assert not (tmp_path / RAISE).exists()
    first.end()
    assert second.begin()
    second.end()


def test_a_lock_of_a_process_that_was_killed_is_taken_over(other, tmp_path, qapp):
    single = Single(tmp_path / "data")
    assert not single.begin()
    other.kill()
    other.wait()
    assert (tmp_path / "data" / LOCK).exists()
    assert single.begin()
    single.end()


def test_a_first_program_that_hangs_is_named(other, tmp_path, qapp):
    single = Single(tmp_path / "data")
    assert not single.begin()
    with pytest.raises(PostureError, match=f"process {other.pid} and does not answer"):
        single.ask(within_s=0.05)
    assert not (tmp_path / "data" / RAISE).exists()


def test_a_request_that_nobody_answered_is_no_request_later(tmp_path, qapp, qtbot):
    (tmp_path / RAISE).write_text("old")
    single = Single(tmp_path)
    raised = []
    single.raised.connect(lambda: raised.append(True))
    assert single.begin()
    assert not (tmp_path / RAISE).exists()
    assert raised == []
    single.end()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such bits")
def test_only_the_owner_can_read_folder_and_lock(tmp_path, qapp):
    single = Single(tmp_path / "data")
    assert single.begin()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / LOCK).stat().st_mode & 0o077 == 0
    single.end()


def test_a_folder_that_cannot_be_made_is_named(tmp_path, qapp):
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkError, match="file"):
        Single(tmp_path / "file" / "data").begin()


def test_a_window_comes_to_the_front_unfolded(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.showMinimized()
    to_front(window)
    assert window.isVisible()
    assert not window.isMinimized()
