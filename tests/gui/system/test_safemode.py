import pytest
from PyQt6.QtWidgets import QMessageBox

from posture.config import Settings
from posture.errors import SinkError
from posture.gui.system.safemode import SENTINEL, Sentinel, question, safe


def test_a_program_that_ended_properly_left_nothing(tmp_path):
    sentinel = Sentinel(tmp_path)
    assert not sentinel.begin()
    assert (tmp_path / SENTINEL).stat().st_mode & 0o077 == 0
    sentinel.end()
    sentinel.end()
    assert not Sentinel(tmp_path).begin()


def test_a_program_that_did_not_is_noticed_once(tmp_path):
    Sentinel(tmp_path).begin()
    again = Sentinel(tmp_path)
    assert again.begin()
    again.end()
    assert not Sentinel(tmp_path).begin()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkError, match="file"):
        Sentinel(tmp_path / "file").begin()


def test_safe_mode_changes_where_the_model_runs_and_nothing_else():
    settings = Settings()
    changed = safe(settings)
    assert changed.pose.providers == ("cpu",)
    assert changed.window == settings.window


def test_the_question_can_be_answered_with_the_keyboard(qtbot):
    box = question()
    qtbot.addWidget(box)
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.Yes)
    assert box.escapeButton() is box.button(QMessageBox.StandardButton.No)
    assert all(button.accessibleName() for button in box.buttons())
