"""Where the program touches data: declared by each room as plain data beside its code, in its `touchpoints.py`.

`posture/privacy/flow.py` holds the declarations against the computer it runs on; tests hold them against the code. A
text may name settings in braces (`{vault.keep_days}`); a path begins with the name of a place in braces
(`{data}/vault/...`), and a `*` in it stands for anything, also for folders.
"""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Which way data flow: sources, memory, stores, exports; and what of the computer stands beside."""

    SOURCE = "source"
    """Read."""
    MEMORY = "memory"
    """Computed, and nowhere but in memory."""
    STORE = "store"
    """Kept by the program from one run to the next."""
    EXPORT = "export"
    """Written because a person asked for it."""
    SYSTEM = "system"
    """Another part of the computer that sees or hears something."""


IN_MEMORY, PLAIN = "in memory only", "not encrypted"
"""Keys, where there is none."""
ACCOUNT, WHOEVER_HAS_IT = "programs of this account", "whoever has the file"
"""Who can read it, most of the time."""
PROGRAM_ENDS, YOU_DELETE = "until the program ends", "until you delete it"
"""How long it is kept, most of the time."""
WHERE_YOU_SAY = "where you say"
"""Place of what a person names a file for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touchpoint:
    """One of them. All texts are English and keys of `posture/privacy/flow_words`."""

    name: str
    """For programs and for `[[flow.declared]]`: a word or two with dashes."""
    stage: Stage
    title: str
    data: str
    """What is read, computed, kept or shown."""
    code: tuple[str, ...]
    """The modules in which that happens."""
    paths: tuple[str, ...] = ()
    where: str = ""
    """Where that is no path: "where you say"."""
    key: str = IN_MEMORY
    kept: str = PROGRAM_ENDS
    readers: str = ACCOUNT
    personal: bool = True
    """Whether it is about people; what is not stands in the lists and not in the diagram."""
    covers: tuple[str, ...] = ()
    """Sources, sinks and formats of the code: "source:camera", "report:html"."""
    settings: tuple[str, ...] = ()
    """Settings that say what, where and how long."""
