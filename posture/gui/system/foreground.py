"""What the person is busy with: a full screen in front, a call. Unknown is None, never a guess."""

import ctypes
import os
import sys

from PyQt6.QtCore import QRect
from PyQt6.QtGui import QGuiApplication, QScreen

from posture.gui.system import x11

# shellapi.h QUERY_USER_NOTIFICATION_STATE: away or locked; busy, full-screen 3D, presentation; the rest is free.
_NOT_PRESENT, _BUSY = 1, frozenset({2, 3, 4})
_FREE = frozenset({5, 6, 7})


class Foreground:
    """The questions. This one cannot answer any; each platform has its own."""

    def full_screen(self) -> bool | None:
        """Whether another program's window fills a screen and is in front."""
        return None

    def covered(self, screen: QScreen) -> bool:
        """Whether another program's window is known to fill this screen: nothing may be shown over it there."""
        return False

    def translucent(self) -> bool:
        """Whether windows can let through what is below them."""
        return True

    def overlays(self) -> bool:
        """Whether a window can lie over all others at a place that it chooses."""
        return True


class X11Foreground(Foreground):
    """Linux with an X server, and a window manager that follows the hints of freedesktop.org."""

    def __init__(self, server: x11.X11) -> None:
        self._server = server

    def full_screen(self) -> bool | None:
        """See Foreground."""
        return self._server.full_screen() if self._server.alive else None

    def covered(self, screen: QScreen) -> bool:
        """See Foreground."""
        if not self._server.alive:
            return False
        box = device_rectangle(screen)
        return any(box.intersects(QRect(*place)) for place in self._server.covered())

    def translucent(self) -> bool:
        """See Foreground."""
        return self._server.alive and self._server.composited


class WaylandForeground(Foreground):
    """Wayland lets no program see others' windows, or put its own at a place."""

    def overlays(self) -> bool:
        """See Foreground."""
        return False


class WindowsForeground(Foreground):
    """SHQueryUserNotificationState (learn.microsoft.com); **not run on a Windows machine yet**."""

    def full_screen(self) -> bool | None:
        """See Foreground."""
        state = ctypes.c_int(0)
        library = ctypes.WinDLL("shell32")  # type: ignore[attr-defined,unused-ignore]
        if library.SHQueryUserNotificationState(ctypes.byref(state)) != 0:
            return None
        return of_state(state.value)


def of_state(state: int) -> bool | None:
    """What QUERY_USER_NOTIFICATION_STATE says of the screen; nothing while nobody is there."""
    return True if state in _BUSY else False if state in _FREE else None


def device_rectangle(screen: QScreen) -> QRect:
    """Where a screen lies in device pixels: Qt scales sizes and leaves corners (Qt, "High DPI", device-independent)."""
    box, ratio = screen.geometry(), screen.devicePixelRatio()
    return QRect(box.x(), box.y(), round(box.width() * ratio), round(box.height() * ratio))


def foreground() -> Foreground:
    """The one of this platform. An X server that shows only a part of a Wayland desktop is not asked."""
    if sys.platform == "win32":
        return WindowsForeground()
    platform = QGuiApplication.platformName()
    if platform.startswith("wayland"):
        return WaylandForeground()
    if platform == "xcb" and not os.environ.get("WAYLAND_DISPLAY"):
        server = x11.connect()
        if server is not None:
            return X11Foreground(server)
    return Foreground()
