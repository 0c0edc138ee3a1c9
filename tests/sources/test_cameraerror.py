import errno
import os

import av
import pytest

from posture.errors import CameraBusy, CameraLost, CameraPermission, CameraUnavailable
from posture.sources import cameraerror
from posture.sources.cameraerror import settles, while_opening, while_reading

TIMED_OUT = av.error.ExitError(-av.error.EXIT if hasattr(av.error, "EXIT") else 0, "Immediate exit requested")


def error(number):
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("trouble", "platform", "kind", "next_step"),
    [
        (error(errno.ENOENT), "linux", CameraUnavailable, "plug it in"),
        (error(errno.ENODEV), "linux", CameraUnavailable, "plug it in"),
        (error(errno.EBUSY), "linux", CameraBusy, "end that program"),
        (error(errno.EACCES), "linux", CameraPermission, "`video`"),
        (error(errno.EPERM), "darwin", CameraPermission, "System Settings"),
        (error(errno.EIO), "linux", CameraLost, "pull it out"),
        (error(errno.EIO), "win32", CameraBusy, "Privacy & security"),
        (error(errno.EIO), "darwin", CameraPermission, "System Settings"),
        (error(errno.EINVAL), "linux", CameraUnavailable, "choose another camera"),
        (TIMED_OUT, "linux", CameraLost, "gives no picture"),
    ],
)
def test_each_error_of_opening_says_what_to_do(trouble, platform, kind, next_step):
    found = while_opening(trouble, "Webcam", platform)
    assert type(found) is kind
    assert str(found).startswith("Webcam: ")
    assert next_step in str(found)


@pytest.mark.parametrize("number", [errno.ENODEV, errno.EIO, errno.EINVAL])
def test_whatever_breaks_an_open_camera_it_is_lost(number):
    found = while_reading(error(number), "Webcam")
    assert type(found) is CameraLost
    assert "plug it in again" in str(found)


def test_another_format_is_tried_only_where_it_can_help():
    assert [
        number
        for number in (errno.ENOENT, errno.EBUSY, errno.EACCES, errno.EINVAL, errno.EIO)
        if settles(error(number))
    ] == [
        errno.ENOENT,
        errno.EBUSY,
        errno.EACCES,
    ]
    assert settles(TIMED_OUT)


def test_the_errors_of_pyav_carry_the_numbers_of_the_system(tmp_path):
    with pytest.raises(av.FFmpegError) as caught:
        av.open(str(tmp_path / "video9"))
    assert type(cameraerror.while_opening(caught.value, "Webcam")) is CameraUnavailable
    assert settles(caught.value)
