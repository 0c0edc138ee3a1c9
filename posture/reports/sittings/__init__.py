"""Reports of live sittings: a day, a sitting, a week or any stretch of days, from what the history keeps.

No picture and no time of day goes in; a day is a date, and what lasted is a length.
"""

from posture.reports.sittings.formats import FORMATS, write
from posture.reports.sittings.schema import ENOUGH_S, AngleFigures, SatDay, SittingsReport

__all__ = ["ENOUGH_S", "FORMATS", "AngleFigures", "SatDay", "SittingsReport", "write"]
