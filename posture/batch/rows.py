"""What the summary over all files says of one file: a few numbers of its report."""

import msgspec

from posture.reports.schema import PersonSummary, Summary


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """One person of one file."""

    person: int
    name: str
    judged_s: float
    worst_part: str
    """The part that was longest in the zone "not recommended"; empty where none was judged."""
    not_recommended_share: float
    """Of the judged time of that part."""
    rula: int
    """Highest 90th percentile of the lowest possible score over both sides; 0 where nothing was scored."""
    reba: int
    holds_too_long: int


class FileRow(msgspec.Struct, frozen=True, kw_only=True):
    """One analysed file."""

    grade: str
    analysed_s: float
    judged_s: float
    people_seen: int
    damage: str
    headline: str
    """The first finding of the person at greatest risk; empty where there is none."""
    task: str
    people: tuple[PersonRow, ...]


def row_of(summary: Summary) -> FileRow:
    """The row of one report. Pure."""
    people = tuple(_person(person) for person in summary.people)
    worst = max(zip(people, summary.people, strict=True), key=lambda pair: severity(pair[0]), default=None)
    return FileRow(
        grade=summary.quality.grade,
        analysed_s=summary.quality.analysed_s,
        judged_s=summary.quality.judged_s,
        people_seen=summary.quality.people_seen,
        damage=summary.source.damage,
        headline=worst[1].findings[0].text if worst and worst[1].findings else "",
        task=summary.label,
        people=people,
    )


def severity(person: PersonRow) -> tuple[float, int, int]:
    """Order of the summary, worst last: scores first, because they are made for ranking; then time in bad postures."""
    return max(person.rula / 7, person.reba / 15) + person.not_recommended_share, person.reba, person.rula


def _person(person: PersonSummary) -> PersonRow:
    shares = [(part.not_recommended_s / part.judged_s, part.part) for part in person.parts if part.judged_s]
    share, part = max(shares, key=lambda pair: pair[0], default=(0.0, ""))
    scores = {
        method: max((one.p90_low for one in person.scores if one.method == method), default=0)
        for method in ("rula", "reba")
    }
    return PersonRow(
        person=person.person,
        name=person.name,
        judged_s=person.judged_s,
        worst_part=part,
        not_recommended_share=round(share, 4),
        rula=scores["rula"],
        reba=scores["reba"],
        holds_too_long=sum(one.holds_too_long for one in person.parts),
    )
