"""The keys of the window, in one table: the sheet shows it, and the window binds it."""

from typing import NamedTuple

from posture.gui.words import mark


class Shortcut(NamedTuple):
    """One key. `name` is what the window binds; `letter` ones work only while the picture has the focus."""

    name: str
    keys: str
    words: str
    letter: bool = False


SHORTCUTS = (
    Shortcut("toggle", "Space", mark("Start, pause or resume"), letter=True),
    Shortcut("calibrate", "C", mark("Calibrate"), letter=True),
    Shortcut("blurred", "B", mark("Blurred picture, or the video again"), letter=True),
    Shortcut("skeleton", "S", mark("Figure only, or the video again"), letter=True),
    Shortcut("mute", "M", mark("Mute reminders, or hear them again"), letter=True),
    Shortcut("record", "R", mark("Record, or stop recording"), letter=True),
    Shortcut("sheet", "?", mark("This sheet"), letter=True),
    Shortcut("page1", "Ctrl+1", mark("Live")),
    Shortcut("page2", "Ctrl+2", mark("Analyse")),
    Shortcut("page3", "Ctrl+3", mark("Recordings")),
    Shortcut("page4", "Ctrl+4", mark("Today")),
    Shortcut("page5", "Ctrl+5", mark("Reports")),
    Shortcut("page6", "Ctrl+6", mark("Privacy")),
    Shortcut("page7", "Ctrl+7", mark("Batch")),
    Shortcut("page8", "Ctrl+8", mark("Models")),
    Shortcut("export", "Ctrl+E", mark("Export the report")),
    Shortcut("settings", "Ctrl+,", mark("Settings")),
    Shortcut("lock", "Ctrl+L", mark("Lock the recordings")),
    Shortcut("panic", "Ctrl+Shift+L", mark("Camera off, recordings locked")),
    Shortcut("mini", "Ctrl+M", mark("Mini window")),
    Shortcut("full_screen", "F11", mark("Full screen, and back")),
    Shortcut("help", "F1", mark("This sheet")),
    Shortcut("quit", "Ctrl+Q", mark("Quit")),
)


def is_letter(keys: str) -> bool:
    """Whether `keys` is a single character, with or without Shift: what can be switched off (WCAG 2.1.4)."""
    return len(keys.removeprefix("Shift+")) == 1
