"""A vault with recordings of the demo in it, made by the parts of the recorder: for tests and screenshots only.

The passphrase costs little, so that a test does not wait; everything else is as it is for a person.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from played import observed, sitter

from posture.audit.events import Event, Value
from posture.cli.flow import values
from posture.cli.touchpoints import TOUCHPOINTS
from posture.config import Settings
from posture.data import Frame, Observation, Picture
from posture.doctor import Finding
from posture.gui.privacy.office import UserOffice
from posture.gui.recordings.safe import VaultSafe
from posture.gui.status_bar import Layers
from posture.overview import Sources
from posture.privacy import guard
from posture.privacy.flow import flow_map
from posture.rights.holdings import Places
from posture.sinks.fragments import Fragment, Session
from posture.sinks.recorder_settings import Content
from posture.sources.demo import DemoSource
from posture.sources.encoders import for_recording
from posture.sources.plainvideo import PlainVideo
from posture.vault.catalogue import About
from posture.vault.clip import SUFFIX, ClipWriter
from posture.vault.keyfile import Cost
from posture.vault.keystore import KeyStore
from posture.vault.library import Library
from posture.vault.store import Unlocked, Vault

PASSPHRASE = "tulpe motor wolke kanu"
CHEAP = Cost(memory_kib=64, iterations=1, lanes=1)
RATE_HZ = 10
SIZE = 320, 180


class Painter:
    """Implements `posture.sinks.recording.Painter`: the picture as it is."""

    def __call__(
        self, frame: Frame, observation: Observation | None, number: int, size: tuple[int, int]
    ) -> list[tuple[Picture, int]]:
        """See Painter."""
        return [(frame.scaled(*size), number)]

    def rest(self) -> list[tuple[Picture, int]]:
        """See Painter."""
        return []

    def close(self) -> None:
        """See Painter."""


class Keyring:
    """Implements `posture.vault.keystore.KeyStore` in memory."""

    def __init__(self) -> None:
        self.keys: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        """See KeyStore."""
        return self.keys.get(name)

    def put(self, name: str, key: bytes) -> None:
        """See KeyStore."""
        self.keys[name] = key

    def remove(self, name: str) -> None:
        """See KeyStore."""
        self.keys.pop(name, None)


class FilledVault:
    """One vault and the folder of its recordings; `logged` is what the audit log would get."""

    def __init__(
        self, folder: Path, keystore: KeyStore | None = None, keep_days: int = 3, layers: Layers = guard.layers
    ) -> None:
        self.logged: list[tuple[Event, dict[str, Value]]] = []
        self.vault = Vault(folder / "vault", keystore=keystore or Keyring(), cost=CHEAP, record=self._record)
        self.folder = folder / "recordings"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._keep_days = keep_days
        self.library = self.opened(None)
        self.safe = VaultSafe(self.vault, self.opened, lambda: True)
        self.data, self._layers = folder, layers

    def opened(self, unlocked: Unlocked | None) -> Library:
        """The recordings, as far as they can be known."""
        return Library(self.vault, [self.folder], self._keep_days, unlocked)

    def make(self, began: datetime | None = None) -> None:
        """The vault, locked, with keys from the day of `began` on."""
        self.vault.create(PASSPHRASE, (began or datetime.now()).date()).close()

    def clip(
        self,
        seconds: float = 2.0,
        *,
        began: datetime | None = None,
        content: Content = "faces-blurred",
        mode: str = "manual",
        size: tuple[int, int] = SIZE,
        finished: bool = True,
        source: str = "Webcam C920",
    ) -> Path:
        """One recording of the demo, with a person in its pose track who is not that of the portrait."""
        when = began or datetime.now().astimezone()
        recipients = self.vault.recipients(when.date())
        path = self.folder / f"{os.urandom(8).hex()}{SUFFIX}"
        writer = ClipWriter(path.open("w+b", buffering=0), recipients, sync=lambda file: None)
        for number, fragment in enumerate(_fragments(seconds, size, when)):
            if number == 0:
                writer.fragment(fragment.head)
            writer.fragment(fragment.placed(0, RATE_HZ, number + 1))
        if finished:
            writer.close()
        else:
            writer.abandon()
        about = About(
            started_s=when.timestamp(),
            length_s=seconds if finished else None,
            source=source,
            content=content,
            mode=mode,
        )
        self.vault_catalogue(writer.clip_id, when, about)
        return path

    @property
    def office(self) -> UserOffice:
        """The real one over this folder; only the decoding process is not tried each time."""
        data, config = self.data.absolute(), self.data / "config.toml"
        roots = {"data": (data,), "config": (config,), "recordings": (self.folder.absolute(),)}
        sources = Sources(
            self.data,
            self.vault,
            Settings,
            lambda settings: flow_map(TOUCHPOINTS, roots, values(settings), ()),
            layers=self._layers,
        )
        found = Finding("ok", "decoding process", "seccomp: no network, no program, no file; resource limits")
        places = Places(self.data, config, self.vault, (self.folder,), self._keep_days)
        return UserOffice(sources, lambda: places, lambda: self.safe.unlocked, Settings, tried=lambda: found)

    def vault_catalogue(self, clip_id: bytes, when: datetime, about: About) -> None:
        """What the recorder would note of it."""
        self.library.catalogue.put(clip_id, when.date(), self.vault.recipients(when.date()), about)

    def _record(self, event: Event, **fields: Value) -> None:
        self.logged.append((event, fields))


def _fragments(seconds: float, size: tuple[int, int], when: datetime) -> list[Fragment]:
    def encoder(width: int, height: int) -> PlainVideo:
        return PlainVideo(width, height, rate=RATE_HZ, encoding=for_recording("h264", 23, RATE_HZ))

    session: Session | None = None
    made: list[Fragment] = []
    for frame in DemoSource(*size, RATE_HZ, seconds):
        if session is None:
            session = Session(Painter(), encoder, RATE_HZ, size[1], lambda: when, frame, 0.0)
        scale = size[0] / 1280
        made += session.add(frame, frame.time_s, observed([sitter(scale=scale)], frame.time_s))
    return made + session.end() if session is not None else made


def days_ago(days: float) -> datetime:
    """A moment before now, local."""
    return datetime.now().astimezone() - timedelta(days=days)
