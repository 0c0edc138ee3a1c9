import gc
from itertools import count

import pytest
from filled_vault import FilledVault
from played import PlayedMonitor
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from posture.gui.app import Parts, Program


class Camera:
    def __init__(self, id, name):
        self.id, self.name = id, name


ENDED = count(1)
EVERY = 8
"""So many windows may wait for Python's collector: a style is set on all there are, and in a long run it comes late."""

CAMERAS = (Camera("usb-1", "Webcam C920"), Camera("usb-2", "Built-in camera"))


@pytest.fixture
def monitor():
    return PlayedMonitor()


@pytest.fixture
def recorded():
    """The key paths that the audit log would get."""
    return []


@pytest.fixture
def vault(tmp_path):
    """Where recordings would be; none is made yet."""
    return FilledVault(tmp_path / "data")


@pytest.fixture
def parts(monitor, recorded, vault, tmp_path):
    return Parts(
        monitor,
        tmp_path / "config.toml",
        recorded.extend,
        in_force=lambda settings: None,
        devices=lambda: CAMERAS,
        safe=vault.safe,
        office=vault.office,
        layers=tuple,
    )


@pytest.fixture
def program(qtbot, parts):
    application = QApplication.instance()
    font, sheet, palette = application.font(), application.styleSheet(), application.palette()
    made = Program(application, parts)
    qtbot.addWidget(made.window)
    made.window.show()
    qtbot.waitExposed(made.window)
    yield made
    made.close()
    QTimer.singleShot(0, lambda: QApplication.exit(0))  # its window has closed and ended the program: Qt forgets that
    application.exec()  # only after a whole run, and waits for nothing meanwhile
    application.setFont(font)
    application.setStyleSheet(sheet)
    application.setPalette(palette)
    if next(ENDED) % EVERY == 0:
        gc.collect()


@pytest.fixture
def window(program):
    return program.window


@pytest.fixture(autouse=True)
def no_keyring_of_this_computer(monkeypatch):
    """Tests neither ask the keyring of whoever runs them nor wait for a bus that does not answer."""
    monkeypatch.setattr("posture.vault.keystore._of_this_system", lambda: None)
