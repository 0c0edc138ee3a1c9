"""Today: how long in which state, the longest sitting bout, what was noticed, and a score if it can be had."""

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QDateTime, QLocale, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from posture.ergonomics.sitting import State
from posture.gui import shapes, state_words, theme
from posture.gui.theme import Verdict
from posture.gui.twin import Twin
from posture.gui.words import duration, number, tr
from posture.sinks.today import Day, Spell, Today

_ROW_PX, _NAME_SHARE, _TIME_SHARE = 34, 0.30, 0.16


class TodayView(QWidget):
    """One day."""

    days = 1
    """So many it shows."""

    def __init__(self) -> None:
        super().__init__()
        self._bars = StateBars()
        self.times = Twin(tr("Time in each state"), self._bars)
        self.events = Twin(tr("What was noticed"), _note(tr("The table lists each time.")))
        self._score, self._sitting = Figure(tr("Sat well")), Figure(tr("Longest sitting"))
        self._breaks, self._judged = Figure(tr("Breaks")), Figure(tr("Judged"))
        self.events.toggle.setChecked(True)
        self.events.toggle.hide()
        self.events.setMinimumHeight(220)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_PX)
        column.addLayout(in_a_row(self._score, self._sitting, self._breaks, self._judged))
        column.addWidget(self.times)
        column.addWidget(self.events, 1)
        self.show_days(())

    def show_days(self, days: Sequence[Day]) -> None:
        """The last one of them."""
        today = days[-1].known if days else Today()
        self._bars.show_seconds(today.seconds)
        self.times.fill([tr("State"), tr("Time"), tr("Share")], _time_rows(today.seconds))
        self.events.fill([tr("Time of day"), tr("What"), tr("How long")], _event_rows(today))
        if today.score is None:
            self._score.say("–", tr("Too little data: at least five minutes are needed."))
        else:
            self._score.say(f"{number(today.score)} %", tr("of the judged time"))
        self._sitting.say(duration(today.longest_sitting_s), tr("without standing up"))
        seen_s = sum(today.seconds.values())
        self._judged.say(duration(today.judged_s), tr("of {time} seen", time=duration(seen_s)))
        self._breaks.say(number(today.breaks), tr("of five minutes or more"))


def _time_rows(seconds: Mapping[State, float]) -> list[list[str]]:
    whole = sum(seconds.values())
    ordered = sorted(seconds.items(), key=lambda pair: -pair[1])
    return [
        [tr(state_words.STATES[state].title), duration(time_s), f"{number(100 * time_s / whole if whole else 0)} %"]
        for state, time_s in ordered
    ]


def _event_rows(today: Today) -> list[list[str]]:
    rows = [(spell, _what(spell)) for spell in reversed(today.spells)]
    return [
        [_clock(spell.began), what, duration(spell.seconds) if spell.seconds else ""] for spell, what in rows if what
    ]


def _what(spell: Spell) -> str:
    """In words; nothing for a time sat through, which is a figure above."""
    state = tr(state_words.STATES[spell.state].title)
    if spell.kind == "reminder":
        return tr("Reminder: {state}", state=state)
    return state if spell.kind in ("posture", "absence") else ""


def _clock(began: float) -> str:
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(began)).time(), QLocale.FormatType.ShortFormat)


def _note(text: str) -> QLabel:
    label = QLabel(text)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label


def in_a_row(*parts: QWidget) -> QHBoxLayout:
    """Beside each other, as wide as each other."""
    row = QHBoxLayout()
    row.setSpacing(theme.GAP_PX)
    for part in parts:
        row.addWidget(part, 1)
    return row


class Figure(QFrame):
    """One number with its words."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("panel")
        name, self._value, self._words = QLabel(title), QLabel("–"), QLabel()
        theme.sized(self._value, 1.9, bold=True)
        for label in (name, self._words):
            label.setObjectName("soft")
            label.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(2)
        for label in (name, self._value, self._words):
            column.addWidget(label)
        column.addStretch(1)

    def say(self, value: str, words: str) -> None:
        """Change the number."""
        self._value.setText(value)
        self._words.setText(words)


class StateBars(QWidget):
    """A bar a state: shape, name, length with the pattern of its verdict, time."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[State, float]] = []
        self.setAccessibleName(tr("Time in each state, as bars"))

    def show_seconds(self, seconds: Mapping[State, float]) -> None:
        """Longest first."""
        self._rows = sorted(((s, t) for s, t in seconds.items() if t > 0), key=lambda pair: -pair[1])
        self.setMinimumHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102 - Qt's
        return QSize(400, self._row_px() * max(1, len(self._rows)))

    def _row_px(self) -> int:
        return max(_ROW_PX, self.fontMetrics().height() + 14)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: D102 - Qt's
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._rows:
            painter.setPen(QColor(theme.colours().soft))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("Nothing was seen today."))
        longest = max((seconds for _, seconds in self._rows), default=1.0)
        for place, (state, seconds) in enumerate(self._rows):
            self._bar(painter, place * self._row_px(), state, seconds / longest, duration(seconds))
        painter.end()

    def _bar(self, painter: QPainter, top: int, state: State, share: float, time: str) -> None:
        high, width = self._row_px(), self.width()
        verdict = state_words.verdict_of(state)
        names, times = width * _NAME_SHARE, width * _TIME_SHARE
        shapes.draw(painter, verdict, self._mirrored(QRectF(2, top + (high - 18) / 2, 18, 18)))
        painter.setPen(QColor(theme.colours().ink))
        middle = Qt.AlignmentFlag.AlignVCenter
        leading = Qt.AlignmentFlag.AlignRight if self._is_rtl else Qt.AlignmentFlag.AlignLeft
        trailing = Qt.AlignmentFlag.AlignLeft if self._is_rtl else Qt.AlignmentFlag.AlignRight
        name = self.fontMetrics().elidedText(
            tr(state_words.STATES[state].title), Qt.TextElideMode.ElideRight, round(names - 34)
        )
        painter.drawText(self._mirrored(QRectF(30, top, names - 30, high)), leading | middle, name)
        painter.drawText(self._mirrored(QRectF(width - times, top, times, high)), trailing | middle, time)
        room = width - names - times
        bar = self._mirrored(QRectF(names, top + 8, max(room * share, 3.0), high - 16))
        if verdict is Verdict.NONE:
            painter.setPen(theme.outline())
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setPen(QPen(theme.colours().of(verdict), 1))
            painter.setBrush(theme.brush(verdict))
        painter.drawRoundedRect(bar, 3, 3)

    @property
    def _is_rtl(self) -> bool:
        return self.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def _mirrored(self, box: QRectF) -> QRectF:
        if not self._is_rtl:
            return box
        return QRectF(self.width() - box.right(), box.top(), box.width(), box.height())
