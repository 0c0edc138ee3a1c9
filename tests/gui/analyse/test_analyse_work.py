"""What a reviewer does with a file: every change is live, is one step back, and comes back exactly."""

import pytest
from controls import unnamed
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QLabel
from standing import SHA256

from posture.ergonomics.task import load_task
from posture.gui.analyse.page import PAGE_KEYS
from posture.gui.analyse.plan import table_of
from posture.gui.analyse.work_parts import KEYS
from posture.review import load_review
from posture.skeleton import BLAZEPOSE_33

ELBOW = BLAZEPOSE_33.index["left_elbow"]


def mouse(widget, kind, at, button=Qt.MouseButton.LeftButton):
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    event = QMouseEvent(kind, QPointF(*at), widget.mapToGlobal(QPointF(*at)), button, held,
                        Qt.KeyboardModifier.NoModifier)  # fmt: skip
    {
        QEvent.Type.MouseButtonPress: widget.mousePressEvent,
        QEvent.Type.MouseMove: widget.mouseMoveEvent,
        QEvent.Type.MouseButtonRelease: widget.mouseReleaseEvent,
    }[kind](event)


def on_screen(body, x, y):
    place, ratio = body.place(), body.devicePixelRatioF()
    return (place.left + (x + 0.5) * place.scale) / ratio, (place.top + (y + 0.5) * place.scale) / ratio


def drag(body, start, end):
    mouse(body, QEvent.Type.MouseButtonPress, on_screen(body, *start))
    mouse(body, QEvent.Type.MouseMove, on_screen(body, *end))
    mouse(body, QEvent.Type.MouseButtonRelease, on_screen(body, *end))


def shown(work, method="rula", side="left"):
    return work.scores._buttons[method, side].text().split("\n")[1]


def upper_arm(work):
    work.scores.choose("rula", "left")
    return next(f for f in work.scores._sheet.factors if f.name == "upper_arm_deg")


def test_a_keypoint_is_dragged_and_the_score_changes_at_once(work):
    before = shown(work), upper_arm(work).values
    drag(work.body, (380, 220), (450, 150))
    assert upper_arm(work).values[0] > 60
    assert shown(work) != before[0]
    (fix,) = work.changes.review.keypoints
    assert (fix.person, fix.joint, fix.time_s) == (1, "left_elbow", 0.0)
    assert (fix.x_px, fix.y_px) == pytest.approx((450, 150), abs=1.5)
    assert work.body.bodies.corrected == {ELBOW}
    work.changes.stack.undo()
    assert (shown(work), upper_arm(work).values) == before
    assert work.changes.review.keypoints == ()


def test_a_keypoint_is_taken_and_moved_by_keys_and_that_is_one_step(qtbot, work):
    work.body.setFocus()
    qtbot.keyClick(work.body, "N")
    while work.body.joint != ELBOW:
        qtbot.keyClick(work.body, "N")
    assert work.joint.currentText() == "left elbow"
    for _ in range(3):
        qtbot.keyClick(work.body, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(work.body, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    (fix,) = work.changes.review.keypoints
    assert (fix.x_px, fix.y_px) == (383.0, 210.0)
    work.changes.stack.undo()
    assert work.changes.review.keypoints == ()


def test_a_keypoint_that_cannot_be_seen_makes_its_angle_open(qtbot, work):
    work.body.pick(ELBOW)
    qtbot.keyClick(work.body, "H")
    assert upper_arm(work).origin == "assumed"
    qtbot.keyClick(work.body, Qt.Key.Key_Delete)
    assert upper_arm(work).origin == "measured"
    assert work.changes.review.keypoints == ()


def test_what_is_corrected_counts_in_all_of_the_recording(work, settled):
    drag(work.body, (380, 220), (450, 150))
    settled()
    raised = work.reading.person.value("left_upper_arm_elevation_deg") > 60
    assert raised.sum() == 2, "0.25 s around the moment, at five moments a second"
    assert len(work.lanes.plan.corrections) == 1


def test_a_factor_is_overridden_for_what_is_marked_and_taken_back(qtbot, work, settled):
    work.marks.mark((1.0, 3.0))
    assert work.scores.scope == "span"
    row = next(i for i, f in enumerate(work.scores._sheet.factors) if f.name == "trunk_deg")
    work.scores.factors.selectRow(row)
    work.scores._field._number.setValue(65)
    work.scores.override.click()
    (said,) = work.changes.review.overrides
    assert (said.factor, said.value, said.start_s, said.end_s) == ("trunk_deg", 65.0, 1.0, 3.0)
    settled()
    low = work.reading.series("reba", "left").low
    inside = (work.reading.person.time_s >= 1) & (work.reading.person.time_s < 3)
    assert low[inside].min() > low[~inside].max()
    work.player.seek(2.0)
    qtbot.waitUntil(lambda: work.player.moment.time_s == 2.0)
    assert next(f for f in work.scores._sheet.factors if f.name == "trunk_deg").origin == "overridden"
    work.scores.factors.selectRow(row)
    work.scores.take_back.click()
    assert work.changes.review.overrides == ()


def test_a_moment_alone_is_overridden_where_nothing_is_marked(work):
    work.say_factor("wrist_twisted", "left", True, "moment")
    (said,) = work.changes.review.overrides
    assert (said.side, said.start_s, said.end_s) == ("left", 0.0, 0.1)
    work.scores.choose("rula", "left")
    assert next(f for f in work.scores._sheet.factors if f.name == "wrist_twisted").origin == "entered"


def test_time_is_left_out_by_keys(qtbot, work, settled):
    work.body.setFocus()
    qtbot.keyClick(work.body, "I")
    work.player.seek(2.0)
    qtbot.waitUntil(lambda: work.player.moment.time_s == 2.0)
    qtbot.keyClick(work.body, "O")
    assert work.marks.span == (0.0, 2.0)
    work.marks.leave_out.click()
    settled()
    assert work.changes.review.left_out == ((0.0, 2.0),)
    assert work.reading.person.time_s.min() == 2.0
    work.player.seek(1.0)
    qtbot.waitUntil(lambda: work.player.moment.time_s == 1.0)
    assert work.body.bodies.excluded
    assert "Left out" in work.scores._level.text()


def test_a_moment_is_found_by_keys_frame_by_frame_and_second_by_second(qtbot, work):
    work.body.setFocus()
    for key, time_s in (
        (Qt.Key.Key_Right, 0.2), (Qt.Key.Key_PageDown, 1.2), (Qt.Key.Key_PageDown, 2.2), (Qt.Key.Key_Left, 2.0),
        (Qt.Key.Key_PageUp, 1.0), (Qt.Key.Key_End, 5.8), (Qt.Key.Key_Home, 0.0),
    ):  # fmt: skip
        qtbot.keyClick(work.body, key)
        qtbot.waitUntil(lambda time_s=time_s: work.player.moment.time_s == pytest.approx(time_s, abs=0.01))


def test_everything_about_a_stretch_of_time_is_done_by_keys(qtbot, work, monkeypatch):
    monkeypatch.setattr("PyQt6.QtWidgets.QInputDialog.getText", lambda *_: ("Lifting", True))
    work.body.setFocus()
    for key in ("X", "T"):
        qtbot.keyClick(work.body, key)
    assert work.changes.review.excluded == (), "nothing is marked"
    work.marks.mark((1.0, 2.0))
    qtbot.keyClick(work.body, "T")
    assert [one.name for one in work.changes.review.task.segments] == ["Lifting"]
    work.body.setFocus()
    work.marks.mark((3.0, 4.0))
    qtbot.keyClick(work.body, "X")
    assert work.changes.review.left_out == ((3.0, 4.0),)


def test_undo_and_redo_by_keys_anywhere_on_the_page(qtbot, page):
    work = page.work
    work.say_factor("neck_deg", "", 30.0, "whole")
    work.scores.factors.setFocus()
    for modifiers, count in (
        (Qt.KeyboardModifier.ControlModifier, 0),
        (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier, 1),
    ):
        qtbot.keyClick(work.scores.factors, Qt.Key.Key_Z, modifiers)
        assert len(work.changes.review.overrides) == count


def test_the_help_lists_every_key_of_the_page(page, window, monkeypatch):
    shown = []
    monkeypatch.setattr("posture.gui.window.HelpSheet.exec", lambda sheet: shown.append(sheet))
    window.show_help()
    texts = {label.text() for label in shown[0].findChildren(QLabel)}
    for _, words in (*PAGE_KEYS, *KEYS):
        assert words in texts


def test_a_part_of_the_task_has_what_no_camera_sees(work, settled, tmp_path):
    work.marks.mark((1.0, 3.0))
    work.add_segment("Lifting")
    assert work.tabs.currentWidget() is work.task
    work.task.fields["force_kg"]._number.setValue(12)
    work.task.fields["coupling"]._choice.setCurrentIndex(2)
    (segment,) = work.changes.review.task.segments
    assert (segment.name, segment.force_kg, segment.coupling) == ("Lifting", 12.0, "fair")
    settled()
    assert work.lanes.plan.tasks == ((1.0, 3.0, "Lifting"),)
    work.task.save_file(tmp_path / "task.toml")
    assert load_task(tmp_path / "task.toml") == work.changes.review.task
    work.changes.make("none", work.changes.review.__class__())
    work.task.load_file(tmp_path / "task.toml")
    assert work.changes.review.task.segments == (segment,)


def test_parts_that_overlap_are_refused_with_words(qtbot, work):
    work.marks.mark((1.0, 3.0))
    work.add_segment("one")
    work.marks.mark((2.0, 4.0))
    with qtbot.waitSignal(work.failed) as told:
        work.add_segment("two")
    assert "overlap" in told.args[0]


def test_the_task_form_asks_who_says_what_a_camera_could_see(work):
    work.task.fields["body_static"]._choice.setCurrentIndex(1)
    assert "Entered by" in work.task.caution.words.text()
    work.task.entered_by.setText("A")
    work.task.entered_by.editingFinished.emit()
    assert work.changes.review.task.body_static is True


def test_people_are_told_apart_and_named(qtbot, work):
    assert work.person.count() == 2
    mouse(work.body, QEvent.Type.MouseButtonPress, on_screen(work.body, 480, 240))
    qtbot.waitUntil(lambda: work.reading is not None and work.reading.identity == 2)
    work.review._names[2].setText("Packer")
    work.review._names[2].editingFinished.emit()
    assert work.person.currentText() == "Packer"
    assert work.changes.review.names == {2: "Packer"}


def test_a_name_makes_it_final_and_every_change_can_be_taken_back(work):
    assert "Draft" in work.review._status.text()
    work.say_factor("neck_deg", "", 30.0, "whole")
    work.review.reviewer.setText("Dr. A")
    work.review.reviewer.editingFinished.emit()
    assert "Final: Dr. A" in work.review._status.text()
    assert work.changes.review.reviewed_on is not None
    work.review.list.setCurrentRow(0)
    assert "Neck = 30°" in work.review.list.currentItem().text()
    work.review.reason.setText("hat")
    work.review.reason.editingFinished.emit()
    assert work.changes.review.overrides[0].reason == "hat"
    work.review.list.setCurrentRow(0)
    work.review.remove.click()
    assert work.changes.review.overrides == ()


def test_a_click_on_the_lanes_goes_there_and_a_drag_marks(qtbot, work):
    lanes = work.lanes
    mouse(lanes, QEvent.Type.MouseButtonPress, (lanes.x_of(3.0), 10))
    qtbot.waitUntil(lambda: work.player.moment.time_s == pytest.approx(3.0, abs=0.21))
    mouse(lanes, QEvent.Type.MouseMove, (lanes.x_of(5.0), 10))
    mouse(lanes, QEvent.Type.MouseButtonRelease, (lanes.x_of(5.0), 10))
    assert work.marks.span == pytest.approx((3.0, 5.0), abs=0.01)


def test_lanes_and_table_say_the_same(work):
    work.twin.toggle.setChecked(True)
    head, rows = table_of(work.lanes.plan)
    model = work.twin.table.model()
    assert model.rowCount() == len(rows) == sum(len(lane.bands) for lane in work.lanes.plan.lanes)
    assert [model.index(0, c).data() for c in range(4)] == rows[0]
    assert "Trunk: Acceptable" in work.lanes.words_at(1.0)
    assert head[0] == "From"


def test_key_moments_are_stepped_through(qtbot, work):
    work.body.setFocus()
    first = work.moments.next_after(-1.0, forward=True)
    assert first is not None
    work.player.seek(5.0)
    qtbot.waitUntil(lambda: work.player.moment.time_s == 5.0)
    before = work.moments.next_after(5.0, forward=False)
    qtbot.keyClick(work.body, "[")
    qtbot.waitUntil(lambda: work.player.moment.time_s == pytest.approx(before))


def test_the_review_is_saved_and_loaded_and_one_of_another_file_is_refused(qtbot, page, tmp_path):
    work = page.work
    work.say_factor("neck_deg", "", 30.0, "whole")
    saved = work.changes.review
    page.save_file(tmp_path / "a.json")
    assert load_review(tmp_path / "a.json") == saved
    assert saved.source_sha256 == SHA256
    work.changes.stack.undo()
    page.load_file(tmp_path / "a.json")
    assert work.changes.review == saved
    (tmp_path / "b.json").write_bytes((tmp_path / "a.json").read_bytes().replace(b"abab", b"0000"))
    with qtbot.waitSignal(page.failed) as told:
        page.load_file(tmp_path / "b.json")
    assert "another recording" in told.args[0]


def test_the_report_lists_what_was_changed(qtbot, page, window, tmp_path):
    page.work.say_factor("neck_deg", "", 30.0, "whole")
    with qtbot.waitSignal(page.told, timeout=30_000):
        page.export_file(tmp_path / "report.html", "html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "What a reviewer changed" in text
    assert "30°" in text


def test_every_control_of_the_page_has_a_name(page):
    assert unnamed(page) == []


def test_single_letters_can_be_switched_off(qtbot, work):
    work.use_letters(False)
    work.body.setFocus()
    for key in ("I", "N"):
        qtbot.keyClick(work.body, key)
    assert (work.marks.span, work.body.joint) == (None, None)
    work.use_letters(True)
    qtbot.keyClick(work.body, "N")
    assert work.body.joint is not None


def test_the_review_survives_another_theme(window, page, program):
    page.work.say_factor("neck_deg", "", 30.0, "whole")
    kept = page.work.changes.review
    window.build()
    assert window.pages.analyse is not page
    assert window.pages.analyse.work.changes.review == kept
