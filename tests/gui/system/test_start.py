import os
import signal
import sys

import pytest
from filled_vault import FilledVault
from played import PlayedMonitor
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from posture.appearance import WindowSettings
from posture.errors import ConfigError
from posture.gui.app import Parts
from posture.gui.system import onboarding
from posture.gui.system.foreground import Foreground
from posture.gui.system.power import Power
from posture.gui.system.safemode import SENTINEL
from posture.gui.system.session import Session
from posture.gui.system.shell import Surface
from posture.gui.system.single import LOCK, Single
from posture.gui.system.start import Start, Unusable, mend, run
from posture.gui.window import MainWindow
from posture.gui.words import tr
from posture.live.snapshot import Pause


class OnBattery(Power):
    def __init__(self, parent=None):
        super().__init__(parent)
        self.on_battery = True


class Started:
    """One run of the program that ends as soon as its window is there."""

    def __init__(self, folder, application):
        self.folder, self._application = folder, application
        self.monitor = PlayedMonitor()
        self.safe, self.crashes, self.asked, self.broken = [], [], [], ""
        self.supply = Power

    def run(self, *, answer=True, then=QApplication.quit):
        QTimer.singleShot(0, then)
        surface = Surface(Foreground, Session, self.supply, lambda: lambda: None)
        start = Start(
            self.folder,
            self.folder / "config.toml",
            self._parts,
            ["posture"],
            crashed=lambda: self.crashes.append(True),
            surface=surface,
            broken=self.broken,
            ask_safe_mode=lambda: bool(self.asked.append(True)) or (answer() if callable(answer) else answer),
            ask_to_go_on=lambda why: bool(self.asked.append(why)) or answer,
        )
        return run(start, self._application)

    def _parts(self, safe):
        self.safe.append(safe)
        vault = FilledVault(self.folder / "data")
        return Parts(
            self.monitor, self.folder / "config.toml", lambda names: None, lambda settings: None, tuple,
            vault.safe, vault.office, layers=tuple,
        )  # fmt: skip


@pytest.fixture
def started(tmp_path, qapp):
    font, sheet, palette = qapp.font(), qapp.styleSheet(), qapp.palette()
    onboarding.note_seen(tmp_path)
    yield Started(tmp_path, qapp)
    qapp.processEvents()
    QTimer.singleShot(0, qapp.exit)
    qapp.exec()  # takes back Qt's wish to end after the last window, which would keep every later loop from waiting
    qapp.setFont(font)
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)


def test_a_run_that_ends_properly_leaves_nothing(started, tmp_path):
    assert started.run() == 0
    assert started.safe == [False]
    assert started.crashes == started.asked == []
    assert started.monitor.asked[-1] == ("close",)
    assert not (tmp_path / SENTINEL).exists()
    assert not (tmp_path / LOCK).exists()
    assert started.monitor.surroundings().in_call in (None, True)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs in another way")
def test_logging_out_is_a_proper_end(started, tmp_path):
    before = signal.getsignal(signal.SIGTERM)
    assert started.run(then=lambda: os.kill(os.getpid(), signal.SIGTERM)) == 0
    assert not (tmp_path / SENTINEL).exists()
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("answer", [True, False])
def test_after_a_crash_safe_mode_is_offered(started, tmp_path, answer):
    (tmp_path / SENTINEL).write_text("process 1\n")
    assert started.run(answer=answer) == 0
    assert started.crashes == started.asked == [True]
    assert started.safe == [answer]
    assert not (tmp_path / SENTINEL).exists()


@pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 2)])
def test_where_the_policy_is_broken_it_is_asked_before_there_is_a_window(started, tmp_path, answer, code):
    started.broken = "the policy is gone"
    assert started.run(answer=answer) == code
    assert started.asked == ["the policy is gone"]
    assert started.safe == ([False] if answer else [])
    assert not (tmp_path / SENTINEL).exists()
    assert not (tmp_path / LOCK).exists()


def test_a_question_leaves_the_size_of_the_text_to_the_program(started, tmp_path, qapp):
    usual = qapp.font().pointSizeF()
    (tmp_path / SENTINEL).write_text("process 1\n")
    (tmp_path / "config.toml").write_text("[window]\ntext_scale_percent = 200\n")
    sizes = []
    started.run(then=lambda: (sizes.append(qapp.font().pointSizeF()), QApplication.quit()))
    assert started.asked == [True]
    assert sizes == [2 * usual]


class Mended:
    """A settings file that cannot be used, and somebody who answers."""

    def __init__(self, folder, application):
        self._folder, self._application = folder, application
        self.asked, self.quit_words, self.aside = [], [], []

    def run(self, *answers, refusals=()):
        left, fails = list(answers), list(refusals)

        def ask(why):
            self.asked.append(why)
            self.quit_words.append(tr("Quit"))
            answer = left.pop(0)
            return answer() if callable(answer) else answer

        def set_aside():
            if fails:
                raise ConfigError(fails.pop(0))
            self.aside.append(True)

        window = WindowSettings(language="de")
        return mend(Unusable(self._folder, window, "no TOML", ask, set_aside), self._application)


@pytest.fixture
def mended(started, tmp_path, qapp):
    yield Mended(tmp_path, qapp)
    assert not (tmp_path / LOCK).exists()
    assert not (tmp_path / SENTINEL).exists(), "not to start is no crash"


@pytest.mark.parametrize(("answer", "code", "aside"), [(True, None, [True]), (False, 2, [])])
def test_a_settings_file_is_set_aside_only_where_the_person_agrees(mended, answer, code, aside):
    assert mended.run(answer) == code
    assert (mended.asked, mended.aside) == (["no TOML"], aside)
    assert mended.quit_words == ["Beenden"]
    assert tr("Quit") == "Quit"


def test_where_it_cannot_be_set_aside_the_question_says_why(mended):
    assert mended.run(True, True, refusals=["the folder is read-only"]) is None
    assert mended.asked == ["no TOML", "the folder is read-only"]
    assert mended.run(True, False, refusals=["the folder is read-only"]) == 2
    assert mended.aside == [True]


@pytest.fixture
def raised(started, tmp_path, qapp, monkeypatch):
    """The program runs already; how often its window was asked to the front."""
    first = Single(tmp_path)
    assert first.begin()
    raised = []
    first.raised.connect(lambda: raised.append(True))
    monkeypatch.setattr("posture.gui.system.single._pause", qapp.processEvents)
    yield raised
    first.end()


def test_nothing_is_asked_where_the_program_runs_already(raised, tmp_path, qapp):
    second = Mended(tmp_path, qapp)
    assert second.run(True) == 0
    assert (second.asked, second.aside, raised) == ([], [], [True])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs in another way")
def test_logging_out_while_it_is_asked_about_the_settings_changes_nothing(mended):
    assert mended.run(lambda: os.kill(os.getpid(), signal.SIGTERM)) == 0
    assert mended.aside == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs in another way")
def test_logging_out_while_it_is_asked_starts_nothing(started, tmp_path):
    (tmp_path / SENTINEL).write_text("process 1\n")

    def log_out():
        os.kill(os.getpid(), signal.SIGTERM)
        return True

    assert started.run(answer=log_out) == 0
    assert started.safe == []
    assert (tmp_path / SENTINEL).exists()
    assert not (tmp_path / LOCK).exists()


def test_a_second_start_shows_the_window_of_the_first(started, raised):
    assert started.run() == 0
    assert started.safe == []
    assert raised == [True]


def test_a_program_that_fails_while_it_is_put_together_counts_as_a_crash(started, tmp_path, monkeypatch):
    monkeypatch.setattr(started, "_parts", lambda safe: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        started.run()
    assert (tmp_path / SENTINEL).exists()
    assert not (tmp_path / LOCK).exists()


def test_a_program_that_ends_takes_its_language_with_it(started, tmp_path):
    (tmp_path / "config.toml").write_text('[window]\nlanguage = "de"\n')
    said = []
    started.run(then=lambda: (said.append(tr("Resume")), QApplication.quit()))
    assert said == ["Fortsetzen"]
    assert tr("Resume") == "Resume"


def test_who_goes_on_on_battery_is_not_paused_by_another_setting(started, tmp_path, qtbot):
    (tmp_path / "config.toml").write_text("[shell]\npause_on_battery = true\n")

    def go_on():
        (window,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible()]
        assert ("pause", Pause.BATTERY) in started.monitor.asked
        started.monitor.asked.clear()
        window.house.file.change({"window.mirror": False})
        QTimer.singleShot(50, QApplication.quit)

    started.supply = OnBattery
    started.run(then=go_on)
    assert started.monitor.asked == [("close",)]
