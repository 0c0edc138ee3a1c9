"""A million altered clips, boxes and public keys: only the errors of the program come, and nothing altered is taken."""

import io
import random
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from torture_clips import Clip, made
from torture_figure import Asked, Figure, shares, spread

from posture.errors import VaultError
from posture.vault import boxes
from posture.vault.chunks import CHUNK_BYTES
from posture.vault.clip import open_clip
from posture.vault.hpke import WRAPPED_BYTES, wrap
from posture.vault.recipient import X25519, X_WING, Recipient

_PARTS = 64
_INTERESTING = (b"", b"\0", b"\xff", b"\0\0", b"\xff\xff", b"\0\0\0\1", b"\0\1\0\0", b"\xff\xff\xff\xff", bytes(8))


def mutations(asked: Asked) -> Iterator[Figure]:
    """1,000,000 inputs for the reader of clips, a tenth of that for boxes and for keys."""
    for what, work, full in (("clips", _clips_altered, 1_000_000), ("boxes", _boxes_altered, 100_000),
                             ("public keys", _keys_altered, 10_000)):  # fmt: skip
        total = asked.times(full, full // 500)
        outcomes: Counter[str] = Counter()
        for each in spread(work, [(asked.seed, numbers) for numbers in shares(total, _PARTS)], asked.workers):
            outcomes += each
        wrong = sum(count for outcome, count in outcomes.items() if outcome.startswith("WRONG"))
        kinds = ", ".join(f"{outcome} {count:,}" for outcome, count in sorted(outcomes.items()))
        yield Figure(f"mutated {what}", f"{total:,}: {kinds}; {wrong} wrong", wrong)


def mutated(content: bytes, draw: random.Random, most: int) -> bytes:
    """`content` with 1 to 7 changes in its first `most` bytes: other bytes, fewer, more, or a piece from elsewhere."""
    data = bytearray(content)
    for _ in range(draw.randrange(1, 8)):
        place = draw.randrange(min(len(data), most) + 1)
        way = draw.randrange(5)
        if way == 0:
            data[place : place + 1] = draw.randbytes(1)
        elif way == 1:
            del data[place : place + draw.randrange(1, 9)]
        elif way == 2:
            data[place:place] = draw.randbytes(draw.randrange(1, 9))
        elif way == 3:
            put = draw.choice(_INTERESTING)
            data[place : place + len(put)] = put
        else:
            start = draw.randrange(len(content))
            piece = content[start : start + draw.randrange(1, 65)]
            data[place : place + len(piece)] = piece
    if draw.random() < 0.1:
        del data[draw.randrange(len(data) + 1) :]
    return bytes(data)


@lru_cache(1)
def _originals(seed: int) -> list[Clip]:
    return [made("", [X25519], [], seed), made("", [X25519] * 3, [], seed), made("", [X_WING, X25519], [100], seed)]


def _clips_altered(piece: tuple[int, range]) -> Counter[str]:
    seed, numbers = piece
    draw, outcomes = random.Random(f"{seed} {numbers.start}"), Counter[str]()
    originals = _originals(seed)
    for _ in numbers:
        clip = draw.choice(originals)
        head = clip.payload + 40  # where the fields are; behind it all bytes are alike
        altered = mutated(clip.content, draw, head if draw.random() < 0.9 else len(clip.content))
        outcomes[_clip_outcome(clip, altered, recover=draw.random() < 0.5)] += 1
    return outcomes


def _clip_outcome(clip: Clip, altered: bytes, *, recover: bool) -> str:
    try:
        reader = open_clip(io.BytesIO(altered), clip.find, recover=recover)
        content = reader.readall()
    except VaultError as error:
        return type(error).__name__
    except Exception as error:  # noqa: BLE001 - this is what the theme looks for
        return f"WRONG {type(error).__name__}"
    if altered == clip.content:
        return "unchanged after all"
    return (
        "recovered"
        if reader.torn and clip.plain.startswith(content) and len(content) in (0, *clip.ends)
        else "WRONG taken"
    )


def _boxes_altered(piece: tuple[int, range]) -> Counter[str]:
    seed, numbers = piece
    draw, outcomes = random.Random(f"{seed} {numbers.start} boxes"), Counter[str]()
    original = made("", [X25519], [200], seed).plain
    lengths = (136, 300, CHUNK_BYTES, len(original))  # the head alone, cut, padded; with a fragment
    for _ in numbers:
        altered = mutated(original[: draw.choice(lengths)], draw, 400)
        outcomes[_box_outcome(altered)] += 1
    return outcomes


def _box_outcome(altered: bytes) -> str:
    file = io.BytesIO(altered)
    try:
        if not 0 <= boxes.whole_end(file) <= len(altered):
            return "WRONG end"
        for box in boxes.top_boxes(file):
            boxes.track(file, box)
        boxes.for_clip(altered)
    except boxes.BoxError:
        return "BoxError"
    except Exception as error:  # noqa: BLE001 - this is what the theme looks for
        return f"WRONG {type(error).__name__}"
    return "whole boxes"


def _keys_altered(piece: tuple[int, range]) -> Counter[str]:
    seed, numbers = piece
    draw, outcomes = random.Random(f"{seed} {numbers.start} keys"), Counter[str]()
    originals = [each.recipient for clip in _originals(seed) for each in clip.secrets]
    for _ in numbers:
        original = draw.choice(originals)
        kem = draw.choice((original.kem, original.kem, *WRAPPED_BYTES, draw.randrange(1 << 16)))
        outcomes[_key_outcome(Recipient(kem, mutated(original.public, draw, 1300)))] += 1
    return outcomes


def _key_outcome(recipient: Recipient) -> str:
    try:
        wrapped = wrap(recipient, bytes(32), bytes(16))
    except VaultError as error:
        return type(error).__name__
    except Exception as error:  # noqa: BLE001 - this is what the theme looks for
        return f"WRONG {type(error).__name__}"
    return "another key" if len(wrapped) == WRAPPED_BYTES[recipient.kem] else "WRONG length"
