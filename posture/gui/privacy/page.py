"""The Privacy page: everything about one's data on this computer, looked at now."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QWidget,
)

from posture.errors import PostureError
from posture.gui import theme, told
from posture.gui.page_parts import ask, ground, headed, scrolling
from posture.gui.privacy.cards import (
    CameraCard,
    Card,
    ConsentsCard,
    ExportsCard,
    FlowCard,
    KeptCard,
    LogCard,
    NetworkCard,
    moment,
)
from posture.gui.privacy.chart import Large
from posture.gui.privacy.dialogs import CopyData, EraseAll, Working
from posture.gui.privacy.steward import Steward
from posture.gui.recordings.keeper import Keeper
from posture.gui.recordings.parts import button, label
from posture.gui.words import number, tr
from posture.output import whole_file
from posture.privacy.flow_words import Language
from posture.reports.flow_page import FORMATS, write
from posture.rights.access import Exported
from posture.rights.erasure import Outcome, Plan

_LOOK_EVERY_MS = 20_000
"""While the page shows."""


class PrivacyPage(QWidget):
    """Shows what the steward knows, and asks before anything leaves or goes."""

    failed = pyqtSignal(str)
    """Something did not work: for a dialog of the window."""
    told = pyqtSignal(str)
    """Something was done: for the line at the bottom of the window."""
    erasing = pyqtSignal()
    """Camera and recordings have to be closed now: everything is about to go."""
    erased = pyqtSignal(str)
    """Everything is gone, in words; the program has to end."""

    def __init__(
        self,
        steward: Steward,
        keeper: Keeper,
        language: Language,
        records: Callable[[], bool],
        parent: QWidget | None = None,
    ) -> None:
        """`records`: whether something is being recorded now."""
        super().__init__(parent)
        self._steward, self._keeper, self._language, self._records = steward, keeper, language, records
        self._working: Working | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(lambda: self._look())
        self.again = button(tr("Look again"))
        self.when = label("")
        self.network, self.camera, self.log = NetworkCard(), CameraCard(), LogCard()
        self.kept, self.flow = KeptCard(language), FlowCard(language)
        self.exports, self.consents = ExportsCard(), ConsentsCard()
        self.yours = self._yours()
        self._lay_out()
        self._wire()
        self.show_overview()

    # What it looks like.

    def _yours(self) -> Card:
        card = Card(tr("Your data"))
        self.copy, self.erase = button(tr("Export my data…")), button(tr("Erase everything…"))
        for part, text in (
            (self.copy, tr("A copy of all that is kept about you, in open formats, with an index.")),
            (self.erase, tr("Keys first, then every file. Each path is shown before, and a word has to be typed.")),
        ):
            row = QHBoxLayout()
            row.setSpacing(14)
            row.addWidget(part)
            row.addWidget(label(text), 1)
            part.setAccessibleDescription(text)
            card.column.addLayout(row)
        wide = max(part.sizeHint().width() for part in (self.copy, self.erase))
        for part in (self.copy, self.erase):
            part.setMinimumWidth(wide)
        return card

    def _lay_out(self) -> None:
        cards, column = ground()
        beside = QHBoxLayout()
        beside.setSpacing(theme.GAP_PX)
        beside.addWidget(self.camera, 1)
        beside.addWidget(self.yours, 2)
        column.addWidget(self.network)
        column.addLayout(beside)
        for card in (self.kept, self.flow, self.log, self.exports, self.consents, _capture()):
            column.addWidget(card)
        column.addStretch(1)
        self.area = scrolling(tr("Privacy"), cards)
        headed(self, tr("Privacy"), self.when, self.again).addWidget(self.area, 1)

    def _wire(self) -> None:
        steward = self._steward
        steward.looked.connect(self.show_overview)
        steward.tried.connect(self._show_tried)
        steward.verified.connect(self._verified)
        steward.progressed.connect(self._progressed)
        steward.copied.connect(self._copied)
        steward.planned.connect(self._planned)
        steward.erased.connect(self._gone)
        steward.failed.connect(self.failed)
        steward.ended.connect(self._ended)
        self._keeper.changed.connect(self._door)
        self.again.clicked.connect(lambda _=False: self._look(again=True))
        self.log.verify.clicked.connect(lambda _=False: self.verify())
        self.flow.large.clicked.connect(lambda _=False: self.show_large())
        self.flow.save.clicked.connect(lambda _=False: self.ask_save())
        self.copy.clicked.connect(lambda _=False: self.ask_copy())
        self.erase.clicked.connect(lambda _=False: self.ask_erase())

    # What holds.

    def show_overview(self) -> None:
        """Everything anew; nothing while nobody has looked yet."""
        found = self._steward.overview
        self.when.setText(tr("is being looked at …") if found is None else tr("as of {when}", when=moment(found.when)))
        if found is None:
            return
        self.network.show_overview(found, self._steward.decoding)
        for card in (self.camera, self.kept, self.flow, self.log, self.exports, self.consents):
            card.show_overview(found)

    def take_focus(self) -> None:
        """Where one begins."""
        self.again.setFocus()

    def verify(self) -> None:
        """Check the audit log."""
        self.log.verify.setEnabled(False)
        self._steward.verify()

    def show_large(self) -> None:
        """The diagram in a window of its own."""
        if (found := self._steward.overview) is not None:
            ask(Large(found, self._language, self))

    def ask_save(self) -> None:
        """Where the diagram goes."""
        kinds = ";;".join((tr("PDF (*.pdf)"), tr("Web page (*.html)"), tr("Drawing (*.svg)")))
        name, _ = QFileDialog.getSaveFileName(self, tr("Save the data flows"), "posture-map.pdf", kinds)
        if name:
            self.save(Path(name))

    def save(self, path: Path) -> None:
        """Write the diagram, in the format that the name says."""
        found = self._steward.overview
        if found is None:
            return
        path = path if path.suffix.removeprefix(".") in FORMATS else path.with_name(f"{path.name}.pdf")
        kind = FORMATS[path.suffix.removeprefix(".")]
        try:
            with whole_file(path, overwrite=True, advice=tr("choose another folder")) as out:
                write(kind, found.flow, self._language, datetime.now(), blocked=found.blocked, out=out)
        except PostureError as error:
            self.failed.emit(told.of(error))
        else:
            self.told.emit(tr("Saved to {path}", path=path))

    # A copy, and the end of everything.

    def ask_copy(self) -> None:
        """Where to; nothing is written before that."""
        dialog = CopyData(self._keeper.is_open, date.today(), self)
        dialog.accepted.connect(lambda: self._begin_copy(dialog.folder, clips=dialog.clips))
        ask(dialog)

    def _begin_copy(self, folder: Path, *, clips: bool) -> None:
        self._work(tr("Your data are being copied"), stop=self._steward.stop)
        self._steward.copy(folder, clips=clips)

    def _copied(self, done: Exported) -> None:
        self.told.emit(tr("Your data are in {path}", path=done.folder))
        if done.missing:
            self.failed.emit(f"{tr('The copy is not complete:')}\n" + "\n".join(done.missing))

    def ask_erase(self) -> None:
        """What would go is looked at first; the answer asks."""
        if self._records():
            self.failed.emit(tr("Stop the recording first: nothing can be erased while it is written."))
        else:
            self._steward.plan()

    def _planned(self, plan: Plan) -> None:
        if plan.empty:
            self.told.emit(tr("There is nothing to erase."))
            return
        dialog = EraseAll(plan, self)
        dialog.accepted.connect(lambda: self._begin_erasing(plan))
        ask(dialog)

    def _begin_erasing(self, plan: Plan) -> None:
        self.erasing.emit()
        self._work(tr("Everything is being erased"))
        self._steward.erase(plan)

    def _gone(self, outcome: Outcome) -> None:
        if outcome.failed:
            failed = "\n".join(outcome.failed)
            text = tr("These files could not be deleted; nobody can read what is encrypted in them:")
            self.failed.emit(f"{text}\n{failed}")
            return
        text = tr(
            "{keys} keys and {files} files are erased. The audit log has the proof: {sha256}",
            keys=number(len(outcome.plan.keys)), files=number(outcome.removed), sha256=outcome.plan.sha256,
        )  # fmt: skip
        self.erased.emit(text)

    def _work(self, title: str, stop: Callable[[], None] | None = None) -> None:
        self._working = Working(title, stoppable=stop is not None, parent=self)
        if stop is not None:
            self._working.accepted.connect(stop)
        ask(self._working)

    def _progressed(self, done: int, of: int, words: str) -> None:
        if self._working is not None:
            self._working.show_progress(done, of, words)

    def _ended(self) -> None:
        working, self._working = self._working, None
        if working is not None:
            working.done(QDialog.DialogCode.Rejected)

    def _show_tried(self) -> None:
        if (found := self._steward.overview) is not None:
            self.network.show_overview(found, self._steward.decoding)

    def _verified(self, count: int, problem: str) -> None:
        self.log.verify.setEnabled(True)
        self.log.show_verified(count, problem)

    def _door(self) -> None:
        """Recordings were locked or unlocked: notes of consents can be read, or not any more."""
        if self.isVisible():
            self._look()

    def _look(self, *, again: bool = False) -> None:
        self._steward.look(again=again)

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: D102 - Qt's
        super().showEvent(event)
        self._look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent | None) -> None:  # noqa: D102 - Qt's
        super().hideEvent(event)
        self._timer.stop()


def _capture() -> Card:
    """What no program can promise."""
    card = Card(tr("The screen"))
    card.words(
        tr(
            "Whatever this window shows can be seen by whoever stands before it, by programs that capture the screen, "
            "and in screen sharing. The view “figure” shows no picture of you; Ctrl+Shift+L closes the camera and "
            "locks the recordings at once."
        )
    )
    return card
