"""Pictures of the Recordings page and of everything that says that something is recorded; for `screenshots.py`."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from filled_vault import PASSPHRASE, FilledVault
from played import PlayedMonitor, moment
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import QDialog

from posture.gui.app import Program
from posture.gui.record_dialog import RecordDialog
from posture.gui.recordings.dialogs import Delete, Export, Keep
from posture.gui.recordings.keeper import Door
from posture.gui.system.mini import MiniWindow
from posture.gui.system.pausing import Pausing
from posture.gui.system.state_sign import Sign, icon
from posture.sinks.recording import Phase, Recording

Take = Callable[..., None]
RECORDED = Recording(Phase.RECORDING, "skeleton", safe_s=133.0, safe_bytes=3_400_000)
SIGNS = {
    "ready": Recording(Phase.READY, "faces-blurred", why="event"),
    "recording": RECORDED,
    "elsewhere": replace(
        RECORDED, elsewhere=True, message="the share does not answer: it is recorded on this computer now"
    ),
    "failed": replace(RECORDED, phase=Phase.FAILED, message="the recording stopped: the disk is full; free some space"),
}


@dataclass
class OfRecordings:
    """One window."""

    program: Program
    monitor: PlayedMonitor
    vault: FilledVault
    take: Take
    settle: Callable[[], None]

    def all(self) -> None:
        """Every state."""
        self.window, self.page = self.program.window, self.program.window.pages.recordings
        self.keeper = self.program.keeper
        self.window.show_page("recordings")
        self.wait(lambda: self.keeper.door is Door.MISSING)
        self.making()
        self.fill()
        self.playing()
        self.asking()
        self.locked()
        self.signs()

    def wait(self, until: Callable[[], bool]) -> None:
        """Other threads are at work."""
        for _ in range(400):
            if until():
                break
            self.settle()
        else:
            raise SystemExit("it does not come")
        self.settle()

    def making(self) -> None:
        """A vault, with a weak, a usable and a strong passphrase."""
        making = self.page.making
        self.take("vault-make-1")
        for place, text in enumerate(("posture1", "hund kaffee 42", PASSPHRASE), start=2):
            making.first.field.setText(text)
            making.second.field.setText(text if place != 3 else "hund tee")
            self.take(f"vault-make-{place}")
        making.understood.setChecked(True)
        self.take("vault-make-5")
        making.make.click()
        self.wait(lambda: self.keeper.is_open)
        self.take("recordings-empty")

    def fill(self) -> None:
        """Whole ones, one that was interrupted, an altered one, one that is kept, one that is no recording any more."""
        now = datetime.now().astimezone()
        self.vault.clip(2, content="skeleton", began=now - timedelta(minutes=90))
        held = self.vault.clip(2, began=now - timedelta(minutes=60), content="full", source="Built-in camera")
        cut = self.vault.clip(5, began=now - timedelta(minutes=40), content="background-blurred", finished=False)
        os.utime(cut, (0, 0))
        altered = self.vault.clip(6, began=now - timedelta(minutes=20), mode="event")
        damage(altered)
        self.vault.clip(12, began=now - timedelta(minutes=3), size=(1280, 720))
        (self.vault.folder / "0011223344556677.pclip").write_bytes(b"no recording any more")
        self.keeper.look()
        self.wait(lambda: len(self.keeper.items) == 6)
        kept = [item for item in self.keeper.items if item.entry.path == held]
        self.keeper.keep(kept, date.today() + timedelta(days=30))
        self.wait(lambda: any(item.entry.held for item in self.keeper.items))
        self.take("recordings-list")

    def playing(self) -> None:
        """The long one, in the middle; then the altered one."""
        player = self.page.player
        self.play(0)
        player.pause()
        player._seek(7.3)
        self.wait(lambda: player.moment.time_s >= 7.3)
        self.take("recordings-play")
        self.play(1)
        player.pause()
        self.take("recordings-torn")
        self.page.list.selectAll()
        self.take("recordings-several")

    def play(self, place: int) -> None:
        """One row."""
        self.page.list.selectRow(place)
        self.page.play_row(place)
        self.wait(lambda: self.page.player.moment.shown is not None)

    def asking(self) -> None:
        """What is asked before anything happens."""
        rows = self.page._rows
        last = date.today() + timedelta(days=3)
        dialogs: dict[str, QDialog] = {
            "export": Export(rows[1], Path.home(), self.page),
            "delete": Delete(rows[:1], self.page),
            "delete-several": Delete(rows[:3], self.page),
            "longer": Keep(rows[:1], last, date.today(), self.page),
            "record": RecordDialog(self.program.file.settings, self.keeper, date.today(), self.window),
        }
        for name, dialog in dialogs.items():
            dialog.show()
            self.take(f"ask-{name}", dialog)
            dialog.close()

    def locked(self) -> None:
        """Locked, a wrong passphrase, and keys that run out."""
        self.keeper.lock()
        self.settle()
        self.take("recordings-locked")
        self.page.opening.passphrase.field.setText("something else")
        self.page.opening.open.click()
        self.wait(lambda: bool(self.page.opening.problem.text()))
        self.take("recordings-wrong")
        self.keeper.days_left = 5
        self.keeper.changed.emit()
        self.take("recordings-few-keys")
        self.window.show_page("live")
        self.monitor.play(moment())
        self.settle()
        self.take("live-few-keys")
        self.keeper.days_left = 35
        self.keeper.changed.emit()

    def signs(self) -> None:
        """While something is recorded: window, mini window and tray."""
        small = MiniWindow(Pausing(self.window.house.desk.commands))
        small.show()
        for name, recording in SIGNS.items():
            snapshot = replace(moment(), recording=recording)
            self.monitor.play(snapshot)
            self.settle()
            self.window.moments.tick()
            self.take(f"sign-{name}")
            small.see(snapshot)
            self.take(f"mini-{name}", small)
        small.close()
        for name, recording in SIGNS.items():
            self.take(f"tray-{name}", large(recording))


def large(recording: Recording) -> QPixmap:
    """The tray's icon, as large as it comes."""
    return icon(Sign.GOOD, recording=recording).pixmap(64, 64)


def damage(path: Path) -> None:
    """One bit, in the second half."""
    data = bytearray(path.read_bytes())
    data[len(data) * 2 // 3] ^= 1
    path.write_bytes(data)
