"""What is said of a clip, in the language of the window."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from PyQt6.QtCore import QDateTime, QLocale

from posture.gui.recordings.clip_list import Keeping, Row
from posture.gui.recordings.dialogs import day
from posture.gui.recordings.player import clock
from posture.gui.words import mark, number, tr

if TYPE_CHECKING:
    from posture.vault.library import Entry

CONTENTS = {
    "skeleton": mark("figure only"),
    "background-removed": mark("background removed, faces blurred"),
    "background-blurred": mark("background and faces blurred"),
    "faces-blurred": mark("faces blurred"),
    "full": mark("full picture"),
}
WHYS = {"manual": mark("by hand"), "event": mark("on an event"), "continuous": mark("all the time")}
_KIB = 1024.0


def row(entry: "Entry", today: date) -> Row:
    """One clip."""
    kept, keeping = _kept(entry, today)
    content = tr(CONTENTS[entry.content]) if entry.content in CONTENTS else entry.content
    about = [content, entry.alias]
    about += [tr(WHYS[entry.why])] if entry.why in WHYS and entry.why != "manual" else []
    return Row(
        name=entry.clip_id.hex()[:8],
        when=_when(entry.began, entry.day),
        about=" · ".join(filter(None, about)),
        length=clock(entry.length_s) if entry.length_s else "–",
        size=size(entry.size_bytes),
        kept=kept,
        content=content,
        keeping=keeping,
        damage=_damage(entry),
    )


def size(count: float) -> str:
    """Of a file: 3.2 MB."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{number(count, 1 if unit == 'MB' and count < 100 else 0)} {unit}"
        count /= 1000
    return f"{number(count, 1)} GB"


def summary(entries: "Sequence[Entry]") -> str:
    """How many there are, and how large they are together."""
    if not entries:
        return tr("No recordings")
    whole = size(sum(entry.size_bytes for entry in entries))
    if len(entries) == 1:
        return tr("1 recording, {size}", size=whole)
    return tr("{count} recordings, {size}", count=number(len(entries)), size=whole)


def happened(what: str, count: int) -> str:
    """After a deletion, or where something is kept longer."""
    if what == "deleted":
        return tr("Deleted: 1 recording") if count == 1 else tr("Deleted: {count} recordings", count=count)
    return tr("1 recording is kept longer") if count == 1 else tr("{count} recordings are kept longer", count=count)


def _when(began: datetime | None, recorded: date) -> str:
    if began is None:
        return day(recorded)
    local = QDateTime.fromSecsSinceEpoch(int(began.timestamp())).time()
    return f"{day(recorded)}, {QLocale().toString(local, QLocale.FormatType.ShortFormat)}"


def _kept(entry: "Entry", today: date) -> tuple[str, Keeping]:
    if not entry.readable or entry.kept_until is None:
        return tr("no key is left"), Keeping.GONE
    if entry.held:
        return tr("held until {day}", day=day(entry.kept_until)), Keeping.HELD
    if entry.kept_until <= today:
        return tr("goes today"), Keeping.SOON
    return tr("until {day}", day=day(entry.kept_until)), Keeping.USUAL


def _damage(entry: "Entry") -> str:
    if not entry.torn:
        return ""
    if not entry.readable_s:
        return tr("nothing of it can be read")
    if entry.length_s and entry.length_s > entry.readable_s + 0.5:
        return tr("first {part} of {whole} can be read", part=clock(entry.readable_s), whole=clock(entry.length_s))
    return tr("ended early: the first {part} can be read", part=clock(entry.readable_s))
