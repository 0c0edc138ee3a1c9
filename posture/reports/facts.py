"""The factual pages: source, quality of the data, engine and settings as tables of name and value."""

from collections.abc import Sequence
from dataclasses import dataclass

from posture.reports import words
from posture.reports.schema import Quality, SourceFacts, Summary


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


def fact_tables(summary: Summary) -> tuple[Table, ...]:
    """Data quality, source, engine, settings."""
    engine = summary.engine
    made = [
        ("Program", f"posture {engine.program_version}"),
        ("Model", engine.model),
        ("SHA-256 of the model", engine.model_sha256),
        ("Computed by", engine.provider),
        ("First choice not used because", engine.fallback_reason),
        ("Limits on the decoding process", ", ".join(engine.isolation)),
        ("Report format", summary.schema),
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
    return Table(caption, words.FACTS_TABLE, tuple(row for row in rows if row[1]))


def _quality(quality: Quality) -> list[tuple[str, str]]:
    judged = f"{words.length(quality.judged_s)} ({words.percent(quality.judged_share)})"
    visibility = words.percent(quality.mean_visibility) if quality.mean_visibility is not None else ""
    others = f"up to {quality.most_others_seen}, for {words.length(quality.others_s)}" if quality.others_s else "none"
    return [
        ("Verdict", f"{words.GRADES[quality.grade]}. {words.GRADE_TEXTS[quality.grade]}"),
        ("Frames decoded", f"{quality.frames_decoded}"),
        ("Frames analysed", f"{quality.frames_analysed}"),
        ("Frames with a person", f"{quality.frames_with_person}"),
        ("Frames damaged", f"{quality.frames_corrupt}"),
        ("Median rate", f"{quality.median_rate_hz:g} Hz" if quality.median_rate_hz else ""),
        ("Time analysed", words.length(quality.analysed_s)),
        ("Time judged", judged),
        ("Mean over the body parts", words.percent(quality.parts_judged_share)),
        ("Person in view, not judged", words.length(quality.person_not_judged_s)),
        ("Nobody in view", words.length(quality.nobody_s)),
        ("Gaps without frames", words.length(quality.gaps_s)),
        ("Mean visibility of keypoints", visibility),
        ("Views", words.shares(quality.views_s)),
        ("Other people in view", others),
    ]


def _source(source: SourceFacts) -> list[tuple[str, str]]:
    claimed = "" if source.duration_s is None else words.length(source.duration_s)
    damage = source.damage or ("The file is cut off." if source.truncated else "none")
    stored = [source.codec, source.pixel_format, "interlaced" if source.interlaced else ""]
    span = f"{words.clock(source.analysed_from_s)} to {words.clock(source.analysed_to_s)}"
    return [
        ("Kind", words.SOURCE_KINDS.get(source.kind, source.kind)),
        ("SHA-256", source.sha256),
        ("Size", f"{source.size_bytes:,} bytes".replace(",", " ") if source.size_bytes else ""),
        ("Picture", f"{source.width_px} × {source.height_px} pixels"),
        ("Stored as", ", ".join(filter(None, stored))),
        ("Turned by", f"{source.rotation_deg}°" if source.rotation_deg else ""),
        ("Pixel aspect", f"{source.pixel_aspect:g}" if source.pixel_aspect != 1 else ""),
        ("Nominal frame rate", f"{source.frame_rate_hz:g} Hz" if source.frame_rate_hz else ""),
        ("Length by the file", claimed),
        ("Part analysed", f"{span}{', ended early by request' if source.stopped_early else ''}"),
        ("Sound", "present, not read" if source.has_audio else ""),
        ("Metadata fields", f"{source.discarded_metadata}, not read" if source.discarded_metadata else "none"),
        ("Damage", damage),  # a sentence that says how many frames
        ("Decoding errors", f"{source.decode_errors}" if source.decode_errors else ""),
    ]


def _setting(value: object) -> str:
    if value is None or value == "":
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else f"{value}"
