"""Where everything about a person lies that touches a disk: encrypted, and readable only with a key of its day.

recipient   for whom something is encrypted, and the secret that opens it
hpke        a key wrapped for one recipient
chunks      Cobblestone-256: an authenticated stream that is written at its end and read anywhere
header      the head of a clip: for whom its key is wrapped
boxes       the boxes of a fragmented MP4
clip        writing, reading, recovering and verifying one clip
speed       how fast this machine encrypts, and whether it does so in hardware

The format of a clip (.pclip), version 1
========================================
Enough to write a second reader; `tests/second_reader.py` is one. Whole numbers are unsigned and big-endian, `‖`
joins bytes, texts in quotes are ASCII, 0x00 is one zero byte. A clip is a head of H bytes and a payload behind it.

Head
----
    offset  size  field
         0     8  "PCLIP001"
         8     4  H, the length of the head with its MAC: at most 65,536
        12     2  version: 1
        14     2  N, the number of slots: 1 to 32
        16    16  clip id: random, says nothing
        32        N slots, one behind the other, which end exactly at H - 32
      H-32    32  MAC: HMAC-SHA-256 over bytes 0 to H-33, under HKDF-Expand-SHA-512(input key, "pclip/v1 header", 32)

    slot    size  field
         0     2  kind of the key (KEM), as HPKE numbers them: 0x0020 X25519, 0x647a X-Wing
         2     2  L, the length of the wrapped key: 80 for X25519, 1168 for X-Wing
         4     8  key id: the first 8 bytes of SHA-256("pclip/v1 key" ‖ 0x00 ‖ kind (2 bytes) ‖ public key)
        12     L  the input key, wrapped: encapsulation (32 or 1,120 bytes) ‖ ciphertext (32) ‖ tag (16)

The input key is 32 random bytes, drawn for this clip alone. A slot holds it wrapped by HPKE (RFC 9180) in base mode,
single shot, with HKDF-SHA256 and AES-256-GCM, info = "pclip/v1" ‖ 0x00 ‖ clip id ‖ key id, empty AAD. A public key is
32 bytes for X25519; for X-Wing (draft-connolly-cfrg-xwing-kem) 1,216: ML-KEM-768, then X25519. A secret is a seed of 32
bytes: for X25519 the private key, for X-Wing the decapsulation key of the draft.

A reader takes the first slot for whose key id it has the secret, unwraps the input key, and checks the MAC before it
uses anything else. It passes over slots of a kind that it does not know. It refuses: another magic, a version it does
not know, H or N out of range, a slot that reaches beyond H - 32, bytes between the last slot and H - 32, a known kind
with another length, two slots with one key id, a wrong MAC. It reads the first 32 bytes, then at most 65,504 more.

Payload
-------
The payload is Cobblestone-256 (c2sp.org/chunked-encryption: SHA-512 and AES-256-GCM) under the input key, with the
context "pclip/v1" ‖ 0x00 ‖ clip id, unchanged:

    offset                 size  field
    H                        24  salt, random
    H+24                     32  commitment
    H+56+16,400 k  16,384 + 16  chunk k, counted from 0: ciphertext ‖ tag
    the last chunk    16-16,399  always shorter than the others, in a whole clip always there; may hold nothing

    AES key (32) ‖ base nonce (12) ‖ commitment (32)
        = HKDF-Expand-SHA-512(input key, "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM" ‖ 0x00 ‖ salt ‖ context, 76)

The nonce of chunk k is base nonce XOR k, as a number of 12 bytes; no associated data. The commitment is compared in
constant time before any chunk is opened. There are at most 2^38 chunks.

Plaintext
---------
A fragmented MP4 file (ISO/IEC 14496-12): `ftyp` and `moov`, then one fragment a second: `moof` and `mdat`, before them
at most one `uuid` box. Its extended type is 6f0d1c3a-5b7e-8a42-b1c9-5e2d7f3a9064, and it holds the pose track of that
fragment. At the top there is nothing else but `free` boxes of zeros: one behind `moov` and behind each `mdat` fills up
to the next multiple of 16,384 bytes, so that each fragment ends with a chunk and can be made durable at once.

What a writer keeps to
----------------------
A nonce never sees two plaintexts. So a clip is written from its beginning to its end: no byte is changed after it was
written, no short chunk but the last, no writer continues the clip of another one. After an error the same bytes are
written again at the same place, or the clip ends there. The head is replaced only as a whole, by a head around the same
input key and clip id, in a copy of the file.

Damage
------
A clip that ends without its short chunk was cut; a power cut, a crash and somebody who shortens it look the same.
Recovery walks from chunk 0 to the first one that is not authentic, and ends with the last whole fragment before it. A
changed bit in the head or in the first 56 bytes of the payload leaves nothing to recover.

What the format does not hide: the length of the file, so how much moved in each second (rounded to 16 KiB), how many
recipients there are and which of their keys. What it does not prove: who wrote it. Whoever knows a public key can make
a clip for it, and each of its readers could make another one with the same id; `clip.closed` in the audit log can tell.
"""
