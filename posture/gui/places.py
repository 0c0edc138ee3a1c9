"""Where a program without a current folder puts what it makes for a person."""

from pathlib import Path

from PyQt6.QtCore import QStandardPaths


def report_folder(setting: str) -> Path:
    """The folder of reports: as it is set, and a relative one beneath the person's documents."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents or Path.home()) / setting
