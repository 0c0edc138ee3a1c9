"""Which distributions the program stands on: its requirements, theirs and so on, as far as they count here."""

import importlib.metadata
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution

from posture.verify_install.markers import MarkerError, environment, holds

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[([^\]]*)\])?[^;]*(?:;(.*))?", re.DOTALL)

Find = Callable[[str], Distribution]
"""From a name to what is installed under it. Raises PackageNotFoundError."""


@dataclass(frozen=True)
class Needed:
    """A distribution that the program needs; `installed` is None where it is missing."""

    name: str
    required_by: str
    installed: Distribution | None


def closure(root: str, find: Find = importlib.metadata.distribution) -> list[Needed]:
    """`root` and everything that it needs, each once, in alphabetical order.

    A requirement whose marker cannot be read is followed where it is installed, and not missed where it is not.
    """
    found: dict[str, Needed] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(root, "", "", True)]
    while waiting:
        name, extra, required_by, must = waiting.pop()
        key = canonical(name)
        if (key, extra) in seen:
            continue
        installed = _installed(name, find)
        if installed is None and not must:
            continue
        seen.add((key, extra))
        found.setdefault(key, Needed(key, required_by, installed))
        requirements = (installed.requires or []) if installed is not None else []
        waiting += [(*each, must) for each, must in _requirements(requirements, extra, key)]
    return [found[key] for key in sorted(found)]


def canonical(name: str) -> str:
    """The one spelling of a name (packaging.python.org/specifications/name-normalization)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed(name: str, find: Find) -> Distribution | None:
    try:
        return find(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _requirements(
    requirements: Iterable[str], extra: str, required_by: str
) -> Iterable[tuple[tuple[str, str, str], bool]]:
    """(name, extra, who needs it) and whether it must be there, for all that count."""
    values = environment() | {"extra": extra}
    for requirement in requirements:
        match = _REQUIREMENT.fullmatch(requirement)
        if match is None:
            continue
        name, extras, marker = match[1], match[2] or "", match[3]
        try:
            counts, must = not marker or holds(marker, values), True
        except MarkerError:
            counts, must = True, False
        if counts:
            for each in ("", *filter(None, (part.strip() for part in extras.split(",")))):
                yield (name, each, required_by), must
