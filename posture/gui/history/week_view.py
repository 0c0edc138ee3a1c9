"""The last seven days: a bar for each, and what they come to."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from posture.gui import theme
from posture.gui.history.day_bars import DayBars
from posture.gui.history.past import day_head, day_rows, score, together
from posture.gui.history.today_view import Figure, in_a_row
from posture.gui.legend import Legend
from posture.gui.theme import Verdict
from posture.gui.twin import Twin
from posture.gui.words import duration, mark, number, tr
from posture.sinks.today import Day

_LEGEND = {Verdict.GOOD: mark("good"), Verdict.POOR: mark("poor"), Verdict.NONE: mark("not judged")}


class WeekView(QWidget):
    """Seven days."""

    days = 7
    """So many it shows."""

    def __init__(self) -> None:
        super().__init__()
        self._bars = DayBars()
        both = QWidget()
        inside = QVBoxLayout(both)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._bars, 1)
        inside.addWidget(Legend(_LEGEND), 0, Qt.AlignmentFlag.AlignRight)
        self.twin = Twin(tr("At the desk, day by day"), both)
        self._score, self._desk = Figure(tr("Sat well")), Figure(tr("At the desk"))
        self._sitting, self._breaks = Figure(tr("Longest sitting")), Figure(tr("Breaks"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_PX)
        column.addLayout(in_a_row(self._score, self._sitting, self._breaks, self._desk))
        column.addWidget(self.twin, 1)
        self.show_days(())

    def show_days(self, days: Sequence[Day]) -> None:
        """In order."""
        seen = [day for day in days if day.known.seconds]
        all_of_it, count = together(seen), max(len(seen), 1)
        self._bars.show_days(days)
        self.twin.fill(day_head(), day_rows(days))
        self._score.say(score(all_of_it), tr("of the judged time"))
        self._sitting.say(duration(all_of_it.longest_sitting_s), tr("without standing up"))
        self._breaks.say(number(all_of_it.breaks / count, 1), tr("a day, of five minutes or more"))
        self._desk.say(duration(all_of_it.sat_s / count), tr("a day, on {count} of 7 days", count=len(seen)))
