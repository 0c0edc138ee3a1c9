"""A policy to start from: what holds on this computer now, as TOML with a word on each line."""

from datetime import date
from typing import Any, get_args

import tomli_w

from posture import config
from posture.config import Settings
from posture.privacy.settings import Purpose
from posture.sinks.recorder_settings import Content

_LASTS_YEARS = 1
_OWN = ("window", "shell", "privacy", "flow", "camera")
"""Sections that are each person's own, or name things of this computer alone: no other computer should have them."""
_TEXT = """\
# What an organisation decides for its computers, to be signed with `posture privacy policy sign`. The values are those
# of the computer where this was written. A setting behind a # is left to each user: take the # away to bind it too.

# The number grows with every policy of the organisation; people read in the window who decides.
{serial}
{issuer}
issued = {issued}
# After this day it still binds, and nothing is recorded until there is a new one.
expires = {expires}

# At most this; what is left out is not capped.
[cap]
# nothing is recorded
{recording}
# the most that is recorded: {contents}
{content}
# days that recordings are kept, that somebody may keep single ones, and that the history of sitting is kept
{keep_days}
{hold_days}
{history_days}
# copies that are given away have at least this: blur or cover
{faces}
# reports show figures and no pictures
{pictures}
# what people may be seen for: {known_purposes}
{purposes}

# These settings have these values, and nobody changes them; `posture config show` names all there are.
[lock]
{locks}"""


def template(settings: Settings, serial: int, issuer: str, today: date) -> str:
    """`serial`: the number of the new policy. An empty `issuer` is left to be filled in, and cannot be signed."""
    recorder, redact = settings.recorder, settings.redact
    pictures = settings.output.key_frames == "picture"
    return _TEXT.format(
        serial=_line("serial", serial),
        issuer=_line("issuer", issuer or settings.privacy.controller),
        issued=today,
        expires=_years_later(today, _LASTS_YEARS),
        recording=_line("recording", False, off=recorder.allowed),
        content=_line("content", recorder.content),
        contents=", ".join(get_args(Content)),
        keep_days=_line("keep_days", settings.vault.keep_days),
        hold_days=_line("hold_days", settings.vault.hold_days),
        history_days=_line("history_days", settings.live.history_days),
        faces=_line("faces", "blur" if redact.faces == "keep" else redact.faces, off=redact.faces == "keep"),
        pictures=_line("pictures_in_reports", False, off=pictures),
        purposes=_line("purposes", (settings.privacy.purpose,)),
        known_purposes=", ".join(get_args(Purpose)),
        locks="".join(f"{_line(key, value, off=True)}\n" for key, value in _locks(settings).items()),
    )


def _locks(settings: Settings) -> dict[str, Any]:
    """What differs from the defaults, and when it is recorded, for an example."""
    keys = {"recorder.mode", *config.changed(Settings(), settings)}
    sections = {key: key.split(".") for key in sorted(keys) if not key.startswith(_OWN)}
    return {key: getattr(getattr(settings, section), name) for key, (section, name) in sections.items()}


def _line(key: str, value: object, *, off: bool = False) -> str:
    """As TOML; `off`: as a comment."""
    text = tomli_w.dumps({key: list(value) if isinstance(value, tuple) else value}).rstrip("\n")
    return "\n".join(f"# {line}" for line in text.split("\n")) if off else text


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
