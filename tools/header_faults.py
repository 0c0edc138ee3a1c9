"""The faults of `make_header_vectors.py`, one a line: name, result, and the clip that has it and no other."""

import hmac
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

X25519, X_WING, UNKNOWN = 0x0020, 0x647A, 0x0021
MAC_LABEL = b"pclip/v1 header"
MOST_BYTES = 65536

Fault = tuple[str, str, bytes]
"""Name, result, clip."""


@dataclass(frozen=True)
class Slot:
    """A slot whose length field may lie."""

    kem: int
    key_id: bytes
    wrapped: bytes
    length: int | None = None

    def __bytes__(self) -> bytes:
        length = len(self.wrapped) if self.length is None else self.length
        return struct.pack(">HH8s", self.kem, length, self.key_id) + self.wrapped


@dataclass(frozen=True)
class Made:
    """A clip to be; what is None is set as it must be."""

    slots: tuple[Slot, ...]
    clip_id: bytes
    key: bytes
    payload: bytes
    magic: bytes = b"PCLIP001"
    version: int = 1
    length: int | None = None
    count: int | None = None
    slack: bytes = b""
    mac: Callable[["Made", bytes], bytes] = field(default=lambda made, body: made.right_mac(body))

    def right_mac(self, body: bytes, label: bytes = MAC_LABEL) -> bytes:
        """HMAC-SHA-256 under HKDF-Expand-SHA-512 (RFC 5869; 32 bytes are one block)."""
        return hmac.digest(hmac.digest(self.key, label + b"\1", "sha512")[:32], body, "sha256")

    def head(self) -> bytes:
        """With its MAC."""
        slots = b"".join(map(bytes, self.slots)) + self.slack
        length = 32 + len(slots) + 32 if self.length is None else self.length
        count = len(self.slots) if self.count is None else self.count
        body = struct.pack(">8sIHH16s", self.magic, length, self.version, count, self.clip_id) + slots
        return body + self.mac(self, body)

    def __bytes__(self) -> bytes:
        return self.head() + self.payload


def flipped(data: bytes, place: int, mask: int = 1) -> bytes:
    """With one bit changed."""
    place %= len(data)
    return data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]


def faults(parts: dict[str, str]) -> Iterator[Fault]:
    """All of them, in a fixed order."""
    part = {name: bytes.fromhex(value) for name, value in parts.items()}
    x = Slot(X25519, part["id_x"], part["wrap_x"])
    w = Slot(X_WING, part["id_w"], part["wrap_w"])
    stranger = Slot(X25519, part["id_stranger"], part["wrap_stranger"])
    good = Made((x,), part["clip_id"], part["key"], part["payload"])
    yield from _valid(good, x, w, stranger, part)
    yield from _fixed_fields(good, x, w)
    yield from _slots(good, x, w, stranger)
    yield from _wraps(good, x, w, part)
    yield from _macs(good, part)
    yield from _ends(good, part)


def _named(result: str, **clips: Made | bytes) -> Iterator[Fault]:
    for name, clip in clips.items():
        yield name.replace("_", " "), result, bytes(clip)


def _others(count: int) -> tuple[Slot, ...]:
    """Slots of keys that nobody has."""
    return tuple(Slot(X25519, number.to_bytes(8, "big"), bytes(80)) for number in range(count))


def _valid(good: Made, x: Slot, w: Slot, stranger: Slot, part: dict[str, bytes]) -> Iterator[Fault]:
    unknown = Slot(UNKNOWN, b"future 1", bytes(7))
    largest = MOST_BYTES - 64 - 92 - 12
    zero = replace(x, wrapped=part["wrap_x_zero_clip"])
    yield from _named(
        "valid",
        x25519=good,
        x_wing=replace(good, slots=(w,)),
        both_kinds=replace(good, slots=(x, w)),
        behind_a_stranger=replace(good, slots=(stranger, x)),
        the_last_of_32_slots=replace(good, slots=(*_others(31), w)),
        an_unknown_kind_before=replace(good, slots=(unknown, x)),
        an_unknown_kind_behind=replace(good, slots=(x, unknown)),
        an_unknown_kind_of_no_bytes=replace(good, slots=(replace(unknown, wrapped=b""), x)),
        the_longest_head=replace(good, slots=(replace(unknown, wrapped=bytes(largest)), x)),
        a_clip_id_of_zeros=replace(good, slots=(zero,), clip_id=bytes(16), payload=part["payload_zero_clip"]),
    )


def _fixed_fields(good: Made, x: Slot, w: Slot) -> Iterator[Fault]:
    length = len(good.head())
    magics = (
        b"pclip001",
        b"PCLIP000",
        b"PCLIP002",
        b"PCLIP01\0",
        b"100PILCP",
        bytes(8),
        b"\xffCLIP001",
        b"PCLIP00\xb1",
    )
    for magic in magics:
        yield f"magic {magic!r}", "damaged", bytes(replace(good, magic=magic))
    little = int.from_bytes(length.to_bytes(4, "little"), "big")
    lengths = (0, 1, 31, 32, 63, 64, 75, length - 32, length - 1, length + 1, length + 24, little,
               MOST_BYTES, MOST_BYTES + 1, 2**31, 2**32 - 1)  # fmt: skip
    for wrong in lengths:
        yield f"a length of {wrong} instead of {length}", "damaged", bytes(replace(good, length=wrong))
    for version, result in ((0, "damaged"), (2, "unsupported"), (256, "unsupported"), (65535, "unsupported")):
        yield f"version {version}", result, bytes(replace(good, version=version))
    too_long = Slot(UNKNOWN, b"future 1", bytes(MOST_BYTES - 64 - 92 - 12 + 1))
    yield from _named(
        "damaged",
        no_slot=replace(good, slots=()),
        one_slot_and_a_count_of_0=replace(good, count=0),
        one_slot_and_a_count_of_2=replace(good, count=2),
        two_slots_and_a_count_of_1=replace(good, slots=(x, w), count=1),
        a_count_of_256=replace(good, count=256),
        a_count_of_65535=replace(good, count=65535),
        slots_33=replace(good, slots=(*_others(32), x)),
        one_byte_longer_than_the_longest_head=replace(good, slots=(too_long, x)),
    )


def _slots(good: Made, x: Slot, w: Slot, stranger: Slot) -> Iterator[Fault]:
    for length in (0, 1, 79, 81, 92, 112, 1168, 65535):
        yield f"an X25519 slot of length {length}", "damaged", bytes(replace(good, slots=(replace(x, length=length),)))
    short, long = replace(x, wrapped=x.wrapped[:-1]), replace(x, wrapped=x.wrapped + b"\0")
    yield from _named(
        "damaged",
        a_wrapped_key_of_79_bytes=replace(good, slots=(short,)),
        a_wrapped_key_of_81_bytes=replace(good, slots=(long,)),
        an_x_wing_slot_of_80_bytes=replace(good, slots=(replace(x, kem=X_WING),)),
        an_x25519_slot_of_1168_bytes=replace(good, slots=(replace(w, kem=X25519),)),
        a_slot_of_another_with_a_wrong_length=replace(good, slots=(replace(stranger, wrapped=bytes(81)), x)),
        one_slot_twice=replace(good, slots=(x, x)),
        one_key_id_twice=replace(good, slots=(x, replace(stranger, key_id=x.key_id))),
        one_key_id_in_two_kinds=replace(good, slots=(x, Slot(UNKNOWN, x.key_id, b""))),
        one_byte_behind_the_slots=replace(good, slack=b"\0"),
        eleven_bytes_behind_the_slots=replace(good, slack=bytes(11)),
        half_a_slot_head=replace(good, slack=bytes(w)[:11], count=2),
        a_slot_head_without_its_key=replace(good, slack=bytes(w)[:12], count=2),
        a_slot_that_reaches_into_the_mac=replace(good, slots=(x, Slot(UNKNOWN, b"future 1", b"", length=1))),
        a_slot_that_reaches_to_the_end_of_the_mac=replace(good, slots=(x, Slot(UNKNOWN, b"future 1", b"", length=32))),
    )
    yield from _named(
        "wrong key",
        only_a_stranger=replace(good, slots=(stranger,)),
        only_an_unknown_kind=replace(good, slots=(replace(x, kem=UNKNOWN),)),
        a_key_id_with_a_bit_changed=replace(good, slots=(replace(x, key_id=flipped(x.key_id, 7)),)),
        a_key_id_of_zeros=replace(good, slots=(replace(x, key_id=bytes(8)),)),
        the_key_id_of_the_other_kind=replace(good, slots=(replace(x, key_id=w.key_id),)),
    )


def _wraps(good: Made, x: Slot, w: Slot, part: dict[str, bytes]) -> Iterator[Fault]:
    for name, slot, place in (
        ("the encapsulation", x, 0), ("the end of the encapsulation", x, 30), ("the wrapped key", x, 32),
        ("the tag", x, -1), ("the ML-KEM ciphertext of X-Wing", w, 0), ("the last byte of it", w, 1087),
        ("the X25519 share of X-Wing", w, 1088), ("the wrapped key of X-Wing", w, 1120), ("the tag of X-Wing", w, -1),
    ):  # fmt: skip
        altered = replace(slot, wrapped=flipped(slot.wrapped, place))
        yield f"a bit of {name}", "wrong key", bytes(replace(good, slots=(altered,)))
    yield from _named(
        "wrong key",
        an_encapsulation_of_zeros=replace(good, slots=(replace(x, wrapped=bytes(32) + x.wrapped[32:]),)),
        a_wrapped_key_of_zeros=replace(good, slots=(replace(x, wrapped=bytes(80)),)),
        an_x_wing_key_of_zeros=replace(good, slots=(replace(w, wrapped=bytes(1168)),)),
        wrapped_for_another_clip=replace(good, slots=(replace(x, wrapped=part["wrap_x_other_clip"]),)),
        wrapped_without_the_label=replace(good, slots=(replace(x, wrapped=part["wrap_x_no_label"]),)),
        wrapped_for_a_stranger=replace(good, slots=(replace(x, wrapped=part["wrap_stranger"]),)),
        a_bit_of_the_clip_id=replace(good, clip_id=flipped(good.clip_id, 0)),
        another_clip_id=replace(good, clip_id=part["other_clip_id"], payload=part["payload_other_clip"]),
    )
    other = replace(x, wrapped=part["wrap_x_other_key"])
    yield "another key is wrapped", "damaged", bytes(replace(good, slots=(other,)))


def _macs(good: Made, part: dict[str, bytes]) -> Iterator[Fault]:
    head = good.head()
    for place, mask in ((-32, 0x80), (-32, 1), (-17, 1), (-1, 1)):
        clip = flipped(head, place, mask) + good.payload
        yield f"bit {mask:#x} of byte {32 + place} of the MAC", "damaged", clip
    yield from _named(
        "damaged",
        a_mac_of_zeros=replace(good, mac=lambda made, body: bytes(32)),
        a_mac_of_ones=replace(good, mac=lambda made, body: b"\xff" * 32),
        a_mac_with_another_label=replace(good, mac=lambda made, body: made.right_mac(body, b"pclip/v2 header")),
        a_mac_under_the_key_itself=replace(good, mac=lambda made, body: hmac.digest(made.key, body, "sha256")),
        a_mac_of_sha_512_cut_to_its_length=replace(good, mac=_sha512_cut),
        a_mac_under_another_key=replace(
            good, mac=lambda made, body: replace(made, key=part["other_key"]).right_mac(body)
        ),
        a_mac_without_the_first_byte=replace(good, mac=lambda made, body: made.right_mac(body[1:])),
        a_mac_without_the_last_byte=replace(good, mac=lambda made, body: made.right_mac(body[:-1])),
    )


def _sha512_cut(made: Made, body: bytes) -> bytes:
    return hmac.digest(hmac.digest(made.key, MAC_LABEL + b"\1", "sha512")[:32], body, "sha512")[:32]


def _ends(good: Made, part: dict[str, bytes]) -> Iterator[Fault]:
    clip, head = bytes(good), len(good.head())
    for length in (0, 1, 7, 8, 12, 31, 32, 33, 43, 44, head - 33, head - 32, head - 1, head, head + 23, head + 24,
                   head + 55, head + 56, head + 57, head + 71, len(clip) - 1):  # fmt: skip
        yield f"cut to {length} of {len(clip)} bytes", "damaged", clip[:length]
    payload = good.payload
    yield from _named(
        "damaged",
        one_byte_before=b"\0" + clip,
        the_first_byte_missing=clip[1:],
        one_byte_more_at_the_end=clip + b"\0",
        a_bit_of_the_salt=replace(good, payload=flipped(payload, 0)),
        a_bit_of_the_commitment=replace(good, payload=flipped(payload, 24)),
        the_last_bit_of_the_commitment=replace(good, payload=flipped(payload, 55)),
        a_bit_of_the_chunk=replace(good, payload=flipped(payload, 56)),
        a_bit_of_the_tag_of_the_chunk=replace(good, payload=flipped(payload, -1)),
        the_payload_of_another_clip=replace(good, payload=part["payload_other_clip"]),
        a_payload_under_another_key=replace(good, payload=part["payload_other_key"]),
        a_second_short_chunk=replace(good, payload=payload + payload[56:]),
    )
