"""The policy between the judge and the cues, one rule per test. Looks come every half second unless said otherwise."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture import reminders
from posture.ergonomics.sitting import POOR, Doubt, Judgement, State
from posture.reminders import Level, Prompt, ReminderSettings, Silence, Surroundings

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
SETTINGS = ReminderSettings(onset_s=10, cooldown_s=30)
GOOD, SLUMP, LEAN = State.GOOD, State.SLUMP, State.LEAN_LEFT


def said(state, since_s=0.0, *, standing=False, recalibrate=False):
    if state is None:
        return None
    doubt = Doubt.TURNED if state is State.UNRELIABLE else Doubt.NONE
    return Judgement(state, doubt, since_s, standing=standing, recalibrate=recalibrate)


class Desk:
    """A clock, a memory, and what was shown."""

    def __init__(self, settings=SETTINGS, step_s=0.5, now=NOON):
        self.settings, self.step_s, self.start = settings, step_s, now
        self.memory, self.t = reminders.start(), 0.0
        self.fired, self.last, self.state, self.since_s = [], None, None, 0.0

    def sit(self, state, seconds, *, full_screen=None, in_call=None, lead_s=0.0, **judged):
        """The same judgement for a while, which the judge held back for `lead_s`; the reminder at its end."""
        for _ in range(round(seconds / self.step_s)):
            self.t += self.step_s
            if state is not self.state:
                self.state, self.since_s = state, self.t - lead_s
            around = Surroundings(self.start + timedelta(seconds=self.t), full_screen, in_call)
            self.last, self.memory = reminders.step(
                said(state, self.since_s, **judged), self.memory, self.settings, around, self.t
            )
            if self.last.fired:
                self.fired.append(self.t)
            assert self.last.cue is None or state in POOR
        return self.last


@pytest.fixture
def desk():
    return Desk()


@pytest.mark.parametrize("step_s", [0.5, 0.2, 1 / 12, 1 / 60, 1.0])
def test_a_reminder_comes_after_the_onset_delay_at_any_rate(step_s):
    desk = Desk(step_s=step_s)
    assert desk.sit(SLUMP, 9.0).silence is Silence.ONSET
    shown = desk.sit(SLUMP, 3.0)
    assert (shown.cue, shown.level, shown.silence) == (SLUMP, Level.EDGE, Silence.NONE)
    assert desk.fired == [pytest.approx(10.0 + step_s, abs=step_s + 0.01)]


@pytest.mark.parametrize("state", [state for state in State if state not in POOR])
def test_nothing_but_poor_posture_ever_reminds(desk, state):
    assert desk.sit(state, 120).cue is None
    assert desk.fired == []


@pytest.mark.parametrize("state", [state for state in State if state not in POOR] + [None])
def test_any_other_state_clears_the_cue_with_that_very_look(desk, state):
    assert desk.sit(SLUMP, 15).cue is SLUMP
    assert desk.sit(state, 0.5).cue is None


@pytest.mark.parametrize(("pause", "state"), [(2, GOOD), (2, State.LOOKING_DOWN), (3, State.TURNED_AWAY), (2, None)])
def test_a_short_interruption_neither_counts_nor_resets(desk, pause, state):
    desk.sit(SLUMP, 6)
    desk.sit(state, pause)
    desk.sit(SLUMP, 6)
    assert desk.fired == [pytest.approx(6 + pause + 4.5, abs=1.1)]


def test_the_delay_runs_from_when_the_posture_began():
    memory, around = reminders.start(), Surroundings(NOON)
    _, memory = reminders.step(said(GOOD), memory, SETTINGS, around, 100.0)
    shown = []
    for tenth in range(15, 120):  # said 1.5 s after it began
        t = 100.0 + tenth / 10
        reminder, memory = reminders.step(said(SLUMP, 100.0), memory, SETTINGS, around, t)
        shown += [t] if reminder.fired else []
    assert shown == [pytest.approx(110.0, abs=0.11)]


def test_a_recovery_starts_the_delay_anew(desk):
    for _ in range(5):
        desk.sit(SLUMP, 6)
        desk.sit(GOOD, 4)
    assert desk.fired == []


def test_after_a_glance_the_cue_is_back_without_a_new_reminder(desk):
    desk.sit(SLUMP, 15)
    desk.sit(State.LOOKING_DOWN, 2)
    assert desk.sit(SLUMP, 0.5).cue is SLUMP
    assert len(desk.fired) == 1


def test_whoever_stays_is_reminded_again_after_the_cool_down(desk):
    desk.sit(SLUMP, 75)
    assert desk.fired == [10.5, 40.5, 70.5]
    assert desk.last.cue is SLUMP


def test_a_new_bout_within_the_cool_down_shows_nothing(desk):
    desk.sit(SLUMP, 12)
    desk.sit(GOOD, 5)
    assert desk.sit(SLUMP, 15).silence is Silence.COOL_DOWN
    desk.sit(SLUMP, 10)
    assert desk.fired == [10.5, 40.5]


@pytest.mark.parametrize("course", [(9, 0.5, 30), (0.5, 2, 30), (5, 5, 30), (2, 9, 2)])
def test_another_name_for_poor_posture_does_not_delay_the_reminder(desk, course):
    for state, seconds in zip((SLUMP, State.FORWARD_HEAD, SLUMP), course, strict=True):
        desk.sit(state, seconds)
    assert desk.fired[0] == pytest.approx(10, abs=1)


def test_the_cue_names_the_posture_of_the_moment(desk):
    desk.sit(SLUMP, 8)
    assert desk.sit(LEAN, 3).cue is LEAN
    assert desk.sit(SLUMP, 0.5).cue is SLUMP
    assert len(desk.fired) == 1


def test_after_a_reminder_another_posture_has_a_delay_of_its_own(desk):
    desk.sit(SLUMP, 38)
    desk.sit(LEAN, 30)
    assert desk.fired == [10.5, 48.5]


def test_two_postures_in_turn_do_not_escape(desk):
    for _ in range(18):
        desk.sit(SLUMP, 4)
        desk.sit(State.FORWARD_HEAD, 4)
    assert desk.fired == [10.5, 50.5, 90.5, 130.5]


@pytest.mark.parametrize(("lead_s", "counted_s"), [(0.0, 0.0), (0.6, 0.6), (1.5, 1.5), (1.6, 0.0), (60.0, 0.0)])
def test_the_delay_begins_when_the_posture_does(lead_s, counted_s):
    desk = Desk(step_s=0.1)
    desk.sit(SLUMP, 15, lead_s=lead_s)
    assert desk.fired == [pytest.approx(10.1 - counted_s, abs=0.11)]


def test_only_the_begin_of_a_bout_is_dated_back(desk):
    for _ in range(4):
        desk.sit(SLUMP, 2, lead_s=1.5)
        desk.sit(State.LOOKING_DOWN, 1)
    assert desk.fired == []
    desk.sit(SLUMP, 3)
    assert len(desk.fired) == 1


def test_a_gap_between_looks_is_not_posture(desk):
    desk.sit(SLUMP, 5)
    desk.t += 8.0
    assert desk.sit(SLUMP, 1).cue is None


@pytest.mark.parametrize(
    ("around", "allowed", "silence"),
    [
        ({"full_screen": True}, {"in_full_screen": True}, Silence.FULL_SCREEN),
        ({"in_call": True}, {"in_calls": True}, Silence.CALL),
    ],
)
def test_full_screen_and_calls_are_left_in_peace_unless_allowed(around, allowed, silence):
    desk = Desk()
    assert desk.sit(SLUMP, 20, **around).silence is silence
    assert desk.fired == []
    assert desk.sit(SLUMP, 5).cue is None  # the delay begins anew
    desk.sit(SLUMP, 8)
    assert len(desk.fired) == 1
    assert desk.sit(SLUMP, 0.5, **around).cue is None  # and a cue that is shown goes
    assert Desk(msgspec.structs.replace(SETTINGS, **allowed)).sit(SLUMP, 20, **around).cue is SLUMP


def test_what_cannot_be_known_does_not_silence(desk):
    assert desk.sit(SLUMP, 15, full_screen=None, in_call=None).cue is SLUMP


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        ("22:00-07:00", (23, 30), True),
        ("22:00-07:00", (3, 0), True),
        ("22:00-07:00", (7, 0), False),
        ("22:00-07:00", (21, 59), False),
        ("12:00-13:00", (12, 30), True),
        ("12:00-13:00", (13, 0), False),
        ("9:00-9:00", (4, 0), True),
    ],
)
def test_quiet_hours_are_local_and_may_cross_midnight(hours, at, quiet):
    desk = Desk(
        msgspec.structs.replace(SETTINGS, quiet_hours=("01:00-01:30", hours)),
        now=NOON.replace(hour=at[0], minute=at[1]),
    )
    assert (desk.sit(SLUMP, 15).silence is Silence.QUIET_HOURS) is quiet


def test_quiet_hours_follow_the_wall_clock_through_a_change_of_summer_time():
    settings = msgspec.structs.replace(SETTINGS, quiet_hours=("01:30-03:30",))
    zone = ZoneInfo("Europe/Berlin")
    instant = datetime(2026, 3, 29, 0, 45, tzinfo=UTC)  # 01:45; at 01:00 UTC the clock jumps from 02:00 to 03:00
    for minutes, quiet in ((0, True), (20, True), (50, False)):
        desk = Desk(settings, now=(instant + timedelta(minutes=minutes)).astimezone(zone))
        assert (desk.sit(SLUMP, 15).silence is Silence.QUIET_HOURS) is quiet


@pytest.mark.parametrize("hours", ["24:00-07:00", "7-9", "22:00", "22:60-23:00", ""])
def test_quiet_hours_that_are_none_are_refused(hours):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"quiet_hours": [hours]}, ReminderSettings)


@pytest.mark.parametrize("minutes", reminders.SNOOZE_MINUTES)
def test_snooze_lasts_and_ends_by_itself(minutes):
    desk = Desk(step_s=1.0)
    desk.memory = reminders.snooze(desk.memory, NOON + timedelta(minutes=minutes))
    assert desk.sit(SLUMP, minutes * 60 - 2).silence is Silence.SNOOZED
    assert desk.fired == []
    desk.sit(SLUMP, 15)
    assert len(desk.fired) == 1
    assert desk.memory.snoozed_until is None


def test_snooze_is_an_instant_whatever_the_clock_on_the_wall_says():
    desk = Desk(now=datetime(2026, 10, 25, 0, 45, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin")))
    until = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)  # the wall shows 02:00 again
    desk.memory = reminders.snooze(desk.memory, until.astimezone(ZoneInfo("America/New_York")))
    assert desk.sit(SLUMP, 15).silence is Silence.SNOOZED


def test_unsnooze_ends_it_at_once(desk):
    desk.memory = reminders.snooze(desk.memory, NOON + timedelta(hours=1))
    desk.sit(SLUMP, 5)
    desk.memory = reminders.unsnooze(desk.memory)
    assert desk.sit(SLUMP, 12).cue is SLUMP


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 3, 2, 12, 0), datetime(2026, 3, 3, 5, 0)),
        (datetime(2026, 3, 2, 23, 59), datetime(2026, 3, 3, 5, 0)),
        (datetime(2026, 3, 3, 0, 30), datetime(2026, 3, 3, 5, 0)),  # who works past midnight means this morning
        (datetime(2026, 3, 28, 22, 0), datetime(2026, 3, 29, 5, 0)),
    ],
)
def test_until_tomorrow_is_the_next_morning(now, until):
    zone = ZoneInfo("Europe/Berlin")
    found = reminders.tomorrow(now.replace(tzinfo=zone))
    assert found == until.replace(tzinfo=zone)
    assert found.astimezone(UTC) == until.replace(tzinfo=zone).astimezone(UTC)


def test_mute_and_no_level_show_nothing(desk):
    desk.sit(SLUMP, 15)
    desk.memory = reminders.muted(desk.memory, True)
    assert (desk.sit(SLUMP, 0.5).cue, desk.last.silence) == (None, Silence.MUTED)
    desk.memory = reminders.muted(desk.memory, False)
    desk.sit(SLUMP, 40)
    assert len(desk.fired) == 2
    assert Desk(msgspec.structs.replace(SETTINGS, level=Level.NONE)).sit(SLUMP, 30).cue is None


def test_a_moved_camera_is_a_prompt_and_no_cue(desk):
    shown = desk.sit(State.UNRELIABLE, 20, recalibrate=True)
    assert (shown.cue, shown.prompt) == (None, Prompt.RECALIBRATE)
    assert desk.sit(GOOD, 0.5).prompt is None


def worked(desk, minutes, state=GOOD, **judged):
    return desk.sit(state, minutes * 60, **judged)


def test_a_break_is_proposed_and_taking_one_starts_anew():
    desk = Desk(step_s=1.0)
    assert worked(desk, 49).prompt is None
    assert worked(desk, 2).prompt is Prompt.BREAK
    assert worked(desk, 4, State.AWAY).prompt is None
    assert worked(desk, 0.1).prompt is Prompt.BREAK  # four minutes are none
    worked(desk, 6, State.AWAY)
    assert worked(desk, 49).prompt is None
    assert worked(desk, 2).prompt is Prompt.BREAK


def test_a_break_counts_while_nothing_is_judged_or_nobody_looks():
    desk = Desk(step_s=1.0)
    worked(desk, 51)
    worked(desk, 6, None)
    assert worked(desk, 1).prompt is None
    worked(desk, 51)
    desk.t += 400.0
    assert worked(desk, 1).prompt is None


def test_counting_goes_on_through_a_call_and_the_prompt_waits_for_its_end():
    desk = Desk(step_s=1.0)
    worked(desk, 30)
    assert worked(desk, 30, in_call=True).prompt is None
    assert worked(desk, 0.1).prompt is Prompt.BREAK


def test_a_prompt_may_be_put_off():
    desk = Desk(step_s=1.0)
    worked(desk, 51)
    desk.memory = reminders.put_off(desk.memory, desk.t)
    assert worked(desk, 9).prompt is None
    assert worked(desk, 2).prompt is Prompt.BREAK


def test_sitting_and_standing_take_turns_when_asked_for():
    desk = Desk(ReminderSettings(stand_after_min=30, break_after_min=0), step_s=1.0)
    assert worked(desk, 31).prompt is Prompt.STAND
    assert worked(desk, 1, standing=True).prompt is None
    assert worked(desk, 30, standing=True).prompt is Prompt.SIT
    assert worked(desk, 1).prompt is None
    assert worked(Desk(step_s=1.0), 45).prompt is None  # off by default


@given(st.lists(st.tuples(st.sampled_from([*State, None]), st.floats(0.01, 20)), max_size=60))
def test_whatever_happens_reminders_keep_their_distance(course):
    memory, t, fired, poor_s, before, since_s = reminders.start(), 0.0, [], 0.0, None, 0.0
    for state, dt in course:
        t += dt
        before, since_s = state, since_s if state is before else t
        poor_s += dt if state in POOR else 0.0
        around = Surroundings(NOON + timedelta(seconds=t))
        shown, memory = reminders.step(said(state, since_s), memory, SETTINGS, around, t)
        assert shown.cue in (None, state)
        assert shown.cue is None or state in POOR
        assert not shown.fired or shown.cue is state
        if shown.fired:
            assert poor_s >= SETTINGS.onset_s
            fired.append(t)
    assert all(b - a >= SETTINGS.cooldown_s for a, b in pairwise(fired))


@pytest.mark.parametrize(
    ("gap_s", "seated_s", "cue"), [(5.0, 20.0, SLUMP), (60.0, 20.0, None), (8 * 3600.0, 0.0, None)]
)
def test_hours_asleep_are_a_break_though_the_clock_of_the_looks_stood_still(desk, gap_s, seated_s, cue):
    desk.sit(SLUMP, 20.5)
    assert desk.last.cue is SLUMP
    desk.memory = reminders.rested(desk.memory, gap_s)
    assert desk.memory.seated_s == desk.memory.screen_s == pytest.approx(seated_s)
    assert desk.sit(SLUMP, 0.5).cue is cue
