"""A user with everything that the program keeps: vault, recordings, history, calibrations, settings, log."""

import os
from datetime import date, timedelta

from lived import Wall, lived
from vault_office import CHEAP, HEAD, WORDS, MemoryKeys, new_clip, second

from posture.audit.events import check
from posture.audit.log import AuditLog
from posture.ergonomics.sitting import State
from posture.rights.holdings import Places
from posture.sinks.archive import NAME as HISTORY
from posture.sinks.archive import Archive, connect
from posture.sinks.history import History
from posture.vault.catalogue import NAME as CATALOGUE
from posture.vault.catalogue import About, Catalogue
from posture.vault.historykeys import HistoryKeys
from posture.vault.store import Vault

TODAY = date.fromtimestamp(1_795_521_600.0)


class User:
    def __init__(self, data, elsewhere):
        self.data, self.shared = data, elsewhere / "share"
        self.shared.mkdir()
        self.keyring, self.events = MemoryKeys(), []
        self.settings = elsewhere / "config.toml"
        self.settings.write_text("[vault]\nkeep_days = 3\n")
        self.log = AuditLog(data / "audit")

    def record(self, event, **fields):
        check(event, fields)
        self.events.append((event, fields))
        self.log.append(event, **fields)

    @property
    def vault(self):
        return Vault(self.data / "vault", keystore=self.keyring, cost=CHEAP, record=self.record)

    @property
    def places(self):
        return Places(self.data, self.settings, self.vault, (self.shared, self.data / "recordings"), 3)

    def unlock(self):
        return self.vault.unlock(WORDS)

    def clip(self, days=0, folder=None):
        day = TODAY - timedelta(days)
        recipients = self.vault.recipients(day)
        writer, path = new_clip(folder or self.shared, recipients)
        for fragment in (HEAD, second(1), second(2)):
            writer.fragment(fragment)
        writer.close()
        os.utime(path, (0, 0))
        about = About(started_s=1e9, length_s=2.0, source="desk", content="skeleton", purpose="own-posture")
        Catalogue(self.vault.folder / CATALOGUE).put(writer.clip_id, day, recipients, about)
        return path

    def live(self, days=0):
        """Sit for two minutes on that day."""
        wall = Wall(1_795_521_600.0 - days * 86400.0)
        archive = Archive(connect(self.vault.folder / HISTORY), HistoryKeys(self.vault))
        history = History(lambda: archive, wall=wall, keep_days=100, purpose=lambda: "own-posture")
        history.begin()
        lived(history, wall, (120, State.GOOD))
        history.end()
        history.close()

    def files(self):
        folders = (self.data, self.shared, self.settings.parent)
        return {path for folder in folders for path in folder.rglob("*") if path.is_file()}
