"""How fast a job is, and when it will be done: from what was measured in this run."""

from posture.batch.journal import Counts, Entry
from posture.batch.work import FileOutcome

ENOUGH_FILES, ENOUGH_S = 2, 10.0
"""Before this much nothing is foretold."""


class Pace:
    """Files of one run; times are seconds of one steady clock."""

    def __init__(self, counts: Counts, now_s: float) -> None:
        self.total = counts.total
        self.done, self.failed = counts.files["done"], counts.files["failed"] + counts.files["refused"]
        self._began_s = now_s
        self._bytes_left = counts.size_bytes["waiting"] + counts.size_bytes["running"]
        self._bytes_done = 0
        self._files_done = 0
        self._frames = 0

    @property
    def left(self) -> int:
        """Files without an outcome."""
        return max(0, self.total - self.done - self.failed)

    def ended(self, entry: Entry, outcome: FileOutcome) -> None:
        """A file has its outcome. "stopped" is none."""
        if outcome.state == "stopped":
            return
        self.done += outcome.state == "done"
        self.failed += outcome.state != "done"
        self._files_done += 1
        self._frames += outcome.frames
        self._bytes_done += entry.size_bytes
        self._bytes_left -= entry.size_bytes

    def frames_per_s(self, now_s: float) -> float:
        """Decoded, of the files that are done."""
        return self._frames / max(now_s - self._began_s, 1e-6)

    def eta_s(self, now_s: float) -> float | None:
        """Seconds of work that are left, by bytes; None where nothing can be said yet."""
        spent_s = now_s - self._began_s
        if self._files_done < ENOUGH_FILES or spent_s < ENOUGH_S or not self._bytes_done:
            return None
        return max(0.0, round(self._bytes_left * spent_s / self._bytes_done, 1))
