"""After a crash: a file says that the program runs, and is still there at the next start.

Safe mode leaves out what may have been the reason: the graphics processor, the camera by itself, windows over others.
"""

import os
from contextlib import suppress
from pathlib import Path

import msgspec
from PyQt6.QtWidgets import QLabel, QMessageBox, QWidget

from posture.config import Settings
from posture.gui.words import tr
from posture.output import whole_file

SENTINEL = "posture.running"


class Sentinel:
    """The file of one folder. Whoever has the lock of that folder uses it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / SENTINEL

    def begin(self) -> bool:
        """From now on the program runs; whether the last one did not end properly. Raises SinkError."""
        crashed = self._file.exists()
        with whole_file(self._file, overwrite=True, private=True, advice="check who may write that folder") as out:
            out.write(f"process {os.getpid()}\n".encode())
        return crashed

    def end(self) -> None:
        """The program ends properly."""
        with suppress(FileNotFoundError):
            self._file.unlink()


def safe(settings: Settings) -> Settings:
    """The settings of safe mode: nothing of it is written to the file."""
    return msgspec.structs.replace(settings, pose=msgspec.structs.replace(settings.pose, providers=("cpu",)))


def offer(parent: QWidget | None = None) -> bool:
    """Ask whether to start in safe mode."""
    return question(parent).exec() == int(QMessageBox.StandardButton.Yes)


def question(parent: QWidget | None = None) -> QMessageBox:
    """The dialog that asks."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("posture")
    box.setText(tr("posture did not end properly last time"))
    box.setInformativeText(
        tr(
            "Start in safe mode? Then the model runs on the processor, the camera stays off until you press Start, and "
            "no reminder is drawn over other windows. Your settings stay as they are."
        )
    )
    box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No)
    box.setDefaultButton(QMessageBox.StandardButton.Yes)
    box.setEscapeButton(QMessageBox.StandardButton.No)
    for button, words in (
        (QMessageBox.StandardButton.Yes, tr("Safe mode")),
        (QMessageBox.StandardButton.No, tr("Start as usual")),
    ):
        found = box.button(button)
        if found is not None:
            found.setText(words)
            found.setAccessibleName(words)
    for label in box.findChildren(QLabel):  # they can have the focus
        label.setAccessibleName(label.text() or tr("Question"))
    return box
