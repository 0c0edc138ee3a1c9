"""One analysed file at work: picture, time line, scores, task and review. What changes goes through the undo stack.

Two speeds: what the moment shows is worked out at once, from that moment alone; what all of the recording comes to is
worked out in a thread, a moment after the last change.
"""

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QWidget

from posture.data import Subject
from posture.ergonomics.task import Segment
from posture.gui import theme
from posture.gui.analyse.body_view import Bodies
from posture.gui.analyse.case import Case, Reading
from posture.gui.analyse.changes import Changes
from posture.gui.analyse.far import clip_of
from posture.gui.analyse.lanes import Plan, fine_clock
from posture.gui.analyse.plan import plan_of, table_of
from posture.gui.analyse.scores_tab import verdict_of
from posture.gui.analyse.work_parts import WorkParts
from posture.gui.recordings.errands import Errands
from posture.gui.recordings.player import clock
from posture.gui.recordings.reel import Reel
from posture.gui.recordings.turning import Moment
from posture.gui.shortcuts import is_letter
from posture.gui.words import tr
from posture.live.clerk import said
from posture.reports import words
from posture.reports.language import speaking
from posture.review import Exclusion, KeypointFix, Override, Review
from posture.review.changes import END_S
from posture.review.editing import excluding, fixed, overridden, with_segment, without
from posture.skeleton import BLAZEPOSE_33


class Work(WorkParts):
    """Shows one `Case` at a time."""

    failed = pyqtSignal(str)
    changed = pyqtSignal()
    """The review is another one."""

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(language, parent)
        self.case: Case | None = None
        self.changes = Changes()
        self.reading: Reading | None = None
        self._identity = 0
        self._draft: Review | None = None
        self._stale = False
        self._errands = Errands()
        self.destroyed.connect(lambda _, close=self._errands.close: close())
        self._read_soon.timeout.connect(self._read)
        self._show_soon.timeout.connect(self._show_moment)
        self.player.place = self._place_words
        self._wire()
        self._bind()

    def _wire(self) -> None:
        self.player.showed.connect(self._showed)
        self.player.failed.connect(self.failed)
        self.player.lines.toggled.connect(self._show_lines)
        self.body.picked.connect(self._picked)
        self.body.person_picked.connect(self.choose_person)
        self.body.put.connect(self._put_joint)
        self.lanes.sought.connect(self.player.seek)
        self.lanes.marked.connect(lambda a, b: self.marks.mark((a, b)))
        self.marks.marked.connect(self._marked)
        self.marks.in_asked.connect(self._mark_in)
        self.marks.out_asked.connect(self._mark_out)
        self.marks.left_out.connect(self.exclude)
        self.marks.named.connect(self.add_segment)
        self.twin.toggle.toggled.connect(lambda _: self._fill_table())
        self.person.currentIndexChanged.connect(lambda _: self.choose_person(int(self.person.currentData() or 0)))
        self.joint.activated.connect(lambda _: self.body.pick(self.joint.currentData()))
        self.scores.chosen.connect(lambda *_: self._show_all())
        self.scores.said.connect(self.say_factor)
        for tab in (self.moments, self.review):
            tab.sought.connect(self.player.seek)
        for changing in (self.task, self.review):
            changing.changed.connect(self._make)
        self.unseen.clicked.connect(lambda _=False: self.hide_joint())
        self.as_measured.clicked.connect(lambda _=False: self.unfix_joint())

    def _bind(self) -> None:
        acts: dict[str, Callable[[], object]] = {
            "I": self._mark_in, "O": self._mark_out, "X": self.exclude, "T": self.marks.ask_name,
            "[": partial(self.go_moment, False),
            "]": partial(self.go_moment, True), "N": partial(self.body.step_joint, 1),
            "Shift+N": partial(self.body.step_joint, -1), "H": self.hide_joint, "Del": self.unfix_joint,
        }  # fmt: skip
        for keys, act in acts.items():
            shortcut = QShortcut(QKeySequence(keys), self.body)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)

    def use_letters(self, on: bool) -> None:
        """Whether single letters work in the picture."""
        for shortcut in self.body.findChildren(QShortcut):
            if is_letter(shortcut.key().toString()):
                shortcut.setEnabled(on)

    # What is looked at.

    def show_case(self, case: Case | None, changes: Changes) -> None:
        """Another file, with the review that it has so far."""
        if self.case is not None:
            self.changes.changed.disconnect(self._review_changed)
        self.case, self.changes = case, changes
        self.reading, self._draft = None, None
        self.body.pick(None)
        self.body.show_bodies(Bodies())
        self.lanes.show_plan(Plan())
        self.marks.mark(None)
        if case is None:
            self.player.show_reel(None)
            return
        changes.changed.connect(self._review_changed)
        self._identity = next(iter(case.people), 0)
        self._show_people()
        if self.scores.side:  # OWAS has none
            self.scores.choose(self.scores.method, case.side_of(self._identity))
        self.player.show_reel(Reel(lambda: clip_of(case)))
        self.player.line.setVisible(False)  # the lanes are the time line
        if first_s := case.first_s(self._identity):
            self.player.seek(first_s)
        self._review_changed()
        self._read()

    def close_down(self) -> None:
        """End the threads."""
        self.player.show_reel(None)
        self._errands.close()

    def _place_words(self, now: Moment) -> str:
        rate = self.case.observed.started.info.frame_rate if self.case is not None else float("nan")
        at = f"{fine_clock(now.time_s)} / {clock(now.length_s)}"
        return f"{at} · {tr('frame {frame}', frame=round(now.time_s * rate))}" if rate == rate else at

    def choose_person(self, identity: int) -> None:
        """Look at somebody else."""
        if identity and identity != self._identity:
            self._identity = identity
            self._show_people()
            self._show_moment()
            self._read()

    def _show_people(self) -> None:
        people = self.case.people if self.case is not None else {}
        self.person.blockSignals(True)
        self.person.clear()
        with speaking(self._language):
            for identity in people:
                self.person.addItem(self.changes.review.names.get(identity) or words.person(identity), identity)
        self.person.setCurrentIndex(list(people).index(self._identity) if self._identity in people else -1)
        self.person.blockSignals(False)
        self.person.setVisible(len(people) > 1)

    @property
    def now(self) -> Review:
        """The review, with what is being dragged."""
        return self._draft or self.changes.review

    def _subject(self) -> tuple[Subject, float] | None:
        """The chosen person at the moment that shows, corrected, and the moment that was analysed there."""
        observation = self.case.nearest(self.player.moment.time_s) if self.case is not None else None
        if self.case is None or observation is None:
            return None
        found = next((one for one in observation.people if one.pose.person == self._identity), None)
        if found is None:
            return None
        return self.case.applied(self.now).subject(found, observation.time_s), observation.time_s

    def _showed(self) -> None:
        """Another picture: the lines at once, the figures at once where it stands still."""
        self.lanes.show_time(self.player.moment.time_s)
        self._show_bodies()
        if not self.player.playing:
            self._show_soon.stop()
            self._show_moment()
        elif not self._show_soon.isActive():
            self._show_soon.start()

    def _show_lines(self, on: bool) -> None:
        self.body.lines = on
        self.body.update()

    def _show_bodies(self) -> None:
        case, time_s = self.case, self.player.moment.time_s
        observation = case.nearest(time_s) if case is not None else None
        if case is None or observation is None:
            self.body.show_bodies(Bodies())
            return
        applied = case.applied(self.now)
        at_s = observation.time_s
        poses = [applied.subject(one, at_s).pose for one in observation.people]
        corrected = frozenset(applied.places(self._identity, at_s))
        out = any(start_s <= at_s < end_s for start_s, end_s in self.now.left_out)
        self.body.show_bodies(Bodies(poses, self._identity, corrected, self._verdict(at_s), out))

    def _verdict(self, time_s: float) -> theme.Verdict:
        """Of the figure: what the chosen score says in the last reading."""
        if self.reading is None or not len(self.reading.person.time_s):
            return theme.Verdict.NONE
        found = self.reading.series(self.scores.method, self.scores.side)
        place = int(abs(self.reading.person.time_s - time_s).argmin())
        return verdict_of(self.scores.method, int(found.low[place]), int(found.high[place]))

    def _show_moment(self) -> None:
        """Scores of the moment that shows."""
        found = self._subject()
        if self.case is None or self.reading is None or found is None or not len(self.reading.person.time_s):
            self.scores.show_moment({}, None, tr("Nobody is analysed at this moment."))
            return
        subject, time_s = found
        if any(start_s <= time_s < end_s for start_s, end_s in self.now.left_out):
            self.scores.show_moment({}, None, tr("Left out: this moment does not count."))
            return
        intervals = self.case.intervals(self.reading, self.now, subject, time_s)
        method, side = self.scores.method, self.scores.side
        sheet = self.case.sheet(self.reading, self.now, subject, time_s, method, side)
        why = tr("Not scored: trunk or upper arm cannot be measured here. Override them, or correct a keypoint.")
        self.scores.show_moment(intervals, sheet, "" if intervals[method, side][0] else why)

    def _show_all(self) -> None:
        self._show_bodies()
        self._show_moment()
        self._show_plan()

    # What all of it comes to, in a thread.

    def _read(self) -> None:
        case, review, identity = self.case, self.changes.review, self._identity
        if case is None or not identity:
            return
        if self._errands.busy:
            self._stale = True
            return
        self._stale = False
        self._errands.run(
            lambda: case.read(identity, review), partial(self._have_read, case), lambda exc: self.failed.emit(said(exc))
        )

    def _have_read(self, case: Case, reading: Reading) -> None:
        if case is self.case and reading.identity == self._identity:
            self.reading = reading
            self.moments.show_moments(reading.moments)
            self._show_all()
        if self._stale or case is not self.case:
            self._read()

    def _show_plan(self) -> None:
        if self.case is None or self.reading is None:
            return
        method, side = self.scores.method, self.scores.side
        plan = plan_of(self.case, self.reading, self.changes.review, method, side, self._language)
        self.lanes.show_plan(plan)
        self._fill_table()

    def _fill_table(self) -> None:
        if self.twin.as_table:
            self.twin.fill(*table_of(self.lanes.plan))

    # What is changed.

    def _make(self, text: str, review: Review) -> None:
        self.changes.make(text, review)

    def _review_changed(self) -> None:
        review = self.changes.review
        self._draft = None
        self.task.show_review(review)
        self.review.show_review(review, self.case.people if self.case is not None else {})
        self._show_people()
        self._show_bodies()
        self._show_moment()
        self._read_soon.start()
        self.changed.emit()

    def _mark_in(self) -> None:
        self.marks.mark_in(self.player.moment.time_s, self.lanes.plan.length_s)

    def _mark_out(self) -> None:
        self.marks.mark_out(self.player.moment.time_s)

    def _marked(self) -> None:
        span = self.marks.span
        self.lanes.show_span(span)
        self.scores.show_span(span is not None)
        self.twin.name(
            tr("Over time")
            if span is None
            else tr("Over time · from {start} to {end} is marked", start=fine_clock(span[0]), end=fine_clock(span[1]))
        )

    def exclude(self) -> None:
        """What is marked does not count."""
        if self.marks.span is not None:
            start_s, end_s = self.marks.span
            exclusion = Exclusion(start_s=start_s, end_s=end_s, at=self.changes.stamp())
            self._make(tr("Left out"), excluding(self.changes.review, exclusion))
            self.marks.mark(None)

    def add_segment(self, name: str) -> None:
        """What is marked is a part of the task with a name."""
        if self.marks.span is None:
            return
        start_s, end_s = self.marks.span
        try:
            review = with_segment(self.changes.review, Segment(name=name, start=start_s, end=end_s))
        except ValueError as exc:
            self.failed.emit(str(exc))
            return
        self._make(tr("Part of a task"), review)
        self.marks.mark(None)
        self.task.show_part(name)
        self.tabs.setCurrentWidget(self.task)

    def say_factor(self, factor: str, side: str, value: object, scope: str) -> None:
        """Override a factor for a stretch of time, or take back what was said about it there."""
        found = self._subject()
        time_s = found[1] if found else self.player.moment.time_s
        start_s, end_s = self._scope(scope, time_s)
        review = self.changes.review
        if value is None:
            for one in review.overrides:
                if one.factor == factor and one.side in ("", side) and one.start_s <= time_s < one.end_s:
                    review = without(review, one)
            self._make(tr("Taken back"), review)
            return
        try:
            override = Override(
                factor=factor, value=value, side=side, start_s=start_s, end_s=end_s,  # type: ignore[arg-type]
                at=self.changes.stamp(),
            )  # fmt: skip
            self._make(tr("Overridden"), overridden(review, override))
        except ValueError as exc:
            self.failed.emit(str(exc))

    def _scope(self, scope: str, time_s: float) -> tuple[float, float]:
        if scope == "span" and self.marks.span is not None:
            return self.marks.span
        half_s = self.case.step_s / 2 if self.case is not None else 0.0
        if scope == "whole" or not half_s:
            return 0.0, END_S
        return round(max(0.0, time_s - half_s), 3), round(time_s + half_s, 3)

    def _picked(self, joint: int | None) -> None:
        place = next((i for i in range(self.joint.count()) if self.joint.itemData(i) == joint), 0)
        self.joint.setCurrentIndex(place)
        for tool in (self.unseen, self.as_measured):
            tool.setEnabled(joint is not None)
        if joint is not None and self.player.playing:
            self.player.pause()

    def _put_joint(self, joint: int, x: float, y: float, stays: bool) -> None:
        """A keypoint is dragged, or moved by keys: shown at once, a change when it stays."""
        self._fix(joint, x, y, stays=stays)

    def _fix(self, joint: int, x: float | None, y: float | None, *, stays: bool) -> None:
        found = self._subject()
        if found is None:
            return
        name, time_s = BLAZEPOSE_33.names[joint], found[1]
        fix = KeypointFix(
            person=self._identity, joint=name, time_s=round(time_s, 6), x_px=x, y_px=y, at=self.changes.stamp()
        )
        review = fixed(self.changes.review, fix)
        if stays:
            self.changes.make(tr("Keypoint moved"), review, again=f"{self._identity} {name} {time_s:.6f}")
        else:
            self._draft = review
            self._show_bodies()
            self._show_moment()

    def hide_joint(self) -> None:
        """The keypoint that is picked cannot be seen."""
        if self.body.joint is not None:
            self._fix(self.body.joint, None, None, stays=True)

    def unfix_joint(self) -> None:
        """The keypoint that is picked is where it was measured."""
        found = self._subject()
        if self.body.joint is None or found is None:
            return
        name, review = BLAZEPOSE_33.names[self.body.joint], self.changes.review
        for fix in review.keypoints:
            if (fix.person, fix.joint) == (self._identity, name) and abs(fix.time_s - found[1]) <= fix.reach_s:
                review = without(review, fix)
        self._make(tr("Keypoint as measured"), review)

    def go_moment(self, forward: bool) -> None:
        """To the next key moment, or the one before."""
        time_s = self.moments.next_after(self.player.moment.time_s, forward)
        if time_s is not None:
            self.player.seek(time_s)
