"""The panels of the Privacy page, one a subject. Each shows what an `Overview` says of it."""

import sys
from collections.abc import Sequence
from datetime import datetime

from PyQt6.QtCore import QDateTime, QLocale
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from posture.audit.sentences import sentence
from posture.gui import theme
from posture.gui.privacy.chart import Chart
from posture.gui.privacy.sheet import Sheet
from posture.gui.recordings.parts import button, label
from posture.gui.status_bar import LAYER_NAMES
from posture.gui.words import duration, mark, number, tr
from posture.overview import CameraTime, Entry, Overview
from posture.privacy.flow_words import Language, filled, now, word
from posture.privacy.guard import Layer
from posture.touchpoint import Stage

_LAST = 8
"""Entries of the log that are shown."""
DECODING = mark("Decoding process")
RULES = {
    "recordings": mark("Recordings"), "history": mark("History"), "audit": mark("Audit log"),
    "consents": mark("Consents and notices"),
}  # fmt: skip
WITHOUT_SYSTEM = {
    "linux": mark("The kernel refuses the filter here: to be sure, start the program with “unshare -rn posture”."),
    "win32": mark("Windows offers no such block to a program; “posture privacy status” prints a firewall rule."),
    "darwin": mark("The sandbox is not there: only the program's own layers hold."),
}


class Card(QFrame):
    """A heading, and what stands below it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName(title)
        self.title = QLabel(title)
        theme.sized(self.title, 1.2, bold=True)
        self.top = QHBoxLayout()
        self.top.addWidget(self.title, 1)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(18, 14, 18, 16)
        self.column.setSpacing(10)
        self.column.addLayout(self.top)

    def words(self, text: str = "", *, soft: bool = True) -> QLabel:
        """A line below what is there already."""
        made = label(text, soft=soft)
        self.column.addWidget(made)
        return made


class NetworkCard(Card):
    """Each layer, as it was tried."""

    def __init__(self) -> None:
        super().__init__(tr("Network"))
        self.verdict = self.words(tr("Each layer is being tried …"), soft=False)
        self.sheet = Sheet(tr("Network layers"), {tr("Layer"): 2, tr("State"): 1, tr("What was tried just now"): 6})
        self.column.addWidget(self.sheet)
        self.variables = self.words()
        text = tr(
            "Not covered: other programs of this account that are reached over local sockets (display, session bus), "
            "and folders that another program copies."
        )
        self.words(text)

    def show_overview(self, found: Overview, decoding: tuple[bool, str] | None) -> None:
        """What the layers said."""
        refused = tr("● Nothing leaves: the operating system refuses this program every network connection.")
        open_ = tr("▲ The operating system does not refuse the network.")
        advice = tr(WITHOUT_SYSTEM[sys.platform]) if sys.platform in WITHOUT_SYSTEM else ""
        self.verdict.setText(refused if found.blocked else f"{open_} {advice}")
        rows = [(tr(LAYER_NAMES[one.name]), _state(one.active), _how(one)) for one in found.layers]
        tried = (tr(DECODING), tr("…"), tr("is being tried")) if decoding is None else (
            tr(DECODING), _state(decoding[0]), decoding[1]
        )  # fmt: skip
        self.sheet.show_rows([*rows, tried])
        there = ", ".join(f"{name}={value}" for name, value in found.variables.items() if value is not None)
        self.variables.setText(tr("Variables of telemetry and proxies that are set: {names}", names=there or "–"))


class CameraCard(Card):
    """How long it was on today."""

    def __init__(self) -> None:
        super().__init__(tr("Camera today"))
        self.time = self.words("–", soft=False)
        theme.sized(self.time, 1.4, bold=True)
        self.detail = self.words()
        self.column.addStretch(1)

    def show_overview(self, found: Overview) -> None:
        """After the audit log."""
        camera = found.camera
        self.time.setText("–" if camera is None else duration(camera.seconds))
        if camera is None:
            self.detail.setText(tr("Not known: there is no audit log that can be read."))
        else:
            self.detail.setText(_camera(camera))


class KeptCard(Card):
    """What lies there, under which key and until when."""

    def __init__(self, language: Language) -> None:
        super().__init__(tr("What is kept"))
        self._language = language
        columns = {tr("What"): 4, tr("Now"): 3, tr("Key"): 3, tr("Until when"): 3, tr("Who can read it"): 3}
        self.sheet = Sheet(tr("What is kept"), columns)
        self.column.addWidget(self.sheet)
        self.strays = self.words(soft=False)
        self.rules = self.words()

    def show_overview(self, found: Overview) -> None:
        """The stores of the map, and the rules of retention."""
        said = self._language
        rows = []
        for one in found.flow.found:
            point = one.touchpoint
            if point.stage is Stage.STORE and (one.exists or point.personal):
                texts = (filled(text, said, found.flow.settings) for text in (point.key, point.kept, point.readers))
                rows.append((word(point.title, said), now(one, said), *texts))
        self.sheet.show_rows(rows)
        strays = ", ".join(map(str, found.flow.undeclared))
        self.strays.setText(tr("▲ Files that nobody declares: {paths}", paths=strays) if strays else "")
        self.strays.setVisible(bool(strays))
        rules = [f"{tr(RULES[one.what])}: {_long(one.days, one.months)}" for one in found.retention]
        ran = moment(found.retained) if found.retained is not None else tr("not yet")
        self.rules.setText(f"{' · '.join(rules)}\n{tr('Retention ran last: {when}', when=ran)}")


class FlowCard(Card):
    """The diagram."""

    def __init__(self, language: Language) -> None:
        super().__init__(tr("Data flows"))
        self._language = language
        self.large, self.save = button(tr("Large…")), button(tr("Save…"))
        self.top.addWidget(self.large)
        self.top.addWidget(self.save)
        self.chart = Chart()
        self.column.addWidget(self.chart)
        self.set_ready(False)

    def set_ready(self, ready: bool) -> None:
        """Whether there is something to show and save."""
        self.large.setEnabled(ready)
        self.save.setEnabled(ready)

    def show_overview(self, found: Overview) -> None:
        """Draw it."""
        self.chart.show_map(found, self._language)
        self.set_ready(True)


class LogCard(Card):
    """The last entries of the audit log, and a button that checks all of them."""

    def __init__(self) -> None:
        super().__init__(tr("Audit log"))
        self.verify = button(tr("Verify"))
        self.verify.setAccessibleDescription(tr("Check every entry, every signature and the order of all"))
        self.top.addWidget(self.verify)
        self.state = self.words(soft=False)
        self.result = self.words(soft=False)
        self.result.hide()
        self.sheet = Sheet(tr("Last entries of the audit log"), {tr("When"): 2, tr("What happened"): 7})
        self.column.addWidget(self.sheet)

    def show_overview(self, found: Overview) -> None:
        """The newest entry first."""
        count = tr("{count} entries, in {folder}", count=number(len(found.entries)), folder=found.log)
        if found.log_problem:
            count = f"▲ {found.log_problem}"
        elif not found.log_enabled:
            count = f"▲ {tr('The audit log is switched off.')} {count}"
        self.state.setText(count)
        self.sheet.show_rows(entries(found.entries[-_LAST:]))

    def show_verified(self, count: int, problem: str) -> None:
        """What the check found."""
        holds = tr("● It holds: {count} entries, all signatures and their order are as they should be.", count=count)
        self.result.setText(f"■ {tr('It does not hold:')} {problem}" if problem else holds)
        self.result.show()


class ExportsCard(Card):
    """What left because somebody asked for it."""

    def __init__(self) -> None:
        super().__init__(tr("Exports"))
        self.state = self.words()
        self.sheet = Sheet(tr("Exports"), {tr("When"): 2, tr("What left"): 7})
        self.column.addWidget(self.sheet)

    def show_overview(self, found: Overview) -> None:
        """The newest first."""
        text = tr("{count} exports stand in the audit log.", count=number(len(found.exports)))
        self.state.setText(text if found.exports else tr("Nothing was exported, as far as the audit log goes back."))
        self.sheet.setVisible(bool(found.exports))
        self.sheet.show_rows(entries(found.exports[-_LAST:]))


class ConsentsCard(Card):
    """Who was told or agreed."""

    def __init__(self) -> None:
        super().__init__(tr("Consents and notices"))
        self.state = self.words()
        columns = {tr("Who, under an alias"): 3, tr("Kind"): 2, tr("When"): 2, tr("Withdrawn"): 2}
        self.sheet = Sheet(tr("Consents and notices"), columns)
        self.column.addWidget(self.sheet)

    def show_overview(self, found: Overview) -> None:
        """Locked notes show their numbers."""
        none = tr("Nobody is noted. “posture privacy consent add” notes who agreed or was told.")
        locked = sum(note.known is None for note in found.consents)
        some = tr("{count} are locked: unlock the recordings to read them.", count=number(locked))
        self.state.setText(found.consents_problem or (none if not found.consents else some if locked else ""))
        self.state.setVisible(bool(self.state.text()))
        kinds = {"consent": tr("agreed"), "notice": tr("was told")}
        rows = []
        for note in found.consents:
            known = note.known
            rows.append((note.note, tr("locked"), "", "") if known is None else (
                known.alias, kinds[known.kind], moment(known.given), moment(known.withdrawn) if known.withdrawn else ""
            ))  # fmt: skip
        self.sheet.setVisible(bool(rows))
        self.sheet.show_rows(rows)


def entries(found: Sequence[Entry]) -> list[tuple[str, str]]:
    """When and what, the newest first."""
    return [(moment(datetime.fromtimestamp(one["wall"])), sentence(one, tr)) for one in reversed(found)]


def moment(when: datetime) -> str:
    """Day and time as the language writes them."""
    local = QDateTime.fromSecsSinceEpoch(round(when.timestamp()))
    return QLocale().toString(local, QLocale.FormatType.ShortFormat)


def _state(active: bool) -> str:
    return f"● {tr('active')}" if active else f"▲ {tr('missing')}"


def _how(layer: Layer) -> str:
    values = {name: tr(value) for name, value in layer.values}
    return tr(layer.words).format(**values)


def _camera(camera: CameraTime) -> str:
    parts = [tr("switched on once") if camera.times == 1 else tr("switched on {count} times", count=camera.times)]
    if camera.on:
        parts.append(tr("on now"))
    if not camera.certain:
        parts.append(tr("at least: the program was ended while it was on"))
    return " · ".join(parts)


def _long(days: int | None, months: int | None) -> str:
    return tr("{count} days", count=days) if days is not None else tr("{count} months", count=months)
