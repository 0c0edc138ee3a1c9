"""From the observations of a source to the one summary that every format shows. Pure: same input, same summary."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from posture.data import MEASURE_NAMES, PARTS
from posture.ergonomics.camera import Camera
from posture.ergonomics.task import Task
from posture.reports import statements
from posture.reports.cover import cover_of
from posture.reports.criteria import criteria_times, support_times
from posture.reports.exposure import hold_summaries, judged_parts, measure_summary, part_summary, seconds, views
from posture.reports.findings import findings
from posture.reports.joints import exposure, owas_summary
from posture.reports.language import LanguageName, speaking
from posture.reports.moments import moments
from posture.reports.node import Scalar
from posture.reports.provenance import Provenance
from posture.reports.recommend import recommendations
from posture.reports.repetition import repetitions
from posture.reports.review_schema import ReviewFacts
from posture.reports.schema import EngineFacts, Glimpse, PersonSummary, Quality, SourceFacts, Summary
from posture.reports.scores import (
    PersonScores,
    Scored,
    method_facts,
    score_summaries,
    score_table,
    segment_scores,
    settings_of,
    task_facts,
)
from posture.reports.table import Person, Presence, Table
from posture.reports.timeline import edges_of, timeline
from posture.skeleton import BLAZEPOSE_33

ENOUGH_S = 5.0
"""Judged time of a person from which on figures are shown."""
PEOPLE_SHOWN = 12
"""Most people with a chapter of their own, those longest in view first. The others are listed; the CSV has all."""
GLIMPSES_SHOWN = 50
HOLDS_SHOWN = 40
GOOD_SHARE, FAIR_SHARE = 0.8, 0.5
"""Mean share of the time in which a body part was judged, for "good" and "fair" data. A choice of this program."""
SETTINGS_SHOWN = ("pose", "measure", "analysis", "scores")
"""Sections of the settings that influence a figure. The others are left out: they may hold folder names."""


def summarise(
    table: Table, provenance: Provenance, scored: Scored | None = None, review: ReviewFacts | None = None
) -> Summary:
    """Sum up `table`. Nothing but the arguments goes in: no clock, no environment, no randomness that is not seeded.

    `scored`: the scores of the table, for a caller who has them already; `review`: what a person changed in it.
    """
    with speaking(provenance.language):
        return _summary(table, provenance, scored, review)


def _summary(table: Table, provenance: Provenance, scored: Scored | None, review: ReviewFacts | None) -> Summary:
    if scored is None:
        scored = score_table(table, provenance.task, settings_of(provenance.settings))
    presence = table.people
    longest_first = sorted(presence, key=lambda person: (-presence[person].seconds, person))
    shown = [p for p in longest_first[:PEOPLE_SHOWN] if presence[p].seconds >= ENOUGH_S or len(table) == 1]
    shown = sorted(shown or longest_first[:1])
    cover = cover_of(provenance.task, provenance.reviewer, provenance.reviewed_on, review)
    return Summary(
        language=provenance.language,
        status="final" if cover.reviewer else "draft",
        cover=cover,
        label=provenance.label,
        source=_source(table, provenance),
        engine=_engine(provenance),
        settings=_flat(_shown(provenance.settings)),
        assumptions=statements.assumptions(provenance.camera),
        quality=_quality(table, presence, provenance),
        people=tuple(_person(table, person, presence[person], scored, provenance) for person in shown),
        glimpses=tuple(_glimpse(p, presence[p]) for p in sorted(longest_first[:GLIMPSES_SHOWN]) if p not in shown),
        skeleton=BLAZEPOSE_33.name,
        bones=tuple((BLAZEPOSE_33.index[a], BLAZEPOSE_33.index[b]) for a, b in BLAZEPOSE_33.bones),
        limits=statements.limits(),
        privacy=statements.privacy(named=bool(provenance.names or provenance.task.entered_by or review)),
        task=task_facts(provenance.task),
        methods=method_facts() if scored.people else (),
        review=review,
    )


def in_language(summary: Summary, language: LanguageName, *, reviewer: str = "") -> Summary:
    """The same figures with all their texts in `language`; `reviewer` signs what nobody has signed."""
    pitch, roll = (summary.settings.get(f"measure.camera_{name}_deg") or 0.0 for name in ("pitch", "roll"))
    cover = summary.cover
    if reviewer and not cover.reviewer:
        cover = msgspec.structs.replace(cover, reviewer=reviewer)
    named = bool(any(person.name for person in summary.people) or cover.assessor or summary.review)
    with speaking(language):
        return msgspec.structs.replace(
            summary,
            language=language,
            status="final" if cover.reviewer else "draft",
            cover=cover,
            assumptions=statements.assumptions(Camera(float(pitch), float(roll))) if summary.assumptions else (),
            people=tuple(_person_in_language(person) for person in summary.people),
            limits=statements.limits(),
            privacy=statements.privacy(named=named),
            methods=method_facts() if summary.methods else (),
        )


def _person_in_language(person: PersonSummary) -> PersonSummary:
    if not person.enough:
        return person
    found = findings(person.parts, person.holds, person.present_s)
    return msgspec.structs.replace(person, findings=found, recommendations=recommendations(person))


def _source(table: Table, provenance: Provenance) -> SourceFacts:
    info, damage, time_s = provenance.info, provenance.damage, table.time_s
    return SourceFacts(
        kind=info.kind,
        sha256=provenance.source_sha256,
        size_bytes=provenance.source_bytes,
        width_px=info.width,
        height_px=info.height,
        duration_s=_known(info.duration_s, 3),
        frame_rate_hz=_known(info.frame_rate, 3),
        codec=info.codec,
        pixel_format=info.pixel_format,
        rotation_deg=info.rotation_deg,
        pixel_aspect=round(info.pixel_aspect, 4),
        interlaced=info.interlaced,
        has_audio=info.has_audio,
        discarded_metadata=info.discarded_metadata,
        analysed_from_s=float(time_s[0]) if len(time_s) else 0.0,
        analysed_to_s=_end(table),
        stopped_early=provenance.stopped,
        corrupt_frames=damage.corrupt_frames,
        decode_errors=damage.decode_errors,
        truncated=damage.truncated,
        damage=damage.message,
    )


def _engine(provenance: Provenance) -> EngineFacts:
    return EngineFacts(
        program_version=provenance.program_version,
        model=provenance.model,
        model_sha256=provenance.model_sha256,
        provider=provenance.provider,
        fallback_reason=provenance.fallback_reason,
        isolation=provenance.isolation,
    )


def _quality(table: Table, presence: Mapping[int, Presence], provenance: Provenance) -> Quality:
    duration_s, time_s = table.duration_s, table.time_s
    corrupt, others, people = table.frames[:, 1:].T if len(table) else np.zeros((3, 0), np.int64)
    everyone = table.person(None)
    told = np.zeros((len(table), len(PARTS)), np.bool_)  # in which frames which part of anyone was judged
    np.logical_or.at(told, everyone.frames, judged_parts(everyone))
    analysed_s, judged_s = seconds(duration_s), seconds(duration_s, np.asarray(told.any(axis=1)))
    parts_share = _parts_share(told, duration_s)
    nobody_s = seconds(duration_s, people == 0)
    span_s = _end(table) - float(time_s[0]) if len(table) else 0.0
    return Quality(
        grade=_grade(judged_s, parts_share),
        judged_share=judged_s / analysed_s if analysed_s else 0.0,
        parts_judged_share=parts_share,
        frames_decoded=provenance.frames_decoded,
        frames_analysed=len(table),
        frames_with_person=int((people > 0).sum()),
        frames_corrupt=int(corrupt.sum()),
        analysed_s=analysed_s,
        gaps_s=round(max(span_s - analysed_s, 0.0), 6),
        nobody_s=nobody_s,
        person_not_judged_s=round(analysed_s - nobody_s - judged_s, 6),
        judged_s=judged_s,
        median_rate_hz=round(1 / float(np.median(np.diff(time_s))), 2) if len(table) > 1 else None,
        mean_visibility=_mean(everyone.value("visibility_ratio")),
        views_s=views(everyone),
        people_seen=len(presence),
        most_others_seen=int(others.max(initial=0)),
        others_s=seconds(duration_s, others > 0),
    )


def _parts_share(told: NDArray[np.bool_], duration_s: NDArray[np.float64]) -> float:
    """Mean over the parts of the share of the time; `told` [N, P]."""
    whole_s = seconds(duration_s)
    return round(float((duration_s @ told).mean()) / whole_s, 6) if whole_s else 0.0


def _grade(judged_s: float, parts_share: float) -> Literal["good", "fair", "poor", "too_little"]:
    if judged_s < ENOUGH_S:
        return "too_little"
    return "good" if parts_share >= GOOD_SHARE else "fair" if parts_share >= FAIR_SHARE else "poor"


def _person(table: Table, identity: int, presence: Presence, scored: Scored, provenance: Provenance) -> PersonSummary:
    person = table.person(identity)
    told = judged_parts(person)
    parts_share = _parts_share(told, person.duration_s)
    present_s, judged_s = seconds(person.duration_s), seconds(person.duration_s, np.asarray(told.any(axis=1)))
    enough = judged_s >= ENOUGH_S
    holds = hold_summaries(person) if enough else ()
    parts = tuple(part_summary(person, part, holds) for part in PARTS) if enough else ()
    found = PersonSummary(
        person=identity,
        first_s=presence.first_s,
        last_s=presence.last_s,
        present_s=present_s,
        judged_s=judged_s,
        grade=_grade(judged_s, parts_share),
        parts_judged_share=parts_share,
        enough=enough,
        mean_visibility=_mean(person.value("visibility_ratio")),
        mean_score=_mean(person.value("pose_score_ratio")),
        views_s=views(person),
        parts=parts,
        measures=tuple(measure_summary(person, name) for name in MEASURE_NAMES) if enough else (),
        holds=holds[:HOLDS_SHOWN],
        holds_found=len(holds),
        repetitions=repetitions(person) if enough else (),
        moments=moments(table, person),
        timeline=timeline(person, float(table.time_s[0]), _end(table)) if enough else None,
        findings=findings(parts, holds, present_s) if enough else (),
        name=provenance.names.get(identity, ""),
        **(_scores(table, person, scored.people[identity], scored.task) if enough or len(table) == 1 else {}),
    )
    return msgspec.structs.replace(found, recommendations=recommendations(found)) if enough else found


def _scores(table: Table, person: Person, found: PersonScores, task: Task) -> dict[str, Any]:
    """The fields of a person that are about scores, exposure and what was said."""
    edges = edges_of(person, float(table.time_s[0]), _end(table)) if len(table) > 1 else None
    return {
        "scores": score_summaries(person, found, edges),
        "owas": owas_summary(person, found.evidence, found.series[-1].low, found.task),
        "exposure": exposure(person, found.evidence),
        "segments": segment_scores(person, found, task),
        "criteria": criteria_times(person, found),
        "support": support_times(person, found.task),
    }


def _glimpse(identity: int, presence: Presence) -> Glimpse:
    return Glimpse(
        person=identity,
        first_s=presence.first_s,
        last_s=presence.last_s,
        present_s=round(presence.seconds, 6),
    )


def _end(table: Table) -> float:
    return round(float(table.time_s[-1] + table.duration_s[-1]), 6) if len(table) else 0.0


def _known(value: float, decimals: int) -> float | None:
    return round(value, decimals) if np.isfinite(value) else None


def _mean(values: NDArray[np.float64]) -> float | None:
    return _known(float(values.mean()), 3) if len(values) else None


def _shown(settings: Mapping[str, object]) -> dict[str, object]:
    """The sections that are shown, and what for people were seen: a report says it wherever it goes."""
    shown = {name: section for name, section in settings.items() if name in SETTINGS_SHOWN}
    privacy = settings.get("privacy")
    if isinstance(privacy, Mapping):
        shown["privacy"] = {"purpose": privacy["purpose"]}
    return shown


def _flat(tree: Mapping[str, object], prefix: str = "") -> dict[str, Scalar]:
    """Key paths to values; a list becomes one text."""
    flat: dict[str, Scalar] = {}
    for name, value in tree.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        elif isinstance(value, (list, tuple)):
            flat[prefix + name] = ", ".join(map(str, value))
        else:
            flat[prefix + name] = value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
    return flat
