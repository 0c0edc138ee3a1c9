from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QMessageBox

from posture.config import Settings
from posture.errors import SinkError
from posture.gui.system.questions import after_a_crash, policy_is_broken, settings_are_unusable
from posture.gui.system.safemode import SENTINEL, Sentinel, safe
from posture.gui.words import Language

FILE = Path("/home/ada/.config/posture/config.toml")


def unusable(why="unknown setting 'pose.modle': did you mean 'model'?"):
    return settings_are_unusable(FILE, why, FILE.with_suffix(".toml.bak"), Settings())


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


def test_a_settings_file_is_named_with_its_fault_its_copy_and_what_is_erased(qtbot):
    box = unusable()
    qtbot.addWidget(box)
    assert box.informativeText().startswith(f"{FILE}: unknown setting 'pose.modle': did you mean 'model'?")
    assert f"{FILE}.bak" in box.informativeText()
    assert "kept for 3 days, the history for 30 days and the log for 12 months" in box.informativeText()


def test_the_fault_is_said_in_german(qtbot, qapp):
    language = Language(qapp)
    language.use("de")
    boxes = unusable(), unusable(f"{FILE} cannot be read: Expected '='; fix it, or run `posture config reset`")
    language.use("en")
    for box in boxes:
        qtbot.addWidget(box)
    assert f"{FILE}: unbekannte Einstellung 'pose.modle': meinten Sie 'model'?" in boxes[0].informativeText()
    assert boxes[1].informativeText().startswith(f"{FILE} lässt sich nicht lesen: Expected '='; berichtigen Sie")
    assert boxes[1].button(QMessageBox.StandardButton.Yes).text() == "Beiseitelegen und starten"


def test_what_may_erase_something_is_not_the_default(qtbot):
    box = unusable()
    qtbot.addWidget(box)
    no = box.button(QMessageBox.StandardButton.No)
    assert box.defaultButton() is no
    assert box.escapeButton() is no


@pytest.mark.parametrize("box", [after_a_crash, lambda: policy_is_broken("it is gone")], ids=["crash", "policy"])
def test_a_question_can_be_answered_with_the_keyboard(qtbot, box):
    box = box()
    qtbot.addWidget(box)
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.Yes)
    assert box.escapeButton() is box.button(QMessageBox.StandardButton.No)
    assert all(button.accessibleName() for button in box.buttons())
