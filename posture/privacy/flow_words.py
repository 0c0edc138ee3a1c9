"""The texts of the map of data flows in the language of a person; `flow_de.toml` holds German, keyed by the English.

They are not with the window's words, because the command line and the diagram say them too.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

from posture.privacy.flow import Found, Outside

Language = Literal["en", "de"]
STAGES = {
    "source": "Read",
    "memory": "Computed, in memory",
    "store": "Kept by the program",
    "export": "Written when you ask",
    "system": "Parts of this computer that see or hear something",
}
_SETTING = re.compile(r"\{([a-z_]+\.[a-z_0-9]+)\}")
ACCESS = {
    "owner": "permissions: this account alone",
    "group": "permissions: this account and its group",
    "everyone": "permissions: every account of this computer",
}
NOTHING, HERE, MISSING = "nothing there now", "there now", "not there now"
COPIED, OTHERS, MORE = "copied to other computers by {program}", "some files belong to another account", "at least"


def word(text: str, language: Language) -> str:
    """`text` in that language; itself where there is no other."""
    return text if language == "en" else german().get(text, text)


def filled(text: str, language: Language, settings: Mapping[str, object]) -> str:
    """The same with the values of the settings it names, and without the marks of commands: a drawing has none."""
    return _SETTING.sub(lambda match: _value(settings[match[1]], language), word(text, language)).replace("`", "")


def size(count: int, language: Language) -> str:
    """Of files: 3.2 MB, or 3,2 MB."""
    value, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    text = f"{value:.0f}" if unit in ("B", "kB") else f"{value:.1f}"
    return f"{text if language == 'en' else text.replace('.', ',')} {unit}"


def now(found: Found, language: Language) -> str:
    """What is there now, in a few words; empty where nothing can be looked at."""
    if not found.patterns:
        return ""
    parts = []
    if found.files:
        count = word("1 file" if found.files == 1 else "{count} files", language).format(count=found.files)
        at_least = f"{word(MORE, language)} " if found.more else ""
        parts.append(f"{at_least}{count}, {size(found.size_bytes, language)}")
    else:
        parts.append(word(NOTHING, language))
    if found.access and found.touchpoint.stage in ("store", "export"):
        parts.append(word(ACCESS[found.access], language))
    if found.others and found.touchpoint.stage == "store":
        parts.append(word(OTHERS, language))
    if found.copied_by:
        parts.append(word(COPIED, language).format(program=found.copied_by))
    if found.problem:
        parts.append(f"{word('cannot be looked at', language)}: {found.problem}")
    return "; ".join(parts)


def until(found: Found, language: Language, settings: Mapping[str, object]) -> str:
    """How long it is kept, and when the first of it goes."""
    kept = filled(found.touchpoint.kept, language, settings)
    if found.first_ends is None:
        return kept
    return f"{kept}; {word('the first after {day}', language).format(day=found.first_ends.isoformat())}"


def places_said(found: Found) -> list[str]:
    """Its paths, those of one folder in one line; the home folder is "~"."""
    folders: dict[str, list[str]] = {}
    home = f"{Path.home().as_posix()}/"
    for pattern in found.patterns:
        folder, _, name = pattern.rpartition("/")
        folder = f"{folder}/"
        folders.setdefault(f"~/{folder[len(home) :]}" if folder.startswith(home) else folder, []).append(name)
    return [folder + (names[0] if len(names) == 1 else " ".join(names)) for folder, names in folders.items()]


def outside_now(outside: Outside, language: Language) -> str:
    """Whether a declared place is there."""
    if outside.exists is None:
        return ""
    return word(HERE if outside.exists else MISSING, language)


@cache
def german() -> Mapping[str, str]:
    """English to German."""
    text = resources.files("posture.privacy").joinpath("flow_de.toml").read_text("utf-8")
    return tomllib.loads(text)


def _value(value: object, language: Language) -> str:
    if isinstance(value, float):
        text = f"{value:g}"
        return text if language == "en" else text.replace(".", ",")
    return word(str(value), language)
