"""macOS: the few functions of Apple's C frameworks that session and power need.

Written after developer.apple.com (Core Foundation, IOKit, Core Graphics); **not run on a Mac yet**. Only C
functions are used: sending Objective-C messages through ctypes needs the type of every call to be right, and nothing
would check it.
"""

import ctypes
from ctypes import c_bool, c_char_p, c_long, c_uint32, c_void_p
from functools import cache
from typing import Any

_FRAMEWORKS = "/System/Library/Frameworks/{0}.framework/{0}"
_UTF8 = 0x08000100  # CFString.h kCFStringEncodingUTF8


@cache
def framework(name: str) -> ctypes.CDLL:
    """A framework, with the types of the functions that are used of it."""
    library = ctypes.CDLL(_FRAMEWORKS.format(name))
    for function, (result, arguments) in _TYPES[name].items():
        declared = getattr(library, function)
        declared.restype, declared.argtypes = result, arguments
    return library


_TYPES: dict[str, dict[str, tuple[Any, list[Any]]]] = {
    "CoreFoundation": {
        "CFStringCreateWithCString": (c_void_p, [c_void_p, c_char_p, c_uint32]),
        "CFStringGetCString": (c_bool, [c_void_p, c_char_p, c_long, c_uint32]),
        "CFDictionaryGetValue": (c_void_p, [c_void_p, c_void_p]),
        "CFBooleanGetValue": (c_bool, [c_void_p]),
        "CFRelease": (None, [c_void_p]),
        "CFNotificationCenterGetDistributedCenter": (c_void_p, []),
        "CFNotificationCenterAddObserver": (
            None,
            [c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_long],
        ),
        "CFNotificationCenterRemoveEveryObserver": (None, [c_void_p, c_void_p]),
        "CFRunLoopGetMain": (c_void_p, []),
        "CFRunLoopAddSource": (None, [c_void_p, c_void_p, c_void_p]),
        "CFRunLoopRemoveSource": (None, [c_void_p, c_void_p, c_void_p]),
    },
    "CoreGraphics": {"CGSessionCopyCurrentDictionary": (c_void_p, [])},
    "IOKit": {
        "IORegisterForSystemPower": (c_uint32, [c_void_p, c_void_p, c_void_p, c_void_p]),
        "IODeregisterForSystemPower": (c_uint32, [c_void_p]),
        "IONotificationPortGetRunLoopSource": (c_void_p, [c_void_p]),
        "IOAllowPowerChange": (c_uint32, [c_uint32, c_long]),
        "IOPSCopyPowerSourcesInfo": (c_void_p, []),
        "IOPSGetProvidingPowerSourceType": (c_void_p, [c_void_p]),
    },
}


def string(text: str) -> c_void_p:
    """A CFString, which is kept for good: there are six of them."""
    return c_void_p(framework("CoreFoundation").CFStringCreateWithCString(None, text.encode(), _UTF8))


def text(reference: int | None) -> str:
    """The text of a CFString; empty for none."""
    buffer = ctypes.create_string_buffer(256)
    if not reference or not framework("CoreFoundation").CFStringGetCString(reference, buffer, len(buffer), _UTF8):
        return ""
    return buffer.value.decode()


def session_flag(name: str) -> bool | None:
    """A yes or no out of the dictionary of the login session (CGSession.h); None where it does not say."""
    found = framework("CoreGraphics").CGSessionCopyCurrentDictionary()
    if not found:
        return None
    foundation = framework("CoreFoundation")
    key = string(name)
    value = foundation.CFDictionaryGetValue(found, key)
    flag = bool(foundation.CFBooleanGetValue(value)) if value else None
    foundation.CFRelease(found)
    foundation.CFRelease(key)
    return flag
