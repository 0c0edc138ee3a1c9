"""One editor for one setting, made from its declared type. `changed` carries the new value as TOML would hold it."""

import math
import tomllib
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
import tomli_w
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from posture.gui import theme
from posture.gui.setting_words import choice
from posture.gui.words import tr

MOST = 1_000_000
"""Of a number whose declaration names no upper end."""
_DECIMALS = 2
_TEXT_LETTERS = 32
"""That a line shows: a name and a town."""


class Editor(QWidget):
    """A row's control. `show_value` never emits."""

    changed = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._quiet = False

    def show_value(self, value: object) -> None:
        """Display what holds."""
        self._quiet = True
        self._put(value)
        self._quiet = False

    def name(self, label: str, help_text: str) -> None:
        """What a screen reader says of each control inside."""
        for control in self.controls():
            control.setAccessibleName(label)
            control.setAccessibleDescription(help_text)

    def controls(self) -> list[QWidget]:
        """What can have the focus."""
        kinds = (QCheckBox, QComboBox, QSpinBox, QDoubleSpinBox, QLineEdit)
        return [child for child in self.findChildren(QWidget) if isinstance(child, kinds)]

    def _put(self, value: Any) -> None:  # noqa: ANN401 - whatever a setting holds
        raise NotImplementedError

    def _say(self, value: object) -> None:
        if not self._quiet:
            self.changed.emit(value)

    def _add(self, control: QWidget) -> None:
        control.setMinimumHeight(theme.TARGET_PX)
        self._row.addWidget(control)


def editor(declared: object, unit: str) -> Editor:
    """The editor for a declared type; a line of TOML for what has no control of its own."""
    bare, meta = _bare(declared)
    origin, arguments = get_origin(bare), get_args(bare)
    if bare is bool:
        return Switch()
    if origin is Literal and all(isinstance(value, str) for value in arguments):
        return Choice(arguments)
    if isinstance(bare, type) and issubclass(bare, StrEnum):
        return Choice(tuple(one.value for one in bare))
    if bare in (int, float):
        return Number(bare, meta, unit)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis and get_origin(arguments[0]) is Literal:
        return Several(get_args(arguments[0]))
    if bare is str:
        return Text()
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis and _bare(arguments[0])[0] is str:
        return TextList()
    return TomlText()


def _bare(declared: object) -> tuple[Any, msgspec.Meta]:
    if get_origin(declared) is Annotated:
        bare, *more = get_args(declared)
        return bare, next((one for one in more if isinstance(one, msgspec.Meta)), msgspec.Meta())
    return declared, msgspec.Meta()


class Switch(Editor):
    """Yes or no."""

    def __init__(self) -> None:
        super().__init__()
        self._box = QCheckBox()
        self._box.toggled.connect(self._say)
        self._box.toggled.connect(self._write)
        self._add(self._box)

    def _put(self, value: bool) -> None:
        self._box.setChecked(value)
        self._write(value)

    def _write(self, value: bool) -> None:
        self._box.setText(tr("On") if value else tr("Off"))


class _CalmCombo(QComboBox):
    """Does not change while a page is scrolled over it."""

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            event.ignore()


class Choice(Editor):
    """One of a few words."""

    def __init__(self, values: tuple[str, ...]) -> None:
        super().__init__()
        self._values = values
        self._box = _CalmCombo()
        self._box.addItems([choice(value) for value in values])
        self._box.activated.connect(lambda place: self._say(self._values[place]))
        self._add(self._box)

    def _put(self, value: str) -> None:
        self._box.setCurrentIndex(self._values.index(str(value)))


class _CalmInt(QSpinBox):
    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            event.ignore()


class _CalmFloat(QDoubleSpinBox):
    """Shows 20 and not 20.00."""

    def textFromValue(self, value: float) -> str:
        decimals = next((d for d in range(_DECIMALS) if round(value, d) == round(value, _DECIMALS)), _DECIMALS)
        return self.locale().toString(value, "f", decimals)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            event.ignore()


class Number(Editor):
    """A number within its range."""

    def __init__(self, kind: type, meta: msgspec.Meta, unit: str) -> None:
        super().__init__()
        box: _CalmInt | _CalmFloat
        if kind is int:
            box = _CalmInt()
            box.setRange(math.ceil(_least(meta, 1)), math.floor(_most(meta, 1)))
        else:
            box = _CalmFloat()
            step = 10.0**-_DECIMALS
            box.setDecimals(_DECIMALS)
            box.setRange(_least(meta, step), _most(meta, step))
            box.setSingleStep(1.0 if _most(meta, step) > 10 else 0.05)
        box.setKeyboardTracking(False)
        box.setAlignment(Qt.AlignmentFlag.AlignRight)
        if unit:
            box.setSuffix(f" {unit}")
        box.valueChanged.connect(self._say)
        self._box = box
        self._add(box)

    def _put(self, value: float) -> None:
        self._box.setValue(value)  # type: ignore[arg-type]  # an int box gets an int


def _least(meta: msgspec.Meta, step: float) -> float:
    if meta.ge is not None:
        return float(meta.ge)
    return float(meta.gt) + step if meta.gt is not None else -MOST


def _most(meta: msgspec.Meta, step: float) -> float:
    if meta.le is not None:
        return float(meta.le)
    return float(meta.lt) - step if meta.lt is not None else MOST


class Several(Editor):
    """Any of a few words, in their declared order."""

    def __init__(self, values: tuple[str, ...]) -> None:
        super().__init__()
        self._boxes = {value: QCheckBox(choice(value)) for value in values}
        for box in self._boxes.values():
            box.toggled.connect(self._tell)
            self._add(box)

    def name(self, label: str, help_text: str) -> None:
        """Each box says which choice of what it is."""
        for box in self._boxes.values():
            box.setAccessibleName(f"{label}: {box.text()}")
            box.setAccessibleDescription(help_text)

    def _put(self, value: tuple[str, ...]) -> None:
        for name, box in self._boxes.items():
            box.setChecked(name in value)

    def _tell(self) -> None:
        self._say(tuple(name for name, box in self._boxes.items() if box.isChecked()))


class Text(Editor):
    """Any text; taken over when the person leaves the field or presses Enter."""

    def __init__(self) -> None:
        super().__init__()
        self._line = QLineEdit()
        self._line.setMinimumWidth(_TEXT_LETTERS * self._line.fontMetrics().averageCharWidth())
        self._line.editingFinished.connect(self._finish)
        self._shown = ""
        self._add(self._line)

    def _put(self, value: Any) -> None:  # noqa: ANN401 - a subclass takes other types
        self._shown = self._written(value)
        self._line.setText(self._shown)

    def _finish(self) -> None:
        if self._line.text() != self._shown:
            self._shown = self._line.text()
            self._say(self._read(self._shown))

    def _written(self, value: Any) -> str:  # noqa: ANN401
        return str(value)

    def _read(self, text: str) -> object:
        return text


class TextList(Text):
    """Several texts with commas between them."""

    def _written(self, value: Any) -> str:  # noqa: ANN401
        return ", ".join(value)

    def _read(self, text: str) -> object:
        return tuple(part.strip() for part in text.split(",") if part.strip())


class TomlText(Text):
    """What has no control of its own, as the settings file writes it; what is no TOML is refused like any text."""

    def _written(self, value: Any) -> str:  # noqa: ANN401
        if value is None:
            return ""
        plain = msgspec.to_builtins(value)
        if isinstance(plain, list) and plain and all(isinstance(one, dict) for one in plain):
            return f"[{', '.join(map(_inline, plain))}]"
        return " ".join(tomli_w.dumps({"value": msgspec.to_builtins(value)}).partition("=")[2].split())

    def _read(self, text: str) -> object:
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            return text


def _inline(table: dict[str, object]) -> str:
    """A table in one line, which `tomli_w` does not write."""
    return f"{{{', '.join(tomli_w.dumps({name: value}).strip() for name, value in table.items() if value != '')}}}"
