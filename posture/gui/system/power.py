"""Whether the computer runs on its battery: None where nobody can say."""

import ctypes
import sys
from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtDBus import QDBusConnection, QDBusMessage

from posture.gui.system import apple
from posture.gui.system.bus import PROPERTIES, Remote

UPOWER, UPOWER_PATH = "org.freedesktop.UPower", "/org/freedesktop/UPower"
"""upower.freedesktop.org/docs/UPower.html: the property OnBattery."""
_ASK_EVERY_MS = 10_000
_UNKNOWN = 255  # winbase.h SYSTEM_POWER_STATUS.ACLineStatus: neither 0 (battery) nor 1 (mains)


class Power(QObject):
    """What is known, and a signal for every change. Tests say it themselves."""

    changed = pyqtSignal(object)
    """True on battery, False on mains, None unknown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.on_battery: bool | None = None

    def say(self, on_battery: bool | None) -> None:
        """From now on it is so."""
        if on_battery is not self.on_battery:
            self.on_battery = on_battery
            self.changed.emit(on_battery)


class UPower(Power):
    """Linux: the service UPower on the system bus."""

    def __init__(self, parent: QObject | None = None, *, system: QDBusConnection | None = None) -> None:
        super().__init__(parent)
        self._remote = Remote(system if system is not None else QDBusConnection.systemBus(), UPOWER, UPOWER_PATH, self)
        self._remote.hear(PROPERTIES, "PropertiesChanged", self._properties)
        self._remote.get(UPOWER, "OnBattery", lambda value: self.say(bool(value)))

    @pyqtSlot(QDBusMessage)
    def _properties(self, message: QDBusMessage) -> None:
        interface, values, _ = message.arguments()
        if interface == UPOWER and "OnBattery" in values:
            self.say(bool(values["OnBattery"]))


class AskedPower(Power):
    """A system that is asked now and then."""

    def __init__(self, ask: Callable[[], bool | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        timer = QTimer(self)
        timer.setInterval(_ASK_EVERY_MS)
        timer.timeout.connect(lambda: self.say(ask()))
        timer.start()
        self.say(ask())


class _Status(ctypes.Structure):
    """SYSTEM_POWER_STATUS."""

    _fields_ = (
        ("line", ctypes.c_ubyte),
        ("battery", ctypes.c_ubyte),
        ("percent", ctypes.c_ubyte),
        ("saver", ctypes.c_ubyte),
        ("seconds", ctypes.c_uint32),
        ("full_seconds", ctypes.c_uint32),
    )


def ask_windows() -> bool | None:
    """GetSystemPowerStatus (learn.microsoft.com); not run on a Windows machine yet."""
    status = _Status(line=_UNKNOWN)
    library = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    if not library.GetSystemPowerStatus(ctypes.byref(status)):
        return None
    return of_line(status.line)


def of_line(line: int) -> bool | None:
    """What SYSTEM_POWER_STATUS.ACLineStatus means."""
    return {0: True, 1: False}.get(line)


def ask_macos() -> bool | None:
    """IOPSGetProvidingPowerSourceType (IOPowerSources.h); not run on a Mac yet."""
    kit = apple.framework("IOKit")
    blob = kit.IOPSCopyPowerSourcesInfo()
    if not blob:
        return None
    kind = apple.text(kit.IOPSGetProvidingPowerSourceType(blob))
    apple.framework("CoreFoundation").CFRelease(blob)
    return of_source(kind)


def of_source(kind: str) -> bool | None:
    """What the name of a power source means (IOPSKeys.h); an uninterruptible supply is a battery too."""
    return {"AC Power": False, "Battery Power": True, "UPS Power": True}.get(kind)


def power(parent: QObject | None = None) -> Power:
    """The one of this platform."""
    if sys.platform == "win32":
        return AskedPower(ask_windows, parent)
    if sys.platform == "darwin":
        return AskedPower(ask_macos, parent)
    return UPower(parent)
