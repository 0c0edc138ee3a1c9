"""Intervals hold every score that is possible and no other."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.ergonomics.factors import possible_values
from posture.ergonomics.ranges import possible
from posture.ergonomics.reba import REBA
from posture.ergonomics.score_settings import PAPER
from posture.ergonomics.scoring import METHODS
from posture.ergonomics.worksheet import fill_in, steps_from

EVERYTHING = {
    name: {factor: possible_values(name, factor, PAPER) for factor in method.factors}
    for name, method in METHODS.items()
}


@pytest.mark.parametrize("name", METHODS)
def test_parts_share_no_factor(name):
    factors = [factor for rule in METHODS[name].parts.values() for factor in rule.factors]
    assert len(factors) == len(set(factors))


@pytest.mark.parametrize("name", METHODS)
def test_knowing_nothing_leaves_everything_possible(name):
    found = possible(METHODS[name], EVERYTHING[name], PAPER)
    assert (found.interval.low, found.interval.high) == {"rula": (1, 7), "reba": (1, 15), "owas": (1, 4)}[name]


@st.composite
def partly_known(draw):
    """A method, and possible values of which most factors are known and up to six are open."""
    name = draw(st.sampled_from(sorted(METHODS)))
    factors = METHODS[name].factors
    open_ones = draw(st.sets(st.sampled_from(factors), max_size=6))
    known = {}
    for factor in factors:
        values = EVERYTHING[name][factor]
        known[factor] = values if factor in open_ones else (draw(st.sampled_from(values)),)
    return name, known


@settings(max_examples=60, deadline=None)
@given(partly_known())
def test_the_interval_is_that_of_going_through_every_combination(case):
    name, known = case
    method = METHODS[name]
    sheets = [fill_in(method, dict(zip(known, values, strict=True)), PAPER) for values in product(*known.values())]
    found = possible(method, known, PAPER)
    assert found.scores == {sheet.score for sheet in sheets}
    for step in method.steps:
        assert found.parts[step] == {sheet[step] for sheet in sheets}


@settings(max_examples=100, deadline=None)
@given(partly_known())
def test_the_ends_come_from_the_lowest_and_the_highest_parts(case):
    """What the report prints as the worked cells of both ends; OWAS codes are categories and no amounts."""
    name, known = case
    if name == "owas":
        return
    found = possible(METHODS[name], known, PAPER)
    for end, pick in (("low", min), ("high", max)):
        parts = {part: pick(found.parts[part]) for part in METHODS[name].parts}
        assert steps_from(METHODS[name], parts, PAPER)[-1].score == getattr(found.interval, end)


def test_knowing_more_never_widens():
    known = dict(EVERYTHING["reba"])
    before = possible(REBA, known, PAPER).scores
    for factor, values in EVERYTHING["reba"].items():
        known[factor] = values[:1]
        after = possible(REBA, known, PAPER).scores
        assert after <= before
        before = after
    assert len(before) == 1


@pytest.mark.parametrize("order", [(True, 1.0), (1.0, True)])
def test_a_yes_is_not_taken_for_one_degree(order):
    """The two are equal to Python, and a cache that mixed them up would answer by what was asked first."""
    never_asked = {"trunk_deg": (0.5 if order[0] is True else 0.25,), "back_side_deg": (False,)}
    codes = {}
    for twist in order:
        known = EVERYTHING["owas"] | never_asked | {"back_twist_deg": (twist,)}
        codes[type(twist)] = set(possible(METHODS["owas"], known, PAPER).parts["back"])
    assert codes == {bool: {3}, float: {1}}
