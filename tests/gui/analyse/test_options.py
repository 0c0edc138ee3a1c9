"""How files are analysed: the part, the moments and the side that were chosen, and recordings of an open vault."""

import numpy as np
import pytest
from filled_vault import PASSPHRASE
from standing import observed, stander

from posture.analysis import Analysis, Range
from posture.cli.clips import key_of_clip
from posture.config import Settings
from posture.data import frozen
from posture.errors import Locked, PostureError
from posture.gui.analyse.bench import Bench, Options, State
from posture.gui.analyse.case import Case
from posture.gui.analyse.far import clip_of
from posture.gui.analyse.options_bar import OptionsBar
from posture.sources.clipwriter import write_clip
from posture.sources.demo import DemoSource

LITE = Settings(pose=Settings().pose.__class__(model="lite"))


@pytest.fixture
def bar(qtbot):
    made = OptionsBar(Settings())
    qtbot.addWidget(made)
    return made


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    write_clip(path, DemoSource(320, 240, 10.0, 4.0))
    return path


def ran(qtbot, bench, path, options):
    number = bench.add(path, options)
    qtbot.waitUntil(lambda: bench.items[number].state not in (State.WAITING, State.RUNNING), timeout=60_000)
    return bench.items[number]


@pytest.fixture
def bench(qapp):
    made = Bench(lambda: LITE)
    yield made
    made.close()


def test_it_begins_with_the_settings_and_the_whole_file(bar):
    assert bar.options == Options(1, 10.0, Range(), "automatic")


def test_what_is_chosen_is_what_is_asked_for(bar):
    bar.people.setCurrentIndex(bar.people.findData(2))
    bar.rate.setCurrentIndex(bar.rate.findData("1/5"))
    bar.side.setCurrentIndex(bar.side.findData("right"))
    bar.start.setValue(1.5)
    bar.end.setValue(4.0)
    assert bar.options == Options(2, "1/5", Range(1.5, 4.0), "right")
    assert bar.rate.currentText() == "every frame of 5"


def test_a_part_that_ends_before_it_begins_is_refused_with_words(page, qtbot):
    page.how.start.setValue(4.0)
    page.how.end.setValue(3.0)
    with qtbot.waitSignal(page.failed) as told:
        page.add_files([None])
    assert "ends before it begins" in told.args[0]
    assert len(page._bench.items) == 1


def test_a_part_and_every_third_frame_of_a_real_file(qtbot, bench, clip):
    item = ran(qtbot, bench, clip, Options(1, "1/3", Range(1.0, 3.0)))
    assert item.state is State.DONE, item.message
    times = item.case.times_s
    assert (times.min(), times.max()) == pytest.approx((1.0, 2.8), abs=0.11)
    assert np.diff(times) == pytest.approx(0.3, abs=0.01)


def test_the_report_of_a_part_is_that_part_alone(qtbot, bench, clip, tmp_path):
    case = ran(qtbot, bench, clip, Options(1, 5.0, Range(1.0, 2.0))).case
    analysis = Analysis(case.path, case.settings, case.part, key=case.key)
    summary = analysis.report(case.observed, tmp_path / "part").summary
    assert summary.people[0].judged_s == pytest.approx(1.0, abs=0.25)


@pytest.mark.parametrize("dim", ["left", "right"])
def test_the_side_that_is_seen_better_shows_first(dim):
    whole = observed()
    pose = stander()
    seen = pose.visibility.copy()
    seen[[i for i, name in enumerate(_names()) if name.startswith(dim)]] = 0.4
    for one in whole.observations:
        object.__setattr__(one.people[0].pose, "visibility", frozen(seen))
    other = {"left": "right", "right": "left"}[dim]
    assert Case(None, whole, Settings()).side_of(1) == other
    assert Case(None, whole, Settings(), side=dim).side_of(1) == dim


def _names():
    from posture.skeleton import BLAZEPOSE_33

    return BLAZEPOSE_33.names


def test_a_recording_needs_the_open_vault_and_goes_when_it_is_locked(qtbot, program, vault):
    vault.make()
    path = vault.clip(2.0)
    unlocked = vault.vault.unlock(PASSPHRASE)

    def key_of(path):
        key = key_of_clip(path, unlocked.secrets)
        if isinstance(key, PostureError):
            raise key
        return key

    bench = Bench(lambda: LITE)
    try:
        refused = ran(qtbot, bench, path, Options())
        assert refused.state is State.FAILED
        assert "unlock that on the Recordings page" in refused.message
        bench._key_of = key_of
        bench.retry(refused.number)
        qtbot.waitUntil(lambda: bench.items[1].state not in (State.WAITING, State.RUNNING), timeout=60_000)
        case = bench.items[1].case
        assert case is not None, bench.items[1].message
        assert len(case.observed.observations) >= 10
        pictures = clip_of(case)
        time_s, frame = next(iter(pictures.frames(0.5)))
        assert time_s == pytest.approx(0.5, abs=0.11)
        assert frame.scaled(320, 180).std() > 10
        pictures.close()
        bench.forget_clips()
        assert bench.items == {}
    finally:
        bench.close()


def test_without_a_vault_a_recording_names_the_next_step(bench, tmp_path):
    with pytest.raises(Locked, match="unlock"):
        bench._key_of(tmp_path / "a.pclip")
