"""How fast a job is, and when it will be done: from what was measured in this run."""

import os
from dataclasses import dataclass
from itertools import islice

import msgspec

from posture.batch.journal import Counts, Entry, Journal
from posture.batch.work import FileOutcome, Progress
from posture.errors import printable

GOING = "going"
"""Under which the journal notes a `Going`, in JSON, while a run goes on."""
SHOWN = 50
"""Files in hand that are shown; a fleet may have a thousand."""
ENOUGH_FILES, ENOUGH_SHARE, ENOUGH_S = 2, 0.02, 10.0
"""Before so many files, or shares of files, and so much time nothing is foretold."""


class InHand(msgspec.Struct, frozen=True):
    """A file that is being worked on."""

    file: str
    share: float | None
    """How much of it is done, 0 to 1; None where nobody knows."""


class Going(msgspec.Struct, frozen=True):
    """How far a run is at one moment."""

    in_hand: tuple[InHand, ...] = ()
    """The first `SHOWN`."""
    eta_s: float | None = None


def going_of(journal: Journal) -> Going:
    """What the run noted that works at the job, or did so last if it was killed."""
    noted = journal.noted(GOING)
    return msgspec.json.decode(noted, type=Going) if noted else Going()


class Pace:
    """Files of one run; times are seconds of one steady clock."""

    def __init__(self, counts: Counts, now_s: float) -> None:
        self.total = counts.total
        self.done, self.failed = counts.files["done"], counts.files["failed"] + counts.files["refused"]
        self.in_hand: dict[int, _File] = {}
        self._began_s = now_s
        self._bytes_left = counts.size_bytes["waiting"] + counts.size_bytes["running"]
        self._bytes_done = 0.0
        self._files_done = 0
        self._frames = 0

    @property
    def left(self) -> int:
        """Files without an outcome."""
        return max(0, self.total - self.done - self.failed)

    def begun(self, entry: Entry) -> None:
        """A file was handed out."""
        name = printable(os.fsdecode(entry.below))  # of two cameras two files may have one name
        self.in_hand[entry.id] = _File(name, entry.size_bytes, None if entry.resumes else 0.0)

    def ahead(self, entry: Entry, progress: Progress) -> None:
        """A file got further."""
        if (file := self.in_hand.get(entry.id)) is None or not progress.duration_s > 0:
            return
        file.share = min(max(progress.time_s / progress.duration_s, 0.0), 1.0)
        file.from_share = file.share if file.from_share is None else min(file.from_share, file.share)

    def ended(self, entry: Entry, outcome: FileOutcome) -> None:
        """A file has its outcome. "stopped" is none."""
        file = self.in_hand.pop(entry.id, None)
        if outcome.state == "stopped":
            return
        self.done += outcome.state == "done"
        self.failed += outcome.state != "done"
        self._files_done += 1
        self._frames += outcome.frames
        self._bytes_done += entry.size_bytes * (1.0 - ((file and file.from_share) or 0.0))
        self._bytes_left -= entry.size_bytes

    def going(self, now_s: float) -> Going:
        """How far the run is."""
        files = islice(self.in_hand.values(), SHOWN)
        shares = ((file.name, None if file.share is None else round(file.share, 3)) for file in files)
        return Going(tuple(InHand(*each) for each in shares), self.eta_s(now_s))

    def frames_per_s(self, now_s: float) -> float:
        """Decoded, of the files that are done."""
        return self._frames / max(now_s - self._began_s, 1e-6)

    def eta_s(self, now_s: float) -> float | None:
        """Seconds of work that are left, by bytes and by how much of the files in hand is done; None where nothing can
        be said yet.
        """
        spent_s, files = now_s - self._began_s, self.in_hand.values()
        share = sum(file.gained for file in files)
        done = self._bytes_done + sum(file.gained * file.size_bytes for file in files)
        if spent_s < ENOUGH_S or (self._files_done < ENOUGH_FILES and share < ENOUGH_SHARE) or not done:
            return None
        left = self._bytes_left - sum((file.share or 0.0) * file.size_bytes for file in files)
        return max(0.0, round(left * spent_s / done, 1))


@dataclass
class _File:
    name: str
    size_bytes: int
    from_share: float | None
    """Where this run took it up; None: a resumed file, of which nothing was heard yet."""
    share: float | None = None

    @property
    def gained(self) -> float:
        """What this run did of it."""
        return 0.0 if self.share is None or self.from_share is None else self.share - self.from_share
