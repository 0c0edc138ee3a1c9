"""A signed policy: one fault at a time is refused loudly, and what it says holds over file, flags and variables."""

import dataclasses
import os
import sys
from datetime import date, timedelta

import pytest
from kept_user import User

from posture import config, policy
from posture.audit.events import Event
from posture.cli import trail
from posture.errors import ConfigError
from posture.pose.trusted_keys import TrustedKeys
from posture.rights.holdings import MEMORY as KEPT_MEMORY
from posture.signed_note import PrivateKey
from posture.sinks.recorder import Recorder
from posture.sinks.recorder_settings import RecorderSettings
from posture.sinks.recording import Phase

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners and modes")
TODAY = date(2026, 11, 28)
OFFICE = PrivateKey("office", b"o" * 32)
STRANGER = PrivateKey("stranger", b"s" * 32)
SOUND = """serial = 3
issuer = "Works council"
issued = 2026-11-28
expires = 2027-11-28
[cap]
content = "background-removed"
keep_days = 2
faces = "cover"
purposes = ["own-posture", "training"]
[lock]
"recorder.mode" = "manual"
"output.formats" = ["html"]
"""


def note(body=SOUND, key=OFFICE, **changes):
    for name, value in changes.items():
        before = next(line for line in body.splitlines() if line.startswith(f"{name} ="))
        body = body.replace(before, f"{name} = {value}")
    return policy.signed(body, key, "x.toml").encode()


@pytest.fixture
def files(tmp_path, data_folder, monkeypatch):
    """The files of a computer whose administrator is whoever runs the test."""
    tmp_path.chmod(0o755)
    keys = TrustedKeys(tmp_path / "etc" / "trusted-keys", owner=os.getuid(), top=tmp_path)
    keys.add(OFFICE.public)
    files = policy.PolicyFiles(tmp_path / "etc", data_folder / policy.MEMORY, keys, os.getuid(), tmp_path)
    monkeypatch.setattr(policy, "system_files", lambda: files)
    return files


def put(files, content):
    path = files.folder / policy.FILE
    path.write_bytes(content)
    path.chmod(0o644)


def test_without_one_everybody_decides(files):
    assert files.in_force(TODAY) is None
    assert config.load({"recorder.content": "full"}, environment={}).recorder.content == "full"
    assert files.remember(TODAY) is None
    assert not files.memory.exists()


def test_a_sound_one_is_in_force(files):
    """Negative control of every fault below."""
    found = files.install(note(), TODAY, "x")
    assert files.in_force(TODAY) == found
    assert (found.policy.serial, found.signer, found.expired) == (3, OFFICE.public, False)
    assert files.install(note(), TODAY, "x") == found, "the same again changes nothing"


def forged(content):
    return content.replace(b"keep_days = 2", b"keep_days = 9")


FAULTS = {
    "changed text": (lambda: forged(note()), "the signature of office is wrong"),
    "a stranger's": (lambda: note(key=STRANGER), "none of which is trusted"),
    "under the name of the office": (lambda: note(key=PrivateKey("office", b"x" * 32)), "none of which is trusted"),
    "cut": (lambda: note()[:-20], "is no policy that counts"),
    "empty": (lambda: b"", "is no policy that counts"),
    "another signed text": (lambda: OFFICE.sign("posture models v1\n{}\n").encode(), "begins with the line"),
    "of another version": (lambda: OFFICE.sign(f"posture policy v2\n{SOUND}").encode(), "begins with the line"),
    "unknown cap": (lambda: raw(SOUND.replace("keep_days", "keep_weeks")), "unknown field `keep_weeks`"),
    "no serial": (lambda: raw(SOUND.replace("serial = 3\n", "")), "missing required field `serial`"),
    "serial 0": (lambda: raw(SOUND.replace("serial = 3", "serial = 0")), "`int` >= 1"),
    "unknown content": (lambda: raw(SOUND.replace("background-removed", "thermal")), "Invalid enum value"),
    "unknown purpose": (lambda: raw(SOUND.replace('"training"', '"performance"')), "Invalid enum value"),
    "no date": (lambda: raw(SOUND.replace("2027-11-28", '"soon"')), "Invalid RFC3339"),
    "ends before it begins": (lambda: raw(SOUND.replace("2027-11-28", "2025-11-28")), "expires before it is issued"),
    "no TOML": (lambda: raw("serial = = 3\n"), "is no policy"),
}  # fmt: skip


def raw(body):
    """Signed without a look at what it says."""
    return OFFICE.sign(f"{policy.HEAD}\n{body}").encode()


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_at_a_time_is_refused_loudly(files, fault):
    files.install(note(), TODAY, "x")
    made, words = FAULTS[fault]
    put(files, made())
    with pytest.raises(ConfigError, match=words.replace(".", r"\.")):
        files.in_force(TODAY)
    with pytest.raises(ConfigError):
        config.load(environment={})
    with pytest.raises(ConfigError):
        files.install(made(), TODAY, "x")


def test_one_that_is_gone_is_missed(files):
    files.install(note(), TODAY, "x")
    (files.folder / policy.FILE).unlink()
    with pytest.raises(ConfigError, match=r"policy 3 was in force on this computer and .* is gone"):
        config.load(environment={})


def test_one_that_is_gone_with_its_mark_is_missed_by_who_saw_it(files):
    files.install(note(), TODAY, "x")
    files.remember(TODAY)
    for name in (policy.FILE, policy.MARK):
        (files.folder / name).unlink()
    with pytest.raises(ConfigError, match="policy 3 was in force"):
        files.in_force(TODAY)
    files.memory.unlink()
    assert files.in_force(TODAY) is None, "negative control: nobody saw it"


def test_an_older_one_does_not_come_back(files):
    old, new = note(serial=2), note()
    files.install(new, TODAY, "x")
    with pytest.raises(ConfigError, match="higher number"):
        files.install(old, TODAY, "x")
    put(files, old)
    with pytest.raises(ConfigError, match="holds policy 2, and policy 3 was in force"):
        files.in_force(TODAY)


def test_nor_with_its_mark_where_a_user_saw_the_newer_one(files):
    files.install(note(serial=2), TODAY, "x")
    before = {name: (files.folder / name).read_bytes() for name in (policy.FILE, policy.MARK)}
    files.install(note(), TODAY, "x")
    files.remember(TODAY)
    for name, content in before.items():
        (files.folder / name).write_bytes(content)
    with pytest.raises(ConfigError, match="holds policy 2, and policy 3"):
        files.in_force(TODAY)


def test_two_of_one_number_are_one_too_many(files):
    files.install(note(), TODAY, "x")
    put(files, note(keep_days=9))
    with pytest.raises(ConfigError, match="holds policy 3, and policy 3"):
        files.in_force(TODAY)


@pytest.mark.parametrize("name", [policy.FILE, policy.MARK])
def test_one_that_others_could_write_is_refused(files, name):
    files.install(note(), TODAY, "x")
    (files.folder / name).chmod(0o666)
    with pytest.raises(ConfigError, match="can be written by others"):
        files.in_force(TODAY)


def test_a_key_that_is_trusted_no_more_takes_its_policy_with_it_loudly(files):
    files.install(note(), TODAY, "x")
    files.keys.remove(OFFICE.public.key_id.hex())
    with pytest.raises(ConfigError, match="none of which is trusted"):
        files.in_force(TODAY)


def test_an_expired_one_still_binds_and_nothing_is_recorded(files):
    files.install(note(), TODAY, "x")
    late = date(2027, 11, 29)
    assert not files.in_force(late - timedelta(days=1)).expired, "negative control: the last day"
    found = files.in_force(late)
    assert found.expired
    tree = {
        "recorder": {"allowed": True, "content": "full", "most": "full", "mode": "event"}, "vault": {"keep_days": 9},
        "redact": {"faces": "keep"}, "privacy": {"purpose": "research"}, "output": {"formats": ["csv"]},
    }  # fmt: skip
    policy.applied(tree, found.limits(), {}, found.name)
    assert tree["recorder"] == {
        "allowed": False, "content": "background-removed", "most": "background-removed", "mode": "manual",
    }  # fmt: skip
    assert tree["vault"]["keep_days"] == 2
    with pytest.raises(ConfigError, match="expired on 2027-11-28"):
        files.install(note(), late, "x")


def test_withdrawing_frees_the_settings_and_the_same_does_not_come_back(files):
    files.install(note(), TODAY, "x")
    files.remember(TODAY)
    assert files.withdraw() == 3
    assert files.in_force(TODAY) is None
    assert files.remember(TODAY).withdrawn
    put(files, note())
    with pytest.raises(ConfigError, match="holds policy 3, and policy 3"):
        files.in_force(TODAY)
    with pytest.raises(ConfigError, match="higher number"):
        files.install(note(), TODAY, "x")
    assert files.install(note(serial=4), TODAY, "x").policy.serial == 4


def test_flags_and_variables_beyond_it_are_refused_with_the_key_path(files):
    files.install(note(), TODAY, "x")
    with pytest.raises(
        ConfigError, match=r"setting recorder.content = 'full': policy 3 of Works council allows at most"
    ):
        config.load({"recorder.content": "full"}, environment={})
    with pytest.raises(ConfigError, match=r"vault.keep_days = 9: .* at most 2"):
        config.load(environment={"POSTURE_VAULT__KEEP_DAYS": "9"})
    with pytest.raises(ConfigError, match=r"recorder.mode = 'event': .* nothing but manual"):
        config.load({"recorder.mode": "event"}, environment={})
    allowed = config.load({"recorder.content": "skeleton"}, environment={"POSTURE_VAULT__KEEP_DAYS": "1"})
    assert (allowed.recorder.content, allowed.vault.keep_days) == ("skeleton", 1), "negative control: what is allowed"


def test_a_file_beyond_it_gives_way(files, tmp_path):
    files.install(note(), TODAY, "x")
    path = tmp_path / "config.toml"
    path.write_text(
        '[recorder]\ncontent = "full"\nmost = "full"\n[redact]\nfaces = "keep"\n[privacy]\npurpose = "research"\n'
    )
    held = config.load(path=path, environment={})
    assert (held.recorder.content, held.recorder.most) == ("background-removed", "background-removed")
    assert (held.redact.faces, held.privacy.purpose, held.vault.keep_days) == ("cover", "own-posture", 2)
    assert held.output.formats == ("html",)
    free = config.load(path=path, environment={}, ruled=False)
    assert free.recorder.content == "full", "negative control"


def test_a_lock_on_a_setting_that_there_is_not_is_not_signed(files):
    body = SOUND + '"recorder.sound" = true\n'
    found = policy.read(note(body), [OFFICE.public], TODAY, "x")
    with pytest.raises(ConfigError, match=r"names the setting 'recorder.sound'"):
        config.allows(found)
    with pytest.raises(ConfigError, match=r"recorder\.mode"):
        config.allows(policy.read(note(SOUND.replace('"manual"', '"never"')), [OFFICE.public], TODAY, "x"))


def test_the_log_has_each_policy_once(files, monkeypatch):
    entries = []
    monkeypatch.setattr(trail, "record", lambda event, **fields: entries.append((event, fields)))
    trail.note_policy()
    files.install(note(expires="2126-11-28"), date.today(), "x")
    for _ in range(2):
        trail.note_policy()
    files.withdraw()
    for _ in range(2):
        trail.note_policy()
    assert [event for event, _ in entries] == [Event.POLICY_APPLIED, Event.POLICY_WITHDRAWN]
    assert entries[0][1]["serial"] == 3


def test_a_broken_policy_switches_no_log_off(files, tmp_path, monkeypatch):
    path = tmp_path / "config.toml"
    path.write_text("[audit]\nkeep_months = 7\n")
    monkeypatch.setenv("POSTURE_CONFIG", str(path))
    files.install(note(), TODAY, "x")
    (files.folder / policy.FILE).unlink()
    assert trail.settings_in_force().audit.keep_months == 7


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (RecorderSettings(allowed=False), "not allowed"),
        (RecorderSettings(content="full", most="skeleton"), "at most 'skeleton'"),
        (RecorderSettings(most="skeleton"), "at most 'skeleton'"),
    ],
)
def test_no_recorder_begins_beyond_it(settings, words):
    """Whatever asked for it: the last one chooses in the window what the settings do not say."""
    recorder = Recorder(settings, lambda: pytest.fail("asked for a folder"), None, None, None)
    recorder.begin("manual", "full")
    assert recorder.recording.phase is Phase.FAILED
    assert words in str(recorder.error)


def test_holding_for_longer_than_is_allowed_is_refused(tmp_path, data_folder):
    user = User(data_folder, tmp_path)
    with user.vault.create("correct horse", date(2026, 11, 24)) as unlocked:
        from posture.vault.library import Library

        path = user.clip()
        library = Library(user.vault, [user.shared], 3, unlocked, hold_days=30)
        (entry,) = library.entries()
        with pytest.raises(ConfigError, match=r"31 days from today: .* 30 days at most \(vault.hold_days\)"):
            library.hold(entry, date(2026, 12, 25), date(2026, 11, 24))
        library.hold(entry, date(2026, 12, 24), date(2026, 11, 24))
        assert path.exists()


def test_erasing_everything_keeps_the_memory_of_the_policy():
    assert KEPT_MEMORY == policy.MEMORY


def test_what_is_in_force_is_a_value(files):
    found = files.install(note(), TODAY, "x")
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.expired = True
