"""Linux: logind on the system bus, screen savers on the session bus.

Interfaces: org.freedesktop.login1(5) of systemd, which elogind has too; the Idle Inhibition Service Draft of
freedesktop.org for `ActiveChanged`, which GNOME, Cinnamon and MATE send under names of their own.
"""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from PyQt6.QtCore import QCoreApplication, QEvent, QObject, pyqtSlot
from PyQt6.QtDBus import QDBusConnection, QDBusMessage, QDBusServiceWatcher, QDBusUnixFileDescriptor

from posture.gui.system.bus import PROPERTIES, Remote
from posture.gui.system.session import Session
from posture.live.snapshot import Pause

LOGIN = "org.freedesktop.login1"
LOGIN_PATH = "/org/freedesktop/login1"
MANAGER, SESSION = f"{LOGIN}.Manager", f"{LOGIN}.Session"
SAVERS = (
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.freedesktop.ScreenSaver", "/ScreenSaver"),  # KDE before Plasma 6
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    ("org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
)
_ASKED = "asked to lock"
_TOUCHES = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin)


class LoginSession(Session):
    """Hears logind and the screen savers, and holds sleep up until the camera is off."""

    def __init__(
        self,
        camera_is_off: Callable[[], bool],
        parent: QObject | None = None,
        *,
        system: QDBusConnection | None = None,
        user: QDBusConnection | None = None,
        session_id: str | None = None,
    ) -> None:
        """`session_id` is that of logind; "auto" lets logind find the one of this process or this account."""
        super().__init__(camera_is_off, parent)
        self._system = system if system is not None else QDBusConnection.systemBus()
        self._inhibitor: int | None = None
        self._manager = Remote(self._system, LOGIN, LOGIN_PATH, self)
        self._manager.hear(MANAGER, "PrepareForSleep", self._prepare_for_sleep)
        self._inhibit()
        wanted = session_id or os.environ.get("XDG_SESSION_ID") or "auto"
        self._manager.call(MANAGER, "GetSession", wanted, then=lambda values: self._found(str(values[0])))
        savers = user if user is not None else QDBusConnection.sessionBus()
        self._hear_savers(savers)
        self.deaf = _deaf(login=self._system.isConnected(), savers=savers.isConnected())

    def close(self) -> None:
        """See Session."""
        self._release()
        self._no_more_touches()

    @property
    def holds_sleep_up(self) -> bool:
        """Whether logind waits for us before it sleeps."""
        return self._inhibitor is not None

    def _inhibit(self) -> None:
        words = ("sleep", "posture", "switches the camera off first", "delay")
        self._manager.call(MANAGER, "Inhibit", *words, then=self._keep)

    def _keep(self, values: list[Any]) -> None:
        given: QDBusUnixFileDescriptor = values[0]
        self._release()
        self._inhibitor = os.dup(given.fileDescriptor())

    def _release(self) -> None:
        if self._inhibitor is not None:
            os.close(self._inhibitor)
            self._inhibitor = None

    @pyqtSlot(QDBusMessage)
    def _prepare_for_sleep(self, message: QDBusMessage) -> None:
        falls_asleep = bool(message.arguments()[0])
        self.say(Pause.SLEEP, falls_asleep)
        if falls_asleep:
            self.when_off(self._release)
        else:
            self._inhibit()

    def _found(self, path: str) -> None:
        """The session of this program: hear it, and ask how it is now."""
        self._session = Remote(self._system, LOGIN, path, self)
        self._session.hear(SESSION, "Lock", self._lock)
        self._session.hear(SESSION, "Unlock", self._unlock)
        self._session.hear(PROPERTIES, "PropertiesChanged", self._properties)
        for name in ("LockedHint", "Active"):
            self._session.get(SESSION, name, partial(self._property, name))

    @pyqtSlot(QDBusMessage)
    def _properties(self, message: QDBusMessage) -> None:
        interface, values, _ = message.arguments()
        if interface == SESSION:
            for name, value in values.items():
                self._property(name, value)

    def _property(self, name: str, value: object) -> None:
        if name == "Active":
            self.say(Pause.SWITCHED, not value, "Active")
        elif name == "LockedHint":
            self._locked(bool(value), name)

    def _locked(self, on: bool, source: str) -> None:
        """A source that is kept up to date; where it says unlocked, so it is, whoever asked for the lock."""
        self.say(Pause.LOCKED, on, source)
        if not on:
            self._no_more_touches()

    @pyqtSlot(QDBusMessage)
    def _lock(self, _: QDBusMessage) -> None:
        """Somebody asks for the lock. Not every locker says when it is over: then a touch of a window says it."""
        self.say(Pause.LOCKED, True, _ASKED)
        application = QCoreApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    @pyqtSlot(QDBusMessage)
    def _unlock(self, _: QDBusMessage) -> None:
        self._no_more_touches()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Behind a locked screen no key and no click arrives here."""
        if event is not None and event.type() in _TOUCHES and event.spontaneous():
            self._no_more_touches()
        return super().eventFilter(watched, event)

    def _no_more_touches(self) -> None:
        application = QCoreApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        self.say(Pause.LOCKED, False, _ASKED)

    def _hear_savers(self, bus: QDBusConnection) -> None:
        self._savers = [_Saver(self._locked, bus, name, path, self) for name, path in SAVERS]


def _deaf(*, login: bool, savers: bool) -> str:
    """See Session.deaf; which bus is there."""
    missed = [] if login else ["sleep, lock and another account in front are not noticed (no D-Bus system bus)"]
    if not savers:
        missed.append(
            "a screen saver that locks is not noticed (no D-Bus session bus; DBUS_SESSION_BUS_ADDRESS names one)"
        )
    return f"{'; '.join(missed)}; monitoring goes on" if missed else ""


class _Saver(QObject):
    """One screen saver that may be there. One that goes away cannot say any more that it ended."""

    def __init__(
        self, tell: Callable[[bool, str], None], bus: QDBusConnection, name: str, path: str, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._tell, self._source = tell, name + path
        remote = Remote(bus, name, path, self)
        remote.hear(name, "ActiveChanged", self._active_changed)
        remote.call(name, "GetActive", then=lambda values: self._tell(True, self._source) if values[0] else None)
        watcher = QDBusServiceWatcher(name, bus, QDBusServiceWatcher.WatchModeFlag.WatchForUnregistration, self)
        watcher.serviceUnregistered.connect(lambda _: self._tell(False, self._source))

    @pyqtSlot(QDBusMessage)
    def _active_changed(self, message: QDBusMessage) -> None:
        self._tell(bool(message.arguments()[0]), self._source)
