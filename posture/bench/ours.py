"""The product end to end on one clip: sandboxed job, messages, observations gathered into the report's table.

`python -m posture.bench.ours CLIP RATE THREADS DECODE` prints the cost of both processes together.
"""

import os
import sys
from pathlib import Path
from typing import Literal

from posture import wire
from posture.bench.measured import Measured, Stopwatch
from posture.ergonomics.measure import MeasureSettings
from posture.job import Job, JobSettings
from posture.pacing import Rate
from posture.pipeline import AnalysisSettings
from posture.pose.settings import PoseSettings
from posture.privacy.limits import peak_memory
from posture.reports import Table


def main() -> None:
    """Run the product over a clip and print its cost."""
    rate: Rate = "all" if sys.argv[2] == "all" else float(sys.argv[2])
    decode: Literal["due", "all"] = "all" if sys.argv[4] == "all" else "due"
    watch = Stopwatch()
    limits = JobSettings()
    spec = wire.JobSpec(
        path=os.fsencode(Path(sys.argv[1]).absolute()),
        pose=PoseSettings(threads=int(sys.argv[3]), providers=("cpu",)),
        measure=MeasureSettings(),
        analysis=AnalysisSettings(rate=rate, decode=decode),
        memory_bytes=limits.memory_mib << 20,
    )
    table, poses, first, last = Table(), 0, None, None
    job = Job(spec, limits)
    try:
        for message in job:
            if isinstance(message, wire.Batch):
                for observation in message.observations:
                    table.append(observation)
                    poses += bool(observation.people)
                if first is None:
                    first = message
                    watch.lap()
            elif isinstance(message, wire.Finished):
                last = message
    finally:
        job.close()
    assert last is not None
    Measured(
        frames=last.frames_decoded - (first.frames_decoded if first else last.frames_decoded),
        wall_s=watch.wall_s,
        cpu_s=watch.cpu_s + last.cpu_s - (first.cpu_s if first else 0.0),
        start_s=watch.start_s,
        peak_memory_mib=(peak_memory() + last.peak_memory_bytes) / 2**20,
        poses=poses,
    ).print()


if __name__ == "__main__":
    main()
