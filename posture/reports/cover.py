"""The cover of a report: what it is about, who answers for it, and whether it is final.

A report is a draft until a named person has reviewed it (GDPR, Article 22: no decision by software alone).
"""

import datetime
from collections.abc import Sequence

from posture.ergonomics.task import Task
from posture.reports import score_words as sw
from posture.reports import words
from posture.reports.language import day, say
from posture.reports.review_schema import ReviewFacts
from posture.reports.schema import Cover, Summary


def cover_of(task: Task, reviewer: str, reviewed_on: datetime.date | None, review: ReviewFacts | None) -> Cover:
    """What stands on the cover; who signs the report goes before whoever signed the corrections."""
    day = _iso(reviewed_on)
    if review is not None and not reviewer:
        reviewer, day = review.reviewer, review.reviewed_on
    return Cover(
        site=task.site,
        purpose=task.purpose,
        assessor=task.entered_by,
        assessed_on=_iso(task.entered_on),
        follow_up_on=_iso(task.follow_up_on),
        keep_until=_iso(task.keep_until),
        reviewer=reviewer,
        reviewed_on=day if reviewer else "",
    )


def stamp(cover: Cover) -> str:
    """What stands on every page."""
    if not cover.reviewer:
        return say("Draft: no reviewer is named")
    if not cover.reviewed_on:
        return say("Final, reviewed by {name}", name=cover.reviewer)
    return say("Final, reviewed by {name} on {date}", name=cover.reviewer, date=written(cover.reviewed_on))


def rows(summary: Summary) -> Sequence[tuple[str, str]]:
    """Names and values; what nobody gave says so where a professional report needs it."""
    cover, engine, task = summary.cover, summary.engine, summary.task
    people = ", ".join(person.name for person in summary.people if person.name)
    methods = ", ".join(("ISO 11226", *(sw.METHODS[one.method] for one in summary.methods)))
    missing = say("not given")
    found = (
        (say("Site"), cover.site or missing),
        (say("Task"), (task.name if task else "") or missing),
        (say("Who was observed"), people or missing),
        (say("Purpose"), cover.purpose or missing),
        (say("Assessor"), cover.assessor or missing),
        (say("Date of the assessment"), written(cover.assessed_on) or missing),
        (say("Follow-up on"), written(cover.follow_up_on) or missing),
        (say("Reviewer"), cover.reviewer or missing),
        (say("Methods"), methods),
        (say("Program"), f"posture {engine.program_version}"),
        (say("Model"), engine.model),
        (say("SHA-256 of the model"), engine.model_sha256),
    )
    return tuple(row for row in found if row[1])


def privacy_rows(summary: Summary, figures_sha256: str, pictures: int) -> Sequence[tuple[str, str]]:
    """What was kept, how it was covered, until when, by whom it was given out, and by what it can be recognised."""
    cover = summary.cover
    covered = say("stick figures only; no picture is stored")
    if pictures:
        covered = say("{count} pictures as they were recorded, nothing covered", count=pictures)
    found = (
        (say("Pictures"), covered),
        (say("Purpose"), cover.purpose or say("not given")),
        (say("To be kept until"), written(cover.keep_until) or say("not given")),
        (say("Given out by"), cover.reviewer or cover.assessor or say("not given")),
        (say("SHA-256 of the source"), summary.source.sha256 or say(words.DEMO)),
        (say("SHA-256 of the same report as JSON"), figures_sha256),
    )
    return tuple(row for row in found if row[1])


def written(iso: str) -> str:
    """A date for reading; empty for none."""
    return day(datetime.date.fromisoformat(iso)) if iso else ""


def _iso(date: datetime.date | None) -> str:
    return date.isoformat() if date else ""
