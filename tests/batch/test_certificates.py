"""Certificates of a fleet: what is in them, who can read the keys, and what is refused."""

import ssl
import stat
import sys
from datetime import UTC, datetime, timedelta

import pytest

from posture.batch import certificates
from posture.batch.certificates import create_authority, create_machine, load
from posture.errors import ConfigError, OutputExists


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fleet")
    create_authority(folder)
    for role in ("scheduler", "worker", "client"):
        create_machine(folder, role, f"my-{role}")
    return folder


def handshake(server, client, *, name="scheduler", ca=None):
    """Both sides of TLS in memory, as the fleet sets them up; what the client ends with."""
    context = {}
    for purpose, own, authority in (("CLIENT_AUTH", server, None), ("SERVER_AUTH", client, ca)):
        made = ssl.create_default_context(getattr(ssl.Purpose, purpose), cafile=authority or own / "authority.pem")
        made.load_cert_chain(own / "certificate.pem", own / "private.key")
        made.verify_mode, made.minimum_version = ssl.CERT_REQUIRED, ssl.TLSVersion.TLSv1_3
        context[purpose] = made
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = context["SERVER_AUTH"].wrap_bio(to_client, to_server, server_hostname=certificates.server_name(name))
    theirs = context["CLIENT_AUTH"].wrap_bio(to_server, to_client, server_side=True)
    left = [ours.do_handshake, theirs.do_handshake]
    while left:
        for step in list(left):
            try:
                step()
                left.remove(step)
            except ssl.SSLWantReadError:
                continue
    return ours.version()


def test_the_machines_of_a_fleet_know_each_other(fleet):
    assert handshake(fleet / "my-scheduler", fleet / "my-client") == "TLSv1.3"
    assert handshake(fleet / "my-scheduler", fleet / "my-worker") == "TLSv1.3"
    assert handshake(fleet / "my-worker", fleet / "my-scheduler", name="worker") == "TLSv1.3"


@pytest.mark.parametrize(
    ("server", "name"), [("my-worker", "scheduler"), ("my-client", "scheduler"), ("my-client", "worker")]
)
def test_no_machine_plays_a_part_that_is_not_its_own(fleet, server, name):
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(fleet / server, fleet / "my-worker", name=name)


def test_a_machine_of_another_fleet_is_refused_by_both_sides(fleet, tmp_path):
    create_authority(tmp_path)
    create_machine(tmp_path, "client", "stranger")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(fleet / "my-scheduler", tmp_path / "stranger")
    with pytest.raises(ssl.SSLError):
        handshake(fleet / "my-scheduler", tmp_path / "stranger", ca=fleet / "authority.pem")


@pytest.mark.skipif(sys.platform == "win32", reason="access of POSIX")
def test_only_its_owner_can_read_a_key(fleet, tmp_path):
    for key in (fleet / "authority.key", fleet / "my-worker" / "private.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE((fleet / "my-worker").stat().st_mode) == 0o700
    create_authority(tmp_path)
    create_machine(tmp_path, "worker", "w")
    (tmp_path / "w" / "private.key").chmod(0o640)
    with pytest.raises(ConfigError, match="can be read by others"):
        load(tmp_path / "w", "worker")


def test_a_certificate_ends_when_it_says_and_not_after_its_authority(tmp_path):
    create_authority(tmp_path)
    made = create_machine(tmp_path, "worker", "w", days=10)
    assert certificates.days_left(made) == 9
    assert load(tmp_path / "w", "worker", now=lambda: made.ends - timedelta(seconds=1)).name == "w"
    with pytest.raises(ConfigError, match="ended on"):
        load(tmp_path / "w", "worker", now=lambda: made.ends + timedelta(seconds=1))
    with pytest.raises(ConfigError, match="not valid yet"):
        load(tmp_path / "w", "worker", now=lambda: datetime.now(UTC) - timedelta(days=2))
    nearly_over = datetime.now(UTC) + timedelta(days=3640)
    assert create_machine(tmp_path, "client", "c", now=lambda: nearly_over).ends - nearly_over < timedelta(days=11)


def test_what_is_wrong_with_a_folder_is_said(fleet, tmp_path):
    with pytest.raises(ConfigError, match="a worker is needed here"):
        load(fleet / "my-client", "worker")
    with pytest.raises(ConfigError, match="posture fleet certs"):
        load(tmp_path, "worker")
    create_authority(tmp_path)
    create_machine(tmp_path, "worker", "w")
    (tmp_path / "w" / "authority.pem").write_bytes((fleet / "authority.pem").read_bytes())
    with pytest.raises(ConfigError, match="is not of the authority"):
        load(tmp_path / "w", "worker")


@pytest.mark.parametrize("name", ["", "..", "a/b", "a b", "x" * 64, "-x", "ü"])
def test_the_name_of_a_machine_is_no_path(fleet, name):
    with pytest.raises(ConfigError):
        create_machine(fleet, "worker", name)


def test_nothing_that_is_there_is_replaced(fleet):
    for again in (lambda: create_authority(fleet), lambda: create_machine(fleet, "worker", "my-worker")):
        with pytest.raises(OutputExists):
            again()
    assert handshake(fleet / "my-scheduler", fleet / "my-worker") == "TLSv1.3"


def test_a_renewed_certificate_is_for_the_same_key_and_the_fleet_takes_it(tmp_path):
    create_authority(tmp_path)
    create_machine(tmp_path, "scheduler", "hub")
    ended = create_machine(tmp_path, "worker", "w", now=lambda: datetime.now(UTC) - timedelta(days=400))
    key = ended.key.read_bytes()
    with pytest.raises(ssl.SSLError, match="expired"):
        handshake(tmp_path / "hub", tmp_path / "w")
    with pytest.raises(ConfigError, match="--renew"):
        load(tmp_path / "w", "worker")
    made = create_machine(tmp_path, "worker", "w", renew=True)
    assert certificates.days_left(made) == certificates.VALID_DAYS - 1
    assert ended.key.read_bytes() == key
    assert handshake(tmp_path / "hub", tmp_path / "w") == "TLSv1.3"


def test_only_what_is_there_is_renewed_and_for_what_it_is(fleet):
    with pytest.raises(ConfigError, match="of a worker"):
        create_machine(fleet, "client", "my-worker", renew=True)
    with pytest.raises(ConfigError, match="posture fleet certs"):
        create_machine(fleet, "worker", "nobody", renew=True)
    assert not (fleet / "nobody").exists()
