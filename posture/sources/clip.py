"""A `.pclip` as a source: its pictures, and who was seen while it was recorded. It is decrypted as it is read.

A clip that was cut or altered gives everything up to its last whole fragment, and its damage says so.
"""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from posture.data import Damage, Observation
from posture.errors import CannotRead
from posture.sources.container import Stream
from posture.sources.position import Position
from posture.sources.video import VideoSource
from posture.vault import track
from posture.vault.clip import open_with_key
from posture.vault.timeline import FromPart, timeline


class ClipSource(VideoSource):
    """Implements `posture.data.Source` on a clip, as `VideoSource` does on a file."""

    def __init__(
        self,
        path: Path,
        key: bytes,
        *,
        threads: int | None = None,
        start_s: float = 0.0,
        end_s: float | None = None,
        rate: float | None = None,
        behind: Position | None = None,
    ) -> None:
        """`key`: the input key of this clip alone, 32 bytes. The rest as for `VideoSource`.

        Raises Damaged where the key is another one or nothing is whole, and what `VideoSource` raises.
        """
        self._stored = _stored(path)
        try:
            self._reader = open_with_key(self._stored, key, recover=True)
            self._timeline = timeline(self._reader)
            stream = Stream(path.name, self._video)
            super().__init__(stream, threads=threads, start_s=start_s, end_s=end_s, rate=rate, behind=behind)
        except BaseException:
            self._stored.close()
            raise

    @property
    def damage(self) -> Damage:
        """What was lost so far, and whether the end of the clip is missing."""
        damage = super().damage
        if not self._reader.torn:
            return damage
        words = (
            "The recording was cut or altered: it is read up to its last whole second, "
            f"{self._timeline.length_s:.1f} s in."
        )
        return replace(damage, truncated=True, message=f"{words} {damage.message}".strip())

    def looks(self) -> Iterator[Observation]:
        """Who was seen while the clip was recorded, at the times and in the pixels of the recorded pictures.

        None comes from a clip that has no pose track. Not while frames are being read. Raises VaultError.
        """
        return track.read(self._reader)

    def close(self) -> None:
        """See `posture.data.Source`."""
        super().close()
        self._reader.close()
        self._stored.close()

    def _video(self) -> BinaryIO:
        return io.BufferedReader(FromPart(self._reader, self._timeline, 0))


def _stored(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as exc:
        raise CannotRead(f"{path.name}: cannot be opened ({exc.strerror}); check its permissions") from exc
