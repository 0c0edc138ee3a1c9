"""A user of whom the program keeps everything; no waiting for a disk."""

import os
from datetime import timedelta

import pytest
from kept_user import TODAY, User
from vault_office import WORDS


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: None, raising=False)


@pytest.fixture
def user(data_folder, tmp_path):
    """With keys for three days back."""
    user = User(data_folder, tmp_path)
    user.vault.create(WORDS, TODAY - timedelta(days=2)).close()
    (data_folder / "recordings").mkdir()
    return user
