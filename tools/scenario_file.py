"""The schema of a scenario: a sitter before a camera, segment by segment, and what must be said of them.

`../shared/data/desk_scenario.json` says what its fields mean. Beyond what stands there, a file may say (all optional):

    camera      tilt_deg, pan_deg, roll_deg (down, to its right, clockwise; without a tilt the sitter aims the camera so
                that the eyes lie a third from the top), aside_m (to the sitter's left; from the side 1.5),
                background (whether the shift of the background can be measured: true), luma (110)
                view: front, side (= left), left, right: which side of the sitter is turned to it
    person      x_m (seat to the sitter's left), seat_m (seat raised), arms (desk, hang, front, chin), hidden (names of
                keypoints), scale (size of the sitter)
    system      locked, asleep, switched, paused: monitoring rests; full_screen, in_call: no reminder
    settings    every setting of [desk] and [reminders]
    others      no bound on their number

A key that is not known is left out with a warning; a value that cannot be is an error.
"""

import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from posture.ergonomics.desk_settings import DeskSettings
from posture.errors import ConfigError
from posture.reminders import ReminderSettings

Positive = Annotated[float, msgspec.Meta(gt=0)]
Arms = Literal["desk", "hang", "front", "chin"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A part of a scenario; `strangers` finds the keys that it does not know."""


class Person(_Part, frozen=True, kw_only=True):
    """The sitter in a segment; see `sitter.Stance`."""

    present: bool = True
    standing: bool = False
    trunk_flexion_deg: float = 2.0
    trunk_side_deg: float = 0.0
    trunk_twist_deg: float = 0.0
    neck_flexion_deg: float = 4.0
    head_pitch_deg: float = 0.0
    head_yaw_deg: float = 0.0
    head_roll_deg: float = 0.0
    shoulder_shrug_m: float = 0.0
    distance_m: Positive = 0.7
    x_m: float = 0.0
    seat_m: float = 0.0
    scale: Positive = 1.0
    arms: Arms = "desk"
    hidden: tuple[str, ...] = ()


class Other(_Part, frozen=True, kw_only=True):
    """Somebody else: distance before the camera, place across (picture's right +), moving over the segment."""

    distance_m: Positive
    x_m: float = 0.0
    moves_to_x_m: float | None = None
    standing: bool = False


class Change(_Part, frozen=True, kw_only=True):
    """What is done to the camera in a segment."""

    tilt_deg: float = 0.0
    pan_deg: float = 0.0
    roll_deg: float = 0.0
    unplugged: bool = False
    luma: Annotated[float, msgspec.Meta(ge=0, le=255)] | None = None


class System(_Part, frozen=True, kw_only=True):
    """What the desktop does in a segment."""

    locked: bool = False
    asleep: bool = False
    switched: bool = False
    paused: bool = False
    full_screen: bool = False
    in_call: bool = False

    @property
    def rests(self) -> bool:
        """Whether the camera is closed."""
        return self.locked or self.asleep or self.switched or self.paused


class Segment(_Part, frozen=True, kw_only=True):
    """One stretch of the timeline."""

    t_s: tuple[float, float]
    expect: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    person: Person = Person()
    reminder: bool | None = None
    note: str = ""
    others: tuple[Other, ...] = ()
    camera: Change = Change()
    system: System = System()


class CameraSetup(_Part, frozen=True, kw_only=True):
    """The camera of the scenario."""

    view: Literal["front", "side", "left", "right"] = "front"
    size_px: tuple[Annotated[int, msgspec.Meta(ge=64)], Annotated[int, msgspec.Meta(ge=64)]] = (1280, 720)
    fov_deg: Annotated[float, msgspec.Meta(gt=10, lt=150)] = 65.0
    above_eyes_m: float = 0.05
    tilt_deg: float | None = None
    pan_deg: float | None = None
    roll_deg: float = 0.0
    aside_m: float | None = None
    luma: Annotated[float, msgspec.Meta(ge=0, le=255)] = 110.0
    background: bool = True


class Scenario(_Part, frozen=True, kw_only=True):
    """One file."""

    timeline: Annotated[tuple[Segment, ...], msgspec.Meta(min_length=2)]
    schema: Literal[1] = 1
    about: str = ""
    camera: CameraSetup = CameraSetup()
    fps_variants: tuple[Positive, ...] = (2.0, 5.0, 12.0, 30.0, 60.0)
    keypoint_noise_px: Annotated[float, msgspec.Meta(ge=0)] = 1.5
    seed: int = 1
    blend_s: Annotated[float, msgspec.Meta(ge=0)] = 0.7
    settle_s: Annotated[float, msgspec.Meta(ge=0)] = 3.0
    settings: dict[str, Any] = {}

    @cached_property
    def desk(self) -> DeskSettings:
        """Those of `settings` that are the judge's. Raises msgspec.ValidationError."""
        return msgspec.convert(_known(self.settings, DeskSettings), DeskSettings)

    @cached_property
    def reminders(self) -> ReminderSettings:
        """Those of the reminders, which come sooner here than in the program. Raises msgspec.ValidationError."""
        sooner = {"onset_s": 10.0, "cooldown_s": 30.0}
        return msgspec.convert(sooner | _known(self.settings, ReminderSettings), ReminderSettings)


def strangers(data: dict[str, Any]) -> list[str]:
    """Paths of the keys of a scenario that nothing here knows."""
    settings = data.get("settings", {})
    known = DeskSettings.__struct_fields__ + ReminderSettings.__struct_fields__
    return [*_strangers(data, msgspec.inspect.type_info(Scenario), "$")] + [
        f"$.settings.{name}" for name in settings if name not in known
    ]


def _strangers(data: object, kind: msgspec.inspect.Type, place: str) -> Iterator[str]:
    if isinstance(kind, msgspec.inspect.VarTupleType) and isinstance(data, list):
        for number, item in enumerate(data):
            yield from _strangers(item, kind.item_type, f"{place}[{number}]")
    if not isinstance(kind, msgspec.inspect.StructType) or not isinstance(data, dict):
        return
    known = {field.encode_name: field.type for field in kind.fields}
    for name, value in data.items():
        if name in known:
            yield from _strangers(value, known[name], f"{place}.{name}")
        else:
            yield f"{place}.{name}"


def _known(settings: dict[str, Any], kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name in kind.__struct_fields__}


def load(path: Path) -> Scenario:
    """Read a scenario; what it says beyond the schema is warned about on stderr. Raises ConfigError where it is not
    one, with the place and what is allowed there.
    """
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror or exc}") from exc
    scenario = parse(data, path.name)
    for place in strangers(msgspec.json.decode(data)):
        print(f"scenario: {path.name}: `{place}` is not known here and left out", file=sys.stderr)
    return scenario


def parse(data: bytes, name: str) -> Scenario:
    """A scenario from JSON. Raises ConfigError."""
    try:
        scenario = msgspec.json.decode(data, type=Scenario)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{name} is not a scenario: {exc}") from exc
    try:
        _ = scenario.desk, scenario.reminders
    except msgspec.ValidationError as exc:
        raise ConfigError(f"{name} is not a scenario: {exc} in `$.settings`") from exc
    end = scenario.timeline[0].t_s[0]
    for number, segment in enumerate(scenario.timeline):
        begin, until = segment.t_s
        if begin != end or until <= begin:
            raise ConfigError(
                f"{name}: timeline[{number}].t_s = [{begin:g}, {until:g}]: it must begin at {end:g} s, where the one "
                "before ends, and end later"
            )
        end = until
    return scenario
