import pytest

from posture.gui.system.microphone import in_use, recording


def card(folder, name, state):
    status = folder / "card0" / name / "sub0" / "status"
    status.parent.mkdir(parents=True)
    status.write_text(state)


@pytest.mark.parametrize(
    ("state", "listening"),
    [("state: RUNNING\nowner_pid   : 812\n", True), ("closed\n", None), ("state: PREPARED\n", None)],
)
def test_a_sound_card_that_records(tmp_path, state, listening):
    card(tmp_path, "pcm0c", state)
    assert recording(tmp_path) is listening


def test_one_that_plays_is_no_call(tmp_path):
    card(tmp_path, "pcm0p", "state: RUNNING\n")
    assert recording(tmp_path) is None


def test_without_a_sound_card_nothing_is_known(tmp_path):
    assert recording(tmp_path / "none") is None


@pytest.mark.parametrize(
    ("uses", "listening"),
    [([], None), ([(133, 140)], False), ([(133, 140), (150, 0)], True), ([(0, 0)], False)],
)
def test_the_record_of_consent(uses, listening):
    assert in_use(uses) is listening
