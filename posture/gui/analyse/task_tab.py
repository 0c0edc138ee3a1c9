"""What no camera sees, per task and per part of it: the same as a task file, which it loads and saves."""

from pathlib import Path

from msgspec.structs import replace
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from posture.ergonomics.factors import SIDE_FACTORS
from posture.ergonomics.task import FACTORS, Factors, SideFactors, Task, load_task, task_toml
from posture.errors import ConfigError
from posture.gui.analyse.factor_field import FactorField
from posture.gui.recordings.parts import Caution, button
from posture.gui.recordings.player import clock
from posture.gui.words import tr
from posture.output import whole_file
from posture.review import NO_REVIEW, Review
from posture.review.editing import with_task

_MUSCLE = ("arm_static", "arm_repeated", "body_static", "body_repeated")
SHOWN = tuple(name for name in (
    "force_kg", "force_pattern", "coupling", "stance", "legs_supported", "trunk_supported", "head_supported",
    "arm_supported", "arm_awkward", "back_rounded",
    "wrist_deg", "wrist_deviated", "wrist_twisted", "shoulder_raised", "lower_arm_across", "lower_arm_out",
    "rapid_change", *_MUSCLE,
) if name in FACTORS)  # fmt: skip
"""What the form asks for: everything that no camera sees, and what takes longer to see than most recordings last."""


class TaskTab(QWidget):
    """Shows the task of a review; says what it is after each change."""

    changed = pyqtSignal(str, object)
    """What was done, and the review with the task that holds from now on."""

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._review = NO_REVIEW
        self.caution = Caution()
        self.name, self.entered_by = QLineEdit(), QLineEdit()
        for field, text in ((self.name, tr("Name of the task")), (self.entered_by, tr("Who says so"))):
            field.setAccessibleName(text)
            field.setMaxLength(200)
            field.editingFinished.connect(self._take)
        self.part, self.side = QComboBox(), QComboBox()
        self.part.setAccessibleName(tr("Part of the recording"))
        self.side.setAccessibleName(tr("Side of the body"))
        for text, side in ((tr("both sides"), ""), (tr("left"), "left"), (tr("right"), "right")):
            self.side.addItem(text, side)
        self.remove = button(tr("Delete"))
        self.remove.setAccessibleName(tr("Delete this part"))
        self.remove.setToolTip(tr("Delete this part of the task"))
        self.load, self.save = button(tr("Load a task file…")), button(tr("Save as a task file…"))
        self.fields = {name: FactorField(name, language) for name in SHOWN}
        for one in self.fields.values():
            one.changed.connect(self._take)
        self._lay_out()
        self.part.currentIndexChanged.connect(lambda _: self._show_fields())
        self.side.currentIndexChanged.connect(lambda _: self._show_fields())
        self.remove.clicked.connect(lambda _=False: self._remove())
        self.load.clicked.connect(lambda _=False: self.ask_load())
        self.save.clicked.connect(lambda _=False: self.ask_save())
        self.show_review(NO_REVIEW)

    def _lay_out(self) -> None:
        top = QFormLayout()
        top.addRow(tr("Task"), self.name)
        top.addRow(tr("Entered by"), self.entered_by)
        which = QHBoxLayout()
        which.addWidget(self.part, 2)
        which.addWidget(self.side, 1)
        which.addWidget(self.remove)
        top.addRow(tr("Holds for"), which)
        ground = QWidget()
        ground.setObjectName("pageground")
        self._form = QFormLayout(ground)
        self._form.setContentsMargins(0, 0, 6, 0)
        for one in self.fields.values():
            self._form.addRow(one.label, one)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(tr("What no camera sees"))
        area.setWidget(ground)
        row = QHBoxLayout()
        for pressed in (self.load, self.save):
            row.addWidget(pressed)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.caution)
        column.addLayout(top)
        column.addWidget(area, 1)
        column.addLayout(row)

    @property
    def task(self) -> Task:
        """As it is."""
        return self._review.task

    def show_review(self, review: Review) -> None:
        """Show the task of another review."""
        self._review = review
        names = [segment.name for segment in self.task.segments]
        chosen = self.part.currentText()
        self.part.blockSignals(True)
        self.part.clear()
        self.part.addItem(tr("the whole recording"), -1)
        for place, segment in enumerate(self.task.segments):
            self.part.addItem(f"{segment.name}  {clock(segment.start_s)}–{clock(segment.end_s)}", place)
        if chosen in (texts := [self.part.itemText(i) for i in range(self.part.count())]):
            self.part.setCurrentIndex(texts.index(chosen))
        self.part.blockSignals(False)
        for field, text in ((self.name, self.task.name), (self.entered_by, self.task.entered_by)):
            if field.text() != text:
                field.setText(text)
        self.caution.say("")
        self.remove.setVisible(bool(names) and self._place >= 0)
        self._show_fields()

    def show_part(self, name: str) -> None:
        """Fill in for one segment."""
        place = next((i for i, one in enumerate(self.task.segments) if one.name == name), -1)
        self.part.setCurrentIndex(place + 1)

    @property
    def _place(self) -> int:
        """Number of the segment that is shown; -1 for the whole."""
        return int(self.part.currentData() or 0) if self.part.currentData() is not None else -1

    @property
    def _level(self) -> Factors:
        return self.task.segments[self._place] if self._place >= 0 else self.task

    def _show_fields(self) -> None:
        side = str(self.side.currentData())
        level: SideFactors = getattr(self._level, side) if side else self._level
        self.remove.setVisible(self._place >= 0)
        for name, one in self.fields.items():
            fits = not side or name in SIDE_FACTORS
            self._form.setRowVisible(one, fits)
            if fits:
                one.show_value(getattr(level, name))

    def _take(self) -> None:
        """What the form says now. What it does not show stays as it was."""
        side = str(self.side.currentData())
        said = {n: one.value for n, one in self.fields.items() if not side or n in SIDE_FACTORS}
        level = self._level
        level = replace(level, **{side: replace(getattr(level, side), **said)}) if side else replace(level, **said)
        task = self._with(level)
        self._try(tr("Task"), replace(task, name=self.name.text().strip(), entered_by=self.entered_by.text().strip()))

    def _with(self, level: Factors) -> Task:
        if isinstance(level, Task):
            return level
        segments = list(self.task.segments)
        segments[self._place] = level  # type: ignore[call-overload]  # a Segment, as what was there
        return replace(self.task, segments=tuple(segments))

    def _remove(self) -> None:
        if self._place >= 0:
            segments = tuple(one for i, one in enumerate(self.task.segments) if i != self._place)
            self.part.setCurrentIndex(0)
            self._try(tr("Part deleted"), replace(self.task, segments=segments))

    def _try(self, text: str, task: Task) -> None:
        if task == self.task:
            return
        try:
            review = with_task(self._review, task)
        except ValueError as exc:
            unsigned = bool(task.overrides) and not task.entered_by
            said = tr("Fill in “Entered by”: this is said instead of a measurement.") if unsigned else str(exc)
            self.caution.say(said)
            return
        self.caution.say("")
        self.changed.emit(text, review)

    def ask_load(self) -> None:
        """From a file that the person chooses."""
        name, _ = QFileDialog.getOpenFileName(self, tr("Load a task file"), "", tr("Task files (*.toml)"))
        if name:
            self.load_file(Path(name))

    def load_file(self, path: Path) -> None:
        """In place of the task that is there."""
        try:
            self._try(tr("Task loaded"), load_task(path))
        except ConfigError as exc:
            self.caution.say(str(exc))

    def ask_save(self) -> None:
        """To a file that the person chooses."""
        name, _ = QFileDialog.getSaveFileName(self, tr("Save as a task file"), "task.toml", tr("Task files (*.toml)"))
        if name:
            self.save_file(Path(name))

    def save_file(self, path: Path) -> None:
        """Whole or not at all; the dialog asked before about one that is there."""
        with whole_file(path, overwrite=True) as out:
            out.write(task_toml(self.task).encode())
