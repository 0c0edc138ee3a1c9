"""The Analyse page: the queue above, the file that is looked at below; reviews are saved and reports exported here."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QAbstractButton,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from posture.analysis import Analysis, Told
from posture.config import Settings
from posture.errors import ConfigError, PostureError
from posture.gui import theme
from posture.gui.analyse.bench import Bench, Item, State
from posture.gui.analyse.changes import Changes
from posture.gui.analyse.options_bar import OptionsBar
from posture.gui.analyse.queue_view import QueueView, name_of
from posture.gui.analyse.work import Work
from posture.gui.page_parts import heading
from posture.gui.places import report_folder
from posture.gui.recordings.errands import Errands
from posture.gui.recordings.parts import Note, button, label, main_button
from posture.gui.recordings.player import clock
from posture.gui.words import mark, tr
from posture.inputs import CLIP_SUFFIX, MEDIA_SUFFIXES
from posture.live.clerk import said
from posture.output import whole_file
from posture.reports import FORMATS
from posture.review import Review, as_json, load_review

Exported = Callable[[str, Path], None]


PAGE_KEYS = (
    ("Ctrl+O", mark("Add files")), ("Ctrl+S", mark("Save the review")),
    ("Ctrl+Z", mark("Undo")), ("Ctrl+Shift+Z", mark("Redo")),
)  # fmt: skip
"""What works anywhere on this page."""


class AnalysePage(QWidget):
    """Everything is in memory until the person saves something."""

    failed = pyqtSignal(str)
    note_put_away = pyqtSignal()
    told = pyqtSignal(str)
    """Something was written: for the line at the bottom of the window."""

    def __init__(
        self,
        bench: Bench,
        reviews: dict[int, Changes],
        settings: Callable[[], Settings],
        language: str,
        exported: Exported,
        now: Callable[[], datetime] = datetime.now,
        parent: QWidget | None = None,
    ) -> None:
        """`bench` and `reviews` outlive the page, which is made anew with another theme or language."""
        super().__init__(parent)
        self._bench, self._reviews, self._settings = bench, reviews, settings
        self._language, self._exported, self._now = language, exported, now
        self._current = 0
        self._errands = Errands()
        self.destroyed.connect(lambda _, close=self._errands.close: close())
        self.queue, self.work = QueueView(bench), Work(language)
        self.work.use_letters(settings().window.single_letter_keys)
        self._make_head()
        self._lay_out()
        self._wire()
        self._bind()
        self._refresh()
        ready = [number for number, item in bench.items.items() if item.state is State.DONE]
        if ready:
            self.look_at(ready[-1])

    def _make_head(self) -> None:
        self.add = main_button(tr("Add files…"))
        self.pause = button(tr("Pause"))
        self.undo, self.redo = _arrow("↶", tr("Undo")), _arrow("↷", tr("Redo"))
        self.file = button(tr("Review") + " ▾")
        self.file.setAccessibleName(tr("Save or load the review"))
        menu = QMenu(self.file)
        for text, act in ((tr("Save review…"), self.ask_save), (tr("Load review…"), self.ask_load)):
            entry = menu.addAction(text)
            if entry is not None:
                entry.triggered.connect(lambda _=False, act=act: act())
        self.file.setMenu(menu)
        self.export = button(tr("Export report…"))
        self.summary = label("")
        self.how = OptionsBar(self._settings())
        self.show_how = button(tr("Options…"))
        self.show_how.setCheckable(True)
        self.show_how.setToolTip(tr("How files that you add are analysed: people, moments, part, side"))
        self.show_how.toggled.connect(lambda _: self._refresh())
        self.note = Note()
        self.note.put_away.connect(self.note_put_away)

    @property
    def _of_file(self) -> tuple[QAbstractButton, ...]:
        """What can be done with the file that is looked at."""
        return self.undo, self.redo, self.file, self.export

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(heading(tr("Analyse")))
        top.addSpacing(8)
        controls: tuple[QWidget, ...] = (self.add, self.show_how, self.pause)
        for part in controls:
            top.addWidget(part)
        top.addWidget(self.summary, 1)
        for pressed in self._of_file:
            top.addWidget(pressed)
        self._stack = QStackedWidget()
        for shown in (self._empty(), self._waiting(), self.work):
            self._stack.addWidget(shown)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 16, 20, 12)
        whole.setSpacing(theme.GAP_PX)
        whole.addLayout(top)
        whole.addWidget(self.how)
        whole.addWidget(self.note)
        whole.addWidget(self.queue)
        whole.addWidget(self._stack, 1)

    def _empty(self) -> QWidget:
        """What shows before there is a file: where to drop one, and a demo."""
        box = QFrame()
        box.setObjectName("drop")
        title = QLabel(tr("Drop videos or pictures here"))
        theme.sized(title, 1.5, bold=True)
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words = label(
            tr(
                "They are analysed on this computer, in a process that may neither write files nor reach a network. "
                "With a vault, results and what you did not save are kept there, encrypted: while it is open, a file "
                "shows at once when you add it again. Without one, they are in memory until the program ends."
            )
        )
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        wide = 72 * self.fontMetrics().averageCharWidth()
        words.setFixedWidth(wide)
        words.setMinimumHeight(words.heightForWidth(wide))
        self.choose, self.demo = main_button(tr("Choose files…")), button(tr("Try the demo"))
        self.choose.clicked.connect(lambda _=False: self.ask_files())
        self.demo.clicked.connect(lambda _=False: self.add_files([None]))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.choose)
        row.addWidget(self.demo)
        row.addStretch(1)
        column = QVBoxLayout(box)
        column.setContentsMargins(28, 28, 28, 28)
        column.setSpacing(16)
        column.addStretch(1)
        column.addWidget(title)
        column.addWidget(words, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(row)
        column.addStretch(1)
        return box

    def _waiting(self) -> QWidget:
        words = label(tr("The file shows here as soon as it is analysed."))
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return words

    def _wire(self) -> None:
        self._bench.changed.connect(self._refresh)
        self._bench.done.connect(self._done)
        self.queue.opened.connect(self.look_at)
        self.work.failed.connect(self.failed)
        self.work.changed.connect(self._show_undo)
        for pressed, act in (
            (self.add, self.ask_files), (self.pause, lambda: self._bench.pause(not self._bench.paused)),
            (self.undo, lambda: self.work.changes.stack.undo()), (self.redo, lambda: self.work.changes.stack.redo()),
            (self.export, self.ask_export),
        ):  # fmt: skip
            pressed.clicked.connect(lambda _=False, act=act: act())

    def _bind(self) -> None:
        acts: dict[str, Callable[[], object]] = {
            "Ctrl+O": self.ask_files, "Ctrl+S": self.ask_save, "Ctrl+Z": lambda: self.work.changes.stack.undo(),
            "Ctrl+Shift+Z": lambda: self.work.changes.stack.redo(),
        }  # fmt: skip
        for keys, _ in PAGE_KEYS:
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(acts[keys])

    # The queue.

    def take_focus(self) -> None:
        """Put the focus where one begins."""
        (self.work.body if self._current else self.choose if not self._bench.items else self.add).setFocus()

    def ask_files(self) -> None:
        """Files that the person chooses."""
        kinds = " ".join(f"*{suffix}" for suffix in sorted(MEDIA_SUFFIXES | {CLIP_SUFFIX}))
        names, _ = QFileDialog.getOpenFileNames(self, tr("Add files"), "", f"{tr('Videos and pictures')} ({kinds})")
        self.add_files([Path(name) for name in names])

    def add_files(self, paths: Sequence[Path | None]) -> None:
        """Analyse these; what was analysed before is there at once."""
        try:
            options = self.how.options
        except ConfigError as exc:
            self.failed.emit(said(exc))
            return
        numbers = [self._bench.add(path, options) for path in paths]
        ready = [number for number in numbers if self._bench.items[number].state is State.DONE]
        if ready:
            self.look_at(ready[0])

    def look_at(self, number: int) -> None:
        """Show a file that is ready, with its review."""
        item = self._bench.items.get(number)
        if item is None or item.case is None:
            return
        self._current = number
        if number not in self._reviews:
            self._reviews[number] = Changes(Review(source_sha256=item.case.observed.sha256), self._now)
            self._take_up(item, item.case.observed.sha256)
        self.work.show_case(item.case, self._reviews[number])
        self.queue.show_current(number)
        self._refresh()
        self.work.body.setFocus()

    def _take_up(self, item: Item, sha256: str) -> None:
        """The review of an earlier run, if the file is still the same."""
        if item.review is None:
            return
        if item.review.source_sha256 not in ("", sha256):
            self.failed.emit(tr("{name} is another file than the one whose review came back.", name=name_of(item)))
            return
        self._reviews[item.number].make(tr("Review restored"), item.review)

    def show_note(self, text: str) -> None:
        """What came back after a crash, or what keeps something from being kept; empty for nothing."""
        self.note.say(text)

    def close_down(self) -> None:
        """End the threads of what is inside."""
        self.work.close_down()
        self._errands.close()

    def _done(self, number: int) -> None:
        if self._current in (0, number):
            self.look_at(number)

    def _refresh(self) -> None:
        bench = self._bench
        for gone in [number for number in self._reviews if number not in bench.items]:
            del self._reviews[gone]
        if self._current and self._current not in bench.items:
            self._current = 0
            self.work.show_case(None, Changes())
        self.how.setVisible(not self._current or self.show_how.isChecked())
        self.show_how.setVisible(bool(self._current))
        self._stack.setCurrentIndex(0 if not bench.items else 2 if self._current else 1)
        self.pause.setText(tr("Go on") if bench.paused else tr("Pause"))
        self.pause.setAccessibleName(tr("Go on with the queue") if bench.paused else tr("Pause the queue"))
        self.pause.setVisible(bool(bench.waiting) or bench.paused)
        parts = [tr("{count} in the queue", count=bench.waiting)] if bench.waiting else []
        if bench.waiting and bench.left_s == bench.left_s:
            parts.append(tr("{time} left", time=clock(bench.left_s + 0.5)))
        self.summary.setText(" · ".join(parts))
        for part in self._of_file:
            part.setVisible(bool(self._current))
        self._show_undo()

    def _show_undo(self) -> None:
        stack = self.work.changes.stack
        self.undo.setEnabled(stack.canUndo())
        self.redo.setEnabled(stack.canRedo())
        self.undo.setToolTip(f"{stack.undoText()} (Ctrl+Z)" if stack.canUndo() else tr("Nothing to undo"))
        self.redo.setToolTip(f"{stack.redoText()} (Ctrl+Shift+Z)" if stack.canRedo() else tr("Nothing to redo"))

    # What is saved.

    @property
    def _item(self) -> Item | None:
        return self._bench.items.get(self._current)

    def _base(self, item: Item) -> Path:
        folder = report_folder(self._settings().output.folder)
        return folder / (item.path.stem if item.path is not None else "demo")

    def ask_save(self) -> None:
        """Where the review goes."""
        item = self._item
        if item is None:
            return
        start = self._base(item).with_suffix(".review.json")
        name, _ = QFileDialog.getSaveFileName(self, tr("Save review"), str(start), tr("Reviews (*.json)"))
        if name:
            self.save_file(Path(name))

    def save_file(self, path: Path) -> None:
        """Whole or not at all; the dialog asked before about one that is there."""
        try:
            with whole_file(path, overwrite=True) as out:
                out.write(as_json(self.work.changes.review))
        except PostureError as exc:
            self.failed.emit(said(exc))
            return
        self.work.changes.stack.setClean()
        self.told.emit(tr("Review saved: {path}", path=path))

    def ask_load(self) -> None:
        """Which review."""
        if self._item is not None:
            name, _ = QFileDialog.getOpenFileName(self, tr("Load review"), "", tr("Reviews (*.json)"))
            if name:
                self.load_file(Path(name))

    def load_file(self, path: Path) -> None:
        """In place of the review that is there; that can be undone."""
        item = self._item
        if item is None or item.case is None:
            return
        try:
            review = load_review(path)
            if review.source_sha256 and review.source_sha256 != item.case.observed.sha256:
                raise ConfigError(tr("This review is about another recording."))
        except ConfigError as exc:
            self.failed.emit(said(exc))
            return
        self.work.changes.make(
            tr("Review loaded"), msgspec.structs.replace(review, source_sha256=item.case.observed.sha256)
        )
        self.work.changes.stack.setClean()

    def ask_export(self) -> None:
        """Which kind of report, and where it goes."""
        item = self._item
        if item is None:
            return
        kinds = {f"{name.upper()} (*.{form.suffix})": name for name, form in FORMATS.items()}
        start = self._base(item).with_suffix(".html")
        name, kind = QFileDialog.getSaveFileName(self, tr("Export report"), str(start), ";;".join(kinds))
        if name:
            self.export_file(Path(name), kinds.get(kind, "html"))

    def export_file(self, path: Path, form: str) -> None:
        """Write one report in the language of the window, in a thread."""
        item = self._item
        if item is None or item.case is None:
            return
        case, review = item.case, self.work.changes.review
        put = msgspec.structs.replace
        output = put(case.settings.output, formats=(form,), exports=(), language=self._language)
        analysis = Analysis(case.path, put(case.settings, output=output), case.part, Told(review=review), key=case.key)
        base = path.with_suffix("")

        def write() -> Path:
            written = analysis.report(case.observed, base, overwrite=True).outputs[form]
            self._exported(form, written)
            return written

        self.export.setEnabled(False)
        self._errands.run(write, self._written, self._not_written)

    def _written(self, path: Path) -> None:
        self.export.setEnabled(True)
        self.told.emit(tr("Report written: {path}", path=path))

    def _not_written(self, error: BaseException) -> None:
        self.export.setEnabled(True)
        self.failed.emit(said(error))


def _arrow(sign: str, name: str) -> QToolButton:
    made = QToolButton()
    made.setText(sign)
    theme.sized(made, 1.2)
    made.setAccessibleName(name)
    return made
