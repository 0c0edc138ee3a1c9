"""What a policy locks cannot be changed in the window, and the row says who locks it."""

import os
import sys
from datetime import date

import pytest
from PyQt6.QtWidgets import QApplication, QComboBox, QLabel, QSpinBox

from posture import config, policy
from posture.cli.monitoring import Calibrations, composed
from posture.cli.window import _mended, bound
from posture.errors import ConfigError
from posture.gui.record_dialog import RecordDialog
from posture.gui.system import questions
from posture.gui.system.questions import policy_is_broken
from posture.gui.words import Language
from posture.pose.trusted_keys import TrustedKeys
from posture.signed_note import PrivateKey

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners and modes")
OFFICE = PrivateKey("office", b"o" * 32)
POLICY = """serial = 3
issuer = "Works council"
issued = 2026-11-28
expires = 2126-11-28
[cap]
content = "background-removed"
keep_days = 5
[lock]
"recorder.mode" = "manual"
"""


@pytest.fixture
def ruled(tmp_path, data_folder, monkeypatch):
    """Before the window is made."""
    place = tmp_path / "computer"
    place.mkdir(mode=0o755)
    keys = TrustedKeys(place / "etc" / "trusted-keys", owner=os.getuid(), top=place)
    keys.add(OFFICE.public)
    files = policy.PolicyFiles(place / "etc", data_folder / policy.MEMORY, keys, os.getuid(), place)
    files.install(policy.signed(POLICY, OFFICE, "x").encode(), date.today(), "x")
    monkeypatch.setattr(policy, "system_files", lambda: files)
    monkeypatch.setattr(config, "_bound", [])
    return files


@pytest.fixture
def page(ruled, window):
    window.show_page("settings")
    return window.pages.settings


def said(page, path):
    return " ".join(label.text() for label in page.row(path).frame.findChildren(QLabel))


def test_a_locked_setting_is_disabled_with_its_reason(page):
    row = page.row("recorder.mode")
    assert not row.editor.isEnabled()
    assert "Locked by policy 3 of Works council" in said(page, "recorder.mode")
    assert "Locked by" in row.editor.findChild(QComboBox).accessibleDescription()
    free = page.row("window.theme")
    assert free.editor.isEnabled(), "negative control"
    assert "policy" not in said(page, "window.theme")


def test_a_capped_setting_changes_within_its_cap_alone(page, program):
    spin = page.row("vault.keep_days").editor.findChild(QSpinBox)
    assert "at most 5" in said(page, "vault.keep_days")
    spin.setValue(9)
    assert program.file.settings.vault.keep_days == 3
    assert "allows at most 5" in page.row("vault.keep_days").problem.text()
    spin.setValue(4)
    assert program.file.settings.vault.keep_days == 4


def test_restoring_the_defaults_stays_within_it(page, program):
    page._restore("Recordings", ["recorder.most", "vault.keep_days"])
    assert program.file.settings.recorder.most == "background-removed"
    assert program.file.settings.vault.keep_days == 3


def test_what_may_not_be_recorded_cannot_be_chosen(ruled, window, program):
    dialog = RecordDialog(program.file.settings, window.house.keeper, date.today())
    enabled = {content: choice.isEnabled() for content, choice in dialog._choices.items()}
    dialog.deleteLater()
    assert enabled == {
        "skeleton": True, "background-removed": True,
        "background-blurred": False, "faces-blurred": False, "full": False,
    }  # fmt: skip


def gone(files):
    (files.folder / policy.FILE).unlink()


def forged(files):
    (files.folder / policy.FILE).write_bytes(policy.signed(POLICY, PrivateKey("office", b"f" * 32), "x").encode())


def altered(files):
    path = files.folder / policy.FILE
    path.write_bytes(path.read_bytes().replace(b"keep_days = 5", b"keep_days = 9"))


@pytest.mark.parametrize(
    ("harm", "english", "german"),
    [
        (gone, "policy 3 was in force", "galt Richtlinie 3"),
        (forged, "signed by office, none of which is trusted", "unterschrieben von office"),
        (altered, "was changed after it was signed", "nach dem Unterschreiben geändert"),
    ],
)
def test_where_it_is_broken_the_window_says_why_and_records_nothing(ruled, qapp, qtbot, harm, english, german):
    assert bound()[1] == "", "the negative control"
    harm(ruled)
    with pytest.raises(ConfigError):
        config.load()
    settings, why = bound()
    assert english in why
    assert settings.recorder.refusal() != ""
    assert settings.output.key_frames == "skeleton"
    assert settings.vault.keep_days == 3, "nothing is erased for that"
    language = Language(QApplication.instance())
    language.use("de")
    box = policy_is_broken(why)
    qtbot.addWidget(box)
    language.use("en")
    assert german in box.informativeText()
    assert "nichts aufgezeichnet" in box.informativeText()


def test_no_history_is_kept_then(ruled, data_folder, monkeypatch):
    opened = []
    monkeypatch.setattr("posture.cli.monitoring._archive", lambda: opened.append(True))
    assert composed(None, None, config.load(), Calibrations()).days(1) is not None
    kept, _ = len(opened), opened.clear()
    gone(ruled)
    composed(None, None, bound()[0], Calibrations()).days(1)
    assert (bool(kept), opened) == (True, [])


def test_flags_that_a_sound_policy_refuses_are_no_broken_policy(ruled, monkeypatch):
    monkeypatch.setenv("POSTURE_RECORDER__CONTENT", "full")
    with pytest.raises(ConfigError, match="at most background-removed"):
        bound()
    gone(ruled)
    with pytest.raises(ConfigError, match="what holds while the policy of this computer is broken"):
        bound()


def test_a_policy_that_is_sound_again_holds_again(ruled):
    note = (ruled.folder / policy.FILE).read_bytes()
    gone(ruled)
    bound()
    assert config.in_force().stands_in
    (ruled.folder / policy.FILE).write_bytes(note)
    (ruled.folder / policy.FILE).chmod(0o644)
    assert config.in_force().policy.serial == 3


def test_it_holds_over_the_usual_settings_where_a_file_is_set_aside(ruled, tmp_path, monkeypatch, qapp):
    file, asked = tmp_path / "config.toml", []
    file.write_text('[pose]\nmodle = "lite"\n[vault]\nkeep_days = 60\n[recorder]\nmode = "continuous"\n')
    monkeypatch.setenv("POSTURE_CONFIG", str(file))
    monkeypatch.setattr(questions, "agreed", lambda box: asked.append(box.informativeText()))
    assert _mended(lambda found: found.ask(found.why) or found.set_aside()) == ["recorder.mode"]
    assert "kept for 5 days" in asked[0]
    settings, why = bound()
    assert (settings.vault.keep_days, settings.recorder.most, why) == (5, "background-removed", "")


@pytest.fixture
def broken(ruled):
    gone(ruled)
    bound()


def test_the_settings_page_says_what_is_locked_then(broken, window):
    window.show_page("settings")
    page = window.pages.settings
    assert "the policy of this computer does not hold" in said(page, "recorder.content")
    assert not page.row("recorder.content").editor.isEnabled()
    assert page.row("window.theme").editor.isEnabled(), "negative control"
