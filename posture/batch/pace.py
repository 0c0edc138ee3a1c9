"""How fast a job is, and when it will be done: from what was measured in this run."""

from posture.batch.journal import Counts, Entry
from posture.batch.work import FileOutcome

ENOUGH_S = 10.0
"""Before so long nothing is foretold."""


class Pace:
    """Files of one run; times are seconds of one steady clock."""

    def __init__(self, counts: Counts, now_s: float) -> None:
        self.total = counts.total
        self.done, self.failed = counts.files["done"], counts.files["failed"] + counts.files["refused"]
        self._began_s = now_s
        self._bytes_left = counts.size_bytes["waiting"] + counts.size_bytes["running"]
        self._bytes_done = 0.0
        self._frames = 0
        self._in_hand: dict[int, tuple[float, float, int]] = {}
        """Of a file: its share when first heard of, which an earlier run may have done; its share now; its size."""

    @property
    def left(self) -> int:
        """Files without an outcome."""
        return max(0, self.total - self.done - self.failed)

    def ahead(self, entry: Entry, share: float) -> None:
        """A file got so far, 0 to 1; NaN says nothing."""
        if share == share:
            first = self._in_hand.get(entry.id, (share,))[0]
            self._in_hand[entry.id] = first, share, entry.size_bytes

    def ended(self, entry: Entry, outcome: FileOutcome) -> None:
        """A file has its outcome. "stopped" is none."""
        first = self._in_hand.pop(entry.id, (0.0,))[0]
        if outcome.state == "stopped":
            return
        self.done += outcome.state == "done"
        self.failed += outcome.state != "done"
        self._frames += outcome.frames
        self._bytes_done += (1 - first) * entry.size_bytes
        self._bytes_left -= entry.size_bytes

    def frames_per_s(self, now_s: float) -> float:
        """Decoded, of the files that are done."""
        return self._frames / max(now_s - self._began_s, 1e-6)

    def eta_s(self, now_s: float) -> float | None:
        """Seconds of work that are left, by bytes; None where nothing can be said yet."""
        spent_s, in_hand = now_s - self._began_s, self._in_hand.values()
        done = self._bytes_done + sum((now - first) * size for first, now, size in in_hand)
        if spent_s < ENOUGH_S or done <= 0:
            return None
        left = self._bytes_left - sum(now * size for _, now, size in in_hand)
        return max(0.0, round(left * spent_s / done, 1))
