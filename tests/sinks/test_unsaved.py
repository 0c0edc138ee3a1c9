"""Work that is kept for after a crash: encrypted, one file a run, read by whoever has the keys and nobody else."""

import stat

import pytest

from posture.errors import Locked
from posture.sinks.unsaved import Unsaved, files
from posture.vault import hpke

WORK = b'{"files": [{"name": "packing line.mp4"}]}' * 20


@pytest.fixture
def secret():
    return hpke.new_secret()


@pytest.fixture
def run(tmp_path, secret):
    """Another run of the program, on the same folder."""
    return lambda: Unsaved(tmp_path, lambda: (secret.recipient,))


@pytest.fixture
def secrets(secret):
    return lambda key_id: secret if key_id == secret.recipient.key_id else None


def test_the_next_run_reads_what_the_last_one_kept_and_removes_it_when_told(run, secrets, tmp_path):
    before = run()
    assert not before.there
    before.keep(b"first")
    before.keep(WORK)
    assert not before.there, "its own is not an earlier run's"
    (file,) = files(tmp_path)
    assert b"packing" not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    after = run()
    assert after.there
    left = after.left(secrets)
    assert (left.contents, left.lost) == ((WORK,), 0)
    assert files(tmp_path) == [file], "it stays until somebody says that it is kept elsewhere"
    after.keep(WORK)
    after.remove(left)
    assert not after.there
    assert run().left(secrets).contents == (WORK,)


def test_two_runs_that_were_killed_come_back_in_their_order(run, secrets):
    for work in (b"one", b"two"):
        run().keep(work)
    assert run().left(secrets).contents == (b"one", b"two")


def test_what_is_forgotten_is_gone(run, tmp_path):
    one = run()
    one.keep(WORK)
    one.forget()
    one.forget()
    assert files(tmp_path) == []


def test_without_its_key_it_is_lost_and_counted(run):
    run().keep(WORK)
    left = run().left(lambda key_id: None)
    assert (left.contents, left.lost, len(left.paths)) == ((), 1, 1)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("cut", [False, True])
def test_a_byte_that_was_altered_or_an_end_that_was_cut_loses_it(run, secrets, tmp_path, share, cut):
    run().keep(WORK)
    (file,) = files(tmp_path)
    content = bytearray(file.read_bytes())
    place = int(share * len(content))
    if cut:
        del content[place:]
    else:
        content[place] ^= 1
    file.write_bytes(content)
    left = run().left(secrets)
    assert (left.contents, left.lost) == ((), 1)


def test_where_there_is_no_key_nothing_is_written(tmp_path):
    def none():
        raise Locked("no key is left")

    with pytest.raises(Locked):
        Unsaved(tmp_path, none).keep(WORK)
    assert list(tmp_path.iterdir()) == []
