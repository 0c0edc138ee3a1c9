"""The pictures of the Analyse page for `screenshots.py`: a real file, looked at, corrected and reviewed."""

from collections.abc import Callable
from pathlib import Path

from posture.gui.analyse.bench import State
from posture.gui.app import Program
from posture.skeleton import BLAZEPOSE_33

Take = Callable[..., None]
MEDIA = Path(__file__).resolve().parent.parent.parent / "shared" / "media" / "videos"
FILES = ("front_squats_portrait_5fps.mp4", "side_walk_2persons_vp9.mp4")
"""Where they are missing, the bundled demo is shown alone."""


class OfAnalyse:
    """One window."""

    def __init__(self, program: Program, take: Take, settle: Callable[[], None]) -> None:
        self.window, self.take, self.settle = program.window, take, settle
        self.page, self.bench = program.window.pages.analyse, program.bench
        self.work = self.page.work

    def all(self) -> None:
        """Every state."""
        self.window.show_page("analyse")
        self.take("analyse-empty")
        there = [MEDIA / name for name in FILES if (MEDIA / name).exists()]
        files: list[Path | None] = [*there] if there else [None]
        self.page.how.people.setCurrentIndex(1)
        self.page.add_files([*files, Path(__file__)])
        self.wait(lambda: any(0 < item.share < 1 for item in self.bench.items.values()))
        self.take("analyse-running")
        self.wait(lambda: not self.bench.waiting)
        for number in [n for n, item in self.bench.items.items() if item.state is State.DONE]:
            self.page.look_at(number)
            self.reading()
            self.take(f"analyse-file-{number}")
        self.page.look_at(1)
        self.reading()
        self.corrected()

    def corrected(self) -> None:
        """What a reviewer does, and what it looks like."""
        work = self.work
        self.seek(5.0)
        work.body.pick(BLAZEPOSE_33.index["left_wrist"])
        work.body.move_joint(-120, -90)
        self.take("analyse-keypoint")
        work.scores.factors.selectRow(7)
        self.take("analyse-override")
        work.marks.mark((1.0, 4.0))
        work.say_factor("trunk_deg", "", 65.0, "span")
        work.marks.mark((8.0, 9.4))
        self.take("analyse-span")
        work.exclude()
        work.marks.mark((1.0, 7.0))
        work.add_segment("Lifting")
        work.task.fields["force_kg"].show_value(12.0)
        work.task._take()
        self.reading()
        self.take("analyse-task")
        work.review.reviewer.setText("Dr. A. Example")
        work.review.reviewer.editingFinished.emit()
        work.tabs.setCurrentWidget(work.review)
        self.reading()
        self.take("analyse-review")
        work.tabs.setCurrentWidget(work.moments)
        work.twin.toggle.setChecked(True)
        self.take("analyse-table")
        work.twin.toggle.setChecked(False)
        work.tabs.setCurrentWidget(work.scores)

    def seek(self, time_s: float) -> None:
        """To a moment, until it shows."""
        self.work.player.seek(time_s)
        self.wait(lambda: abs(self.work.player.moment.time_s - time_s) < 0.3)

    def reading(self) -> None:
        """Until there is a picture and all is read."""
        self.wait(lambda: self.work.player.moment.shown is not None)
        self.wait(lambda: not self.work._read_soon.isActive() and not self.work._errands.busy)

    def wait(self, until: Callable[[], bool]) -> None:
        """Other threads are at work."""
        for _ in range(4000):
            if until():
                break
            self.settle()
        else:
            raise SystemExit("it does not come")
        self.settle()
