"""What is asked before there is a window: after a crash, and where the policy or the settings are broken."""

from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QMessageBox, QWidget

from posture.config import Settings
from posture.gui.told import in_words
from posture.gui.words import tr

_BUTTON = QMessageBox.StandardButton


def after_a_crash(parent: QWidget | None = None) -> QMessageBox:
    """Whether to start in safe mode."""
    return _question(
        tr("posture did not end properly last time"),
        tr(
            "Start in safe mode? Then the model runs on the processor, the camera stays off until you press Start, and "
            "no reminder is drawn over other windows. Your settings stay as they are."
        ),
        yes=tr("Safe mode"),
        no=tr("Start as usual"),
        parent=parent,
    )


def policy_is_broken(why: str, parent: QWidget | None = None) -> QMessageBox:
    """Whether to go on without what a policy could forbid."""
    box = _question(
        tr("The policy of this computer does not hold"),
        f"{in_words(why)}\n\n"
        + tr(
            "Until it is repaired nothing is recorded, no history is kept, and reports show no pictures. You can go on "
            "like this: monitoring and reminders work."
        ),
        yes=tr("Go on without recording"),
        no=tr("Quit"),
        parent=parent,
    )
    box.setIcon(QMessageBox.Icon.Warning)
    return box


def settings_are_unusable(
    file: Path, why: str, copy: Path, usual: Settings, parent: QWidget | None = None
) -> QMessageBox:
    """Whether to set `file` aside, to be kept as `copy`, and to start with the `usual` settings."""
    named = in_words(why) if str(file) in why else f"{file}: {in_words(why)}"
    box = _question(
        tr("The settings cannot be used"),
        f"{named}\n\n"
        + tr(
            "posture can set this file aside and start with the usual settings. The file is kept as {copy}, and "
            "nothing in it is lost. Recordings are then kept for {days} days, the history for {history} days and the "
            "log for {months} months; what is older is erased.",
            copy=copy, days=usual.vault.keep_days, history=usual.live.history_days, months=usual.audit.keep_months,
        ),
        yes=tr("Set aside and start"),
        no=tr("Quit"),
        parent=parent,
    )  # fmt: skip
    box.setIcon(QMessageBox.Icon.Warning)
    box.setDefaultButton(_BUTTON.No)  # the other one may erase something
    return box


def agreed(box: QMessageBox) -> bool:
    """Ask; whether the first button was pressed."""
    return box.exec() == int(_BUTTON.Yes)


def _question(text: str, more: str, *, yes: str, no: str, parent: QWidget | None) -> QMessageBox:
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("posture")
    box.setText(text)
    box.setInformativeText(more)
    box.setStandardButtons(_BUTTON.Yes | _BUTTON.No)
    box.setDefaultButton(_BUTTON.Yes)
    box.setEscapeButton(_BUTTON.No)
    for button, words in ((_BUTTON.Yes, yes), (_BUTTON.No, no)):
        found = box.button(button)
        if found is not None:
            found.setText(words)
            found.setAccessibleName(words)
    for label in box.findChildren(QLabel):  # they can have the focus
        label.setAccessibleName(label.text() or tr("Question"))
        label.setTextFormat(Qt.TextFormat.PlainText)  # names in it come from files that nobody vouches for
    return box
