"""Pictures of the Privacy page, from its top to its end, and of what it asks; for `screenshots.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from filled_vault import PASSPHRASE, FilledVault
from PyQt6.QtWidgets import QDialog

from posture.audit.clock import Clock
from posture.audit.events import Event
from posture.audit.log import AuditLog
from posture.gui.app import Program
from posture.gui.privacy.chart import Large
from posture.gui.privacy.dialogs import CopyData, EraseAll, Working
from posture.rights.consents import Consents

HASH = "5f1c" * 16


@dataclass
class OfPrivacy:
    """One window."""

    program: Program
    vault: FilledVault
    take: Callable[..., None]
    settle: Callable[[], None]

    def all(self) -> None:
        """Every part of the page, and its dialogs."""
        self.fill()
        window, page = self.program.window, self.program.window.pages.privacy
        window.show_page("privacy")
        steward = window.house.steward
        self.wait(lambda: steward.overview is not None and not steward.acting and not steward.looking)
        page.verify()
        self.wait(lambda: page.log.result.isVisible())
        bar = page.area.verticalScrollBar()
        assert bar is not None
        for place in range(1 + -(-bar.maximum() // bar.pageStep())):
            bar.setValue(place * bar.pageStep())
            self.take(f"privacy-{place + 1}")
        assert steward.overview is not None
        self.dialog(Large(steward.overview, page._language, window), "privacy-large")
        self.dialog(CopyData(open_=False, today=date.today(), parent=window), "privacy-copy")
        erase = EraseAll(self.vault.office.plan(), window)
        erase.field.setText("LÖSCH")
        self.dialog(erase, "privacy-erase")
        working = Working("posture", stoppable=True, parent=window)
        working.show_progress(3, 7, "/recordings/3c3a4277.mp4")
        self.dialog(working, "privacy-working")

    def wait(self, until: Callable[[], bool]) -> None:
        """Other threads are at work."""
        for _ in range(800):
            if until():
                break
            self.settle()
        else:
            raise SystemExit("it does not come")
        self.settle()

    def dialog(self, dialog: QDialog, name: str) -> None:
        """One picture of it."""
        dialog.show()
        self.take(name, dialog)
        dialog.done(0)

    def fill(self) -> None:
        """A vault with recordings, notes, and a log of this morning."""
        if not self.vault.vault.exists:
            self.vault.make()
            self.vault.clip(3)
        with self.vault.vault.unlock(PASSPHRASE) as unlocked:
            notes = Consents(self.vault.data, self.vault.vault, unlocked)
            notes.add("P07", "consent", "own-posture")
        Consents(self.vault.data, self.vault.vault, None)
        fill_log(self.vault.data / "audit", datetime.now().astimezone())


def fill_log(folder: Path, now: datetime) -> None:
    """What a morning with the camera leaves, and two exports."""
    began = int((now - timedelta(hours=2)).timestamp())
    since_s = 0
    log = AuditLog(folder, Clock(lambda: began + since_s, lambda: (began + since_s) * 10**9))
    for event, fields in (
        (Event.PROGRAM_STARTED, {"verb": "live", "version": "0.1.0"}),
        (Event.CAMERA_OPENED, {}),
        (Event.REPORT_EXPORTED, {"format": "pdf", "sha256": HASH}),
        (Event.CAMERA_CLOSED, {}),
        (Event.RETENTION_RUN, {"removed": 2}),
        (Event.CAMERA_OPENED, {}),
        (Event.CLIP_EXPORTED, {"clip": HASH[:32], "purpose": "medical"}),
    ):
        log.append(event, **fields)
        since_s += 600
    log.close()
