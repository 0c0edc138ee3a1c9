"""When to remind, and when to be quiet: a pure policy between the judge and whatever shows a cue.

The judge says how a person sits; this says whether the person should be told now. Times `t` are seconds of the stream;
the wall clock and what the desktop is doing come in as a `Surroundings`.

A reminder is due when poor posture has added up to the onset delay, whether of one kind or of several in turn: the
name of a posture near two limits changes while the person sits still. A glance, or being good for a moment, neither
counts nor starts the sum anew; good, away or standing for `RECOVERED_S` does, and so does everything that keeps
reminders silent: after a call the delay begins anew. Nothing but poor posture ever shows a cue, and any other state
clears it with that very look. While a person stays as they are, the cue stays, and the reminder comes again after the
cool-down. Another kind that follows it has a delay of its own, but no longer than one after the cool-down.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated

import msgspec

from posture.ergonomics.sitting import POOR, Judgement, State

RECOVERED_S = 3.0
"""Whoever sits well for this long has recovered; less is a glance at another key of the same posture. Users ask that a
glance of 1 to 3 s changes nothing."""
FORGET_S = 10.0
"""A sum of poor posture survives looking down, being turned or not being judged for this long."""
MOST_STEP_S = 3.0
"""A gap between two looks counts as posture for at most this long: nobody knows what was in it."""
MOST_LEAD_S = 1.5
"""The judge says a posture once it has been there for a while, and since when. That counts, up to this: a state that is
older outlived a pause or a silence, which do not count."""
REST_S = 300.0
"""Away for this long is a break: 5 to 10 minutes after 50 to 60 at the screen (UK HSE L26)."""
PROMPT_AGAIN_S = 600.0
"""A prompt that was put off comes again after this."""
SNOOZE_MINUTES = (15, 30, 60)
MORNING = time(5, 0)
"""Until tomorrow means until this time of the local day."""


class Level(StrEnum):
    """How a reminder shows, from the quietest on."""

    NONE = "none"
    TRAY = "tray"
    EDGE = "edge"
    DIM = "dim"
    SOUND = "sound"


class Silence(StrEnum):
    """Why no reminder is given although the posture calls for one; `NONE` where one is given or none is due."""

    NONE = "none"
    ONSET = "onset"
    COOL_DOWN = "cool_down"
    SNOOZED = "snoozed"
    MUTED = "muted"
    QUIET_HOURS = "quiet_hours"
    FULL_SCREEN = "full_screen"
    CALL = "call"


class Prompt(StrEnum):
    """What is proposed beside the posture itself."""

    BREAK = "break"
    STAND = "stand"
    SIT = "sit"
    RECALIBRATE = "recalibrate"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the desktop is doing; None where that cannot be known."""

    now: datetime
    """Local wall clock, aware."""
    full_screen: bool | None = None
    in_call: bool | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """What should be shown at this moment. The shell compares it with what is shown and changes that at once."""

    cue: State | None = None
    """The posture that is shown as poor now; None clears every cue."""
    level: Level = Level.NONE
    fired: bool = False
    """Whether the cue begins with this very look: a sound plays once."""
    silence: Silence = Silence.NONE
    prompt: Prompt | None = None


Seconds = Annotated[float, msgspec.Meta(ge=0)]
HOURS = r"^([01]?[0-9]|2[0-3]):[0-5][0-9]-([01]?[0-9]|2[0-3]):[0-5][0-9]$"


class ReminderSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[reminders]` of the settings."""

    level: Level = Level.EDGE
    """How a reminder shows."""
    onset_s: Annotated[float, msgspec.Meta(ge=1)] = 20.0
    """How long poor posture must add up before a reminder."""
    cooldown_s: Seconds = 180.0
    """From the begin of one reminder to the next at the earliest."""
    quiet_hours: tuple[Annotated[str, msgspec.Meta(pattern=HOURS)], ...] = ()
    """Local times such as "22:00-07:00", also across midnight."""
    in_full_screen: bool = False
    """Whether to remind while a program fills the screen."""
    in_calls: bool = False
    """Whether to remind during a call."""
    break_after_min: Annotated[float, msgspec.Meta(ge=0, le=600)] = 50.0
    """Propose a break after sitting or standing at the screen for so long; 0 = never. 5 to 10 minutes after 50 to 60
    are better than 15 after 120 (UK HSE L26)."""
    stand_after_min: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0
    """Propose to stand up after sitting for so long, and to sit after standing for so long; 0 = never. No standard
    gives a number (WHO 2020: limit sedentary time); 30 minutes is what many people choose."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the policy remembers. Times in seconds of the stream unless they say otherwise."""

    last_s: float = math.nan
    poor_s: float = 0.0
    """Sum of poor posture of every kind."""
    kind: State | None = None
    """The one that is or was last in this bout, and how long without another one. None: no bout has begun."""
    kind_s: float = 0.0
    good_since_s: float = math.nan
    off_since_s: float = math.nan
    """Since when nothing counts, neither poor nor good."""
    shown: bool = False
    """Whether a reminder of this bout was given."""
    reminded_s: float = -math.inf
    """When the last reminder began."""
    snoozed_until: datetime | None = None
    muted: bool = False
    screen_s: float = 0.0
    """At the screen since the last break."""
    seated_s: float = 0.0
    """Seated since standing or a break; negative seconds would make no sense, so standing has its own."""
    standing_s: float = 0.0
    rest_s: float = 0.0
    """Away without a pause."""
    put_off_s: float = -math.inf
    """When a prompt was put off."""


def start() -> Memory:
    """Nothing has happened yet."""
    return Memory()


def snooze(memory: Memory, until: datetime) -> Memory:
    """No reminder before `until` (aware)."""
    return replace(memory, snoozed_until=until)


def unsnooze(memory: Memory) -> Memory:
    """Remind again."""
    return replace(memory, snoozed_until=None)


def muted(memory: Memory, mute: bool) -> Memory:
    """No reminder at all, until told otherwise."""
    return replace(memory, muted=mute)


def put_off(memory: Memory, t: float) -> Memory:
    """The person has seen the prompt for a break or for standing; it comes again later."""
    return replace(memory, put_off_s=t)


def rested(memory: Memory, gap_s: float) -> Memory:
    """Nobody looked for `gap_s` (seconds), which times `t` need not tell: their clock may stand still in sleep."""
    if gap_s >= FORGET_S:
        memory = _forgotten(memory)
    if gap_s >= REST_S:
        memory = replace(memory, screen_s=0.0, seated_s=0.0, standing_s=0.0)
    return memory


def tomorrow(now: datetime) -> datetime:
    """The next morning in the time zone of `now`; where that knows summer time it is right on those nights too."""
    day = now.date() if now.time() < MORNING else now.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, now.tzinfo)


def step(
    judgement: Judgement | None, memory: Memory, settings: ReminderSettings, surroundings: Surroundings, t: float
) -> tuple[Reminder, Memory]:
    """What to show at time `t`. `judgement` None: nothing is judged now (paused, no camera); every cue clears."""
    dt = min(max(t - memory.last_s, 0.0), MOST_STEP_S) if math.isfinite(memory.last_s) else 0.0
    state = judgement.state if judgement else None
    lead = t - judgement.since_s if judgement else 0.0
    memory = _summed(memory, state, t, dt, lead if 0.0 < lead <= MOST_LEAD_S else 0.0)
    memory = replace(_counted(memory, judgement, t), last_s=t)
    silence = _silence(memory, settings, surroundings)
    if memory.snoozed_until is not None and surroundings.now >= memory.snoozed_until:
        memory = replace(memory, snoozed_until=None)
    prompt = _prompt(judgement, memory, settings, t) if silence is Silence.NONE else None
    if state not in POOR:
        return Reminder(prompt=prompt), memory
    if settings.level is Level.NONE:
        return Reminder(silence=Silence.MUTED, prompt=prompt), memory
    if silence is not Silence.NONE:
        return Reminder(silence=silence), _forgotten(memory)
    return _due(state, memory, settings, prompt, t)


def _due(
    state: State | None, memory: Memory, settings: ReminderSettings, prompt: Prompt | None, t: float
) -> tuple[Reminder, Memory]:
    """Whether it is time, with poor posture and nothing that forbids a reminder."""
    due = memory.poor_s >= settings.onset_s
    if memory.shown:
        late = t - memory.reminded_s >= settings.cooldown_s + settings.onset_s
        due = memory.kind_s >= settings.onset_s or late
    if not due and not memory.shown:
        return Reminder(silence=Silence.ONSET, prompt=prompt), memory
    cooled = due and t - memory.reminded_s >= settings.cooldown_s
    if cooled:
        memory = replace(memory, shown=True, reminded_s=t)
    elif not memory.shown:
        return Reminder(silence=Silence.COOL_DOWN, prompt=prompt), memory
    return Reminder(state, settings.level, fired=cooled, prompt=prompt), memory


def _summed(memory: Memory, state: State | None, t: float, dt: float, lead: float) -> Memory:
    """Poor posture adds up, a moment of something else leaves the sum alone, recovery and long absence clear it. A bout
    begins `lead` seconds before the look that first says so.
    """
    if state in POOR:
        poor_s = memory.poor_s + dt if memory.kind else lead
        goes_on = memory.kind and (state is memory.kind or memory.kind_s < RECOVERED_S)
        kind_s = memory.kind_s + dt if goes_on else lead
        return replace(memory, poor_s=poor_s, kind=state, kind_s=kind_s, good_since_s=math.nan, off_since_s=math.nan)
    if state in (State.GOOD, State.STANDING, State.AWAY):
        since, patience = memory.good_since_s, RECOVERED_S
        memory = replace(memory, good_since_s=t if math.isnan(since) else since, off_since_s=math.nan)
    else:
        since, patience = memory.off_since_s, FORGET_S
        memory = replace(memory, off_since_s=t if math.isnan(since) else since)
    gap = t - since if math.isfinite(since) else t - memory.last_s
    return _forgotten(memory) if gap >= patience else memory


def _forgotten(memory: Memory) -> Memory:
    """The bout of poor posture is over."""
    return replace(memory, poor_s=0.0, kind=None, kind_s=0.0, shown=False)


def _counted(memory: Memory, judgement: Judgement | None, t: float) -> Memory:
    """Time at the screen, seated, standing and away. It runs on through quiet hours and calls, and whatever the judge
    is unsure of counts as before.
    """
    gone = t - memory.last_s if math.isfinite(memory.last_s) else 0.0
    dt = min(max(gone, 0.0), MOST_STEP_S)
    if judgement is None or judgement.state is State.AWAY:
        rest = memory.rest_s + max(gone, 0.0)
        if rest >= REST_S:
            return replace(memory, rest_s=rest, screen_s=0.0, seated_s=0.0, standing_s=0.0)
        return replace(memory, rest_s=rest)
    if gone >= REST_S:  # nobody looked for that long
        memory = replace(memory, screen_s=0.0, seated_s=0.0, standing_s=0.0)
    memory = replace(memory, rest_s=0.0, screen_s=memory.screen_s + dt)
    if judgement.standing:
        return replace(memory, standing_s=memory.standing_s + dt, seated_s=0.0)
    return replace(memory, seated_s=memory.seated_s + dt, standing_s=0.0)


def _silence(memory: Memory, settings: ReminderSettings, surroundings: Surroundings) -> Silence:
    """Why nothing may be shown now, whatever there is to show."""
    now = surroundings.now
    if memory.muted:
        return Silence.MUTED
    if memory.snoozed_until is not None and now < memory.snoozed_until:
        return Silence.SNOOZED
    if any(_within(now.time(), hours) for hours in settings.quiet_hours):
        return Silence.QUIET_HOURS
    if surroundings.in_call and not settings.in_calls:
        return Silence.CALL
    if surroundings.full_screen and not settings.in_full_screen:
        return Silence.FULL_SCREEN
    return Silence.NONE


def _within(now: time, hours: str) -> bool:
    """Whether the local wall time lies in "HH:MM-HH:MM"; equal ends are the whole day."""
    begin, end = (datetime.strptime(part, "%H:%M").time() for part in hours.split("-"))
    now = now.replace(tzinfo=None)
    if begin < end:
        return begin <= now < end
    return now >= begin or now < end


def _prompt(judgement: Judgement | None, memory: Memory, settings: ReminderSettings, t: float) -> Prompt | None:
    """A camera that moved comes first: without a right baseline nothing else is right."""
    if judgement is None or judgement.state is State.AWAY:
        return None
    if judgement.recalibrate:
        return Prompt.RECALIBRATE
    if t - memory.put_off_s < PROMPT_AGAIN_S:
        return None
    if 0 < settings.break_after_min * 60 <= memory.screen_s:
        return Prompt.BREAK
    if 0 < settings.stand_after_min * 60 <= memory.seated_s:
        return Prompt.STAND
    if 0 < settings.stand_after_min * 60 <= memory.standing_s:
        return Prompt.SIT
    return None
