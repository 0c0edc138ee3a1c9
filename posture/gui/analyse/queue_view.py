"""The queue: a row for each file with how far it is, and what can be done about it."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from posture.gui import theme
from posture.gui.analyse.bench import Bench, Item, State
from posture.gui.recordings.player import clock
from posture.gui.shapes import Sign
from posture.gui.theme import Verdict
from posture.gui.words import number, tr
from posture.results import Cached

GAP_PX = 4
ROWS_BESIDE, ROWS_ALONE = 2, 10
"""Most rows at once, beside a file that is looked at and without one; the others are scrolled to."""
_SIGNS = {State.DONE: Verdict.GOOD, State.FAILED: Verdict.POOR, State.CANCELLED: Verdict.FAIR}


class QueueView(QScrollArea):
    """Shows a `Bench`, and asks it for what a person wants."""

    opened = pyqtSignal(int)
    """A file is to be looked at."""

    def __init__(self, bench: Bench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self._rows: dict[int, _Row] = {}
        self._current = 0
        ground = QWidget()
        ground.setObjectName("pageground")
        self._column = QVBoxLayout(ground)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP_PX)
        self._column.addStretch(1)
        self.setWidget(ground)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setAccessibleName(tr("Files"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        bench.changed.connect(self.refresh)
        self.refresh()

    def show_current(self, number: int) -> None:
        """The file that is looked at."""
        self._current = number
        self.refresh()

    def refresh(self) -> None:
        """As the bench has it now."""
        items = self._bench.items
        for gone in [n for n in self._rows if n not in items]:
            row = self._rows.pop(gone)
            self._column.removeWidget(row)
            row.deleteLater()
        for item in items.values():
            row = self._rows.get(item.number) or self._new_row(item.number)
            row.show_item(item, current=item.number == self._current, paused=self._bench.paused)
        high = row_px(self)
        shown = min(len(self._rows), ROWS_BESIDE if self._current else ROWS_ALONE)
        self.setFixedHeight(max(0, shown * (high + GAP_PX) - GAP_PX))
        self.setVisible(bool(items))
        if self._current in self._rows:
            self.ensureWidgetVisible(self._rows[self._current], 0, 0)

    def _new_row(self, number: int) -> "_Row":
        row = _Row()
        row.open.clicked.connect(lambda _=False: self.opened.emit(number))
        row.act.clicked.connect(lambda _=False: self._act(number))
        row.remove.clicked.connect(lambda _=False: self._bench.remove(number))
        self._rows[number] = row
        self._column.insertWidget(self._column.count() - 1, row)
        return row

    def _act(self, number: int) -> None:
        """Cancel what goes on, do again what did not work or comes from the cache."""
        if self._bench.items[number].state in (State.WAITING, State.RUNNING):
            self._bench.cancel(number)
        else:
            self._bench.retry(number)


class _Row(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.sign = Sign(20)
        self.open, self.act, self.remove = QToolButton(), QToolButton(), QToolButton()
        self.open.setCheckable(True)
        self.bar, self.words = QProgressBar(), QLabel()
        self.bar.setTextVisible(False)
        self.bar.setMaximumWidth(220)
        self.words.setObjectName("soft")
        self.remove.setText("✕")
        self.setFixedHeight(row_px(self))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.sign)
        row.addWidget(self.open)
        row.addWidget(self.bar)
        row.addWidget(self.words, 1)
        row.addWidget(self.act)
        row.addWidget(self.remove)

    def show_item(self, item: Item, *, current: bool, paused: bool) -> None:
        name = name_of(item)
        self.sign.show_verdict(_SIGNS.get(item.state, Verdict.NONE))
        wide = 40 * self.fontMetrics().averageCharWidth()
        self.open.setText(self.open.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, wide))
        self.open.setToolTip(name)
        self.open.setAccessibleName(tr("Look at {name}", name=name))
        self.open.setEnabled(item.state is State.DONE)
        self.open.setChecked(current)
        running = item.state is State.RUNNING
        self.bar.setVisible(running)
        self.bar.setAccessibleName(tr("Progress of {name}", name=name))
        known = item.share == item.share
        self.bar.setRange(0, 1000 if known or theme.nothing_moves() else 0)
        self.bar.setValue(round(1000 * item.share) if known else 0)
        self.words.setText(said(item, paused=paused))
        going = item.state in (State.WAITING, State.RUNNING)
        done = item.state is State.DONE
        self.act.setVisible(not done or recalled(item))
        self.act.setText(tr("Cancel") if going else tr("Analyse again") if done else tr("Try again"))
        again = tr("Analyse {name} again", name=name) if done else tr("Try {name} again", name=name)
        self.act.setAccessibleName(tr("Cancel {name}", name=name) if going else again)
        self.remove.setVisible(not going)
        self.remove.setAccessibleName(tr("Forget {name}", name=name))


def row_px(widget: QWidget) -> int:
    """Height of a row: as high as a button."""
    return max(theme.TARGET_PX, widget.fontMetrics().height() + 12) + 2


def name_of(item: Item) -> str:
    """How a person calls it."""
    return item.path.name if item.path is not None else tr("Demo")


def recalled(item: Item) -> bool:
    """Whether what shows was analysed another time."""
    observed = item.case.observed if item.case is not None else None
    return isinstance(observed, Cached) and observed.recalled


def said(item: Item, *, paused: bool) -> str:
    """What there is to say about a file."""
    if item.state is State.RUNNING:
        parts = [tr("paused")] if paused else []
        if item.share == item.share:
            parts.append(f"{number(100 * item.share)} %")
        if item.left_s == item.left_s and not paused:
            parts.append(tr("{time} left", time=clock(item.left_s + 0.5)))
        if item.rate_hz == item.rate_hz:
            parts.append(tr("{rate} frames a second", rate=number(item.rate_hz)))
        return " · ".join(parts) or tr("starting")
    if item.state is State.DONE:
        parts = [tr("ready")] + [tr("from the cache")] * recalled(item)
        return " · ".join(parts + [tr("not kept for the next time: {why}", why=item.message)] * bool(item.message))
    words = {
        State.WAITING: tr("waits"), State.CANCELLED: tr("cancelled"),
        State.FAILED: tr("failed: {why}", why=item.message),
    }  # fmt: skip
    return words[item.state]
