"""What a purpose may not say: people are measured for their own good, and never judged by it.

Judging performance or conduct by a camera needs the works council (BetrVG 87(1) no. 6) and is nothing that ergonomics
covers (GDPR 5(1)(b)); inferring emotions at work is forbidden (AI Act 5(1)(f)). A list of words stops nobody who means
it: it makes sure that nobody does it without noticing.
"""

import re

from posture.errors import ConfigError

_REFUSED = re.compile(
    r"(\b(performance|productiv|work rate|output per|conduct|behaviou?r|disciplin|rank(ing|ed|s)?\b|loafing"
    r"|emotion|mood|feeling|stress|attenti|fatigue|tired|drows|concentrat)"
    r"|(?<!dienst)leistung|produktiv|arbeitstempo|verhalten|rangliste|rangfolge|abmahn"
    r"|gefühl|\bstimmung|aufmerksam|müdig|ermüd|konzentr)\w*",
    re.IGNORECASE,
)


def check(text: str, key: str) -> None:
    """Raise ConfigError where a purpose speaks of performance, conduct or feelings; `key` names the setting."""
    found = _REFUSED.search(text)
    if found is not None:
        raise ConfigError(
            f"setting {key}: {found.group()!r} is no purpose of this program, which measures posture for ergonomics "
            "and judges neither performance nor conduct nor feelings; say what is to get better for people"
        )
