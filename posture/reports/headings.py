"""Headings, standing notes and heads of tables. Read them through `words`."""

from posture.reports.language import Heads, Words

HEADINGS = Words(
    {
        "report": "Posture report",
        "findings": "What stands out",
        "quality": "Data quality",
        "outside": "Most time outside acceptable",
        "longest_hold": "Longest static hold",
        "zones": "Time in zones",
        "zones_note": "Share of the time in which the body part could be judged. Zones after ISO 11226.",
        "zones_table": "Time in each zone",
        "timeline": "Over time",
        "timeline_note": "Each step shows the zone that took most of it. A dashed line: in view, but not judged. "
        "Empty: not in view.",
        "curves": "Angles over time",
        "curves_note": "Line: median. Shade: range. Tinted: outside the acceptable zone.",
        "others": "Other angles over time",
        "others_note": "Measured, but without zones. Line: median. Shade: range.",
        "distributions": "How often each angle",
        "distributions_note": "Time at each value. The long mark is the median, the short ones are "
        "P10 and P90. Dotted: the share of the time at or below each value.",
        "measures": "Measurements",
        "percentiles_note": "P90 is the smallest value that was not exceeded for at least 90 % of the measurable time; "
        "P10 and P50 likewise. Weighted with time, not interpolated.",
        "missing": "What could not be measured, and why",
        "holds": "Static holds",
        "repetitions": "Repeated movements",
        "moments": "Moments to look at",
        "moments_table": "Everything measured at these moments",
        "glimpses": "People seen too shortly for figures",
        "source": "Source",
        "engine": "Engine",
        "settings": "Settings in force",
        "review": "Review",
        "facts": "What this report stands on",
        "assumptions": "Assumptions",
        "limits": "Limits",
        "privacy": "Privacy",
        "as_table": "Show as table",
        "page": "Page",
        "none": "None",
        "recommendations": "What to do, in this order",
        "recommendations_note": "Measures at the work place come before those of organisation, and those before what a "
        "person is asked to do. Each names the figure that asks for it.",
        "body": "Body map",
        "body_note": "Share of the judged time outside the acceptable zone; lower arms and knees: outside the lowest "
        "band of RULA and REBA. Seen from the front. Dashed: not judged.",
        "privacy_facts": "What this file holds",
        "overview": "Scores at a glance",
        "people": "People at a glance",
        "cover": "About this report",
        "median": "median",
        "part": "Body part",
        "shares": "Shares of the judged time",
    }
)
ZONE_COLUMNS = Heads("Acceptable", "Conditional", "Not recommended")
ZONES_TABLE = Heads("", "Acceptable", "Conditional", "Not recommended", "Judged", "Not judged", "Why not")
STRIPS_TABLE = Heads("From", "To", "Body part", "Zone")
MEASURES_TABLE = Heads("", "Zero and sign", "Lowest", "P10", "P50", "P90", "Highest", "Measurable")
MISSING_TABLE = Heads("", "Measurable", "Why not")
HOLDS_TABLE = Heads("Body part", "At", "Held for", "Angle", "Zone", "Limit", "Verdict")
REPETITIONS_TABLE = Heads("", "Counted", "Times", "Per minute", "Each takes", "Peak", "When")
GLIMPSES_TABLE = Heads("", "First seen", "Last seen", "In view")
PEOPLE_TABLE = Heads("", "In view", "Data quality", "Most time outside acceptable", "RULA P90", "REBA P90")
FACTS_TABLE = Heads("", "")
