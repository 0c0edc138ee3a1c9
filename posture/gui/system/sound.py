"""The sound of a reminder: the desktop's own, through the desktop's own library.

QtMultimedia would play a file of ours, but it loads QtNetwork, which this program does not have. So: Windows' and
macOS's sound for a notice, on Linux libcanberra, which follows the desktop's sound theme and its switch for sounds of
programs; where there is none, the beep of the window system, which many desktops have switched off.
**Not run on Windows or macOS yet.**
"""

import ctypes
import sys
from collections.abc import Callable
from ctypes import byref, c_char_p, c_int, c_uint32, c_void_p

from PyQt6.QtWidgets import QApplication

_EVENT = b"message"  # Sound Naming Specification of freedesktop.org
_PREFERRED_ALERT = 0x1000  # AudioServices.h kSystemSoundID_UserPreferredAlert
_ALIAS, _ASYNC, _NO_DEFAULT = 0x10000, 0x1, 0x2  # mmsystem.h SND_*
_WINDOWS_NAME = "SystemNotification"


def sound() -> Callable[[], None]:
    """What plays it here, once for each call and without waiting."""
    if sys.platform == "win32":
        return _windows
    if sys.platform == "darwin":
        return _macos
    return _canberra() or QApplication.beep


def _windows() -> None:
    library = ctypes.WinDLL("winmm")  # type: ignore[attr-defined,unused-ignore]
    library.PlaySoundW(_WINDOWS_NAME, None, _ALIAS | _ASYNC | _NO_DEFAULT)


def _macos() -> None:
    ctypes.CDLL("/System/Library/Frameworks/AudioToolbox.framework/AudioToolbox").AudioServicesPlayAlertSound(
        c_uint32(_PREFERRED_ALERT)
    )


def _canberra() -> Callable[[], None] | None:
    """Of libcanberra (0pointer.de/lennart/projects/libcanberra); None where it is not installed."""
    try:
        library = ctypes.CDLL("libcanberra.so.0")
    except OSError:
        return None
    library.ca_context_create.argtypes = [c_void_p]
    library.ca_proplist_create.argtypes = [c_void_p]
    library.ca_proplist_sets.argtypes = [c_void_p, c_char_p, c_char_p]
    library.ca_context_play_full.argtypes = [c_void_p, c_uint32, c_void_p, c_void_p, c_void_p]
    library.ca_context_play_full.restype = c_int
    context, words = c_void_p(), c_void_p()
    if library.ca_context_create(byref(context)) != 0 or library.ca_proplist_create(byref(words)) != 0:
        return None
    library.ca_proplist_sets(words, b"event.id", _EVENT)
    library.ca_proplist_sets(words, b"application.name", b"posture")

    def play() -> None:
        if library.ca_context_play_full(context, 1, words, None, None) != 0:
            QApplication.beep()

    return play
