"""Clips for torture: small ones of every kind, and what must come back from each part, known without a reader."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from posture.vault import boxes
from posture.vault.chunks import CHUNK_BYTES, PREAMBLE_BYTES, SEALED_BYTES
from posture.vault.clip import SUFFIX, ClipWriter, input_key
from posture.vault.hpke import secret_of
from posture.vault.recipient import X25519, X_WING, Recipient, Secret, Secrets

_FTYP, _MVHD = boxes.made(b"ftyp", b"iso6\0\0\2\0iso6"), boxes.made(b"mvhd", bytes(100))
HEAD = _FTYP + boxes.made(b"moov", _MVHD + boxes.made(b"udta", b"written by somebody"))
"""The head of a file, with user data that no clip may keep."""
KEPT_HEAD = _FTYP + boxes.made(b"moov", _MVHD)


def fragment(draw: random.Random, size: int, *, track: bool = False) -> bytes:
    """One second of a video that no decoder would take, with a pose track beside it."""
    pose = boxes.track_box(draw.randbytes(300)) if track else b""
    return pose + boxes.made(b"moof", draw.randbytes(120)) + boxes.made(b"mdat", draw.randbytes(size))


class Kept(io.BytesIO):
    """A file in memory whose content stays after it was closed."""

    content = b""

    def close(self) -> None:
        """Keep the content."""
        if not self.closed:
            self.content = self.getvalue()
        super().close()


@dataclass(frozen=True)
class Clip:
    """A clip and what is in it."""

    name: str
    content: bytes
    plain: bytes
    secrets: Sequence[Secret]
    ends: Sequence[int] = field(repr=False)
    """Where in `plain` the boxes end behind which a recovered clip may end."""
    head_bytes: int

    @cached_property
    def key(self) -> bytes:
        """The key of this clip alone."""
        return input_key(io.BytesIO(self.content), self.find)

    def find(self, key_id: bytes) -> Secret | None:
        """As `Secrets`."""
        return next((secret for secret in self.secrets if secret.recipient.key_id == key_id), None)

    @property
    def payload(self) -> int:
        """Offset of the first chunk."""
        return self.head_bytes + PREAMBLE_BYTES

    def recovered(self, authentic: int) -> bytes:
        """What must come back where chunks up to byte `authentic` of the file are as they were."""
        limit = (authentic - self.payload) // SEALED_BYTES * CHUNK_BYTES
        return self.plain[: max((end for end in self.ends if end <= limit), default=0)]


def secret(kem: int, draw: random.Random) -> Secret:
    """A key pair that comes again with the same `draw`."""
    return secret_of(kem, draw.randbytes(32))


def finder(*secrets: Secret) -> Secrets:
    """The secrets by their key id."""
    return {secret.recipient.key_id: secret for secret in secrets}.get


def written(writer: ClipWriter, fragments: Sequence[bytes]) -> tuple[bytes, list[int]]:
    """Write head and fragments; what must be read, and the ends in it, by the format and not by the product."""
    plain, ends = b"", []
    for data in (HEAD, *fragments):
        writer.fragment(data)
        kept = KEPT_HEAD if data is HEAD else data
        missing = -len(kept) % CHUNK_BYTES
        missing += CHUNK_BYTES if 0 < missing < 8 else 0
        ends.append(len(plain) + len(kept))
        plain += kept + (missing.to_bytes(4, "big") + b"free" + bytes(missing - 8) if missing else b"")
        ends.append(len(plain))
    return plain, ends


def made(name: str, kems: Sequence[int], sizes: Sequence[int], seed: int, *, whole: bool = True) -> Clip:
    """A clip for new keys of these kinds, with fragments of about these sizes; not `whole`: as a crash leaves it."""
    draw = random.Random(seed)
    secrets = [secret(kem, draw) for kem in kems]
    file = Kept()
    writer = ClipWriter(file, [each.recipient for each in secrets], random=draw.randbytes, sync=no_sync)
    head_bytes = writer.length - PREAMBLE_BYTES
    fragments = [fragment(draw, size, track=number % 2 == 0) for number, size in enumerate(sizes)]
    plain, ends = written(writer, fragments)
    if whole:
        writer.close()
    else:
        writer.abandon()
    return Clip(name, file.content, plain, secrets, ends, head_bytes)


def new_clip(folder: Path, recipient: Recipient) -> tuple[ClipWriter, Path]:
    """A clip in a new file."""
    path = folder / f"clip{SUFFIX}"
    return ClipWriter(path.open("xb", buffering=0), [recipient]), path


def no_sync(file: BinaryIO) -> None:
    """Wait for no disk."""


def three(seed: int) -> list[Clip]:
    """The clips whose every bit is flipped and every length tried: each kind of key, whole and as a crash leaves it."""
    # 5 bytes are missing to the end of a chunk: no box fits in there, so the padding goes on into a chunk of its own.
    tight = CHUNK_BYTES - 5 - len(fragment(random.Random(), 0, track=True))
    return [
        made("X25519", [X25519], [500], seed),
        made("X-Wing and X25519", [X_WING, X25519], [16000], seed + 1),
        made("X25519, as a crash leaves it", [X25519], [tight], seed + 2, whole=False),
    ]
