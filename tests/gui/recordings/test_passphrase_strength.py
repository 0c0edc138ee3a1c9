import itertools

import pytest

from posture.gui.recordings.strength import Level, strength


@pytest.mark.parametrize(
    "passphrase", ["password", "posture1", "Password123!", "qwertzuiop", "aaaaaaaaaaaaaaaa", "12.11.1984"]
)
def test_what_everybody_tries_first_is_refused(passphrase):
    assert strength(passphrase).level is Level.WEAK


@pytest.mark.parametrize("passphrase", ["x9$kQ!2mzP", "hund kaffee 42"])
def test_what_stands_for_a_while_may_be_used(passphrase):
    assert strength(passphrase).level is Level.FAIR


@pytest.mark.parametrize("passphrase", ["correct horse battery staple", "tulpe motor wolke kanu"])
def test_four_words_are_strong(passphrase):
    assert strength(passphrase) == (Level.GOOD, 1.0, "Strong: would stand for centuries.")


def test_more_is_never_said_to_be_weaker():
    shares = [strength("tulpe motor wolke kanu"[:length]).share for length in range(1, 23)]
    assert all(before <= after + 0.08 for before, after in itertools.pairwise(shares))
    assert shares[0] < 0.2
    assert shares[-1] == 1.0


def test_nothing_typed_is_no_verdict_and_a_hint():
    assert strength("").level is Level.NONE
    assert "words" in strength("").words


def test_a_very_long_one_is_looked_at_in_no_time():
    assert strength("ab" * 500).level is Level.WEAK, "a repetition, however long"
