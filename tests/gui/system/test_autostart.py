import plistlib
import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QSettings

from posture.errors import SinkError
from posture.gui.system.autostart import (
    RUN_NAME,
    FileEntry,
    RegistryEntry,
    at_login,
    desktop_entry,
    in_menu,
    launch_agent,
    quoted,
)
from posture.gui.system.login_choice import LoginChoice


def parsed(text):
    """Exec of a desktop entry back into arguments: value escapes first, then quoting, then field codes."""
    (line,) = [line for line in text.split("\n") if line.startswith("Exec=")]
    value, at = "", 5
    while at < len(line):
        if line[at] == "\\":
            value += {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}[line[at + 1]]
            at += 1
        else:
            value += line[at]
        at += 1
    words, at = [], 0
    while at < len(value):
        word = ""
        if value[at] == '"':
            at += 1
            while value[at] != '"':
                at += value[at] == "\\"
                word += value[at]
                at += 1
            at += 1
        else:
            while at < len(value) and value[at] != " ":
                assert value[at] not in "\t\n\"'\\><~|&;$*?#()`"
                word += value[at]
                at += 1
        assert at == len(value) or value[at] == " "
        at += 1
        words.append(word)
    return [word.replace("%%", "%") for word in words]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
def test_every_command_can_be_read_back(command):
    assert parsed(desktop_entry(command)) == command


def test_usual_words_stay_as_they_are():
    assert quoted("/usr/bin/posture") == "/usr/bin/posture"
    assert shlex.split(quoted("/home/a b/posture")) == ["/home/a b/posture"]
    assert quoted("50%") == "50%%"


def test_on_and_off_at_login(tmp_path):
    entry = at_login(["/usr/bin/posture", "live"], {"XDG_CONFIG_HOME": str(tmp_path)})
    assert not entry.is_on
    entry.on()
    assert entry.is_on
    assert (tmp_path / "autostart" / "posture.desktop").read_text() == entry.text
    assert "NoDisplay=true" in entry.text
    entry.on()
    entry.off()
    entry.off()
    assert not entry.is_on
    assert list((tmp_path / "autostart").iterdir()) == []


def test_an_entry_among_the_programs(tmp_path):
    entry = in_menu(["/usr/bin/posture"], {"XDG_DATA_HOME": str(tmp_path)})
    entry.on()
    text = (tmp_path / "applications" / "posture.desktop").read_text()
    assert "Exec=/usr/bin/posture\n" in text
    assert "NoDisplay" not in text


def test_without_a_setting_of_the_desktop_the_usual_folders_are_taken(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert at_login(["x"], {}).path == tmp_path / ".config" / "autostart" / "posture.desktop"
    assert in_menu(["x"], {}).path == tmp_path / ".local" / "share" / "applications" / "posture.desktop"


def test_a_launch_agent_says_what_to_start(tmp_path):
    entry = launch_agent(["/Applications/a b/posture", "live"], tmp_path)
    entry.on()
    agent = plistlib.loads(entry.path.read_bytes())
    assert agent["ProgramArguments"] == ["/Applications/a b/posture", "live"]
    assert agent["RunAtLoad"] is True
    assert entry.path.name == f"{agent['Label']}.plist"


def test_a_value_of_the_registry(tmp_path):
    store = QSettings(str(tmp_path / "run.ini"), QSettings.Format.IniFormat)
    entry = RegistryEntry(store, subprocess.list2cmdline([r"C:\Program Files\posture.exe", "live"]))
    entry.on()
    assert entry.is_on
    assert store.value(RUN_NAME) == r'"C:\Program Files\posture.exe" live'
    entry.off()
    assert not entry.is_on


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkError, match="file"):
        FileEntry(tmp_path / "file" / "x.desktop", "").on()


def test_the_choice_shows_exactly_what_it_writes(tmp_path, qtbot):
    entry = at_login(["/usr/bin/posture"], {"XDG_CONFIG_HOME": str(tmp_path)})
    choice = LoginChoice(entry)
    qtbot.addWidget(choice)
    assert not choice.switch.isChecked()
    choice.switch.click()
    assert choice.text.toPlainText() == f"{entry.path}\n\n{entry.path.read_text()}"
    choice.switch.click()
    assert not entry.is_on


def test_a_choice_that_cannot_be_carried_out_says_so(tmp_path, qtbot):
    (tmp_path / "file").write_text("")
    choice = LoginChoice(FileEntry(tmp_path / "file" / "x.desktop", "text"))
    qtbot.addWidget(choice)
    choice.switch.click()
    assert not choice.switch.isChecked()
    assert "cannot write" in choice.text.toPlainText()
