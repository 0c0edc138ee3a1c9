import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QMessageBox

from posture.config import Settings
from posture.errors import SinkError
from posture.gui.system.questions import after_a_crash, policy_is_broken
from posture.gui.system.safemode import SENTINEL, Sentinel, safe


def test_names_from_files_are_no_markup(qtbot):
    box = policy_is_broken("signed by <h1>office</h1>")
    qtbot.addWidget(box)
    formats = {label.textFormat() for label in box.findChildren(QLabel)}
    assert formats == {Qt.TextFormat.PlainText}


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


@pytest.mark.parametrize("box", [after_a_crash, lambda: policy_is_broken("it is gone")], ids=["crash", "policy"])
def test_a_question_can_be_answered_with_the_keyboard(qtbot, box):
    box = box()
    qtbot.addWidget(box)
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.Yes)
    assert box.escapeButton() is box.button(QMessageBox.StandardButton.No)
    assert all(button.accessibleName() for button in box.buttons())
