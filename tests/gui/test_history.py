"""The Today page: today, seven days and trends, what is locked, and that a slow disk never holds up the window."""

import math
import threading
from datetime import date, timedelta

import pytest
from PyQt6.QtCore import QDate, QLocale

from posture.ergonomics.sitting import State
from posture.errors import SinkError
from posture.gui.history.page import TodayPage
from posture.gui.history.past import Past, named, together
from posture.gui.history.trend_chart import QUANTITIES, means_of, values_of
from posture.gui.history.trends_view import compared
from posture.sinks.today import Day, Shut, Spell, Today

TODAY = date(2026, 11, 28)


def day(back, good_s=0.0, poor_s=0.0, *shut):
    seconds = {State.GOOD: good_s, State.SLUMP: poor_s} if good_s + poor_s else {}
    spells = (Spell("sitting", State.GOOD, 0.0, good_s + poor_s), Spell("reminder", State.SLUMP, 1.0, 0.0))
    return Day(TODAY - timedelta(days=back), Today(seconds, {}, spells if seconds else ()), frozenset(shut))


def table(twin):
    model = twin.table.model()
    return [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]


class Disk:
    """Answers with what it has; `asked` are the numbers of days."""

    def __init__(self, *days, kept=True):
        self.days, self.kept, self.asked = days, kept, []
        self.go = threading.Event()
        self.go.set()
        self.error = None

    def __call__(self, count):
        self.asked.append(count)
        assert self.go.wait(20)
        if self.error:
            raise self.error
        return Past(self.days[-count:], self.kept)


@pytest.fixture
def opened(qtbot):
    made = []

    def page(disk, place=0):
        made.append(TodayPage(disk, 30))
        qtbot.addWidget(made[-1])
        made[-1].resize(1100, 800)
        made[-1].show()
        made[-1].choose(place)
        settled(made[-1])
        return made[-1]

    def settled(page):
        qtbot.waitUntil(lambda: not page._errands.busy)

    page.settled = settled
    yield page
    for one in made:
        one.close_down()


def test_today_is_the_last_day(opened):
    disk = Disk(day(1, 100, 900), day(0, 900, 300))
    page = opened(disk)
    assert set(disk.asked) == {1}
    assert [row[:2] for row in table(page.today.times)] == [["Good posture", "15 min"], ["Slumped", "5 min"]]
    assert page.today._score._value.text() == "75 %"
    assert page.caution.isHidden()


def test_seven_days_say_what_is_locked_expired_and_empty(opened):
    week = [day(6, 0, 0, Shut.EXPIRED), day(5), day(4, 0, 0, Shut.LOCKED), day(3, 600, 600), day(2), day(1, 900, 300)]
    disk = Disk(*week, day(0, 600, 0, Shut.LOCKED))
    page = opened(disk, 1)
    assert disk.asked[-1] == 7
    notes = [row[-1] for row in table(page.week.twin)]
    assert notes == ["a part is locked", "", "nothing", "", "locked", "nothing", "expired"]
    assert table(page.week.twin)[1][1:4] == ["75 %", "20 min", "20 min"]
    assert page.week._score._value.text() == "70 %", "of all judged time, not the mean of the days"
    assert "2" in page.caution.words.text()
    assert not page.unlock.isHidden()


def test_unlocking_is_asked_for_and_locking_takes_away_what_was_decrypted(opened, qtbot):
    disk = Disk(*(day(back, 900, 300) for back in reversed(range(7))))
    page = opened(disk, 1)
    with qtbot.waitSignal(page.unlock_asked):
        page.unlock.click()
    disk.days = tuple(day(back, 0, 0, Shut.LOCKED) for back in reversed(range(7)))
    disk.go.clear()
    page.refresh()  # under way while it is locked: what it brings is of before
    page.forget()
    assert table(page.week.twin) == []
    disk.go.set()
    opened.settled(page)
    assert {row[-1] for row in table(page.week.twin)} == {"locked"}


def test_a_disk_that_does_not_answer_holds_up_nothing(opened, qtbot):
    disk = Disk(day(0, 900, 300))
    page = opened(disk)
    disk.go.clear()
    page.refresh()
    for _ in range(5):
        page.choose(1)
        page.choose(0)
    assert page.today._score._value.text() == "75 %"
    disk.go.set()
    opened.settled(page)


def test_a_history_that_cannot_be_read_is_said(opened):
    disk = Disk(day(0, 900, 300))
    page = opened(disk)
    disk.error = SinkError("the history cannot be read: gone")
    page.refresh()
    opened.settled(page)
    assert page.note.text() == "the history cannot be read: gone"


def test_without_a_vault_it_is_said_that_it_ends_with_the_program(opened):
    assert "in memory" in opened(Disk(day(0, 900, 300), kept=False)).note.text()
    assert "30 days" in opened(Disk(day(0, 900, 300))).note.text()


def test_trends_compare_two_weeks_of_judged_time(opened):
    weeks = [day(back, 600, 600) for back in range(13, 6, -1)] + [day(back, 900, 300) for back in range(6, -1, -1)]
    page = opened(Disk(*weeks), 2)
    assert "75 %" in page.trends.comparison.text()
    assert "50 %" in page.trends.comparison.text()
    assert len(table(page.trends.twin)) == 14
    page.trends.choice.setCurrentIndex(2)
    assert page.trends.twin._title.text() == "Longest sitting"
    assert compared(weeks[:9]) == "", "two days of a week are too little"


def test_values_and_means_leave_out_what_is_not_known():
    days = [day(4, 900, 300), day(3, 0, 0, Shut.LOCKED), day(2, 600, 600), day(1, 300, 900), day(0)]
    values = values_of(days, QUANTITIES[0])
    assert [None if math.isnan(v) else v for v in values] == [75, None, 50, 25, None]
    assert [None if math.isnan(v) else v for v in means_of(values)] == [None, None, None, 50, 50]
    assert [quantity.of(days[0].known) for quantity in QUANTITIES] == [75, 1200 / 3600, 20, 0, 1]


def test_days_together_are_sums():
    known = together([day(1, 900, 300), day(0, 600, 600)])
    assert (known.good_s, known.poor_s, known.reminders, known.longest_sitting_s) == (1500, 900, 2, 1200)


@pytest.mark.parametrize("language", ["en", "de"])
def test_days_have_names_in_the_language(language):
    before = QLocale()
    QLocale.setDefault(QLocale(language))
    assert named(day(0)) == QLocale(language).toString(QDate(2026, 11, 28), "ddd d MMM")
    QLocale.setDefault(before)


def test_the_charts_are_drawn_with_all_that_there_can_be(opened):
    days = [day(back, 400 * back, 100, *([Shut.LOCKED] if back % 5 == 0 else [])) for back in reversed(range(30))]
    for place in (1, 2):
        page = opened(Disk(*days), place)
        view = (page.week, page.trends)[place - 1]
        chart = view._bars if place == 1 else view._chart
        image = chart.grab().toImage()
        colours = {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
        assert len(colours) > 10
