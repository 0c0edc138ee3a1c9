"""Two analyses against each other: before and after a change at the work place.

    read_series (JSON or CSV report) or Series.of (a table) ─► check ─► compare ─► Comparison ─► page, JSON, table

Every difference comes with an interval: a block bootstrap over time, seeded, so the same two analyses always give the
same figures. What cannot be compared is refused with the reason.
"""

from posture.reports.compared.check import refuse
from posture.reports.compared.difference import Comparison, Difference, compare
from posture.reports.compared.series import Series, read_series

__all__ = ["Comparison", "Difference", "Series", "compare", "read_series", "refuse"]
