"""What a policy locks cannot be changed in the window, and the row says who locks it."""

import os
import sys
from datetime import date

import pytest
from PyQt6.QtWidgets import QComboBox, QLabel, QSpinBox

from posture import policy
from posture.gui.record_dialog import RecordDialog
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
