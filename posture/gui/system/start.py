"""The window as one program of a desktop: once at a time, after a crash with care, and tied to what is around it."""

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from posture.appearance import WindowSettings
from posture.config import Settings, in_file
from posture.errors import PostureError
from posture.gui import app
from posture.gui.app import Parts, Program
from posture.gui.system import questions
from posture.gui.system.autostart import at_login
from posture.gui.system.safemode import Sentinel
from posture.gui.system.shell import Shell, Surface
from posture.gui.system.single import Single
from posture.gui.theme import Theme
from posture.gui.words import Language, language_of

_STEP_MS = 1000
_NOT_STARTED = 2
"""The exit code of every other program that settings or policy keep from starting."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the command line says about this start."""

    folder: Path
    """Where lock and sentinel are: the data folder of the person."""
    settings_path: Path
    parts: Callable[[bool], Parts]
    """Composes the program; True in safe mode: then `safemode.safe` holds for the monitor."""
    command: Sequence[str]
    """What starts the program without a window at login."""
    crashed: Callable[[], None] = lambda: None
    """The last program did not end properly: for the audit log."""
    hidden: bool = False
    """Begin in the tray, where there is one."""
    surface: Surface | None = None
    broken: str = ""
    """Why the policy of this computer does not hold; then settings are bound already (`config.go_on_bound`)."""
    ask_safe_mode: Callable[[], bool] = lambda: questions.agreed(questions.after_a_crash())
    ask_to_go_on: Callable[[str], bool] = lambda why: questions.agreed(questions.policy_is_broken(why))


@dataclass(frozen=True, slots=True)
class Unusable:
    """A settings file that the program cannot start with."""

    folder: Path
    """As of `Start`."""
    window: WindowSettings
    """What can be known of theme and language."""
    why: str
    ask: Callable[[str], bool]
    """Whether to set it aside, for that reason."""
    set_aside: Callable[[], object]
    """Raises PostureError where it cannot."""


def application() -> QApplication:
    """The one of this process; whoever calls keeps it."""
    found = QApplication.instance()
    return found if isinstance(found, QApplication) else QApplication(sys.argv[:1])


def mend(found: Unusable, application: QApplication) -> int | None:
    """Ask what to do about it; None where the program can start now, else the exit code.

    Where the program runs already, its window comes to the front instead. Raises PostureError where it does not answer.
    """
    with _alone(found.folder) as alone:
        if alone is None:
            return 0
        mended = _asked(application, found.window, lambda: _set_aside(found))
        return 0 if alone.ended else None if mended else _NOT_STARTED


def _set_aside(found: Unusable) -> bool:
    why = found.why
    while found.ask(why):
        try:
            found.set_aside()
            return True
        except PostureError as exc:  # who starts from a menu reads it nowhere else
            why = str(exc)
    return False


def run(start: Start, application: QApplication) -> int:
    """Run until the person quits; the exit code. Raises PostureError where the first program does not answer."""
    with _alone(start.folder) as alone:
        if alone is None:
            return 0
        if start.broken and not _asked(application, _look(start), lambda: start.ask_to_go_on(start.broken)):
            return 0 if alone.ended else _NOT_STARTED
        sentinel = Sentinel(start.folder)
        safe_mode = sentinel.begin() and _after_a_crash(start, application)
        if alone.ended:  # while it was asked: asked again next time
            return 0
        code = _run(start, application, alone.single, safe_mode=safe_mode)
        sentinel.end()  # not after an error: then it is a crash
        return code


@dataclass(frozen=True, slots=True)
class _Alone:
    """The first program of this person."""

    single: Single
    ended: list[int]
    """Gets something when the system ends the program."""


@contextmanager
def _alone(folder: Path) -> Iterator[_Alone | None]:
    """None where the program runs already: its window has come to the front."""
    single = Single(folder)
    if not single.begin():
        single.ask()
        yield None
        return
    ended: list[int] = []

    def end(number: int, _: object) -> None:
        ended.append(number)
        app.leave()

    before = signal.signal(signal.SIGTERM, end)  # logging out ends programs so
    steps = QTimer()
    # Python hears a signal at its next step: here is one every second. One that came before any loop ends the next.
    steps.timeout.connect(lambda: app.leave() if ended else None)
    steps.start(_STEP_MS)
    try:
        yield _Alone(single, ended)
    finally:
        steps.stop()
        signal.signal(signal.SIGTERM, before)
        single.end()


def _after_a_crash(start: Start, application: QApplication) -> bool:
    """Note it, and ask."""
    start.crashed()
    return _asked(application, _look(start), start.ask_safe_mode)


def _look(start: Start) -> WindowSettings:
    return in_file(start.settings_path).window


def _asked(application: QApplication, window: WindowSettings, ask: Callable[[], bool]) -> bool:
    """What the person answers, asked in their theme and language."""
    font = application.font()
    Theme(application).use(window)
    language = Language(application)
    language.use(language_of(window.language))
    answer = ask()
    language.use("en")  # the program puts its own in force
    application.setFont(font)  # and makes it larger or smaller from here
    return answer


def _run(start: Start, application: QApplication, single: Single, *, safe_mode: bool) -> int:
    parts = start.parts(safe_mode)
    shells: list[Shell] = []
    kept = [in_file(start.settings_path).shell]

    def in_force(settings: Settings) -> None:
        parts.in_force(settings)
        if settings.shell != kept[-1]:  # any other change must not undo that the person went on all the same
            kept.append(settings.shell)
            for shell in shells:
                QTimer.singleShot(0, shell.look_at_power)

    def attach(program: Program) -> Callable[[], None]:
        shell = Shell(
            program.window, start.folder, single=single, login=at_login(start.command), safe_mode=safe_mode,
            surface=start.surface,
        )  # fmt: skip
        shells.append(shell)
        parts.monitor.surroundings = shell.around.surroundings
        application.setQuitOnLastWindowClosed(not shell.tray.is_there)
        program.hidden = start.hidden and shell.tray.is_there
        if not program.hidden:
            QTimer.singleShot(0, shell.begin)
        return shell.close

    return app.run(replace(parts, in_force=in_force), application=application, attach=attach)
