"""A vault whose day, keyring and audit log a test holds in its hand, and clips in it. One guess costs nothing here."""

import json
import os
import shutil
from datetime import date, timedelta

from posture.sinks.clipfile import created
from posture.vault import boxes
from posture.vault.catalogue import About
from posture.vault.clip import ClipWriter
from posture.vault.keyfile import Cost
from posture.vault.library import Library
from posture.vault.store import Vault

TODAY = date(2026, 11, 28)
WORDS = "correct horse"
CHEAP = Cost(memory_kib=8, iterations=1, lanes=1)
HEAD = boxes.made(b"ftyp", b"iso6") + boxes.made(b"moov", boxes.made(b"mvhd", bytes(96)))


def new_clip(folder, recipients):
    """A writer, and its file."""
    path = folder / f"{os.urandom(8).hex()}.pclip"
    return ClipWriter(created(path), recipients), path


def second(number):
    """One fragment that can be told from the others."""
    picture = bytes([number]) * 20_000
    return boxes.track_box(b"pose %d" % number) + boxes.made(b"moof", bytes(40)) + boxes.made(b"mdat", picture)


def after(days):
    return TODAY + timedelta(days=days)


class MemoryKeys:
    """A keyring."""

    def __init__(self):
        self.keys = {}
        self.broken = None

    def get(self, name):
        return self.keys.get(name)

    def put(self, name, key):
        self.keys[name] = key

    def remove(self, name):
        if self.broken:
            raise self.broken
        self.keys.pop(name, None)


class Office:
    """A vault, its keyring, its log and its recordings."""

    def __init__(self, folder):
        self.folder = folder
        self.keystore = MemoryKeys()
        self.log = []
        self.clips = folder / "recordings"
        self.clips.mkdir(parents=True)
        self.now_s = 1e9

    def vault(self):
        """As another process sees it."""
        return Vault(self.folder / "vault", keystore=self.keystore, cost=CHEAP, record=self.record)

    def record(self, event, **fields):
        self.log.append((event.value, fields))

    def events(self, *wanted):
        return [event for event, _ in self.log if not wanted or event in wanted]

    def created(self, **options):
        return self.vault().create(options.pop("words", WORDS), TODAY, **options)

    def unlock(self):
        return self.vault().unlock(WORDS)

    def library(self, unlocked=None, keep_days=3):
        return Library(self.vault(), [self.clips], keep_days, unlocked, now_s=lambda: self.now_s)

    def clip(self, day=TODAY, seconds=3, finished=True, about=True):
        """Where a new recording of `day` is."""
        recipients = self.vault().recipients(day)
        writer, path = new_clip(self.clips, recipients)
        writer.fragment(HEAD)
        for number in range(seconds):
            writer.fragment(second(number))
        if finished:
            writer.close()
        else:
            writer.abandon()
        if about:
            known = About(started_s=1e9, length_s=float(seconds), source="desk", content="skeleton", mode="manual")
            self.library().catalogue.put(writer.clip_id, day, recipients, known)
        return path

    def everything(self):
        """Every file and its bytes."""
        return {path: path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file()}

    def put(self, content):
        """Make the folder hold these files and no other."""
        shutil.rmtree(self.folder)
        self.clips.mkdir(parents=True)
        for path, data in content.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def ring_json(self):
        return json.loads((self.folder / "vault" / "ring.json").read_text())

    def put_ring(self, tree):
        (self.folder / "vault" / "ring.json").write_text(json.dumps(tree))


class Crash(BaseException):
    """The machine stopped: nothing of the program runs any more, so nothing it does afterwards has an effect."""


class Machine:
    """Stops before the `at`-th change to the disk."""

    CHANGES = ("write", "ftruncate", "mkdir", "replace", "rename", "unlink", "fsync", "fdatasync")

    def __init__(self, patch, at=10**9):
        self.at, self.done, self.stopped = at, 0, False
        for name in self.CHANGES:
            patch.setattr(os, name, self.step(getattr(os, name)))
        patch.setattr(os, "open", self.opening(os.open))

    def step(self, real):
        def run(*arguments, **options):
            self.count()
            return real(*arguments, **options)

        return run

    def opening(self, real):
        def run(path, flags, *arguments, **options):
            if flags & os.O_CREAT:
                self.count()
            return real(path, flags, *arguments, **options)

        return run

    def count(self):
        self.stopped = self.stopped or self.done == self.at
        if self.stopped:
            raise Crash
        self.done += 1
