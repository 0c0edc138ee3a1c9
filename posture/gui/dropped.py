"""Files that are dropped on the window."""

from pathlib import Path

from PyQt6.QtCore import QMimeData


def files_of(data: QMimeData | None) -> list[Path]:
    """The files on this computer that are being dragged."""
    urls = data.urls() if data is not None and data.hasUrls() else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
