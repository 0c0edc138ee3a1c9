"""What FFmpeg and the kernel say of a camera, in words that say what to do next."""

import errno
import sys

import av

from posture.errors import CameraBusy, CameraLost, CameraPermission, CameraUnavailable, SourceError

GONE = {errno.ENOENT, errno.ENODEV, errno.ENXIO}
FORBIDDEN = {errno.EACCES, errno.EPERM}
WHERE_TO_ALLOW = {
    "win32": "allow it in Settings > Privacy & security > Camera",
    "darwin": "allow it in System Settings > Privacy & Security > Camera",
}
ON_LINUX = "let an administrator add you to the group of its device (usually `video`), then log in again"

Trouble = av.FFmpegError | OSError


def settles(error: Trouble) -> bool:
    """Whether no other picture format would help."""
    return isinstance(error, av.error.ExitError) or error.errno in {*GONE, *FORBIDDEN, errno.EBUSY}


def while_opening(error: Trouble, name: str, platform: str = sys.platform) -> SourceError:
    """The error for a camera that does not open.

    DirectShow and AVFoundation say EIO for nearly everything. The device was in the list a moment ago, so on Windows
    another program has it, as a rule, and on macOS, where programs share cameras, permission is missing.
    """
    number = error.errno
    if isinstance(error, av.error.ExitError):
        return CameraLost(f"{name}: it gives no picture; pull it out and plug it in again, or choose another one")
    if number in GONE:
        return CameraUnavailable(f"{name}: it is not there; plug it in, it is found by itself")
    if number in FORBIDDEN or (number == errno.EIO and platform == "darwin"):
        return CameraPermission(f"{name}: the system does not allow it; {WHERE_TO_ALLOW.get(platform, ON_LINUX)}")
    if number == errno.EBUSY or (number == errno.EIO and platform == "win32"):
        hint = f" (if none does, {WHERE_TO_ALLOW[platform]})" if platform == "win32" else ""
        return CameraBusy(f"{name}: another program uses it; end that program{hint}, or wait: it is tried again")
    if number == errno.EIO:
        return CameraLost(f"{name}: it does not answer; pull it out and plug it in again")
    return CameraUnavailable(f"{name}: it cannot be opened ({error.strerror}); choose another camera")


def while_reading(error: Trouble, name: str) -> SourceError:
    """The error for a camera that was open."""
    return CameraLost(f"{name}: it went away ({error.strerror}); plug it in again, it is found by itself")
