"""Power cuts while a clip is written: of what was not synced yet, each sector of the disk came or came not.

What SQLite does in its crash tests. After the last sync that returned, the disk may hold any of the 512-byte sectors
written since, in any order; some as zeros, some as garbage, one half old and half new. The file may be as long as it
ever was since then. What was acknowledged must come back, and nothing that was never written.
"""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from torture_clips import Clip, fragment, secret, written
from torture_figure import Asked, Figure, shares, spread

from posture.errors import VaultError
from posture.vault.chunks import PREAMBLE_BYTES
from posture.vault.clip import ClipWriter, open_clip
from posture.vault.recipient import X25519

SECTOR_BYTES = 512
_PARTS = 16


@dataclass
class Disk(io.RawIOBase):
    """A file that remembers in which order it was written and synced."""

    log: list[tuple[int, bytes] | None] = field(default_factory=list)
    """Place and content of each write; None is a sync that returned."""
    place: int = 0

    def __post_init__(self) -> None:
        """Nothing is written yet."""

    def writable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """From the beginning only."""
        self.place = offset
        return offset

    def write(self, content: object) -> int:
        """Remember it."""
        data = bytes(memoryview(content))  # type: ignore[arg-type]
        self.log.append((self.place, data))
        self.place += len(data)
        return len(data)

    def sync(self, file: object) -> None:
        """All that was written before is on the disk."""
        self.log.append(None)


def power_cuts(asked: Asked) -> Iterator[Figure]:
    """2,000 cuts at random moments."""
    total = asked.times(2000, 60)
    pieces = [(asked.seed, numbers) for numbers in shares(total, _PARTS)]
    results = list(spread(_cuts, pieces, asked.workers))
    wrong, lost, torn = (sum(each) for each in zip(*results, strict=True))
    found = f"{total:,} cuts, {torn:,} seen as torn; {lost} acknowledged fragments lost, {wrong} wrong"
    yield Figure("power cuts, sectors in any order", found, wrong + lost)


def _cuts(piece: tuple[int, range]) -> tuple[int, int, int]:
    seed, numbers = piece
    wrong = lost = torn = 0
    for number in numbers:
        draw = random.Random(seed << 32 | number)
        clip, disk, acknowledged = _recorded(draw)
        image, done = _after_cut(disk, draw)
        safe = max((end for moment, end in acknowledged if moment <= done), default=0)
        bad, missing = judged(clip, image, safe)
        wrong, lost, torn = wrong + bad, lost + missing, torn + (image != clip.content)
    return wrong, lost, torn


def _recorded(draw: random.Random) -> tuple[Clip, Disk, list[tuple[int, int]]]:
    """A clip of some fragments, and the pairs (length of the log, end in the plaintext) when each was acknowledged."""
    key, disk, acknowledged = secret(X25519, draw), Disk(), []
    writer = ClipWriter(disk, [key.recipient], random=draw.randbytes, sync=disk.sync)  # type: ignore[arg-type]
    head_bytes = writer.length - PREAMBLE_BYTES
    real = writer.fragment

    def followed(data: bytes) -> None:
        real(data)
        acknowledged.append(len(disk.log))

    writer.fragment = followed  # type: ignore[method-assign]
    sizes = [draw.choice((300, 15_900, 16_000, 40_000, 90_000)) for _ in range(draw.randrange(1, 6))]
    plain, ends = written(writer, [fragment(draw, size, track=draw.random() < 0.5) for size in sizes])
    writer.close()
    clip = Clip("", _image(disk.log), plain, [key], ends, head_bytes)
    return clip, disk, list(zip(acknowledged, ends[1::2], strict=True))


def _image(log: list[tuple[int, bytes] | None]) -> bytes:
    image = bytearray()
    for entry in log:
        if entry is not None:
            place, data = entry
            image[place : place + len(data)] = data
    return bytes(image)


def _after_cut(disk: Disk, draw: random.Random) -> tuple[bytes, int]:
    """What the disk holds when the power comes back, and how much of the log had happened."""
    happened = draw.randrange(len(disk.log) + 1)
    log = disk.log[:happened]
    synced = max((number + 1 for number, entry in enumerate(log) if entry is None), default=0)
    old, new = _image(log[:synced]), bytearray(_image(log))
    if happened < len(disk.log) and (under_way := disk.log[happened]):  # the write that was under way
        place, data = under_way
        new[place : place + len(data)] = data[: draw.randrange(len(data) + 1)]
    del new[draw.randrange(len(old), len(new) + 1) :]
    faith = draw.choice((0.0, 0.5, 0.9, 1.0))
    for start in range(len(old) // SECTOR_BYTES * SECTOR_BYTES, len(new), SECTOR_BYTES):
        if draw.random() >= faith:
            new[start : start + SECTOR_BYTES] = _sector(old, bytes(new[start : start + SECTOR_BYTES]), start, draw)
    return bytes(new), happened


def _sector(old: bytes, new: bytes, start: int, draw: random.Random) -> bytes:
    """A sector that did not come: as before, zeros, garbage, or torn. What was durable in it stays."""
    kept = old[start : start + len(new)]
    size = len(new) - len(kept)
    way = draw.randrange(3)
    if way == 2:
        half = draw.randrange(size + 1)
        return kept + new[len(kept) : len(kept) + half] + bytes(size - half)
    return kept + (bytes(size) if way else draw.randbytes(size))


def judged(clip: Clip, image: bytes, safe: int) -> tuple[bool, bool]:
    """Whether something wrong came back or damage was not seen, and whether acknowledged bytes are missing."""
    file = io.BytesIO(image)
    try:
        reader = open_clip(file, clip.find, recover=True)
    except VaultError:
        return False, safe > 0
    content = reader.readall()
    whole = image == clip.content
    ends = len(content) in (0, *clip.ends)
    wrong = not clip.plain.startswith(content) or not ends or reader.torn == whole
    try:
        open_clip(file, clip.find).readall()
    except VaultError:
        return wrong or whole, len(content) < safe
    return wrong or not whole, len(content) < safe
