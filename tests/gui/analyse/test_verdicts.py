"""What colour and sign say of a score that is an interval."""

import pytest

from posture.gui.analyse.scores_tab import verdict_of
from posture.gui.theme import Verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1, 1, Verdict.GOOD),
        (1, 11, Verdict.NONE),  # negligible or very high: nobody knows
        (4, 11, Verdict.FAIR),
        (8, 11, Verdict.POOR),
        (0, 0, Verdict.NONE),
    ],
)
def test_of_reba(low, high, verdict):
    assert verdict_of("reba", low, high) is verdict
