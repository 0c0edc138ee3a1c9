"""One settings tree, composed of what each room declares for itself: defaults < TOML file < environment < flags.

    [pose]      posture/pose/settings.py          which model, how many people, which provider
    [measure]   posture/ergonomics/measure.py     camera tilt, visibility limits
    [analysis]  posture/pipeline.py               rate of estimates
    [camera]    posture/sources/settings.py       which camera, size and rate
    [live]      posture/live/settings.py          rates of live monitoring, what stays on this computer
    [desk]      posture/ergonomics/desk_settings.py  how strict the judge at the desk is
    [reminders] posture/reminders.py              when and how a person is reminded
    [scores]    posture/ergonomics/score_settings.py  what sources on RULA, REBA and OWAS disagree about
    [job]       posture/job.py                    memory and time limits of the decoding process
    [output]    here                              folder and formats
    [redact]    posture/privacy/settings.py, here what is made unrecognisable, quality of videos
    [flow]      posture/privacy/settings.py       places outside the program that a person declares
    [audit]     posture/audit/settings.py         whether the log is kept, and for how long
    [recorder]  posture/sinks/recorder_settings.py  what is recorded, how and where
    [vault]     posture/vault/settings.py         how long recordings are kept, and where they lie
    [privacy]   posture/privacy/settings.py       purpose, and what only people know for the paperwork
    [window]    posture/appearance.py             theme, language, size of text, what is shown of the person
    [shell]     posture/appearance.py             tray, battery

`POSTURE_POSE__MODEL=lite` sets `pose.model`; `POSTURE_CONFIG` names another file.
"""

import itertools
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import platformdirs
import tomli_w

from posture import policy
from posture.appearance import ShellSettings, WindowSettings
from posture.audit.settings import AuditSettings
from posture.ergonomics.desk_settings import DeskSettings
from posture.ergonomics.measure import MeasureSettings
from posture.ergonomics.score_settings import ScoreSettings
from posture.errors import ConfigError, nearest, parted
from posture.job import JobSettings
from posture.live.settings import LiveSettings
from posture.output import whole_file
from posture.pipeline import AnalysisSettings
from posture.pose.choice import check_names
from posture.pose.settings import PoseSettings
from posture.privacy import wording
from posture.privacy.settings import Declared, FlowSettings, PrivacySettings, RedactSettings
from posture.reminders import ReminderSettings
from posture.sinks.recorder_settings import RecorderSettings
from posture.sources.settings import CameraSettings
from posture.vault.settings import VaultSettings

PERIODS = ("vault.keep_days", "vault.hold_days", "live.history_days", "audit.keep_months")
"""How long something is kept: what is older is erased, and no other setting that is lost takes anything with it."""
FormatName = Literal["html", "json", "csv", "pdf", "xlsx"]
PoseFormat = Literal["openpose", "coco", "trc", "mot", "c3d", "wide", "long", "parquet", "netcdf"]


class OutputSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where reports go and in which formats."""

    folder: str = "posture-out"
    """Where reports are written."""
    language: Literal["en", "de"] = "en"
    """Language of the reports."""
    formats: Annotated[tuple[FormatName, ...], msgspec.Meta(min_length=1)] = ("html", "json", "csv")
    """Which reports are written."""
    exports: tuple[PoseFormat, ...] = ()
    """Formats of other programs in which keypoints and angles are written beside the reports."""
    keypoints: bool = False
    """Whether the CSV carries the keypoints as well."""
    key_frames: Literal["skeleton", "picture"] = "skeleton"
    """What HTML and PDF show of single moments: stick figures, or the pictures themselves, with all who are in them."""


class RedactionSettings(RedactSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is made unrecognisable, and how the result is stored."""

    crf: Annotated[int, msgspec.Meta(ge=0, le=51)] = 20
    """Quality of a redacted video as x264 counts it: 0 loses least, 18 is hard to tell from the source, 51 is worst."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set. Immutable: a flag gives a new tree."""

    pose: PoseSettings = PoseSettings()
    measure: MeasureSettings = MeasureSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    camera: CameraSettings = CameraSettings()
    live: LiveSettings = LiveSettings()
    desk: DeskSettings = DeskSettings()
    reminders: ReminderSettings = ReminderSettings()
    scores: ScoreSettings = ScoreSettings()
    job: JobSettings = JobSettings()
    output: OutputSettings = OutputSettings()
    audit: AuditSettings = AuditSettings()
    vault: VaultSettings = VaultSettings()
    redact: RedactionSettings = RedactionSettings()
    flow: FlowSettings = FlowSettings()
    recorder: RecorderSettings = RecorderSettings()
    privacy: PrivacySettings = PrivacySettings()
    window: WindowSettings = WindowSettings()
    shell: ShellSettings = ShellSettings()


def config_path(environment: Mapping[str, str] = os.environ) -> Path:
    """The settings file of this user; it need not exist."""
    if named := environment.get("POSTURE_CONFIG"):
        return Path(named)
    return Path(platformdirs.user_config_dir("posture", appauthor=False)) / "config.toml"


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    path: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    ruled: bool = True,
) -> Settings:
    """Compose the settings. `flags` maps key paths ("pose.model") to values; None means "not given".

    A signed policy of this computer holds above all: what the file says beyond it gives way, what a flag or a variable
    asks for is refused. `ruled` False leaves it aside: for who only wants to know what the file says.

    Raises ConfigError with the key path, the value and what is allowed; also for a policy that is missing or forged.
    """
    file = path or config_path(environment)
    if environment.get("POSTURE_CONFIG") and not file.exists():
        raise ConfigError(f"POSTURE_CONFIG names {file}, which is not there; make it or unset the variable")
    tree = _read(file)
    layers = [_from_environment(environment), {k: v for k, v in (flags or {}).items() if v is not None}]
    for layer in layers:
        for key, value in layer.items():
            _put(tree, key, value)
    settings = checked(tree)
    return within_policy(settings, dict.fromkeys((*layers[0], *layers[1]))) if ruled else settings


def in_force() -> policy.InForce | None:
    """The policy of this computer; None where there is none.

    Raises ConfigError for one that is missing or forged, unless this process goes on all the same (`go_on_bound`).
    """
    try:
        return policy.system_files().in_force(date.today())
    except ConfigError:
        if not _bound:
            raise
        return policy.stand_in()


def go_on_bound() -> Settings:
    """From here on this process runs although the policy is broken, as `policy.stand_in` says; its settings.

    There is no way back but a policy that is sound again. Raises ConfigError for what else is wrong with the settings.
    """
    _bound.append(True)
    return load()


_bound: list[bool] = []
"""Empty until `go_on_bound`."""


def within_policy(settings: Settings, asked: Mapping[str, object]) -> Settings:
    """The settings as the policy of this computer allows them. What `asked` names must not go beyond it.

    Raises ConfigError.
    """
    found = in_force()
    if found is None:
        return settings
    tree = msgspec.to_builtins(settings)
    policy.applied(tree, found.limits(), asked, found.name)
    return checked(tree)


def limits() -> tuple[policy.InForce | None, dict[str, policy.Limit]]:
    """The policy of this computer and what it says about each setting; where several say something, the strictest.

    Raises ConfigError for one that is missing or forged.
    """
    found = in_force()
    if found is None:
        return None, {}
    return found, {limit.key: limit for limit in sorted(found.limits(), key=lambda limit: limit.locked)}


def allows(found: policy.InForce) -> None:
    """Whether there are settings that a policy allows: its locks name some that exist, with values that they can have.

    Raises ConfigError.
    """
    tree = msgspec.to_builtins(Settings())
    policy.applied(tree, found.limits(), {}, found.name)
    checked(tree)


def with_environment(settings: Settings, environment: Mapping[str, str] = os.environ) -> Settings:
    """What holds where the file says `settings`. Raises ConfigError."""
    tree = msgspec.to_builtins(settings)
    variables = _from_environment(environment)
    for key, value in variables.items():
        _put(tree, key, value)
    return within_policy(checked(tree), variables)


def checked(tree: dict[str, Any]) -> Settings:
    """The settings of a tree of sections. Raises ConfigError with the key path, the value and what is allowed."""
    settings = _validated(tree)
    check_names(settings.pose.model, settings.pose.detector)
    wording.check(settings.privacy.purpose_text, "privacy.purpose_text")
    return settings


def key_paths() -> list[str]:
    """Every setting there is: "pose.model", ..."""
    return [f"{section}.{name}" for section in _names("") for name in _names(section)]


def changed(before: Settings, after: Settings) -> list[str]:
    """The key paths whose values differ."""
    one, other = msgspec.to_builtins(before), msgspec.to_builtins(after)
    paths = (path.split(".") for path in key_paths())
    return [f"{section}.{name}" for section, name in paths if one[section][name] != other[section][name]]


def as_toml(settings: Settings) -> str:
    """The whole tree as TOML."""
    return tomli_w.dumps(msgspec.to_builtins(settings))


def write_default(path: Path) -> None:
    """Write the defaults to `path`, every line commented out, for a person to edit."""
    lines = as_toml(Settings()).splitlines()
    text = "\n".join(line if line.startswith("[") or not line else f"# {line}" for line in lines)
    with whole_file(path, advice="check the permissions of its folder") as out:
        out.write(f"# posture settings; remove the # of a line to change it\n\n{text}\n".encode())


def in_file(path: Path) -> Settings:
    """What the file alone says, over the defaults: what a settings page shows and changes. Raises ConfigError."""
    return load(path=path, environment={})


def fault(path: Path) -> str:
    """Why nothing can be done with that settings file: no TOML, or a setting that is not known or not allowed.

    Empty where it is sound, or not there.
    """
    try:
        load(path=path, environment={}, ruled=False)
    except ConfigError as exc:
        return str(exc)
    return ""


def readable(path: Path, names: Iterable[str]) -> Settings:
    """The defaults, but for those of `names` that the file says and that are allowed: of a file with a `fault`."""
    found, tree = _said(path), dict[str, Any]()
    for name in names:
        if name in found:
            with suppress(ConfigError):
                one: dict[str, Any] = {}
                _put(one, name, found[name])
                checked(one)
                _put(tree, name, found[name])
    return checked(tree)


def save(path: Path, settings: Settings) -> Path | None:
    """Write what differs from the defaults, whole or not at all; comments in the file are lost.

    A file that cannot be read or holds what is not allowed is kept beside the new one first; the name of that copy.
    Raises ConfigError where the copy cannot be made, SinkError where the file cannot be written.
    """
    copy = reset(path) if fault(path) else None
    text = tomli_w.dumps(_differing(settings))
    with whole_file(path, overwrite=True, advice="check the permissions of its folder") as out:
        out.write(f"# posture settings; everything that is not here has its default\n\n{text}".encode())
    return copy


def _differing(settings: Settings) -> dict[str, dict[str, Any]]:
    tree = msgspec.to_builtins(settings)
    sections: dict[str, dict[str, Any]] = {}
    for section, name in (path.split(".") for path in changed(Settings(), settings)):
        sections.setdefault(section, {})[name] = tree[section][name]
    return sections


def free_name(path: Path) -> Path:
    """What a settings file is called once it is set aside."""
    copies = (path.with_suffix(f".toml.bak{number or ''}") for number in itertools.count())
    return next(copy for copy in copies if not copy.exists())


def reset(path: Path) -> Path | None:
    """Move the settings file aside so that the defaults hold; the name of the copy, None where there was no file."""
    if not path.exists():
        return None
    copy = free_name(path)
    try:
        path.replace(copy)
    except OSError as exc:
        raise ConfigError(f"{path} cannot be moved to {copy}: {exc.strerror}") from exc
    return copy


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}; fix it, or run `posture config reset`") from exc


def _said(path: Path) -> dict[str, Any]:
    """What the file says of the settings that there are, be it allowed or not; nothing where it is no TOML."""
    try:
        tree = _read(path)
    except ConfigError:
        return {}
    sections = ((name, tree[name]) for name in _names("") if isinstance(tree.get(name), dict))
    known = ((section, name, below) for section, below in sections for name in _names(section))
    return {f"{section}.{name}": below[name] for section, name, below in known if name in below}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    prefix = "POSTURE_"
    found = {k: v for k, v in environment.items() if k.startswith(prefix) and "__" in k}
    return {k.removeprefix(prefix).lower().replace("__", "."): _toml_value(v) for k, v in found.items()}


def _toml_value(text: str) -> Any:  # noqa: ANN401 - TOML has seven types
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _put(tree: dict[str, Any], key: str, value: object) -> None:
    section, _, name = key.partition(".")
    below = tree.setdefault(section, {})
    if not isinstance(below, dict):
        raise ConfigError(f"{section} is a section, not a value: write [{section}] in the settings file")
    below[name] = value


def _validated(tree: dict[str, Any]) -> Settings:
    try:
        return msgspec.convert(tree, Settings)
    except msgspec.ValidationError as exc:
        raise ConfigError(_explained(str(exc), tree)) from exc


def _explained(message: str, tree: dict[str, Any]) -> str:
    """The message of msgspec with the key path, the value found and, for an unknown key, the nearest known one."""
    what, where = parted(message)
    if unknown := re.match(r"Object contains unknown field `(.+)`", what):
        name = unknown.group(1)
        known = _names(where) if "[" not in where else [field.name for field in msgspec.structs.fields(Declared)]
        return f"unknown setting {'.'.join(filter(None, (where, name)))!r}: {nearest(name, known)}"
    value: Any = tree
    for part in re.findall(r"[A-Za-z_]\w*", where):
        value = value.get(part) if isinstance(value, dict) else value
    why = what[0].lower() + what[1:]
    return f"setting {where or 'file'} = {value!r}: {why}"


def _names(section: str) -> list[str]:
    struct = type(getattr(Settings(), section)) if section else Settings
    return [field.name for field in msgspec.structs.fields(struct)]
