"""One object on D-Bus. Nothing here waits for an answer: a bus that hangs must not hold the window up."""

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, pyqtBoundSignal, pyqtSlot
from PyQt6.QtDBus import (
    QDBusConnection,
    QDBusMessage,
    QDBusPendingCall,
    QDBusPendingCallWatcher,
    QDBusPendingReply,
)

PROPERTIES = "org.freedesktop.DBus.Properties"
"""dbus.freedesktop.org/doc/dbus-specification.html, Standard Interfaces."""

Slot = Callable[..., None] | pyqtBoundSignal


class _Question(QObject):
    """A call that waits for its answer. A slot that is declared, of an object of its own: a closure at this signal made
    Qt crash now and then.
    """

    def __init__(self, call: QDBusPendingCall, then: Callable[[list[Any]], None] | None, parent: QObject) -> None:
        super().__init__(parent)
        self._then = then
        self._watcher = QDBusPendingCallWatcher(call, self)
        self._watcher.finished.connect(self._answered)

    @pyqtSlot(QDBusPendingCallWatcher)
    def _answered(self, watcher: QDBusPendingCallWatcher) -> None:
        reply = QDBusPendingReply(watcher)
        self.deleteLater()
        if self._then is not None and not reply.isError():
            self._then(reply.reply().arguments())


class Remote(QObject):
    """The object `path` of the service `name`. A service that does not run is never started for a question."""

    def __init__(self, bus: QDBusConnection, name: str, path: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus, self._name, self._path = bus, name, path

    def call(
        self, interface: str, method: str, *arguments: object, then: Callable[[list[Any]], None] | None = None
    ) -> None:
        """Ask; `then` gets the answer once it is there, and nothing where an error is the answer."""
        message = QDBusMessage.createMethodCall(self._name, self._path, interface, method)
        message.setArguments(list(arguments))
        message.setAutoStartService(False)
        _Question(self._bus.asyncCall(message), then, self)

    def get(self, interface: str, name: str, then: Callable[[Any], None]) -> None:
        """Ask for a property."""
        self.call(PROPERTIES, "Get", interface, name, then=lambda values: then(values[0]))

    def hear(self, interface: str, signal: str, slot: Slot) -> bool:
        """Call `slot`, a `pyqtSlot(QDBusMessage)`, whenever the object sends `signal`; whether the bus agreed."""
        return bool(self._bus.connect(self._name, self._path, interface, signal, slot))
