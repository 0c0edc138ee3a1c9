"""What every theme of `torture.py` shares: what was asked for, what it says, and work on all cores."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

Piece = TypeVar("Piece")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Asked:
    """How much is to be done, and where."""

    folder: Path
    """An empty folder on the disk that is tortured."""
    small: bool = False
    """A hundredth of it, for the test suite."""
    seed: int = 1
    workers: int = os.cpu_count() or 1

    def times(self, full: int, small: int) -> int:
        """How often something is to be tried."""
        return small if self.small else full


@dataclass(frozen=True)
class Figure:
    """One line of the result."""

    what: str
    found: str
    wrong: int = 0
    """How many cases came out otherwise than they must."""


Theme = Callable[[Asked], Iterator[Figure]]


def spread(work: Callable[[Piece], Found], pieces: Sequence[Piece], workers: int) -> Iterator[Found]:
    """`work` over all pieces, in processes where there is more than one worker; the results in this order."""
    if workers == 1 or len(pieces) == 1:
        yield from map(work, pieces)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(work, pieces)


def shares(total: int, parts: int) -> Iterable[range]:
    """The numbers below `total` in about equal ranges."""
    bounds = [total * part // parts for part in range(parts + 1)]
    return [range(low, high) for low, high in pairwise(bounds) if low < high]
