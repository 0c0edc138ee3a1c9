"""Everything about the one model that is chosen in the list, and what can be done with it."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontDatabase
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QProgressBar, QWidget

from posture.bench.model import ModelSpeed, OnProvider
from posture.gui.models.shelf import Model, State
from posture.gui.privacy.cards import Card
from posture.gui.recordings.clip_words import size
from posture.gui.recordings.parts import Caution, button, label
from posture.gui.shapes import Sign
from posture.gui.theme import Verdict
from posture.gui.words import mark, number, tr

STATES: dict[State, str] = {
    "verified": mark("verified"), "missing": mark("not there"), "unknown": mark("unknown signer"),
    "failed": mark("failed"),
}  # fmt: skip
VERDICTS: dict[State, Verdict] = {
    "verified": Verdict.GOOD, "missing": Verdict.NONE, "unknown": Verdict.FAIR, "failed": Verdict.POOR,
}  # fmt: skip
ROLES = {
    "pose": mark("pose"), "detector": mark("finds people"), "face": mark("finds faces"),
    "segmentation": mark("background"), "other": mark("not used"),
}  # fmt: skip
USES = {
    "finds people: one box and four alignment points per anchor": mark("Finds people for the pose models to look at."),
    "33 keypoints of one person in a square crop, in the picture and in metres; the default": mark(
        "33 points of one person, in the picture and in space. Used unless another one is chosen."
    ),
    "the same outputs as pose_landmark_full, about half the time, less accurate": mark(
        "The same points as “full” in about half the time, less accurate."
    ),
    "the same outputs as pose_landmark_full, about four times the time, most accurate": mark(
        "The same points as “full” in about four times the time, the most accurate. Built on demand."
    ),
    "17 keypoints of one person in a square crop, in the picture alone; confirms whom a thorough search finds": mark(
        "17 points of one person without depth, for hard scenes; confirms a thorough search."
    ),
    "finds people, also small, distant or many ones; the second detector of a thorough search": mark(
        "Finds people, also small, distant or many ones; takes part in a thorough search."
    ),
    "separates people near the camera from the background, square": mark(
        "Separates people near the camera from the background."
    ),
    "separates people near the camera from the background, 16:9, half the time": mark(
        "Separates people near the camera from the background, for wide pictures."
    ),
    "finds faces within about 2 m of the camera, for redaction": mark("Finds faces within about 2 m, to cover them."),
    "finds faces within about 5 m of the camera, for redaction": mark("Finds faces within about 5 m, to cover them."),
}
"""Purposes of the catalogue, as a person says it."""
FOR_GRAPHICS = "; for graphics processors"
_SHORT = 16
"""Digits of a hash that are shown first."""
_SIGN_PX = 18


class ModelCard(Card):
    """Shows one model."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("–", parent)
        self._model: Model | None = None
        self._whole_hash = False
        self.sign, self.state = Sign(_SIGN_PX), QLabel()
        self.top.addWidget(self.sign)
        self.top.addWidget(self.state)
        self.use = self.words(soft=False)
        self.problem = Caution()
        self.column.addWidget(self.problem)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(20)
        self.grid.setVerticalSpacing(6)
        self.grid.setColumnStretch(1, 1)
        self.column.addLayout(self.grid)
        names = (tr("Licence"), tr("Source"), tr("Input"), tr("Size"), tr("SHA-256"), tr("Signed by"), tr("Speed here"))
        self.values = {name: self._row(place, name) for place, name in enumerate(names)}
        self._hash, self._speed, self._signer = (self.values[names[place]] for place in (4, 6, 5))
        self._hash.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.whole, self.copy = button(tr("Show in full")), button(tr("Copy"))
        self.copy.setAccessibleName(tr("Copy the SHA-256"))
        self.whole.clicked.connect(lambda _=False: self._toggle())
        self._below(4, self.whole, self.copy)
        self.measure, self.remove = button(tr("Measure")), button(tr("Remove…"))
        self.working = QProgressBar()
        self.working.setRange(0, 0)
        self.working.setTextVisible(False)
        self.working.setFixedWidth(140)
        self.working.setAccessibleName(tr("is being measured …"))
        self._below(6, self.measure, self.working)
        self.column.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addStretch(1)

    def _row(self, place: int, name: str) -> QLabel:
        title, value = QLabel(name), label("", soft=False)
        title.setObjectName("soft")
        value.setAccessibleName(name)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.grid.addWidget(title, 2 * place, 0, Qt.AlignmentFlag.AlignTop)
        self.grid.addWidget(value, 2 * place, 1)
        return value

    def _below(self, place: int, *parts: QWidget) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.setContentsMargins(0, 0, 0, 6)
        for part in parts:
            row.addWidget(part)
        row.addStretch(1)
        self.grid.addLayout(row, 2 * place + 1, 1)

    @property
    def model(self) -> Model | None:
        """The one that shows."""
        return self._model

    def show_model(self, model: Model, speed: ModelSpeed | None, measuring: str) -> None:
        """Show another one; `measuring`: name of the one that is measured now."""
        if self._model is None or self._model.name != model.name:
            self._whole_hash = False
        self._model = model
        self.title.setText(model.title)
        self.setAccessibleName(model.title)
        self.sign.show_verdict(VERDICTS[model.state])
        self.state.setText(tr(STATES[model.state]))
        self.use.setText(use_of(model))
        self.problem.say("" if model.state == "missing" else model.message)
        texts = (model.licence, model.source, model.input, size(model.bytes) if model.bytes else "", "", model.signer)
        for value, text in zip(self.values.values(), texts, strict=False):
            value.setText(text or "–")
        self._signer.setText(tr("this version of the program") if model.own else model.signer or "–")
        self._show_hash()
        self._show_speed(speed, measuring)
        for name, value in self.values.items():
            value.setAccessibleName(f"{name}: {model.sha256 if value is self._hash else value.text()}")
        self.remove.setVisible(not model.own)

    def _show_hash(self) -> None:
        assert self._model is not None
        digest = self._model.sha256
        parts = [digest[start : start + _SHORT] for start in range(0, len(digest), _SHORT)]
        whole = "\n".join(" ".join(parts[start : start + 2]) for start in range(0, len(parts), 2))
        self._hash.setText((whole if self._whole_hash else f"{parts[0]}…") if digest else "–")
        self.whole.setText(tr("Shorten") if self._whole_hash else tr("Show in full"))
        self.whole.setAccessibleName(self.whole.text())
        for part in (self.whole, self.copy):
            part.setEnabled(bool(digest))

    def _toggle(self) -> None:
        self._whole_hash = not self._whole_hash
        self._show_hash()

    def _show_speed(self, speed: ModelSpeed | None, measuring: str) -> None:
        assert self._model is not None
        mine = measuring == self._model.name
        self.measure.setText(tr("Stop") if mine else tr("Measure"))
        self.measure.setAccessibleName(self.measure.text())
        self.measure.setEnabled(mine or (not measuring and self._model.state == "verified"))
        self.working.setVisible(mine)
        if mine:
            self._speed.setText(tr("is being measured …"))
        elif speed is None:
            self._speed.setText(tr("not measured yet"))
        else:
            self._speed.setText("\n".join((*map(provider_said, speed.providers), memory_said(speed))))


def use_of(model: Model) -> str:
    """How it is used."""
    graphics = model.use.endswith(FOR_GRAPHICS)
    known = USES.get(model.use.removesuffix(FOR_GRAPHICS))
    words = [tr(known) if known else model.use]
    if graphics:
        words.append(tr("This copy is for graphics processors."))
    if model.state == "unknown":
        words = [tr("Nobody who is trusted on this computer signed it, so nothing runs it.")]
    elif not model.own and model.role == "other":
        words.append(tr("Without an entry that says how it is used nothing runs it."))
    if model.chosen:
        words.append(tr("● In use now."))
    return " ".join(filter(None, words))


def provider_said(one: OnProvider) -> str:
    """What was found on one provider, in a line."""
    if one.why:
        return tr("{provider}: does not run here: {why}", provider=one.provider, why=one.why)
    line = tr(
        "{provider}: {ms} ms a run (a tenth is slower than {slow} ms; the first took {first} ms)",
        provider=one.provider, ms=number(one.run_ms, 1), slow=number(one.run_ms_p90, 1), first=number(one.first_ms, 0),
    )  # fmt: skip
    if one.difference:
        line += tr("; differs from cpu by {share} %", share=number(100 * one.difference, 3))
    return line


def memory_said(speed: ModelSpeed) -> str:
    """The last line."""
    return tr("Peak memory of the process: {mib} MiB", mib=number(speed.peak_memory_mib))
