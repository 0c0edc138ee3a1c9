"""What is on the page survives a program that is killed: a real vault, a real kill, and the next program."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from filled_vault import PASSPHRASE, FilledVault
from played import PlayedMonitor
from PyQt6.QtCore import QObject, pyqtSignal
from standing import SHA256, observed

from posture.analysis import Range
from posture.config import Settings
from posture.gui.analyse.bench import Bench, Options, State
from posture.gui.analyse.changes import Changes
from posture.gui.analyse.rescue import Rescue
from posture.gui.app import Parts, Program
from posture.gui.recordings.keeper import Door
from posture.review import Exclusion, Review
from posture.review.editing import excluding
from posture.sinks.unsaved import Unsaved, files

OPTIONS = Options(2, "1/5", Range(1.0, 4.0), "right")
KILLED = """
import os, signal, sys
sys.path[:0] = {path!r}
from pathlib import Path
from PyQt6.QtWidgets import QApplication
from test_rescue import program_on, reviewed
application = QApplication([])
program = program_on(application, Path({folder!r}))
reviewed(program, Path({folder!r}) / "lifting.mp4", application.processEvents)
os.kill(os.getpid(), signal.SIGKILL)
"""


class Done:
    """An analysis that is over at once: somebody stood still."""

    def observe(self, on_progress):
        return observed()

    def abandon(self):
        """Nothing goes on."""


class FakeKeeper(QObject):
    changed = pyqtSignal()

    def __init__(self, door=Door.LOCKED):
        super().__init__()
        self.door = door

    @property
    def is_open(self):
        return self.door is Door.OPEN

    def turn(self, door):
        self.door = door
        self.changed.emit()


class Run:
    """One run of the program, as far as this page goes."""

    def __init__(self, vault, door=Door.LOCKED):
        self.keeper, self.reviews = FakeKeeper(door), {}
        self.bench = Bench(Settings, analyse=lambda *_: Done())
        self.unlocked = vault.vault.unlock(PASSPHRASE)
        store = Unsaved(vault.vault.folder, lambda: vault.vault.recipients(vault.today, "history"))
        self.rescue = Rescue(store, self.unlocked.secrets, self.bench, self.reviews, self.keeper)

    def review(self, number, review):
        changes = self.reviews[number] = Changes(Review(source_sha256=SHA256))
        changes.changed.connect(self.rescue.later)
        changes.make("left out", review)
        return changes

    def killed(self):
        """Nothing is closed but the threads, which a killed program has no more."""
        self.rescue._soon.stop()
        for errands in (self.rescue._errands, self.bench._errands):
            errands.close()


@pytest.fixture
def vault(tmp_path):
    from datetime import date

    made = FilledVault(tmp_path / "data")
    made.make()
    made.today = date.today()
    return made


@pytest.fixture
def runs(qapp, vault):
    made = []

    def new(**how):
        made.append(Run(vault, **how))
        return made[-1]

    yield new
    for run in made:
        run.killed()


def left_out(start_s=0.0, end_s=2.0):
    return excluding(Review(source_sha256=SHA256), Exclusion(start_s=start_s, end_s=end_s))


def kept(qtbot, run, vault):
    qtbot.waitUntil(lambda: not run.rescue._soon.isActive() and not run.rescue._errands.busy)
    return files(vault.vault.folder)


def test_queue_and_review_come_back_once_the_vault_is_open(qtbot, runs, vault, tmp_path):
    before = runs()
    for name in ("one.mp4", "two ü\udcff.mp4"):
        before.bench.add(tmp_path / name, OPTIONS)
    before.review(1, left_out())
    (file,) = kept(qtbot, before, vault)
    assert b"one.mp4" not in file.read_bytes()
    before.killed()
    after = runs(door=Door.UNKNOWN)
    after.keeper.turn(Door.LOCKED)
    assert "unlock it" in after.rescue.note
    assert after.bench.items == {}
    after.keeper.turn(Door.OPEN)
    qtbot.waitUntil(lambda: len(after.bench.items) == 2)
    one, two = after.bench.items.values()
    assert (one.path, one.options, one.review) == (tmp_path / "one.mp4", OPTIONS, left_out())
    assert (two.path, two.review) == (tmp_path / "two ü\udcff.mp4", None)
    assert "files 2, of these with a review 1" in after.rescue.note
    assert kept(qtbot, after, vault) != [file], "kept anew, and the old one removed"
    assert len(files(vault.vault.folder)) == 1


def test_an_end_in_order_keeps_what_was_not_saved_and_nothing_else(qtbot, runs, vault, tmp_path):
    run = runs()
    for name in ("one.mp4", "two.mp4", "three.mp4"):
        run.bench.add(tmp_path / name, Options())
    run.review(1, left_out()).stack.setClean()  # saved
    run.review(2, left_out(3.0, 4.0))
    run.rescue.close()
    after = runs(door=Door.OPEN)
    after.keeper.turn(Door.OPEN)
    qtbot.waitUntil(lambda: len(after.bench.items) == 1)
    (item,) = after.bench.items.values()
    assert (item.path.name, item.review) == ("two.mp4", left_out(3.0, 4.0))


def test_nothing_unsaved_leaves_nothing(qtbot, runs, vault, tmp_path):
    run = runs()
    run.bench.add(tmp_path / "one.mp4", Options())
    assert len(kept(qtbot, run, vault)) == 1
    run.rescue.close()
    assert files(vault.vault.folder) == []


def test_what_comes_back_is_unsaved_until_somebody_saves_it(qtbot, runs, vault, tmp_path):
    first = runs()
    first.bench.add(tmp_path / "one.mp4", Options(), left_out())
    first.rescue.close()
    for _ in range(2):
        run = runs(door=Door.OPEN)
        run.keeper.turn(Door.OPEN)
        qtbot.waitUntil(lambda run=run: len(run.bench.items) == 1)
        assert run.bench.items[1].review == left_out()
        run.rescue.close()


def test_without_a_vault_nothing_is_written(qtbot, runs, vault, tmp_path):
    run = runs(door=Door.MISSING)
    run.bench.add(tmp_path / "one.mp4", Options())
    run.rescue.keep()
    run.rescue.close()
    assert files(vault.vault.folder) == []


def test_what_cannot_be_kept_is_said(qtbot, runs, vault, tmp_path):
    run = runs()
    run.rescue._store._recipients = lambda: vault.vault.recipients(vault.today.replace(year=2000), "history")
    run.bench.add(tmp_path / "one.mp4", Options())
    qtbot.waitUntil(lambda: "is not kept for after a crash" in run.rescue.note)


def test_a_damaged_file_is_counted_and_the_others_come_back(qtbot, runs, vault, tmp_path):
    for name in ("one.mp4", "two.mp4"):
        run = runs()
        run.bench.add(tmp_path / name, Options())
        run.rescue.keep()
        kept(qtbot, run, vault)
        run.killed()
    first = files(vault.vault.folder)[0]
    first.write_bytes(first.read_bytes()[:-1])
    after = runs(door=Door.OPEN)
    after.keeper.turn(Door.OPEN)
    qtbot.waitUntil(lambda: "1 could not be read" in after.rescue.note)
    assert [item.path.name for item in after.bench.items.values()] == ["two.mp4"]


def test_a_file_that_was_added_anew_meanwhile_does_not_cost_its_review(qtbot, runs, vault, tmp_path):
    before = runs()
    before.bench.add(tmp_path / "one.mp4", OPTIONS, left_out())
    kept(qtbot, before, vault)
    before.killed()
    after = runs()
    after.bench.add(tmp_path / "one.mp4", OPTIONS)
    after.keeper.turn(Door.OPEN)
    qtbot.waitUntil(lambda: left_out() in [item.review for item in after.bench.items.values()])


def test_a_vault_that_is_locked_while_it_is_read_costs_nothing(qtbot, runs, vault, tmp_path):
    before = runs()
    before.bench.add(tmp_path / "one.mp4", OPTIONS, left_out())
    (file,) = kept(qtbot, before, vault)
    before.killed()
    after = runs()
    after.keeper.turn(Door.OPEN)
    after.keeper.door = Door.LOCKED  # before what was read arrives
    qtbot.waitUntil(lambda: not after.rescue._errands.busy and not after.rescue._looked)
    assert files(vault.vault.folder) == [file]
    after.keeper.turn(Door.OPEN)
    qtbot.waitUntil(lambda: len(after.bench.items) == 1)


def test_the_review_of_a_recording_comes_back_after_a_lock(qtbot, runs, vault, tmp_path):
    run = runs(door=Door.OPEN)
    run.keeper.turn(Door.OPEN)
    run.bench._key_of = lambda path: bytes(32)
    run.bench.add(tmp_path / "film.mp4", Options())
    run.review(run.bench.add(tmp_path / "clip.pclip", Options()), left_out())
    kept(qtbot, run, vault)
    run.keeper.door = Door.LOCKED
    run.rescue.lock()
    run.keeper.changed.emit()
    assert [item.path.name for item in run.bench.items.values()] == ["film.mp4"]
    kept(qtbot, run, vault)
    assert "unlock it" in run.rescue.note
    assert len(files(vault.vault.folder)) == 2, "the recording's stands beside that of the page"
    run.keeper.turn(Door.OPEN)
    qtbot.waitUntil(lambda: left_out() in [item.review for item in run.bench.items.values()])
    kept(qtbot, run, vault)
    assert len(files(vault.vault.folder)) == 1


def test_what_could_not_be_kept_is_tried_again(qtbot, runs, vault, tmp_path):
    run = runs()
    recipients = run.rescue._store._recipients
    run.rescue._store._recipients = lambda: vault.vault.recipients(vault.today.replace(year=2000), "history")
    run.bench.add(tmp_path / "one.mp4", Options(), left_out())
    qtbot.waitUntil(lambda: "is not kept for after a crash" in run.rescue.note)
    run.rescue._store._recipients = recipients
    run.rescue.close()
    assert len(files(vault.vault.folder)) == 1


def test_what_a_killed_run_left_half_written_goes(qtbot, runs, vault, tmp_path):
    partial = vault.vault.folder / ".unsaved-0123456789abcdef.sealed.x.partial"
    partial.write_bytes(b"half")
    run = runs(door=Door.OPEN)
    run.keeper.turn(Door.OPEN)
    qtbot.waitUntil(lambda: not partial.exists())


def program_on(application, folder):
    """The program with a vault in `folder`, and analyses that are over at once."""
    from datetime import date

    vault = FilledVault(folder / "data")
    if not vault.vault.exists:
        vault.make()
    store = Unsaved(vault.vault.folder, lambda: vault.vault.recipients(date.today(), "history"))
    program = Program(application, Parts(
        PlayedMonitor(), folder / "config.toml", lambda paths: None, in_force=lambda settings: None,
        devices=tuple, safe=vault.safe, office=vault.office, unsaved=store, layers=tuple,
    ))  # fmt: skip
    program.bench._analyse = lambda *_: Done()
    return program


def reviewed(program, path, run_events):
    """Add a file, leave time out of it and name who is in it; until it is kept."""
    program.window.show_page("analyse")
    page = program.window.pages.analyse
    page.add_files([path])
    while not page.work.reading:
        run_events()
    page.work.marks.mark((1.0, 3.0))
    page.work.exclude()
    page.work.review._names[1].setText("Packer")
    page.work.review._names[1].editingFinished.emit()
    while program.keeper.door is Door.UNKNOWN or program.rescue._soon.isActive() or program.rescue._errands.busy:
        run_events()
    assert program.rescue._kept.files[0].review == page.work.changes.review


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_program_that_is_killed_has_its_review_back_at_the_next_start(qtbot, qapp, tmp_path, monkeypatch):
    path = [str(Path(__file__).parent), *(entry for entry in sys.path if entry)]
    script = KILLED.format(path=path, folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -9, done.stderr
    font, sheet, palette = qapp.font(), qapp.styleSheet(), qapp.palette()
    program = program_on(qapp, tmp_path)
    try:
        qtbot.addWidget(program.window)
        program.window.show_page("analyse")
        page = program.window.pages.analyse
        qtbot.waitUntil(lambda: "unlock it" in page.note.words.text())
        program.keeper.unlock(PASSPHRASE)
        qtbot.waitUntil(lambda: page.work.reading is not None)
        assert "It is back: files 1" in page.note.words.text()
        assert page.work.changes.review.left_out == ((1.0, 3.0),)
        assert page.work.changes.review.names == {1: "Packer"}
        assert page.work.changes.stack.undoText() == "Review restored"
        assert [item.state for item in program.bench.items.values()] == [State.DONE]
    finally:
        program.close()
        qapp.setFont(font)
        qapp.setStyleSheet(sheet)
        qapp.setPalette(palette)


def test_the_review_of_another_file_is_refused(qtbot, page):
    item = msgspec.structs.replace(left_out(), source_sha256="0" * 64)
    page._bench.items[2] = page._bench.items[1].__class__(2, Path("other.mp4"), Options(), State.DONE, 1.0,
                                                           case=page._bench.items[1].case, review=item)  # fmt: skip
    with qtbot.waitSignal(page.failed) as told:
        page.look_at(2)
    assert "other.mp4 is another file" in told.args[0]
    assert page.work.changes.review.excluded == ()
