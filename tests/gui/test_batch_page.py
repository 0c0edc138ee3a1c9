"""The Batch page: what it shows of a job, and a whole job begun, looked at and done."""

import batch_kill
import pytest
from PyQt6.QtWidgets import QPushButton

from posture.batch.pace import Going, InHand
from posture.gui.batch.jobs import Job, Jobs
from posture.gui.batch.page import BatchPage


def job(folder, *, done=0, failed=0, waiting=0, running=False, name="cameras"):
    files = {"waiting": waiting, "running": 0, "done": done, "failed": failed, "refused": 0}
    failures = tuple(f"file {number}: cannot be read" for number in range(failed))
    return Job(folder / name, name, folder / "out", running, files, failures)


@pytest.fixture
def page(qtbot, tmp_path):
    """A page over jobs that the test names, and what it was asked to do with them."""
    jobs = Jobs(looking=lambda: ())
    asked = []
    jobs.stop = lambda job: asked.append(("stop", job.name))
    jobs.go_on = lambda job, retry=False: asked.append(("retry" if retry else "go on", job.name))
    page = BatchPage(jobs)
    qtbot.addWidget(page)

    def show(*shown):
        jobs._show(shown)
        return [page.cards[one.folder] for one in shown]

    page.show_these, page.asked, page.jobs = show, asked, jobs
    yield page
    jobs.close()


def words(card):
    return [part.text() for part in card.findChildren(QPushButton) if not part.isHidden()]


def test_what_can_be_done_goes_by_the_state_of_the_job(page, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "posture-batch.html").touch()
    running, stopped, failed, done = page.show_these(
        job(tmp_path, done=3, waiting=7, running=True, name="a"),
        job(tmp_path, done=3, waiting=7, name="b"),
        job(tmp_path, done=9, failed=1, name="c"),
        job(tmp_path, done=10, name="d"),
    )
    assert words(running) == ["Stop"]
    assert words(stopped) == ["Open summary", "Go on"]
    assert words(failed) == ["Open summary", "Retry failed files"]
    assert words(done) == ["Open summary"]
    states = [card.state.text() for card in (running, stopped, failed, done)]
    assert states == ["● running", "◐ stopped", "▲ done, with failures", "✓ done"]
    assert running.bar.value() == 300
    assert "cannot be read" in failed.failures.text()
    running.stop.click()
    stopped.go_on.click()
    failed.retry.click()
    assert page.asked == [("stop", "a"), ("go on", "b"), ("retry", "c")]


def test_what_is_in_hand_and_the_time_that_is_left_come_from_the_run(page, tmp_path):
    going = Going(tuple(InHand(f"{n}.mp4", n / 10 or None) for n in range(6)), eta_s=1800.0)
    one = job(tmp_path, waiting=10, running=True)
    one.files["running"] = 6
    (card,) = page.show_these(one._replace(going=going))
    assert card.in_hand.text().splitlines() == [
        "0.mp4",
        "1.mp4  ·  10 %",
        "2.mp4  ·  20 %",
        "3.mp4  ·  30 %",
        "and 2 more",
    ]
    assert "about 30 min left" in card.counts.text()
    (card,) = page.show_these(one)
    assert card.in_hand.isHidden()


def test_a_job_that_is_gone_goes_from_the_page(page, tmp_path):
    page.show_these(job(tmp_path, name="a"), job(tmp_path, name="b"))
    page.show_these(job(tmp_path, name="b"))
    assert [folder.name for folder in page.cards] == ["b"]
    page.show_these()
    assert not page.empty.isHidden()


def test_a_whole_job_from_the_page(qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("POSTURE_POSE__MODEL", "lite")
    batch_kill.make_clips(tmp_path / "in", 1)
    jobs = Jobs()
    page = BatchPage(jobs)
    qtbot.addWidget(page)
    page.show()
    jobs.begin(tmp_path / "in", tmp_path / "out")
    qtbot.waitUntil(lambda: any(one.done == 1 for one in jobs.jobs) and not jobs._processes, timeout=60000)
    (card,) = page.cards.values()
    assert card.state.text() == "✓ done"
    assert words(card) == ["Open summary"]
    page.hide()
    jobs.close()


def test_a_job_that_cannot_begin_says_why(qtbot, tmp_path):
    jobs = Jobs()
    with qtbot.waitSignal(jobs.failed, timeout=60000) as told:
        jobs.begin(tmp_path / "nothing", tmp_path / "out")
        jobs.watch(True)
    assert "nothing" in told.args[0]
    jobs.close()
