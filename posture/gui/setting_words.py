"""What a setting is called and what its help says, from the catalogues of the languages.

The English help is the text under the field in its class; `tools/setting_help.py` takes it over into `words/en.toml`,
because an installation may come without its sources. A label comes from the field's name, a unit from its ending.
"""

from typing import NamedTuple, get_type_hints

import msgspec

from posture.config import Settings
from posture.gui.words import catalogue, mark, tr

UNITS = {
    "s": mark("seconds"), "ms": mark("milliseconds"), "min": mark("minutes"), "minutes": mark("minutes"),
    "hz": mark("a second"), "deg": mark("degrees"), "mib": "MiB", "percent": "%", "px": mark("pixels"),
    "months": mark("months"), "days": mark("days"), "cm": "cm", "m": "m",
}  # fmt: skip
CHOICES = {
    "system": mark("as the desktop"), "light": mark("light"), "dark": mark("dark"), "contrast": mark("high contrast"),
    "en": "English", "de": "Deutsch", "video": mark("video"), "blurred": mark("blurred"), "skeleton": mark("figure"),
    "hidden": mark("hidden"), "cover": mark("cover"), "blur": mark("blur"), "keep": mark("keep"),
    "remove": mark("remove"), "replace": mark("replace"), "picture": mark("picture"), "due": mark("when due"),
    "all": mark("all"), "none": mark("none"), "tray": mark("tray icon"), "edge": mark("glow at the edge"),
    "paper_1993": mark("1 minute (paper)"),
    "ergoplus_worksheet": mark("10 minutes (worksheet)"), "one": mark("one point in all"),
    "each": mark("one point each"), "paper_2000": mark("3 points (paper)"), "worksheet": mark("2 points (worksheet)"),
    "lower": mark("the lower band"), "upper": mark("the upper band"),
    "dim": mark("dimmed screen"), "sound": mark("sound"),
    "background-removed": mark("background removed, faces blurred"),
    "background-blurred": mark("background and faces blurred"), "faces-blurred": mark("faces blurred"),
    "full": mark("full picture"), "manual": mark("only by hand"), "event": mark("around events"),
    "continuous": mark("all the time"), "recorded": mark("as they were recorded"),
    "estimated": mark("estimated anew"),
    "own-posture": mark("own posture"), "workplace-design": mark("design of workplaces"),
    "risk-assessment": mark("risk assessment"), "occupational-health": mark("occupational health"),
    "training": mark("training"), "research": mark("research"),
    "auto": mark("automatic"), "quick": mark("quick"), "thorough": mark("thorough"),
}  # fmt: skip
_LABELS = {
    "pose.detector": "Finding people", "pose.search": "Search",
    "pose.call_limit_s": "Longest model call", "pose.min_score": "Least certainty", "redact.crf": "Quality of copies",
    "audit.enabled": "Keep an audit log", "output.formats": "Formats of reports", "camera.device": "Camera",
    "camera.rate": "Pictures a second", "live.rate": "Rate while somebody looks", "live.history_days": "History",
    "live.economy_rate": "Rate while nobody looks", "live.call_limit_s": "Longest model call",
    "reminders.level": "How to remind", "reminders.onset_s": "Remind after", "reminders.cooldown_s": "Then quiet for",
    "reminders.in_full_screen": "In full screen", "reminders.break_after_min": "Propose a break after",
    "reminders.stand_after_min": "Propose to stand after", "measure.min_visibility": "Least visibility",
    "scores.rula_static_min": "RULA: static after",
    "scores.rula_force_over_10kg_intermittent": "RULA: points over 10 kg", "scores.owas_4132": "OWAS: code 4132",
    "scores.rula_lower_arm_adds": "RULA: lower arm across and out", "scores.owas_3373": "OWAS: code 3373",
    "scores.reba_twist_and_side": "REBA: twisted and bent", "scores.reba_trunk_extension": "REBA: leaning back",
    "scores.band_edge": "An edge belongs to", "scores.deadband_deg": "Upright within",
    "scores.twist_deg": "Twisted from",
    "scores.side_bend_deg": "Bent to the side from", "scores.abduction_deg": "Abducted from",
    "scores.owas_back_bent_deg": "OWAS: back bent from", "scores.owas_back_twisted_deg": "OWAS: back twisted from",
    "scores.owas_knee_bent_deg": "OWAS: knee bent from", "scores.owas_arm_raised_deg": "OWAS: arm raised from",
    "scores.owas_interval_s": "OWAS: one posture every",
    "measure.min_presence": "Least presence", "vault.keep_days": "Keep for", "vault.folder": "Folder of recordings",
    "flow.declared": "Places outside", "vault.lock_after_min": "Lock after", "recorder.content": "What is recorded",
    "recorder.allowed": "Recording is allowed", "recorder.most": "Record at most",
    "vault.results_mib": "Results at most (MiB)",
    "vault.hold_days": "Keep single ones for at most", "privacy.purpose_text": "Purpose in your own words",
    "privacy.dpo": "Data protection officer", "privacy.contact": "Questions to", "privacy.location": "Camera's place",
    "privacy.authority": "Supervisory authority", "privacy.notice_url": "Address of the notice",
    "recorder.mode": "When it is recorded", "recorder.hardware": "Use the graphics card",
    "recorder.rate": "Pictures a second", "recorder.height": "Height of the picture",
    "recorder.crf": "Quality of recordings", "recorder.pre_roll_s": "Pre-roll", "recorder.split_min": "Split by time",
    "recorder.split_mib": "Split by size", "recorder.most_gib": "At most together (GiB)",
}  # fmt: skip
"""Where the name of the field says too little."""


class Words(NamedTuple):
    """Of one setting, in the language of the window."""

    label: str
    help: str
    unit: str


def words(path: str, language: str) -> Words:
    """Of the setting with this key path ("pose.model")."""
    name = path.partition(".")[2]
    label, unit = _named(name)
    label = _LABELS.get(path, label)
    known = catalogue(language)["setting"].get(path, {})
    unit_words = UNITS.get(unit, "")
    text = (known.get("help") or catalogue("en")["setting"].get(path, {}).get("help", "")).replace("`", "")
    return Words(known.get("label") or label, text, tr(unit_words) if unit_words else "")


def choice(value: str) -> str:
    """What a choice is called; names of models, formats and providers stay as they are."""
    return tr(CHOICES[value]) if value in CHOICES else value


def section_type(section: str) -> type[msgspec.Struct]:
    """The class that declares a section."""
    return type(getattr(Settings(), section))


def _named(name: str) -> tuple[str, str]:
    stem, _, ending = name.rpartition("_")
    if stem and ending in UNITS:
        return stem.replace("_", " ").capitalize(), ending
    return name.replace("_", " ").capitalize(), ""


def hints(section: str) -> dict[str, object]:
    """Field to its declared type, with what is allowed, of one section."""
    return dict(get_type_hints(section_type(section), include_extras=True))
