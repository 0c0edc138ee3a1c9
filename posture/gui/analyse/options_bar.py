"""How files that are added from now on are analysed: people, moments, part of the file, side."""

from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QWidget

from posture.analysis import Range
from posture.config import Settings
from posture.errors import ConfigError
from posture.gui.analyse.bench import Options
from posture.gui.recordings.parts import label
from posture.gui.words import mark, tr
from posture.pacing import Rate, frames_a_look

PEOPLE = (1, 2, 3, 4, 6)
RATES: tuple[Rate, ...] = (5.0, 10.0, 25.0, "all", "1/2", "1/3", "1/5", "1/10")
SIDES = {"automatic": mark("clearer side"), "left": mark("left side"), "right": mark("right side")}
LONGEST_S = 24 * 3600.0


class OptionsBar(QWidget):
    """Begins with what the settings say, and the whole file."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.people = _choice(tr("How many people are followed"))
        for count in PEOPLE:
            self.people.addItem(tr("1 person") if count == 1 else tr("{count} people", count=count), count)
        self.rate = _choice(tr("Which moments are looked at"))
        self.rate.setToolTip(tr("More finds faster movements and takes longer"))
        for rate in RATES:
            self.rate.addItem(rate_words(rate), rate)
        self.side = _choice(tr("Whose scores show first"))
        self.side.setToolTip(tr("Reports hold both sides. The clearer one is the side that the camera sees better"))
        for side, text in SIDES.items():
            self.side.addItem(tr(text), side)
        self.start, self.end = _moment(tr("From"), ""), _moment(tr("To"), tr("the end"))
        self.people.setCurrentIndex(max(0, self.people.findData(settings.pose.people)))
        self.rate.setCurrentIndex(max(0, self.rate.findData(settings.analysis.rate)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label(tr("Files that you add:")))
        for part in (self.people, self.rate, self.side):
            row.addWidget(part)
        for title, edit in ((tr("from"), self.start), (tr("to"), self.end)):
            row.addWidget(label(title))
            row.addWidget(edit)
        row.addStretch(1)

    @property
    def options(self) -> Options:
        """What is chosen. Raises ConfigError for a part that ends before it begins."""
        start_s, end_s = self.start.value(), self.end.value() or None
        if end_s is not None and end_s <= start_s:
            raise ConfigError(tr("The part to analyse ends before it begins: change from or to."))
        return Options(
            int(self.people.currentData()), self.rate.currentData(), Range(start_s, end_s), self.side.currentData()
        )


def rate_words(rate: Rate) -> str:
    """How a person says it."""
    frames = frames_a_look(rate)
    if frames is None:
        return tr("{rate} a second", rate=f"{rate:g}")
    return tr("every frame") if frames == 1 else tr("every frame of {count}", count=frames)


def _choice(name: str) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setToolTip(name)
    return made


def _moment(name: str, nothing: str) -> QDoubleSpinBox:
    """Seconds; 0 is shown as `nothing`, where that is given."""
    made = QDoubleSpinBox()
    made.setAccessibleName(name)
    made.setRange(0.0, LONGEST_S)
    made.setDecimals(1)
    made.setSuffix(" s")
    made.setSpecialValueText(nothing)
    made.setMinimumWidth(made.fontMetrics().horizontalAdvance("00000,0 s") + 36)
    return made
