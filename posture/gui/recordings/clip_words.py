"""What is said of a clip, in the language of the window."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from PyQt6.QtCore import QLocale, QTime

from posture.gui.recordings.clip_list import Keeping, Row
from posture.gui.recordings.dialogs import day
from posture.gui.recordings.player import clock
from posture.gui.recordings.safe import Item
from posture.gui.words import mark, number, tr
from posture.vault.catalogue import About
from posture.vault.entry import Entry

CONTENTS: dict[str, str] = {
    "skeleton": mark("figure only"),
    "background-removed": mark("background removed, faces blurred"),
    "background-blurred": mark("background and faces blurred"),
    "faces-blurred": mark("faces blurred"),
    "full": mark("full picture"),
}
WHYS = {"manual": mark("by hand"), "event": mark("on an event"), "continuous": mark("all the time")}
_KIB = 1024.0

_HAPPENED = {
    "deleted": (mark("1 recording is deleted"), mark("{count} recordings are deleted")),
    "kept": (mark("1 recording is kept longer"), mark("{count} recordings are kept longer")),
    "expired": (mark("1 recording was due and is deleted"), mark("{count} recordings were due and are deleted")),
}


def row(item: Item, today: date) -> Row:
    """One recording."""
    entry, about = item.entry, item.entry.about or About(started_s=0.0)
    content = tr(CONTENTS[about.content]) if about.content in CONTENTS else about.content
    why = tr(WHYS[about.mode]) if about.mode in WHYS and about.mode != "manual" else ""
    kept, keeping = _kept(entry, today)
    return Row(
        name=entry.name[:8],
        when=_when(item),
        about=" · ".join(filter(None, (content, about.source, why))),
        length=clock(length) if (length := about.length_s or item.readable_s) else "–",
        size=size(entry.size_bytes),
        kept=kept,
        content=content,
        keeping=keeping,
        damage=_damage(item),
    )


def size(count: float) -> str:
    """Of a file: 3.2 MB."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{number(count, 1 if unit == 'MB' and count < 100 else 0)} {unit}"
        count /= 1000
    return f"{number(count, 1)} GB"


def summary(items: Sequence[Item]) -> str:
    """How many there are, and how large they are together."""
    if not items:
        return tr("No recordings")
    whole = size(sum(item.entry.size_bytes for item in items))
    if len(items) == 1:
        return tr("1 recording, {size}", size=whole)
    return tr("{count} recordings, {size}", count=number(len(items)), size=whole)


def done(what: str, how: object) -> str:
    """What has happened, see `Keeper.done`."""
    if isinstance(how, Path):
        told = tr("Exported to {path}", path=how)
        return told if what == "exported" else f"{told} ({tr('as far as it can be read')})"
    one, several = _HAPPENED[what]
    count = int(str(how))
    return tr(one) if count == 1 else tr(several, count=number(count))


def readable(part_s: float, whole_s: float | None) -> str:
    """How much of a recording can be read that was cut or altered; `whole_s` is None where nobody knows."""
    if not part_s:
        return tr("nothing of it can be read")
    if whole_s and whole_s > part_s + 0.5:
        return tr("first {part} of {whole} can be read", part=clock(part_s), whole=clock(whole_s))
    return tr("ended early: {part} can be read", part=clock(part_s))


def _when(item: Item) -> str:
    began = item.began
    if began is None:
        return day(item.entry.day) if item.entry.day is not None else tr("Unknown day")
    local = QTime(began.hour, began.minute)
    return f"{day(began.date())}, {QLocale().toString(local, QLocale.FormatType.ShortFormat)}"


def _kept(entry: Entry, today: date) -> tuple[str, Keeping]:
    if entry.last_day is None or entry.state in ("erased", "damaged"):
        return tr("no key is left") if entry.state == "erased" else tr("no key here"), Keeping.GONE
    if entry.held:
        return tr("held until {day}", day=day(entry.last_day)), Keeping.HELD
    if entry.last_day <= today:
        return tr("goes today"), Keeping.SOON
    return tr("until {day}", day=day(entry.last_day)), Keeping.USUAL


def _damage(item: Item) -> str:
    entry = item.entry
    if entry.state == "damaged":
        return tr("nothing of it can be read")
    if item.readable_s is None:
        return ""
    if item.recording:
        return tr("being recorded")
    return readable(item.readable_s, entry.about.length_s if entry.about else None)
