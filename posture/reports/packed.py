"""Rows of numbers kept as compressed fixed-point chunks, so that hours of observations fit into a few megabytes."""

import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNK_ROWS = 512
"""Rows that are compressed together. Fewer compress worse, more make reading one row slower."""


class Packed:
    """An append-only table of numbers, fixed width, read back in order or by chunk.

    A value is stored as the whole number nearest to value / step; NaN survives, infinities become NaN, and values
    beyond the range of `dtype` are clipped. Along each chunk only differences are kept (posture changes slowly), their
    bytes sorted by significance, and that is deflated.
    """

    def __init__(self, steps: Sequence[float], dtype: type[np.signedinteger[Any]] = np.int32) -> None:
        """`steps[c]` is the resolution of column c."""
        self._steps = np.asarray(steps, np.float64)
        self._dtype = np.dtype(dtype)
        self._nan = np.iinfo(self._dtype).min
        self._chunks: list[bytes] = []
        self._fresh: list[Sequence[float] | NDArray[Any]] = []
        self.packed_bytes = 0
        """Size of what is compressed so far."""

    def __len__(self) -> int:
        return len(self._chunks) * CHUNK_ROWS + len(self._fresh)

    @property
    def chunk_count(self) -> int:
        """How many chunks there are to read; the last may be short."""
        return len(self._chunks) + bool(self._fresh)

    def append(self, row: Sequence[float] | NDArray[Any]) -> None:
        """Add one row of as many numbers as there are steps."""
        self._fresh.append(row)
        if len(self._fresh) == CHUNK_ROWS:
            chunk = self._deflate(self._fixed(self._fresh))
            self._chunks.append(chunk)
            self.packed_bytes += len(chunk)
            self._fresh = []

    def whole(self, chunk: int) -> NDArray[Any]:
        """Rows of one chunk as the whole numbers that are stored, [rows, columns]; NaN is the smallest of them."""
        return self._inflate(self._chunks[chunk]) if chunk < len(self._chunks) else self._fixed(self._fresh)

    def chunk(self, chunk: int) -> NDArray[np.float64]:
        """Rows of one chunk in their unit, float64 [rows, columns]."""
        return self._of_fixed(self.whole(chunk))

    def some(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """`read()[rows]` for rising `rows`, with one chunk unpacked at a time."""
        return self._together([self._of_fixed(part) for part in self._picked(rows)], np.float64)

    def some_whole(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """`read_whole()[rows]` for rising `rows`."""
        return self._together(list(self._picked(rows)), self._dtype)

    def read(self) -> NDArray[np.float64]:
        """All rows, float64 [rows, columns]."""
        return self._together([self.chunk(i) for i in range(self.chunk_count)], np.float64)

    def column(self, index: int) -> NDArray[np.float64]:
        """One column of all rows, float64 [rows]; only one chunk is unpacked at a time."""
        chunks = [self.chunk(i)[:, index : index + 1] for i in range(self.chunk_count)]
        return self._together(chunks, np.float64)[:, 0] if chunks else np.empty(0)

    def read_whole(self) -> NDArray[Any]:
        """All rows as the whole numbers that are stored."""
        return self._together([self.whole(i) for i in range(self.chunk_count)], self._dtype)

    def row(self, index: int) -> NDArray[np.float64]:
        """One row in its unit, float64 [columns]."""
        row: NDArray[np.float64] = self.chunk(index // CHUNK_ROWS)[index % CHUNK_ROWS]
        return row

    def _picked(self, rows: NDArray[np.int64]) -> Iterator[NDArray[Any]]:
        edges = np.searchsorted(rows, np.arange(self.chunk_count + 1) * CHUNK_ROWS)
        for chunk, (a, b) in enumerate(pairwise(edges.tolist())):
            if b > a:
                yield self.whole(chunk)[rows[a:b] - chunk * CHUNK_ROWS]

    def _of_fixed(self, fixed: NDArray[Any]) -> NDArray[np.float64]:
        return np.where(fixed == self._nan, np.nan, fixed * self._steps)

    def _together(self, chunks: list[NDArray[Any]], dtype: Any) -> NDArray[Any]:  # noqa: ANN401 - what numpy takes
        return np.concatenate(chunks) if chunks else np.empty((0, len(self._steps)), dtype)

    def _fixed(self, rows: Sequence[Sequence[float] | NDArray[Any]]) -> NDArray[Any]:
        whole = np.rint(np.asarray(rows, np.float64).reshape(len(rows), -1) / self._steps)
        largest = float(np.iinfo(self._dtype).max // 2)  # half, so that a difference never meets the NaN mark
        clipped = np.clip(whole, -largest, largest)
        return np.where(np.isfinite(whole), clipped, self._nan).astype(self._dtype)

    def _deflate(self, fixed: NDArray[Any]) -> bytes:
        changes = np.diff(fixed, axis=0, prepend=np.zeros_like(fixed[:1])).T  # wraps around, and back in _inflate
        shuffled = np.ascontiguousarray(changes).view(np.uint8).reshape(-1, self._dtype.itemsize).T
        return zlib.compress(shuffled.tobytes(), 6)

    def _inflate(self, chunk: bytes) -> NDArray[Any]:
        shuffled = np.frombuffer(zlib.decompress(chunk), np.uint8).reshape(self._dtype.itemsize, -1)
        changes = np.ascontiguousarray(shuffled.T).view(self._dtype).reshape(len(self._steps), -1)
        return np.cumsum(changes, axis=1, dtype=self._dtype).T
