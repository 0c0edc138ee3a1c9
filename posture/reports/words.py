"""The words of the reports and how numbers are written. With `statements`, all that a translation has to replace."""

import math

from posture.reports.headings import FACTS_TABLE as FACTS_TABLE
from posture.reports.headings import GLIMPSES_TABLE as GLIMPSES_TABLE
from posture.reports.headings import HEADINGS as HEADINGS
from posture.reports.headings import HOLDS_TABLE as HOLDS_TABLE
from posture.reports.headings import MEASURES_TABLE as MEASURES_TABLE
from posture.reports.headings import MISSING_TABLE as MISSING_TABLE
from posture.reports.headings import PEOPLE_TABLE as PEOPLE_TABLE
from posture.reports.headings import REPETITIONS_TABLE as REPETITIONS_TABLE
from posture.reports.headings import STRIPS_TABLE as STRIPS_TABLE
from posture.reports.headings import ZONE_COLUMNS as ZONE_COLUMNS
from posture.reports.headings import ZONES_TABLE as ZONES_TABLE
from posture.reports.language import Heads, Named, Words, inside, marked, say, spoken
from posture.reports.schema import SourceFacts

PARTS = Words(
    {
        "trunk": "Trunk",
        "head": "Head",
        "neck": "Neck",
        "left_upper_arm": "Left upper arm",
        "right_upper_arm": "Right upper arm",
    }
)

MEASURES = Named(
    {
        "head_inclination_deg": ("Head inclination", "against gravity, forward +"),
        "head_tilt_deg": ("Head tilt", "to the person's right +"),
        "head_yaw_deg": ("Head turn", "against the shoulders, to the right +"),
        "neck_flexion_deg": ("Neck flexion", "head against trunk, forward +"),
        "trunk_inclination_deg": ("Trunk inclination", "against gravity, forward +"),
        "trunk_side_bend_deg": ("Trunk side bend", "to the person's right +"),
        "trunk_twist_deg": ("Trunk twist", "shoulders against hips, to the right +"),
        "shoulder_tilt_deg": ("Shoulder tilt", "right shoulder lower +"),
        "left_shoulder_raise_ratio": ("Left shoulder raise", "shoulder widths below the ears, about −0.5 at rest"),
        "right_shoulder_raise_ratio": ("Right shoulder raise", "shoulder widths below the ears, about −0.5 at rest"),
        "left_upper_arm_elevation_deg": ("Left upper arm elevation", "0 = hanging"),
        "right_upper_arm_elevation_deg": ("Right upper arm elevation", "0 = hanging"),
        "left_elbow_flexion_deg": ("Left elbow flexion", "0 = straight"),
        "right_elbow_flexion_deg": ("Right elbow flexion", "0 = straight"),
        "left_upper_arm_flexion_deg": ("Left upper arm flexion", "against the trunk; forward +"),
        "right_upper_arm_flexion_deg": ("Right upper arm flexion", "against the trunk; forward +"),
        "left_upper_arm_abduction_deg": ("Left upper arm abduction", "away from the body +"),
        "right_upper_arm_abduction_deg": ("Right upper arm abduction", "away from the body +"),
        "left_hip_flexion_deg": ("Left hip flexion", "0 = straight"),
        "right_hip_flexion_deg": ("Right hip flexion", "0 = straight"),
        "left_knee_flexion_deg": ("Left knee flexion", "0 = straight"),
        "right_knee_flexion_deg": ("Right knee flexion", "0 = straight"),
        "ear_shoulder_angle_deg": ("Ear-shoulder angle", "side view only; a proxy, not the craniovertebral angle"),
        "shoulder_width_ratio": ("Shoulder width", "share of the picture width, grows when closer"),
    }
)
"""Name and convention of each measurement; the convention is that of `ergonomics/measure.py`."""

PAIRS = Named(
    {
        "shoulder_raise_ratio": ("Shoulder raise", "shoulder widths below the ears"),
        "upper_arm_flexion_deg": ("Upper arm flexion", "against the trunk; forward +"),
        "upper_arm_abduction_deg": ("Upper arm abduction", "away from the body +"),
        "elbow_flexion_deg": ("Elbow flexion", "0 = straight"),
        "hip_flexion_deg": ("Hip flexion", "0 = straight"),
        "knee_flexion_deg": ("Knee flexion", "0 = straight"),
    }
)
"""Name and convention of what is measured of both sides and has no zones."""
SIDES = Heads("left", "right")

ZONES = Words(
    {
        "acceptable": "Acceptable",
        "conditional": "Conditional",
        "not_recommended": "Not recommended",
        "unknown": "Not judged",
    }
)

REASONS = Words(
    {
        "measured": "measured",
        "out_of_picture": "out of the picture",
        "low_visibility": "hidden or unclear",
        "wrong_view": "wrong view",
        "not_in_layout": "not among the keypoints",
        "not_entered": "not entered",
        "sitting_not_seen": "sitting or not: not seen",
    }
)

VIEWS = Words({"front": "front", "oblique": "oblique", "side": "side", "back": "back", "unknown": "unknown"})

GRADES = Words({"good": "Good", "fair": "Fair", "poor": "Poor", "too_little": "Too little data"})

GRADE_TEXTS = Words(
    {
        "good": "Most body parts could be judged for most of the analysed time.",
        "fair": "Some body parts, or some of the time, could not be judged; read the figures with that in mind.",
        "poor": "Most body parts, or most of the time, could not be judged; the figures tell little of the whole.",
        "too_little": "There is too little judged time for figures, so none are shown.",
    }
)

DEMO = "Demonstration: a public-domain portrait moved by known motions. It is no recording of a working person."


def clock(time_s: float) -> str:
    """A position in the recording: 0:07, 12:40, 1:02:03."""
    minutes, seconds = divmod(int(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def length(seconds: float) -> str:
    """A stretch of time for reading: 0.4 s, 12 s, 3 min 20 s, 1 h 05 min."""
    if seconds < 9.95:
        return marked(f"{seconds:.1f} s") if seconds else "0 s"
    whole = math.floor(seconds + 0.5)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest:02} s" if rest else f"{minutes} min"
    hours, minutes = divmod(math.floor(seconds / 60 + 0.5), 60)
    return f"{hours} h {minutes:02} min"


def percent(share: float) -> str:
    """A share for reading, on one line. Neither everything nor nothing is claimed by rounding."""
    if 0 < share < 0.005:
        return "<\u00a01\u00a0%"
    if 0.995 <= share < 1:
        return ">\u00a099\u00a0%"
    return f"{share * 100:.0f}\u00a0%"


def number(value: float | None, decimals: int = 0) -> str:
    """A number with a true minus sign; a dash where there is none."""
    if value is None:
        return "–"
    text = f"{value:.{decimals}f}"
    return marked(text.replace("-", "−") if float(text) else text.lstrip("-"))


def short(value: float) -> str:
    """A number with as many digits as it needs, for measures and settings."""
    return marked(f"{value:g}")


def part_in_zone(part: str, zone: str, seconds: float, share: float) -> str:
    """A finding: how long a part was in a zone."""
    told = {"part": PARTS[part], "time": length(seconds), "share": percent(share)}
    if zone == "conditional":
        return say("{part} in the conditional zone for {time}, {share} of the judged time.", **told)
    return say("{part} in the not recommended zone for {time}, {share} of the judged time.", **told)


def held_too_long(part: str, count: int, longest_s: float, angle_deg: float, limit_s: float) -> str:
    """A finding: static postures that were held for longer than their limit."""
    told = {"part": PARTS[part], "time": length(longest_s), "angle": number(angle_deg), "limit": length(limit_s)}
    if count == 1:
        return say("{part} held still for {time}; the limit at {angle}° is {limit}.", **told)
    text = "{part} held still for too long {count} times, up to {time}; the limit at {angle}° is {limit}."
    return say(text, count=count, **told)


def held_not_recommended(part: str, count: int, longest_s: float, angle_deg: float) -> str:
    """A finding: static postures that are not recommended for any time."""
    told = {"part": PARTS[part], "time": length(longest_s), "angle": number(angle_deg)}
    if count == 1:
        return say("{part} held still in the not recommended zone for {time}, at {angle}°.", **told)
    text = "{part} held still in the not recommended zone {count} times, for up to {time}, at {angle}°."
    return say(text, count=count, **told)


def part_fine(parts: list[str]) -> str:
    """A finding: what stayed in the acceptable zone."""
    return say("{parts} in the acceptable zone for at least 90 % of the judged time.", parts=_joined(parts))


def _joined(parts: list[str]) -> str:
    names = [inside(PARTS[part]) for part in parts]
    joined = names[0]
    if len(names) > 1:
        joined = say("{first} and {last}", first=", ".join(names[:-1]), last=names[-1])
    return f"{joined[0].upper()}{joined[1:]}"


def parts_not_judged(parts: list[str]) -> str:
    """A finding: what was hardly ever measurable."""
    names = ", ".join(inside(PARTS[part]) for part in parts)
    return say("Hardly or never judged, so nothing is said about: {names}.", names=names)


SOURCE_KINDS = Words(
    {
        "video": "Video",
        "image": "Still picture",
        "animation": "Animated picture",
        "demo": "Demonstration",
        "camera": "Camera",
    }
)
TIMES_SHOWN = 12
"""Most times that are listed in a cell."""
VERDICTS = Words({"within_limit": "within the limit", "over_limit": "too long", "not_recommended": "not recommended"})
NO_HOLDS = "nothing outside the acceptable zone was held for longer than 4 s"
ONE_FRAME = "One frame: its angles stand below. Shares of time and holds need a recording."
STOPPED = "The analysis was ended early by request; the report covers what was done until then."
NO_FRAME = "No frame of it was analysed, so there is nothing to measure."
NONE_OF_IT = "Nothing of this kind could be measured."
NOBODY = "Nobody was found in the picture, so there is nothing to measure."


def person(number: int) -> str:
    """Heading of a chapter."""
    return say("Person {number}", number=number)


def people(count: int) -> str:
    """How many people were followed."""
    if not count:
        return say("nobody in view")
    return say("1 person") if count == 1 else say("{count} people", count=count)


def rate(rate_hz: float) -> str:
    """How often a pose was estimated."""
    return say("{rate} poses a second", rate=marked(f"{rate_hz:.3g}"))


def presence(first_s: float, last_s: float, present_s: float, judged_s: float) -> str:
    """When a person was seen."""
    return say(
        "In view from {first} to {last}, {present} in all; {judged} of it could be judged.",
        first=clock(first_s), last=clock(last_s), present=length(present_s), judged=length(judged_s),
    )  # fmt: skip


def judged_share(share: float, told: int, parts: int, *, several: bool) -> str:
    """Detail of the quality tile: how much of the time, and of the body."""
    time = say("this person's time in view") if several else say("the analysed time")
    if told == parts:
        return say("{share} of {time} could be judged", share=percent(share), time=time)
    text = "{told} of {parts} body parts could be judged, in {share} of {time}"
    return say(text, told=told, parts=parts, share=percent(share), time=time)


def outside(part: str, conditional_s: float, not_recommended_s: float) -> str:
    """Detail of the tile about the part that was most outside the acceptable zone."""
    spent = ((conditional_s, "conditional"), (not_recommended_s, "not_recommended"))
    told = ", ".join(f"{length(seconds)} {adjective(ZONES[zone])}" for seconds, zone in spent if seconds)
    return f"{PARTS[part]}: {told}"


def adjective(word: str) -> str:
    """An adjective within a sentence."""
    return f"{word[:1].lower()}{word[1:]}"


def all_acceptable(parts: list[str]) -> str:
    """Detail of the same tile where nothing was outside."""
    if len(parts) == len(PARTS):
        return say("every body part stayed in the acceptable zone")
    return say("{parts} stayed in the acceptable zone", parts=_joined(parts))


def hold_detail(part: str, angle_deg: float, limit_s: float | None) -> str:
    """Detail of the tile about the longest hold."""
    limit = say("limit {time}", time=length(limit_s)) if limit_s else say("not recommended for any time")
    return say("{part} at {angle}°, {limit}", part=PARTS[part], angle=number(angle_deg), limit=limit)


def judged(judged_s: float, not_judged_s: float, reasons_s: dict[str, float]) -> str:
    """Small print of a bar."""
    if not not_judged_s:
        return say("{time} judged", time=length(judged_s))
    told = {"time": length(judged_s), "rest": length(not_judged_s), "why": _commonest(reasons_s)}
    return say("{time} judged, {rest} not: {why}", **told)


def _commonest(reasons_s: dict[str, float]) -> str:
    return REASONS[max(sorted(reasons_s), key=lambda reason: reasons_s[reason])] if reasons_s else ""


def reasons(reasons_s: dict[str, float]) -> str:
    """Why something was not measured, the commonest reason first."""
    ordered = sorted(reasons_s.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{REASONS[reason]} {length(spent)}" for reason, spent in ordered)


def shares(views_s: dict[str, float]) -> str:
    """Views and their shares, the commonest first."""
    whole = sum(views_s.values())
    ordered = sorted(views_s.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{VIEWS[view]} {percent(spent / whole)}" for view, spent in ordered) if whole else ""


def holds_note(found: int, shown: int) -> str:
    """What stands before the table of holds."""
    if not found:
        return say("None: {why}.", why=say(NO_HOLDS))
    listed = say(" The {shown} longest of {found} are listed.", shown=shown, found=found) if shown < found else ""
    return say("Body parts that stayed in the same conditional or worse zone for longer than 4 s.") + listed


def band(low_deg: float, high_deg: float) -> str:
    """Which movement is counted."""
    return say("above {high}°, back below {low}°", high=number(high_deg), low=number(low_deg))


def times(times_s: list[float], count: int) -> str:
    """When something happened: the first times of `count`."""
    first = ", ".join(clock(time_s) for time_s in times_s[:TIMES_SHOWN])
    return say("{first} and {more} more", first=first, more=count - TIMES_SHOWN) if count > TIMES_SHOWN else first


def repetitions_note(longest_s: float) -> str:
    """What stands before the table of repeated movements."""
    return say(
        "At least three movements that came back within {time}. Per minute of the time in which the angle could be "
        "measured; how long each takes and its peak are medians. Movements faster than the rate of poses can be "
        "missed.",
        time=length(longest_s),
    )


def moment(kind: str, time_s: float) -> str:
    """Heading of a key frame."""
    return say("{time}, typical", time=clock(time_s)) if kind == "typical" else clock(time_s)


def moment_column(kind: str, time_s: float) -> str:
    """Heading of a key frame in a table."""
    return say("{time} (typical)", time=clock(time_s)) if kind == "typical" else clock(time_s)


def damage(source: SourceFacts) -> str:
    """What is wrong with the file; English says it as the decoding process does, with the moment of a cut."""
    if spoken() == "en" or not (source.damage or source.truncated):
        return source.damage or (say("The file is cut off.") if source.truncated else "")
    said = []
    if source.corrupt_frames:
        said.append(say("{count} frames damaged.", count=source.corrupt_frames))
    if source.decode_errors:
        said.append(say("{count} frames could not be decoded.", count=source.decode_errors))
    return " ".join((*said, say("The file is cut off."))) if source.truncated or not said else " ".join(said)


def damaged(message: str) -> str:
    """The notice about a damaged file."""
    return f"{say('The file is damaged.')} {message}".strip()


def moments_note(worst: int, *, pictures: bool) -> str:
    """What stands before the key frames."""
    which = say("No second was outside the acceptable zone for most of it; this is a typical moment.")
    if worst:
        which = say("The worst seconds, spread over the recording, and a typical moment to compare with.")
    shown = say("Stick figures only.")
    if pictures:
        shown = say("The estimated skeleton over the picture; a stick figure where a picture could not be read again.")
    return f"{which} {shown} {say('Pale bones are uncertain. A zone is named where it is not acceptable.')}"


def part_at(part: str, value: str, zone: str) -> str:
    """A line below a key frame."""
    return f"{PARTS[part]} {value}" if zone == "acceptable" else f"{PARTS[part]} {value}, {adjective(ZONES[zone])}"


def strips_caption(shown: int, found: int) -> str:
    """Caption of the table beside the timeline."""
    if shown == found:
        return say("Zones over time")
    return say("Zones over time: the {shown} longest of {found} stretches", shown=shown, found=found)


def strip_alt(part: str) -> str:
    """What a timeline shows, for those who do not see it."""
    return say("{part}: zones over time; the table below says the same", part=PARTS[part])


def curve_alt(label: str) -> str:
    """What a curve shows, for those who do not see it."""
    return say("{label} over time; the table of measurements gives its distribution", label=label)


def histogram_alt(label: str, marks: tuple[str, ...]) -> str:
    """What a histogram shows, for those who do not see it."""
    return say("{label}: P10 {p10}, median {p50}, P90 {p90}", label=label, p10=marks[0], p50=marks[1], p90=marks[2])


def figure_alt(time_s: float, *, picture: bool) -> str:
    """What a key frame shows, for those who do not see it."""
    if picture:
        return say("Picture with skeleton at {time}; the angles stand below", time=clock(time_s))
    return say("Stick figure at {time}; the angles stand below", time=clock(time_s))
