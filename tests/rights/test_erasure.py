"""Keys first, then files; what is listed goes and nothing else; a killed run goes on; the log has the proof."""

import json
import os
import shutil
from datetime import timedelta

import msgspec
import pytest
from kept_user import TODAY
from standing import observed
from vault_office import HEAD, WORDS, new_clip, second

from posture.audit.archive import read_folder
from posture.audit.verify import verify
from posture.errors import ConfigError, Locked, WrongKey
from posture.live.profiles import NAME, Profiles
from posture.results import Key, Results, files
from posture.rights import erasure
from posture.rights.erasure import Scope, erase, planned, unfinished
from posture.rights.holdings import JOURNAL, holdings, others_recordings
from posture.sinks.archive import NAME as HISTORY
from posture.vault.clip import input_key
from posture.vault.hpke import new_secret
from posture.vault.recipient import X25519


def readable(path, vault):
    with vault.unlock(WORDS) as unlocked, path.open("rb") as file:
        return bool(input_key(file, unlocked.secrets))


def test_everything_goes_but_the_log_and_what_is_somebody_elses(user):
    ours = [user.clip(), user.clip(days=1, folder=user.data / "recordings")]
    writer, theirs = new_clip(user.shared, (new_secret(X25519).recipient,))
    writer.fragment(HEAD)
    writer.fragment(second(1))
    writer.close()
    user.live()
    places = user.places
    assert others_recordings(places) == [theirs]
    plan = planned(places, Scope(), TODAY)
    listed = {file.path for file in plan.files}
    assert {str(path) for path in ours} <= listed
    assert str(theirs) not in listed
    assert all(os.path.getsize(file.path) == file.bytes for file in plan.files)
    outcome = erase(plan, places)
    assert outcome.finished
    assert not [path for path in listed if os.path.exists(path)]
    left = {path.relative_to(user.data).parts[0] for path in user.files() if path.is_relative_to(user.data)}
    assert left <= {"audit", "audit.lock", "vault.lock"}
    assert theirs.exists()
    assert [event.value for event, _ in user.events][-1] == "data.erased"
    assert user.events[-1][1] == {"files": outcome.removed, "keys": len(plan.keys), "sha256": plan.sha256}
    assert planned(user.places, Scope(), TODAY).empty


def test_a_copy_of_a_recording_cannot_be_read_after_it_with_what_is_left(user):
    clip = user.clip()
    copy = shutil.copy(clip, user.shared.parent / "copy.pclip")
    assert readable(clip, user.vault), "negative control: it could before"
    erase(planned(user.places, Scope(), TODAY), user.places)
    with pytest.raises(Locked, match="there is no"):
        readable(user.shared.parent / "copy.pclip", user.vault)
    assert copy.exists()


def test_keys_are_gone_before_the_first_file(user, monkeypatch):
    user.clip()
    seen = []
    monkeypatch.setattr(erasure, "_removed", lambda path: seen.append(user.vault.exists) or True)
    erase(planned(user.places, Scope(), TODAY), user.places)
    assert seen
    assert not any(seen)


def test_a_run_that_is_killed_anywhere_is_taken_up_again(user, monkeypatch):
    """After each number of deleted files in turn."""
    user.clip()
    user.live()
    whole = planned(user.places, Scope(), TODAY)
    removed = erasure._removed
    for steps in range(len(whole.files)):
        left = iter(range(steps))

        def dying(path, left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt
            return removed(path)

        monkeypatch.setattr(erasure, "_removed", dying)
        with pytest.raises(KeyboardInterrupt):
            erase(unfinished(user.places) or whole, user.places)
        assert unfinished(user.places) == whole
    monkeypatch.setattr(erasure, "_removed", removed)
    assert erase(unfinished(user.places), user.places).finished
    assert unfinished(user.places) is None
    assert not [file for file in whole.files if os.path.exists(file.path)]
    assert [fields["sha256"] for event, fields in user.events if event == "data.erased"] == [whole.sha256]


def test_what_cannot_be_deleted_is_said_and_the_plan_stays(user, monkeypatch):
    clip = user.clip()
    removed = erasure._removed
    monkeypatch.setattr(erasure, "_removed", lambda path: path != clip and removed(path))
    outcome = erase(planned(user.places, Scope(), TODAY), user.places)
    assert (outcome.finished, outcome.failed) == (False, (str(clip),))
    assert "data.erased" not in [event.value for event, _ in user.events]
    assert (user.data / JOURNAL).exists()
    monkeypatch.setattr(erasure, "_removed", removed)
    assert erase(unfinished(user.places), user.places).finished


def test_cancelling_leaves_the_rest_for_later(user):
    user.clip()
    plan = planned(user.places, Scope(), TODAY)
    outcome = erase(plan, user.places, cancelled=lambda: True)
    assert (outcome.finished, outcome.removed) == (False, 0)
    assert unfinished(user.places) == plan


def test_single_days_go_and_the_others_can_be_read(user):
    old, new = user.clip(days=2), user.clip()
    user.live(days=2)
    user.live()
    scope = Scope(first=TODAY - timedelta(days=2), last=TODAY - timedelta(days=1))
    plan = planned(user.places, scope, TODAY)
    assert [file.path for file in plan.files] == [str(old)]
    assert plan.history_days == (str(TODAY - timedelta(days=2)),)
    assert erase(plan, user.places).finished
    assert not old.exists()
    assert readable(new, user.vault)
    assert planned(user.places, Scope(kinds=frozenset({"history"})), TODAY).history_days == (str(TODAY),)
    again = user.clip(days=0)
    assert readable(again, user.vault), "today still has its key"


def analysed(user, days=0):
    """What was seen in a file that was analysed so many days ago."""
    cache = Results(user.vault, lambda key_id: None, lambda: TODAY - timedelta(days))
    before = files(user.vault.folder)
    cache.keep(Key(str(days).encode(), 1000, "ab" * 32), observed(), 1 << 20)
    (made,) = set(files(user.vault.folder)).difference(before)
    return made


def test_results_of_analyses_go_with_everything_by_kind_and_with_their_day(user):
    old, new = analysed(user, days=1), analysed(user)
    yesterday = Scope(first=TODAY - timedelta(days=1), last=TODAY - timedelta(days=1))
    assert erase(planned(user.places, yesterday, TODAY), user.places).finished
    assert (old.exists(), new.exists()) == (False, True)
    plan = planned(user.places, Scope(kinds=frozenset({"results"})), TODAY)
    assert ([file.path for file in plan.files], plan.keys) == ([str(new)], ())
    assert erase(plan, user.places).finished
    assert not new.exists()
    newest = analysed(user)
    assert erase(planned(user.places, Scope(), TODAY), user.places).finished
    assert not newest.parent.exists()


def test_of_one_kind_only(user):
    clip = user.clip()
    user.live()
    plan = planned(user.places, Scope(kinds=frozenset({"recordings"})), TODAY)
    assert {file.kind for file in plan.files} == {"recordings"}
    assert erase(plan, user.places).finished
    assert not clip.exists()
    assert (user.vault.folder / HISTORY).exists()
    assert planned(user.places, Scope(kinds=frozenset({"history"})), TODAY).history_days == (str(TODAY),)


def test_one_calibration_by_its_name(user):
    (user.data / NAME).write_text(json.dumps({"version": 1, "profiles": []}))
    with pytest.raises(ConfigError, match="no calibration 'desk' is remembered"):
        planned(user.places, Scope(calibration="desk"), TODAY)
    kept = Profiles(user.data / NAME)
    kept.load()
    assert kept.all == ()


def test_with_the_audit_log_a_new_one_begins_with_the_proof(user):
    user.clip()
    plan = planned(user.places, Scope(audit=True), TODAY)
    assert "audit" in {file.kind for file in plan.files}
    before = len(read_folder(user.data / "audit").entries())
    assert erase(plan, user.places).finished
    archive = read_folder(user.data / "audit")
    assert before == 70
    assert [json.loads(entry)["ev"] for entry in archive.entries()] == ["data.erased"]
    assert verify(archive)


def test_days_the_wrong_way_round_are_refused(user):
    with pytest.raises(ConfigError, match="the other way round"):
        planned(user.places, Scope(first=TODAY, last=TODAY - timedelta(days=1)), TODAY)


def test_without_a_vault_there_is_still_a_list(data_folder, tmp_path, user):
    user.vault.destroy()
    plan = planned(user.places, Scope(), TODAY)
    assert not plan.whole
    assert {file.kind for file in plan.files} == {"settings"}


def test_a_new_file_of_the_program_is_found_without_being_known(user):
    (user.data / "fleet").mkdir()
    (user.data / "fleet" / "nodes.json").write_text("{}")
    assert [one.kind for one in holdings(user.places) if one.path.name == "nodes.json"] == ["other"]
    erase(planned(user.places, Scope(), TODAY), user.places)
    assert not (user.data / "fleet").exists()


def test_a_plan_is_known_by_its_hash(user):
    user.clip()
    plan = planned(user.places, Scope(), TODAY)
    assert plan.sha256 == msgspec.structs.replace(plan).sha256
    assert plan.sha256 != msgspec.structs.replace(plan, files=plan.files[1:]).sha256


def test_the_old_passphrase_opens_nothing(user):
    erase(planned(user.places, Scope(), TODAY), user.places)
    user.vault.create("another passphrase", TODAY).close()
    with pytest.raises(WrongKey):
        user.unlock()
