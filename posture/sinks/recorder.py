"""Records what is monitored into encrypted clips.

    push ─► a few frames ─► encode thread: picture, encoder ─► a fragment a second ─► `storage`: files
            (never waits)                                       └ the last ones are kept as pre-roll

What is on the way is in memory only, and nothing touches a disk but whole encrypted fragments. No key is needed for it
that could open them. A recorder that cannot go on stops and says so; monitoring goes on.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from posture.data import Frame, Observation
from posture.errors import ConfigError
from posture.sinks.clipfile import Place, Recipients, System
from posture.sinks.fragments import Fragment
from posture.sinks.recorder_settings import Content, RecorderSettings
from posture.sinks.recording import ClipNews, Encoder, Painter, Phase, Recording, Why
from posture.sinks.storage import WAITING_S, Hears, Storage
from posture.sinks.take import Shot, Take

GIB = 1 << 30
CLOSE_S = 15.0
"""How long `close` waits for disk and encoder."""


def local_now() -> datetime:
    """The wall clock, aware."""
    return datetime.now().astimezone()


class Recorder:
    """Every method may be called from any thread and returns at once, but `close`."""

    def __init__(
        self,
        settings: RecorderSettings,
        places: Callable[[], Sequence[tuple[Path, bool]]],
        recipients: Recipients,
        painter: Callable[[Content], Painter],
        encoder: Callable[[RecorderSettings, int, int], Encoder],
        *,
        on_clip: Callable[[ClipNews], str] = lambda news: "",
        on_change: Callable[[Recording], None] = lambda recording: None,
        said: Callable[[BaseException], str] = str,
        wall: Callable[[], datetime] = local_now,
        system: System | None = None,
    ) -> None:
        """`places`: the folders for clips, in order of preference, and for each whether it may be made: one on a share
        must not be, where the share is not there.

        `recipients`: for whom a clip of that day is encrypted. `painter` makes the pictures of a content, `encoder`
        codes them at a width and height; both are called in the encode thread. `on_clip` hears of each file in the
        storage thread: what it raises ends the recording, what it says is shown. `on_change` gets each new state and
        must not block. `said` makes a sentence of an error.
        """
        self.settings = settings
        """Take effect with the next `begin`."""
        self.on_change = on_change
        self._folders = places
        self._places: dict[Path, Place] = {}
        self._recipients, self._painter, self._encoder = recipients, painter, encoder
        self._on_clip, self._said, self._wall = on_clip, said, wall
        self._system = system or System()
        self._lock = threading.RLock()
        self._recording = Recording(content=settings.content)
        self._take: Take | None = None
        self._bytes = 0
        """Of files that are closed."""
        self.error: BaseException | None = None
        """Why the last recording stopped by itself."""

    @property
    def recording(self) -> Recording:
        """What is known now."""
        return self._recording

    @property
    def rate_hz(self) -> float:
        """Frames a second that it wants; 0 while nothing is recorded."""
        take = self._take
        return take.settings.rate_hz if take is not None and take.wanted else 0.0

    def begin(self, why: Why = "manual", content: Content | None = None) -> None:
        """Record from the next frame on, or with `why` "event" around each event; nothing where it records already.

        `content`: another one than that of the settings. What may not be recorded fails, and `error` says why.
        """
        with self._lock:
            if self._take is not None and self._take.wanted:
                return
            settings = self.settings if content is None else msgspec.structs.replace(self.settings, content=content)
            self._bytes, self.error = 0, None
            if words := settings.refusal():
                self.error = ConfigError(words)
                self._set(Recording(Phase.FAILED, settings.content, why=why, message=words))
                return
            take: Take
            hears = Hears(
                safe=lambda fragment, length: self._safe(take, fragment, length),
                clip=lambda news: self._heard(take, news),
                trouble=lambda words: self._trouble(take, words),
                failed=lambda error: self._fail(take, error),
            )
            storage = Storage(
                self._wanted_places(),
                self._recipients,
                hears,
                system=self._system,
                most_bytes=settings.most_gib * GIB,
                limit_s=WAITING_S + settings.pre_roll_s,
            )
            take = self._take = Take(
                settings,
                why,
                storage,
                lambda: self._painter(settings.content),
                lambda width, height: self._encoder(settings, width, height),
                self._wall,
                self._phase,
                lambda error: self._fail(take, error),
            )
            self._set(Recording(Phase.READY, settings.content, why=why))
            take.start()

    def push(self, frame: Frame, t: float, observation: Observation | None, *, event: bool = False) -> None:
        """What is monitored at `t` seconds of a clock that only rises. `event`: a reminder began, or a poor posture."""
        take = self._take
        if take is not None:
            take.push(Shot(frame, t, observation, event))

    def rest(self) -> None:
        """The camera is closed or lost: the clip ends here, and the next frame begins another one."""
        take = self._take
        if take is not None:
            take.rest()

    def end(self) -> None:
        """Record no more. What is in memory is still written, see `Phase.ENDING`."""
        with self._lock:
            take = self._take
            if take is not None and take.wanted:
                self._set(replace(self._recording, phase=Phase.ENDING))
                take.end()

    def close(self, timeout_s: float = CLOSE_S) -> bool:
        """End, and wait until everything is written; whether that was done in time."""
        self.end()
        take = self._take
        return take is None or take.join(timeout_s)

    def _wanted_places(self) -> list[Place]:
        """A thread that still waits for a folder is remembered from recording to recording."""
        return [self._places.setdefault(folder, Place(folder, make)) for folder, make in self._folders()]

    # From the threads of a recording.

    def _phase(self, take: Take) -> None:
        """A clip, or all of it, may have begun or ended."""
        with self._lock:
            if take is not self._take or self._recording.phase is Phase.FAILED:
                return
            since = take.since
            phase = Phase.OFF if take.over else Phase.ENDING if not take.wanted else Phase.READY
            if phase is Phase.READY and since is not None:
                phase = Phase.RECORDING
            if (phase, since) != (self._recording.phase, self._recording.since):
                self._set(replace(self._recording, phase=phase, since=since))

    def _safe(self, take: Take, fragment: Fragment, length: int) -> None:
        """A fragment is on the disk."""
        with self._lock:
            if take is not self._take:
                return
            storage, before = take.storage, self._recording
            place = storage.place
            self._set(
                replace(
                    before,
                    safe_s=before.safe_s + fragment.frames / take.settings.rate_hz,
                    safe_bytes=self._bytes + length,
                    waiting_s=storage.waiting_s,
                    lost_s=storage.lost_s,
                    folder=None if place is None else place.folder,
                    elsewhere=place is not storage.places[0],
                    clips=take.clips.begun,
                )
            )

    def _heard(self, take: Take, news: ClipNews) -> None:
        """Of a file."""
        if news.kind != "opened":
            with self._lock:
                self._bytes += news.size_bytes
                if take is self._take:
                    self._set(replace(self._recording, safe_bytes=self._bytes))
        words = self._on_clip(news)
        if words:
            self._trouble(take, words)

    def _trouble(self, take: Take, words: str) -> None:
        """Something is wrong that the recording goes on with, or is not any more."""
        with self._lock:
            if take is self._take and words != self._recording.message:
                self._set(replace(self._recording, message=words))

    def _fail(self, take: Take, error: BaseException) -> None:
        """It cannot go on."""
        take.end()
        with self._lock:
            if take is self._take and self._recording.phase is not Phase.FAILED:
                self.error = error
                words = f"the recording stopped: {self._said(error)}"
                self._set(replace(self._recording, phase=Phase.FAILED, since=None, message=words))

    def _set(self, recording: Recording) -> None:
        self._recording = recording
        self.on_change(recording)
