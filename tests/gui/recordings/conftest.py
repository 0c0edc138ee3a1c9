import os
from datetime import datetime, timedelta

import pytest
from filled_vault import PASSPHRASE

from posture.gui.recordings.keeper import Door


@pytest.fixture
def filled(vault):
    """A vault with a whole recording of 3 s and one of 4 s that was interrupted an hour ago; the newest comes first."""
    vault.make()
    cut = vault.clip(4, began=datetime.now().astimezone() - timedelta(seconds=2), finished=False)
    os.utime(cut, (0, 0))
    vault.clip(3)
    return vault


@pytest.fixture
def keeper(program):
    return program.keeper


@pytest.fixture
def page(window):
    window.show_page("recordings")
    return window.pages.recordings


@pytest.fixture
def opened(qtbot, filled, keeper, page):
    """The page, unlocked and filled."""
    keeper.look()
    qtbot.waitUntil(lambda: keeper.door is Door.LOCKED, timeout=20_000)
    page.opening.passphrase.field.setText(PASSPHRASE)
    page.opening.open.click()
    qtbot.waitUntil(lambda: keeper.is_open and len(page._rows) == 2 and page._rows[0].length == "0:03", timeout=20_000)
    return page
