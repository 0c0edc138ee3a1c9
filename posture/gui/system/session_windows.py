"""Windows: the messages about sessions and power that a window without a place on the screen gets.

Written after learn.microsoft.com: WTSRegisterSessionNotification, WM_WTSSESSION_CHANGE,
RegisterSuspendResumeNotification, WM_POWERBROADCAST; **not run on a Windows machine yet**.
"""

import ctypes
from collections.abc import Callable
from ctypes import wintypes
from typing import Any

from PyQt6.QtCore import QAbstractNativeEventFilter, QCoreApplication, QObject
from PyQt6.QtGui import QWindow

from posture.gui.system.session import Session
from posture.live.snapshot import Pause

SESSION_CHANGE, POWER_BROADCAST = 0x02B1, 0x0218  # winuser.h WM_WTSSESSION_CHANGE, WM_POWERBROADCAST
# winuser.h WTS_*: what a session change says.
_CONSOLE_CONNECT, _CONSOLE_DISCONNECT, _REMOTE_CONNECT, _REMOTE_DISCONNECT, _LOCK, _UNLOCK = 1, 2, 3, 4, 7, 8
_SUSPEND, _RESUMED_BY_PERSON, _RESUMED = 0x4, 0x7, 0x12  # winuser.h PBT_APMSUSPEND, PBT_APMRESUME*
_THIS_SESSION, _WINDOW_HANDLE = 0, 0  # wtsapi32.h NOTIFY_FOR_THIS_SESSION; winuser.h DEVICE_NOTIFY_WINDOW_HANDLE
_SUSPEND_WITHIN_S = 1.5  # a program has 2 s to answer PBT_APMSUSPEND

MEANINGS = {
    (SESSION_CHANGE, _LOCK): (Pause.LOCKED, True),
    (SESSION_CHANGE, _UNLOCK): (Pause.LOCKED, False),
    (SESSION_CHANGE, _CONSOLE_DISCONNECT): (Pause.SWITCHED, True),
    (SESSION_CHANGE, _REMOTE_DISCONNECT): (Pause.SWITCHED, True),
    (SESSION_CHANGE, _CONSOLE_CONNECT): (Pause.SWITCHED, False),
    (SESSION_CHANGE, _REMOTE_CONNECT): (Pause.SWITCHED, False),
    (POWER_BROADCAST, _SUSPEND): (Pause.SLEEP, True),
    (POWER_BROADCAST, _RESUMED): (Pause.SLEEP, False),
    (POWER_BROADCAST, _RESUMED_BY_PERSON): (Pause.SLEEP, False),
}
"""(message, wParam) to what it means."""


class WindowsSession(Session):
    """Hears the two kinds of messages."""

    def __init__(self, camera_is_off: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(camera_is_off, parent)
        self._window = QWindow()
        self._window.create()
        handle = wintypes.HWND(int(self._window.winId()))
        _library("wtsapi32").WTSRegisterSessionNotification(handle, _THIS_SESSION)
        _library("user32").RegisterSuspendResumeNotification(handle, _WINDOW_HANDLE)
        self._filter = _Filter(self.hear)
        application = QCoreApplication.instance()
        if application is not None:
            application.installNativeEventFilter(self._filter)

    def close(self) -> None:
        """See Session."""
        application = QCoreApplication.instance()
        if application is not None:
            application.removeNativeEventFilter(self._filter)
        _library("wtsapi32").WTSUnRegisterSessionNotification(wintypes.HWND(int(self._window.winId())))
        self._window.destroy()

    def hear(self, message: int, parameter: int) -> None:
        """One message to any window of the program."""
        meaning = MEANINGS.get((message, parameter))
        if meaning is None:
            return
        self.say(*meaning)
        if meaning == (Pause.SLEEP, True):
            self.hold_until_off(_SUSPEND_WITHIN_S)


def _library(name: str) -> ctypes.CDLL:
    found: ctypes.CDLL = ctypes.WinDLL(name)  # type: ignore[attr-defined,unused-ignore]
    return found


class _Filter(QAbstractNativeEventFilter):
    def __init__(self, hear: Callable[[int, int], None]) -> None:
        super().__init__()
        self._hear = hear

    def nativeEventFilter(self, eventType: Any, message: Any) -> Any:  # noqa: ANN401 - Qt's
        if message is not None and bytes(eventType) in (b"windows_generic_MSG", b"windows_dispatcher_MSG"):
            found = wintypes.MSG.from_address(int(message))
            self._hear(found.message, found.wParam)
        return False, 0
