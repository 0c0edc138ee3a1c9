"""What was judged, over days: a minute after the other, encrypted where there is a vault, else in memory.

Moments are seconds since 1970 (UTC) of the wall clock; lengths come from the clock of the stream, so that a clock that
is put right changes none. A minute, and what of each event is known by then, is written in one transaction when it is
over: a crash loses the last minute. At midnight everything that lasts is cut: each day stands by itself.

Where the vault has no key for a day, that is said once, and what comes lives in memory.
"""

import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

from posture.data import Measurements
from posture.ergonomics.sitting import Judgement
from posture.errors import VaultError
from posture.sinks.archive import Archive, Kept
from posture.sinks.minutes import Account, Minute, summed
from posture.sinks.spells import Spells
from posture.sinks.today import Day, Shut, Spell, Today
from posture.vault.recipient import Secrets

MINUTE_S = 60.0
LONGEST_LOOK_S = 10.0
"""A judgement holds until the next one, and no longer than this: after that nobody knows."""


class History:
    """Implements the history. Every method may be called from any thread.

    Each raises SinkError (OutputFull where the disk is full) if what it has to write or read cannot be; and VaultError,
    once a day, where there is no key to write with: the history goes on in memory.
    """

    def __init__(
        self,
        archive: Callable[[], Archive | None] = lambda: None,
        *,
        keep_days: int = 30,
        wall: Callable[[], float] = time.time,
        purpose: Callable[[], str] = lambda: "",
    ) -> None:
        """`archive`: where it is kept, asked until there is one; without, it is kept in memory.

        `wall`: seconds since 1970. `purpose`: what for people are seen, which stands with each minute.
        """
        self._open, self._memory = archive, Archive.in_memory()
        self._archive: Archive | None = None
        self._keep_days, self._wall, self._purpose = keep_days, wall, purpose
        self._lock = threading.Lock()
        self._spells = Spells()
        self._session, self._day = 0.0, date.min
        self._last: tuple[float, Judgement] | None = None
        self._minute: Minute | None = None
        self._said = False

    def begin(self) -> None:
        """Monitoring begins; what is too old is forgotten."""
        with self._lock:
            self._session = self._wall()
            self._turn(self._session)

    def add(self, t: float, judgement: Judgement, measurements: Measurements | None, *, reminded: bool = False) -> None:
        """What was judged at `t` seconds of the stream; `reminded`: a reminder began with it."""
        with self._lock:
            now = self._wall()
            if _date(now) != self._day:
                self._pass_midnight(t, now)
            minute = self._minute = self._minute or self._new_minute(t, now)
            self._held(minute, t, now)
            self._last = t, judgement
            minute.sample(t, measurements)
            if reminded:
                minute.over[self._spells.number()] = Spell("reminder", judgement.state, now, 0.0)
            if t - minute.began_t >= MINUTE_S:
                self._flush()

    def rest(self) -> None:
        """Nothing is judged from now on: paused, or no camera. What lasted until now is over and written."""
        with self._lock:
            self._rest()

    def end(self) -> None:
        """Monitoring ends."""
        self.rest()

    def today(self) -> Today:
        """The day so far, in local time, as this program saw it, with what is not written yet."""
        return self.days(1)[0].known

    def days(self, count: int, secrets: Secrets | None = None) -> tuple[Day, ...]:
        """The last `count` days up to today, in order; `secrets` of the vault, None where it is locked.

        What this program wrote today is readable without any, and so is everything that lives in memory alone.
        """
        with self._lock:
            today = _date(self._wall())
            return tuple(self._read(today - timedelta(days=back), today, secrets) for back in reversed(range(count)))

    def kept(self, first: date, last: date, secrets: Secrets | None = None) -> tuple[Kept, ...]:
        """Every day from `first` to `last` as it was kept; otherwise as `days`. The minute in hand is not in it."""
        with self._lock:
            today = _date(self._wall())
            days = (first + timedelta(days=back) for back in range((last - first).days + 1))
            return tuple(self._kept(day, today, secrets) for day in days)

    def _kept(self, day: date, today: date, secrets: Secrets | None) -> Kept:
        found = [archive.kept(day, secrets, running=day == today) for archive in self._archives()]
        return Kept(
            day,
            tuple(account for one in found for account in one.accounts),
            tuple(samples for one in found for samples in one.samples),
            frozenset(why for one in found for why in one.shut),
        )

    def close(self) -> None:
        """Give the connections back. What is in memory is gone."""
        with self._lock:
            for archive in self._archives():
                archive.close()

    def _archives(self) -> tuple[Archive, ...]:
        """Where a minute goes: into the first that takes it."""
        self._archive = self._archive or self._open()
        return (self._memory,) if self._archive is None else (self._archive, self._memory)

    def _read(self, day: date, today: date, secrets: Secrets | None) -> Day:
        accounts: list[Account] = []
        shut: set[Shut] = {Shut.EXPIRED} if day < today - timedelta(days=self._keep_days) else set()
        for archive in self._archives():
            found = archive.read(day, secrets, running=day == today)
            accounts += found.accounts
            shut |= found.shut
        if self._minute is not None and day == self._day:
            accounts.append(self._minute.account(self._spells.going_on))
        return Day(day, summed(accounts, _midnight(day)), frozenset(shut))

    def _new_minute(self, t: float, now: float) -> Minute:
        """It begins where the last one ended."""
        began_t = t if self._last is None else max(self._last[0], t - LONGEST_LOOK_S)
        return Minute(self._session, began_t, now - (t - began_t), self._purpose())

    def _held(self, minute: Minute, t: float, now: float) -> None:
        """The last judgement held until `t`, which is `now` on the wall."""
        if self._last is None:
            return
        last_t, judgement = self._last
        lasted_s = min(max(t - last_t, 0.0), LONGEST_LOOK_S)
        minute.lasted(judgement, lasted_s)
        minute.over |= self._spells.add(judgement.state, last_t, last_t + lasted_s, now - (t - last_t))
        if t - last_t > LONGEST_LOOK_S:
            minute.over |= self._spells.end()

    def _pass_midnight(self, t: float, now: float) -> None:
        """What lasts is cut there, and the day before is written. The wall clock may have been set as well."""
        try:
            if (last := self._last) is not None:
                midnight_t = min(max(t - (now - _midnight(_date(now))), last[0]), t)
                self._minute = self._minute or self._new_minute(midnight_t, now - (t - midnight_t))
                self._held(self._minute, midnight_t, now - (t - midnight_t))
                self._last = midnight_t, last[1]
            self._end_spells()
        finally:
            self._turn(now)

    def _turn(self, now: float) -> None:
        """Another day begins; what is too old is forgotten."""
        self._day, self._said = _date(now), False
        for archive in reversed(self._archives()):
            archive.forget(self._day, self._keep_days)

    def _rest(self) -> None:
        self._end_spells()
        self._last = None

    def _end_spells(self) -> None:
        """All that lasts is over and written. Without a minute it is already."""
        over = self._spells.end()
        if self._minute is not None:
            self._minute.over |= over
            self._flush()

    def _flush(self) -> None:
        """Write the minute that is over. What cannot be written is let go: the next minute is tried again."""
        minute, self._minute = self._minute, None
        if minute is None:
            return
        self._append(minute.account(self._spells.going_on), minute.samples)

    def _append(self, account: Account, samples: bytes) -> None:
        first, *others = self._archives()
        try:
            first.append(self._day, account, samples)
        except VaultError:
            for archive in others:
                archive.append(self._day, account, samples)
            if not self._said:
                self._said = True
                raise


def _date(moment: float) -> date:
    """The local day of a moment in seconds since 1970."""
    return datetime.fromtimestamp(moment).date()


def _midnight(day: date) -> float:
    """Its beginning in seconds since 1970."""
    return datetime(day.year, day.month, day.day).timestamp()
