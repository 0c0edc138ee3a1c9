import math

import numpy as np
import pytest

from posture.pose.metrics import (
    COCO_NAMES,
    COCO_OF_BLAZEPOSE,
    SIGMAS,
    Guess,
    Person,
    average_precision,
    oks,
    paired,
    pck,
)
from posture.skeleton import BLAZEPOSE_33

# 17 points in a column, 10 px apart; torso: 6 -> 11 and 5 -> 12 are 50 and 70 px.
POINTS = np.stack([np.zeros(17), 10.0 * np.arange(17)], 1)


def shifted(x):
    return POINTS + np.array([x, 0.0])


def person(x=0.0, labelled=range(17), area=10_000.0, crowd=False, box=(0.0, 0.0, 100.0, 100.0)):
    mask = np.zeros(17, bool)
    mask[list(labelled)] = True
    return Person(shifted(x), mask, box, area, crowd)


def guess(x=0.0, score=1.0):
    return Guess(shifted(x), score)


def test_the_mapping_names_the_same_points():
    assert [BLAZEPOSE_33.names[i] for i in COCO_OF_BLAZEPOSE] == list(COCO_NAMES)
    assert COCO_OF_BLAZEPOSE == (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)


def test_oks_of_a_perfect_guess_is_one():
    assert oks(guess(), person()) == 1


def test_oks_by_hand():
    """Nose only, sigma 0.026, area 10000: at d = 2 * 0.026 * 100 = 5.2 px it is exp(-1/2)."""
    assert oks(guess(5.2), person(labelled=[0])) == pytest.approx(math.exp(-0.5))
    both = (math.exp(-0.5) + math.exp(-0.5 * (26 / 107) ** 2)) / 2
    assert oks(guess(5.2), person(labelled=[0, 11])) == pytest.approx(both)
    assert SIGMAS[11] == 0.107


def test_oks_of_a_person_without_labels_is_the_distance_to_the_doubled_box():
    assert oks(guess(150), person(labelled=[])) == 1
    assert oks(guess(205.2), person(labelled=[], area=1e4)) == pytest.approx(
        np.exp(-(5.2**2) / (2 * (2 * SIGMAS) ** 2 * 1e4)).mean()
    )


def test_pck_counts_labelled_points_nearer_than_a_fifth_of_the_torso():
    """The longer diagonal is 70 px, a fifth is 14."""
    assert person().torso == 70
    assert pck(guess(13.9), person()) == (17, 17)
    assert pck(guess(14.1), person(labelled=[5, 12, 0])) == (0, 3)
    assert pck(None, person(labelled=[5, 12])) == (0, 2)
    moved = Guess(POINTS + np.where(np.arange(17) == 0, 20.0, 0.0)[:, None], 1.0)
    assert pck(moved, person()) == (16, 17)


def test_the_torso_needs_a_shoulder_and_the_opposite_hip():
    assert math.isnan(person(labelled=[5, 6, 0]).torso)
    assert math.isnan(person(labelled=[5, 11]).torso)
    assert person(labelled=[6, 11]).torso == 50


def test_pairs_are_one_to_one_and_the_best_first():
    """Both guesses are nearest to the person at 0; the worse one gets the other person."""
    near, nearer = guess(8), guess(3)
    assert paired([near, nearer], [person(0), person(40)]) == [nearer, near]
    assert paired([near], [person(0), person(40)]) == [near, None]
    assert paired([], [person(0)]) == [None]


def test_ap_of_perfect_guesses_is_one():
    assert average_precision([([guess()], [person()]), ([guess(500)], [person(500)])]) == pytest.approx(1)


def test_ap_without_people_is_nothing():
    assert math.isnan(average_precision([([guess()], [])]))
    assert math.isnan(average_precision([([], [person(labelled=[]), person(crowd=True)])]))


def test_ap_of_one_found_of_two():
    """Precision 1 up to recall 1/2, that is at 51 of 101 recalls."""
    assert average_precision([([guess()], [person(), person(500)])]) == pytest.approx(51 / 101)


def test_a_false_guess_that_is_surer_halves_the_precision():
    false, true = guess(9000, score=0.9), guess(0, score=0.8)
    assert average_precision([([false, true], [person()])]) == pytest.approx(0.5)
    false = guess(9000, score=0.7)
    assert average_precision([([false, true], [person()])]) == pytest.approx(1)


def test_ap_averages_thresholds():
    """OKS 0.72 counts at 0.50, 0.55, 0.60, 0.65 and 0.70 only: 5 of 10."""
    distance = 5.2 * math.sqrt(-2 * math.log(0.72))
    assert average_precision([([guess(distance)], [person(labelled=[0])])]) == pytest.approx(0.5)


def test_two_guesses_for_one_person_count_one_false():
    twice = [guess(0, score=0.9), guess(0.1, score=0.8)]
    assert average_precision([(twice, [person()]), ([guess(0, score=0.7)], [person()])]) == pytest.approx(
        (51 * 1 + 50 * 2 / 3) / 101
    )


def test_people_who_do_not_count_neither_help_nor_hurt():
    crowd = person(500, crowd=True)
    on_crowd = [guess(500, score=0.9), guess(501, score=0.8)]
    assert average_precision([([*on_crowd, guess(0, score=0.5)], [person(), crowd])]) == pytest.approx(1)
