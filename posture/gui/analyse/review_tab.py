"""Who answers for the report, what people are called, and every change, which can be looked at and taken back."""

from collections.abc import Mapping
from datetime import date

from msgspec.structs import replace
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from posture.gui import theme
from posture.gui.analyse.lanes import fine_clock
from posture.gui.recordings.parts import button, label
from posture.gui.shapes import Sign
from posture.gui.theme import Verdict
from posture.gui.words import tr
from posture.reports import score_words as sw
from posture.reports import words
from posture.reports.language import speaking
from posture.reports.review_page import JOINTS
from posture.review import NO_REVIEW, Exclusion, KeypointFix, Override, Review
from posture.review.changes import END_S, Change
from posture.review.editing import named, without


class ReviewTab(QWidget):
    """Shows a review; says what it is after each change."""

    changed = pyqtSignal(str, object)
    """What was done, and the review from now on."""
    sought = pyqtSignal(float)
    """To the moment of a change."""

    def __init__(self, language: str, today: date | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._language, self._today = language, today
        self._review = NO_REVIEW
        self._names: dict[int, QLineEdit] = {}
        self._sign, self._status = Sign(24), label("", soft=False)
        self.reviewer = QLineEdit()
        self.reviewer.setAccessibleName(tr("Your name, as the reviewer"))
        self.reviewer.setPlaceholderText(tr("Your name makes the report final"))
        self.reviewer.setMaxLength(200)
        self.reviewer.editingFinished.connect(self._sign_it)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Changes"))
        self.list.setWordWrap(True)
        self.list.setMinimumHeight(90)
        self.remove = button(tr("Take this change back"))
        self.reason = QLineEdit()
        self.reason.setAccessibleName(tr("Reason of the marked change"))
        self.reason.setPlaceholderText(tr("Reason, for the report"))
        self.reason.setMaxLength(200)
        self._lay_out()
        self.list.currentRowChanged.connect(lambda _: self._show_chosen())
        self.list.itemActivated.connect(lambda _: self._go())
        self.list.itemClicked.connect(lambda _: self._go())
        self.remove.clicked.connect(lambda _=False: self._take_back())
        self.reason.editingFinished.connect(self._say_why)
        self.show_review(NO_REVIEW, {})

    def _lay_out(self) -> None:
        status = QHBoxLayout()
        status.setSpacing(10)
        status.addWidget(self._sign)
        status.addWidget(self._status, 1)
        box = QFrame()
        box.setObjectName("panel")
        signed = QVBoxLayout(box)
        signed.addLayout(status)
        signed.addWidget(self.reviewer)
        self._people = QFormLayout()
        self._people_heading = _heading(tr("Names of people"))
        below = QHBoxLayout()
        below.addWidget(self.reason, 1)
        below.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(box)
        column.addWidget(self._people_heading)
        column.addLayout(self._people)
        column.addWidget(_heading(tr("Changes")))
        column.addWidget(self.list, 1)
        column.addLayout(below)
        told = tr("Each change is listed in the report: as measured, as corrected, by whom and on which day.")
        self.note = label(told)
        column.addWidget(self.note)

    def show_review(self, review: Review, people: Mapping[int, float]) -> None:
        """`people`: who is in the recording, by number, and for how many seconds."""
        self._review = review
        final = bool(review.reviewer)
        self._sign.show_verdict(Verdict.GOOD if final else Verdict.FAIR)
        self._status.setText(
            tr("Final: {name} answers for this report.", name=review.reviewer)
            if final
            else tr("Draft: nobody answers for this report yet.")
        )
        if self.reviewer.text() != review.reviewer:
            self.reviewer.setText(review.reviewer)
        self._show_people(people)
        self._show_changes()

    def _show_people(self, people: Mapping[int, float]) -> None:
        if list(self._names) != list(people):
            while self._people.rowCount():
                self._people.removeRow(0)
            self._names = {}
            for person in people:
                field = QLineEdit()
                field.setMaxLength(200)
                with speaking(self._language):
                    title = words.person(person)
                field.setAccessibleName(tr("Name of {person}", person=title))
                field.setPlaceholderText(tr("no name"))
                field.editingFinished.connect(lambda person=person: self._name(person))
                self._people.addRow(title, field)
                self._names[person] = field
        for person, field in self._names.items():
            name = self._review.names.get(person, "")
            if field.text() != name:
                field.setText(name)
        self._people_heading.setVisible(bool(people))

    def _show_changes(self) -> None:
        place = self.list.currentRow()
        self.list.blockSignals(True)
        self.list.clear()
        with speaking(self._language):
            for change in self._review.changes:
                self.list.addItem(QListWidgetItem(self.words(change)))
        if not self._review.changes:
            nothing = QListWidgetItem(tr("Nothing was changed."))
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(nothing)
        self.list.setCurrentRow(min(place, len(self._review.changes) - 1))
        self.list.blockSignals(False)
        self._show_chosen()

    def words(self, change: Change) -> str:
        """One line about a change."""
        who = self._review.who(change)
        by = ", ".join(filter(None, (who, change.at.replace("T", " "))))
        return "\n".join(filter(None, (_what(change, self._review), " · ".join(filter(None, (by, change.reason))))))

    @property
    def _chosen(self) -> Change | None:
        place = self.list.currentRow()
        return self._review.changes[place] if 0 <= place < len(self._review.changes) else None

    def _show_chosen(self) -> None:
        change = self._chosen
        self.remove.setEnabled(change is not None)
        self.reason.setEnabled(change is not None)
        self.reason.setText(change.reason if change is not None else "")

    def _go(self) -> None:
        change = self._chosen
        if isinstance(change, KeypointFix):
            self.sought.emit(change.time_s)
        elif isinstance(change, Override | Exclusion):
            self.sought.emit(change.start_s)

    def _take_back(self) -> None:
        change = self._chosen
        if change is not None:
            self.changed.emit(tr("Change taken back"), without(self._review, change))

    def _say_why(self) -> None:
        change, reason = self._chosen, self.reason.text().strip()
        if change is None or change.reason == reason:
            return
        said = {
            name: tuple(replace(one, reason=reason) if one is change else one for one in getattr(self._review, name))
            for name in ("keypoints", "overrides", "excluded")
        }
        self.changed.emit(tr("Reason"), replace(self._review, **said))

    def _sign_it(self) -> None:
        name = self.reviewer.text().strip()
        if name != self._review.reviewer:
            day = (self._today or date.today()) if name else None
            self.changed.emit(tr("Reviewer"), replace(self._review, reviewer=name, reviewed_on=day))

    def _name(self, person: int) -> None:
        name = self._names[person].text().strip()
        if name != self._review.names.get(person, ""):
            self.changed.emit(tr("Name"), named(self._review, person, name))


def _what(change: Change, review: Review) -> str:
    if isinstance(change, KeypointFix):
        moved = tr("moved") if change.seen else tr("not visible")
        joint, who = JOINTS[change.joint], review.names.get(change.person) or words.person(change.person)
        return f"{fine_clock(change.time_s)}  {joint}: {moved} ({who})"
    if isinstance(change, Override):
        value = tr("standing") if change.value == "standing" else sw.value(change.factor, change.value)
        side = f", {sw.SIDES[change.side]}" if change.side else ""
        return f"{_span(change.start_s, change.end_s)}  {sw.FACTORS[change.factor]}{side} = {value}"
    assert isinstance(change, Exclusion)
    return f"{_span(change.start_s, change.end_s)}  {tr('left out')}"


def _span(start_s: float, end_s: float) -> str:
    return f"{fine_clock(start_s)}–{tr('end') if end_s >= END_S else fine_clock(end_s)}"


def _heading(text: str) -> QLabel:
    made = QLabel(text)
    theme.sized(made, 1.0, bold=True)
    return made
