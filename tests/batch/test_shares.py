"""Names of the job and names of this machine."""

import os

import pytest

from posture.batch.shares import NotShared, Share, find, parse_all
from posture.errors import ConfigError


@pytest.fixture
def here(tmp_path):
    (tmp_path / "nas" / "a").mkdir(parents=True)
    (tmp_path / "nas" / "a" / "x.mp4").touch()
    (tmp_path / "secret").touch()
    return tmp_path / "nas"


@pytest.mark.parametrize(
    ("theirs", "name"),
    [
        ("/mnt/nas", b"/mnt/nas/a/x.mp4"),
        ("/mnt/nas/", b"/mnt/nas//a/./x.mp4"),
        ("N:\\", b"N:\\a\\x.mp4"),
        ("n:/", b"N:\\a\\x.mp4"),
        ("\\\\office\\videos", b"\\\\OFFICE\\Videos\\a\\x.mp4"),
    ],
)
def test_a_name_of_the_job_is_found_here(here, theirs, name):
    assert find(name, parse_all([f"{theirs}={here}"])) == here / "a" / "x.mp4"


def test_a_name_that_is_no_unicode_is_found_too(here):
    assert os.fsencode(find(b"/m/\xff.mp4", parse_all([f"/m={here}"]))) == os.fsencode(here) + b"/\xff.mp4"


def test_the_longest_share_counts(here):
    shares = parse_all([f"/m={here}", f"/m/b={here / 'a'}"])
    assert find(b"/m/b/x.mp4", shares) == here / "a" / "x.mp4"
    assert find(b"/m/bb.mp4", shares) == here / "bb.mp4"


@pytest.mark.parametrize(
    "name", [b"/mnt/nas/../secret", b"/mnt/nas/a/../../secret", b"/mnt/nasty/x", b"/etc/passwd", b"N:\\x"]
)
def test_nothing_outside_is_found(here, name):
    with pytest.raises(NotShared):
        find(name, parse_all([f"/mnt/nas={here}"]))


def test_no_symbolic_link_leads_out(here):
    (here / "out").symlink_to(here.parent)
    (here / "loop").symlink_to(here / "loop")
    (here / "in").symlink_to(here / "a")
    shares = parse_all([str(here)])
    for name in ("out/secret", "loop/x"):
        with pytest.raises(NotShared):
            find(os.fsencode(here / name), shares)
    assert find(os.fsencode(here / "in" / "x.mp4"), shares).samefile(here / "a" / "x.mp4")


@pytest.mark.parametrize("text", ["/nowhere/at/all", "relative=/tmp", "/a/../b=/tmp", "=/tmp"])
def test_a_share_that_cannot_be_is_refused(text):
    with pytest.raises(ConfigError):
        Share.parse(text)


def test_a_worker_without_a_share_is_refused():
    with pytest.raises(ConfigError):
        parse_all([])
