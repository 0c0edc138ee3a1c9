"""Trends: one figure over weeks, and whether the last seven days were better than the seven before."""

from collections.abc import Sequence

from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from posture.gui import theme
from posture.gui.history.past import day_head, day_rows, score, together
from posture.gui.history.trend_chart import MEAN_DAYS, QUANTITIES, TrendChart
from posture.gui.recordings.parts import label
from posture.gui.twin import Twin
from posture.gui.words import mark, tr
from posture.sinks.today import Day

LEAST_DAYS = 14
_LEGEND = mark(
    "Each dot is a day, the line the mean of the seven days up to it. A dashed box stands for a day that is locked, or "
    "whose key was erased."
)
_ENOUGH_DAYS = 3
"""Of each of two weeks that are compared."""


class TrendsView(QWidget):
    """As many days as the history keeps."""

    def __init__(self, keep_days: int) -> None:
        super().__init__()
        self.days = max(keep_days, LEAST_DAYS)
        """So many it shows."""
        self._shown: Sequence[Day] = ()
        self.choice = QComboBox()
        self.choice.addItems([tr(one.title) for one in QUANTITIES])
        self.choice.setAccessibleName(tr("Which figure"))
        self.choice.currentIndexChanged.connect(lambda _: self._draw())
        self.comparison = label("", soft=False)
        self._chart = TrendChart()
        self.twin = Twin(tr("Sat well"), self._chart)
        top = QHBoxLayout()
        top.setSpacing(theme.GAP_PX)
        top.addWidget(self.choice)
        top.addWidget(self.comparison, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_PX)
        column.addLayout(top)
        column.addWidget(self.twin, 1)
        column.addWidget(label(tr(_LEGEND)))
        self.show_days(())

    def show_days(self, days: Sequence[Day]) -> None:
        """In order."""
        self._shown = days
        self.twin.fill(day_head(), day_rows(days))
        self.comparison.setText(compared(days))
        self._draw()

    def _draw(self) -> None:
        quantity = QUANTITIES[self.choice.currentIndex()]
        self.twin.name(tr(quantity.title))
        self._chart.draw(self._shown, quantity)


def compared(days: Sequence[Day]) -> str:
    """The last seven days against the seven before, in a sentence; nothing where too little is known of one."""
    last, before = days[-MEAN_DAYS:], days[-2 * MEAN_DAYS : -MEAN_DAYS]
    if any(sum(day.known.score is not None for day in week) < _ENOUGH_DAYS for week in (last, before)):
        return ""
    now, then = score(together(last)), score(together(before))
    return tr("Sat well in the last seven days: {now}, in the seven before: {then}.", now=now, then=then)
