"""Which cameras there are. No device is opened for the list, so nothing lights up.

Linux: the nodes of `/sys/class/video4linux`, named by their driver, recognised by the links that udev keeps in
`/dev/v4l` (they name maker, model and serial number, or the plug). FFmpeg's own list would open every node, which wakes
a sleeping USB camera. Windows and macOS: FFmpeg asks DirectShow and AVFoundation, which open nothing.
"""

import sys
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path

import av

from posture.errors import CameraUnavailable

SYSFS, DEV, UDEV = Path("/sys/class/video4linux"), Path("/dev"), Path("/run/udev/data")
CAPTURE = ":capture:"
"""In udev's ID_V4L_CAPABILITIES: the node gives pictures (a USB camera has a second node for metadata)."""
SCREEN = "Capture screen"
"""AVFoundation lists screens among the cameras, under this name."""
BACKENDS = {"win32": "dshow", "darwin": "avfoundation"}


@dataclass(frozen=True, slots=True)
class Device:
    """A camera that can be opened."""

    id: str
    """Stays the same when the computer starts anew or the camera comes back; never a mere number."""
    name: str
    """What a person calls it; two cameras of one model may share it."""
    backend: str
    """"v4l2", "dshow" or "avfoundation"."""
    path: str
    """What the back-end opens now; may be another one tomorrow."""


def cameras() -> tuple[Device, ...]:
    """Every camera, the default one first. Empty where there is none."""
    backend = BACKENDS.get(sys.platform, "v4l2")
    return _of_linux() if backend == "v4l2" else _of_ffmpeg(backend)


def presence() -> Hashable:
    """A value that changes when a camera comes, goes, or may be used from now on. Cheap enough for once a second."""
    if sys.platform in BACKENDS:
        return tuple(device.id for device in cameras())
    return _nodes(DEV)


def chosen(wanted: str, among: Iterable[Device]) -> Device:
    """The camera that `wanted` means: an id, a name, or a part of just one name; empty means the first.

    Raises CameraUnavailable; another camera than the wanted one is never taken.
    """
    devices = tuple(among)
    if not devices:
        raise CameraUnavailable("no camera is there; plug one in, it is found by itself")
    if not wanted:
        return devices[0]
    parts = [device for device in devices if wanted.casefold() in device.name.casefold()]
    for found in (
        [device for device in devices if device.id == wanted],
        [device for device in devices if device.name == wanted],
        parts if len({device.name for device in parts}) == 1 else [],
    ):
        if found:
            return found[0]
    names = ", ".join(repr(device.name) for device in devices)
    raise CameraUnavailable(f"{wanted!r} is not one camera; plug it in, or set camera.device to one of {names}")


def _of_linux(sysfs: Path = SYSFS, dev: Path = DEV, udev: Path = UDEV) -> tuple[Device, ...]:
    links = _links(dev / "v4l")
    found = []
    for entry in sorted(_listed(sysfs, "video*"), key=lambda entry: _number(entry.name)):
        if not _captures(entry, udev):
            continue
        name = _text(entry / "name") or entry.name
        known_as = links.get(entry.name) or _text(entry / "device" / "modalias") or name
        found.append(Device(known_as, name, "v4l2", str(dev / entry.name)))
    return _told_apart(found)


def _of_ffmpeg(backend: str) -> tuple[Device, ...]:
    try:
        listed = av.enumerate_input_devices(backend)
    except (ValueError, av.FFmpegError):  # no such back-end in this build, or it found nothing at all
        return ()
    cameras = [info for info in listed if "video" in info.media_types and not info.description.startswith(SCREEN)]
    cameras.sort(key=lambda info: not info.is_default)
    # DirectShow: the name is a path that goes with the plug. AVFoundation: a number, so the description has to do.
    lasting = [info.name if backend == "dshow" else info.description for info in cameras]
    return _told_apart(
        Device(known_as, info.description, backend, info.name) for known_as, info in zip(lasting, cameras, strict=True)
    )


def _told_apart(devices: Iterable[Device]) -> tuple[Device, ...]:
    """The same devices; ids that occur twice get numbers in the order of the list."""
    seen: Counter[str] = Counter()
    result = []
    for device in devices:
        seen[device.id] += 1
        again = seen[device.id]
        known_as = device.id if again == 1 else f"{device.id} #{again}"
        result.append(Device(known_as, device.name, device.backend, device.path))
    return tuple(result)


def _captures(entry: Path, udev: Path) -> bool:
    """Whether the node gives pictures: what udev noted when it was plugged in, otherwise the first of its device."""
    noted = _text(udev / f"c{_text(entry / 'dev')}")
    for line in noted.splitlines():
        if line.startswith("E:ID_V4L_CAPABILITIES="):
            return CAPTURE in line
    return _text(entry / "index") in ("", "0")


def _links(folder: Path) -> dict[str, str]:
    """Node name -> stable name; the one by maker and serial number goes before the one by plug."""
    return {
        link.resolve().name: f"{kind}/{link.name}"
        for kind in ("by-path", "by-id")
        for link in sorted(_listed(folder / kind, "*"))
    }


def _nodes(dev: Path) -> Hashable:
    """Names and change times: a node that is made anew or gets other permissions has another one."""
    found = []
    for node in sorted(_listed(dev, "video*")):
        try:
            found.append((node.name, node.stat().st_ctime_ns))
        except OSError:  # it went away just now
            continue
    return tuple(found)


def _listed(folder: Path, pattern: str) -> list[Path]:
    try:
        return list(folder.glob(pattern))
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _number(node: str) -> int:
    digits = node.removeprefix("video")
    return int(digits) if digits.isdecimal() else sys.maxsize
