"""From the settings of this computer to a policy in force, as an administrator types it."""

import os
import sys
import tomllib
from datetime import date
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from posture import config, policy
from posture.cli import app, trail
from posture.cli.policy_template import template
from posture.config import Settings
from posture.errors import ConfigError, OutputExists, PostureError
from posture.pose.trusted_keys import TrustedKeys
from posture.signed_note import PrivateKey

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners and modes")
LEAP_DAY = date(2028, 2, 29)
OFFICE = PrivateKey("office", b"o" * 32)


@pytest.fixture
def computer(tmp_path, data_folder, monkeypatch):
    """One whose administrator is whoever runs the test; the current folder is theirs."""
    tmp_path.chmod(0o755)
    keys = TrustedKeys(tmp_path / "etc" / "trusted-keys", owner=os.getuid(), top=tmp_path)
    files = policy.PolicyFiles(tmp_path / "etc", data_folder / policy.MEMORY, keys, os.getuid(), tmp_path)
    monkeypatch.setattr(policy, "system_files", lambda: files)
    monkeypatch.chdir(tmp_path)
    yield files
    trail.ended(0)


def run(*arguments):
    """What a verb prints. Raises what it raised."""
    done = CliRunner().invoke(app, ["privacy", "policy", *map(str, arguments)])
    if isinstance(done.exception, PostureError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def from_file(changed):
    return config.load(changed, path=Path("none"), environment={}, ruled=False)


def write_template(name="policy.toml", issuer="Works council"):
    Path(name).write_text(run("template", "--issuer", issuer))


def test_from_the_settings_to_a_policy_in_force_and_back(computer):
    write_template()
    line = run("sign", "policy.toml", "--key", "office.key", "--new-key", "office", "-o", "policy.note").strip()
    assert Path("office.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match=r"signed by office, none of which is trusted here; .posture models trust"):
        run("install", "policy.note")
    computer.keys.add(PrivateKey.parse(Path("office.key").read_text()).public)
    assert [str(key) for key in computer.keys.read()] == [line]
    run("install", "policy.note")
    assert "vault.keep_days" in run("show")
    run("check")
    with pytest.raises(ConfigError, match="nothing but skeleton"):
        config.load({"recorder.content": "full"})
    write_template("next.toml")
    assert "serial = 2\n" in Path("next.toml").read_text()
    run("sign", "next.toml", "--key", "office.key", "-o", "next.note")
    run("install", "next.note")
    run("remove")
    assert config.load({"recorder.content": "full"}).recorder.content == "full", "the negative control"
    assert "serial = 3\n" in run("template")


@pytest.mark.parametrize("day", [LEAP_DAY, date(2026, 11, 29)])
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"recorder.allowed": False},
        {"redact.faces": "keep", "output.key_frames": "picture"},
        {"output.formats": ("html", "pdf"), "vault.keep_days": 9, "privacy.purpose": "training"},
    ],
)
def test_bound_by_it_a_computer_does_what_it_did(changed, day):
    settings = from_file(changed)
    note = policy.signed(template(settings, 7, 'The "desk" team', day), OFFICE, "x").encode()
    found = policy.read(note, [OFFICE.public], day, "x")
    assert (found.policy.serial, found.policy.issuer, found.expired) == (7, 'The "desk" team', False)
    config.allows(found)
    tree = msgspec.to_builtins(settings)
    policy.applied(tree, found.limits(), {}, "it")
    assert config.changed(settings, config.checked(tree)) == ["recorder.most"], "no more than what is recorded now"


def test_what_is_off_can_be_bound_by_taking_the_mark_away():
    settings = from_file({"output.formats": ["pdf"]})
    text = template(settings, 1, "IT", date(2026, 11, 29))
    _, lock = text.split("[lock]\n")
    bound = tomllib.loads("[lock]\n" + lock.replace("# ", ""))["lock"]
    assert bound == {"output.formats": ["pdf"], "recorder.mode": "manual"}
    assert tomllib.loads(text)["lock"] == {}
    assert "privacy.controller" not in template(from_file({"privacy.controller": "Ada"}), 1, "", LEAP_DAY)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('issuer = "Works council"', 'issuer = ""', "policy.toml is no policy: .*issuer"),
        ("serial = 1", "serial = 0", "policy.toml is no policy: .*serial"),
        ("expires = 20", "expires = 19", "it expires before it is issued"),
        ("[lock]", '[lock]\n"recorder.mood" = 1', "'recorder.mood', which there is not"),
        ("[cap]", "[cap]\ncamera = false", "policy.toml is no policy: .*camera"),
    ],
)
def test_what_is_no_policy_is_not_signed_and_leaves_no_key(computer, before, after, words):
    write_template()
    text = Path("policy.toml").read_text()
    assert before in text
    Path("policy.toml").write_text(text.replace(before, after))
    with pytest.raises(ConfigError, match=words):
        run("sign", "policy.toml", "--key", "office.key", "--new-key", "office", "-o", "policy.note")
    assert {path.name for path in Path().iterdir()} == {"policy.toml"}


def test_neither_a_key_nor_a_policy_is_replaced(computer):
    write_template()
    asked = ("sign", "policy.toml", "--key", "office.key", "--new-key", "office", "-o", "policy.note")
    run(*asked)
    kept = [Path(name).read_bytes() for name in ("office.key", "policy.note")]
    with pytest.raises(OutputExists, match=r"policy\.note.*--overwrite"):
        run(*asked)
    with pytest.raises(OutputExists, match=r"office.key.*leave out --new-key"):
        run(*asked, "--overwrite")
    with pytest.raises(ConfigError, match="the same file"):
        run("sign", "policy.toml", "--key", "office.key", "-o", "office.key", "--overwrite")
    assert [Path(name).read_bytes() for name in ("office.key", "policy.note")] == kept


def test_without_an_issuer_the_one_of_the_settings_decides():
    settings = from_file({"privacy.controller": "Ada & Co"})
    assert 'issuer = "Ada & Co"' in template(settings, 1, "", LEAP_DAY)
    assert 'issuer = ""' in template(Settings(), 1, "", LEAP_DAY)


def test_one_that_is_over_already_is_not_signed(computer):
    write_template()
    text = Path("policy.toml").read_text().splitlines()
    days = [
        f"{line.partition(' ')[0]} = 2001-02-03" if line.startswith(("issued", "expires")) else line for line in text
    ]
    Path("policy.toml").write_text("\n".join(days))
    with pytest.raises(ConfigError, match="expires on 2001-02-03, and that is over"):
        run("sign", "policy.toml", "--key", "office.key", "--new-key", "office", "-o", "policy.note")
    assert not Path("policy.note").exists()
