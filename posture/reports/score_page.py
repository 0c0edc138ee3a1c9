"""What a report for reading shows of scores and exposure: blocks of text, charts and tables for HTML and PDF alike."""

from collections.abc import Iterator
from dataclasses import dataclass

from posture.ergonomics.method_data import method_data
from posture.ergonomics.scoring import METHODS
from posture.reports import cover, curves, words
from posture.reports import score_words as sw
from posture.reports.angles import Drawn
from posture.reports.facts import Table
from posture.reports.joints import OPEN
from posture.reports.language import inside, say
from posture.reports.node import Curve
from posture.reports.schema import PersonSummary, Summary, Timeline
from posture.reports.score_schema import JointBands, OwasSummary, ScoreAt, ScoreSummary, StepShown

NEEDED_MEASURES = (
    "trunk_inclination_deg",
    "left_upper_arm_flexion_deg",
    "right_upper_arm_flexion_deg",
)
"""Without the first there is no score at all, without the others none of RULA and REBA (`scoring.NEEDED`)."""


@dataclass(frozen=True)
class Block:
    """A heading with what follows it."""

    heading: str
    note: str = ""
    table: Table | None = None
    charts: tuple[Drawn, ...] = ()
    level: int = 3
    narrow: bool = False
    """Whether the first column is as narrow as its words."""


def blocks(person: PersonSummary) -> tuple[Block, ...]:
    """Everything about scores of one person, or why there are none; nothing where there is too little data."""
    rated = [score for score in person.scores if score.method != "owas"]
    found = [_overview(rated)] if rated else _not_scored(person)
    found += _over_time(rated, person.timeline)
    found += [_levels(method, [s for s in rated if s.method == method]) for method in _methods(rated)]
    found += _segments(person)
    found += [_origins(rated)] if rated else []
    for method in _methods(rated):
        scores = [score for score in rated if score.method == method]
        found += _worst(max(scores, key=lambda s: (s.worst.low, s.worst.high)))
        found += _worst_seconds(method, scores)
    found += [_owas(person.owas)] if person.owas else []
    return (*found, *_exposure(person))


def _not_scored(person: PersonSummary) -> list[Block]:
    if person.exposure is None:
        return []
    missing = {
        words.MEASURES[m.name][0]: words.reasons(m.not_measurable_reasons_s)
        for m in person.measures
        if m.name in NEEDED_MEASURES and m.not_measurable_reasons_s
    }
    return [Block(sw.HEADINGS["scores"], sw.not_scored(missing, owas=bool(person.scores)), level=2)]


def _methods(scores: list[ScoreSummary]) -> list[str]:
    return list(dict.fromkeys(score.method for score in scores))


def _overview(scores: list[ScoreSummary]) -> Block:
    rows = [
        (
            sw.title(s.method, s.side),
            words.length(s.scored_s),
            words.length(s.not_scored_s),
            words.clock(s.worst.time_s),
            sw.interval(s.worst.low, s.worst.high),
            sw.interval(s.worst.stable_low, s.worst.stable_high),
        )
        for s in scores
    ]
    table = Table(sw.HEADINGS["scores"], tuple(sw.SCORES_TABLE), tuple(rows), numeric=(1, 2, 3, 4, 5))
    return Block(sw.HEADINGS["scores"], sw.HEADINGS["scores_note"], table, level=2)


@dataclass(frozen=True)
class Rated:
    """One score on the first page, with the shapes of the action levels that both ends of its P90 ask for."""

    icons: tuple[str, ...]
    cells: tuple[str, ...]
    """As `sw.OVERVIEW_TABLE` heads them."""


def rated(person: PersonSummary, grade: str) -> tuple[Rated, ...]:
    """RULA and REBA of a person at a glance; `grade` is that of the data."""
    return tuple(_rated(score, grade) for score in person.scores if score.method != "owas")


def _rated(score: ScoreSummary, grade: str) -> Rated:
    ends = [_level(score, score.p90_low), _level(score, score.p90_high)]
    high = score.levels[-2]
    shares = sw.between(high.at_least_s, high.at_most_s, score.scored_s)
    cells = (
        sw.title(score.method, score.side),
        sw.interval(score.p50_low, score.p50_high),
        sw.interval(score.p90_low, score.p90_high),
        sw.interval(score.peak_low, score.peak_high),
        shares[0] if shares[0] == shares[1] else say("{first} to {last}", first=shares[0], last=shares[1]),
        sw.CONFIDENCE[_confidence(ends, grade)],
        sw.action(*(score.levels[level].text for level in ends)),
    )
    steps = len(score.levels) - 1
    return Rated(tuple(dict.fromkeys(_ICONS[max(0, level - steps + 3)] for level in ends)), cells)


_ICONS = ("good", "fair", "poor", "poor")
"""Of the four highest action levels, from below; RULA has four, of REBA's five the two lowest share one."""


def _level(score: ScoreSummary, value: int) -> int:
    return max(i for i, level in enumerate(score.levels) if level.lowest_score <= value)


def _confidence(ends: list[int], grade: str) -> str:
    """High where both ends of P90 ask for the same, medium where for neighbours; one less where the data are poor."""
    step = min(ends[1] - ends[0], 2) + (grade == "poor")
    return ("high", "medium", "low")[min(step, 2)]


def _over_time(scores: list[ScoreSummary], timeline: Timeline | None) -> list[Block]:
    drawn = [_chart(score, score.curve, timeline) for score in scores if timeline and score.curve]
    if not drawn:
        return []
    return [Block(sw.HEADINGS["over_time"], sw.HEADINGS["over_time_note"], charts=tuple(drawn))]


def _chart(score: ScoreSummary, curve: Curve, timeline: Timeline) -> Drawn:
    label = sw.title(score.method, score.side)
    chart = curves.small_chart(label, "points", [curve], timeline, [score.worst.time_s])
    axis = curves.small_axis("points", [curve])
    return Drawn(label, "", chart, axis, words.curve_alt(label))


def _levels(method: str, scores: list[ScoreSummary]) -> Block:
    rows = []
    for i, level in enumerate(scores[0].levels):
        if not i:
            continue  # every score is at the first level or above
        cells = [cell for s in scores for cell in sw.between(s.levels[i].at_least_s, s.levels[i].at_most_s, s.scored_s)]
        rows.append((f"{level.lowest_score}", say(level.text), *cells))
    heads = [f"{sw.SIDES[s.side]}, {end}" for s in scores for end in map(words.adjective, sw.LEVELS_TABLE[2:])]
    columns = (*sw.LEVELS_TABLE[:2], *(head[:1].upper() + head[1:] for head in heads))
    caption = f"{sw.METHODS[method]}: {inside(sw.HEADINGS['levels'])}"
    numeric = (0, *range(2, len(columns)))
    return Block(caption, "", Table(caption, columns, tuple(rows), numeric=numeric))


def _segments(person: PersonSummary) -> list[Block]:
    rows = [
        (
            s.name,
            sw.title(s.method, s.side),
            sw.interval(s.p50_low, s.p50_high),
            sw.interval(s.p90_low, s.p90_high),
            sw.interval(s.peak_low, s.peak_high),
            words.length(s.scored_s),
        )
        for s in person.segments
        if s.method != "owas"
    ]
    heading = sw.HEADINGS["segments"]
    table = Table(heading, tuple(sw.SEGMENTS_TABLE), tuple(rows), numeric=(2, 3, 4, 5))
    return [Block(heading, "", table, narrow=True)] if rows else []


def _origins(scores: list[ScoreSummary]) -> Block:
    """Factors of all methods; those of the whole body say the same on both sides."""
    found: dict[str, dict[str, str]] = {}
    for score in scores:
        for share in score.origins:
            kinds = {kind: getattr(share, kind) for kind in sw.ORIGINS}
            found.setdefault(share.name, {}).setdefault(score.side, sw.origin_shares(kinds))
    rows = [(sw.FACTORS[name], sides.get("left", "–"), sides.get("right", "–")) for name, sides in found.items()]
    heading = sw.HEADINGS["origins"]
    return Block(heading, sw.HEADINGS["origins_note"], Table(heading, tuple(sw.ORIGINS_TABLE), tuple(rows)))


def _worst(score: ScoreSummary) -> list[Block]:
    at = score.worst
    heading = sw.worst(score.method, score.side, words.clock(at.time_s))
    note = sw.worst_note(at.low, at.high, (at.stable_low, at.stable_high))
    factors = [(sw.FACTORS[f.name], sw.values(f.name, f.values), sw.ORIGINS[f.origin]) for f in at.factors]
    return [
        Block(heading, note, Table(heading, tuple(sw.FACTORS_TABLE), tuple(factors))),
        Block("", "", _parts_table(heading, at)),
        Block("", "", _steps_table(heading, at)),
    ]


def _worst_seconds(method: str, scores: list[ScoreSummary]) -> list[Block]:
    """Of both sides, worst first; nothing where there is no more than what is worked out above it."""
    moments = [(score.side, at) for score in scores for at in (score.worst, *score.further_worst)]
    if len(moments) < 2:
        return []
    moments.sort(key=lambda moment: (-moment[1].low, -moment[1].high, moment[1].time_s))
    tables = [step for step in scores[0].worst.steps if step.table]
    rows = [
        (
            sw.SIDES[side], words.clock(at.time_s), sw.interval(at.low, at.high),
            sw.interval(at.stable_low, at.stable_high), *(_cell(s) for s in at.steps if s.table),
        )
        for side, at in moments
    ]  # fmt: skip
    columns = (*sw.WORST_TABLE, *(sw.columns_of(step.name, step.low_at) for step in tables))
    caption = say("Worst seconds: {method}", method=sw.METHODS[method])
    table = Table(caption, columns, tuple(rows), numeric=(1, 2, 3))
    return [Block(caption, sw.HEADINGS["worst_seconds_note"], table, narrow=True)]


def _cell(step: StepShown) -> str:
    """What a look-up gave, and where the lowest possible value stands."""
    return f"{sw.interval(step.low, step.high)} ({', '.join(map(str, step.low_at.values()))})"


def _parts_table(caption: str, at: ScoreAt) -> Table:
    rows = [
        (sw.PARTS[p.name], sw.terms(p.low_terms), f"{p.low}", sw.terms(p.high_terms), f"{p.high}") for p in at.parts
    ]
    return Table(caption, tuple(sw.PARTS_TABLE), tuple(rows), numeric=(2, 4))


def _steps_table(caption: str, at: ScoreAt) -> Table:
    rows = [
        (sw.PARTS[s.name], sw.position(s.table, s.low_at), f"{s.low}", sw.position(s.table, s.high_at), f"{s.high}")
        for s in at.steps
    ]
    return Table(caption, tuple(sw.STEPS_TABLE), tuple(rows), numeric=(2, 4))


def owas_rows(owas: OwasSummary) -> Iterator[tuple[str, str, str, int]]:
    """Digit or category, its code, what that means, and in how many samples it was found."""
    for digit in METHODS["owas"].parts:
        for code, count in owas.digits[digit].items():
            yield sw.PARTS[digit], code if code != OPEN else "–", sw.OWAS_CODES[digit].get(code, say(sw.OPEN)), count
    for name, found in (("low", owas.category_low), ("high", owas.category_high)):
        for category, count in found.items():
            yield sw.CATEGORY[name], category, say(method_data("owas").level(int(category)).text), count


def _owas(owas: OwasSummary) -> Block:
    table = tuple((*row[:3], f"{row[3]}", words.percent(row[3] / owas.samples)) for row in owas_rows(owas))
    note = sw.owas_note(owas.samples, owas.interval_s, enough=owas.enough)
    heading = sw.HEADINGS["owas"]
    return Block(heading, note, Table(heading, tuple(sw.OWAS_TABLE), table, numeric=(1, 3, 4)), level=2, narrow=True)


def _exposure(person: PersonSummary) -> list[Block]:
    found = person.exposure
    if found is None or not person.enough:
        return []
    rows = [row for joint in found.joints if joint.measurable_s for row in _joint_rows(joint)]
    heading, sat = sw.HEADINGS["joints"], found.sitting
    table = Table(heading, tuple(sw.JOINTS_TABLE), tuple(rows), numeric=(2, 3, 4))
    moved = sw.posture_changes(found.posture_changes, found.posture_changes_per_hour)
    note = f"{sw.sitting(sat.longest_s, sat.sitting_s, sat.known_s)} {moved}"
    joints = [Block(heading, sw.HEADINGS["joints_note"], table, level=2, narrow=True)] if rows else []
    return [*joints, Block(sw.HEADINGS["activity"], note)]


def joint_name(joint: JointBands) -> str:
    """Upper arm, left."""
    return sw.sided(sw.JOINTS[joint.factor], joint.side)


def _joint_rows(joint: JointBands) -> list[tuple[str, ...]]:
    return [
        (
            joint_name(joint) if not i else "",
            sw.band(band.from_deg, band.to_deg),
            f"{band.points}",
            words.length(band.seconds),
            words.percent(band.seconds / joint.measurable_s),
        )
        for i, band in enumerate(joint.bands)
    ]


def fact_tables(summary: Summary) -> tuple[Table, ...]:
    """What was entered, and where the tables of the methods come from."""
    tables = []
    if task := summary.task:
        rows = [
            (sw.TASK["name"], task.name),
            (sw.TASK["by"], ", ".join(filter(None, [task.entered_by, cover.written(task.entered_on)]))),
            (sw.TASK["segments"], ", ".join(task.segments)),
            (sw.TASK["overridden"], ", ".join(sw.FACTORS[name] for name in task.overridden)),
        ]
        tables.append(Table(sw.HEADINGS["task"], tuple(words.FACTS_TABLE), tuple(row for row in rows if row[1])))
    if summary.methods:
        rows = [
            (sw.METHODS[m.method], " ".join((f"{m.reference}.", *(f"{p}." for p in m.provenance))))
            for m in summary.methods
        ]
        tables.append(Table(sw.HEADINGS["methods"], tuple(words.FACTS_TABLE), tuple(rows)))
    return tuple(tables)
