"""A file counts only if nobody but its owner could have changed it."""

import os
import stat
import sys
from pathlib import Path

import pytest

from posture.errors import ConfigError
from posture.privacy import administrators

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners and modes")


@pytest.fixture
def file(tmp_path):
    """A sound file two folders below the one where the search begins."""
    path = tmp_path / "etc" / "posture" / "trusted-keys"
    path.parent.mkdir(parents=True, mode=0o755)
    path.touch(mode=0o644)
    for place in (path, path.parent, path.parent.parent):
        place.chmod(0o755)
    return path


def refuse(file, **changes):
    top = file.parents[1] if len(file.parents) > 1 else file.parent
    administrators.refuse_writable(file, **({"owner": os.getuid(), "top": top} | changes))


def test_a_sound_file_is_accepted(file):
    refuse(file)


@pytest.mark.parametrize("place", [0, 1, 2], ids=["file", "folder", "folder above"])
@pytest.mark.parametrize("bit", [stat.S_IWGRP, stat.S_IWOTH], ids=["group", "others"])
def test_a_write_bit_is_refused_with_the_command_that_removes_it(file, place, bit):
    path = (file, *file.parents)[place]
    path.chmod(0o755 | bit)
    with pytest.raises(ConfigError, match=f"chmod go-w '{path}'"):
        refuse(file)
    path.chmod(0o755)
    refuse(file)


def test_a_folder_above_the_top_does_not_count(file):
    file.parents[2].chmod(0o777)
    refuse(file)
    with pytest.raises(ConfigError, match="chmod"):
        refuse(file, top=file.parents[2])


def test_another_owner_is_refused_with_the_command_that_changes_it(file):
    with pytest.raises(ConfigError, match=rf"belongs to user {os.getuid()}.*chown {os.getuid() + 1} "):
        refuse(file, owner=os.getuid() + 1)


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_symbolic_link_is_refused(file, place):
    path = file if place == "file" else file.parent
    moved = path.rename(path.with_name("moved"))
    path.symlink_to(moved)
    with pytest.raises(ConfigError, match="symbolic link"):
        refuse(file)


def test_without_a_top_the_search_begins_at_the_root(tmp_path):
    path = tmp_path / "keys"
    path.touch()
    seen = list(administrators._from_top(path, None))
    assert (seen[0], seen[-1]) == (Path(path.anchor), path)


def test_the_place_is_the_same_whatever_the_environment_says(monkeypatch):
    before = administrators.system_folder()
    for name in ("HOME", "ProgramData", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "POSTURE_TRUSTED_KEYS"):
        monkeypatch.setenv(name, "/elsewhere")
    assert administrators.system_folder() == before
    assert before.is_absolute()
    assert "elsewhere" not in str(before)
