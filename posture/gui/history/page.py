"""The Today page: one of three views, and what stands in the way of the rest."""

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from posture.gui import theme
from posture.gui.history.past import Past, PastOf
from posture.gui.history.today_view import TodayView
from posture.gui.history.trends_view import TrendsView
from posture.gui.history.week_view import WeekView
from posture.gui.page_parts import heading, scrolling
from posture.gui.recordings.errands import Errands
from posture.gui.recordings.parts import Caution, label
from posture.gui.words import tr
from posture.live.clerk import said
from posture.sinks.today import Shut

_EVERY_MS, _SLOWLY_MS = 5000, 60_000
"""How often today is asked for while it shows, and days that are over, which only change by unlocking."""


class TodayPage(QWidget):
    """Asks the history anew while it shows, in a thread of its own: a disk may be slow."""

    unlock_asked = pyqtSignal()
    """The person wants to read what is locked."""

    def __init__(self, past: PastOf, keep_days: int = 30, parent: QWidget | None = None) -> None:
        """`keep_days`: how far the history goes back."""
        super().__init__(parent)
        self._past, self._keep_days = past, keep_days
        self._errands = Errands(self)
        self._round = 0
        self.today, self.week, self.trends = TodayView(), WeekView(), TrendsView(keep_days)
        self._views = (self.today, self.week, self.trends)
        self._view: TodayView | WeekView | TrendsView = self.today
        self._titles = tr("Today"), tr("7 days"), tr("Trends")
        self.caution, self.unlock = Caution(), QPushButton(tr("Unlock…"))
        self.unlock.setAccessibleName(tr("Unlock the history"))
        self.unlock.clicked.connect(lambda _=False: self.unlock_asked.emit())
        self.caution.row.addWidget(self.unlock)
        self.note = label("")
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self.choose(0)

    def _lay_out(self) -> None:
        ground = QWidget()
        ground.setObjectName("pageground")
        column = QVBoxLayout(ground)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(theme.GAP_PX)
        column.addLayout(self._head())
        column.addWidget(self.caution)
        for view in self._views:  # the tallest of a QStackedWidget would set the height of all
            column.addWidget(view, 1)
        column.addWidget(self.note)
        column.addWidget(label(tr("This is no medical device: it describes posture and diagnoses nothing.")))
        area = scrolling(tr("Today"))
        area.setWidget(ground)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def _head(self) -> QHBoxLayout:
        self._heading = heading("")
        self.choices = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._heading, 1)
        for place, title in enumerate(self._titles):
            button = QToolButton()
            button.setText(title)
            button.setCheckable(True)
            button.setAccessibleName(title)
            self.choices.addButton(button, place)
            row.addWidget(button)
        self.choices.idClicked.connect(self.choose)
        return row

    def choose(self, place: int) -> None:
        """Show today, seven days or trends."""
        self._view = self._views[place]
        for view in self._views:
            view.setVisible(view is self._view)
        self._heading.setText(self._titles[place])
        button = self.choices.button(place)
        assert button is not None
        button.setChecked(True)
        self._timer.start(_EVERY_MS if place == 0 else _SLOWLY_MS)
        self.refresh()

    def refresh(self) -> None:
        """Ask the history, where somebody looks."""
        if not self.isVisible() or self._errands.busy:
            return
        view, number = self._view, self._round
        self._errands.run(lambda: self._past(view.days), lambda past: self._show(number, view, past), self._failed)

    def forget(self) -> None:
        """The vault is locked: what was decrypted goes at once."""
        self._round += 1
        for view in self._views:
            view.show_days(())
        self.refresh()

    def close_down(self) -> None:
        """The page goes."""
        self._timer.stop()
        self._errands.close()

    def take_focus(self) -> None:
        """Put the focus on the view that shows."""
        if (button := self.choices.checkedButton()) is not None:
            button.setFocus()

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: D102 - Qt's
        super().showEvent(event)
        self.refresh()

    def _show(self, number: int, view: "TodayView | WeekView | TrendsView", past: Past) -> None:
        if number != self._round:
            self.refresh()
            return
        view.show_days(past.days)
        self._explain(past)
        if view is not self._view:
            self.refresh()

    def _explain(self, past: Past) -> None:
        locked = [day for day in past.days if Shut.LOCKED in day.shut]
        if not locked:
            self.caution.say("")
        elif len(past.days) == 1:
            self.caution.say(tr("What was seen earlier today, before the program was started again, is locked."))
        else:
            self.caution.say(tr("Locked days can be read once the vault is unlocked: {count}.", count=len(locked)))
        if past.kept:
            words = tr("A day can be read for {days} days; then its key is erased.", days=self._keep_days)
        else:
            words = tr("The history is in memory and ends with the program. With a vault it is kept, encrypted.")
        self.note.setText(words)

    def _failed(self, error: BaseException) -> None:
        self.note.setText(said(error))
