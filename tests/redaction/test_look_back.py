"""A head or a whole person that is found only now is hidden in the frames just before as well."""

import numpy as np
import pytest

from posture.data import Oval
from posture.pose.blazepose import Detection
from posture.pose.body import extent
from posture.pose.catalogue import Catalogue
from posture.pose.people import Crowd
from posture.pose.settings import PoseSettings
from posture.privacy.redact import COVER
from posture.redactor import LOOK_BACK_FRAMES, LOOK_BACK_S, LookBack, Redacted, Redactor, RedactSettings
from posture.sources.picture import Picture

HEAD = Oval(10, 10, 5, 5)


class Marker:
    """Hides by setting the pixel in the middle of each oval."""

    def hide(self, pixels, ovals, wholes):
        for oval in ovals:
            pixels[int(oval.y), int(oval.x)] = 255


def seen(waiting, times, appears_at):
    """Times of the frames, in the order in which they come out, and whether the head is hidden in each."""
    out = []
    for time_s in times:
        appeared = (HEAD,) if time_s == appears_at else ()
        out += waiting.due(time_s)
        waiting.add(Redacted(np.zeros((20, 20, 3), np.uint8), 1, 1, 0, appeared), time_s)
    return [(time_s, bool(pixels.any())) for pixels, time_s in [*out, *waiting.due()]]


@pytest.mark.parametrize("rate_hz", [5, 25, 30])
def test_frames_of_the_last_moment_are_hidden_and_older_ones_are_not(rate_hz):
    times = [number / rate_hz for number in range(3 * rate_hz)]
    appears_s = times[2 * rate_hz]
    before = [time_s for time_s in times if time_s < appears_s and appears_s - time_s <= LOOK_BACK_S]
    assert seen(LookBack(Marker()), times, appears_s) == [(time_s, time_s in before) for time_s in times]
    assert before


def test_every_frame_comes_out_once_and_in_order_however_fast_they_come():
    times = [number / 240 for number in range(100)]
    waiting = LookBack(Marker())
    assert [time_s for time_s, _ in seen(waiting, times, None)] == times
    hidden = [time_s for time_s, found in seen(LookBack(Marker()), times, times[50]) if found]
    assert hidden == times[51 - LOOK_BACK_FRAMES : 50], "the new frame is one of them"


HIPS, SHOULDERS = (300.0, 320.0), (300.0, 260.0)
SOMEBODY = Detection(0.9, np.array([HIPS, (300, 200), SHOULDERS, SHOULDERS]))
"""Whom only the detector sees: covered as a whole."""


class Scripted:
    """A frame of 640 x 480 pixels at 25 Hz: a grey slope."""

    def __init__(self, number, *, dark=False):
        rows, columns = np.mgrid[0:480, 0:640]
        grey = (rows + columns) // 8 if dark else 250 - (rows + columns) // 8
        self._picture, self.time_s = Picture.of_rgb(np.repeat(grey[..., None], 3, 2).astype(np.uint8)), number / 25

    def __getattr__(self, name):
        return getattr(self._picture, name)


def covered_frames(monkeypatch, frames, appears_s):
    """Times of the frames in which the whole of a person is covered who is seen from `appears_s` on."""
    video = Redactor(Catalogue.load(), RedactSettings(), PoseSettings(providers=("cpu",)), still=False)
    monkeypatch.setattr(video, "_found", lambda *_: [])
    monkeypatch.setattr(
        video, "_people", lambda frame: Crowd(unconfirmed=(SOMEBODY,) if frame.time_s >= appears_s else ())
    )
    waiting, out = LookBack(video), []
    for frame in frames:
        redacted = video(frame)
        out += waiting.due(frame.time_s)
        waiting.add(redacted, frame.time_s)
    box = extent(SOMEBODY)
    rows, columns = slice(round(box.top), round(box.bottom)), slice(round(box.left), round(box.right))
    return [time_s for pixels, time_s in [*out, *waiting.due()] if (pixels[rows, columns] == COVER).all()]


def test_a_whole_person_who_appears_is_hidden_in_the_frames_just_before(monkeypatch):
    frames = [Scripted(number) for number in range(60)]
    found = covered_frames(monkeypatch, frames, appears_s=1.0)
    times = [frame.time_s for frame in frames]
    assert found == [time_s for time_s in times if time_s >= 1.0 - LOOK_BACK_S - 1e-9]


def test_what_stands_before_a_cut_is_not_covered_by_who_comes_after_it(monkeypatch):
    frames = [Scripted(number, dark=number < 25) for number in range(35)]
    found = covered_frames(monkeypatch, frames, appears_s=1.0)
    assert found == [frame.time_s for frame in frames if frame.time_s >= 1.0]
