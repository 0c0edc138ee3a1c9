"""What a job is about: a TOML file, or what was typed.

what = "analyze"                      # or redact, scrub
inputs = ["/mnt/nas/cameras"]
output = "/mnt/nas/reports"
windows = ["22:00 to 06:00"]          # work only then; over midnight is fine
workers = 2                           # default: by processors and memory
task = "packing.toml"                 # what no camera sees, as for `posture analyze --task`
groups = '(?P<person>[^/]+)/(?P<task>[^/_]+)_(?P<day>[-0-9]{10})'

[[priority]]                          # the first rule that fits; higher comes first
match = "urgent/*"
priority = 10

[settings.pose]                       # any setting of `posture config`
model = "lite"
"""

import hashlib
import os
import re
import tomllib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec

from posture import config
from posture.analysis import Told
from posture.batch.work import Orders, What
from posture.ergonomics.task import NOTHING_SAID, load_task
from posture.errors import ConfigError, nearest, parted
from posture.folders import data_folder

_WINDOW = re.compile(r"\s*(\d\d?):(\d\d)\s*(?:to|-|–)\s*(\d\d?):(\d\d)\s*")
_SLUG = re.compile(r"[^a-z0-9]+")


class PriorityRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files whose path ends like `match`, a pattern with * and ?, have this priority."""

    match: Annotated[str, msgspec.Meta(min_length=1)]
    priority: Annotated[int, msgspec.Meta(ge=-1000, le=1000)]


class JobPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A job file."""

    inputs: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    output: str
    what: What = "analyze"
    name: str = ""
    windows: tuple[str, ...] = ()
    workers: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    task: str = ""
    groups: str = ""
    priority: tuple[PriorityRule, ...] = ()
    start_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    end_s: float | None = None
    overwrite: bool = False
    vault: bool = False
    """Whether results are encrypted for the vault, and nothing is kept in plain."""
    settle_s: Annotated[float, msgspec.Meta(ge=0)] = 10.0
    """A file that was changed so recently, in seconds, may still be growing: it waits."""
    tries: Annotated[int, msgspec.Meta(ge=1)] = 3
    """How often a file is tried whose failure may pass."""
    settings: dict[str, Any] = {}

    def orders(self) -> Orders:
        """What each file is to have done. Raises ConfigError for settings or a task file that cannot be used."""
        flags = {f"{section}.{name}": value for section, part in self.settings.items() for name, value in part.items()}
        told = Told(load_task(Path(self.task).expanduser()) if self.task else NOTHING_SAID)
        settings = config.load(flags)
        if self.vault and (self.what != "analyze" or settings.output.exports or "xlsx" in settings.output.formats):
            # XLSX is made with temporary files, which would lie on the disk in plain.
            raise ConfigError("the vault takes reports as HTML, PDF, JSON and CSV: leave out XLSX, exports and copies")
        return Orders(what=self.what, settings=settings, start_s=self.start_s, end_s=self.end_s, told=told)

    def open_windows(self) -> tuple["Window", ...]:
        """The times of work; empty: always. Raises ConfigError."""
        return tuple(Window.of(text) for text in self.windows)


class Window(msgspec.Struct, frozen=True):
    """A daily span of time, local time; may go over midnight. Of equal ends it is the whole day."""

    start: time
    end: time

    @classmethod
    def of(cls, text: str) -> "Window":
        """Of "22:00 to 06:00". Raises ConfigError."""
        match = _WINDOW.fullmatch(text)
        try:
            if match is None:
                raise ValueError
            a, b, c, d = (int(part) for part in match.groups())
            return cls(time(0 if a == 24 else a, b), time(0 if c == 24 else c, d))  # 24:00 is how a day may end
        except ValueError:
            raise ConfigError(f"windows: {text!r} is no span of time; write it as 22:00 to 06:00") from None

    def holds(self, moment: datetime) -> bool:
        """Whether `moment` lies inside; the end does not."""
        now = moment.time().replace(tzinfo=None)
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end

    @property
    def length_s(self) -> float:
        """Seconds from its start to its end."""
        day = date.min
        return (datetime.combine(day, self.end) - datetime.combine(day, self.start)).seconds or 86400.0

    def opens_in_s(self, moment: datetime) -> float:
        """Seconds until it opens; 0 inside."""
        if self.holds(moment):
            return 0.0
        opening = datetime.combine(moment.date(), self.start, moment.tzinfo)
        return ((opening - moment) % timedelta(days=1)).total_seconds()


def opens_in_s(windows: Sequence[Window], moment: datetime) -> float:
    """Seconds until work may go on; 0 where it may now."""
    return min((window.opens_in_s(moment) for window in windows), default=0.0)


def load_plan(path: Path) -> JobPlan:
    """Read a job file; names in it are taken from its folder. Raises ConfigError that names the key."""
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except OSError as exc:
        raise ConfigError(f"{path}: the job file cannot be read: {exc.strerror}; check its name") from exc
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        words = 'texts stand in quotes, as in inputs = ["videos"]'
        raise ConfigError(f"{path}: the job file cannot be read: {exc}; {words}") from exc
    try:
        plan = msgspec.convert(tree, JobPlan)
    except msgspec.ValidationError as exc:
        raise ConfigError(f"{path}: {_explained(str(exc))}") from exc
    here = path.absolute().parent
    return checked(
        msgspec.structs.replace(
            plan,
            inputs=tuple(whole(str(here / Path(name).expanduser())) for name in plan.inputs),
            output=whole(str(here / Path(plan.output).expanduser())),
            task=str(here / Path(plan.task).expanduser()) if plan.task else "",
            name=plan.name or path.stem,
        )
    )


def whole(name: str) -> str:
    """The same name from any other folder, and for a worker of a fleet, which goes through no `..`."""
    path = Path(name).expanduser().absolute()
    if ".." not in path.parts:
        return str(path)
    plain, real = os.path.abspath(path), os.path.realpath(path)
    return plain if os.path.realpath(plain) == real else real  # `..` behind a link leads elsewhere


def _explained(message: str) -> str:
    """The message of msgspec with the key and, for an unknown key, the nearest known one."""
    what, where = parted(message)
    if unknown := re.match(r"Object contains unknown field `(.+)`", what):
        known = [field.name for field in msgspec.structs.fields(PriorityRule if where else JobPlan)]
        name = unknown.group(1)
        return f"unknown key {'.'.join(filter(None, (where, name)))!r}: {nearest(name, known)}"
    if missing := re.match(r"Object missing required field `(.+)`", what):
        example = {"inputs": 'inputs = ["videos"]', "output": 'output = "reports"'}.get(missing.group(1), "")
        key = ".".join(filter(None, (where, missing.group(1))))
        return f"{key!r} is missing" + (f"; write {example}" if example else "")
    return f"{where or 'the file'}: {what[0].lower()}{what[1:]}"


def checked(plan: JobPlan) -> JobPlan:
    """The same plan. Raises ConfigError where a part of it cannot be used."""
    plan.open_windows()
    if bad := next((name for name, value in plan.settings.items() if not isinstance(value, dict)), None):
        raise ConfigError(f"settings.{bad} is no section; write [settings.pose] and model = ... below it")
    try:
        named = re.compile(plan.groups).groupindex.keys()
    except re.error as exc:
        raise ConfigError(f"groups = {plan.groups!r}: no regular expression: {exc}") from exc
    if unknown := sorted(named - {"person", "task", "day"}):
        raise ConfigError(f"groups names {unknown[0]!r}; there are person, task and day")
    return plan


def jobs_folder() -> Path:
    """Where the journals of this user's jobs are; it need not exist."""
    return data_folder() / "batch"


def folder_of(plan: JobPlan) -> Path:
    """The folder of the job's journal: a job is what is done to which inputs with results where."""
    inputs = sorted(str(Path(name).expanduser().absolute()) for name in plan.inputs)
    output = str(Path(plan.output).expanduser().absolute())
    digest = hashlib.sha256(msgspec.json.encode([plan.what, inputs, output])).hexdigest()[:8]
    slug = _SLUG.sub("-", (plan.name or Path(plan.inputs[0]).name).lower()).strip("-")[:40] or "job"
    return jobs_folder() / f"{slug}-{digest}"
