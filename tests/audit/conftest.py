"""A log whose folder and clocks a test holds in its hand."""

import calendar
import os
import shutil

import pytest

from posture.audit.archive import read_folder
from posture.audit.clock import Clock
from posture.audit.events import Event
from posture.audit.log import AuditLog
from posture.audit.records import decode

START = calendar.timegm((2026, 11, 5, 9, 0, 0))


class Case:
    """One log. `pass_` and `to` move both clocks together, `set_` only the time of day."""

    def __init__(self, folder):
        self.folder = folder
        self.wall_s = START
        self.mono_ns = 77_000_000_000
        self.clock = Clock(lambda: self.wall_s, lambda: self.mono_ns)

    def pass_(self, seconds):
        self.wall_s += seconds
        self.mono_ns += seconds * 10**9

    def to(self, year, month, day=2):
        self.pass_(calendar.timegm((year, month, day, 12, 0, 0)) - self.wall_s)

    def set_(self, seconds):
        self.wall_s += seconds

    def open(self, **settings):
        return AuditLog(self.folder, self.clock, **settings)

    def written(self, count):
        """A log of `count` entries, closed."""
        with self.open() as log:
            return self.fill(log, count)

    def fill(self, log, count):
        """Append `count` entries; their numbers."""
        return [log.append(Event.RETENTION_RUN, removed=number) for number in range(count)]

    @property
    def archive(self):
        return read_folder(self.folder)

    @property
    def entries(self):
        return [decode(entry) for entry in self.archive.entries()]

    @property
    def events(self):
        return [entry["ev"] for entry in self.entries]

    @property
    def content(self):
        """Every file of the log and its bytes."""
        return {path.name: path.read_bytes() for path in sorted(self.folder.iterdir())}

    def put(self, content):
        """Make the folder hold these files and no other."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for name, data in content.items():
            (self.folder / name).write_bytes(data)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No waiting for the disk: these processes are not killed, and the machine stays up."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: None, raising=False)


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path / "data" / "audit")
