import json
from pathlib import Path

import pytest

from posture.vault.places import copied_by, default_folder, recordings_folder, warning

ROOT = Path(__file__).resolve().parents[2]


def test_a_checkout_has_its_own_folder_and_an_installed_program_the_data_folder(tmp_path, monkeypatch):
    assert default_folder({}) == ROOT / "recordings"
    installed = tmp_path / "lib" / "posture" / "vault" / "places.py"
    monkeypatch.setattr("posture.vault.places.__file__", str(installed))
    assert default_folder({"POSTURE_DATA": str(tmp_path / "data")}) == tmp_path / "data" / "recordings"


def test_the_setting_names_another_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert recordings_folder("", {}) == ROOT / "recordings"
    assert recordings_folder("~/clips") == tmp_path / "clips"
    monkeypatch.chdir(tmp_path)
    assert recordings_folder("clips") == tmp_path / "clips"


@pytest.mark.parametrize(
    "folder",
    [
        "OneDrive",
        "OneDrive - Example GmbH",
        "Dropbox",
        "Dropbox (Personal)",
        "Google Drive",
        "GoogleDrive-me@example.org",
        "iCloudDrive",
        "Nextcloud",
        "ownCloud",
        "Box",
        "Box Sync",
        "MEGA",
        "pCloud Drive",
        "Proton Drive",
        "Library/Mobile Documents/com~apple~CloudDocs",
        "Library/CloudStorage/SomeProvider-me",
    ],
)
def test_the_folders_of_known_programs_are_noticed(tmp_path, folder):
    place = tmp_path / folder / "work" / "recordings"
    assert copied_by(place, {}, tmp_path)
    place.mkdir(parents=True)
    assert "copied to other computers" in warning(place, {})
    assert "vault.folder" in warning(place, {})


@pytest.mark.parametrize(
    "folder", ["recordings", "boxes", "Inbox", "megabytes", "my drives", "CloudStorage", ".dropbox"]
)
def test_other_folders_are_not(tmp_path, folder):
    (tmp_path / ".dropbox").mkdir()  # where Dropbox keeps its settings, not what it copies
    assert copied_by(tmp_path / folder, {}, tmp_path) is None
    assert warning(tmp_path / folder, {}) == ""


@pytest.mark.parametrize(
    ("mark", "program"),
    [
        (".dropbox.cache", "Dropbox"),
        (".stfolder", "Syncthing"),
        (".nextcloudsync.log", "Nextcloud"),
        (".sync_0123456789ab.db", "Nextcloud or ownCloud"),
        ("._sync_0123456789ab.db", "Nextcloud or ownCloud"),
    ],
)
def test_a_renamed_folder_is_known_by_what_its_program_leaves_there(tmp_path, mark, program):
    top = tmp_path / "stuff"
    top.mkdir()
    assert copied_by(top / "recordings", {}, tmp_path) is None
    (top / mark).touch()
    assert copied_by(top / "recordings", {}, tmp_path) == program


def test_what_the_programs_say_about_themselves_counts(tmp_path):
    (tmp_path / ".dropbox").mkdir()
    (tmp_path / ".dropbox" / "info.json").write_text(json.dumps({"personal": {"path": str(tmp_path / "d")}}))
    (tmp_path / ".config" / "Nextcloud").mkdir(parents=True)
    settings = tmp_path / ".config" / "Nextcloud" / "nextcloud.cfg"
    settings.write_text(f"[Accounts]\n0\\Folders\\1\\localPath={tmp_path}/n/\n0\\url=https://example.org\n")
    declared = {"d": "Dropbox", "n": "Nextcloud", "o": "OneDrive"}
    for folder, program in declared.items():
        assert copied_by(tmp_path / folder / "x", {"OneDrive": str(tmp_path / "o")}, tmp_path) == program
    assert copied_by(tmp_path / "e", {"OneDrive": ""}, tmp_path) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"personal": 3}', '{"personal": {"path": 3}}', "\udcff"])
def test_broken_files_of_others_are_no_reason_to_stop(tmp_path, content):
    (tmp_path / ".dropbox").mkdir()
    (tmp_path / ".dropbox" / "info.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    assert copied_by(tmp_path / "x", {}, tmp_path) is None


def test_a_link_into_such_a_folder_is_followed(tmp_path):
    (tmp_path / "Dropbox").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "Dropbox")
    assert copied_by(tmp_path / "link" / "recordings", {}, tmp_path) == "Dropbox"
