"""What is remembered between two looks: the judge, the reminders, a calibration that is under way, the backgrounds.

No thread of its own and no lock: the monitor holds one. Nothing here takes longer than a millisecond.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from posture import reminders
from posture.ergonomics import calibration, desk
from posture.ergonomics.baseline import Baseline, Profile, Seat
from posture.ergonomics.calibration import Calibration
from posture.ergonomics.desk_profile import profiles_for, replaces
from posture.ergonomics.sitting import Judgement, Look, State
from posture.live.background import UNKNOWN, Background, Shift, shift
from posture.live.settings import Sections
from posture.reminders import Reminder, Silence, Surroundings
from posture.sources.camera import Clock

SURE: frozenset[State] = frozenset({State.GOOD})
"""States in which a background is taken where none was kept: a remembered profile comes without one."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a profile is bound to beside the person."""

    camera: str = ""
    """What tells the camera from every other; empty before one was opened."""
    screens: str = ""
    """Key of the set of screens that is connected; empty where nobody knows, and then any will do."""

    def suits(self, profile: Profile) -> bool:
        """Whether the profile was made here."""
        return bool(profiles_for((profile,), self.camera, self.screens or profile.screens))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A calibration that a person asked for."""

    name: str
    seat: Seat | None
    """None: as it is seen."""
    standing: bool = False
    """Whether the person stands there to work."""


class Judging:
    """Takes looks, gives judgements and reminders. `t`: seconds of one clock that only rises."""

    def __init__(
        self,
        settings: Sections,
        profiles: tuple[Profile, ...],
        surroundings: Callable[[], Surroundings],
        since_start: Clock,
    ) -> None:
        """`since_start`: seconds that go on while the computer sleeps."""
        self.settings = settings
        self.surroundings = surroundings
        self.place = Place()
        """Where the next calibration is made; see `at`."""
        self._memory = reminders.start()
        self._since_start = since_start
        self._asked_s = since_start()
        self._backgrounds: list[tuple[Baseline, Background]] = []
        self._replaced: Baseline | None = None
        """The one before the last calibration, which may be taken back."""
        self._wanted: Wanted | None = None
        self.calibration: Calibration | None = None
        """The one that is under way."""
        self.know(profiles)

    @property
    def calibrating(self) -> bool:
        """Whether a calibration is under way."""
        return self._wanted is not None

    def know(self, profiles: tuple[Profile, ...]) -> None:
        """Judge by those of these profiles that were made at this place, from now on."""
        self._known = profiles
        self._desk = desk.start(self.here)
        self._forget_backgrounds()
        self._profile = self.here[0].name if self.here else ""

    @property
    def here(self) -> tuple[Profile, ...]:
        """The profiles that were made at this place."""
        return tuple(profile for profile in self._known if self.place.suits(profile))

    def at(self, place: Place, t: float) -> None:
        """Another camera sees the person, or other screens are there: a calibration that is under way begins anew."""
        self.place = place
        self.know(self._known)
        if self._wanted is not None:
            self.calibrate(self._wanted, t)

    def calibrate(self, wanted: Wanted, t: float) -> None:
        """Begin a calibration; what was under way is forgotten."""
        self._wanted, self.calibration = wanted, calibration.begin(t, wanted.seat)

    def give_up_calibration(self) -> None:
        """It comes to nothing."""
        self._wanted = self.calibration = None

    def calibrated(self, look: Look, background: Background | None, t: float) -> Profile | None:
        """One look of the calibration; the profile when it is done. It ends without one where it failed."""
        assert self._wanted is not None
        assert self.calibration is not None
        self.calibration = step = calibration.step(look, self.calibration, t, self.settings.desk)
        if step.failed:
            self._wanted = None
            return None
        if step.baseline is None:
            return None
        wanted, self._wanted = self._wanted, None
        profile = Profile(
            name=wanted.name,
            baseline=step.baseline,
            camera=self.place.camera,
            seat=step.baseline.seat,
            screens=self.place.screens,
            standing=wanted.standing,
        )
        self._replaced = next((known.baseline for known in self._known if replaces(profile, known)), None)
        self._known = (profile, *(known for known in self._known if not replaces(profile, known)))
        self._desk = desk.calibrated(self._desk, profile)
        self._profile = profile.name
        self._forget_backgrounds()
        self._keep_background(background)
        return profile

    def shift(self, background: Background) -> Shift:
        """How far the camera was moved since the calibration of the profile in use."""
        reference = self._background
        return UNKNOWN if reference is None else shift(reference, background)

    def judge(self, look: Look, background: Background | None, t: float) -> tuple[Judgement, Reminder]:
        """One look."""
        judgement, self._desk = desk.judge(look, self._desk, self.settings.desk, t)
        self._profile = judgement.profile
        if judgement.state in SURE and self._background is None:
            self._keep_background(background)
        return judgement, self._reminded(judgement, t)

    def rest(self, t: float) -> Reminder:
        """Nothing is judged now: every cue clears."""
        return self._reminded(None, t)

    def snooze(self, until: datetime | None) -> None:
        """No reminder before `until`; None ends that."""
        memory = self._memory
        self._memory = reminders.unsnooze(memory) if until is None else reminders.snooze(memory, until)

    def mute(self, on: bool) -> None:
        """No reminder at all, or again."""
        self._memory = reminders.muted(self._memory, on)

    def choose(self, person: int | None, t: float) -> None:
        """Judge this one of those in view; None leaves it to the judge again."""
        self._desk = desk.chosen(self._desk, person, t)

    def put_off(self, t: float) -> None:
        """The prompt that shows was seen; it comes again later."""
        self._memory = reminders.put_off(self._memory, t)

    @property
    def _baseline(self) -> Baseline | None:
        """What is compared with now."""
        return next((known.baseline for known in self.here if known.name == self._profile), None)

    @property
    def _background(self) -> Background | None:
        """The one that belongs to it. A name can change, and stand for another calibration; a baseline cannot."""
        baseline = self._baseline
        return next((seen for of, seen in self._backgrounds if of is baseline), None)

    def _keep_background(self, background: Background | None) -> None:
        baseline = self._baseline
        if baseline is not None and background is not None and background.good:
            self._backgrounds.append((baseline, background))

    def _forget_backgrounds(self) -> None:
        """Of calibrations that cannot come back."""
        kept = [profile.baseline for profile in self._known]
        if self._replaced is not None:
            kept.append(self._replaced)
        self._backgrounds = [pair for pair in self._backgrounds if any(pair[0] is one for one in kept)]

    def _reminded(self, judgement: Judgement | None, t: float) -> Reminder:
        settings, around = self.settings.reminders, self.surroundings()
        before_s, self._asked_s = self._asked_s, self._since_start()
        memory = reminders.rested(self._memory, self._asked_s - before_s)
        reminder, self._memory = reminders.step(judgement, memory, settings, around, t)
        return reminder


def cleared(reminder: Reminder, why: Silence) -> Reminder:
    """The same without a cue."""
    return Reminder(silence=why, prompt=reminder.prompt)
