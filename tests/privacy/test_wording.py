"""A purpose that judges people is refused by the word that says so; others pass."""

import pytest

from posture import config
from posture.errors import ConfigError


@pytest.mark.parametrize(
    "text",
    [
        "find out who has the best performance", "PRODUCTIVITY of line 2", "rank the packers", "detect fatigue",
        "measure stress and mood", "Leistungskontrolle der Schicht", "Verhalten am Arbeitsplatz", "Rangliste je Woche",
        "Ermüdung erkennen", "Aufmerksamkeit am Steuer", "emotions of customers",
    ],
)  # fmt: skip
def test_judging_people_is_no_purpose(text):
    with pytest.raises(ConfigError, match=r"setting privacy\.purpose_text"):
        config.load({"privacy.purpose_text": text}, environment={})


@pytest.mark.parametrize(
    "text",
    [
        "", "choose the height of the packing table", "less bending at line 2", "Höhe der Packtische festlegen",
        "Rückenbeschwerden vorbeugen", "franking machine: reach", "Gestaltung der Steharbeitsplätze",
    ],
)  # fmt: skip
def test_ergonomics_is_one(text):
    assert config.load({"privacy.purpose_text": text}, environment={}).privacy.purpose_text == text


def test_the_list_of_purposes_is_closed():
    with pytest.raises(ConfigError, match=r"privacy\.purpose"):
        config.load({"privacy.purpose": "performance"}, environment={})
