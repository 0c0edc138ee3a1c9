"""Days that are lived through: a wall clock that is told the time, and judgements a second for a history."""

import numpy as np

from posture.data import MEASURE_NAMES, Measurements, Reason, View
from posture.ergonomics.sitting import Doubt, Judgement, State
from posture.errors import Locked
from posture.sinks.archive import Archive, connect
from posture.sinks.history import History
from posture.vault import hpke
from posture.vault.recipient import X25519

NOON = 1_795_521_600.0  # 2026-11-24 12:00 UTC
DAY_S = 86400.0


class Wall:
    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now


class Keys:
    """A key a day, as a vault has them; `secrets` reads."""

    def __init__(self, *days):
        self._secrets = {day: hpke.new_secret(X25519) for day in days}

    at_hand = None

    @classmethod
    def of(cls, seeds):
        keys = cls()
        keys._secrets = {day: hpke.secret_of(X25519, seed) for day, seed in seeds.items()}
        return keys

    def recipients(self, day):
        if day not in self._secrets:
            raise Locked(f"there is no key for {day}: unlock the vault once")
        return (self._secrets[day].recipient,)

    def secrets(self, key_id):
        return next((one for one in self._secrets.values() if one.recipient.key_id == key_id), None)

    def expire(self, today, keep_days):
        self._secrets = {day: one for day, one in self._secrets.items() if (today - day).days <= keep_days}
        return lambda key_id: self.secrets(key_id) is not None

    def erase(self, day):
        del self._secrets[day]


def judgement(state, doubt=Doubt.NONE):
    return Judgement(state, doubt, 0.0)


def measurements(value):
    values = np.full(len(MEASURE_NAMES), float(value))
    return Measurements(View.FRONT, 0.0, values, (Reason.MEASURED,) * len(MEASURE_NAMES))


def over(path, keys, **more):
    """A history over a file."""
    archive = Archive(connect(path), keys)
    return History(lambda: archive, **more)


def lived(history, wall, *parts, step=1.0, t=0.0):
    """Judge `parts` of (seconds, state), a look every `step` seconds; the time after the last look."""
    for seconds, state in parts:
        doubt = Doubt.TURNED if state is State.UNRELIABLE else Doubt.NONE
        for _ in range(round(seconds / step)):
            history.add(t, judgement(state, doubt), measurements(t))
            t += step
            wall.now += step
    return t
