"""The words of scores and exposure. With `words` and `statements`, all that a translation has to replace."""

import re
from collections.abc import Iterable

from posture.ergonomics.factors import CHOICES as FACTOR_CHOICES
from posture.reports.language import Heads, Words, inside, marked, say
from posture.reports.node import Scalar
from posture.reports.words import length, number, percent

METHODS = Words({"rula": "RULA", "reba": "REBA", "owas": "OWAS"})
SIDES = Words({"left": "left", "right": "right", "": ""})

FACTORS = Words(
    {
        "upper_arm_deg": "Upper arm",
        "shoulder_raised": "Shoulder raised",
        "arm_awkward": "Upper arm awkwardly held",
        "abducted": "Upper arm abducted",
        "arm_supported": "Arm supported, or leaning",
        "lower_arm_deg": "Lower arm",
        "lower_arm_across": "Lower arm across the midline",
        "lower_arm_out": "Lower arm out to the side",
        "wrist_deg": "Wrist",
        "wrist_deviated": "Wrist deviated",
        "wrist_twisted": "Wrist twisted",
        "neck_deg": "Neck",
        "neck_twisted": "Neck twisted",
        "neck_side_bent": "Neck bent to the side",
        "trunk_deg": "Trunk",
        "trunk_supported": "Trunk well supported",
        "head_supported": "Head supported",
        "back_rounded": "Lower back rounded while seated",
        "trunk_twisted": "Trunk twisted",
        "trunk_side_bent": "Trunk bent to the side",
        "legs_supported": "Legs and feet supported",
        "arm_static": "Arm held static",
        "arm_repeated": "Arm movement repeated",
        "body_static": "Neck or trunk held static",
        "body_repeated": "Neck or trunk movement repeated",
        "force_kg": "Force or load",
        "force_pattern": "How the force acts",
        "knee_deg": "Knee",
        "stance": "Stance",
        "coupling": "Coupling (grip)",
        "rapid_change": "Rapid change, or unstable base",
        "back_twist_deg": "Back twist",
        "back_side_deg": "Back side bend",
        "left_arm_elevation_deg": "Left arm elevation",
        "right_arm_elevation_deg": "Right arm elevation",
        "left_knee_deg": "Left knee",
        "right_knee_deg": "Right knee",
    }
)
PARTS = Words(
    {
        "upper_arm": "Upper arm",
        "lower_arm": "Lower arm",
        "wrist": "Wrist",
        "wrist_twist": "Wrist twist",
        "neck": "Neck",
        "trunk": "Trunk",
        "legs": "Legs",
        "arm_muscle": "Muscle use of the arm",
        "body_muscle": "Muscle use of the body",
        "force": "Force or load",
        "load": "Load",
        "coupling": "Coupling",
        "activity": "Activity",
        "back": "Back",
        "arms": "Arms",
        "table_a": "Table A",
        "table_b": "Table B",
        "table_c": "Table C",
        "arm_wrist": "Arm-wrist score",
        "neck_trunk_leg": "Neck-trunk-leg score",
        "grand": "Table C, grand score",
        "score_a": "Score A",
        "score_b": "Score B",
        "reba": "REBA score",
        "category": "Action category",
    }
)
JOINTS = Words(
    {
        "trunk_deg": "Trunk",
        "neck_deg": "Neck",
        "upper_arm_deg": "Upper arm",
        "lower_arm_deg": "Lower arm",
        "knee_deg": "Knee, the more bent",
    }
)
CHOICES = Words(
    {
        "intermittent": "now and then",
        "static_or_repeated": "static or repeated",
        "shock": "shock or rapid build-up",
        "good": "good",
        "fair": "fair",
        "poor": "poor",
        "unacceptable": "unacceptable",
        "sitting": "sitting",
        "both_legs": "standing on both legs",
        "one_leg": "standing on one leg, or unstable",
        "walking": "walking",
        "kneeling": "kneeling",
    }
)
TERMS = Words(
    {
        "band": "",
        "mid_range": "mid range",
        "supported": "supported",
        "not_supported": "not supported",
        "knee": "knee",
        "load": "",
        "shock": "shock",
        "static": "static",
        "repeated": "repeated",
    }
)
ORIGINS = Words({"measured": "measured", "entered": "entered", "overridden": "overridden", "assumed": "open"})
OWAS_CODES = {
    "back": Words({"1": "straight", "2": "bent", "3": "twisted or bent sideways", "4": "bent and twisted"}),
    "arms": Words({"1": "both below the shoulder", "2": "one at or above it", "3": "both at or above it"}),
    "legs": Words(
        {
            "1": "sitting",
            "2": "standing, both legs straight",
            "3": "standing on one straight leg",
            "4": "standing, both knees bent",
            "5": "standing, one knee bent",
            "6": "kneeling",
            "7": "walking",
        }
    ),
    "load": Words({"1": "up to 10 kg", "2": "10 to 20 kg", "3": "more than 20 kg"}),
}
OPEN = "not known"
STANCES = FACTOR_CHOICES["stance"]
MINUS = "−"
CATEGORY = Words({"low": "Action category, lowest", "high": "Action category, highest"})
TASK = Words({"name": "Task", "by": "Entered by", "segments": "Segments", "overridden": "Instead of what was measured"})

HEADINGS = Words(
    {
        "scores": "Scores",
        "scores_note": "Each score is given from the lowest to the highest that is possible with what was measured and "
        "entered. While anything is open, the lower figure is a lower bound. P50 is typical, P90 typical of the high.",
        "over_time": "Scores over time",
        "over_time_note": "Line: lowest possible. Shade: up to the highest possible. Marks at the top: the worst "
        "second of each score.",
        "levels": "Time at an action level or above",
        "segments": "Scores in each segment",
        "origins": "What the scores rest on",
        "origins_note": "Shares of the scored time. Open: neither measured nor entered, so every possible value was "
        "gone through. Enter it in a task file to narrow the scores.",
        "worst_note": "The worst second, worked out with the lowest and with the highest possible value of what is "
        "open: a score that can be checked on paper. Other sides stand in the JSON report.",
        "worst_seconds_note": "At least 5 s apart, and not below P90. In brackets: where in the table the lowest "
        "possible score stands. The JSON report has both ends and every factor.",
        "owas": "OWAS by interval sampling",
        "joints": "Time in bands",
        "joints_note": "Bands and points of RULA (knee: REBA), over the time in which the joint could be measured.",
        "activity": "Sitting and changes of posture",
        "methods": "Methods and their tables",
        "task": "Task as entered",
    }
)
CONFIDENCE = Words({"high": "high", "medium": "medium", "low": "low"})
OVERVIEW_TABLE = Heads("", "P50", "P90", "Peak", "Time at high levels", "Confidence", "P90 asks for")
KINDS = Words(
    {"engineering": "At the work place", "administrative": "In the organisation", "behaviour": "With the person"}
)
SCORES_TABLE = Heads("", "Scored", "Not scored", "Worst second", "Score there", "With its noise")
LEVELS_TABLE = Heads("From score", "It asks for", "At least", "At most")
SEGMENTS_TABLE = Heads("Segment", "", "P50", "P90", "Peak", "Scored")
ORIGINS_TABLE = Heads("Factor", "Left", "Right")
FACTORS_TABLE = Heads("Factor", "Value", "Origin")
WORST_TABLE = Heads("", "At", "Score", "With noise")
PARTS_TABLE = Heads("Part", "Lowest", "", "Highest", "")
STEPS_TABLE = Heads("Step", "Lowest", "", "Highest", "")
OWAS_TABLE = Heads("Digit", "Code", "Meaning", "Samples", "Share")
JOINTS_TABLE = Heads("Joint", "Band", "Points", "Time", "Share")


def sided(name: str, side: str) -> str:
    """A name with its side, where it has one: upper arm, left."""
    return f"{name}, {SIDES[side]}" if side else name


def title(method: str, side: str) -> str:
    """Name of a score: RULA left."""
    return f"{METHODS[method]} {SIDES[side]}".strip()


def interval(low: int, high: int) -> str:
    """A score: one figure where only one is possible."""
    return f"{low}" if low == high else f"{low}–{high}"


def between(low_s: float, high_s: float, whole_s: float) -> tuple[str, str]:
    """Shares of the lower and the upper end."""
    return percent(low_s / whole_s if whole_s else 0.0), percent(high_s / whole_s if whole_s else 0.0)


def action(lowest: str, highest: str) -> str:
    """What both ends of a score ask for."""
    if lowest == highest:
        return say(lowest)
    return say("{lowest}, up to: {highest}", lowest=say(lowest), highest=say(highest))


def not_scored(missing: dict[str, str], *, owas: bool) -> str:
    """Why there are no scores; `owas`: OWAS was scored."""
    which = say("RULA and REBA were not scored: they need trunk and upper arm.")
    if not owas:
        which = say("RULA, REBA and OWAS were not scored: all need the trunk, RULA and REBA an upper arm too.")
    why = "; ".join(f"{inside(name)}: {reasons}" for name, reasons in missing.items())
    named = f" {say('Not measured were {why}.', why=why)}" if missing else ""
    text = "Film the person from the side with hips and head in the picture, or enter the angles in a task file."
    return f"{which}{named} {say(text)}"


def worst(method: str, side: str, clock: str) -> str:
    """Heading of a worked example."""
    return say("{score} at {time}, worked out", score=title(method, side), time=clock)


def worst_note(low: int, high: int, stable: tuple[int, int]) -> str:
    """What stands before it."""
    text = "Score {score}; with the noise of the measurement {noise} in 90 % of the cases."
    return f"{say(text, score=interval(low, high), noise=interval(*stable))} {HEADINGS['worst_note']}"


def value(name: str, one: Scalar) -> str:
    """The value of a factor."""
    if isinstance(one, bool):
        return say("yes") if one else say("no")
    if isinstance(one, (int, float)):
        return marked(f"{one:g} kg") if name == "force_kg" else f"{number(one)}°"
    return CHOICES.get(str(one), str(one))


def values(name: str, found: tuple[Scalar, ...]) -> str:
    """The values of a factor: the one that is known, or that it is open."""
    if len(found) == 1:
        return value(name, found[0])
    partly = name == "stance" and len(found) < len(STANCES)
    return ", ".join(value(name, one) for one in found) if partly else say(OPEN)


def terms(found: Iterable[tuple[str, str, int]]) -> str:
    """What adds up to the points of a part: name, detail and points of each."""
    told = []
    for i, (name, detail, points) in enumerate(found):
        label = inside(TERMS.get(name, FACTORS.get(name, CHOICES.get(name, name))))
        label = f"{label} {_detail(detail)}".strip()
        told.append(f"{label}: {points}" if not i else f"{label}: {points:+d}".replace("-", MINUS))
    return ", ".join(told)


def _detail(detail: str) -> str:
    """A band as the tables of the methods write it, with a true minus and the words of the language."""
    for word in ("above", "below", "to"):
        detail = re.sub(rf"\b{word}\b", say(word), detail)
    return marked(detail.replace("-", MINUS))


def position(table: str, at: dict[str, int]) -> str:
    """Where in a table, or what is added."""
    return (", " if table else " + ").join(f"{_in_table(PARTS[name])} {index}" for name, index in at.items())


def columns_of(table: str, axes: Iterable[str]) -> str:
    """The head of a column of cells: the table, and what their positions are on."""
    return f"{PARTS[table]} ({', '.join(_in_table(PARTS[axis]) for axis in axes)})"


def _in_table(name: str) -> str:
    """A name within a sentence."""
    return name if name.startswith(("Table", "Score")) else inside(name)


def origin_shares(shares: dict[str, float]) -> str:
    """Measured 80 %, open 20 %."""
    told = [f"{ORIGINS[kind]} {percent(share)}" for kind, share in shares.items() if share]
    return ORIGINS[max(shares, key=lambda kind: shares[kind])] if len(told) == 1 else ", ".join(told)


def band(low: float | None, high: float | None) -> str:
    """A band of angles."""
    if low is None or high is None:
        return say("below {high}°", high=number(high)) if low is None else say("above {low}°", low=number(low))
    return say("{low}° to {high}°", low=number(low), high=number(high))


def owas_note(samples: int, interval_s: float, *, enough: bool) -> str:
    """What stands before the table of OWAS."""
    taken = say("1 posture, one every {time}.", time=length(interval_s))
    if samples != 1:
        taken = say("{samples} postures, one every {time}.", samples=samples, time=length(interval_s))
    if enough:
        return taken
    return f"{taken} {say('OWAS asks for at least 60, so these shares are a first look and no result.')}"


def sitting(longest_s: float, all_s: float, known_s: float) -> str:
    """How long somebody sat."""
    if not known_s:
        return say("Whether the person sat could not be seen: hips and knees of no leg were in view.")
    if not all_s:
        return say("No stretch of sitting of 20 s or more.")
    return say("Sat for {all} in all, for {longest} at a stretch.", all=length(all_s), longest=length(longest_s))


def posture_changes(count: int, per_hour: float | None) -> str:
    """How often the posture changed."""
    often = say(", {count} an hour", count=number(per_hour)) if per_hour is not None else ""
    if count == 1:
        return say("1 change from one still posture to another{often}.", often=often)
    return say("{count} changes from one still posture to another{often}.", count=count, often=often)
