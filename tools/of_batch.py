"""Pictures of the Batch page: without a job, and with one in each state; for `screenshots.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from posture.batch.pace import Going, InHand
from posture.gui.app import Program
from posture.gui.batch.jobs import Job

FOLDER = Path("/mnt/nas/reports")
UNREADABLE = "clip-0412.mp4: not a readable video; try to play it, and export it again as MP4 (H.264) if it plays"


@dataclass
class OfBatch:
    """One window."""

    program: Program
    take: Callable[..., None]
    settle: Callable[[], None]

    def all(self) -> None:
        """The page."""
        window = self.program.window
        window.show_page("batch")
        self.show(())
        self.take("batch-empty")
        self.show(
            (
                _job("night shift", done=1872, failed=3, left=4125, running=True, failures=(UNREADABLE,)),
                _job("packing line", done=212, left=48),
                _job("warehouse", done=640, failed=2, failures=(UNREADABLE,)),
                _job("photos of desks", done=8000),
            )
        )
        self.take("batch")

    def show(self, jobs: tuple[Job, ...]) -> None:
        """Show these."""
        page = self.program.window.pages.batch
        page._jobs.watch(False)
        while page._jobs._errands.busy:
            self.settle()
        page._jobs.jobs = jobs
        page.show_jobs()
        self.settle()


def _job(
    name: str, done: int, failed: int = 0, left: int = 0, *, running: bool = False, failures: tuple[str, ...] = ()
) -> Job:
    files = {"waiting": left, "running": 0, "done": done, "failed": failed, "refused": 0}
    going = Going((InHand("camera 3, 06-15.mp4", 0.42), InHand("camera 4, 06-15.mp4", 0.07)), eta_s=9700.0)
    return Job(Path(name), name, FOLDER / name, running, files, failures, going if running else Going())
