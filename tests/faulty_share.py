"""A share whose faults are chosen: a read-only file system that this process serves to the kernel (FUSE, Linux, root).

Structures as in linux/fuse.h, protocol 7.31. Every request has a thread of its own: one that hangs holds up no other.
"""

import ctypes
import errno
import os
import stat
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH = 1, 2, 3, 14, 15, 17, 18, 25
INIT, OPENDIR, READDIR, RELEASEDIR, INTERRUPT, DESTROY, BATCH_FORGET = 26, 27, 28, 29, 36, 38, 42
ROOT, FIRST, DIRECT_IO, DETACH = 1, 2, 1, 2
_IN, _OUT = struct.Struct("=IIQQIIII"), struct.Struct("=IiQ")
_ATTR, _READ = struct.Struct("=6Q10I"), struct.Struct("=QQI")


def needs_fuse():
    """Skip where such a share cannot be made."""
    if sys.platform != "linux" or os.geteuid() != 0 or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("a share with faults needs Linux, root and /dev/fuse")


class FaultyShare:
    """Use as a context manager. `fault(opcode, name)` is asked before each answer: 0, or the errno of it; may wait."""

    def __init__(self, folder, files):
        self.folder, self.files = Path(folder), dict(files)
        self.names = list(self.files)
        self.fault = lambda opcode, name: 0
        self.reads = 0

    def __enter__(self):
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._device = os.open("/dev/fuse", os.O_RDWR)
        self.folder.mkdir(exist_ok=True)
        options = f"fd={self._device},rootmode=40000,user_id=0,group_id=0".encode()
        if self._libc.mount(b"faulty", os.fsencode(self.folder), b"fuse", 1, options):
            os.close(self._device)
            pytest.skip(f"no share can be mounted here: {os.strerror(ctypes.get_errno())}")
        threading.Thread(target=self._serve, name="share", daemon=True).start()
        return self

    def __exit__(self, *_):
        self._libc.umount2(os.fsencode(self.folder), DETACH)
        os.close(self._device)

    def _serve(self):
        with suppress(OSError):
            while True:
                request = os.read(self._device, 1 << 20)
                threading.Thread(target=self._answer, args=(request,), daemon=True).start()

    def _answer(self, request):
        _, opcode, unique, node, *_ = _IN.unpack_from(request)
        if opcode in (FORGET, BATCH_FORGET, INTERRUPT):
            return  # which have no answer
        body = request[_IN.size :]
        name = body.rstrip(b"\0") if opcode == LOOKUP else self.names[node - FIRST] if node >= FIRST else b""
        error = 0 if opcode in (INIT, DESTROY) else self.fault(opcode, name)
        content = b"" if error else self._content(opcode, name, body)
        if isinstance(content, int):
            error, content = content, b""
        with suppress(OSError):
            os.write(self._device, _OUT.pack(_OUT.size + len(content), -error, unique) + content)

    def _content(self, opcode, name, body):
        if opcode == INIT:
            return struct.pack("=4I2H2I2H8I", 7, 31, 1 << 17, 0, 16, 12, 1 << 17, 1, 32, 0, *[0] * 8)
        if opcode == LOOKUP:
            if name not in self.files:
                return errno.ENOENT
            return struct.pack("=4Q2I", self.names.index(name) + FIRST, 0, 0, 0, 0, 0) + self._attributes(name)
        if opcode == GETATTR:
            return struct.pack("=Q2I", 0, 0, 0) + self._attributes(name)
        if opcode in (OPEN, OPENDIR):
            return struct.pack("=Q2I", 0, DIRECT_IO if opcode == OPEN else 0, 0)
        if opcode == READ:
            _, offset, size = _READ.unpack_from(body)
            self.reads += 1
            return self.files[name][offset : offset + size]
        if opcode == READDIR:
            return self._listing(_READ.unpack_from(body)[1])
        if opcode == STATFS:
            return struct.pack("=5Q10I", 0, 0, 0, 0, 0, 4096, 255, 4096, 0, *[0] * 6)
        return b"" if opcode in (RELEASE, RELEASEDIR, FLUSH, DESTROY) else errno.ENOSYS

    def _attributes(self, name):
        size = len(self.files.get(name, b""))
        number = self.names.index(name) + FIRST if name else ROOT
        mode = stat.S_IFREG | 0o444 if name else stat.S_IFDIR | 0o555
        return _ATTR.pack(number, size, 0, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)

    def _listing(self, offset):
        listed = b""
        for place, name in enumerate(self.names[offset:], start=offset):
            entry = struct.pack("=QQII", place + FIRST, place + 1, len(name), stat.S_IFREG >> 12) + name
            listed += entry + bytes(-len(entry) % 8)
        return listed
