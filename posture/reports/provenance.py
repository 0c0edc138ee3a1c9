"""What the maker of a report has to state about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from posture.data import Damage, SourceInfo
from posture.ergonomics.camera import Camera
from posture.ergonomics.task import NOTHING_SAID, Task
from posture.reports.language import LanguageName


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Facts about the source and the run that no observation carries. Never a path or a clock time."""

    info: SourceInfo
    damage: Damage = field(default_factory=Damage)
    source_sha256: str = ""
    """Hex; empty for the demo and for a camera."""
    source_bytes: int = 0
    frames_decoded: int
    stopped: bool = False
    """Ended by request before the end."""
    program_version: str
    model: str
    model_sha256: str
    provider: str
    fallback_reason: str = ""
    isolation: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    """The settings tree in force as plain values (`msgspec.to_builtins`); only `SETTINGS_SHOWN` of it is reported."""
    camera: Camera | None = None
    """How the camera stands: what the angles against gravity rest on."""
    reviewer: str = ""
    """Who reviewed the report; without, it is a draft."""
    reviewed_on: date | None = None
    language: LanguageName = "en"
    """Of the report."""
    label: str = ""
    """A name for the report that the user chose."""
    task: Task = NOTHING_SAID
    """What a person said about what no camera sees."""
    names: Mapping[int, str] = field(default_factory=dict)
    """Names that the user gave to people, by identity."""
