"""Every setting has a control; a change is checked, in the file at once, logged by name, and can be undone."""

import tomllib

import pytest
from PyQt6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox

from posture import config
from posture.errors import ConfigError


@pytest.fixture
def page(window):
    window.show_page("settings")
    return window.pages.settings


def control(page, path, kind):
    return page.row(path).editor.findChild(kind)


def on_disk(program):
    return tomllib.loads(program.file.path.read_text("utf-8")) if program.file.path.exists() else {}


def rows(page):
    """Of every page that a person can turn to."""
    for place in range(page.titles.count()):
        page.titles.setCurrentRow(place)
    return page._rows


def test_every_setting_is_there_and_shows_what_the_file_says(page):
    assert len(page._rows) < len(config.key_paths()) / 2, "nobody has turned to the others"
    assert set(rows(page)) == set(config.key_paths())
    assert control(page, "window.theme", QComboBox).currentText() == "as the desktop"
    assert control(page, "job.memory_mib", QSpinBox).value() == config.Settings().job.memory_mib
    assert control(page, "job.memory_mib", QSpinBox).suffix() == " MiB"


def test_a_change_is_in_the_file_at_once_and_in_the_log_by_name_alone(page, program, recorded):
    control(page, "pose.threads", QSpinBox).setValue(2)
    assert on_disk(program) == {"pose": {"threads": 2}}
    assert recorded == ["pose.threads"]


def test_undo_puts_back_file_and_control(page, window, program, recorded):
    control(page, "audit.enabled", QCheckBox).click()
    assert on_disk(program) == {"audit": {"enabled": False}}
    assert "Keep an audit log" in window.undo.text
    window.undo.button.click()
    assert on_disk(program) == {}
    assert control(page, "audit.enabled", QCheckBox).isChecked()
    assert recorded == ["audit.enabled", "audit.enabled"]
    assert window.undo.isHidden()


def test_what_is_not_allowed_is_said_in_its_row_and_changes_nothing(page, program, recorded):
    line = control(page, "pose.model", QLineEdit)
    line.setText("No Such Model!")
    line.editingFinished.emit()
    row = page.row("pose.model")
    assert not row.problem.isHidden()
    assert "pose.model" in row.problem.text()
    assert on_disk(program) == {}
    assert recorded == []


def test_ranges_are_those_of_the_declaration(page):
    box = control(page, "window.text_scale_percent", QSpinBox)
    assert (box.minimum(), box.maximum()) == (80, 200)
    open_end = control(page, "pose.call_limit_s", QDoubleSpinBox)
    assert open_end.minimum() > 0


def test_restore_takes_back_one_page_alone(page, program, window):
    control(page, "pose.threads", QSpinBox).setValue(2)
    program.file.change({"window.mirror": False})
    (button,) = [b for b in page.findChildren(type(window.undo.button)) if "Advanced" in b.text()]
    button.click()
    assert on_disk(program) == {"window": {"mirror": False}}
    window.undo.button.click()
    assert on_disk(program) == {"pose": {"threads": 2}, "window": {"mirror": False}}


def test_the_search_shows_rows_that_hold_the_words(page):
    page.row("pose.threads")
    page.search.setText("audit")  # before anybody has seen its page, and after that of the threads
    shown = {path for path, row in rows(page).items() if not row.frame.isHidden()}
    assert {"audit.enabled", "audit.keep_months"} <= shown
    assert "pose.threads" not in shown
    page.search.clear()
    assert not [path for path, row in rows(page).items() if row.frame.isHidden()]


def test_the_search_turns_to_the_first_page_with_a_hit(page):
    page.search.setText("audit")
    assert page.titles.currentItem().text() == "Reports and files"
    assert page.row("audit.enabled").frame.isVisible()


def test_a_file_that_was_broken_by_hand_is_kept(page, program):
    program.file.path.write_text("[pose", encoding="utf-8")
    control(page, "pose.threads", QSpinBox).setValue(3)
    assert on_disk(program) == {"pose": {"threads": 3}}
    (copy,) = program.file.path.parent.glob("config.toml.bak*")
    assert copy.read_text("utf-8") == "[pose"


def test_nothing_is_changed_where_the_log_cannot_be_written(page, program):
    def refuse(names):
        raise ConfigError("the log is full; free some space")

    program.file._record = refuse
    before = program.file.settings
    control(page, "pose.threads", QSpinBox).setValue(2)
    assert program.file.settings == before
    assert "log is full" in page.row("pose.threads").problem.text()
    assert on_disk(program) == {}


def test_declared_places_are_written_in_one_line_and_read_back(qtbot):
    from posture.gui.editors import editor
    from posture.privacy.settings import Declared

    made = editor(tuple[Declared, ...], "")
    qtbot.addWidget(made)
    made.show_value((Declared(name='the "old" NAS', receives="recordings"), Declared(name="b", receives="reports")))
    text = made.controls()[0].text()
    values = made._read(text)
    assert [value["name"] for value in values] == ['the "old" NAS', "b"]
    assert config.checked({"flow": {"declared": values}}).flow.declared[1].receives == "reports"
