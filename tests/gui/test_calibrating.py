"""Calibration as the person goes through it."""

from dataclasses import replace

import pytest
from played import moment
from PyQt6.QtWidgets import QApplication

from posture.ergonomics.baseline import Baseline, Profile
from posture.ergonomics.calibration import Calibration
from posture.ergonomics.desk_features import Near
from posture.ergonomics.sitting import Deviation, Judgement, State
from posture.gui.calibrating import Stage
from posture.gui.ghost import ghost
from posture.live.snapshot import Phase, Snapshot
from posture.skeleton import BLAZEPOSE_33

BASELINE = Baseline(
    values={
        "ears_x": 0.5, "ears_y": 0.2, "ears_apart": 0.15, "shoulders_x": 0.5, "shoulders_y": 0.4,
        "shoulders_apart": 0.4, "shoulder_tilt_deg": 0.0,
    },
    spread={},
)  # fmt: skip


@pytest.fixture
def overlay(window, monitor, qtbot):
    monitor.play(moment())
    qtbot.waitUntil(lambda: bool(monitor.shown))
    window.moments.tick()
    window.pages.live.open_calibration()
    monitor.asked.clear()
    return window.pages.live.calibrating


def count_down(overlay):
    overlay._begin.click()
    for _ in range(3):
        overlay._tick()


def played(window, monitor, **calibration):
    phase = Phase.RUNNING if "baseline" in calibration else Phase.CALIBRATING
    known = Calibration(0.0, "front", **calibration)
    monitor.now = replace(moment(), phase=phase, calibration=known)
    window.moments.see(window.house.desk.bridge.take().__class__(monitor.now))


def test_three_two_one_and_only_then_it_begins(overlay, monitor):
    assert overlay.isVisible()
    overlay._begin.click()
    assert overlay._big.text() == "3"
    overlay._tick()
    assert overlay._big.text() == "2"
    assert monitor.asked == []
    overlay._tick()
    overlay._tick()
    assert monitor.asked == [("remember_profiles", False), ("calibrate", "front", "Desk")]
    assert overlay.stage is Stage.HOLD


def test_seat_name_and_memory_are_the_persons_choice(overlay, monitor):
    overlay._side.setChecked(True)
    overlay._name.setEditText("Kitchen table")
    overlay._remember.setChecked(True)
    count_down(overlay)
    assert monitor.asked == [("remember_profiles", True), ("calibrate", "side", "Kitchen table")]


@pytest.mark.parametrize(("name", "stands"), [("Standing", True), ("Desk", False)])
def test_a_place_to_stand_at_is_known_as_one(overlay, monitor, name, stands):
    overlay._name.setEditText(name)
    count_down(overlay)
    assert monitor.asked[-1] == ("calibrate", "front", name, *(["standing"] if stands else []))


def test_a_place_to_stand_at_may_have_any_name(overlay, monitor):
    overlay._standing.setChecked(True)
    overlay._name.setEditText("High table")
    count_down(overlay)
    assert monitor.asked[-1] == ("calibrate", "front", "High table", "standing")


def test_progress_quality_and_the_end(overlay, window, monitor):
    count_down(overlay)
    played(window, monitor, quality=("move_less",), progress=0.4)
    assert overlay._bar.value() == 40
    assert overlay._text.text() == "Keep still."
    played(window, monitor, quality=("good",), progress=1.0, baseline=BASELINE)
    assert overlay.stage is Stage.DONE
    overlay._undo.click()
    assert monitor.asked[-1] == ("undo_calibration",)
    assert overlay.isHidden()


def test_a_failure_says_why_and_offers_another_try(overlay, window, monitor):
    count_down(overlay)
    played(window, monitor, quality=("shoulders_not_visible",), progress=0.1, failed=True)
    assert overlay.stage is Stage.FAILED
    assert overlay._text.text() == "Both shoulders have to be seen."
    overlay._again.click()
    assert overlay.stage is Stage.CHOOSE


def test_leaving_while_it_runs_gives_it_up(overlay, monitor):
    count_down(overlay)
    overlay._cancel.click()
    assert monitor.asked[-1] == ("give_up_calibration",)


def test_leaving_before_it_runs_asks_for_nothing(overlay, monitor):
    overlay._begin.click()
    overlay._cancel.click()
    assert monitor.asked == []
    assert not overlay._timer.isActive()


def test_without_a_picture_the_camera_is_started_first(window, monitor):
    monitor.now = Snapshot(Phase.STOPPED)
    window.pages.live.open_calibration()
    assert monitor.asked == [("start",)]
    assert window.pages.live.calibrating.isHidden()


JUDGED = Judgement(State.GOOD, "none", 0.0, profile="Desk", deviations=(Deviation("head_drop", 0.0, 3.0, "cm"),))  # type: ignore[arg-type]


def test_the_ghost_stands_where_the_person_sat_and_the_limit_below():
    drawn = ghost([Profile(name="Desk", baseline=BASELINE)], JUDGED)
    points = drawn.points(1000)[drawn.drawn]
    assert points[:, 0].min() == pytest.approx(300)
    assert points[:, 0].max() == pytest.approx(700)
    (guide,) = drawn.guides
    assert guide.top == guide.bottom == pytest.approx(0.2 + 0.15 * 3 / 15)  # 3 cm where 15 cm are 0.15 of the width


@pytest.mark.parametrize(("near", "ahead"), [(Near.LEFT, -1), (Near.RIGHT, 1)])
def test_the_ghost_from_the_side_looks_where_the_person_looked(near, ahead):
    """Whose left side is seen looks to the picture's left; 11.5 cm from ear to nose are 0.115 of the width here."""
    values = {"ears_x": 0.5, "ears_y": 0.3, "cheek": 0.115, "shoulders_x": 0.48, "shoulders_y": 0.47}
    side = Baseline(values=values, spread={}, near=near)
    limits = (Deviation("head_drop", 0.0, 3.0, "cm"), Deviation("head_ahead", 0.0, 17.5, "cm"))
    drawn = ghost([Profile(name="Desk", baseline=side)], replace(JUDGED, deviations=limits))
    points = dict(zip(BLAZEPOSE_33.names, drawn.in_widths.tolist(), strict=True))
    name = near.value
    assert {BLAZEPOSE_33.names[i] for i in drawn.drawn.nonzero()[0]} == {
        f"{name}_ear", f"{name}_eye", f"mouth_{name}", f"{name}_shoulder", "nose",
    }  # fmt: skip
    assert ahead * (points["nose"][0] - 0.5) == pytest.approx(0.113, abs=0.002)
    assert points[f"{name}_eye"][1] < 0.3 < points["nose"][1] < points[f"mouth_{name}"][1] < 0.47
    low, before = drawn.guides
    assert low.top == low.bottom == pytest.approx(0.33)
    assert before.left == before.right == pytest.approx(0.5 + ahead * 0.175)


def test_there_is_no_ghost_of_another_profile_nor_of_a_head_whose_size_is_not_known():
    assert ghost([Profile(name="Standing", baseline=BASELINE)], JUDGED) is None
    for near in (Near.LEFT, Near.BOTH):
        small = Baseline(values=dict(BASELINE.values), spread={}, near=near)
        del small.values["ears_apart"]
        assert ghost([Profile(name="Desk", baseline=small)], JUDGED) is None
    assert ghost([Profile(name="Desk", baseline=BASELINE)], None) is None


def test_the_ghost_is_painted(window, monitor, qtbot):
    monitor.profiles = (Profile(name="Desk", baseline=BASELINE),)
    monitor.play(moment(poses=()))
    qtbot.waitUntil(lambda: bool(monitor.shown))
    QApplication.processEvents()
    image = window.pages.live.picture.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 3)}
    assert "#5d6875" in colours
