"""Live monitoring and the analysis of a file see the very same in the same frames."""

import itertools
import threading

import numpy as np

from posture.capture import Captured
from posture.config import Settings
from posture.data import MEASURE_NAMES
from posture.ergonomics.iso11226 import assess
from posture.ergonomics.measure import measure
from posture.live.background import UNKNOWN
from posture.live.looking import Looking
from posture.live.threads import loaded
from posture.pipeline import Progress, observations
from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator
from posture.sources.demo import DemoSource

FRAMES = 15


class FirstFrames(DemoSource):
    """The beginning of the demo."""

    def __next__(self):
        frame = super().__next__()
        if frame.index >= FRAMES:
            raise StopIteration
        return frame


def test_the_same_frames_give_the_same_angles_and_zones_live_and_from_a_file():
    settings = Settings()
    looking = Looking(loaded(settings), itertools.count().__next__)
    source = FirstFrames()
    live = [
        looking(Captured(frame, frame.time_s, frame.time_s), settings.measure, lambda _: UNKNOWN).observation
        for frame in source
    ]
    source.close()
    source = FirstFrames()
    of_file = list(
        observations(
            source,
            Estimator(Catalogue.load(), settings.pose),
            measure,
            assess,
            rate="all",
            progress=Progress(),
            stop=threading.Event(),
        )
    )
    source.close()
    assert len(live) == len(of_file) == FRAMES
    for one, other in zip(live, of_file, strict=True):
        assert (one.index, one.time_s) == (other.index, other.time_s)
        (seen,), (analysed,) = one.people, other.people
        np.testing.assert_array_equal(seen.pose.points_px, analysed.pose.points_px)
        np.testing.assert_array_equal(seen.measurements.values, analysed.measurements.values)
        assert seen.measurements.reasons == analysed.measurements.reasons
        assert seen.assessment == analysed.assessment
    assert np.isfinite(live[0].people[0].measurements.values[MEASURE_NAMES.index("head_tilt_deg")])
