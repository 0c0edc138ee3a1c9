"""A file that goes on from process to process: what it holds comes back whole, or is known to be altered."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.errors import Damaged, WrongKey
from posture.vault.hpke import new_secret
from posture.vault.recipient import X25519
from posture.vault.sealed_file import SealedFile

SECRET = new_secret(X25519)


def opened(disk, secret=SECRET, label="test"):
    return SealedFile.of(io.BytesIO(disk), secret, label)


def written(*contents, disk=b""):
    """What stands on the disk after a process wrote these behind `disk`."""
    out = io.BytesIO(disk)
    out.seek(0, io.SEEK_END)
    file = SealedFile.of(out, SECRET, "test")
    for content in contents:
        file.write(content)
    return out.getvalue()


@given(st.lists(st.lists(st.binary(max_size=600), max_size=3), max_size=4))
def test_what_several_processes_wrote_is_read_in_any_pieces(processes):
    disk, expected = b"", b"".join(content for contents in processes for content in contents)
    for contents in processes:
        disk = written(*contents, disk=disk)
    assert opened(disk).read() == expected
    file, found = opened(disk), b""
    while piece := file.read(7):
        found += piece
    assert found == expected


def test_what_comes_behind_a_cut_replaces_what_was_there():
    out = io.BytesIO()
    file = SealedFile.of(out, SECRET, "test")
    file.write(b"one")
    place = file.tell()
    file.write(b"two")
    file.truncate(place)
    file.seek(place)
    file.write(b"three")
    assert opened(out.getvalue()).read() == b"onethree"


def test_nothing_of_it_can_be_read_and_the_same_content_is_never_the_same():
    disk = written(b"keypoints" * 40)
    assert b"keypoints" not in disk
    assert written(b"keypoints" * 40) != disk


def test_another_key_or_label_does_not_open_it():
    with pytest.raises(WrongKey):
        opened(written(b"x"), new_secret(X25519)).read()
    with pytest.raises(Damaged):
        opened(written(b"x"), label="other").read()


def test_every_fault_is_seen():
    whole = written(b"one", b"two")
    blob = len(whole) - len(written(b"one"))
    head = len(whole) - 2 * blob
    faults = {
        "altered": whole[: head + 40] + bytes([whole[head + 40] ^ 1]) + whole[head + 41 :],
        "cut in a record": whole[:-1],
        "another order": whole[:head] + whole[head + blob :] + whole[head : head + blob],
        "a record gone": whole[:head] + whole[head + blob :],
        "no header": whole[head:],
        "another section's record": whole[: head + blob] + written(b"one", b"two")[head + blob :],
    }
    for name, fault in faults.items():
        with pytest.raises(Damaged):
            pytest.fail(f"{name}: {opened(fault).read()!r}")
