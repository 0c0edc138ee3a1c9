"""The annotated copy of `posture analyze --video`: a redaction with skeletons and angles drawn over it."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from posture.errors import SourceError

if TYPE_CHECKING:
    from posture.analysis import Range
    from posture.config import Settings
    from posture.redaction.run import Watcher

SUFFIX = ".annotated"


class Annotated:
    """The copy of one file, `base`.annotated.mp4 (a picture stays one). Faces are covered, whatever else the settings
    say; what is written on it is in the language of the reports. `stop` may be called from a signal handler.
    """

    def __init__(
        self, path: Path, base: Path, settings: "Settings", span: "Range", key: bytes, *, overwrite: bool
    ) -> None:
        from posture.privacy.settings import RedactSettings
        from posture.redaction import Plan, Redaction, Task

        covered = {name: getattr(RedactSettings(overlay=True), name) for name in RedactSettings.__struct_fields__}
        chosen = msgspec.structs.replace(settings, redact=msgspec.structs.replace(settings.redact, **covered))
        self._overwrite = overwrite
        self._redaction = Redaction(chosen, Plan(start_s=span.start_s, end_s=span.end_s, overwrite=overwrite))
        self._task = Task(path, base.with_name(f"{base.name}{SUFFIX}"), key)

    def refuse(self) -> None:
        """Raise the error with which the copy would end, as far as that can be known before."""
        from posture.interchange.reading import format_of
        from posture.redaction.outputs import Outputs

        if format_of(self._task.path) is not None:
            raise SourceError(f"{self._task.path.name}: keypoints have no pictures to draw on; leave out --video")
        error = Outputs((self._task,), overwrite=self._overwrite).hindrance(self._task)
        if error is not None:
            raise error

    def stop(self) -> None:
        """End at once: a copy that is not complete is not written."""
        self._redaction.stop()

    def write(self, watcher: "Watcher") -> Path:
        """Write it. Raises PostureError where the file has no pictures, the copy cannot be written, or was stopped."""
        for outcome in self._redaction.run((self._task,), watcher):
            if outcome.error is not None:
                raise outcome.error
            if outcome.result is not None:
                return outcome.result.output
        raise SourceError(f"{self._task.path.name}: stopped, so that there is no annotated copy")
