"""The whole installation: every distribution that the program stands on, its own files, and its models."""

import importlib.metadata
import site
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

import posture
from posture.errors import PostureError
from posture.pose.catalogue import Catalogue
from posture.verify_install.closure import Needed, canonical, closure
from posture.verify_install.record import (
    Checked,
    Library,
    RecordError,
    check,
    key,
    keys,
    loose_files,
    read_record,
    starts,
)

PROGRAM = "posture"

OnProgress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


@dataclass(frozen=True)
class Report:
    """What was found."""

    program: str
    """How the program itself is installed: `installed`, or `checkout` where no RECORD speaks of its files."""
    folder: Path
    """Where the program's own files are."""
    distributions: tuple[Checked, ...]
    absent: tuple[str, ...]
    """Distributions that are needed and not installed, and by whom."""
    loose: tuple[str, ...]
    """Unrecorded files and folders ("/" at the end) at the top of site-packages, which Python would run or import."""
    models: str
    """Empty where all models are those of the manifest."""

    @property
    def libraries(self) -> list[Library]:
        """The shared libraries that matter."""
        return [library for checked in self.distributions for library in checked.libraries]

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return not (self.absent or self.loose or self.models) and all(checked.ok for checked in self.distributions)


def examine(on_progress: OnProgress = lambda done, total: None) -> Report:
    """Read every file. Takes about as long as reading 500 MB."""
    needed = closure(PROGRAM)
    everything = list(importlib.metadata.distributions())
    present = _looked_at(needed, everything)
    recorded = frozenset(path for distribution in everything for path in keys(distribution))
    total, done = sum(_size(distribution) for distribution in present), 0

    def on_bytes(count: int) -> None:
        nonlocal done
        done += count
        on_progress(done, total)

    claimed: set[str] = set()
    checked = tuple(check(distribution, recorded, claimed, on_bytes) for distribution in present)
    bases = {key(Path(str(distribution.locate_file("")))) for distribution in present} | _user_site()
    package = Path(posture.__file__).resolve().parent
    installed = key(package / "__init__.py") in recorded
    return Report(
        program="installed" if installed else "checkout",
        folder=package.parent,
        distributions=checked,
        absent=tuple(_absence(each.name, each.required_by) for each in needed if each.installed is None),
        loose=tuple(name for base in sorted(bases) for name in loose_files(Path(base), recorded)),
        models=_models(),
    )


def _looked_at(needed: list[Needed], everything: list[Distribution]) -> list[Distribution]:
    """What the program needs, and what Python runs or imports by itself when it starts."""
    present = [each.installed for each in needed if each.installed is not None]
    names = {canonical(each.metadata["Name"] or "") for each in present}
    others = [each for each in everything if canonical(each.metadata["Name"] or "") not in names and starts(each)]
    return [*present, *sorted(others, key=lambda each: canonical(each.metadata["Name"] or ""))]


def _user_site() -> set[str]:
    """The folder of the account whose .pth files and `usercustomize` Python runs; none where it does not look there."""
    folder = Path(site.getusersitepackages())
    return {key(folder)} if site.ENABLE_USER_SITE and folder.is_dir() else set()


def _size(distribution: Distribution) -> int:
    try:
        return sum(row.size for row in read_record(distribution))
    except RecordError:
        return 0


def _absence(name: str, required_by: str) -> str:
    return f"{name} (needed by {required_by})" if required_by else name


def _models() -> str:
    try:
        failed = [each.message for each in Catalogue.load().verify_all() if not each.ok]
    except PostureError as error:
        return str(error)
    return "; ".join(failed)
