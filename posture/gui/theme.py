"""Colours, hatchings and sizes. Text is always ink or soft; colour stands on shapes and bands alone, never alone.

The three colours of a verdict are told apart with red, green and blue blindness, and have at least 3:1 against the
surfaces they stand on (computed; a test computes it again).
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from string import Template

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QBrush, QColor, QFont, QGuiApplication, QPainter, QPalette, QPen, QPixmap
from PyQt6.QtWidgets import QApplication, QStyleFactory, QWidget

from posture.appearance import ThemeName, WindowSettings


class Verdict(StrEnum):
    """What a shape, a colour and a hatching say together."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    NONE = "none"
    """No data, or nothing that can be judged."""


@dataclass(frozen=True, slots=True)
class Colours:
    """One theme. `ground` is the window, `surface` what lies on it, `line` what parts them."""

    dark: bool
    good: str
    fair: str
    poor: str
    ink: str
    soft: str
    line: str
    edge: str
    """Of what can be filled in or switched: at least 3:1 against the surface (WCAG 1.4.11)."""
    picked: str
    """Behind what is chosen, and the empty part of a gauge."""
    ground: str
    surface: str
    accent: str
    """Of focus, selection and the one button that matters."""
    on_accent: str

    def of(self, verdict: Verdict) -> QColor:
        """The colour of a verdict."""
        by_verdict = {Verdict.GOOD: self.good, Verdict.FAIR: self.fair, Verdict.POOR: self.poor}
        return QColor(by_verdict.get(verdict, self.soft))


DARK = Colours(
    dark=True, good="#4DA3FF", fair="#FFC20A", poor="#E5484D", ink="#e8ebef", soft="#a3adb8", line="#353b43",
    edge="#76818d", picked="#353b43", ground="#101317", surface="#16191d", accent="#4DA3FF", on_accent="#0b1016",
)  # fmt: skip
LIGHT = Colours(
    dark=False, good="#1F7AE0", fair="#C27C00", poor="#8A0030", ink="#1b1f24", soft="#5b6570", line="#d0d6dd",
    edge="#7c8691", picked="#d0d6dd", ground="#f3f5f7", surface="#ffffff", accent="#1763bd", on_accent="#ffffff",
)  # fmt: skip
CONTRAST = Colours(
    dark=True, good="#6CB8FF", fair="#FFD400", poor="#FF7A80", ink="#ffffff", soft="#e6e6e6", line="#ffffff",
    edge="#ffffff", picked="#303030", ground="#000000", surface="#000000", accent="#FFFF00", on_accent="#000000",
)  # fmt: skip
CANVAS = DARK
"""What is drawn over the picture: it is dark in every theme, as in every player."""
CANVAS_GROUND = "#0b0d10"

TARGET_PX = 28
"""Least height of what is clicked; WCAG 2.5.8 asks for 24."""
GAP_PX = 12
ROUND_PX = 6
RING_PX = 2

_in_force = DARK
_nothing_moves = False


def nothing_moves() -> bool:
    """Whether nothing may fade, slide or blink (`window.reduced_motion`)."""
    return _nothing_moves


def colours() -> Colours:
    """Those of the theme in force."""
    return _in_force


def chosen(theme: ThemeName) -> Colours:
    """The colours for the setting; `system` asks the desktop for its scheme and its wish for contrast."""
    forced = {"light": LIGHT, "dark": DARK, "contrast": CONTRAST}
    if theme in forced:
        return forced[theme]
    hints = QGuiApplication.styleHints()
    if hints is None:
        return LIGHT
    accessibility = hints.accessibility() if hasattr(hints, "accessibility") else None  # Qt 6.10
    if accessibility is not None and accessibility.contrastPreference() == Qt.ContrastPreference.HighContrast:
        return CONTRAST
    return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT


class Theme:
    """Puts a theme and a size of text in force for the whole application. One belongs to the application."""

    def __init__(self, application: QApplication) -> None:
        self._application = application
        self._font = QFont(application.font())
        self._blink_ms = application.cursorFlashTime()
        self._effects = [effect for effect in Qt.UIEffect if application.isEffectEnabled(effect)]
        application.setStyle(QStyleFactory.create("Fusion"))

    def use(self, settings: WindowSettings) -> None:
        """From now on everything is painted so; widgets that were made before have to be made again."""
        global _in_force, _nothing_moves
        hints = self._application.styleHints()
        if hints is not None and hasattr(hints, "setColorScheme"):  # Qt 6.8
            schemes = {"light": Qt.ColorScheme.Light, "system": Qt.ColorScheme.Unknown}
            hints.setColorScheme(schemes.get(settings.theme, Qt.ColorScheme.Dark))
        _nothing_moves = settings.reduced_motion
        self._still()
        _in_force = chosen(settings.theme)
        font = QFont(self._font)
        font.setPointSizeF(self._font.pointSizeF() * settings.text_scale_percent / 100)
        self._application.setFont(font)
        self._application.setPalette(palette(_in_force))
        self._application.setStyleSheet(_style_sheet(_in_force))

    def _still(self) -> None:
        """Neither a cursor that blinks nor menus, lists and tips that slide or fade; or as the desktop has them."""
        self._application.setCursorFlashTime(0 if _nothing_moves else self._blink_ms)
        for effect in self._effects:
            self._application.setEffectEnabled(effect, not _nothing_moves)


def palette(c: Colours) -> QPalette:
    """The colours as Qt's style wants them."""
    made = QPalette()
    roles = QPalette.ColorRole
    for role, colour in {
        roles.Window: c.ground, roles.WindowText: c.ink, roles.Base: c.surface, roles.AlternateBase: c.ground,
        roles.Text: c.ink, roles.Button: c.surface, roles.ButtonText: c.ink, roles.BrightText: c.ink,
        roles.ToolTipBase: c.surface, roles.ToolTipText: c.ink, roles.PlaceholderText: c.soft, roles.Link: c.accent,
        roles.LinkVisited: c.accent, roles.Highlight: c.accent, roles.HighlightedText: c.on_accent,
        roles.Light: c.line, roles.Midlight: c.line, roles.Mid: c.line, roles.Dark: c.line, roles.Shadow: c.ground,
    }.items():  # fmt: skip
        made.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(c.soft))
    return made


_HATCH_PX = {Verdict.FAIR: 8, Verdict.POOR: 7}


def brush(verdict: Verdict) -> QBrush:
    """Filling of a band: solid, diagonal or crossed; nothing for `NONE`, which has a dashed outline instead."""
    if verdict is Verdict.NONE:
        return QBrush(Qt.BrushStyle.NoBrush)
    if verdict is Verdict.GOOD:
        return QBrush(colours().of(verdict))
    size = _HATCH_PX[verdict]
    tile = QPixmap(size, size)
    tile.fill(colours().of(verdict))
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colours().surface), 1.6 if verdict is Verdict.FAIR else 1.1))
    for shift in (-size, 0, size):
        painter.drawLine(shift, size, shift + size, 0)
        if verdict is Verdict.POOR:
            painter.drawLine(shift, 0, shift + size, size)
    painter.end()
    return QBrush(tile)


def outline() -> QPen:
    """The dashed line around what has no data."""
    pen = QPen(QColor(colours().soft), 1.4)
    pen.setDashPattern([2, 2.5])
    return pen


def sized(widget: QWidget, factor: float, *, bold: bool = False) -> None:
    """Give `widget` a font of `factor` times the usual size."""
    font = widget.font()
    font.setPointSizeF(QApplication.font().pointSizeF() * factor)
    font.setBold(bold)
    widget.setFont(font)


def _style_sheet(c: Colours) -> str:
    """The style sheet beside this module, in these colours."""
    folder = Path(__file__).parent
    sizes = {"round": ROUND_PX, "button": TARGET_PX - 2, "field": TARGET_PX - 4}
    marks = {"marks": (folder / "marks").as_posix(), "tick": "dark" if c.dark else "light"}
    return Template((folder / "style.qss").read_text("utf-8")).substitute(asdict(c), **sizes, **marks)
