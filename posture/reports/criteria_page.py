"""What a report for reading shows of the criteria of ISO 11226 beside inclinations, and of support."""

from posture.reports import score_words as sw
from posture.reports import words
from posture.reports.criteria_schema import CriterionTime, SupportTime
from posture.reports.facts import Table
from posture.reports.language import Heads, Words, say
from posture.reports.schema import PersonSummary
from posture.reports.score_page import Block

CRITERIA = Words(
    {
        "trunk_twisted": "Trunk not twisted",
        "trunk_side_bent": "Trunk not bent to the side",
        "back_rounded": "Seated: lower back not rounded",
        "neck_twisted": "Head not turned against the shoulders",
        "neck_side_bent": "Head not bent to the side",
        "shoulder_raised": "Shoulder not raised",
        "arm_awkward": "Upper arm not awkwardly held",
        "knee_deg": "Seated: inner angle of the knee",
    }
)
TEXTS = Words(
    {
        "criteria": "Symmetry, shoulders, seated back and knees",
        "criteria_note": "What is asked for after ISO 11226 beside inclinations; it gives no angle for symmetry, so "
        "those are the settings of RULA and REBA. What no camera sees is entered in the task file, or stays open. "
        "Held: how often it was not met for longer than 4 s, and the longest of these; such a posture is not "
        "recommended.",
        "support": "Support",
        "support_note": "No camera sees whether trunk, head and arms are supported, so it is asked for in the task "
        "file. Full support makes a conditional trunk or arm acceptable, and a trunk or head that leans back. Where "
        "nothing is entered, zones and holding times are those without support.",
    }
)
CRITERIA_TABLE = Heads("Asked for", "Within", "Met", "Not met", "Held", "Not judged", "Known by")
SUPPORT_TABLE = Heads("", "Supported", "Not supported", "Not entered")


def blocks(person: PersonSummary) -> tuple[Block, ...]:
    """Both tables of one person; nothing where there is too little data."""
    if not person.criteria or not person.enough:
        return ()
    criteria = Table(TEXTS["criteria"], tuple(CRITERIA_TABLE), tuple(map(_criterion, person.criteria)), numeric=(2, 3))
    rows = tuple(map(_support, person.support))
    support = Table(TEXTS["support"], tuple(SUPPORT_TABLE), rows, numeric=(1, 2, 3))
    return (
        Block(TEXTS["criteria"], TEXTS["criteria_note"], criteria, level=2, narrow=True),
        Block(TEXTS["support"], _support_note(person), support),
    )


def _criterion(one: CriterionTime) -> tuple[str, ...]:
    held = say("{count} ×, up to {time}", count=one.held, time=words.length(one.longest_s)) if one.held else "–"
    missing = words.reasons(one.not_judged_reasons_s)
    if one.beside_s:
        sits_not = say("does not sit {time}", time=words.length(one.beside_s))
        missing = f"{missing}, {sits_not}" if missing else sits_not
    origins = {kind: getattr(one.origins, kind) for kind in sw.ORIGINS}
    return (
        sw.sided(CRITERIA[one.name], one.side),
        _within(one),
        words.length(one.met_s),
        words.length(one.not_met_s),
        held,
        missing or "–",
        sw.origin_shares(origins),
    )


def _within(one: CriterionTime) -> str:
    if one.from_deg is None or one.to_deg is None:
        return "–"
    return sw.band(one.from_deg, one.to_deg)


def _support(one: SupportTime) -> tuple[str, ...]:
    times = (one.supported_s, one.not_supported_s, one.not_entered_s)
    return sw.sided(sw.FACTORS[one.name], one.side), *map(words.length, times)


def _support_note(person: PersonSummary) -> str:
    found = [(words.PARTS[part.part], part.acceptable_by_support_s) for part in person.parts]
    told = ", ".join(f"{name} {words.length(spent)}" for name, spent in found if spent)
    because = say("Acceptable because of it: {parts}.", parts=told) if told else ""
    return f"{TEXTS['support_note']} {because}".strip()
