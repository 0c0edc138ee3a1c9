"""The factual pages: source, quality of the data, engine and settings as tables of name and value."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from posture.reports import words
from posture.reports.language import Words, say
from posture.reports.schema import Quality, SourceFacts, Summary

LAYERS = Words(
    {
        text: text
        for text in (
            "no data into files", "no core dump", "address space {count} MiB", "job object: {count} MiB, one process",
            "seccomp: no socket", "seccomp: no socket but AF_UNIX", "seccomp: no other program or process",
            "seccomp: no file made, changed or removed", "seccomp: no file made or removed",
        )
    }
)  # fmt: skip
"""Limits that `posture.privacy.limits` and `seccomp` may put on a process."""


@dataclass(frozen=True)
class Table:
    """A table for reading; every cell is text."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    """Columns that are set to the right."""


def lead(summary: Summary) -> str:
    """The line under the title."""
    quality, source = summary.quality, summary.source
    kind = words.SOURCE_KINDS.get(source.kind, source.kind)
    length_s = source.analysed_to_s - source.analysed_from_s
    parts = [kind, *([words.length(length_s)] if length_s else []), words.people(quality.people_seen)]
    if quality.median_rate_hz:
        parts.append(words.rate(quality.median_rate_hz))
    return " · ".join(parts)


def why_no_figures(summary: Summary) -> str:
    """Why nobody has figures; empty where somebody has."""
    frames = summary.quality.frames_analysed
    if any(person.enough for person in summary.people):
        return ""
    if not summary.people:
        return say(words.NOBODY) if frames else say(words.NO_FRAME)
    return say(words.ONE_FRAME) if frames == 1 else words.GRADE_TEXTS["too_little"]


def fact_tables(summary: Summary) -> tuple[Table, ...]:
    """Data quality, source, engine, settings."""
    engine = summary.engine
    made = [
        (say("Program"), f"posture {engine.program_version}"),
        (say("Model"), engine.model),
        (say("SHA-256 of the model"), engine.model_sha256),
        (say("Computed by"), engine.provider),
        (say("First choice not used because"), engine.fallback_reason),
        (say("Limits on the decoding process"), ", ".join(map(_layer, engine.isolation))),
        (say("Report format"), summary.schema),
    ]
    settings = [(key, _setting(value)) for key, value in sorted(summary.settings.items())]
    tables = (
        _facts(words.HEADINGS["quality"], _quality(summary.quality)),
        _facts(words.HEADINGS["source"], _source(summary.source)),
        _facts(words.HEADINGS["engine"], made),
        _facts(words.HEADINGS["settings"], settings),
    )
    return tuple(table for table in tables if table.rows)


def _facts(caption: str, rows: Sequence[tuple[str, str]]) -> Table:
    return Table(caption, tuple(words.FACTS_TABLE), tuple(row for row in rows if row[1]))


def _quality(quality: Quality) -> list[tuple[str, str]]:
    judged = f"{words.length(quality.judged_s)} ({words.percent(quality.judged_share)})"
    visibility = words.percent(quality.mean_visibility) if quality.mean_visibility is not None else ""
    with_person = f"{quality.frames_with_person}"
    if quality.frames_analysed:
        with_person += f" ({words.percent(quality.frames_with_person / quality.frames_analysed)})"
    others = say("none")
    if quality.others_s:
        others = say("up to {count}, for {time}", count=quality.most_others_seen, time=words.length(quality.others_s))
    return [
        (say("Verdict"), f"{words.GRADES[quality.grade]}. {words.GRADE_TEXTS[quality.grade]}"),
        (say("Frames decoded"), f"{quality.frames_decoded}"),
        (say("Frames analysed"), f"{quality.frames_analysed}"),
        (say("Frames with a person"), with_person),
        (say("Frames interpolated"), say("none: what is missing stays missing")),
        (say("Frames damaged"), f"{quality.frames_corrupt}"),
        (say("Median rate"), f"{words.short(quality.median_rate_hz)} Hz" if quality.median_rate_hz else ""),
        (say("Time analysed"), words.length(quality.analysed_s)),
        (say("Time judged"), judged),
        (say("Mean over the body parts"), words.percent(quality.parts_judged_share)),
        (say("Person in view, not judged"), words.length(quality.person_not_judged_s)),
        (say("Nobody in view"), words.length(quality.nobody_s)),
        (say("Gaps without frames"), words.length(quality.gaps_s)),
        (say("Mean visibility of keypoints"), visibility),
        (say("Views"), words.shares(quality.views_s)),
        (say("Other people in view"), others),
    ]


def _source(source: SourceFacts) -> list[tuple[str, str]]:
    claimed = "" if source.duration_s is None else words.length(source.duration_s)
    damage = words.damage(source) or say("none")
    read = say("{count}, not read", count=source.discarded_metadata) if source.discarded_metadata else say("none")
    stored = [source.codec, source.pixel_format, say("interlaced") if source.interlaced else ""]
    first, last = words.clock(source.analysed_from_s), words.clock(source.analysed_to_s)
    span = say("{first} to {last}", first=first, last=last)
    early = say(", ended early by request") if source.stopped_early else ""
    return [
        (say("Kind"), words.SOURCE_KINDS.get(source.kind, source.kind)),
        (say("SHA-256"), source.sha256),
        (
            say("Size"),
            say("{count} bytes", count=f"{source.size_bytes:,}".replace(",", " ")) if source.size_bytes else "",
        ),
        (say("Picture"), say("{width} × {height} pixels", width=source.width_px, height=source.height_px)),
        (say("Stored as"), ", ".join(filter(None, stored))),
        (say("Turned by"), f"{source.rotation_deg}°" if source.rotation_deg else ""),
        (say("Pixel aspect"), words.short(source.pixel_aspect) if source.pixel_aspect != 1 else ""),
        (say("Nominal frame rate"), f"{words.short(source.frame_rate_hz)} Hz" if source.frame_rate_hz else ""),
        (say("Length by the file"), claimed),
        (say("Part analysed"), f"{span}{early}"),
        (say("Sound"), say("present, not read") if source.has_audio else ""),
        (say("Metadata fields"), read),
        (say("Damage"), damage),  # a sentence that says how many frames
        (say("Decoding errors"), f"{source.decode_errors}" if source.decode_errors else ""),
    ]


def _setting(value: object) -> str:
    if value is None or value == "":
        return say("not set")
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return words.short(value) if isinstance(value, float) else f"{value}"


def _layer(text: str) -> str:
    """A limit of `LAYERS`, whatever its number; of another version, as it was written."""
    count = re.search(r"\d+(?= MiB)", text)
    key = text.replace(count[0], "{count}") if count else text
    return LAYERS[key].format(count=count[0] if count else "") if key in LAYERS.texts else text
