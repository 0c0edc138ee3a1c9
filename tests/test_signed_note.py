"""Signed notes: the public example of the format's authors, and one fault at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.signed_note import NOTE_LIMIT_BYTES, NoteError, PrivateKey, PublicKey, opened

# The example of golang.org/x/mod/sumdb/note, the first implementation of the format.
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    f"{TEXT}\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
KEY = PublicKey.parse(PUBLIC)
OWN = PrivateKey("own", bytes(range(32)))


def test_the_public_example_is_read_and_written_byte_for_byte() -> None:
    assert opened(NOTE.encode(), [KEY]) == (TEXT, KEY)
    assert PrivateKey.parse(PRIVATE).sign(TEXT) == NOTE
    assert str(PrivateKey.parse(PRIVATE).public) == PUBLIC
    assert PrivateKey.parse(PRIVATE).secret_text() == PRIVATE


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_what_is_signed_opens(text: str) -> None:
    note = OWN.sign(text + "\n")
    assert opened(note.encode(), [KEY, OWN.public]) == (text + "\n", OWN.public)


def test_every_single_changed_bit_is_refused() -> None:
    note = bytearray(NOTE.encode())
    for place in range(len(note)):
        for bit in range(8):
            note[place] ^= 1 << bit
            with pytest.raises(NoteError):
                opened(bytes(note), [KEY])
            note[place] ^= 1 << bit
    assert opened(bytes(note), [KEY])


def test_every_cut_is_refused() -> None:
    for length in range(len(NOTE.encode())):
        with pytest.raises(NoteError):
            opened(NOTE.encode()[:length], [KEY])


def test_one_of_several_signatures_is_enough_unless_a_trusted_one_is_wrong() -> None:
    both = NOTE + OWN.sign(TEXT).rpartition("\n\n")[2]
    assert opened(both.encode(), [OWN.public])[1] == OWN.public
    wrong = NOTE + OWN.sign("another text\n").rpartition("\n\n")[2]
    assert opened(wrong.encode(), [KEY])[1] == KEY
    with pytest.raises(NoteError, match="own is wrong"):
        opened(wrong.encode(), [KEY, OWN.public])


def test_an_unknown_signer_is_named() -> None:
    with pytest.raises(NoteError, match=r"PeterNeumann.*none of which is trusted"):
        opened(NOTE.encode(), [OWN.public])


def test_the_same_name_with_another_key_is_not_trusted() -> None:
    with pytest.raises(NoteError, match="trusted"):
        opened(NOTE.encode(), [PrivateKey("PeterNeumann", bytes(32)).public])


@pytest.mark.parametrize(
    "text",
    ["", "name", "a+b", PUBLIC.replace("c74f20a3", "c74f20a4"), PUBLIC[:-4], PUBLIC.replace("+AR", "+Ag")],
)
def test_malformed_keys_are_refused(text: str) -> None:
    with pytest.raises(NoteError):
        PublicKey.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b"])
def test_names_that_would_break_a_line_are_refused(name: str) -> None:
    with pytest.raises(NoteError, match="name"):
        PrivateKey.generate(name)


def test_a_private_key_never_shows_in_repr_or_error() -> None:
    assert OWN.seed.hex() not in repr(OWN)
    assert str(OWN.seed) not in repr(OWN)
    with pytest.raises(NoteError) as caught:
        PrivateKey.parse(PRIVATE.replace("c74f20a3", "00000000"))
    assert "AYEKFALV" not in str(caught.value)


def test_a_note_has_bounds() -> None:
    with pytest.raises(NoteError, match="at most"):
        opened(b"x" * (NOTE_LIMIT_BYTES + 1), [KEY])
    with pytest.raises(NoteError, match="signatures"):
        opened((TEXT + "\n" + NOTE.rpartition("\n\n")[2] * 101).encode(), [KEY])
    with pytest.raises(NoteError, match="newline"):
        OWN.sign("no newline")
