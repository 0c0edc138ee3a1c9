"""`posture live`: monitor how the person at the desk sits, in a window or in the background."""

import json
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from posture import __version__
from posture.cli import exits, trail
from posture.cli.screen import say, stderr
from posture.errors import CameraUnavailable

if TYPE_CHECKING:
    from posture.live.lines import Line, Lines
    from posture.live.monitor import Monitor

DEFAULT_PROFILE = "desk"
LOOK_S = 1.0
"""The lines are looked at this often, even where nothing wakes."""

Watch = Callable[["Monitor", Callable[[], bool]], None]
"""How the main thread passes the time: calls the function whenever the monitor wakes, and once a second, until it says
False. Meanwhile it may pause and resume the monitor when the desktop locks, sleeps or runs on battery."""

Source = Annotated[
    str | None,
    typer.Option(metavar="CAMERA|FILE|demo", help="Name or id of a camera, a video to play as one, or the demo."),
]
NoWindow = Annotated[
    bool, typer.Option("--no-window", metavar="", help="In the background, with JSON lines on stdout.")
]
Duration = Annotated[float | None, typer.Option(min=0.1, metavar="S", help="End after so many seconds.")]
ListCameras = Annotated[
    bool, typer.Option("--list-cameras", metavar="", help="Print the cameras as JSON and end; opens none.")
]
Profile = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Use this remembered calibration instead of calibrating at the start."),
]
Remember = Annotated[
    bool,
    typer.Option("--remember", metavar="", help="Keep the calibration on this computer: a few numbers, no picture."),
]

Standing = Annotated[
    bool, typer.Option("--standing", metavar="", help="The calibration at the start is of a place to stand at.")
]
InTray = Annotated[
    bool, typer.Option("--in-tray", metavar="", help="Begin in the tray, where there is one: what starts at login.")
]


def live(
    source: Source = None,
    no_window: NoWindow = False,
    duration: Duration = None,
    list_cameras: ListCameras = False,
    profile: Profile = None,
    remember: Remember = False,
    in_tray: InTray = False,
    standing: Standing = False,
) -> None:
    """Monitor how you sit through a camera, on this machine only.

    Nothing is recorded unless you say so (recorder.mode, or the window), and then a sign shows it.

    Without --no-window it opens the window. With it, calibration begins at once: sit well and still for five seconds.
    Ctrl+C ends it.
    """
    if list_cameras:
        _list_cameras()
        return
    if duration is not None and not no_window:
        raise typer.BadParameter("--duration needs --no-window")
    if standing and not no_window:
        raise typer.BadParameter("--standing needs --no-window: the window asks for it")
    if in_tray and no_window:
        raise typer.BadParameter("choose one of --in-tray and --no-window")
    from posture import config
    from posture.cli.monitoring import Calibrations, composed

    wanted = Calibrations(profile, remember)
    if not no_window:
        from posture.cli.window import open_window

        raise typer.Exit(open_window(source, wanted, in_tray=in_tray))
    settings = config.load()
    trail.started("live")
    from posture.live.opening import opening

    opened = opening(source, settings.camera)
    monitor = composed(opened.open, opened.presence, settings, wanted)
    watch = desktop(pause_on_battery=settings.shell.pause_on_battery)
    code = background(
        monitor, opened.kind, calibrate=profile is None, standing=standing, duration_s=duration, watch=watch
    )
    raise typer.Exit(code)


def background(
    monitor: "Monitor",
    kind: str,
    *,
    calibrate: bool,
    standing: bool = False,
    duration_s: float | None = None,
    watch: Watch | None = None,
) -> int:
    """Monitor and print lines until somebody ends it, the stream is over or it fails; the exit code.

    `calibrate`: where no profile was made with this camera, begin with that. `watch` is how the time is
    passed, by default waiting for the monitor.
    """
    from posture.live.lines import Lines
    from posture.live.monitor import local_clock

    lines = Lines(lambda: local_clock().now)
    run = _Background(monitor, lines, calibrate, standing)
    until_s = time.monotonic() + (math.inf if duration_s is None else duration_s)
    _print(lines.started(version=__version__, source=kind))
    with ended_by_signals() as ended:
        try:
            monitor.start()
            (watch or wait)(monitor, lambda: not ended and run.step() and time.monotonic() < until_s)
        finally:
            monitor.close()
    code = ended[0] if ended else run.code
    _print(lines.ended(code, monitor.today()))
    return code


class _Background:
    """Prints what is new, calibrates at the start, and knows when it is over."""

    def __init__(self, monitor: "Monitor", lines: "Lines", calibrate: bool, standing: bool) -> None:
        self._monitor, self._lines = monitor, lines
        self._calibrate, self._standing = calibrate, standing
        self.code = exits.OK

    def step(self) -> bool:
        """Take the newest snapshot; whether to go on."""
        from posture.live.snapshot import Phase

        snapshot = self._monitor.latest()
        for line in self._lines.of(snapshot, self._monitor.today):
            _print(line)
            _tell(line)
        if snapshot.phase is Phase.FAILED:
            stderr.print(snapshot.message, markup=False, highlight=False, soft_wrap=True)
            self.code = exits.FAILED
        elif self._calibrate and snapshot.phase is Phase.RUNNING:
            self._begin()
        return snapshot.phase not in (Phase.FAILED, Phase.STOPPED)

    def _begin(self) -> None:
        """Begin the calibration at the start, and again where it failed."""
        if self._monitor.here:
            self._calibrate = False
        else:
            self._monitor.calibrate(None, DEFAULT_PROFILE, standing=self._standing)


def desktop(*, pause_on_battery: bool) -> Watch:
    """Passing the time while the desktop is heard; without it where Qt or its libraries are not there."""
    try:
        from posture.gui.system.unseen import Unseen
    except ImportError as exc:
        say(f"lock, sleep and battery are not noticed: {exc}; install that library")
        return wait
    return Unseen(say, pause_on_battery=pause_on_battery)


def wait(monitor: "Monitor", step: Callable[[], bool]) -> None:
    """Implements `Watch` for a program without a desktop."""
    woken = threading.Event()
    monitor.on_wake = woken.set
    while step():
        woken.wait(LOOK_S)
        woken.clear()


@contextmanager
def ended_by_signals() -> Iterator[list[int]]:
    """A list that gets the exit code when Ctrl+C is pressed or the system ends the program."""
    codes: list[int] = []
    answers = {signal.SIGINT: exits.CANCELLED, signal.SIGTERM: exits.OK}

    def on_signal(number: int, frame: FrameType | None) -> None:
        codes.append(answers[signal.Signals(number)])

    before = {number: signal.signal(number, on_signal) for number in answers}
    try:
        yield codes
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _list_cameras() -> None:
    from posture.sources.camera import cameras

    found = cameras()
    print(json.dumps({"schema": "posture.cameras/1", "cameras": [asdict(device) for device in found]}, indent=1))
    if not found:
        raise CameraUnavailable("no camera is there; plug one in")


def _print(line: "Line") -> None:
    print(json.dumps(line, allow_nan=False), flush=True)


def _tell(line: "Line") -> None:
    """The few lines that a person waits for, on stderr."""
    kind, state = line["kind"], line.get("state")
    if kind == "calibration":
        words = {"under_way": "sit well and still", "done": "calibrated", "failed": "calibration failed, once more"}
        quality = line["quality"] if isinstance(line["quality"], tuple) else ()
        why = ", ".join(str(word).replace("_", " ") for word in quality)
        stderr.print(f"{words[str(state)]}{f' ({why})' if why else ''}", markup=False, highlight=False)
    elif kind == "recording":
        about = f": {line['message']}" if line["message"] else f" ({line['content']})"
        stderr.print(f"● recorder {line['phase']}{about}", markup=False, highlight=False, soft_wrap=True)
    elif kind == "camera" and line["message"]:
        stderr.print(str(line["message"]), markup=False, highlight=False, soft_wrap=True)
