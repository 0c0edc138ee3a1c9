"""Vaults of tests wait for no disk."""

import os

import pytest
from vault_office import Office


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No waiting for the disk: these processes are not killed, and the machine stays up."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: None, raising=False)


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path / "office")
