"""What an X server knows of other programs' windows, through libxcb, which Qt's own X11 plug-in needs too.

Xlib would do, but its way with an error is to end the program, and a window may vanish between two questions; with XCB
an error is an empty answer. Properties: Extended Window Manager Hints 1.5 (specifications.freedesktop.org/wm-spec).
"""

import ctypes
import os
import struct
from ctypes import POINTER, c_char_p, c_int, c_uint8, c_uint16, c_uint32, c_void_p
from typing import Any, NamedTuple

_LIBRARY, _LIBC = "libxcb.so.1", None
_ANY_TYPE, _MOST_WORDS = 0, 4096  # XCB_GET_PROPERTY_TYPE_ANY; longest property that is read, in 32-bit words


class Rectangle(NamedTuple):
    """Device pixels of the whole desktop."""

    x: int
    y: int
    width: int
    height: int


class _Cookie(ctypes.Structure):
    _fields_ = (("sequence", c_uint32),)


class _Screens(ctypes.Structure):
    """xcb_screen_iterator_t; a screen begins with its root window."""

    _fields_ = (("data", POINTER(c_uint32)), ("rem", c_int), ("index", c_int))


class X11:
    """A connection of its own; used from one thread. `connect` makes it."""

    def __init__(self, library: Any, connection: c_void_p) -> None:  # noqa: ANN401 - a ctypes library
        self._library, self._connection = library, connection
        self._free = ctypes.CDLL(_LIBC).free
        self._free.argtypes, self._free.restype = [c_void_p], None
        setup = library.xcb_get_setup(connection)
        self._root = int(library.xcb_setup_roots_iterator(setup).data[0])
        names = ("ACTIVE_WINDOW", "CLIENT_LIST", "WM_STATE", "WM_STATE_FULLSCREEN", "WM_STATE_HIDDEN", "WM_PID")
        self._atoms = {name: self._atom(f"_NET_{name}") for name in (*names, "WM_CM_S0", "SUPPORTING_WM_CHECK")}

    def close(self) -> None:
        """End the connection."""
        self._library.xcb_disconnect(self._connection)

    @property
    def alive(self) -> bool:
        """Whether the server still answers."""
        return not self._library.xcb_connection_has_error(self._connection)

    @property
    def composited(self) -> bool:
        """Whether translucent windows are mixed with what is below; else they are black there."""
        cookie = self._library.xcb_get_selection_owner(self._connection, self._atoms["WM_CM_S0"])
        return self._second_word("xcb_get_selection_owner_reply", cookie) != 0

    def full_screen(self) -> bool | None:
        """Whether another program's window fills a screen and is in front; None without a window manager that says."""
        if not self._words(self._root, "SUPPORTING_WM_CHECK"):
            return None
        active = self._words(self._root, "ACTIVE_WINDOW")
        return bool(active and active[0] and self._fills(active[0]))

    def covered(self) -> tuple[Rectangle, ...]:
        """Where other programs' windows fill a screen, in front or not."""
        windows = self._words(self._root, "CLIENT_LIST")
        places = [self._place(window) for window in windows if self._fills(window)]
        return tuple(place for place in places if place is not None)

    def _fills(self, window: int) -> bool:
        states = self._words(window, "WM_STATE")
        filling = self._atoms["WM_STATE_FULLSCREEN"] in states and self._atoms["WM_STATE_HIDDEN"] not in states
        return filling and self._words(window, "WM_PID") != (os.getpid(),)

    def _atom(self, name: str) -> int:
        cookie = self._library.xcb_intern_atom(self._connection, 0, len(name), name.encode())
        return self._second_word("xcb_intern_atom_reply", cookie)

    def _second_word(self, reply: str, cookie: _Cookie) -> int:
        """The first field behind the header of a reply, which is all that some of them say; 0 for an error."""
        found = getattr(self._library, reply)(self._connection, cookie, None)
        if not found:
            return 0
        (word,) = struct.unpack_from("=I", ctypes.string_at(found, 12), 8)
        self._free(found)
        return int(word)

    def _words(self, window: int, name: str) -> tuple[int, ...]:
        """The 32-bit values of a property; none where there is no such property, or the window is gone."""
        wanted = (0, window, self._atoms[name], _ANY_TYPE, 0, _MOST_WORDS)
        cookie = self._library.xcb_get_property(self._connection, *wanted)
        found = self._library.xcb_get_property_reply(self._connection, cookie, None)
        if not found:
            return ()
        size = self._library.xcb_get_property_value_length(found)
        data = ctypes.string_at(self._library.xcb_get_property_value(found), size)
        self._free(found)
        return struct.unpack(f"={size // 4}I", data[: size // 4 * 4])

    def _place(self, window: int) -> Rectangle | None:
        cookie = self._library.xcb_get_geometry(self._connection, window)
        found = self._library.xcb_get_geometry_reply(self._connection, cookie, None)
        if not found:
            return None
        # xproto.h xcb_get_geometry_reply_t: x, y, width, height lie behind 12 bytes.
        _, _, width, height = struct.unpack_from("=hhHH", ctypes.string_at(found, 20), 12)
        self._free(found)
        corner = self._library.xcb_translate_coordinates(self._connection, window, self._root, 0, 0)
        found = self._library.xcb_translate_coordinates_reply(self._connection, corner, None)
        if not found:
            return None
        x, y = struct.unpack_from("=hh", ctypes.string_at(found, 16), 12)
        self._free(found)
        return Rectangle(x, y, width, height)


def connect(display: str | None = None) -> X11 | None:
    """A connection to `display`, or to that of the environment; None where there is none, or no libxcb."""
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError:
        return None
    _declare(library)
    connection = library.xcb_connect(display.encode() if display else None, None)
    if library.xcb_connection_has_error(connection):
        library.xcb_disconnect(connection)
        return None
    return X11(library, c_void_p(connection))


def _declare(library: ctypes.CDLL) -> None:
    """Types after xcb.h and xproto.h."""
    types: dict[str, tuple[Any, list[Any]]] = {
        "xcb_connect": (c_void_p, [c_char_p, c_void_p]),
        "xcb_disconnect": (None, [c_void_p]),
        "xcb_connection_has_error": (c_int, [c_void_p]),
        "xcb_get_setup": (c_void_p, [c_void_p]),
        "xcb_setup_roots_iterator": (_Screens, [c_void_p]),
        "xcb_intern_atom": (_Cookie, [c_void_p, c_uint8, c_uint16, c_char_p]),
        "xcb_get_selection_owner": (_Cookie, [c_void_p, c_uint32]),
        "xcb_get_property": (_Cookie, [c_void_p, c_uint8, *[c_uint32] * 5]),
        "xcb_get_geometry": (_Cookie, [c_void_p, c_uint32]),
        "xcb_translate_coordinates": (_Cookie, [c_void_p, c_uint32, c_uint32, ctypes.c_int16, ctypes.c_int16]),
        "xcb_get_property_value": (c_void_p, [c_void_p]),
        "xcb_get_property_value_length": (c_int, [c_void_p]),
    }
    for asked in ("intern_atom", "get_selection_owner", "get_property", "get_geometry", "translate_coordinates"):
        types[f"xcb_{asked}_reply"] = (c_void_p, [c_void_p, _Cookie, c_void_p])
    for name, (result, arguments) in types.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
