"""The file of trusted keys: what is in it, what makes it unusable."""

import errno
import os
import sys

import pytest

from posture.errors import ConfigError
from posture.pose import trusted_keys
from posture.pose.trusted_keys import TrustedKeys, system_keys
from posture.privacy import administrators
from posture.signed_note import PrivateKey

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners and modes")
FIRST, SECOND = (PrivateKey(name, bytes([number] * 32)).public for number, name in enumerate(("first", "second")))


@pytest.fixture
def keys(tmp_path):
    tmp_path.chmod(0o755)
    return TrustedKeys(tmp_path / "posture" / "trusted-keys", owner=os.getuid(), top=tmp_path)


def test_without_a_file_nobody_is_trusted(keys):
    assert keys.read() == ()


def test_keys_are_added_listed_and_removed(keys):
    assert keys.add(FIRST)
    assert keys.add(SECOND)
    assert not keys.add(FIRST)
    assert keys.read() == (FIRST, SECOND)
    assert keys.path.stat().st_mode & 0o777 == 0o644
    assert keys.path.parent.stat().st_mode & 0o022 == 0
    assert keys.remove(FIRST.key_id.hex().upper()) == FIRST
    assert keys.read() == (SECOND,)


@pytest.mark.parametrize("umask", [0, 0o022, 0o077, 0o777])
def test_whatever_the_umask_everybody_can_read_the_keys_and_nobody_else_write_them(keys, umask):
    before = os.umask(umask)
    try:
        assert keys.add(FIRST)
    finally:
        os.umask(before)
    assert keys.read() == (FIRST,)
    assert (keys.path.parent.stat().st_mode & 0o777, keys.path.stat().st_mode & 0o777) == (0o755, 0o644)


def test_the_file_is_never_looser_than_at_its_end(keys, monkeypatch):
    seen = []
    real = os.replace
    monkeypatch.setattr(os, "replace", lambda a, b: (seen.append(os.stat(a).st_mode & 0o777), real(a, b)))
    before = os.umask(0)
    try:
        keys.add(FIRST)
    finally:
        os.umask(before)
    assert seen == [0o600]


def test_a_folder_that_is_there_keeps_its_mode(keys):
    keys.path.parent.mkdir(mode=0o700)
    keys.add(FIRST)
    assert keys.path.parent.stat().st_mode & 0o777 == 0o700


def test_keys_that_cannot_be_read_are_named_with_the_command_that_opens_them(keys, monkeypatch):
    keys.add(FIRST)
    monkeypatch.setattr(administrators, "refuse_writable", refused)
    with pytest.raises(
        ConfigError, match=rf"Permission denied; .* sudo chmod a\+rX '{keys.path.parent}' '{keys.path}'"
    ):
        keys.read()


def refused(*_, **__):
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def test_an_unknown_id_is_named_with_those_that_are_known(keys):
    keys.add(FIRST)
    with pytest.raises(ConfigError, match=rf"'00000000' is trusted here; trusted are: first {FIRST.key_id.hex()}"):
        keys.remove("00000000")
    assert keys.read() == (FIRST,)


def test_comments_and_empty_lines_do_not_count(keys):
    keys.path.parent.mkdir(mode=0o755)
    keys.path.write_text(f"# the office\n\n  {FIRST}  \n")
    keys.path.chmod(0o644)
    assert keys.read() == (FIRST,)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\n# x\nno key", "line 3"), (b"\xff\xfe", "line 1"), (b"#" * (1 << 16) + b"#", "more than 65536 bytes")],
)
def test_a_line_that_is_no_key_is_named(keys, content, words):
    keys.path.parent.mkdir(mode=0o755)
    keys.path.write_bytes(content)
    keys.path.chmod(0o644)
    with pytest.raises(ConfigError, match=words):
        keys.read()


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_file_that_others_can_write_trusts_nobody(keys, place):
    keys.add(FIRST)
    (keys.path if place == "file" else keys.path.parent).chmod(0o777)
    for use in (keys.read, lambda: keys.add(SECOND), lambda: keys.remove(FIRST.key_id.hex())):
        with pytest.raises(ConfigError, match="chmod go-w"):
            use()


def test_the_key_file_of_the_system_belongs_to_root():
    keys = system_keys()
    assert (keys.owner, keys.top, keys.path.name) == (0, None, trusted_keys.FILE_NAME)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write there")
def test_a_user_cannot_trust_a_key():
    with pytest.raises(ConfigError, match="sudo"):
        system_keys().add(FIRST)
