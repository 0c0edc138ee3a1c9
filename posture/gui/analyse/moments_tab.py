"""The moments that a person should look at, and a way to each of them."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from posture.gui.analyse.case import KeyMoment
from posture.gui.analyse.lanes import fine_clock
from posture.gui.recordings.parts import label
from posture.gui.words import duration, tr
from posture.reports import score_words as sw
from posture.reports import words
from posture.reports.language import speaking


class MomentsTab(QWidget):
    """A list; choosing one goes there."""

    sought = pyqtSignal(float)

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._language = language
        self._moments: tuple[KeyMoment, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Key moments"))
        self.list.itemActivated.connect(lambda _: self._go())
        self.list.itemClicked.connect(lambda _: self._go())
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(label(tr("[ and ] go from one to the next.")))
        column.addWidget(self.list, 1)

    def show_moments(self, moments: tuple[KeyMoment, ...]) -> None:
        """In the order of time."""
        if moments == self._moments:
            return
        self._moments = moments
        self.list.clear()
        with speaking(self._language):
            for one in moments:
                self.list.addItem(QListWidgetItem(f"{fine_clock(one.time_s)}   {said(one)}"))

    def next_after(self, time_s: float, forward: bool) -> float | None:
        """The time of the next moment, or of the one before."""
        times = [one.time_s for one in self._moments]
        found = [t for t in times if (t > time_s + 0.05 if forward else t < time_s - 0.05)]
        return None if not found else min(found) if forward else max(found)

    def _go(self) -> None:
        place = self.list.currentRow()
        if 0 <= place < len(self._moments):
            self.sought.emit(self._moments[place].time_s)


def said(one: KeyMoment) -> str:
    """Why a moment is there, in words."""
    if one.kind == "worst":
        return tr("worst posture: {parts}", parts=", ".join(words.PARTS[str(part)] for part in one.detail))
    if one.kind == "hold":
        part, seconds = str(one.detail[0]), float(one.detail[1] or 0)
        return tr("longest hold: {part}, {time}", part=words.PARTS[part], time=duration(seconds))
    side, low, high = str(one.detail[0]), int(one.detail[1] or 0), int(one.detail[2] or 0)
    return tr("highest {score}: {value}", score=sw.title(one.kind, side), value=sw.interval(low, high))
