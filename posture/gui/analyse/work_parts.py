"""The parts of the working area and where they stand."""

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from posture.gui import theme
from posture.gui.analyse.body_view import DRAWN, BodyView
from posture.gui.analyse.lanes import Lanes
from posture.gui.analyse.moments_tab import MomentsTab
from posture.gui.analyse.review_tab import ReviewTab
from posture.gui.analyse.scores_tab import ScoresTab
from posture.gui.analyse.span_bar import SpanBar, tool
from posture.gui.analyse.task_tab import TaskTab
from posture.gui.recordings.player import KEYS as PLAYER_KEYS
from posture.gui.recordings.player import Player
from posture.gui.twin import Twin
from posture.gui.words import mark, tr
from posture.reports.language import speaking
from posture.reports.review_page import JOINTS
from posture.skeleton import BLAZEPOSE_33

READ_AFTER_MS, SHOW_EVERY_MS = 150, 200


KEYS = (
    *PLAYER_KEYS,
    ("I", mark("In: from here")), ("O", mark("Out: up to here")),
    ("X", mark("Leave out from in to out")), ("T", mark("A part of the task from in to out")),
    ("[", mark("To the key moment before")), ("]", mark("To the next key moment")),
    ("N", mark("Take the next keypoint")), ("Shift+N", mark("Take the keypoint before")),
    ("Ctrl+Left", mark("Move the keypoint; so with all arrow keys, and further with Shift")),
    ("H", mark("The keypoint cannot be seen")), ("Del", mark("The keypoint as it was measured")),
)  # fmt: skip
"""What works while the picture has the focus."""


class WorkParts(QWidget):
    """Made and laid out; `Work` says what they do."""

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._language = language
        self.body = BodyView()
        self.body.setAccessibleName(tr("Picture with everybody as lines"))
        self.player = Player(picture=self.body)
        self.player.hint.setText("")
        self.lanes = Lanes()
        self.twin = Twin(tr("Over time"), self.lanes)
        self.twin.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # as high as the lanes
        self.scores, self.moments = ScoresTab(language), MomentsTab(language)
        self.task, self.review = TaskTab(language), ReviewTab(language)
        self._read_soon, self._show_soon = QTimer(self), QTimer(self)
        for timer, wait_ms in ((self._read_soon, READ_AFTER_MS), (self._show_soon, SHOW_EVERY_MS)):
            timer.setSingleShot(True)
            timer.setInterval(wait_ms)
        self._make_tools()
        self._lay_out()

    def _make_tools(self) -> None:
        self.person = QComboBox()
        self.person.setAccessibleName(tr("Person"))
        self.marks = SpanBar()
        self.joint = QComboBox()
        self.joint.setAccessibleName(tr("Keypoint"))
        with speaking(self._language):
            self.joint.addItem(tr("no keypoint"), None)
            for joint in DRAWN:
                self.joint.addItem(JOINTS[BLAZEPOSE_33.names[joint]], joint)
        self.unseen = tool(tr("Not visible"), tr("The keypoint cannot be seen (H)"))
        self.as_measured = tool(tr("As measured"), tr("Take the correction of the keypoint back (Del)"))

    def _lay_out(self) -> None:
        fix = QHBoxLayout()
        fix.setSpacing(6)
        for part in (self.person, self.joint, self.unseen, self.as_measured):
            fix.addWidget(part)
        fix.addStretch(1)
        below = QWidget()
        under = QVBoxLayout(below)
        under.setContentsMargins(0, 0, 0, 0)
        under.setSpacing(6)
        under.addWidget(self.marks)
        under.addWidget(self.twin)
        below.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(fix)
        column.addWidget(self.player, 1)
        column.addWidget(below)
        self.tabs = QTabWidget()
        bar = self.tabs.tabBar()
        for named in (self.tabs, *([bar] if bar is not None else [])):
            named.setAccessibleName(tr("Scores, moments, task and review"))
        for tab, title in (
            (self.scores, tr("Scores")), (self.moments, tr("Moments")), (self.task, tr("Task")),
            (self.review, tr("Review")),
        ):  # fmt: skip
            self.tabs.addTab(tab, title)
        self.split = QSplitter()
        self.split.setHandleWidth(theme.GAP_PX)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(left)
        self.split.addWidget(self.tabs)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.split)
