"""What is on the bench survives a crash: it is kept encrypted in the vault, and comes back once that is open.

Where there is no vault nothing is kept, and the page says so. A program that ends in order keeps reviews that were
changed and not saved, and nothing else.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from posture.errors import PostureError, printable
from posture.gui.analyse.bench import Bench, Item, Options, State, is_clip
from posture.gui.analyse.changes import Changes
from posture.gui.recordings.errands import Errands
from posture.gui.recordings.keeper import Door, Keeper
from posture.gui.words import mark, tr
from posture.live.clerk import said
from posture.review import Review
from posture.sinks.unsaved import Left
from posture.vault.recipient import Secrets

BACK = mark("The program ended with work on this page. It is back: files {files}, of these with a review {reviews}.")
WAIT_MS = 500
"""After the last change; so much is lost at most."""


class KeptFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the bench."""

    name: str
    """Printable, for who reads it without this program."""
    path: bytes | None
    """`os.fsencode`; None is the demo."""
    options: Options
    review: Review | None = None
    """None: nothing was changed."""


class KeptWork(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a run keeps."""

    version: int = 1
    files: tuple[KeptFile, ...] = ()


class Store(Protocol):
    """`posture.sinks.unsaved.Unsaved` is one. Every method may take its time, and raises PostureError."""

    @property
    def there(self) -> bool:
        """Whether an earlier run left anything."""

    def keep(self, content: bytes) -> None:
        """In place of what this run kept before."""

    def forget(self) -> None:
        """Nothing of this run is unsaved."""

    def left(self, secrets: Secrets) -> Left:
        """What earlier runs left."""

    def remove(self, left: Left) -> None:
        """It is kept elsewhere now."""

    def set_aside(self) -> None:
        """What was kept is left, as by an earlier run; what is kept from now on stands beside it."""


class NothingKept:
    """A store for who keeps nothing."""

    there = False

    def keep(self, content: bytes) -> None:
        """Nowhere."""

    def forget(self) -> None:
        """There is nothing."""

    def left(self, secrets: Secrets) -> Left:
        """Nothing."""
        return Left()

    def remove(self, left: Left) -> None:
        """There is nothing."""

    def set_aside(self) -> None:
        """There is nothing."""


class Rescue(QObject):
    """One for the program; lives on Qt's thread."""

    noted = pyqtSignal(str)
    """Another `note`."""

    def __init__(
        self, store: Store, secrets: Secrets, bench: Bench, reviews: Mapping[int, Changes], keeper: Keeper,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._store, self._secrets = store, secrets
        self._bench, self._reviews, self._keeper = bench, reviews, keeper
        self._errands = Errands(self)
        self._kept: KeptWork | None = KeptWork()
        """What stands in the store; None: nobody knows."""
        self._looked = False
        self.note = ""
        """What came back, or what keeps something from coming back or being kept; for the page."""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(WAIT_MS)
        self._soon.timeout.connect(self.keep)
        bench.changed.connect(self.later)
        keeper.changed.connect(self._look)
        keeper.changed.connect(self.later)

    def later(self) -> None:
        """Something is another: it is kept in a moment."""
        if not self._soon.isActive() and self._work() != self._kept:
            self._soon.start()

    def say(self, text: str) -> None:
        """Another note; none puts it away."""
        if text != self.note:
            self.note = text
            self.noted.emit(text)

    def put_away(self) -> None:
        """A person has read the note."""
        self.say("")

    def keep(self) -> None:
        """Write what there is now, in a thread."""
        work = self._work()
        if work == self._kept or self._keeper.door in (Door.UNKNOWN, Door.MISSING):
            return
        self._kept = work
        errand = self._writing(work)
        self._errands.run(errand, lambda _: None, self._failed)

    def lock(self) -> None:
        """The vault is locked: its recordings leave the page, and what was not saved of them comes back with it."""
        clips = tuple(one for one in self._work(unsaved_alone=True).files if _is_clip(one))
        self._bench.forget_clips()
        if not clips:
            return
        keep = self._writing(KeptWork(files=clips))

        def set_aside() -> None:
            keep()
            self._store.set_aside()

        self._kept, self._looked = KeptWork(), False
        self._errands.run(set_aside, lambda _: self._look(), self._failed)
        self.later()

    def close(self) -> None:
        """The program ends in order: only what was not saved stays."""
        self._soon.stop()
        unsaved = self._work(unsaved_alone=True)
        if self._kept != unsaved and self._keeper.door is not Door.MISSING:
            self._errands.run(self._writing(unsaved), lambda _: None, lambda _: None)
        self._errands.close()

    def _writing(self, work: KeptWork) -> Callable[[], None]:
        if not work.files:
            return self._store.forget
        return lambda: self._store.keep(msgspec.json.encode(work))

    def _work(self, *, unsaved_alone: bool = False) -> KeptWork:
        files = []
        for item in self._bench.items.values():
            changes = self._reviews.get(item.number)
            if changes is None:
                review, unsaved = item.review, item.review is not None
            else:
                review, unsaved = changes.review if changes.touched else None, not changes.saved
            if unsaved or not (unsaved_alone or item.state is State.CANCELLED):
                files.append(_kept(item, review))
        return KeptWork(files=tuple(files))

    def _look(self) -> None:
        """Once the vault is open, what an earlier run left comes back."""
        if self._looked or self._keeper.door is Door.UNKNOWN:
            return
        if self._keeper.is_open:
            self._looked = True
            self._errands.run(lambda: self._store.left(self._secrets), self._restore, self._unread)
        elif self._keeper.door is Door.LOCKED and self._store.there:
            self.say(tr("Work on this page waits in the vault: unlock it, and it comes back."))

    def _restore(self, left: Left) -> None:
        if not self._keeper.is_open:  # locked meanwhile: what is encrypted looks lost then, and is not
            self._looked = False
            return
        files: list[KeptFile] = []
        unreadable = left.lost
        for content in left.contents:
            try:
                files += msgspec.json.decode(content, type=KeptWork).files
            except msgspec.MsgspecError:
                unreadable += 1
        for one in files:
            self._bench.add(None if one.path is None else Path(os.fsdecode(one.path)), one.options, one.review)
        if not left.paths:
            return
        self._soon.stop()
        self._kept = self._work()
        keep = self._writing(self._kept)

        def kept_anew() -> None:
            keep()
            self._store.remove(left)

        self._errands.run(kept_anew, lambda _: None, self._failed)
        self.say(_told(len(files), sum(one.review is not None for one in files), unreadable))

    def _failed(self, error: BaseException) -> None:
        self._kept = None  # tried again with the next change, and at the end
        self.say(tr("The work on this page is not kept for after a crash: {why}", why=_why(error)))

    def _unread(self, error: BaseException) -> None:
        self._looked = False
        self.say(tr("Work from an earlier run cannot be read: {why}", why=_why(error)))


def _why(error: BaseException) -> str:
    return said(error) if isinstance(error, PostureError) else str(error)


def _kept(item: Item, review: Review | None) -> KeptFile:
    name = printable(item.path.name) if item.path is not None else "demo"
    path = None if item.path is None else os.fsencode(item.path)
    return KeptFile(name=name, path=path, options=item.options, review=review)


def _is_clip(one: KeptFile) -> bool:
    return one.path is not None and is_clip(Path(os.fsdecode(one.path)))


def _told(files: int, reviews: int, unreadable: int) -> str:
    parts = []
    if files:
        parts.append(tr(BACK, files=files, reviews=reviews))
    if unreadable:
        parts.append(tr("{count} could not be read: the key was erased, or the file is damaged.", count=unreadable))
    return " ".join(parts)
