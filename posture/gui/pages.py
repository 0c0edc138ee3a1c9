"""The pages of the window. Each is made when it is first shown or needed, and what happened before reaches it then."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QStackedWidget, QWidget

from posture.gui.analyse.bench import Bench
from posture.gui.analyse.changes import Changes
from posture.gui.analyse.page import AnalysePage, Exported
from posture.gui.analyse.rescue import Rescue
from posture.gui.batch.jobs import Jobs
from posture.gui.batch.page import BatchPage
from posture.gui.history.page import TodayPage
from posture.gui.history.past import PastOf
from posture.gui.live_page import LivePage
from posture.gui.models.curator import Curator
from posture.gui.models.page import ModelsPage
from posture.gui.moments import Desk, Moments
from posture.gui.privacy.page import PrivacyPage
from posture.gui.privacy.steward import Steward
from posture.gui.recordings.keeper import Keeper
from posture.gui.recordings.page import RecordingsPage
from posture.gui.reports.page import NOTHING_TO_REPORT, Reporting, ReportsPage
from posture.gui.settings_file import SettingsFile
from posture.gui.settings_page import SettingsPage
from posture.gui.status_bar import Layers
from posture.gui.words import mark

TITLES = {
    "live": mark("Live"),
    "analyse": mark("Analyse"),
    "recordings": mark("Recordings"),
    "today": mark("Today"),
    "reports": mark("Reports"),
    "privacy": mark("Privacy"),
    "batch": mark("Batch"),
    "models": mark("Models"),
    "settings": mark("Settings"),
}
"""By the name that `Pages` has them under."""
_PASSED_ON = ("failed", "told", "viewed", "record_asked", "unlock_asked", "erasing", "erased", "changed")
Page = TypeVar("Page", bound=QWidget)
History = TypeVar("History", TodayPage, ReportsPage)


@dataclass(frozen=True, slots=True)
class House:
    """What the window stands on; outlives it."""

    desk: Desk
    file: SettingsFile
    past: PastOf
    layers: Layers
    language: Callable[[], str]
    keeper: Keeper
    steward: Steward
    bench: Bench
    rescue: Rescue
    curator: Curator
    reviews: dict[int, Changes]
    """Of the files on the bench, by their numbers."""
    exported: Exported = lambda form, path: None
    """Hears of every report that was written, for the audit log."""
    reporting: Reporting = NOTHING_TO_REPORT


class Pages(QStackedWidget):
    """Passes on what its pages say, by signals of the same names: whoever listens need not know which are there."""

    made = pyqtSignal(object)
    """A page that is there from now on."""
    failed = pyqtSignal(str)
    """Something did not work: for a dialog of the window."""
    told = pyqtSignal(str)
    """Something was done: for the line at the bottom of the window."""
    viewed = pyqtSignal(str)
    record_asked = pyqtSignal()
    unlock_asked = pyqtSignal()
    erasing = pyqtSignal()
    erased = pyqtSignal(str)
    changed = pyqtSignal(str, object)

    def __init__(
        self, house: House, moments: Moments, records: Callable[[], bool], parent: QWidget | None = None
    ) -> None:
        """`records`: whether something is being recorded now."""
        super().__init__(parent)
        self._house, self._moments, self._records = house, moments, records
        self._ends: list[Callable[[], None]] = []
        house.keeper.refused.connect(self._refuse)

    def is_made(self, name: str) -> bool:
        """Whether that page is there already."""
        return name in self.__dict__

    def show_page(self, name: str) -> None:
        """One of `TITLES`, made if it is not there yet."""
        page = getattr(self, name)
        self.setCurrentWidget(page)
        page.take_focus()

    def is_shown(self, name: str) -> bool:
        """Whether that page is the one on top."""
        return self.is_made(name) and self.currentWidget() is getattr(self, name)

    def close_down(self) -> None:
        """End the threads of the pages."""
        for end in self._ends:
            end()

    @cached_property
    def live(self) -> LivePage:
        """Picture, state and measurements."""
        return self._put(LivePage(self._house.desk, self._moments, self._house.file.settings.window))

    @cached_property
    def analyse(self) -> AnalysePage:
        """Videos and pictures."""
        house = self._house
        page = AnalysePage(house.bench, house.reviews, lambda: house.file.settings, house.language(), house.exported)
        page.work.changed.connect(house.rescue.later)
        page.note_put_away.connect(house.rescue.put_away)
        house.rescue.noted.connect(page.show_note)
        page.show_note(house.rescue.note)
        return self._put(page, page.close_down)

    @cached_property
    def recordings(self) -> RecordingsPage:
        """The vault."""
        return self._put(RecordingsPage(self._house.keeper, self._house.file.settings.vault.keep_days))

    @cached_property
    def today(self) -> TodayPage:
        """The history."""
        return self._of_history(TodayPage(self._house.past, self._house.file.settings.live.history_days))

    @cached_property
    def reports(self) -> ReportsPage:
        """Reports about days, and saved analyses."""
        return self._of_history(ReportsPage(self._house.reporting, self._language))

    @cached_property
    def privacy(self) -> PrivacyPage:
        """Everything about one's data."""
        return self._put(PrivacyPage(self._house.steward, self._house.keeper, self._language, self._records))

    @cached_property
    def batch(self) -> BatchPage:
        """Jobs over folders."""
        jobs = Jobs(self)
        return self._put(BatchPage(jobs), jobs.close)

    @cached_property
    def models(self) -> ModelsPage:
        """What can run here."""
        return self._put(ModelsPage(self._house.curator))

    @cached_property
    def settings(self) -> SettingsPage:
        """All settings."""
        return self._put(SettingsPage(self._house.file, self._house.language()))

    @property
    def _language(self) -> Literal["en", "de"]:
        return "de" if self._house.language() == "de" else "en"

    def _of_history(self, page: History) -> History:
        """What it shows comes and goes with the vault."""
        self._house.keeper.changed.connect(page.refresh)
        self._house.keeper.locked.connect(page.forget)
        return self._put(page, page.close_down)

    def _put(self, page: Page, end: Callable[[], None] = lambda: None) -> Page:
        """Among the others; `end` is called when the window closes down."""
        for name in _PASSED_ON:
            if (signal := getattr(page, name, None)) is not None:
                signal.connect(getattr(self, name))
        self._ends.append(end)
        self.addWidget(page)
        self.made.emit(page)
        return page

    def _refuse(self, error: BaseException) -> None:
        """The vault can be asked for on any page; why it stays shut stands at its door."""
        self.recordings.refuse(error)
