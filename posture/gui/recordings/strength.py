"""How long a passphrase would stand against somebody who has the key file and guesses.

Guesses are counted by zxcvbn (Wheeler, USENIX Security 2016): it knows common passwords, words, names, dates, rows of
keys and what people do to disguise them. It reads English and no German, so a German sentence counts for more than it
is worth; hence the margin between `LEAST_LOG10` and `GOOD_LOG10`.
"""

from enum import StrEnum
from math import log10
from typing import NamedTuple

from zxcvbn import zxcvbn

from posture.gui.words import mark, tr

GUESSES_S = 1e4
"""What zxcvbn calls offline and slow. One guess costs 256 MiB and about 0.7 s of a core (Argon2id), so this is somebody
with 7,000 cores."""
LEAST_LOG10 = 9.0
"""A billion guesses, about a day for them: less is refused. Of a random passphrase these are three words."""
GOOD_LOG10 = 13.0
"""Thirty years, or four random words."""
FULL_LOG10 = 16.0
"""Where the bar is full."""
MOST_LOG10 = 300.0
MOST_READ = 72
"""Characters that zxcvbn looks at: its time grows with the square."""
_DAY_S, _YEAR_S = 86400.0, 365.25 * 86400.0
_WEAK = ((60.0, mark("Too weak: found within a minute.")), (3600.0, mark("Too weak: found within an hour.")))
_WEAK_ELSE = mark("Too weak: found within two days.")
_FAIR = (
    (31 * _DAY_S, mark("Usable: would stand for days. One more word makes it strong.")),
    (_YEAR_S, mark("Usable: would stand for months. One more word makes it strong.")),
)
_FAIR_ELSE = mark("Usable: would stand for years. One more word makes it strong.")
_GOOD = ((100 * _YEAR_S, mark("Strong: would stand for decades.")),)
_GOOD_ELSE = mark("Strong: would stand for centuries.")


class Level(StrEnum):
    """What the bar and the words say together."""

    NONE = "none"
    WEAK = "weak"
    FAIR = "fair"
    GOOD = "good"


class Strength(NamedTuple):
    """`share` of the bar that is filled, 0 to 1."""

    level: Level
    share: float
    words: str


def strength(passphrase: str) -> Strength:
    """What is to be said of `passphrase` while it is typed."""
    if not passphrase:
        return Strength(Level.NONE, 0.0, tr("Four or five words that do not belong together are strong."))
    log10_guesses = _log10_guesses(passphrase)
    share, seconds = min(1.0, log10_guesses / FULL_LOG10), 10.0 ** min(log10_guesses, MOST_LOG10) / GUESSES_S
    if log10_guesses < LEAST_LOG10:
        return Strength(Level.WEAK, share, _words(seconds, _WEAK, _WEAK_ELSE))
    if log10_guesses < GOOD_LOG10:
        return Strength(Level.FAIR, share, _words(seconds, _FAIR, _FAIR_ELSE))
    return Strength(Level.GOOD, share, _words(seconds, _GOOD, _GOOD_ELSE))


def _words(seconds: float, spans: tuple[tuple[float, str], ...], otherwise: str) -> str:
    return tr(next((words for limit, words in spans if seconds < limit), otherwise))


def _log10_guesses(passphrase: str) -> float:
    guesses = zxcvbn(passphrase[:MOST_READ], max_length=MOST_READ)["guesses"]
    return log10(max(1, guesses))
