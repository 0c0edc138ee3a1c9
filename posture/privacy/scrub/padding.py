"""Padding of containers: zeros say nothing, however many there are."""

from typing import BinaryIO

_PIECE_BYTES = 1 << 20


def only_zeros(file: BinaryIO, start: int, end: int) -> bool:
    """Whether there is nothing but zeros between two places of a file; it is read piece by piece, never as a whole."""
    for place in range(start, end, _PIECE_BYTES):
        file.seek(place)
        if file.read(min(end - place, _PIECE_BYTES)).strip(b"\0"):
            return False
    return True
