"""What the measured quantities are called, and how a value of them is written."""

import math

from posture.data import Measurements, Reason
from posture.ergonomics.sitting import Deviation, Judgement
from posture.gui import state_words
from posture.gui.recent import Reading
from posture.gui.words import mark, number, tr

NAMES = {
    "head_inclination_deg": mark("Head forward"),
    "head_tilt_deg": mark("Head to the side"),
    "shoulder_tilt_deg": mark("Shoulder line"),
    "trunk_inclination_deg": mark("Trunk forward"),
}
"""What is shown while there is no profile to compare with; a deviation of the judge is in `DEVIATIONS`."""

DEVIATIONS: dict[str, str] = {
    "shoulder_drop": mark("Shoulders lower"),
    "head_drop": mark("Head lower"),
    "head_forward": mark("Head forward"),
    "lean": mark("Lean to the side"),
    "shoulders_raised": mark("Shoulders raised"),
    "looking_down": mark("Looking down"),
    "turned": mark("Head turned"),
    "nearer": mark("Closer to the screen"),
    "head_ahead": mark("Head closer to the screen"),
    "trunk": mark("Trunk forward"),
    "ear_shoulder": mark("Ear over shoulder"),
}
_UNITS = {"deg": mark("{value}°"), "cm": mark("{value} cm"), "%": mark("{value} %")}


def name_of(quantity: str) -> str:
    """Its name in the language of the window."""
    known = DEVIATIONS.get(quantity) or NAMES.get(quantity)
    return tr(known) if known else quantity.replace("_", " ").capitalize()


def written(value: float, unit: str) -> str:
    """A value with its unit; words for one that is not visible."""
    if math.isnan(value):
        return tr("not visible")
    pattern = _UNITS.get(unit)
    decimals = 1 if unit == "cm" else 0
    return tr(pattern, value=number(value, decimals)) if pattern else number(value, 1)


def readings(judgement: Judgement | None, measurements: Measurements | None) -> tuple[Reading, ...]:
    """What the cards show: the judge's quantities; before a calibration, plain angles without a limit."""
    if judgement is not None and judgement.deviations:
        return tuple(_deviation(d) for d in judgement.deviations)
    return tuple(_plain(name, measurements) for name in NAMES)


def why_not(reading: Reading) -> str:
    """Why a value is not visible, in words."""
    return tr(state_words.REASONS[reading.reason]) if reading.reason is not Reason.MEASURED else ""


def _deviation(deviation: Deviation) -> Reading:
    seen = not math.isnan(deviation.value)
    reason = Reason.MEASURED if seen else Reason.LOW_VISIBILITY
    return Reading(deviation.name, deviation.value, deviation.limit, deviation.unit, reason)


def _plain(name: str, measurements: Measurements | None) -> Reading:
    if measurements is None:
        return Reading(name, math.nan, math.nan, "deg", Reason.OUT_OF_PICTURE)
    return Reading(name, measurements[name], math.nan, "deg", measurements.reason(name))
