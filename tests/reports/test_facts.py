from posture.data import Damage
from posture.reports.facts import fact_tables
from posture.reports.summary import summarise


def source_facts(make, desk, damage):
    summary = summarise(desk, make.provenance(damage=damage))
    return next(dict(table.rows) for table in fact_tables(summary) if "Damage" in dict(table.rows))


def test_damage_is_said_once(make, desk):
    facts = source_facts(make, desk, Damage(28, 0, False, "28 frames are damaged."))
    assert facts["Damage"] == "28 frames are damaged."
    assert "Decoding errors" not in facts


def test_decoding_errors_stand_beside_the_sentence(make, desk):
    facts = source_facts(make, desk, Damage(1, 2, False, "1 frame is damaged; 47 frames could not be decoded."))
    assert facts["Damage"] == "1 frame is damaged; 47 frames could not be decoded."
    assert facts["Decoding errors"] == "2"


def test_a_sound_file_has_no_damage(make, desk):
    assert source_facts(make, desk, Damage())["Damage"] == "none"
    assert source_facts(make, desk, Damage(truncated=True))["Damage"] == "The file is cut off."
