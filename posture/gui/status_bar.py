"""The line at the bottom: what keeps the network away, where the model runs, rates, delay, drops. A click explains."""

import math
import sys
from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, QThreadPool, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from posture.gui import theme
from posture.gui.announce import LiveState
from posture.gui.words import mark, number, tr
from posture.live.snapshot import Figures, Snapshot
from posture.privacy.guard import Layer

Layers = Callable[[], tuple[Layer, ...]]

LIMITS = {
    "camera": mark("the camera gives no more"),
    "decoder": mark("decoding the camera's stream takes so long"),
    "model": mark("the model takes so long"),
    "economy": mark("saving power: nobody looks"),
}
_SYSTEM = {
    "linux": mark("Offline: kernel filter"),
    "darwin": mark("Offline: sandbox"),
    "win32": mark("Offline: firewall rule"),
}
_OTHER_SYSTEM = mark("Offline: blocked by the system")
_DETAILS_LINES = 30
"""Width of the details, in heights of a line."""
LAYER_NAMES = {
    "environment": mark("Environment"),
    "system": mark("Operating system"),
    "interpreter": mark("Python interpreter"),
}
"""Of the layers that keep the network away, for every page that names them."""


class _Tried(QObject):
    """Carries what the layers said from the pool's thread to Qt's."""

    layers = pyqtSignal(tuple)


class StatusBar(QFrame):
    """Fields that can be pressed, and the live state in words."""

    def __init__(self, layers: Layers, parent: QWidget | None = None) -> None:
        """`layers` tries each network layer; it may take seconds and runs beside."""
        super().__init__(parent)
        self.setObjectName("statusbar")
        self._ask = layers
        self._layers: tuple[Layer, ...] = ()
        self._figures: Figures | None = None
        self.state = LiveState()
        self._fields = {name: self._field() for name in ("network", "provider", "rate", "delay", "drops")}
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 14, 2)
        row.setSpacing(2)
        for field in self._fields.values():
            row.addWidget(field)
        row.addStretch(1)
        row.addWidget(self.state)
        self._tried = _Tried()
        self._tried.layers.connect(self._show_layers, type=Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]
        self._put("network", tr("Network: being checked"))
        self.show_figures(Figures())
        self.try_layers()

    def try_layers(self) -> None:
        """Try the layers anew, on a thread of the pool."""
        pool, tried, ask = QThreadPool.globalInstance(), self._tried, self._ask
        if pool is not None:
            pool.start(lambda: tried.layers.emit(ask()))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Change the figures."""
        self.show_figures(snapshot.figures)

    def show_figures(self, figures: Figures) -> None:
        """Rates, delay and drops."""
        if figures is self._figures:
            return
        self._figures = figures
        self._put("provider", figures.provider.upper() or tr("No model"))
        rate = tr("in {fps_in} / done {fps_done} fps", fps_in=_short(figures.fps_in), fps_done=_short(figures.fps_done))
        why = tr(LIMITS[figures.limited_by]) if figures.limited_by in LIMITS else figures.limited_by
        self._put("rate", f"{rate} ({why})" if why else rate)
        self._put("delay", tr("p95 {ms} ms", ms=number(figures.decoded_to_paint_p95_ms)))
        self._put("drops", tr("drops {count}", count=figures.dropped))

    def details(self) -> None:
        """Every figure and layer, in words."""
        Details(self._figures or Figures(), self._layers, self.window()).exec()

    def _show_layers(self, layers: tuple[Layer, ...]) -> None:
        self._layers = layers
        blocked = any(layer.name == "system" and layer.active for layer in layers)
        interpreter = any(layer.name == "interpreter" and layer.active for layer in layers)
        if blocked:
            text = tr(_SYSTEM.get(sys.platform, _OTHER_SYSTEM))
        else:
            text = tr("▲ Network blocked in Python only") if interpreter else tr("▲ Network not blocked")
        self._put("network", text)

    def _field(self) -> QToolButton:
        button = QToolButton()
        button.setProperty("flat", True)
        button.clicked.connect(self.details)
        return button

    def _put(self, name: str, text: str) -> None:
        field = self._fields[name]
        if field.text() != text:
            field.setText(text)
            field.setAccessibleName(text)
            field.setToolTip(tr("Details"))


class Details(QDialog):
    """All figures and what the layers of the network protection said when they were tried."""

    def __init__(self, figures: Figures, layers: tuple[Layer, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("What is going on"))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(theme.GAP_PX)
        column.addWidget(_heading(tr("Picture to screen")))
        column.addLayout(_form(_figure_rows(figures)))
        column.addWidget(_heading(tr("Network")))
        names = [(tr(LAYER_NAMES[layer.name]), layer) for layer in layers]
        column.addLayout(_form([(name, _layer_words(layer)) for name, layer in names]))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column.addWidget(close)
        for button in close.buttons():
            button.setAccessibleName(button.text().replace("&", ""))
        wide = _DETAILS_LINES * self.fontMetrics().height()
        self.resize(wide, column.totalHeightForWidth(wide))


def _figure_rows(figures: Figures) -> list[tuple[str, str]]:
    provider = figures.provider.upper() or "–"
    rows = [
        (tr("Pictures from the camera"), tr("{fps} a second", fps=_short(figures.fps_in))),
        (tr("Poses estimated"), tr("{fps} a second", fps=_short(figures.fps_done))),
        (tr("Wanted"), tr("{fps} a second", fps=_short(figures.fps_target))),
        (tr("Why not more"), tr(LIMITS[figures.limited_by]) if figures.limited_by in LIMITS else "–"),
        (tr("Decoded to painted, half of them"), _ms(figures.decoded_to_paint_p50_ms)),
        (tr("Decoded to painted, 95 of 100"), _ms(figures.decoded_to_paint_p95_ms)),
        (tr("Packet to painted, 95 of 100"), _ms(figures.packet_to_paint_p95_ms)),
        (tr("Dropped pictures"), str(figures.dropped)),
        (tr("The model runs on"), provider),
    ]
    return [*rows, (tr("Because"), figures.fallback_reason)] if figures.fallback_reason else rows


def _layer_words(layer: Layer) -> str:
    values = {name: tr(value) for name, value in layer.values}
    return f"{tr('active') if layer.active else tr('missing')}: {tr(layer.words).format(**values)}"


def _ms(value: float) -> str:
    return tr("{ms} ms", ms=number(value, 1))


def _short(fps: float) -> str:
    return number(fps, 0 if math.isnan(fps) or abs(fps - round(fps)) < 0.05 else 1)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    theme.sized(label, 1.1, bold=True)
    return label


def _form(rows: list[tuple[str, str]]) -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(24)
    for name, value in rows:
        words, text = QLabel(name), QLabel(value)
        words.setObjectName("soft")
        text.setWordWrap(True)
        text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        text.setAccessibleName(name)
        text.setAccessibleDescription(value)
        form.addRow(words, text)
    return form
