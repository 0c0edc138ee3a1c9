"""The Models page: the list of what can run here, and everything about the one that is chosen."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QGuiApplication, QShowEvent
from PyQt6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

from posture.gui import theme
from posture.gui.models.card import ROLES, STATES, ModelCard
from posture.gui.models.curator import Curator
from posture.gui.models.dialogs import AddModel, RemoveModel
from posture.gui.models.shelf import Model, State
from posture.gui.page_parts import ask, ground, headed, scrolling
from posture.gui.privacy.sheet import Sheet
from posture.gui.recordings.parts import button, label
from posture.gui.words import number, tr

SIGNS: dict[State, str] = {"verified": "●", "missing": "○", "unknown": "▲", "failed": "■"}
_FIRST = "pose_landmark_full"
"""Chosen at the beginning."""


class ModelsPage(QWidget):
    """Shows what the curator knows, and asks before anything comes in or goes."""

    failed = pyqtSignal(str)
    """Something did not work: for a dialog of the window."""
    told = pyqtSignal(str)
    """Something was done: for the line at the bottom of the window."""

    def __init__(self, curator: Curator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curator = curator
        self._chosen = _FIRST
        self.again, self.add = button(tr("Look again")), button(tr("Add…"))
        self.add.setAccessibleName(tr("Add models"))
        columns = {tr("Model"): 8, tr("Role"): 4, tr("State"): 4, tr("Speed here"): 3}
        self.sheet = Sheet(tr("Models"), columns)
        self.card = ModelCard()
        self.count = label("")
        self._lay_out()
        self._wire()
        self.show_models()

    def _lay_out(self) -> None:
        origin = tr(
            "The program's own models come with it: converted from published ones, each with a SHA-256 that is part of "
            "the program. Others come from a folder that your organisation signed. Nothing is ever "
            "downloaded."
        )
        self.list_area, self.card_area = _long(self.sheet, tr("Models")), _long(self.card, tr("Model"))
        both = QHBoxLayout()
        both.setSpacing(theme.GAP_PX)
        both.addWidget(self.list_area, 6)
        both.addWidget(self.card_area, 5)
        whole = headed(self, tr("Models"), self.count, self.again, self.add)
        whole.addWidget(label(origin))
        whole.addLayout(both, 1)

    def _wire(self) -> None:
        curator = self._curator
        curator.looked.connect(self.show_models)
        curator.measured.connect(lambda _: self.show_models())
        curator.added.connect(self._added)
        curator.removed.connect(lambda name: self.told.emit(tr("{name} is removed", name=name)))
        curator.failed.connect(self._failed)
        self.again.clicked.connect(lambda _=False: self.look())
        self.add.clicked.connect(lambda _=False: self.ask_add())
        self.sheet.currentCellChanged.connect(lambda row, *_: self._choose(row))
        self.card.measure.clicked.connect(lambda _=False: self.measure())
        self.card.copy.clicked.connect(lambda _=False: self._copy())
        self.card.remove.clicked.connect(lambda _=False: self.ask_remove())

    def take_focus(self) -> None:
        """Where one begins."""
        self.sheet.setFocus()

    def look(self) -> None:
        """Read and verify everything again."""
        self.count.setText(tr("is being looked at …"))
        self._curator.look()

    def show_models(self) -> None:
        """Everything anew; nothing while nobody has looked yet."""
        models = self._curator.models
        self.card.setVisible(bool(models))
        if models is None:
            self.count.setText(tr("is being looked at …"))
            return
        good = sum(model.state == "verified" for model in models)
        self.count.setText(tr("{good} of {count} verified now", good=number(good), count=number(len(models))))
        self.sheet.blockSignals(True)
        self.sheet.show_rows([self._row(model) for model in models])
        names = [model.name for model in models]
        if names:
            place = names.index(self._chosen) if self._chosen in names else 0
            self.sheet.setCurrentCell(place, 0)
            self._show(models[place])
        self.sheet.blockSignals(False)

    def measure(self) -> None:
        """How fast the chosen one is; or stop that."""
        if self._curator.measuring:
            self._curator.stop()
        elif (model := self.card.model) is not None:
            self._curator.measure(model.name)

    def ask_add(self) -> None:
        """Which folder, and which hashes."""
        dialog = AddModel(self)
        dialog.accepted.connect(lambda: self._add(dialog))
        ask(dialog)

    def ask_remove(self) -> None:
        """Whether it is meant."""
        if (model := self.card.model) is not None and not model.own:
            dialog = RemoveModel(model.name, self)
            dialog.accepted.connect(lambda: self._curator.remove(model.name))
            ask(dialog)

    def _add(self, dialog: AddModel) -> None:
        self.add.setEnabled(False)
        self.count.setText(tr("The models are being checked …"))
        self._curator.add(dialog.folder, dialog.hashes)

    def _added(self, names: tuple[str, ...]) -> None:
        self.add.setEnabled(True)
        self._chosen = names[0]
        self.told.emit(tr("Added: {names}", names=", ".join(names)))

    def _failed(self, why: str) -> None:
        self.add.setEnabled(True)
        self.show_models()
        self.failed.emit(why)

    def _choose(self, row: int) -> None:
        models = self._curator.models or ()
        if 0 <= row < len(models):
            self._chosen = models[row].name
            self._show(models[row])

    def _show(self, model: Model) -> None:
        self.card.show_model(model, self._curator.speeds.get(model.name), self._curator.measuring)

    def _row(self, model: Model) -> tuple[str, ...]:
        speed = self._curator.speeds.get(model.name)
        best = min((one.run_ms for one in speed.providers if not one.why), default=None) if speed else None
        here = "…" if self._curator.measuring == model.name else "–" if best is None else f"{number(best, 1)} ms"
        title = f"{model.title}  {tr('(in use)')}" if model.chosen else model.title
        state = f"{SIGNS[model.state]} {tr(STATES[model.state])}"
        return title, tr(ROLES[model.role]), state, here

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if (model := self.card.model) is not None and clipboard is not None:
            clipboard.setText(model.sha256)
            self.told.emit(tr("The SHA-256 of {name} is in the clipboard", name=model.title))

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: D102 - Qt's
        super().showEvent(event)
        self._curator.look()


def _long(shown: QWidget, name: str) -> QScrollArea:
    """With a bar of its own where it is higher than the window."""
    below, column = ground()
    column.addWidget(shown)
    column.addStretch(1)
    return scrolling(name, below)
