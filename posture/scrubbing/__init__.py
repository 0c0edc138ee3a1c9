"""From files to the same files without metadata: the parent's side of `scrubjob.py`, for `posture scrub`.

`scrub_file` does one file; `Scrubbing` does many, and shares one process among pictures.
"""

from posture.scrubbing.plan import Outcome, Plan, Scrubbed, Task, copy_suffix
from posture.scrubbing.run import Scrubbing, scrub_file

__all__ = ["Outcome", "Plan", "Scrubbed", "Scrubbing", "Task", "copy_suffix", "scrub_file"]
