"""What moves in a real folder wakes, whichever way it is watched."""

import pytest

from posture.batch.observing import Observing

WAIT_S = 30.0  # only a program that does not wake takes so long


@pytest.mark.parametrize("kind", ["events", "polling"])
def test_a_new_file_wakes_and_a_folder_that_came_back_is_watched_again(tmp_path, kind):
    folder = tmp_path / "in"
    folder.mkdir()
    with Observing(folder, kind, poll_s=0.02) as observing:
        (folder / "a.mp4").touch()
        assert observing.moved.wait(WAIT_S)
        (folder / "a.mp4").unlink()
        folder.rmdir()
        for observer in [observing._observer]:
            for emitter in list(observer.emitters):
                emitter.join(WAIT_S)
        folder.mkdir()
        observing.revive()
        observing.moved.clear()
        (folder / "b.mp4").touch()
        assert observing.moved.wait(WAIT_S)


def test_where_the_system_has_no_watch_left_the_folder_is_polled(tmp_path, monkeypatch):
    def none_left(*_, **__):
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr("watchdog.observers.Observer", none_left)
    with Observing(tmp_path, "events", poll_s=0.02) as observing:
        assert observing.kind == "polling"
        (tmp_path / "a.mp4").touch()
        assert observing.moved.wait(WAIT_S)
