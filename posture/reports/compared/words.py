"""The words of a comparison."""

from posture.reports import score_words as sw
from posture.reports import words
from posture.reports.compared.difference import Comparison, Difference
from posture.reports.language import Heads, Words, say

TEXTS = Words(
    {
        "report": "Comparison",
        "angles": "Angles",
        "zones": "Time in zones",
        "scores": "Scores",
        "plot": "Change of the angles, P90",
        "plot_note": "Dot: the change. Line: its interval. The middle is no change; to the right is more.",
        "left_out": "Not compared",
        "note": "A difference counts as shown where its interval leaves out zero. The interval tells how much it would "
        "vary over other stretches of the same work; it knows nothing of other days, people or camera places. Of many "
        "rows some leave out zero by chance: about one in twenty.",
        "facts": "What this comparison stands on",
    }
)
COLUMNS = Heads("", "", "Before", "After", "Change", "Interval", "")
FIGURES = Words({"p50": "P50", "p90": "P90", "mean": "Mean"})
REASONS = Words(
    {
        "too_short": "known for less than 30 s",
        "too_few_blocks": "known in too few separate stretches",
    }
)
LEFT_OUT = Heads("", "Why")
ENDS = Words({"low": "lowest", "high": "highest"})


def name(one: Difference) -> str:
    """What is compared."""
    return quantity(one.kind, one.name)


def quantity(kind: str, key: str) -> str:
    """The name of a measurement, a body part or a score."""
    if kind == "angle":
        return words.MEASURES[key][0]
    if kind == "zone":
        return say("Desk posture") if key == "desk" else words.PARTS[key]
    method, *side, end = key.split("_")
    return f"{sw.title(method, side[0] if side else '')}, {ENDS[end]}"


def figure(one: Difference) -> str:
    """Which figure of it."""
    if one.name == "desk":
        return say("Sat well") if one.figure == "acceptable" else say("Sat poorly")
    return words.ZONES[one.figure] if one.kind == "zone" else FIGURES[one.figure]


def value(one: Difference, number: float, *, sign: bool = False) -> str:
    """A value, or a change with its sign."""
    plus = "+" if sign and number > 0 else ""
    if one.kind == "zone":
        percent = f"{words.number(100 * number)} %"
        return f"{plus}{percent}"
    if one.kind == "score":
        return f"{plus}{words.number(number, 1 if one.figure == 'mean' else 0)}"
    degrees = one.name.endswith("_deg")
    return f"{plus}{words.number(number, 1 if degrees else 3)}{'°' if degrees else ''}"


def interval(one: Difference) -> str:
    """From the lowest to the highest change."""
    return say("{low} to {high}", low=value(one, one.low, sign=True), high=value(one, one.high, sign=True))


def verdict(one: Difference) -> str:
    """What the interval says."""
    if not one.shown:
        return say("no change shown")
    return say("more") if one.change > 0 else say("less")


def lead(comparison: Comparison) -> str:
    """The line below the title."""
    times = [words.length(seconds) for seconds in (comparison.before_s, comparison.after_s)]
    return say(
        "{before} ({before_s}) before, {after} ({after_s}) after",
        before=comparison.before, before_s=times[0], after=comparison.after, after_s=times[1],
    )  # fmt: skip


def method(comparison: Comparison) -> str:
    """How the intervals were made."""
    return say(
        "Block bootstrap over time, {draws} draws, seed {seed}, blocks of {before} s and {after} s, 95 % intervals.",
        draws=comparison.draws, seed=comparison.seed, before=words.number(comparison.block_s[0], 1),
        after=words.number(comparison.block_s[1], 1),
    )  # fmt: skip
