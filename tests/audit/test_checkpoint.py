"""The three lines of a checkpoint: one form, and one fault at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.audit.checkpoint import Checkpoint
from posture.signed_note import NoteError, PrivateKey

KEY = PrivateKey("posture.audit/00112233", bytes(range(32)))
CHECKPOINT = Checkpoint(KEY.name, "2026-11", 20852163, bytes(range(32)))
TEXT = "posture.audit/00112233/2026-11\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"


def test_the_form_is_that_of_c2sp():
    note = CHECKPOINT.signed(KEY).decode()
    assert note.startswith(f"{TEXT}\n— posture.audit/00112233 ")
    assert len(note.splitlines()) == 5
    assert Checkpoint.opened(note.encode(), KEY.public) == CHECKPOINT


@given(st.integers(0, 10**15 - 1), st.binary(min_size=32, max_size=32))
def test_what_is_signed_is_read(size, root):
    checkpoint = Checkpoint(KEY.name, "2026-11", size, root)
    assert Checkpoint.opened(checkpoint.signed(KEY), KEY.public) == checkpoint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2026-11", "2026-13"),
        ("2026-11", "11"),
        ("/2026-11", ""),
        ("posture.audit/00112233/", ""),
        ("20852163", "020852163"),
        ("20852163", "-1"),
        ("20852163", "+1"),
        ("20852163", "٣"),
        ("20852163", ""),
        ("20852163", "9" * 16),
        ("AAEC", "AA EC"),
        ("Hh8=", "Hh9="),
        ("Hh8=\n", "\n"),
        ("Hh8=\n", "Hh8=\nanother line\n"),
        (TEXT, ""),
    ],
)
def test_every_other_form_is_refused(old, new):
    assert Checkpoint.parse(TEXT) == CHECKPOINT
    assert old in TEXT
    with pytest.raises(NoteError):
        Checkpoint.parse(TEXT.replace(old, new))


@given(st.text())
def test_any_text_is_refused_in_words(text):
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


def test_another_key_or_log_is_refused():
    with pytest.raises(NoteError, match="trusted"):
        Checkpoint.opened(CHECKPOINT.signed(PrivateKey("posture.audit/00112233", bytes(32))), KEY.public)
    other = Checkpoint("posture.audit/99999999", "2026-11", 0, bytes(32))
    with pytest.raises(NoteError, match="another log"):
        Checkpoint.opened(other.signed(KEY), KEY.public)
