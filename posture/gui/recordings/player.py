"""A clip: its picture with people as lines over it, the time line, and keys as players have them."""

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStyle, QStyleOptionSlider, QToolButton, QVBoxLayout, QWidget

from posture.gui import shapes, theme
from posture.gui.monitor import Shown
from posture.gui.picture_view import PictureView
from posture.gui.recordings.reel import Reel
from posture.gui.recordings.turning import Moment
from posture.gui.theme import Verdict
from posture.gui.words import mark, number, tr
from posture.live.snapshot import Phase, Snapshot

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
SHUTTLE = (1.0, 2.0, 4.0, 8.0)
SECOND_S, LEAP_S = 1.0, 5.0
_STEPS_A_SECOND = 100
"""Of the time line."""
_NOTHING = Shown(Snapshot(Phase.STOPPED))
KEYS = (
    ("Space", mark("Play or stand still")), ("Left", mark("One picture back")), ("Right", mark("One picture on")),
    ("PgUp", mark("One second back")), ("PgDown", mark("One second on")),
    ("Shift+Left", mark("Five seconds back")), ("Shift+Right", mark("Five seconds on")),
    ("J", mark("Play backwards, faster each time")), ("K", mark("Stand still")),
    ("L", mark("Play, faster each time")), ("Home", mark("To the beginning")), ("End", mark("To the end")),
    ("S", mark("Lines over the picture, or none")),
)  # fmt: skip
"""What works while the player has the focus."""


def clock(seconds: float) -> str:
    """A moment of a clip: 3:20, 1:02:05."""
    whole = max(0, int(seconds + 1e-6))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


class Player(QWidget):
    """Shows one `Reel` at a time, or nothing."""

    failed = pyqtSignal(str)
    """The clip cannot be shown, or no further."""
    opened = pyqtSignal()
    """There is a first picture, and `moment` says whether all of the clip can be read."""
    used = pyqtSignal()
    """It plays, or another moment is looked at: somebody is there."""
    showed = pyqtSignal()
    """`moment` is another one, or as good as."""

    def __init__(self, parent: QWidget | None = None, picture: PictureView | None = None) -> None:
        super().__init__(parent)
        self._reel: Reel | None = None
        self.moment = Moment()
        self._speed, self._said = 1.0, ""
        self.place: Callable[[Moment], str] = lambda now: f"{clock(now.time_s)} / {clock(now.length_s)}"
        """Where it is, in words."""
        self.picture = picture or PictureView(lambda snapshot: None)
        self.picture.mode = "video"
        self.picture.setAccessibleName(tr("Recording"))
        self.picture.setAccessibleDescription(tr("Space plays; F1 shows all keys."))
        self.picture.resized.connect(self._aim)
        self.hint = QLabel(tr("Choose a recording; Enter plays it."))
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setStyleSheet(f"color: {theme.CANVAS.soft}; background: transparent")
        over = QVBoxLayout(self.picture)
        over.addWidget(self.hint)
        self.line = TimeLine()
        self.line.setAccessibleName(tr("Time line"))
        self.line.moved.connect(self._seek)
        self.time = QLabel()
        self.time.setObjectName("soft")
        self._buttons()
        self._lay_out()
        self._bind()
        self.show_reel(None)

    def _buttons(self) -> None:
        self.play = self._button("play", tr("Play"), self.toggle)
        self.back = self._button("back", tr("One picture back"), partial(self._step, -1))
        self.on = self._button("on", tr("One picture on"), partial(self._step, 1))
        self.speed = QToolButton()
        self.speed.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.speed.clicked.connect(lambda _=False: self._next_speed())
        self.lines = QToolButton()
        self.lines.setCheckable(True)
        self.lines.setChecked(True)
        self.lines.setText(tr("Lines"))
        self.lines.setAccessibleName(tr("Lines over the picture"))
        self.lines.setToolTip(tr("People as lines over the picture, as they were measured (S)"))
        self.lines.toggled.connect(lambda _: self._aim())
        self._show_speed(1.0)

    def _button(self, sign: str, name: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setIcon(shapes.icon(sign, 18, theme.colours().ink, self.devicePixelRatioF()))
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setMinimumSize(theme.TARGET_PX + 8, theme.TARGET_PX)
        button.clicked.connect(lambda _=False: act())
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        for part in (self.back, self.play, self.on):
            row.addWidget(part)
        row.addSpacing(6)
        row.addWidget(self.time)
        row.addStretch(1)
        row.addWidget(self.speed)
        row.addWidget(self.lines)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.picture, 1)
        column.addWidget(self.line)
        column.addLayout(row)

    def _bind(self) -> None:
        acts: dict[str, Callable[[], object]] = {
            "Space": self.toggle, "Left": partial(self._step, -1), "Right": partial(self._step, 1),
            "PgUp": partial(self._leap, -SECOND_S), "PgDown": partial(self._leap, SECOND_S),
            "Shift+Left": partial(self._leap, -LEAP_S), "Shift+Right": partial(self._leap, LEAP_S),
            "J": partial(self._shuttle, -1), "K": self.pause, "L": partial(self._shuttle, 1),
            "Home": partial(self._seek, 0.0), "End": lambda: self._seek(self.moment.length_s),
            "S": self.lines.toggle,
        }  # fmt: skip
        for keys, _ in KEYS:
            shortcut = QShortcut(QKeySequence(keys), self.picture)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(acts[keys])

    def show_reel(self, reel: Reel | None, *, lines: bool = True) -> None:
        """Another clip; the one before is closed, and nothing of it is left. `lines`: over the picture at first."""
        self.lines.setChecked(lines)
        if self._reel is not None:
            self._reel.close()
            self._reel.deleteLater()
        self._reel, self.moment, self._said = reel, Moment(), ""
        self.picture.show_moment(_NOTHING, Verdict.NONE, None)
        for part in (self.play, self.back, self.on, self.speed, self.lines, self.line):
            part.setEnabled(reel is not None)
        self.hint.setVisible(reel is None)
        self._show_speed(1.0)
        self._show_place()
        if reel is not None:
            reel.connect(self._newest)
            self.destroyed.connect(reel.close)  # the window is made anew while it plays
            self._aim()
            self._newest()  # what came before anybody listened

    @property
    def playing(self) -> bool:
        """Whether pictures move."""
        return self.moment.playing

    def toggle(self) -> None:
        """Play, or stand still."""
        if self._reel is None:
            return
        if self._reel.playing:
            self._reel.pause()
        else:
            self._reel.play(abs(self._speed))

    def pause(self) -> None:
        """Stand still, at the usual speed from now on."""
        if self._reel is not None:
            self._reel.pause()
            self._show_speed(1.0)

    def _shuttle(self, direction: int) -> None:
        """Faster with each press; the other direction begins anew."""
        if self._reel is None:
            return
        onward = self._reel.playing and self._speed * direction > 0
        faster = next((s for s in SHUTTLE if s > abs(self._speed)), SHUTTLE[-1]) if onward else 1.0
        self._show_speed(direction * faster)
        self._reel.play(self._speed)

    def _next_speed(self) -> None:
        faster = next((s for s in SPEEDS if s > abs(self._speed)), SPEEDS[0])
        self._show_speed(faster)
        if self._reel is not None and self._reel.playing:
            self._reel.play(faster)

    def _show_speed(self, speed: float) -> None:
        self._speed = speed
        shown = number(abs(speed), 2 if abs(speed) < 1 and abs(speed) != 0.5 else 1 if abs(speed) < 1 else 0)
        self.speed.setText(f"{'◂ ' if speed < 0 else ''}{shown}×")
        self.speed.setAccessibleName(tr("Speed: {times} times", times=number(speed, 2)))
        self.speed.setToolTip(tr("Speed"))

    def _step(self, pictures: int) -> None:
        if self._reel is not None:
            self._reel.step(pictures)

    def _leap(self, seconds: float) -> None:
        self._seek(self.moment.time_s + seconds)

    def seek(self, time_s: float) -> None:
        """Show that moment."""
        self._seek(time_s)

    def _seek(self, time_s: float) -> None:
        if self._reel is not None:
            self._reel.seek(time_s)

    def _aim(self) -> None:
        visible = self.picture.isVisible()
        if self._reel is not None:
            size = self.picture.device_size() if visible else (0, 0)
            self._reel.show(size, overlay=self.lines.isChecked())

    def _newest(self) -> None:
        if self._reel is None:
            return
        first, before_s = self.moment.shown is None, self.moment.time_s
        self.moment = self._reel.take()
        if first and self.moment.shown is not None:
            self.opened.emit()
        if self.moment.shown is not None:
            self.picture.show_moment(self.moment.shown, Verdict.GOOD, None)
        self._show_place()
        if self.moment.playing or self.moment.time_s != before_s:
            self.used.emit()
        self.showed.emit()
        if self.moment.message and self.moment.message != self._said:
            self._said = self.moment.message
            self.failed.emit(self._said)

    def _show_place(self) -> None:
        now = self.moment
        sign, name = ("pause", tr("Stand still")) if now.playing else ("play", tr("Play"))
        if self.play.property("sign") != sign:
            self.play.setProperty("sign", sign)
            self.play.setIcon(shapes.icon(sign, 18, theme.colours().ink, self.devicePixelRatioF()))
            self.play.setAccessibleName(name)
            self.play.setToolTip(name)
        self.line.show_time(now.time_s, now.length_s)
        text = self.place(now) if now.length_s > 0 else ""
        if self.time.text() != text:
            self.time.setText(text)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: D102 - Qt's
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.EnabledChange and hasattr(self, "line"):
            self.line.update()


class TimeLine(QSlider):
    """A click goes to that very place; arrow keys go by five seconds."""

    moved = pyqtSignal(float)
    """To this moment, in seconds."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setMinimumHeight(theme.TARGET_PX)
        self.setSingleStep(round(LEAP_S * _STEPS_A_SECOND))
        self.setPageStep(round(6 * LEAP_S * _STEPS_A_SECOND))
        self.actionTriggered.connect(lambda _: self.moved.emit(self.sliderPosition() / _STEPS_A_SECOND))

    def show_time(self, time_s: float, length_s: float) -> None:
        """Where the clip is; not while somebody drags."""
        self.setMaximum(max(1, round(length_s * _STEPS_A_SECOND)))
        if not self.isSliderDown():
            self.setValue(round(time_s * _STEPS_A_SECOND))
        self.setAccessibleDescription(tr("{time} of {length}", time=clock(time_s), length=clock(length_s)))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: D102 - Qt's
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go_to(event.position())
            self.setSliderDown(True)
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: D102 - Qt's
        if event is not None and self.isSliderDown():
            self._go_to(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: D102 - Qt's
        self.setSliderDown(False)

    def _go_to(self, place: QPointF) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style = self.style()
        handle = style.pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self) if style is not None else 0
        value = QStyle.sliderValueFromPosition(
            0, self.maximum(), round(place.x() - handle / 2), self.width() - handle, option.upsideDown
        )
        self.setValue(value)
        self.moved.emit(value / _STEPS_A_SECOND)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """A line, filled as far as the clip was seen, and a knob: with enough contrast in every theme."""
        colours = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        room, middle = self.width() - 16.0, self.height() / 2
        share = self.sliderPosition() / max(1, self.maximum()) if self.isEnabled() else 0.0
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        painter.setBrush(QColor(colours.edge))
        painter.drawRoundedRect(QRectF(8, middle - 2, room, 4), 2, 2)
        if self.isEnabled():
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(QRectF(8, middle - 2, room * share, 4), 2, 2)
            painter.drawEllipse(QPointF(8 + room * share, middle), 7, 7)
        painter.end()
