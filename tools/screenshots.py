"""Screenshots of every page and state of the window, from the bundled demo, without a display.

    .venv/bin/python tools/screenshots.py -o FOLDER [--theme dark] [--language de] [--scale 200]

The Live page shows the demo: the real model, the real judge, calibrated on its upright phase, ten minutes of it. The
other states are played, because a camera that is lost cannot be shown otherwise. Look at what comes out.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from beside_window import Beside
from filled_vault import FilledVault
from kept_weeks import kept
from of_analyse import OfAnalyse
from of_batch import OfBatch
from of_models import OfModels
from of_privacy import OfPrivacy
from of_recordings import OfRecordings
from played import CAMERA, DEMO, PlayedMonitor, moment, sitter, told
from PyQt6.QtGui import QFont, QPixmap
from PyQt6.QtWidgets import QApplication, QDialog, QWidget
from weeks import past

from posture import config, reminders
from posture.appearance import WindowSettings
from posture.capture import CameraState, CameraStatus, Captured
from posture.data import Frame, Observation, Subject
from posture.ergonomics import calibration, desk, iso11226
from posture.ergonomics.baseline import Profile
from posture.ergonomics.calibration import Calibration
from posture.ergonomics.desk_settings import DeskSettings
from posture.ergonomics.measure import measure
from posture.ergonomics.sitting import Deviation, Doubt, Look, State
from posture.gui.app import Parts, Program
from posture.gui.calibrating import Stage
from posture.gui.help_sheet import HelpSheet
from posture.gui.history.page import TodayPage
from posture.gui.monitor import prepared
from posture.gui.reports.draft import PRESETS
from posture.gui.reports.page import Reporting
from posture.gui.status_bar import Details
from posture.live.snapshot import Figures, Pause, Phase, Snapshot
from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator
from posture.privacy import guard
from posture.privacy.guard import Layer
from posture.reminders import Prompt, Reminder, Surroundings
from posture.sources.demo import PERIOD_S, DemoSource

RATE_HZ = 5.0
UPRIGHT_S = 4.0
PLAYED_S = 600.0
FONT = "Liberation Sans"
SIZE = 1280, 860
LAYERS = (
    Layer("environment", True, guard.TELEMETRY_OFF, (("proxy", guard.NO_PROXY),)),
    Layer("system", True, guard.REFUSED, (("what", "seccomp filter"), ("families", "AF_INET (EACCES)"))),
    Layer("interpreter", True, guard.HOOK),
)
_DEVIATIONS = (
    Deviation("head_forward", 5.2, 4.5, "cm"),
    Deviation("lean", -3.0, 8.0, "deg"),
    Deviation("shoulders_raised", float("nan"), 1.8, "cm"),
)


class Camera:
    """A camera of the list."""

    def __init__(self, device: str, name: str) -> None:
        self.id, self.name = device, name


CAMERAS = (Camera("usb-1", "Webcam C920"), Camera("usb-2", "Built-in camera"))


class Demo:
    """One turn of the demo, looked at by the model, and ten minutes of it, judged."""

    def __init__(self) -> None:
        estimate = Estimator(Catalogue.load())
        self.frames: list[Frame] = list(DemoSource(1280, 720, RATE_HZ, PERIOD_S))
        self.people = [tuple(self._subject(pose, frame) for pose in estimate(frame)[0]) for frame in self.frames]
        upright = round(UPRIGHT_S * RATE_HZ)
        done = calibration.begin(0.0, "front")
        for place in range(round(60 * RATE_HZ)):
            done = calibration.step(self._look(place % upright), done, place / RATE_HZ)
        if done.baseline is None:
            raise SystemExit(f"the demo cannot be calibrated: {done.quality}")
        self.profile = Profile(name="Desk", baseline=done.baseline)

    def snapshots(self, settings: DeskSettings) -> Iterator[Snapshot]:
        """Ten minutes at `RATE_HZ`, without pictures."""
        state, memory = desk.start((self.profile,)), reminders.start()
        surroundings = Surroundings(datetime.now().astimezone().replace(hour=10))
        for place in range(round(PLAYED_S * RATE_HZ)):
            t, turn = place / RATE_HZ, place % len(self.frames)
            judgement, state = desk.judge(self._look(turn), state, settings, t)
            reminder, memory = reminders.step(judgement, memory, reminders.ReminderSettings(), surroundings, t)
            yield Snapshot(
                phase=Phase.RUNNING,
                camera=CameraStatus(CameraState.RUNNING, 0.0, "", DEMO),
                captured=Captured(self.frames[turn], t, t),
                observation=Observation(place, t, self.people[turn]),
                judgement=judgement,
                reminder=reminder,
                figures=Figures(30.0, 29.9, 30.0, 9.2, 16.8, 18.1, 0, "", "cpu"),
            )

    def _look(self, place: int) -> Look:
        return Look(self.people[place], 1280, 720, luma=120.0, camera_shift=(0.0, 0.0))

    @staticmethod
    def _subject(pose: object, frame: Frame) -> Subject:
        measured = measure(pose, frame.width, frame.height)  # type: ignore[arg-type]  # a Pose
        return Subject(pose, measured, iso11226.assess(measured))  # type: ignore[arg-type]


class Studio:
    """One program in one theme and language, and pictures of it."""

    def __init__(self, application: QApplication, folder: Path, window: WindowSettings, demo: Demo) -> None:
        self._application, self._demo = application, demo
        self._folder = folder / f"{window.theme}-{window.language}"
        self._folder.mkdir(parents=True, exist_ok=True)
        settings = Path(tempfile.mkdtemp()) / "config.toml"
        config.save(settings, config.Settings(window=window))
        self.monitor = PlayedMonitor(profiles=(demo.profile,))
        self._vault = FilledVault(Path(tempfile.mkdtemp()), layers=lambda: LAYERS)
        nothing = lambda _: None  # noqa: E731
        self.program = Program(
            application,
            Parts(
                self.monitor, settings, nothing, nothing, devices=lambda: CAMERAS, safe=self._vault.safe,
                office=self._vault.office, past=past, try_demo=lambda: None, layers=lambda: LAYERS,
                reporting=Reporting(kept),
            ),
        )  # fmt: skip
        self.window = self.program.window
        self.window.resize(*SIZE)
        self.window.show()
        self.settle()

    def settle(self) -> None:
        """Let everything arrive and be painted."""
        for _ in range(4):
            self._application.processEvents()
            time.sleep(0.01)

    def arrived(self, page: TodayPage) -> None:
        """What the page asked for, in a thread of its own."""
        while page._errands.busy:
            self.settle()

    def take(self, name: str, shown: QWidget | QPixmap | None = None) -> None:
        """One picture."""
        self.settle()
        path = self._folder / f"{name}.png"
        picture = shown if isinstance(shown, QPixmap) else (shown or self.window).grab()
        if not picture.save(str(path)):
            raise SystemExit(f"cannot write {path}")
        print(path)

    def play(self, snapshot: Snapshot, name: str) -> None:
        """Show one moment and take it."""
        self.monitor.play(snapshot)
        self.settle()
        self.window.moments.tick()
        self.window.status.state._changed_s = -1e9  # no waiting for five seconds here
        self.window.status.state.settle()
        self.take(name)

    def reports(self) -> None:
        """The week, two stretches against each other, and a day without minutes."""
        page = self.window.pages.reports
        for preset in ("week", "compare", "range"):
            self.window.show_page("reports")
            page._choose(list(PRESETS).index(preset))
            while page._errands.busy:
                self.settle()
            for _ in range(20):
                self.settle()
            self.take(f"reports-{preset}")

    def live(self) -> None:
        """The demo in each view, and one moment that is poor."""
        last = None
        for snapshot in self._demo.snapshots(DeskSettings()):
            last = snapshot
            self.window.moments.see(prepared(snapshot, mirrored=False))
            poor = snapshot.reminder.cue is not None and snapshot.observation is not None
            if poor and snapshot.observation.time_s > PLAYED_S - 2 * PERIOD_S:  # type: ignore[union-attr]
                break
        assert last is not None
        for view in ("video", "blurred", "skeleton", "hidden"):
            self.window.pages.live.set_view(view)
            self.settle()
            self.play(replace(last, picture=self._picture(last, view)), f"live-{view}")
        self.window.pages.live.chart.toggle.setChecked(True)
        self.take("live-table")
        self.window.pages.live.chart.toggle.setChecked(False)
        self.window.pages.live.set_view("video")
        self.settle()

    def _picture(self, snapshot: Snapshot, view: str) -> np.ndarray | None:
        from posture.live import view as pictures

        if self.monitor.view is None or snapshot.captured is None:
            return None
        return pictures.picture(snapshot.captured.frame, self.monitor.view, view)  # type: ignore[arg-type]

    def states(self) -> None:
        """Everything that can be the matter."""
        self.window.pages.live.set_view("skeleton")
        self._desk_recent_clear()
        for name, snapshot in _states().items():
            self.play(snapshot, f"state-{name}")

    def _desk_recent_clear(self) -> None:
        self.window.house.desk.recent._samples.clear()

    def calibration(self) -> None:
        """The overlay in each of its stages."""
        self.window.pages.live.set_view("video")
        self.settle()
        running = moment(info=CAMERA)
        self.play(replace(running, picture=self._picture(running, "video")), "calibrate-before")
        overlay = self.window.pages.live.calibrating
        overlay.open()
        self.take("calibrate-1-choose")
        overlay._start()
        self.take("calibrate-2-count")
        for _ in range(3):
            overlay._tick()
        going = replace(self.monitor.now, phase=Phase.CALIBRATING)
        self.play(replace(going, calibration=Calibration(0.0, "front", ("good",), 0.6)), "calibrate-3-hold")
        done = Calibration(0.0, "front", ("good",), 1.0, baseline=self._demo.profile.baseline)
        self.play(replace(self.monitor.now, phase=Phase.RUNNING, calibration=done), "calibrate-4-done")
        overlay._enter(Stage.HOLD)
        failed = Calibration(0.0, "front", ("shoulders_not_visible",), 0.2, failed=True)
        self.play(replace(self.monitor.now, calibration=failed), "calibrate-5-failed")
        overlay.close_over()

    def pages(self) -> None:
        """The other pages and the dialogs."""
        self.window.show_page("today")
        page = self.window.pages.today
        for place, (name, twin) in enumerate(
            (("today", page.today.times), ("week", page.week.twin), ("trends", page.trends.twin))
        ):
            page.choose(place)
            self.arrived(page)
            self.take(name)
            twin.toggle.setChecked(True)
            self.take(f"{name}-table")
        self.window.show_page("settings")
        for place in range(self.window.pages.settings.titles.count()):
            self.window.pages.settings.titles.setCurrentRow(place)
            self.take(f"settings-{place + 1}")
        self.window.pages.settings.row("window.mirror").editor.changed.emit(False)
        self.window.pages.settings.search.setText("cam")
        self.take("settings-search")
        self._dialog(HelpSheet(letters=True, parent=self.window), "help")
        self._dialog(Details(self.monitor.now.figures, LAYERS, self.window), "details")

    def beside(self) -> None:
        """What belongs to the program beside its window."""
        self.window.show_page("live")
        Beside(self.window, self.monitor, self.take).all()

    def recordings(self) -> None:
        """The vault from before it is made until something leaves it, and the sign of a recording."""
        OfRecordings(self.program, self.monitor, self._vault, self.take, self.settle).all()

    def analyse(self) -> None:
        """Files in the queue, and one that is looked at and corrected."""
        OfAnalyse(self.program, self.take, self.settle).all()

    def privacy(self) -> None:
        """The Privacy page with a vault, a log and notes, and what it asks."""
        OfPrivacy(self.program, self._vault, self.take, self.settle).all()

    def models(self) -> None:
        """The Models page, with some that were added, and what it asks."""
        OfModels(self.program, self.take, self.settle).all()

    def batch(self) -> None:
        """The Batch page with jobs in each state."""
        OfBatch(self.program, self.take, self.settle).all()

    def close(self) -> None:
        """The next one begins with nothing of this one."""
        self.window.close()
        self.program.close()

    def _dialog(self, dialog: QDialog, name: str) -> None:
        dialog.show()
        self.take(name, dialog)
        dialog.close()


def _states() -> dict[str, Snapshot]:
    def camera(state: CameraState, wait_s: float = float("nan")) -> Snapshot:
        status = CameraStatus(state, 0.0, "Webcam C920", None, time.monotonic() + wait_s)
        return Snapshot(Phase.CAMERA, camera=status)

    slow = Figures(30.0, 6.2, 30.0, 120.0, 170.0, 180.0, 41, "model", "cpu")
    fallback = Figures(30.0, 29.8, 30.0, 9.0, 17.0, 19.0, 0, "", "cpu", "the driver of the graphics card is too old")
    wrong = "pose_landmark_full.onnx is not the file of the manifest: expected abc12345…, found def67890…"
    return {
        "off": Snapshot(Phase.STOPPED),
        "starting": Snapshot(Phase.STARTING),
        "paused": Snapshot(Phase.PAUSED, frozenset({Pause.PERSON})),
        "locked": Snapshot(Phase.PAUSED, frozenset({Pause.LOCKED})),
        "no-camera": camera(CameraState.NONE, 8.0),
        "busy": camera(CameraState.BUSY, 5.0),
        "permission": camera(CameraState.PERMISSION),
        "lost": camera(CameraState.LOST, 2.0),
        "failed": Snapshot(Phase.FAILED, message=wrong),
        "black": moment(camera=CameraState.BLACK),
        "frozen": camera(CameraState.FROZEN),
        "not-calibrated": moment(State.UNRELIABLE, doubt=Doubt.NOT_CALIBRATED),
        "recalibrate": moment(State.UNRELIABLE, doubt=Doubt.CAMERA_MOVED, reminder=Reminder(prompt=Prompt.RECALIBRATE)),
        "nobody": moment(State.AWAY, poses=()),
        "several": moment(State.GOOD, poses=(sitter(x=0.42), sitter(2, x=0.8, size=0.6)), deviations=_DEVIATIONS),
        "second": moment(
            State.UNRELIABLE,
            doubt=Doubt.SECOND_PERSON,
            poses=(sitter(x=0.42), sitter(2, x=0.75, size=0.95)),
        ),
        "turned": moment(State.UNRELIABLE, doubt=Doubt.TURNED),
        "dark": moment(State.UNRELIABLE, doubt=Doubt.TOO_DARK),
        "partly": moment(State.UNRELIABLE, doubt=Doubt.PARTLY_OUT, poses=(sitter(x=0.05),), deviations=_DEVIATIONS),
        "poor": moment(State.FORWARD_HEAD, deviations=_DEVIATIONS, reminder=told(State.FORWARD_HEAD), time_s=200.0),
        "fair": moment(State.FORWARD_HEAD, deviations=_DEVIATIONS, reminder=Reminder(silence=reminders.Silence.ONSET)),
        "break": moment(deviations=_DEVIATIONS, reminder=Reminder(prompt=Prompt.BREAK)),
        "fallback": replace(moment(deviations=_DEVIATIONS), figures=fallback),
        "slow": replace(moment(deviations=_DEVIATIONS), figures=slow),
    }


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description="Screenshots of the window.")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--theme", action="append", choices=["light", "dark", "contrast"])
    parser.add_argument("--language", action="append", choices=["en", "de"])
    parser.add_argument("--scale", type=int, default=100)
    parser.add_argument(
        "--only",
        choices=[
            "live",
            "states",
            "calibration",
            "pages",
            "beside",
            "recordings",
            "privacy",
            "analyse",
            "reports",
            "models",
            "batch",
        ],
        action="append",
    )
    asked = parser.parse_args()
    application = QApplication(sys.argv[:1])
    application.setFont(QFont(FONT, 10))
    demo = Demo()
    for theme in asked.theme or ["light", "dark"]:
        for language in asked.language or ["en", "de"]:
            window = WindowSettings(theme=theme, language=language, text_scale_percent=asked.scale)
            studio = Studio(application, asked.output, window, demo)
            shown: dict[str, Callable[[], None]] = {
                "live": studio.live, "states": studio.states, "calibration": studio.calibration, "pages": studio.pages,
                "beside": studio.beside, "recordings": studio.recordings, "privacy": studio.privacy,
                "analyse": studio.analyse, "reports": studio.reports,
                "models": studio.models, "batch": studio.batch,
            }  # fmt: skip
            for name in asked.only or shown:
                shown[name]()
            studio.close()
            application.setFont(QFont(FONT, 10))


if __name__ == "__main__":
    main()
