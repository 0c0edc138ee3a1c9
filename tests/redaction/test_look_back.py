"""A head that is found only now is hidden in the frames just before as well."""

import numpy as np
import pytest

from posture.data import Oval
from posture.redactjob import LOOK_BACK_FRAMES, LOOK_BACK_S, _Waiting
from posture.redactor import Redacted

HEAD = Oval(10, 10, 5, 5)


class Marker:
    """Hides by setting the pixel in the middle of each oval."""

    def hide(self, pixels, ovals):
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
    assert seen(_Waiting(Marker()), times, appears_s) == [(time_s, time_s in before) for time_s in times]
    assert before


def test_every_frame_comes_out_once_and_in_order_however_fast_they_come():
    times = [number / 240 for number in range(100)]
    waiting = _Waiting(Marker())
    assert [time_s for time_s, _ in seen(waiting, times, None)] == times
    hidden = [time_s for time_s, found in seen(_Waiting(Marker()), times, times[50]) if found]
    assert hidden == times[51 - LOOK_BACK_FRAMES : 50], "the new frame is one of them"
