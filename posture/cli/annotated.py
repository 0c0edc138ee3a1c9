"""The annotated copy of `posture analyze --video`: a redaction with skeletons and angles drawn over it."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from posture.errors import SourceError

if TYPE_CHECKING:
    from posture.analysis import Range
    from posture.config import Settings

SUFFIX = ".annotated"


def annotated(path: Path, base: Path, settings: "Settings", span: "Range", key: bytes, *, overwrite: bool) -> Path:
    """Write `base`.annotated.mp4 (a picture stays one). Faces are covered, whatever else the settings say.

    Raises PostureError where the file has no pictures, or the copy cannot be written.
    """
    from posture.privacy.settings import RedactSettings
    from posture.redaction import Plan, Redaction, Task

    covered = {name: getattr(RedactSettings(overlay=True), name) for name in RedactSettings.__struct_fields__}
    chosen = msgspec.structs.replace(settings, redact=msgspec.structs.replace(settings.redact, **covered))
    plan = Plan(start_s=span.start_s, end_s=span.end_s, overwrite=overwrite)
    tasks = [Task(path, base.with_name(f"{base.name}{SUFFIX}"), key)]
    for outcome in Redaction(chosen, plan).run(tasks, _Silent()):
        if outcome.error is not None:
            raise outcome.error
        if outcome.result is not None:
            return outcome.result.output
    raise SourceError(f"{path.name}: the annotated copy was not finished")


class _Silent:
    """Nobody is shown how far it is."""

    def begin(self, name: str) -> None:
        """Not shown."""

    def update(self, time_s: float, duration_s: float, frames: int) -> None:
        """Not shown."""
