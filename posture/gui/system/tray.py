"""The icon in the tray: the state as a shape, and what a person wants without opening the window."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from PyQt6.QtCore import QLocale, QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QSystemTrayIcon

from posture.gui.commands import SNOOZE_MINUTES, SNOOZE_WORDS, Commands
from posture.gui.condition import condition
from posture.gui.recording import in_short
from posture.gui.system.pausing import PAUSE_MINUTES, PAUSE_WORDS, Pausing
from posture.gui.system.state_sign import Sign, icon, sign_of
from posture.gui.words import tr
from posture.live.snapshot import Pause, Phase, Snapshot
from posture.sinks.recording import Recording

_LOOK_EVERY_MS, _LOOKS = 5000, 24
"""A tray may come up after the program, at login: asked for two minutes."""


class Tray(QObject):
    """Where the desktop has no tray, nothing shows, and the mini window (Ctrl+M) says the same."""

    opened = pyqtSignal()
    recalibrate = pyqtSignal()
    mini = pyqtSignal()
    setup = pyqtSignal()
    panicked = pyqtSignal()
    recording_stopped = pyqtSignal()
    quitted = pyqtSignal()

    def __init__(
        self,
        commands: Commands,
        pausing: Pausing,
        available: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._commands, self._pausing, self._available = commands, pausing, available
        self._sign, self._title, self._recording = Sign.STOPPED, "", Recording().phase
        self._looks = 0
        self.icon = QSystemTrayIcon(icon(self._sign), self)
        self.icon.activated.connect(self._activated)
        self.menu = QMenu()
        self._build()
        commands.muted.connect(self._mute.setChecked)
        commands.snoozed.connect(self._show_snoozed)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self.look()

    @property
    def is_there(self) -> bool:
        """Whether a person can see it."""
        return self.icon.isVisible()

    def look(self) -> None:
        """Show it if there is a tray by now."""
        self._looks += 1
        if self._available():
            self.icon.show()
        if self.is_there or self._looks >= _LOOKS:
            self._timer.stop()
        else:
            self._timer.start()

    def see(self, snapshot: Snapshot) -> None:
        """The newest moment."""
        sign, title = sign_of(snapshot), self._title_of(snapshot)
        if (sign, snapshot.recording.phase) != (self._sign, self._recording):
            self._sign, self._recording = sign, snapshot.recording.phase
            self.icon.setIcon(icon(sign, recording=snapshot.recording))
        self._stop_recording.setVisible(snapshot.recording.shows)
        if title != self._title:
            self._title = title
            self._state.setText(title)
            self.icon.setToolTip(f"posture: {title}")
        resting = snapshot.phase in (Phase.PAUSED, Phase.STOPPED, Phase.FAILED)
        self._resume.setVisible(resting)
        self._resume.setText(tr("Resume") if snapshot.phase is Phase.PAUSED else tr("Start"))
        self._pause_menu.menuAction().setVisible(not resting)  # type: ignore[union-attr]  # a menu has one
        self._recalibrate.setEnabled(snapshot.phase is Phase.RUNNING)

    def restyle(self) -> None:
        """Theme or language are others: texts and shapes are made anew."""
        self.menu.clear()
        self._build()
        self._title = ""
        self._recording = Recording().phase
        self.icon.setIcon(icon(self._sign))
        self.see(self._commands.monitor.newest)

    def _build(self) -> None:
        self._state = self._entry(self.menu, tr("Not started"), lambda: None)
        self._state.setEnabled(False)
        self._stop_recording = self._entry(self.menu, tr("Stop recording"), self.recording_stopped.emit)
        self._stop_recording.setVisible(False)
        self._entry(self.menu, tr("Open posture"), self.opened.emit)
        self._entry(self.menu, tr("Mini window"), self.mini.emit)
        self.menu.addSeparator()
        self._resume = self._entry(self.menu, tr("Start"), self._pausing.resume)
        self._pause_menu = self._submenu(tr("Pause"))
        for minutes in PAUSE_MINUTES:
            self._entry(self._pause_menu, tr(PAUSE_WORDS[minutes]), partial(self._pausing.pause, minutes))
        self._entry(self._pause_menu, tr("Until I resume"), self._pausing.pause)
        snooze = self._submenu(tr("Snooze"))
        for minutes in SNOOZE_MINUTES:
            self._entry(snooze, tr(SNOOZE_WORDS[minutes]), partial(self._commands.snooze, minutes))
        self._entry(snooze, tr("Until tomorrow"), self._commands.snooze_until_tomorrow)
        self._awake = self._entry(snooze, tr("Remind again now"), self._commands.unsnooze)
        self._mute = QAction(tr("Mute reminders"), self.menu)
        self._mute.setCheckable(True)
        self._mute.setChecked(self._commands.is_muted)
        self._mute.triggered.connect(self._commands.mute)
        self.menu.addAction(self._mute)
        self.menu.addSeparator()
        self._recalibrate = self._entry(self.menu, tr("Calibrate…"), self.recalibrate.emit)
        self._entry(self.menu, tr("Set up again…"), self.setup.emit)
        self.menu.addSeparator()
        self._entry(self.menu, tr("Camera off, recordings locked"), self.panicked.emit)
        self._entry(self.menu, tr("Quit"), self.quitted.emit)
        self._show_snoozed(self._commands.snoozed_until)
        self.icon.setContextMenu(self.menu)

    def _submenu(self, title: str) -> QMenu:
        made = QMenu(title, self.menu)
        self.menu.addMenu(made)
        return made

    def _entry(self, menu: QMenu, text: str, act: Callable[[], object]) -> QAction:
        action = QAction(text, menu)
        action.triggered.connect(lambda _=False: act())
        menu.addAction(action)
        return action

    def _show_snoozed(self, until: datetime | None) -> None:
        self._awake.setEnabled(until is not None)

    def _title_of(self, snapshot: Snapshot) -> str:
        recording = in_short(snapshot.recording)
        return f"● {recording} · {self._state_of(snapshot)}" if recording else self._state_of(snapshot)

    def _state_of(self, snapshot: Snapshot) -> str:
        until = self._pausing.until
        if until is None or Pause.PERSON not in snapshot.pauses:
            return condition(snapshot, time.monotonic()).title
        return tr("Paused until {time}", time=QLocale().toString(until.time(), QLocale.FormatType.ShortFormat))

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.opened.emit()
