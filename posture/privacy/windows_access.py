"""Windows: who may write a file or folder, by its owner and its access control list.

Written after the documented interface (learn.microsoft.com: GetNamedSecurityInfoW, GetAce, ACCESS_ALLOWED_ACE,
ConvertStringSecurityDescriptorToSecurityDescriptorW, SHGetKnownFolderPath); **not run on a Windows machine yet**.

Trusted are SYSTEM, the group Administrators and the installer service. By default every user may make new files in
%ProgramData%, and that is allowed for the folders above: what counts there is who could delete, rename or re-own what
lies inside. The file itself and its own folder may be changed by nobody else at all.
"""

import ctypes
import os
import stat
import uuid
from collections.abc import Iterator
from ctypes import POINTER, byref, c_ubyte, c_ushort, c_void_p, c_wchar_p
from pathlib import Path
from typing import Any

from posture.errors import ConfigError

# learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
_TRUSTED = frozenset(
    {
        "S-1-5-18",  # SYSTEM
        "S-1-5-32-544",  # Administrators
        "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",  # TrustedInstaller
    }
)
_PROGRAM_DATA = "{62AB5D82-FDC1-4DC3-A9DD-070D1D495D97}"  # FOLDERID_ProgramData, knownfolders.h
# Full control for Administrators and SYSTEM, reading for Users, nothing inherited from above (SDDL).
_FOLDER_RIGHTS = "O:BAD:P(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)(A;OICI;0x1200a9;;;BU)"
_FILE_OBJECT, _OWNER_AND_LIST = 1, 0x1 | 0x4  # accctrl.h SE_FILE_OBJECT; winnt.h *_SECURITY_INFORMATION
_LIST_SIZE = 2  # winnt.h AclSizeInformation
_REVISION = 1  # sddl.h SDDL_REVISION_1
_ALLOWED, _DENIED, _ALLOWED_IF = 0x0, 0x1, 0x9  # winnt.h ACCESS_*_ACE_TYPE; the last is a callback entry
_INHERIT_ONLY = 0x8  # does not count for the object itself
_TAKE_OVER = 0x40 | 0x10000 | 0x40000 | 0x80000 | 0x10000000  # delete child, delete, write DAC, write owner, all
_CHANGE = _TAKE_OVER | 0x2 | 0x4 | 0x10 | 0x100 | 0x40000000  # write, append, extended attributes, attributes
_ALREADY_EXISTS = 183  # winerror.h


class _Entry(ctypes.Structure):
    """ACCESS_ALLOWED_ACE up to its SID."""

    _fields_ = (("type", c_ubyte), ("flags", c_ubyte), ("size", c_ushort), ("mask", ctypes.c_uint32))


class _Sizes(ctypes.Structure):
    """ACL_SIZE_INFORMATION."""

    _fields_ = (("count", ctypes.c_uint32), ("used", ctypes.c_uint32), ("free", ctypes.c_uint32))


class _Attributes(ctypes.Structure):
    """SECURITY_ATTRIBUTES."""

    _fields_ = (("length", ctypes.c_uint32), ("descriptor", c_void_p), ("inherit", ctypes.c_int))


def program_data() -> Path:
    """The folder %ProgramData%, asked of the system and not of the environment, which any user can change."""
    found = c_wchar_p()
    folder = (c_ubyte * 16).from_buffer_copy(uuid.UUID(_PROGRAM_DATA).bytes_le)
    code = _library("shell32").SHGetKnownFolderPath(byref(folder), 0, None, byref(found))
    if code != 0 or found.value is None:
        raise ConfigError(f"Windows does not say where its folder for all users is (code {code:#x})")
    path = Path(found.value)
    _library("ole32").CoTaskMemFree(found)
    return path


def refuse_writable(place: Path, *, strict: bool) -> None:
    """Raise ConfigError if another than an administrator owns `place` or may change it (`strict`) or take it over."""
    if os.lstat(place).st_file_attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT:  # type: ignore[attr-defined,unused-ignore]
        raise ConfigError(f"{place} is a link, so it is not used: put the folder or file itself there")
    advapi32 = _library("advapi32")
    owner, entries, descriptor = c_void_p(), c_void_p(), c_void_p()
    code = advapi32.GetNamedSecurityInfoW(
        str(place), _FILE_OBJECT, _OWNER_AND_LIST, byref(owner), None, byref(entries), None, byref(descriptor)
    )
    if code != 0:
        raise ConfigError(f"{place}: Windows does not say who may write it (code {code}), so it is not used")
    try:
        writers = {_name(owner), *_writers(entries, _CHANGE if strict else _TAKE_OVER)} - _TRUSTED
    finally:
        _library("kernel32").LocalFree(descriptor)
    if writers:
        raise ConfigError(
            f"{place} can be changed by {', '.join(sorted(writers))}, so it is not used; as administrator: "
            f'icacls "{place}" /setowner *S-1-5-32-544 && icacls "{place}" /inheritance:r /grant:r '
            "*S-1-5-32-544:F *S-1-5-18:F *S-1-5-32-545:RX"
        )


def make_folder(folder: Path) -> None:
    """Make a folder that only administrators can write. Raises OSError."""
    descriptor = c_void_p()
    convert = _library("advapi32").ConvertStringSecurityDescriptorToSecurityDescriptorW
    if not convert(_FOLDER_RIGHTS, _REVISION, byref(descriptor), None):
        raise _last_error()
    try:
        attributes = _Attributes(ctypes.sizeof(_Attributes), descriptor, 0)
        made = _library("kernel32").CreateDirectoryW(str(folder), byref(attributes))
        if not made and _last_code() != _ALREADY_EXISTS:
            raise _last_error()
    finally:
        _library("kernel32").LocalFree(descriptor)


def _writers(entries: c_void_p, rights: int) -> Iterator[str]:
    """Everybody whom the list gives one of `rights`; without a list everybody has all of them."""
    if not entries:
        yield "everybody"
        return
    advapi32, sizes = _library("advapi32"), _Sizes()
    if not advapi32.GetAclInformation(entries, byref(sizes), ctypes.sizeof(sizes), _LIST_SIZE):
        raise ConfigError(f"Windows does not show an access control list (code {_last_code()}), so it is not used")
    for index in range(sizes.count):
        place = c_void_p()
        if not advapi32.GetAce(entries, index, byref(place)) or place.value is None:
            raise ConfigError(f"Windows does not show an access control list (code {_last_code()}), so it is not used")
        entry = ctypes.cast(place, POINTER(_Entry)).contents
        if entry.type == _DENIED or entry.flags & _INHERIT_ONLY or not entry.mask & rights:
            continue
        if entry.type in (_ALLOWED, _ALLOWED_IF):
            yield _name(c_void_p(place.value + ctypes.sizeof(_Entry)))
        else:
            yield f"an entry of the unknown kind {entry.type}"


def _name(identifier: c_void_p) -> str:
    """A security identifier as text, which begins with S-1."""
    text = c_wchar_p()
    if not _library("advapi32").ConvertSidToStringSidW(identifier, byref(text)):
        raise ConfigError(f"Windows does not name an owner (code {_last_code()}), so the file is not used")
    name = text.value or ""
    _library("kernel32").LocalFree(text)
    return name


def _library(name: str) -> Any:  # noqa: ANN401 - ctypes knows the functions of a library only when they are called
    return ctypes.WinDLL(name, use_last_error=True)  # type: ignore[attr-defined,unused-ignore]


def _last_code() -> int:
    return int(ctypes.get_last_error())  # type: ignore[attr-defined,unused-ignore]


def _last_error() -> OSError:
    code = _last_code()
    return OSError(code, ctypes.FormatError(code))  # type: ignore[attr-defined,unused-ignore]
