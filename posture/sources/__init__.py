"""Things that yield frames. `open_source` opens a file; `SOURCES` lists every kind."""

from posture.sources.opening import SOURCES, open_source
from posture.sources.video import RedoSingleThreaded

__all__ = ["SOURCES", "RedoSingleThreaded", "open_source"]
