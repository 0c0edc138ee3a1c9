"""macOS: the distributed notifications of the lock, the power port of IOKit, and who has the console.

Written after developer.apple.com: CFNotificationCenter, IORegisterForSystemPower (QA1340) and
CGSessionCopyCurrentDictionary; **not run on a Mac yet**. The names com.apple.screenIsLocked and screenIsUnlocked are
known and nowhere documented.
"""

import ctypes
from collections.abc import Callable
from ctypes import CFUNCTYPE, byref, c_uint32, c_void_p

from PyQt6.QtCore import QObject, QTimer

from posture.gui.system import apple
from posture.gui.system.session import Session
from posture.live.snapshot import Pause

LOCKED, UNLOCKED = "com.apple.screenIsLocked", "com.apple.screenIsUnlocked"
_AT_ONCE = 4  # CFNotificationCenter.h CFNotificationSuspensionBehaviorDeliverImmediately
# IOMessage.h kIOMessageCanSystemSleep, SystemWillSleep, SystemHasPoweredOn
_MAY_SLEEP, _WILL_SLEEP, _WOKE = 0xE0000270, 0xE0000280, 0xE0000300
_ON_CONSOLE = "kCGSSessionOnConsoleKey"  # CGSession.h kCGSessionOnConsoleKey
_CONSOLE_EVERY_MS = 5000

_Notified = CFUNCTYPE(None, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)
_Powered = CFUNCTYPE(None, c_void_p, c_uint32, c_uint32, c_void_p)


class MacSession(Session):
    """Hears lock and sleep on the main run loop, which is Qt's; asks every few seconds who has the console."""

    def __init__(self, camera_is_off: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(camera_is_off, parent)
        self._notified = _Notified(self._on_notification)  # C keeps their addresses: they live as long as this object
        self._powered = _Powered(self._on_power)
        self._hear_lock()
        self._hear_sleep()
        self._timer = QTimer(self)
        self._timer.setInterval(_CONSOLE_EVERY_MS)
        self._timer.timeout.connect(self._ask_console)
        self._timer.start()

    def close(self) -> None:
        """See Session."""
        self._timer.stop()
        foundation = apple.framework("CoreFoundation")
        foundation.CFNotificationCenterRemoveEveryObserver(self._center, self._observer)
        if self._root:
            foundation.CFRunLoopRemoveSource(foundation.CFRunLoopGetMain(), self._source, self._modes)
            apple.framework("IOKit").IODeregisterForSystemPower(byref(self._notifier))

    def _hear_lock(self) -> None:
        foundation = apple.framework("CoreFoundation")
        self._center = foundation.CFNotificationCenterGetDistributedCenter()
        self._observer = c_void_p(id(self))  # only told apart by it
        for name in (LOCKED, UNLOCKED):
            words = (self._center, self._observer, self._notified, apple.string(name), None, _AT_ONCE)
            foundation.CFNotificationCenterAddObserver(*words)

    def _hear_sleep(self) -> None:
        port, self._notifier = c_void_p(), c_uint32()
        kit, foundation = apple.framework("IOKit"), apple.framework("CoreFoundation")
        self._root = kit.IORegisterForSystemPower(None, byref(port), self._powered, byref(self._notifier))
        if self._root:
            self._source = kit.IONotificationPortGetRunLoopSource(port)
            self._modes = c_void_p.in_dll(foundation, "kCFRunLoopCommonModes")
            foundation.CFRunLoopAddSource(foundation.CFRunLoopGetMain(), self._source, self._modes)

    def _on_notification(self, _center: int, _observer: int, name: int, _thing: int, _info: int) -> None:
        self.say(Pause.LOCKED, apple.text(name) == LOCKED)

    def _on_power(self, _context: int, _service: int, message: int, argument: int | None) -> None:
        if message == _MAY_SLEEP:
            self._allow(argument)
        elif message == _WILL_SLEEP:
            self.say(Pause.SLEEP, True)
            self.when_off(lambda: self._allow(argument))
        elif message == _WOKE:
            self.say(Pause.SLEEP, False)

    def _allow(self, argument: int | None) -> None:
        apple.framework("IOKit").IOAllowPowerChange(self._root, ctypes.c_long(argument or 0))

    def _ask_console(self) -> None:
        flag = apple.session_flag(_ON_CONSOLE)
        if flag is not None:
            self.say(Pause.SWITCHED, not flag)
