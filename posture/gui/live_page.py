"""The Live page: picture, state, measurements and the last ten minutes, from one snapshot after the other."""

from collections.abc import Callable

from PyQt6.QtCore import Qt, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from posture.appearance import ViewName, WindowSettings
from posture.ergonomics.baseline import Profile
from posture.gui import theme
from posture.gui.banner import Banner
from posture.gui.calibrating import Calibrating
from posture.gui.cards import Cards
from posture.gui.chart import RecentChart
from posture.gui.choosing import menu
from posture.gui.condition import Action, Condition, Notices
from posture.gui.ghost import ghost
from posture.gui.moments import Desk, Moments, verdict
from posture.gui.monitor import Shown
from posture.gui.picture_view import PictureView, main_person
from posture.gui.quantities import readings
from posture.gui.toolbar import Toolbar, open_list
from posture.gui.words import tr
from posture.live.snapshot import Phase, Snapshot
from posture.sinks import recording

_CARDS_LINES = 19
"""Width of the column of cards, in heights of a line."""
SYSTEM_SETTINGS = {
    "darwin": "x-apple.systempreferences:com.apple.preference.security?Privacy_Camera",
    "win32": "ms-settings:privacy-webcam",
}


class LivePage(QWidget):
    """Shows what the bridge brings."""

    viewed = pyqtSignal(str)
    """Another view was chosen: it is a setting."""
    failed = pyqtSignal(str)
    """Somebody wants to know all of an error."""
    record_asked = pyqtSignal()
    """Somebody wants to record, or to stop that."""

    def __init__(self, desk: Desk, moments: Moments, settings: WindowSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._moments = desk, moments
        self._ghost_wanted = settings.ghost
        self._notices = Notices()
        self.toolbar = Toolbar(desk.commands, desk.cameras, settings.view)
        self.banner, self.central = Banner(central=False), Banner(central=True)
        self.notice = QLabel()
        self.notice.setObjectName("panel")
        self.notice.setWordWrap(True)
        self.picture = PictureView(desk.bridge.monitor.painted)
        self.picture.mode, self.picture.mirrored = settings.view, settings.mirror
        self.cards = Cards()
        self.chart = RecentChart(desk.recent)
        self.calibrate = QPushButton(tr("Calibrate…"))
        self.record = QPushButton()
        self.calibrating = Calibrating(self.picture, self._profile_names)
        self._lay_out()
        self._wire()
        newest = desk.bridge.newest
        self.show_moment(newest)
        self._say(newest.snapshot, moments.condition(newest.snapshot))

    def _lay_out(self) -> None:
        middle = QVBoxLayout(self.picture)
        middle.addStretch(2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.central, 4)
        row.addStretch(1)
        middle.addLayout(row)
        middle.addStretch(3)
        left = QVBoxLayout()
        left.setSpacing(theme.GAP_PX)
        for part, stretch in ((self.banner, 0), (self.picture, 5), (self.notice, 0), (self.chart, 2)):
            left.addWidget(part, stretch)
        side = QScrollArea()
        side.setWidgetResizable(True)
        side.setFrameShape(QFrame.Shape.NoFrame)
        ground = QWidget()
        ground.setObjectName("pageground")
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.cards)
        column.addStretch(1)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side.setWidget(ground)
        side.setAccessibleName(tr("Measurements"))
        side.setFixedWidth(_CARDS_LINES * self.fontMetrics().height())
        right = QVBoxLayout()
        right.addWidget(side, 1)
        right.addWidget(self.calibrate)
        right.addWidget(self.record)
        columns = QHBoxLayout()
        columns.setSpacing(theme.GAP_PX)
        columns.addLayout(left, 1)
        columns.addLayout(right)
        page = QVBoxLayout(self)
        page.setContentsMargins(theme.GAP_PX, theme.GAP_PX, theme.GAP_PX, theme.GAP_PX)
        page.setSpacing(theme.GAP_PX)
        page.addWidget(self.toolbar)
        page.addLayout(columns, 1)

    def _wire(self) -> None:
        self.calibrate.setAccessibleName(tr("Calibrate"))
        self.calibrate.clicked.connect(lambda _=False: self.open_calibration())
        self.record.clicked.connect(lambda _=False: self.record_asked.emit())
        self.toolbar.viewed.connect(self.set_view)
        self.picture.resized.connect(self.aim)
        self.picture.resized.connect(lambda: self.calibrating.setGeometry(self.picture.rect()))
        for banner in (self.banner, self.central):
            banner.acted.connect(self._act)
        self.calibrating.begun.connect(self._begin)
        self.calibrating.undone.connect(self._desk.commands.undo_calibration)
        self.calibrating.given_up.connect(self._desk.commands.give_up_calibration)
        self.calibrating.opened.connect(self.chart.hide)  # the picture gets its room: there is more to see, and to say
        self.calibrating.left.connect(self.picture.setFocus)
        self.calibrating.left.connect(self.chart.show)
        self.cards.chosen.connect(self._draw)
        self._moments.arrived.connect(self.show_moment)
        self._moments.said.connect(self._say)
        self._moments.ticked.connect(self._draw)

    def take_focus(self) -> None:
        """The keys without Ctrl work over the picture."""
        self.picture.setFocus()

    def aim(self) -> None:
        """Tell the monitor what is looked at, and how large."""
        view = self.picture
        self._desk.bridge.aim(view.mode, view.mirrored, view.device_size(), visible=view.isVisible())

    def set_view(self, view: ViewName) -> None:
        """Video, blurred, figure or nothing."""
        self.picture.mode = view
        self.toolbar.show_view(view)
        self.aim()
        self.picture.update()
        self.viewed.emit(view)

    def show_moment(self, shown: Shown) -> None:
        """The picture of a moment; the words come on their own."""
        snapshot = shown.snapshot
        drawn = self._ghost_wanted and snapshot.phase is Phase.RUNNING
        calibrated = ghost(self._profiles(), snapshot.judgement) if drawn else None
        self.picture.show_moment(shown, verdict(snapshot), calibrated)
        self.calibrating.see(snapshot)

    def _draw(self) -> None:
        self.chart.draw(self.cards.checked)

    def _profiles(self) -> tuple[Profile, ...]:
        return self._desk.bridge.monitor.here

    def _profile_names(self) -> tuple[str, ...]:
        return tuple(profile.name for profile in self._profiles())

    def open_calibration(self) -> None:
        """The overlay, if there is a picture to hold it over."""
        if self._desk.commands.phase is Phase.RUNNING:
            self.calibrating.open()
        else:
            self._desk.commands.start()

    def _say(self, snapshot: Snapshot, now: Condition) -> None:
        overlaid = self.calibrating.isVisible()
        self.banner.setVisible(not now.central)
        self.central.setVisible(now.central and not overlaid)
        (self.central if now.central else self.banner).show_condition(now, self._allowed())
        notice = self._notices.of(snapshot, self._desk.clock())
        self.notice.setText(f"▲  {notice}" if notice else "")
        self.notice.setVisible(bool(notice))
        self.toolbar.show_phase(snapshot.phase)
        self.calibrate.setEnabled(snapshot.phase is Phase.RUNNING)
        self._offer_recording(snapshot)
        self._measure(snapshot)

    def _offer_recording(self, snapshot: Snapshot) -> None:
        text = tr("Stop recording") if snapshot.recording.shows else tr("Record…")
        if self.record.text() != text:
            self.record.setText(text)
            self.record.setAccessibleName(text)
            self.record.setAccessibleDescription(tr("R, while the picture has the focus"))
        ending = snapshot.recording.phase is recording.Phase.ENDING
        self.record.setEnabled((snapshot.recording.shows and not ending) or snapshot.phase is Phase.RUNNING)

    def _measure(self, snapshot: Snapshot) -> None:
        people = snapshot.observation.people if snapshot.observation else ()
        main = main_person(snapshot)
        measured = next((subject.measurements for subject in people if subject.pose.person == main), None)
        running = snapshot.phase in (Phase.RUNNING, Phase.CALIBRATING)
        shown = readings(snapshot.judgement, measured) if running else ()
        self.cards.show_readings(shown, self._desk.recent)

    def _allowed(self) -> frozenset[Action]:
        allowed = set(Action) - {Action.DEMO, Action.SYSTEM}
        if self._desk.try_demo is not None:
            allowed.add(Action.DEMO)
        if self._desk.platform in SYSTEM_SETTINGS:
            allowed.add(Action.SYSTEM)
        return frozenset(allowed)

    def _act(self, name: str) -> None:
        acts: dict[Action, Callable[[], object]] = {
            Action.START: self._desk.commands.start,
            Action.RESUME: self._desk.commands.start,
            Action.CALIBRATE: self.open_calibration,
            Action.CHOOSE: self._choose,
            Action.PICK: lambda: open_list(self.toolbar),
            Action.DEMO: lambda: self._desk.try_demo() if self._desk.try_demo else None,
            Action.SYSTEM: lambda: QDesktopServices.openUrl(QUrl(SYSTEM_SETTINGS[self._desk.platform])),
            Action.IGNORE: self._moments.ignore_dark,
            Action.RESTART: self._desk.commands.reopen,
            Action.DETAILS: lambda: self.failed.emit(self._desk.commands.monitor.newest.message),
        }
        acts[Action(name)]()

    def _choose(self) -> None:
        """Ask who is judged."""
        people, judged = self.picture.candidates(), main_person(self._desk.bridge.newest.snapshot)
        asks = menu(self.picture, people, judged, self._desk.bridge.monitor.choose)
        asks.aboutToHide.connect(lambda: self._number(False))
        asks.aboutToHide.connect(asks.deleteLater)
        self._number(True)
        asks.popup(self.banner.mapToGlobal(self.banner.rect().bottomLeft()))

    def _number(self, on: bool) -> None:
        self.picture.numbered = on
        self.picture.update()

    def _begin(self, seat: str, name: str, standing: bool, remember: bool) -> None:
        self._desk.remember(remember)
        self._desk.commands.calibrate("side" if seat == "side" else "front", name, standing=standing)
