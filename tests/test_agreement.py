"""Agreement of REBA with people and motion capture: the arithmetic on made-up ratings, the engine on real ones."""

import json
import math

import pytest
from typer.testing import CliRunner

from posture.agreement import PARTS, Rated, agreement, kappa
from posture.agreement import _part as part_of  # the arithmetic without pictures
from posture.cli import app
from posture.ergonomics.ranges import Range
from posture.errors import ConfigError, NoInput, VideoUnreadable
from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator

POINTS = {"neck": 1, "trunk": 2, "legs": 1, "upper_arm": 3, "lower_arm": 2, "wrist": 1}
POINTS |= {"table_a": 2, "table_b": 4, "score_a": 2, "score_b": 4, "table_c": 4, "reba": 4}
POINTS |= {"force_load": 0, "coupling": 0, "activity": 0, "recomputed": {}}


def rated(**changes):
    return Rated(**(POINTS | changes))


def test_weighted_kappa_of_a_table_that_can_be_worked_out_by_hand():
    """Differences 0, 0, 1, 0: mean square 1/4; by chance (0+1+4+4 + 1+0+1+1 + 4+1+0+0 + 1+0+1+1)/16 = 20/16."""
    assert kappa([1, 2, 3, 2], [1, 2, 3, 3]) == pytest.approx(1 - (1 / 4) / (20 / 16))
    assert kappa([1, 2, 3], [1, 2, 3]) == 1
    assert kappa([1, 3], [3, 1]) == -1
    assert math.isnan(kappa([2, 2], [2, 2]))  # neither varies


def test_a_rating_that_contradicts_the_tables_is_flagged():
    assert not rated(recomputed={"table_a": 2}).flagged
    assert rated(recomputed={"table_a": 3}).flagged
    assert rated(neck=4).flagged  # the neck has 3 points at most
    assert rated(neck=4).points("neck") == 3
    assert rated(recomputed={"reba": 6}).points("reba") == 6


def found(**parts):
    return Range(frozenset(), {name: frozenset(scores) for name, scores in parts.items()})


def test_shares_are_of_the_pictures_they_say():
    items = [
        (found(trunk={2}), rated(trunk=2)),
        (found(trunk={3}), rated(trunk=2)),
        (found(trunk={1, 2, 3}), rated(trunk=3)),
        (found(trunk={1, 2}), rated(trunk=4)),
    ]
    one = part_of(items, "trunk")
    assert (one.pictures, one.single, one.exact, one.near) == (4, 2, 0.5, 1.0)
    assert (one.lowest_exact, one.lowest_near) == (0.25, 0.5)
    assert (one.held, one.width) == (0.5, 0.75)
    nothing = part_of([], "trunk")
    assert nothing.single == 0
    assert math.isnan(nothing.held)


def test_the_engine_on_rated_photographs(media):
    tables, missed = agreement(media / "reba", Estimator(Catalogue.load(), still=True))
    assert missed == 0
    assert [(one.reference, one.clean, one.parts[0].pictures) for one in tables] == [
        ("raters", False, 22), ("raters", True, 21), ("motion capture", False, 20), ("motion capture", True, 20),
    ]  # fmt: skip
    for table in tables:
        parts = {part.part: part for part in table.parts}
        assert tuple(parts) == PARTS
        assert parts["reba"].held >= 0.9
        assert parts["legs"].held == parts["wrist"].held == 1.0  # nothing seen of them is against the raters
        assert all(parts[name].near >= 0.9 for name in ("neck", "trunk", "lower_arm"))
        assert parts["trunk"].lowest_kappa >= 0.6


def test_what_is_no_rated_folder_is_said(tmp_path):
    with pytest.raises(NoInput, match=r"no reba_scores\.json"):
        agreement(tmp_path, None)
    for text in ("{", "[]", '{"items": [{"image": "x.png"}]}', '{"items": [{"image": 1}]}'):
        (tmp_path / "reba_scores.json").write_text(text)
        with pytest.raises(VideoUnreadable, match="no list of rated pictures"):
            agreement(tmp_path, None)
    item = {"image": "x.png", "score": POINTS | {"coupling": 4}, "mocap_score": None}
    (tmp_path / "reba_scores.json").write_text(json.dumps({"items": [item]}))
    with pytest.raises(VideoUnreadable, match="coupling"):
        agreement(tmp_path, None)


@pytest.mark.parametrize(
    ("words", "message"),
    [([], "give labelled pictures"), (["x.json", "--reba", "y"], "give labelled pictures"),
     (["--angles", "x.csv", "--all"], "give ANNOTATIONS.json")],
)  # fmt: skip
def test_evaluate_says_what_it_needs(words, message):
    result = CliRunner().invoke(app, ["evaluate", *words])
    assert isinstance(result.exception, ConfigError)
    assert message in str(result.exception)
