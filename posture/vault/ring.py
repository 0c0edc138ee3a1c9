"""The public half of the keys: for whom recordings of each day are encrypted. Writing one needs no more than this.

A day has a key of its own, made 35 days ahead. Its seed is HKDF-SHA512 over two random halves: the sealed one in the
identity file and the open one in this ring. So a day can be made unreadable without any passphrase: without the open
half nobody can make the seed again. The day stands in the derivation too, so that a changed date makes another key.

A key may have a date of its own instead, `until`: it holds one recording that is kept for longer.

The history has keys of its own, so that it may be kept for longer than pictures are; they are nobody else's, ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

import msgspec
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from posture.vault.recipient import SEED_BYTES, X_WING, Recipient

VERSION = 1
AHEAD_DAYS = 35
"""Days for which there are keys, today included."""
FEW_DAYS = 7
"""With fewer keys left, the person is asked to unlock."""
HALF_BYTES = 32
STRANGE_JUMP = timedelta(days=92)
"""A clock that is further ahead of the last use must say so twice, a day apart, before keys are erased: a wrong clock
would otherwise erase everything. The audit log believes clocks by the same rule."""

Use = Literal["clips", "history", "consents"]
"""What a key is for."""
USES: tuple[Use, ...] = ("clips", "history")
"""What has a key every day; a note of a consent has one of its own, with a last day of its own."""

Half = Annotated[bytes, msgspec.Meta(min_length=HALF_BYTES, max_length=HALF_BYTES)]
MOST_OTHERS = 4
MOST_ERASED = 1000


class DayKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The public key of a day, or of one recording that is held, with the open half of its seed."""

    day: date
    """When what it encrypts was recorded."""
    public: bytes
    half: Half
    kem: int = X_WING
    until: date | None = None
    """The last day on which the recording that it holds can be read; None for the key of a day."""
    retired: bool = False
    """Nothing new is encrypted with it."""
    use: Use = "clips"

    def __repr__(self) -> str:
        """Without the half of a secret."""
        return f"DayKey({self.key_id.hex()}, {self.day}, until={self.until}, retired={self.retired})"

    @property
    def recipient(self) -> Recipient:
        """For whom one encrypts."""
        return Recipient(self.kem, self.public)

    @property
    def key_id(self) -> bytes:
        """8 bytes."""
        return self.recipient.key_id

    def seed(self, sealed: bytes) -> bytes:
        """32 bytes: the secret, from the sealed half and the open one."""
        return seed(sealed, self.half, self.day, self.until, self.use)

    def last_day(self, keep_days: int) -> date:
        """The last day on which it is kept: all that it is for, for `keep_days` times 24 hours at least."""
        return self.until or self.day + timedelta(days=keep_days)


class OtherKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public key of somebody else, for one day."""

    day: date
    public: bytes
    kem: int = X_WING


class Other(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody else who can read what is recorded: a second computer, or a recovery key of an organisation."""

    name: str
    keys: tuple[OtherKey, ...]

    @property
    def through(self) -> date | None:
        """The last day of which they can read anything; None once the keys have all passed."""
        return max((key.day for key in self.keys), default=None)


@dataclass(frozen=True, slots=True)
class Erased:
    """What an expiry did away with."""

    keys: tuple[DayKey, ...] = ()
    others: tuple[str, ...] = ()
    """Who else was a recipient on those days: their keys are not here and cannot be erased from here."""
    doubted: bool = False
    """Nothing was erased yet, because the clock is far ahead of the last use; another run a day later erases."""


class Ring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every public key that there is. Immutable: a change gives a new ring."""

    version: int
    seen: date
    """The newest day on which the ring was changed."""
    keys: tuple[DayKey, ...] = ()
    others: Annotated[tuple[Other, ...], msgspec.Meta(max_length=MOST_OTHERS)] = ()
    doubted: date | None = None
    """The day of a clock that was far ahead, until another run says so too."""
    erased: tuple[bytes, ...] = ()
    """The newest `MOST_ERASED` key ids that were erased: what they encrypted is of no use and may be deleted."""

    def current(self, day: date, use: Use = "clips") -> DayKey | None:
        """The key for what is recorded on `day`; the newest, where there are several."""
        of_day = [key for key in self.keys if key.day == day and key.use == use]
        found = [key for key in of_day if key.until is None and not key.retired]
        return found[-1] if found else None

    def recipients(self, day: date, use: Use = "clips") -> tuple[Recipient, ...]:
        """The key of the day and those of others for clips of it; empty where the day has no key of its own."""
        own = self.current(day, use)
        if own is None:
            return ()
        if use == "history":
            return (own.recipient,)
        others = (Recipient(key.kem, key.public) for other in self.others for key in other.keys if key.day == day)
        return tuple(dict.fromkeys((own.recipient, *others)))

    def days_left(self, today: date) -> int:
        """Days in a row, beginning today, for which there is a key."""
        days = (today + timedelta(days=n) for n in range(len(self.keys) + 1))
        return next(n for n, day in enumerate(days) if self.current(day) is None)

    def missing(self, today: date) -> Iterator[tuple[date, Use]]:
        """Days of the next `AHEAD_DAYS` without a key, and for what they have none."""
        days = [today + timedelta(days=n) for n in range(AHEAD_DAYS)]
        return ((day, use) for use in USES for day in days if self.current(day, use) is None)

    def find(self, key_id: bytes) -> DayKey | None:
        """The key of this id."""
        return next((key for key in self.keys if key.key_id == key_id), None)

    def changed(self, today: date, **fields: object) -> "Ring":
        """The same with other `fields`, on `today`."""
        return msgspec.structs.replace(self, seen=max(self.seen, today), **fields)

    def without(self, key_ids: frozenset[bytes]) -> "Ring":
        """The same without these keys, which are noted as erased."""
        kept = tuple(key for key in self.keys if key.key_id not in key_ids)
        gone = tuple(key.key_id for key in self.keys if key.key_id in key_ids)
        return msgspec.structs.replace(self, keys=kept, erased=(*self.erased, *gone)[-MOST_ERASED:])

    def expired(self, today: date, keep_days: int, use: Use = "clips") -> tuple["Ring", Erased]:
        """The ring without what of this use is kept long enough on `today`, and what that is."""
        due = tuple(key for key in self.keys if key.use == use and key.last_day(keep_days) < today)
        strange = today - self.seen > STRANGE_JUMP
        witness = self.doubted if self.doubted and self.doubted <= today <= self.doubted + STRANGE_JUMP else today
        if due and strange and witness == today:
            return msgspec.structs.replace(self, doubted=witness), Erased(doubted=True)
        days = {key.day for key in due if key.until is None and use == "clips"}
        names = tuple(other.name for other in self.others if any(key.day in days for key in other.keys))
        first = today - timedelta(days=keep_days) if use == "clips" else date.min
        others = tuple(_without_days(other, first) for other in self.others)
        if not due and others == self.others:
            return (self if strange else msgspec.structs.replace(self, doubted=None)), Erased()
        kept = self.without(frozenset(key.key_id for key in due))
        return kept.changed(today, others=others, doubted=None), Erased(due, names)


def seed(sealed: bytes, half: bytes, day: date, until: date | None, use: Use = "clips") -> bytes:
    """32 bytes from both halves, for this day and use and no other."""
    words = {"history": "history", "consents": f"consent {until}"}
    word = words.get(use) or (until.isoformat() if until else "day")
    info = f"posture/vault/v1 {day.isoformat()} {word}"
    return HKDF(SHA512(), SEED_BYTES, salt=None, info=info.encode()).derive(sealed + half)


def _without_days(other: Other, first: date) -> Other:
    return msgspec.structs.replace(other, keys=tuple(key for key in other.keys if key.day >= first))
