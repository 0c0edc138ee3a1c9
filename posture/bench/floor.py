"""The floor: decode with one thread, touch each plane once, run the full model on a real crop; one after the other.

`python -m posture.bench.floor CLIP FRAMES` (design rule of the benchmark: CPU seconds a frame of this process).
"""

import itertools
import sys
from pathlib import Path

import av
import numpy as np

from posture.bench.measured import Measured, Stopwatch
from posture.errors import SourceError
from posture.pose.blazepose import LANDMARK_SIZE
from posture.pose.catalogue import Catalogue
from posture.pose.crop import Region, affine
from posture.pose.estimator import Estimator
from posture.pose.session import Session
from posture.pose.settings import PoseSettings
from posture.privacy.limits import peak_memory
from posture.sources import open_source

CROPS = 8


def main() -> None:
    """Run the floor over a clip and print its cost."""
    clip, limit = Path(sys.argv[1]), int(sys.argv[2])
    watch = Stopwatch()
    catalogue = Catalogue.load()
    crops = _crops(clip, catalogue)
    session = Session(catalogue.read("pose_landmark_full"), ["cpu"], threads=1)
    count = 0
    with av.open(clip, mode="r") as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        for frame in itertools.islice(container.decode(stream), limit):
            for plane in frame.planes:
                np.frombuffer(memoryview(plane), np.uint8).max()
            session.run(crops[count % len(crops)])
            count += 1
            if count == Stopwatch.WARM_UP_FRAMES:
                watch.lap()
    frames = count - Stopwatch.WARM_UP_FRAMES
    Measured(frames, watch.wall_s, watch.cpu_s, watch.start_s, peak_memory() / 2**20, poses=count).print()


def _crops(clip: Path, catalogue: Catalogue) -> list[np.ndarray]:
    """What the model really sees: the person's crops of the first frames."""
    estimator = Estimator(catalogue, PoseSettings(providers=("cpu",)))
    source = open_source(clip, threads=1)
    crops = []
    for frame in itertools.islice(source, CROPS * 4):
        poses, _ = estimator(frame)
        if poses:
            region = Region(*poses[0].region)
            crops.append(frame.crop(affine(region, LANDMARK_SIZE), LANDMARK_SIZE, "edge")[None])
        if len(crops) == CROPS:
            break
    source.close()
    estimator.close()
    if not crops:
        raise SourceError(f"{clip.name}: nobody is found in its first frames, so there is nothing to compare")
    return crops


if __name__ == "__main__":
    main()
