"""Services that exist on the tests' private D-Bus alone: a peer in plain Python, on a thread of its own.

After the D-Bus specification, "Message Protocol" and "Authentication Protocol"; only the types that the tests need.
It is not written with QtDBus on purpose: so it answers while the test's main thread waits, and shares no mistake
with it.
"""

import os
import queue
import socket
import struct
import threading
from contextlib import suppress

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
_PATH, _INTERFACE, _MEMBER, _ERROR_NAME, _REPLY_SERIAL, _DESTINATION, _SENDER, _SIGNATURE, _FDS = range(1, 10)
_KINDS = {_PATH: "o", _REPLY_SERIAL: "u", _SIGNATURE: "g", _FDS: "u"}
DBUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
PROPERTIES = "org.freedesktop.DBus.Properties"


class _Writer:
    def __init__(self):
        self.data = bytearray()

    def align(self, size):
        self.data += bytes(-len(self.data) % size)

    def put(self, kind, value):
        if kind in ("s", "o"):
            text = value.encode()
            self.number("I", len(text))
            self.data += text + b"\0"
        elif kind == "g":
            self.data += bytes([len(value)]) + value.encode() + b"\0"
        elif kind == "v":
            inner = "b" if isinstance(value, bool) else "s"
            self.put("g", inner)
            self.put(inner, value)
        elif kind in ("a{sv}", "as"):
            self._array(kind, value)
        else:
            self.number("I", int(value))  # u, b, h

    def number(self, form, value):
        self.align(4)
        self.data += struct.pack(f"<{form}", value)

    def _array(self, kind, value):
        self.number("I", 0)
        place = len(self.data)
        if kind == "a{sv}":
            self.align(8)
        start = len(self.data)
        for item in value:
            if kind == "as":
                self.put("s", item)
            else:
                self.align(8)
                self.put("s", item)
                self.put("v", value[item])
        struct.pack_into("<I", self.data, place - 4, len(self.data) - start)


class _Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def align(self, size):
        self.at += -self.at % size

    def take(self, kind):
        if kind == "g":
            length = self.data[self.at]
            self.at += 1
        else:
            self.align(4)
            (length,) = struct.unpack_from("<I", self.data, self.at)
            self.at += 4
            if kind in ("u", "b", "h"):
                return length
        text = self.data[self.at : self.at + length].decode()
        self.at += length + 1
        return text


def _kinds(signature):
    while signature:
        kind = next((known for known in ("a{sv}", "as") if signature.startswith(known)), signature[0])
        yield kind
        signature = signature[len(kind) :]


class Peer:
    """One connection that plays a service: `methods[(path, interface, name)] = arguments -> (signature, values)`."""

    def __init__(self, address):
        self.methods, self.seen = {}, []
        self._replies = queue.Queue()
        self._serial = 0
        self._sending = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(address.removeprefix("unix:path=").partition(",")[0])
        self._authenticate()
        self._buffer = b""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.name = self.ask(*DBUS, "Hello")

    def own(self, name):
        assert self.ask(*DBUS, "RequestName", "su", name, 4) == 1

    def disown(self, name):
        assert self.ask(*DBUS, "ReleaseName", "s", name) == 1

    def ask(self, destination, path, interface, member, signature="", *values):
        fields = {_PATH: path, _INTERFACE: interface, _MEMBER: member, _DESTINATION: destination}
        self._send(CALL, fields, signature, values)
        return self._replies.get(timeout=5)

    def signal(self, path, interface, member, signature="", *values):
        self._send(SIGNAL, {_PATH: path, _INTERFACE: interface, _MEMBER: member}, signature, values)

    def properties(self, path, interface, **values):
        self.signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", interface, values, [])

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _authenticate(self):
        self._socket.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        assert self._socket.recv(200).startswith(b"OK")
        self._socket.sendall(b"NEGOTIATE_UNIX_FD\r\n")
        assert self._socket.recv(200).startswith(b"AGREE")
        self._socket.sendall(b"BEGIN\r\n")

    def _send(self, kind, fields, signature="", values=(), descriptors=()):
        body = _Writer()
        for one, value in zip(_kinds(signature), values, strict=True):
            body.put(one, value)
        if signature:
            fields = {**fields, _SIGNATURE: signature}
        if descriptors:
            fields = {**fields, _FDS: len(descriptors)}
        with self._sending:
            self._serial += 1
            message = _Writer()
            message.data += struct.pack("<BBBBIII", ord("l"), kind, 0, 1, len(body.data), self._serial, 0)
            for code, value in fields.items():
                message.align(8)
                message.data.append(code)
                message.put("g", _KINDS.get(code, "s"))
                message.put(_KINDS.get(code, "s"), value)
            struct.pack_into("<I", message.data, 12, len(message.data) - 16)
            message.align(8)
            socket.send_fds(self._socket, [bytes(message.data + body.data)], list(descriptors))

    def _run(self):
        with suppress(ConnectionError):  # the bus has ended, perhaps in the middle of an answer
            while True:
                while (message := self._message()) is None:
                    more = self._socket.recv(65536)
                    if not more:
                        return
                    self._buffer += more
                self._handle(*message)

    def _message(self):
        if len(self._buffer) < 16:
            return None
        _, kind, _, _, size, serial, header = struct.unpack_from("<BBBBIII", self._buffer)
        start = 16 + header + -header % 8
        if len(self._buffer) < start + size:
            return None
        fields, reader = {}, _Reader(self._buffer, 16)
        while reader.at < 16 + header:
            reader.align(8)
            code = self._buffer[reader.at]
            reader.at += 1
            fields[code] = reader.take(reader.take("g"))
        body = _Reader(self._buffer[start : start + size])
        values = [body.take(one) for one in _kinds(fields.get(_SIGNATURE, ""))] if kind != SIGNAL else []
        self._buffer = self._buffer[start + size :]
        return kind, serial, fields, values

    def _handle(self, kind, serial, fields, values):
        if kind in (RETURN, ERROR):
            self._replies.put(values[0] if values else None)
        elif kind == CALL:
            self._answer(serial, fields, values)

    def _answer(self, serial, fields, values):
        self.seen.append((fields[_MEMBER], *values))
        back = {_REPLY_SERIAL: serial, _DESTINATION: fields[_SENDER]}
        method = self.methods.get((fields[_PATH], fields.get(_INTERFACE), fields[_MEMBER]))
        if method is None:
            self._send(ERROR, {**back, _ERROR_NAME: "org.freedesktop.DBus.Error.UnknownMethod"})
            return
        signature, answers = method(*values)
        if signature == "h":
            self._send(RETURN, back, signature, (0,), answers)
            os.close(answers[0])
        else:
            self._send(RETURN, back, signature, answers)


class Login(Peer):
    """Plays logind."""

    NAME = "org.freedesktop.login1"
    PATH, SESSION_PATH = "/org/freedesktop/login1", "/org/freedesktop/login1/session/_37"
    MANAGER, SESSION = f"{NAME}.Manager", f"{NAME}.Session"

    def __init__(self, address):
        super().__init__(address)
        self.values = {"Active": True, "LockedHint": False}
        self._held = None
        self.methods = {
            (self.PATH, self.MANAGER, "Inhibit"): self._inhibit,
            (self.PATH, self.MANAGER, "GetSession"): lambda _: ("o", [self.SESSION_PATH]),
            (self.SESSION_PATH, PROPERTIES, "Get"): lambda _, name: ("v", [self.values[name]]),
        }
        self.own(self.NAME)

    @property
    def held_up(self):
        """Whether somebody still has the other end of what was given."""
        try:
            return self._held is not None and os.read(self._held, 1) != b""
        except BlockingIOError:
            return True

    def manager_signal(self, name, *values):
        self.signal(self.PATH, self.MANAGER, name, "b" * len(values), *values)

    def session_signal(self, name):
        self.signal(self.SESSION_PATH, self.SESSION, name)

    def session_says(self, **values):
        self.properties(self.SESSION_PATH, self.SESSION, **values)

    def close(self):
        super().close()
        self._let_go()

    def _inhibit(self, *_):
        self._let_go()
        self._held, given = os.pipe()
        os.set_blocking(self._held, False)
        return "h", [given]

    def _let_go(self):
        if self._held is not None:
            os.close(self._held)
            self._held = None
