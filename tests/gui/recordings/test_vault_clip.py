"""A clip of a real vault, as the player reads it."""

import builtins
import os

import pytest
from filled_vault import PASSPHRASE

from posture.errors import Damaged, Locked
from posture.gui.recordings.clip import FRESH_S


@pytest.fixture
def unlocked(filled):
    filled.safe.unlock(PASSPHRASE)
    yield filled
    filled.safe.lock()


@pytest.fixture
def clip(unlocked):
    opened = unlocked.safe.clip(unlocked.safe.items()[0])
    yield opened
    opened.close()


def test_every_moment_is_found(clip):
    assert (clip.length_s, clip.frame_s, clip.torn) == (3.0, 0.1, False)
    for wanted_s in (0.0, 0.95, 1.0, 2.34, 2.9):
        frames = clip.frames(wanted_s)
        time_s, frame = next(iter(frames))
        frames.close()
        assert wanted_s - 1e-6 <= time_s < wanted_s + clip.frame_s + 1e-6
        assert (frame.width, frame.height) == (320, 180)


def test_people_are_those_of_the_moment_and_go_when_nobody_was_looked_at(clip):
    seen = clip.people(1.52)
    assert seen.time_s == pytest.approx(1.5)
    assert seen.people[0].pose.points_px[:, 0].max() < 320
    clip._looks = {2: [], 1: clip._seen(1)[:3]}  # the last look of this fragment is at 1.2 s
    assert clip.people(1.2 + FRESH_S).time_s == pytest.approx(1.2)
    assert clip.people(1.2 + FRESH_S + 0.1) is None


def test_an_altered_clip_gives_what_is_before_the_change(unlocked):
    item = unlocked.safe.items()[0]
    data = bytearray(item.entry.path.read_bytes())
    data[len(data) * 3 // 4] ^= 1
    item.entry.path.write_bytes(data)
    clip = unlocked.safe.clip(item)
    assert clip.torn
    assert clip.length_s in (1.0, 2.0)
    assert len(list(clip.frames(0.0))) == round(clip.length_s * 10)
    clip.close()


def test_a_clip_of_nothing_says_so(unlocked):
    item = unlocked.safe.items()[0]
    item.entry.path.write_bytes(item.entry.path.read_bytes()[:1500])
    with pytest.raises(Damaged):
        unlocked.safe.clip(item)


def test_nothing_is_opened_but_the_clip_itself(unlocked, monkeypatch):
    names = []
    real_open, real_os_open = builtins.open, os.open
    monkeypatch.setattr(builtins, "open", lambda name, *a, **k: names.append(name) or real_open(name, *a, **k))
    monkeypatch.setattr(os, "open", lambda name, *a, **k: names.append(name) or real_os_open(name, *a, **k))
    before = set(unlocked.folder.parent.rglob("*"))
    item = unlocked.safe.items()[0]
    names.clear()
    clip = unlocked.safe.clip(item)
    for start_s in (0.0, 2.5):
        frames = clip.frames(start_s)
        next(iter(frames))
        frames.close()
    clip.close()
    assert set(unlocked.folder.parent.rglob("*")) == before
    assert not [name for name in names if str(name) != str(item.entry.path) and "shm" not in str(name)]


def test_what_is_locked_cannot_be_opened(filled):
    with pytest.raises(Locked):
        filled.safe.clip(filled.safe.items()[0])


def test_viewing_is_in_the_log(unlocked):
    item = unlocked.safe.items()[0]
    unlocked.safe.clip(item).close()
    assert unlocked.logged[-1] == ("clip.viewed", {"clip": item.clip_id.hex()})
