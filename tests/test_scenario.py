"""Scenarios of a sitter through the real judge and the real reminders, and the tool that plays them."""

import json
import subprocess
import sys
from itertools import cycle
from pathlib import Path

import pytest
from desk_adversaries import ADVERSARIES
from desk_scenarios import SCENARIOS, SLUMP, UPRIGHT, part, scenario
from sitting import SETTINGS, TOOLS, assess, measure

sys.path.insert(0, str(TOOLS))

from scenario_file import load, parse
from scenario_play import NOON, play, plot, verdict

from posture import reminders
from posture.data import Subject
from posture.ergonomics import calibration, desk
from posture.ergonomics.baseline import Profile
from posture.ergonomics.sitting import Look, State
from posture.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data" / "desk_scenario.json"


def of(fields, name="test"):
    return parse(json.dumps(fields).encode(), name)


def problems(run):
    return [(row.t_s, row.expect, row.actual, row.reminders, row.problems) for row in run.segments if not row.ok]


FAST_TOO = ("front", "high noise", "side, left", "chair rolls", "slump with glances")


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("name", "fps"), [*((name, 2) for name in SCENARIOS), *((name, 12) for name in FAST_TOO)])
def test_every_posture_is_named_and_reminded_of(name, fps):
    assert problems(play(of(SCENARIOS[name]), fps)) == []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ADVERSARIES)
def test_nothing_fools_the_judge(name):
    assert problems(play(of(ADVERSARIES[name]), 2)) == []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("fps", [2, 5, 12, 30, 60])
def test_the_shared_scenario_is_right_at_every_rate(fps):
    if not SHARED.is_file():
        pytest.skip("the shared data (../shared/data) are not on this machine")
    assert problems(play(load(SHARED), fps)) == []


SHORT = scenario(part(6, UPRIGHT, "good"), part(16, SLUMP, "slump", True), part(6, UPRIGHT, "good"), fps_variants=[5])


def test_the_cue_is_gone_with_the_posture():
    moments = play(of(SHORT), 30).moments
    last = max(moment.t for moment in moments if moment.reminder.cue)
    assert 30.0 <= last <= 30.0 + 0.7 + 0.2  # while the person straightens up (0.7 s), at the latest 200 ms after


def test_the_same_reminder_at_every_rate():
    """Within 0.3 s, and the time until the next look, before which nobody can know."""
    (expected,) = play(of(SHORT), 60).segments[2].reminders
    for fps in (2, 5, 12, 30):
        assert play(of(SHORT), fps).segments[2].reminders == [pytest.approx(expected, abs=0.3 + 1 / fps)]


def test_a_wrong_expectation_is_found():
    wrong = scenario(part(6, UPRIGHT, "slump", True), part(16, SLUMP, "good", False))
    run = play(of(wrong), 5)
    assert [row.problems for row in run.segments[1:]] == [
        ["state good", "missed reminder"],
        ["state slump", "false reminder"],
    ]
    summary = verdict(of(wrong), [run])
    assert (summary["ok"], summary["wrong_segments"]) == (False, 2)
    assert (summary["false_reminders"], summary["missed_reminders"]) == (1, 1)


def run_tool(*arguments):
    command = [sys.executable, str(TOOLS / "scenario.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)


def test_the_tool_prints_json_alone_and_says_by_its_exit_code_whether_all_is_right(tmp_path):
    file = tmp_path / "s.json"
    file.write_text(json.dumps(SHORT))
    done = run_tool(file, "--json", "--plot", tmp_path / "p.svg")
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads(done.stdout)
    assert (summary["ok"], [rate["fps"] for rate in summary["rates"]]) == (True, [5.0])
    slump = summary["rates"][0]["segments"][2]
    assert slump["actual"] == {"slump": 1.0}
    assert len(slump["reminders"]) == 1
    assert (tmp_path / "p.svg").read_text().startswith("<svg")
    SHORT_WRONG = {**SHORT, "timeline": [*SHORT["timeline"][:2], {**SHORT["timeline"][2], "expect": ["good"]}]}
    file.write_text(json.dumps(SHORT_WRONG))
    done = run_tool(file, "--fps", 2)
    assert done.returncode == 1
    assert "state slump" in done.stdout
    assert "1 wrong, 0 false reminders, 0 missed" in done.stdout


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"camera": {"fov_deg": 200}}, "$.camera.fov_deg"),
        ({"settings": {"onset_s": 0.5}}, "`$.onset_s` in `$.settings`"),
        ({"settings": {"level": "loud"}}, "`$.level` in `$.settings`"),
        ({"schema": 2}, "$.schema"),
        ({"timeline": []}, "$.timeline"),
        ({"keypoint_noise_px": -1}, "$.keypoint_noise_px"),
    ],
)
def test_what_is_no_scenario_is_said_with_its_place(change, told, tmp_path):
    with pytest.raises(ConfigError, match=r"s\.json is not a scenario") as error:
        of({**SHORT, **change}, "s.json")
    assert told in str(error.value)
    file = tmp_path / "s.json"
    file.write_text(json.dumps({**SHORT, **change}))
    done = run_tool(file)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("scenario: ")
    assert len(done.stderr.splitlines()) == 1


def test_every_setting_of_judge_and_reminders_may_be_chosen():
    chosen = of({**SHORT, "settings": {"min_luma": 12, "level": "tray", "onset_s": 15, "quiet_hours": ["22:00-07:00"]}})
    assert (chosen.desk.min_luma, chosen.reminders.level, chosen.reminders.onset_s) == (12, "tray", 15)
    assert (chosen.reminders.cooldown_s, of(SHORT).reminders.onset_s) == (30, 10)
    assert play(of({**SHORT, "settings": {"level": "none"}}), 5).segments[2].reminders == []
    dim = part(6, UPRIGHT, "unreliable", camera={"luma": 40})
    assert problems(play(of(scenario(part(6, UPRIGHT, "good"), dim, settings={"min_luma": 60})), 5)) == []


def test_keys_that_nobody_knows_are_warned_about_and_left_out(tmp_path, capsys):
    first, second, *rest = SHORT["timeline"]
    second = {**second, "mood": 1, "others": [{"distance_m": 3, "hat": 1}]}
    more = {"name": "x", "camera": {"fov": 60}, "settings": {"onset": 3}, "timeline": [first, second, *rest]}
    file = tmp_path / "s.json"
    file.write_text(json.dumps({**SHORT, **more}))
    assert len(load(file).timeline) == 4
    told = capsys.readouterr().err.splitlines()
    places = ["name", "camera.fov", "settings.onset", "timeline[1].mood", "timeline[1].others[0].hat"]
    assert sorted(told) == sorted(f"scenario: s.json: `$.{place}` is not known here and left out" for place in places)


def test_segments_must_follow_each_other(tmp_path):
    first, second, *_ = SHORT["timeline"]
    with pytest.raises(ConfigError, match=r"timeline\[1\]\.t_s = \[9, 14\]: it must begin at 8 s"):
        of({"timeline": [first, {**second, "t_s": [9, 14]}]})
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.json")


def test_what_is_missing_has_a_default():
    few = of({"timeline": [{"t_s": [0, 8], "expect": ["calibrating"]}, {"t_s": [8, 14], "expect": ["good"]}]})
    assert problems(play(few, 5)) == []


def test_a_plot_has_a_band_for_each_rate():
    small = of({"timeline": [{"t_s": [0, 8], "expect": ["calibrating"]}, {"t_s": [8, 14], "expect": ["good"]}]})
    drawn = plot(small, [play(small, 2), play(small, 5)])
    assert "2 fps" in drawn
    assert "5 fps" in drawn


@pytest.mark.parametrize("clip", ["front_head_pose_man.mp4", "front_seated_selfie_head_moves.mp4"])
def test_people_on_clips_who_sit_upright_are_left_in_peace(media, clip):
    """Played there and back until two minutes have passed: calibrated on what comes first, reminded of nothing."""
    looks = looks_at(media / "videos" / clip)
    now, state, memory = calibration.begin(0.0), desk.start(), reminders.start()
    settings, said = reminders.ReminderSettings(onset_s=5.0), []
    t = 0.0
    for look, dt in cycle(looks + looks[::-1]):
        t += dt
        if t > 120.0:
            break
        if now.baseline is None:
            now = calibration.step(look, now, t)
            if now.baseline is not None:
                state = desk.calibrated(state, Profile(name="desk", baseline=now.baseline))
            continue
        judgement, state = desk.judge(look, state, SETTINGS, t)
        around = reminders.Surroundings(NOON)
        reminder, memory = reminders.step(judgement, memory, settings, around, t)
        said.append(judgement.state)
        assert reminder.cue is None, t
    assert len(said) > 400
    assert said.count(State.GOOD) / len(said) > 0.95


def looks_at(path):
    """Every third look of a clip, with the time since the one before."""
    from contextlib import closing

    from posture.pose.catalogue import Catalogue
    from posture.pose.estimator import Estimator
    from posture.pose.settings import PoseSettings
    from posture.sources.opening import open_source

    estimator, found, before = Estimator(Catalogue.load(), PoseSettings(people=2)), [], 0.0
    with closing(open_source(path)) as source:
        for frame in source:
            if frame.index % 3:
                continue
            poses, _ = estimator(frame)
            people = []
            for pose in poses:
                measured = measure(pose, frame.width, frame.height)
                people.append(Subject(pose, measured, assess(measured)))
            luma = float(frame.luma(64, 36).mean())
            found.append((Look(tuple(people), frame.width, frame.height, luma), max(frame.time_s - before, 0.05)))
            before = frame.time_s
    return found
