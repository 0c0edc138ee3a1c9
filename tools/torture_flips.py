"""Every bit of three clips flipped, one at a time, and every length they could be cut to."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from torture_clips import Clip, three
from torture_figure import Asked, Figure, shares, spread

from posture.errors import VaultError
from posture.vault.clip import open_clip, open_with_key

_PARTS = 64


@dataclass(frozen=True)
class _Piece:
    seed: int
    clip: int
    numbers: range


def flips(asked: Asked) -> Iterator[Figure]:
    """Every bit of every clip; small: one of every 101."""
    yield from _over(asked, "bits flipped", lambda clip: 8 * len(clip.content), _flipped, 101)


def truncations(asked: Asked) -> Iterator[Figure]:
    """Every length of every clip; small: one of every 101."""
    yield from _over(asked, "lengths cut to", lambda clip: len(clip.content), _cut, 101)


def _over(
    asked: Asked, what: str, count: Callable[[Clip], int], work: Callable[[_Piece], int], step: int
) -> Iterator[Figure]:
    for number, clip in enumerate(three(asked.seed)):
        total = count(clip)
        numbers = [range(low.start, low.stop, asked.times(1, step)) for low in shares(total, _PARTS)]
        wrong = sum(spread(work, [_Piece(asked.seed, number, each) for each in numbers], asked.workers))
        tried = sum(map(len, numbers))
        found = f"{tried:,} of {total:,} refused, or recovered to what stands before; {wrong} wrong"
        yield Figure(f"{what}, {clip.name}, {len(clip.content):,} bytes", found, wrong)


@lru_cache(1)
def _clips(seed: int) -> list[Clip]:
    return three(seed)


def _flipped(piece: _Piece) -> int:
    clip, wrong = _clips(piece.seed)[piece.clip], 0
    altered = bytearray(clip.content)
    for bit in piece.numbers:
        place, mask = bit // 8, 1 << bit % 8
        altered[place] ^= mask
        wrong += not as_it_must(clip, bytes(altered), place)
        altered[place] ^= mask
    return wrong


def _cut(piece: _Piece) -> int:
    clip = _clips(piece.seed)[piece.clip]
    return sum(not as_it_must(clip, clip.content[:length], length) for length in piece.numbers)


def as_it_must(clip: Clip, altered: bytes, authentic: int) -> bool:
    """Whether a clip that is as it was up to byte `authentic` is refused, or recovered to just what stands before."""
    file = io.BytesIO(altered)
    # Behind an unchanged head the wrapped key is as it was: unwrapping it anew a million times would show nothing.
    opened = (
        partial(open_clip, file, clip.find) if authentic < clip.head_bytes else partial(open_with_key, file, clip.key)
    )
    try:
        opened().readall()
        return False
    except VaultError:
        pass
    try:
        reader = opened(recover=True)
    except VaultError:
        return authentic < clip.payload  # nothing behind a damaged head can be told from garbage
    return reader.torn and authentic >= clip.payload and reader.readall() == clip.recovered(authentic)
