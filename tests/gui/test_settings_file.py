"""Settings are in force at once, whoever writes them and however long that takes."""

import threading
import tomllib

import pytest

from posture.errors import SinkError
from posture.gui.settings_file import SettingsFile
from posture.live.clerk import Clerk


class Disk:
    """Writes when it is told to."""

    def __init__(self):
        self.waiting, self.logged, self.error = [], [], None

    def write(self, entry, on_error):
        self.waiting.append((entry, on_error))

    def record(self, names):
        if self.error is not None:
            raise self.error
        self.logged.append(list(names))

    def work(self):
        entry, on_error = self.waiting.pop(0)
        try:
            entry()
        except SinkError as exc:
            on_error(exc)


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def in_force():
    return []


@pytest.fixture
def file(tmp_path, disk, in_force, qapp):
    return SettingsFile(tmp_path / "config.toml", disk.record, in_force.append, disk.write)


def on_disk(file):
    return tomllib.loads(file.path.read_text("utf-8")) if file.path.exists() else {}


def test_a_change_holds_before_it_is_written(file, disk, in_force):
    assert file.change({"pose.threads": 2}) == ["pose.threads"]
    assert in_force[-1].pose.threads == 2
    assert (disk.logged, on_disk(file)) == ([], {})
    disk.work()
    assert (disk.logged, on_disk(file)) == ([["pose.threads"]], {"pose": {"threads": 2}})


def test_the_environment_stays_above_the_file(file, disk, in_force, monkeypatch):
    monkeypatch.setenv("POSTURE_POSE__THREADS", "3")
    file.change({"pose.threads": 2})
    disk.work()
    assert in_force[-1].pose.threads == 3
    assert on_disk(file) == {"pose": {"threads": 2}}


def test_what_cannot_be_logged_is_taken_back_and_said(file, disk, in_force):
    said = []
    file.refused.connect(lambda names, error: said.append((names, str(error))))
    before = file.settings
    disk.error = SinkError("the disk is full")
    file.change({"pose.threads": 2})
    disk.work()
    assert file.settings == in_force[-1] == before
    assert said == [(["pose.threads"], "the disk is full")]
    assert on_disk(file) == {}


def test_a_later_change_writes_what_an_earlier_one_could_not(file, disk):
    said = []
    file.refused.connect(lambda names, error: said.append(names))
    file.change({"pose.threads": 2})
    file.change({"window.mirror": False})
    disk.error = SinkError("the disk is full")
    disk.work()
    disk.error = None
    disk.work()
    assert said == []
    assert disk.logged == [["window.mirror", "pose.threads"]] or disk.logged == [["pose.threads", "window.mirror"]]
    assert on_disk(file) == {"pose": {"threads": 2}, "window": {"mirror": False}}


def test_a_disk_that_hangs_does_not_hold_up_the_window(tmp_path, in_force, qapp, qtbot):
    going, threads = threading.Event(), []

    def record(names):
        threads.append(threading.current_thread())
        going.wait(30)
        raise SinkError("the disk is gone")

    clerk, heard = Clerk(), []
    clerk.start()
    file = SettingsFile(tmp_path / "config.toml", record, in_force.append, clerk.put)
    file.refused.connect(lambda names, error: heard.append(threading.current_thread()))
    before = file.settings
    file.change({"pose.threads": 2})
    assert in_force[-1].pose.threads == 2
    assert heard == []
    going.set()
    qtbot.waitUntil(lambda: bool(heard))
    assert clerk.close()
    assert heard == [threading.main_thread()]
    assert threads[0] is not threading.main_thread()
    assert file.settings == before


def test_the_window_says_it_over_another_page(window, program, monkeypatch):
    told = []
    monkeypatch.setattr(window, "tell", told.append)

    def refuse(names):
        raise SinkError("the disk is full")

    monkeypatch.setattr(program.file, "_record", refuse)
    window.show_page("live")
    program.file.change({"window.mirror": False})
    assert told == ["the disk is full"]
    assert program.file.settings.window.mirror
