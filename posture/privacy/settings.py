"""What can be set about redaction, and what only people know. Loads nothing heavy: every verb reads settings."""

from typing import Annotated, Literal

import msgspec

Channel = Annotated[int, msgspec.Meta(ge=0, le=255)]
NEUTRAL = (226, 229, 233)
"""RGB of a removed background: light, so that people stand out on paper, too."""


class RedactSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[redact]` of the settings: what of a picture stays."""

    faces: Literal["cover", "blur", "keep"] = "cover"
    """A flat colour; or a few cells of colour; or as they are."""
    background: Literal["keep", "blur", "remove", "replace"] = "keep"
    """`remove` leaves one flat colour, `replace` a picture where one is given and else the colour."""
    background_colour: tuple[Channel, Channel, Channel] = NEUTRAL
    """Red, green, blue."""
    bystanders: Literal["keep", "remove"] = "keep"
    """`remove` paints over everybody but the main person, the largest one."""
    skeleton_only: bool = False
    """Nothing of the picture stays: figures on a flat ground."""
    overlay: bool = False
    """Skeletons and angles are drawn over what stays of the picture."""


class Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A touchpoint outside the program, as a person declares it: `[[flow.declared]]`. Only `where` is checked."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    receives: str
    """Name of the touchpoint whose data get there, of `posture privacy map`: "recordings", "reports", ..."""
    where: str = ""
    """A path, where it can be looked at from here, or words."""
    how: str = ""
    """How the data get there: "nightly backup", ..."""
    key: str = "not known"
    kept: str = "not known"
    readers: str = "not known"


class FlowSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[flow]` of the settings: where data go outside the program."""

    declared: tuple[Declared, ...] = ()
    """Places outside the program that get data of it, for the map of data flows: a backup, a share, a contractor."""


Purpose = Literal["own-posture", "workplace-design", "risk-assessment", "occupational-health", "training", "research"]
"""What people may be seen for. Whoever needs another purpose needs another program."""


class PrivacySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[privacy]` of the settings: what the program cannot know and its paperwork has to say."""

    purpose: Purpose = "own-posture"
    """What people are seen for. It stands in reports, with recordings and in copies of data."""
    purpose_text: str = ""
    """In your own words, what the results are used for. Judging performance, conduct or feelings is no purpose here."""
    controller: str = ""
    """Who decides what the camera is for, with address: the organisation, or nobody but yourself."""
    representative: str = ""
    """Who speaks for them: name and post."""
    dpo: str = ""
    """How to reach the data protection officer."""
    contact: str = ""
    """Whom people ask who see the camera: a name, telephone or address."""
    location: str = ""
    """Where the camera stands and what it sees."""
    people: str = ""
    """Who is seen: “the three packers of line 2, who take part by choice”."""
    legal_basis: str = ""
    """The article and what it rests on, such as consent or a works agreement."""
    authority: str = ""
    """Which supervisory authority hears complaints."""
    notice_url: str = ""
    """Where the whole privacy notice can be read; the code on the camera notice leads there, or holds the notice."""
