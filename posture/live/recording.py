"""A recorder as the program composes it: encoder and pictures, keys of the vault, catalogue and audit log."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Protocol

from posture.audit.events import Event, Value
from posture.errors import Damaged, SinkError
from posture.live.clerk import said
from posture.live.painting import painter
from posture.live.settings import Sections
from posture.sinks.recorder import Recorder
from posture.sinks.recorder_settings import RecorderSettings
from posture.sinks.recording import ClipNews
from posture.sources.hardware import encoding
from posture.sources.plainvideo import PlainVideo
from posture.vault.catalogue import About, Catalogue
from posture.vault.places import recordings_folders
from posture.vault.recipient import Recipient


class Record(Protocol):
    """Where the audit log gets its entries from."""

    def __call__(self, event: Event, **fields: Value) -> object:
        """Write one entry, or raise."""


def new_recorder(
    settings: Sections,
    folder: str,
    recipients: Callable[[date], tuple[Recipient, ...]],
    catalogue: Catalogue,
    record: Record | None,
    source: Callable[[], str],
    purpose: Callable[[], str] = lambda: "",
) -> Recorder:
    """A recorder that has not begun. `folder` is `vault.folder` of the settings, `source` says the name of the camera,
    `purpose` what for people are seen.

    Each file is written into the audit log, and what is known of it into the catalogue: without the first nothing is
    recorded, without the second a clip has no more than its day.
    """
    pose = settings.pose

    def places() -> list[tuple[Path, bool]]:
        return [(path, number > 0 or not folder) for number, path in enumerate(recordings_folders(folder))]

    def encoder(recorder: RecorderSettings, width: int, height: int) -> PlainVideo:
        chosen = encoding(recorder.codec, recorder.crf, recorder.rate_hz, hardware=recorder.hardware)
        return PlainVideo(width, height, rate=recorder.rate_hz, encoding=chosen)

    def on_clip(news: ClipNews) -> str:
        if record is not None:
            _log(record, news)
        try:
            _note(catalogue, news, source(), purpose())
        except (SinkError, Damaged) as exc:
            return str(exc)
        return ""

    return Recorder(
        settings.recorder,
        places,
        recipients,
        lambda content: painter(content, pose),
        encoder,
        on_clip=on_clip,
        said=said,
    )


def _log(record: Record, news: ClipNews) -> None:
    if news.kind == "opened":
        record(Event.CLIP_OPENED, clip=news.clip_id.hex())
    elif news.closed is not None:
        record(Event.CLIP_CLOSED, clip=news.clip_id.hex(), bytes=news.closed.length, sha256=news.closed.sha256)


def _note(catalogue: Catalogue, news: ClipNews, source: str, purpose: str) -> None:
    clip = news.clip
    about = About(
        started_s=clip.began.timestamp(),
        length_s=None if news.kind == "opened" else news.length_s,
        source=source,
        content=clip.content,
        mode=clip.why,
        purpose=purpose,
        reason="poor_posture" if clip.why == "event" else "",
    )
    catalogue.put(news.clip_id, clip.began.date(), news.recipients, about)
