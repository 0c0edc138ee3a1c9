"""What a person says about a task, from a TOML file: what no camera sees, and what overrides what one saw.

    name = "Packing, line 3"
    entered_by = "the assessor"
    entered_on = 2026-11-28
    site = "Hall 2"
    purpose = "risk assessment"
    follow_up_on = 2027-02-01
    keep_until = 2027-11-28
    force_kg = 4.0
    force_pattern = "intermittent"
    coupling = "fair"
    stance = "standing"
    legs_supported = true
    wrist_deg = 10

    [right]
    wrist_twisted = false

    [[segment]]
    name = "lifting"
    from = "1:20"
    to = "2:05"
    force_kg = 12.0

What is left out stays open, and the score an interval. A segment goes before the task, and a side before both.
"""

import math
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import tomli_w

from posture.ergonomics.factors import CHOICES, FROM_CAMERA, SIDE_FACTORS
from posture.ergonomics.worksheet import Value
from posture.errors import ConfigError, nearest, parted

Angle = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Weight = Annotated[float, msgspec.Meta(ge=0, le=1000)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
STANDING = ("both_legs", "one_leg")


class SideFactors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What each side may have of its own. None: nobody said."""

    upper_arm_deg: Angle | None = None
    lower_arm_deg: Annotated[float, msgspec.Meta(ge=0, le=180)] | None = None
    wrist_deg: Angle | None = None
    shoulder_raised: bool | None = None
    arm_awkward: bool | None = None
    """Stretched far back, drawn across the body, or turned outward to the end: ISO 11226."""
    abducted: bool | None = None
    arm_supported: bool | None = None
    lower_arm_across: bool | None = None
    lower_arm_out: bool | None = None
    wrist_deviated: bool | None = None
    wrist_twisted: bool | None = None
    arm_static: bool | None = None
    arm_repeated: bool | None = None


class Factors(SideFactors, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for the whole body, or for both sides."""

    neck_deg: Angle | None = None
    neck_twisted: bool | None = None
    neck_side_bent: bool | None = None
    trunk_deg: Angle | None = None
    trunk_twisted: bool | None = None
    trunk_side_bent: bool | None = None
    trunk_supported: bool | None = None
    """RULA: seated, and well supported. ISO 11226: fully supported."""
    head_supported: bool | None = None
    back_rounded: bool | None = None
    """The lower back curves outward while seated: ISO 11226."""
    legs_supported: bool | None = None
    knee_deg: Annotated[float, msgspec.Meta(ge=0, le=180)] | None = None
    stance: Literal["sitting", "standing", "both_legs", "one_leg", "walking", "kneeling"] | None = None
    body_static: bool | None = None
    body_repeated: bool | None = None
    rapid_change: bool | None = None
    force_kg: Weight | None = None
    force_pattern: Literal["intermittent", "static_or_repeated", "shock"] | None = None
    coupling: Literal["good", "fair", "poor", "unacceptable"] | None = None
    left: SideFactors = SideFactors()
    right: SideFactors = SideFactors()


class Segment(Factors, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """A part of the recording with a name and, where they differ, factors of its own."""

    name: Text
    start: float | str
    end: float | str

    @property
    def start_s(self) -> float:
        """Seconds of the recording."""
        return seconds(self.start)

    @property
    def end_s(self) -> float:
        """Seconds of the recording."""
        return seconds(self.end)


class Task(Factors, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"segments": "segment"}):
    """A whole task file."""

    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    entered_by: Annotated[str, msgspec.Meta(max_length=200)] = ""
    """Who says so; needed where something that a camera measures is overridden."""
    entered_on: date | None = None
    site: Annotated[str, msgspec.Meta(max_length=200)] = ""
    """Where the work place is, as the report shall say it."""
    purpose: Annotated[str, msgspec.Meta(max_length=500)] = ""
    """What the assessment is for (GDPR, Article 5(1)(b))."""
    follow_up_on: date | None = None
    """When it is to be looked at again."""
    keep_until: date | None = None
    """Until when the report may be kept (GDPR, Article 5(1)(e))."""
    segments: tuple[Segment, ...] = ()

    def said(self, side: str, segment: Segment | None = None) -> dict[str, tuple[Value, ...]]:
        """Every factor that somebody said something about, and what, for "left" or "right"."""
        found: dict[str, tuple[Value, ...]] = {}
        for level in (self, segment) if segment is not None else (self,):
            for factors in (level, level.left if side == "left" else level.right):
                found |= {name: _values(value) for name, value in _said(factors)}
        return found

    @property
    def factors_said(self) -> tuple[str, ...]:
        """Factors that anything is said about here, for any side or segment, each once."""
        levels = [self, *self.segments]
        said = [name for level in levels for part in (level, level.left, level.right) for name, _ in _said(part)]
        return tuple(dict.fromkeys(said))

    @property
    def overrides(self) -> tuple[str, ...]:
        """Factors said here that a camera could have measured."""
        return tuple(name for name in self.factors_said if name in FROM_CAMERA)


NOTHING_SAID = Task()
OCCASION = ("name", "entered_by", "entered_on", "site", "purpose", "follow_up_on", "keep_until")
"""What a task file says beside factors."""

FACTORS = tuple(field.name for field in msgspec.structs.fields(Factors) if field.name not in ("left", "right"))


def _said(factors: SideFactors) -> Iterator[tuple[str, Value]]:
    names = FACTORS if isinstance(factors, Factors) else sorted(SIDE_FACTORS)
    return ((name, value) for name in names if (value := getattr(factors, name)) is not None)


def _values(value: Value) -> tuple[Value, ...]:
    return STANDING if value == "standing" else (value,)


def seconds(time: float | str) -> float:
    """Seconds of 90, "1:30" or "0:01:30.5". Raises ValueError."""
    try:
        parts = [float(part) for part in str(time).split(":")]
    except ValueError:
        parts = []
    if not 1 <= len(parts) <= 3 or any(part < 0 or not math.isfinite(part) for part in parts):
        raise ValueError(f"{time!r} is no time: give seconds, m:ss or h:mm:ss")
    return math.fsum(part * 60.0**power for power, part in enumerate(reversed(parts)))


def load_task(path: Path) -> Task:
    """Read a task file. Raises ConfigError that names the key, what stands there and what is allowed."""
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else exc
        raise ConfigError(f"{path}: the task file cannot be read: {why}; check its name and what it holds") from exc
    try:
        return check_task(msgspec.convert(tree, Task))
    except msgspec.ValidationError as exc:
        raise ConfigError(f"{path}: {_explained(str(exc), tree)}") from exc
    except ValueError as exc:
        raise ConfigError(f"{path}: {exc}") from exc


def check_task(task: Task) -> Task:
    """The same task. Raises ValueError where its parts do not fit together."""
    spans = [(segment.start_s, segment.end_s, segment.name) for segment in task.segments]
    for start_s, end_s, name in spans:
        if end_s <= start_s:
            raise ValueError(f"segment {name!r} ends before it begins")
    for (_, end_s, name), (start_s, _, following) in zip(sorted(spans), sorted(spans)[1:], strict=False):
        if start_s < end_s:
            raise ValueError(f"segments {name!r} and {following!r} overlap: give every moment to one of them")
    if len({name for *_, name in spans}) < len(spans):
        raise ValueError("two segments have the same name: give each its own")
    if task.overrides and not task.entered_by:
        raise ValueError(f"{task.overrides[0]} can be measured; whoever overrides it signs with entered_by")
    return task


def _explained(message: str, tree: dict[str, Any]) -> str:
    """The message of msgspec with the key, what stands there and, for an unknown key, the nearest known one."""
    what, where = parted(message)
    if unknown := re.match(r"Object contains unknown field `(.+)`", what):
        name, inner = unknown.group(1), where in ("left", "right") or where.endswith((".left", ".right"))
        known = sorted(SIDE_FACTORS) if inner else [*FACTORS, "left", "right"]
        known += [] if inner else ["name", "from", "to"] if where else [*OCCASION, "segment"]
        return f"unknown key {'.'.join(filter(None, (where, name)))!r}: {nearest(name, known)}"
    value: Any = tree
    for key in re.findall(r"[A-Za-z_]\w*|\d+", where):
        value = value[int(key)] if isinstance(value, list) else value.get(key) if isinstance(value, dict) else value
    allowed = CHOICES.get(where.rpartition(".")[2])
    hint = f"; allowed are {', '.join(allowed)}" if allowed and "enum" in what else ""
    shown = f" = {value!r}" if not isinstance(value, (dict, list)) else ""
    return f"{where or 'the file'}{shown}: {what[0].lower()}{what[1:]}{hint}"


def task_toml(task: Task) -> str:
    """The task file that says so; what nobody said anything about is left out."""
    return tomli_w.dumps(_without_nothing(msgspec.to_builtins(task)))


def _without_nothing(tree: Any) -> Any:  # noqa: ANN401 - plain values of any kind
    if isinstance(tree, dict):
        kept = {key: _without_nothing(value) for key, value in tree.items()}
        return {key: value for key, value in kept.items() if value not in (None, "", {}, [])}
    return [_without_nothing(value) for value in tree] if isinstance(tree, list | tuple) else tree
