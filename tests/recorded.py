"""A recorder in the hands of a test: frames by the number, a disk with faults, and clips that are read back."""

import io
import os
import threading
from datetime import UTC, datetime, timedelta

import av
import msgspec
import numpy as np

from posture.data import Observation
from posture.sinks.clipfile import System, created
from posture.sinks.recorder import Recorder
from posture.sinks.recorder_settings import RecorderSettings
from posture.sinks.recording import Phase
from posture.sources.encoders import for_recording
from posture.sources.picture import Picture
from posture.sources.plainvideo import PlainVideo
from posture.vault.clip import open_clip
from posture.vault.hpke import new_secret
from posture.vault.recipient import X25519

PATIENCE_S = 20.0
SECRET = new_secret(X25519)
WIDTH, HEIGHT, RATE = 64, 48, 4
SETTINGS = RecorderSettings(content="full", rate=RATE, pre_roll_s=3)


def secrets(key_id):
    return SECRET if key_id == SECRET.recipient.key_id else None


def frame(number, width=WIDTH, height=HEIGHT):
    """A grey picture that is as bright as its number says, up to 50."""
    return Picture.of_rgb(np.full((height, width, 3), 16 + 4 * (number % 50), np.uint8))


def number_of(pixels):
    return round((float(pixels.mean()) - 16) / 4)


class Plain:
    """Implements `Painter`: the picture as it is."""

    def __init__(self):
        self.closed = False

    def __call__(self, frame, observation, number, size):
        return [(frame.scaled(*size), number)]

    def rest(self):
        return []

    def close(self):
        self.closed = True


class Faulty(io.RawIOBase):
    """A file of a disk that `disk` describes."""

    def __init__(self, disk, file):
        self.disk, self.file = disk, file

    def writable(self):
        return True

    def seekable(self):
        return True

    def fileno(self):
        return self.file.fileno()

    def seek(self, offset, whence=0):
        return self.file.seek(offset, whence)

    def write(self, content):
        self.disk.writes += 1
        assert self.disk.go.wait(PATIENCE_S)
        if self.disk.error is not None:
            raise OSError(self.disk.error, os.strerror(self.disk.error))
        return self.file.write(content)

    def close(self):
        self.file.close()
        super().close()


class Disk:
    """What is wrong with one folder: `error` (errno), or that it answers only while `go` is set."""

    def __init__(self):
        self.error, self.opens, self.writes = None, 0, 0
        self.go = threading.Event()
        self.go.set()


class Bench:
    """A recorder, its clock, and folders `wanted` and `spare`."""

    def __init__(self, folder, *, settings=SETTINGS, recipients=None, **more):
        self.now_s = 100.0
        self.began = datetime(2026, 11, 28, 12, tzinfo=UTC)
        self.wanted, self.spare = folder / "wanted", folder / "spare"
        self.disks = {self.wanted: Disk(), self.spare: Disk()}
        self.free = {self.wanted: 10**12, self.spare: 10**12}
        self.news, self.states = [], []
        self.painters = []
        self.changed = threading.Condition()
        self.recorder = Recorder(
            settings,
            lambda: [(self.wanted, True), (self.spare, True)],
            recipients or (lambda day: (SECRET.recipient,)),
            more.pop("painter", self._painter),
            lambda s, width, height: PlainVideo(
                width, height, rate=s.rate, encoding=for_recording(s.codec, s.crf, s.rate)
            ),
            on_clip=more.pop("on_clip", self._heard),
            on_change=self._changed,
            wall=lambda: self.began + timedelta(seconds=self.now_s - 100.0),
            system=System(self._open, lambda folder: (self.free[folder], 10**12), clock=lambda: self.now_s, **more),
        )

    def _painter(self, content):
        self.painters.append(Plain())
        return self.painters[-1]

    def _open(self, path):
        disk = self.disks[path.parent]
        disk.opens += 1
        if disk.error is not None:
            raise OSError(disk.error, os.strerror(disk.error))
        return Faulty(disk, created(path))

    def _heard(self, news):
        self.news.append(news)
        return ""

    def _changed(self, recording):
        with self.changed:
            self.states.append(recording)
            self.changed.notify_all()

    def until(self, what):
        """The first state of the recorder for which `what` holds."""
        with self.changed:
            assert self.changed.wait_for(lambda: what(self.recorder.recording), PATIENCE_S), self.recorder.recording
            return self.recorder.recording

    def show(self, first, count, *, event=False):
        """Frames at the rate of the recording, each taken before the next comes."""
        for number in range(first, first + count):
            self.push(number, event=event)
            self.now_s += 1 / self.recorder.settings.rate
        return first + count

    def push(self, number, *, event=False, observation=None, size=(WIDTH, HEIGHT)):
        observation = observation or Observation(number, self.now_s)
        self.recorder.push(frame(number, *size), self.now_s, observation, event=event)
        self.settle()

    def settle(self):
        """Wait until the encode thread has taken everything."""
        take = self.recorder._take
        with self.changed:
            while take is not None and take.came > take.handled + take.dropped and take._thread.is_alive():
                self.changed.wait(0.001)

    def close(self):
        assert self.recorder.close(PATIENCE_S)

    def files(self, folder=None):
        return sorted((folder or self.wanted).glob("*.pclip"))

    def clips(self, folder=None):
        """Numbers of the frames in each clip, in the order in which the clips were begun."""
        opened = [news.path for news in self.news if news.kind == "opened"]
        return [numbers(path) for path in opened if folder is None or path.parent == folder]


def numbers(path, *, recover=False):
    with path.open("rb") as file:
        return shown(open_clip(file, secrets, recover=recover))


def shown(reader):
    """The numbers of the frames, by their brightness."""
    with av.open(io.BytesIO(reader.read()), "r", format="mp4") as container:
        return [number_of(picture.to_ndarray(format="gray")) for picture in container.decode(video=0)]


def with_(settings=SETTINGS, **changes):
    return msgspec.structs.replace(settings, **changes)


RECORDING, READY, FAILED, OFF = Phase.RECORDING, Phase.READY, Phase.FAILED, Phase.OFF
