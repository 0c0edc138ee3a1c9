import os
from types import SimpleNamespace

import av
import pytest

from posture.errors import CameraUnavailable
from posture.sources import devices
from posture.sources.devices import Device, chosen


class Machine:
    """The folders in which Linux tells of its cameras."""

    def __init__(self, root):
        self.sysfs, self.dev, self.udev = root / "sys", root / "dev", root / "udev"
        for folder in (self.sysfs, self.dev, self.udev):
            folder.mkdir()

    def plug(self, number, name, *, index="0", by_id=None, by_path=None, noted=None):
        entry = self.sysfs / f"video{number}"
        entry.mkdir()
        for file, text in (("name", name), ("index", index), ("dev", f"81:{number}")):
            (entry / file).write_text(f"{text}\n")
        node = self.dev / f"video{number}"
        node.write_bytes(b"")
        for kind, link in (("by-id", by_id), ("by-path", by_path)):
            if link:
                folder = self.dev / "v4l" / kind
                folder.mkdir(parents=True, exist_ok=True)
                (folder / link).unlink(missing_ok=True)
                (folder / link).symlink_to(f"../../video{number}")
        if noted:
            (self.udev / f"c81:{number}").write_text(f"I:1\nE:ID_V4L_CAPABILITIES={noted}\nE:ID_BUS=usb\n")

    def cameras(self):
        return devices._of_linux(self.sysfs, self.dev, self.udev)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_without_a_camera_the_list_is_empty(machine, tmp_path):
    assert machine.cameras() == ()
    assert devices._of_linux(tmp_path / "no", tmp_path / "such", tmp_path / "folder") == ()


def test_a_camera_is_known_by_maker_and_serial_number(machine):
    machine.plug(0, "HD Webcam", by_id="usb-Maker_HD_1234-video-index0", by_path="pci-0-usb-0:1-video-index0")
    (camera,) = machine.cameras()
    assert camera.id == "by-id/usb-Maker_HD_1234-video-index0"
    assert (camera.name, camera.backend, camera.path) == ("HD Webcam", "v4l2", str(machine.dev / "video0"))


def test_its_id_stays_when_it_gets_another_number(machine):
    machine.plug(0, "HD Webcam", by_id="usb-Maker_HD_1234-video-index0")
    (before,) = machine.cameras()
    for path in (machine.sysfs / "video0").iterdir():
        path.unlink()
    (machine.sysfs / "video0").rmdir()
    (machine.dev / "video0").unlink()
    machine.plug(2, "HD Webcam", by_id="usb-Maker_HD_1234-video-index0")
    (after,) = machine.cameras()
    assert after.id == before.id
    assert after.path != before.path


def test_the_node_for_metadata_is_no_camera(machine):
    machine.plug(0, "HD Webcam", noted=":capture:")
    machine.plug(1, "HD Webcam", index="1", noted=":")
    assert [camera.path[-1] for camera in machine.cameras()] == ["0"]


def test_what_udev_noted_goes_before_the_number_on_the_device(machine):
    machine.plug(0, "Encoder", index="0", noted=":video_output:")
    machine.plug(1, "Second lens", index="1", noted=":capture:")
    assert [camera.name for camera in machine.cameras()] == ["Second lens"]


def test_without_udev_the_first_node_of_a_device_is_taken(machine):
    machine.plug(0, "HD Webcam", index="0")
    machine.plug(1, "HD Webcam", index="1")
    assert [camera.path[-1] for camera in machine.cameras()] == ["0"]


def test_two_cameras_with_one_serial_number_are_told_apart_by_their_plugs(machine):
    machine.plug(0, "Twin", by_id="usb-Twin-video-index0", by_path="pci-0-usb-0:1-video-index0")
    machine.plug(2, "Twin", by_id="usb-Twin-video-index0", by_path="pci-0-usb-0:2-video-index0")
    assert [camera.id for camera in machine.cameras()] == [
        "by-path/pci-0-usb-0:1-video-index0",
        "by-id/usb-Twin-video-index0",
    ]


def test_two_cameras_without_links_still_have_ids_of_their_own(machine):
    machine.plug(10, "Virtual")
    machine.plug(9, "Virtual")
    assert [(camera.id, camera.path[-2:]) for camera in machine.cameras()] == [("Virtual", "o9"), ("Virtual #2", "10")]


def test_the_list_opens_no_device(machine, monkeypatch):
    machine.plug(0, "HD Webcam", by_id="usb-Maker-video-index0", noted=":capture:")
    node = machine.dev / "video0"
    node.chmod(0)
    before = node.stat().st_atime_ns
    monkeypatch.setattr(av, "enumerate_input_devices", lambda backend: pytest.fail("FFmpeg opens every node"))
    assert len(machine.cameras()) == 1
    assert node.stat().st_atime_ns == before


def test_a_node_that_comes_goes_or_gets_permissions_changes_the_presence(machine):
    seen = [devices._nodes(machine.dev)]
    machine.plug(0, "HD Webcam")
    seen.append(devices._nodes(machine.dev))
    stat = (machine.dev / "video0").stat()
    while (machine.dev / "video0").stat().st_ctime_ns == stat.st_ctime_ns:  # the clock of the file system is coarse
        os.chmod(machine.dev / "video0", 0o600)
    seen.append(devices._nodes(machine.dev))
    (machine.dev / "video0").unlink()
    assert len(set(seen)) == 3
    assert devices._nodes(machine.dev) == seen[0]


def info(name, description, media=("video",), default=False):
    return SimpleNamespace(name=name, description=description, media_types=list(media), is_default=default)


def test_directshow_goes_by_the_name_that_holds_the_plug(monkeypatch):
    listed = [
        info("@device_cm_{33D9}\\wave_1", "Microphone", ["audio"]),
        info("@device_pnp_\\\\?\\usb#vid_1#a", "Webcam"),
        info("@device_pnp_\\\\?\\usb#vid_1#b", "Webcam", default=True),
    ]
    monkeypatch.setattr(av, "enumerate_input_devices", lambda backend: listed)
    first, second = devices._of_ffmpeg("dshow")
    assert (first.id, first.path, first.name) == (listed[2].name, listed[2].name, "Webcam")
    assert second.id == listed[1].name


def test_avfoundation_goes_by_the_name_and_leaves_out_screens(monkeypatch):
    listed = [info("0", "FaceTime HD Camera"), info("1", "Cam"), info("2", "Cam"), info("3", "Capture screen 0")]
    monkeypatch.setattr(av, "enumerate_input_devices", lambda backend: listed)
    found = devices._of_ffmpeg("avfoundation")
    assert [(device.id, device.path) for device in found] == [
        ("FaceTime HD Camera", "0"),
        ("Cam", "1"),
        ("Cam #2", "2"),
    ]


def test_a_build_without_the_back_end_has_no_camera():
    assert devices._of_ffmpeg("dshow" if os.name != "nt" else "v4l2") == ()


CAMERAS = (
    Device("by-id/a", "HD Webcam", "v4l2", "/dev/video0"),
    Device("by-id/b", "HD Webcam", "v4l2", "/dev/video2"),
    Device("by-id/c", "Elgato Facecam", "v4l2", "/dev/video4"),
)


@pytest.mark.parametrize(
    ("wanted", "path"),
    [("", "0"), ("by-id/b", "2"), ("HD Webcam", "0"), ("elgato", "4"), ("facecam", "4"), ("webcam", "0")],
)
def test_a_camera_is_chosen_by_id_name_or_part_of_it(wanted, path):
    assert chosen(wanted, CAMERAS).path[-1] == path


@pytest.mark.parametrize("wanted", ["Logitech", "cam", "1", "/dev/video0"])
def test_no_other_camera_is_taken_than_the_wanted_one(wanted):
    with pytest.raises(CameraUnavailable, match=r"camera\.device .*'Elgato Facecam'"):
        chosen(wanted, CAMERAS)


def test_without_a_camera_the_message_says_what_to_do():
    with pytest.raises(CameraUnavailable, match="plug one in"):
        chosen("", ())
