"""A field for the value of one factor: a number with its unit, a choice, or yes and no; each may be left open."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QWidget

from posture.ergonomics.factors import CHOICES
from posture.ergonomics.worksheet import Value
from posture.gui.words import tr
from posture.reports import score_words as sw
from posture.reports.language import speaking

_LOWEST_DEG, _HIGHEST_DEG, _HEAVIEST_KG = -180.0, 180.0, 1000.0
_UNSIGNED = ("lower_arm_deg", "knee_deg")
STANDING = "standing"
_NARROWEST = 10
"""Letters; the list that opens is as wide as its longest choice."""


class FactorField(QWidget):
    """Shows and takes one value; None is "open"."""

    changed = pyqtSignal()

    def __init__(self, factor: str, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.factor = factor
        with speaking(language):
            self.label = sw.FACTORS[factor]
            choices = self._choices()
        self._choice, self._number = QComboBox(), QDoubleSpinBox()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._is_number = factor.endswith("_deg") or factor == "force_kg"
        if self._is_number:
            self._make_number()
            row.addWidget(self._number)
            self._number.valueChanged.connect(lambda _: self.changed.emit())
            self.setFocusProxy(self._number)
        else:
            for value, text in choices:
                self._choice.addItem(text, value)
            self._choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            self._choice.setMinimumContentsLength(_NARROWEST)  # the longest choice would not fit beside its label
            row.addWidget(self._choice)
            self._choice.currentIndexChanged.connect(lambda _: self.changed.emit())
            self.setFocusProxy(self._choice)
        for part in (self._choice, self._number):
            part.setAccessibleName(self.label)

    def _choices(self) -> list[tuple[Value | None, str]]:
        nothing: list[tuple[Value | None, str]] = [(None, tr("not said"))]
        known = CHOICES.get(self.factor)
        if known is None:
            return [*nothing, (True, tr("yes")), (False, tr("no"))]
        found: list[tuple[Value | None, str]] = [(one, sw.CHOICES[one]) for one in known]
        if self.factor == "stance":
            found.insert(1, (STANDING, tr("standing")))
        return nothing + found

    def _make_number(self) -> None:
        degrees = self.factor.endswith("_deg")
        lowest = 0.0 if not degrees or self.factor in _UNSIGNED else _LOWEST_DEG
        self._number.setRange(lowest - 1, _HIGHEST_DEG if degrees else _HEAVIEST_KG)
        self._number.setSpecialValueText(tr("not said"))
        self._number.setDecimals(0 if degrees else 1)
        self._number.setSuffix("°" if degrees else " kg")
        self._number.setValue(self._number.minimum())

    @property
    def value(self) -> Value | None:
        """What is chosen."""
        if self._is_number:
            number = self._number.value()
            return None if number == self._number.minimum() else number
        chosen: Value | None = self._choice.currentData()
        return chosen

    def show_value(self, value: Value | None) -> None:
        """Without saying that it changed."""
        for part in (self._number, self._choice):
            part.blockSignals(True)
        if self._is_number:
            self._number.setValue(self._number.minimum() if value is None else float(value))
        else:
            places = [place for place in range(self._choice.count()) if self._choice.itemData(place) == value]
            self._choice.setCurrentIndex(places[0] if places else 0)
        for part in (self._number, self._choice):
            part.blockSignals(False)
