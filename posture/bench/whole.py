"""The product with all its files: analysis at the default rate, then HTML, JSON and CSV with keypoints on the disk.

`python -m posture.bench.whole CLIP FOLDER` prints the cost of all processes from the first moment to the last file, so
that the peak of memory includes the writing of the reports.
"""

import sys
import time
from pathlib import Path

from posture.analysis import Analysis
from posture.bench.measured import Measured, Stopwatch
from posture.config import OutputSettings, Settings
from posture.pose.settings import PoseSettings
from posture.privacy.limits import peak_memory


def main() -> None:
    """Analyse a clip, write its reports to a folder and print the cost."""
    settings = Settings(
        pose=PoseSettings(providers=("cpu",)),
        output=OutputSettings(formats=("html", "json", "csv"), keypoints=True),
    )
    watch, first_s = Stopwatch(), 0.0

    def on_progress(time_s: float, length_s: float, frames: int) -> None:
        nonlocal first_s
        first_s = first_s or watch.wall_s

    result = Analysis(Path(sys.argv[1]), settings).run(Path(sys.argv[2]) / "report", on_progress)
    written = sum(path.stat().st_size for path in result.outputs.values())
    Measured(
        frames=result.finished.frames_decoded,
        wall_s=watch.wall_s,
        cpu_s=time.process_time() + result.finished.cpu_s,
        start_s=first_s,
        peak_memory_mib=(peak_memory() + result.finished.peak_memory_bytes) / 2**20,
        poses=result.summary.quality.frames_with_person,
        report_bytes=written,
    ).print()


if __name__ == "__main__":
    main()
