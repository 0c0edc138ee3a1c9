"""The Settings page over the settings file: generated, searchable, in force at once, and every change can be undone."""

from typing import NamedTuple

import msgspec
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from posture import config
from posture.config import Settings
from posture.errors import PostureError
from posture.gui import policy_words, setting_words, theme
from posture.gui.editors import Editor, editor
from posture.gui.page_parts import ground, heading, scrolling
from posture.gui.settings_file import SettingsFile
from posture.gui.words import mark, tr
from posture.live.clerk import said

PAGES = {
    mark("Appearance"): ("window",),
    mark("Camera"): ("camera", "live"),
    mark("Reminders"): ("reminders", "shell"),
    mark("Posture rules"): ("desk", "measure"),
    mark("Recordings"): ("recorder", "vault"),
    mark("Reports and files"): ("output", "scores", "redact", "audit", "flow"),
    mark("Paperwork"): ("privacy",),
    mark("Advanced"): ("pose", "analysis", "job"),
}
"""Title to the sections on that page; a section that is named nowhere stands under the last one."""


class SettingsPage(QWidget):
    """Rows by page; a search box shows rows of all pages."""

    changed = pyqtSignal(str, object)
    """What was changed, in words, and the settings before: for the undo bar."""

    def __init__(self, file: SettingsFile, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file, self._language = file, language
        self._policy, self._limits = config.limits()
        self._paths = {tr(title): paths for title, paths in _grouped().items()}
        self._words = {path: setting_words.words(path, language) for path in config.key_paths()}
        self._rows: dict[str, Row] = {}
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search settings"))
        self.search.setAccessibleName(tr("Search settings"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumHeight(theme.TARGET_PX)
        self.search.textChanged.connect(self._find)
        self.titles = QListWidget()
        self.titles.setAccessibleName(tr("Groups of settings"))
        self.pages = QStackedWidget()
        for title in self._paths:
            self.titles.addItem(title)
            self.pages.addWidget(scrolling(title))
        self.titles.currentRowChanged.connect(self._turn_to)
        self.titles.setCurrentRow(0)
        self.titles.setFixedWidth(self.titles.sizeHintForColumn(0) + 48)
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(heading(tr("Settings")))
        top.addStretch(1)
        top.addWidget(self.search, 1)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addWidget(self.titles)
        columns.addWidget(self.pages, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 16, 20, 16)
        whole.setSpacing(theme.GAP_PX)
        whole.addLayout(top)
        whole.addLayout(columns, 1)
        where = QLabel(tr("Kept in {path}", path=self._file.path))
        where.setObjectName("soft")
        where.setAccessibleName(where.text())
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        whole.addWidget(where)

    def take_focus(self) -> None:
        """Where one begins."""
        self.search.setFocus()

    def show_settings(self) -> None:
        """Every editor shows what the file says."""
        for path in self._rows:
            self._show(path)

    def _show(self, path: str) -> None:
        section, _, name = path.partition(".")
        self._rows[path].editor.show_value(getattr(getattr(self._file.settings, section), name))
        self._rows[path].problem.hide()

    def row(self, path: str) -> "Row":
        """What that setting shows; its page is made if nobody has seen it yet."""
        if path not in self._rows:
            self._fill(next(place for place, paths in enumerate(self._paths.values()) if path in paths))
        return self._rows[path]

    def undo(self, before: Settings) -> None:
        """Go back to `before`."""
        self._file.put(before)
        self.show_settings()

    def refused(self, paths: list[str], error: BaseException) -> None:
        """These are again what they were, because of `error`: said in their rows."""
        self.show_settings()
        for path in paths:
            self._say_problem(self.row(path), error)

    def _turn_to(self, place: int) -> None:
        self._fill(place)
        self.pages.setCurrentIndex(place)

    def _fill(self, place: int) -> None:
        """Make the rows of a page; most are never looked at."""
        area, (title, paths) = self.pages.widget(place), list(self._paths.items())[place]
        if not isinstance(area, QScrollArea) or area.widget() is not None:
            return
        below, column = ground(10)
        for path in paths:
            row = self._rows[path] = self._row(path)
            self._show(path)
            column.addWidget(row.frame)
            row.frame.setVisible(self._is_found(path))  # not before it has its place: it would be a window
        restore = QPushButton(tr("Restore the defaults of “{page}”", page=title))
        restore.setAccessibleName(restore.text())
        restore.clicked.connect(lambda _=False: self._restore(title, paths))
        column.addWidget(restore, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        area.setWidget(below)

    def _row(self, path: str) -> "Row":
        section, _, name = path.partition(".")
        said = self._words[path]
        control = editor(setting_words.hints(section)[name], said.unit)
        control.name(said.label, said.help)
        control.changed.connect(lambda value: self._change(path, said.label, value))
        frame = QFrame()
        frame.setObjectName("panel")
        label, help_text, problem = QLabel(said.label), QLabel(said.help), QLabel()
        theme.sized(label, 1.0, bold=True)
        help_text.setObjectName("soft")
        for text in (help_text, problem):
            text.setWordWrap(True)
            text.setTextFormat(Qt.TextFormat.PlainText)
        problem.hide()
        grid = QGridLayout(frame)
        grid.setContentsMargins(14, 10, 14, 10)
        grid.addWidget(label, 0, 0)
        grid.addWidget(control, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        grid.addWidget(help_text, 1, 0)
        grid.addWidget(problem, 2, 0, 1, 2)
        self._hold(path, control, grid)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        return Row(frame, control, problem)

    def _hold(self, path: str, control: Editor, grid: QGridLayout) -> None:
        """Say what the policy of this computer allows; what it locks cannot be changed here."""
        limit = self._limits.get(path)
        if limit is None or self._policy is None:
            return
        reason = QLabel(policy_words.sentence(self._policy, limit))
        reason.setWordWrap(True)
        reason.setTextFormat(Qt.TextFormat.PlainText)
        grid.addWidget(reason, 3, 0, 1, 2)
        for part in control.controls():
            part.setAccessibleDescription(f"{part.accessibleDescription()} {reason.text()}")
        control.setEnabled(not limit.locked)

    def _change(self, path: str, label: str, value: object) -> None:
        before = self._file.settings
        row = self._rows[path]
        try:
            changed = self._file.change({path: value})
        except PostureError as error:
            self._say_problem(row, error)
            return
        if changed and before != self._file.settings:
            row.problem.hide()
            self.changed.emit(tr("Changed: {setting}", setting=label), before)

    @staticmethod
    def _say_problem(row: "Row", error: BaseException) -> None:
        row.problem.setText(f"▲  {said(error)}")
        row.problem.show()

    def _restore(self, title: str, paths: list[str]) -> None:
        before = self._file.settings
        defaults = msgspec.to_builtins(Settings())
        values = {path: self._allowed(path, defaults[path.partition(".")[0]][path.partition(".")[2]]) for path in paths}
        try:
            changed = self._file.change(values)
        except PostureError as error:
            self.changed.emit(str(error), None)
            return
        self.show_settings()
        if changed:
            self.changed.emit(tr("Defaults restored: {page}", page=title), before)

    def _allowed(self, path: str, default: object) -> object:
        """A default, or what the policy of this computer puts in its place."""
        limit = self._limits.get(path)
        return default if limit is None or limit.allows(default) else limit.instead

    def _find(self, text: str) -> None:
        """Show what holds the words; pages without a hit are greyed out, and the first one with a hit comes up."""
        for path, row in self._rows.items():
            row.frame.setVisible(self._is_found(path))
        hits = [any(map(self._is_found, paths)) for paths in self._paths.values()]
        for place, hit in enumerate(hits):
            self._grey(place, not hit)
        if text.strip() and True in hits and self._is_grey(self.titles.currentRow()):
            self.titles.setCurrentRow(hits.index(True))

    def _is_found(self, path: str) -> bool:
        """Whether the words of the search are in what is said of a setting."""
        said = self._words[path]
        text = f"{said.label} {said.help} {path}".casefold()
        return all(word in text for word in self.search.text().casefold().split())

    def _grey(self, place: int, grey: bool) -> None:
        if (item := self.titles.item(place)) is not None:
            enabled = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            item.setFlags(Qt.ItemFlag.NoItemFlags if grey else enabled)

    def _is_grey(self, place: int) -> bool:
        item = self.titles.item(place)
        return item is None or not item.flags() & Qt.ItemFlag.ItemIsEnabled


class Row(NamedTuple):
    """What one setting shows."""

    frame: QFrame
    editor: Editor
    problem: QLabel


def _grouped() -> dict[str, list[str]]:
    """Title to the key paths on that page, those that `PAGES` does not name under the last one."""
    titles, last = {section: title for title, sections in PAGES.items() for section in sections}, list(PAGES)[-1]
    found: dict[str, list[str]] = {title: [] for title in PAGES}
    for path in config.key_paths():
        found[titles.get(path.partition(".")[0], last)].append(path)
    return {title: paths for title, paths in found.items() if paths}
