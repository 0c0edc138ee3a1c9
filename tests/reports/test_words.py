import pytest

from posture.privacy import seccomp
from posture.reports import facts, words
from posture.reports.language import speaking


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (0.44, "0.4 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min"),
        (200, "3 min 20 s"), (3599.6, "1 h 00 min"), (3900, "1 h 05 min"), (7199, "2 h 00 min"),
    ],
)  # fmt: skip
def test_length(seconds, text):
    assert words.length(seconds) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.001, "< 1 %"), (0.3, "30 %"), (0.996, "> 99 %"), (1, "100 %")]
)
def test_percent_claims_neither_all_nor_nothing_by_rounding(share, text):
    assert words.percent(share) == text.replace(" ", "\u00a0")  # number and sign stay on one line


def test_clock():
    assert [words.clock(t) for t in (7.9, 760, 3723)] == ["0:07", "12:40", "1:02:03"]


def test_number():
    assert [words.number(v) for v in (None, -0.2, -3.0, 12.4)] == ["–", "0", "−3", "12"]


@pytest.mark.parametrize("graphics", [True, False])
def test_limits_on_the_decoding_process_have_words(graphics, monkeypatch):
    monkeypatch.setattr(seccomp, "_install", lambda _: True)
    assert set(seccomp.confine(graphics=graphics)) <= facts.LAYERS.texts.keys()


def test_a_limit_with_a_number_is_translated():
    with speaking("de"):
        assert facts._layer("address space 4096 MiB") == "Adressraum 4096 MiB"
