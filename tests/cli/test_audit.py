"""`posture audit` and what the verbs log, as a user runs them: real processes, real files, exit codes."""

import hashlib
import json
import os
import re
import subprocess
import sys

import pytest

from posture import config
from posture.audit.events import FIELDS, VERBS, Event, check
from posture.audit.sentences import SENTENCES, sentence
from posture.cli import trail
from posture.errors import LogDamaged
from posture.folders import data_folder

POSTURE = [sys.executable, "-P", "-c", "from posture.cli import main; main()"]


def posture(*arguments, **environment):
    done = subprocess.run(
        [*POSTURE, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )
    assert "Traceback" not in done.stderr
    return done


def entries():
    return json.loads(posture("audit", "show", "--json").stdout)["entries"]


@pytest.fixture
def log(data_folder):
    """A log of some entries, written by the verbs."""
    assert posture("config", "reset", "-y").returncode == 0
    assert posture("config", "reset", "-y").returncode == 0
    return data_folder / "audit"


def test_without_a_log_every_verb_says_so_and_makes_none(data_folder):
    for arguments in (["show"], ["verify"], ["export", "--checkpoint"], ["prove", "0"]):
        done = posture("audit", *arguments)
        assert done.returncode == 66
        assert "no audit log yet" in done.stderr
    assert list(data_folder.iterdir()) == []


@pytest.mark.parametrize("verb", ["show", "verify"])
@pytest.mark.parametrize("folder", [".", "", "/", "..", "nowhere"])
def test_a_folder_without_a_log_is_named_however_it_is_written(tmp_path, monkeypatch, folder, verb):
    monkeypatch.chdir(tmp_path)
    done = posture("audit", verb, "--folder", folder)
    assert (done.returncode, done.stderr.count("\n")) == (66, 1), done.stderr
    assert "no audit log yet in" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_log_of_the_working_folder_can_be_read(log, monkeypatch):
    monkeypatch.chdir(log)
    assert posture("audit", "verify", "--folder", ".").returncode == 0


def test_a_demo_logs_its_start_its_reports_and_its_end(tmp_path):
    done = posture("demo", "-o", tmp_path, "--format", "json,csv", POSTURE_POSE__MODEL="lite")
    assert done.returncode == 0, done.stderr
    begun, *reports, ended = entries()
    assert (begun["ev"], begun["verb"], begun["seq"]) == ("program.started", "demo", 0)
    assert {report["ev"] for report in reports} == {"report.exported"}
    hashes = {
        suffix: hashlib.sha256((tmp_path / f"report.{suffix}").read_bytes()).hexdigest() for suffix in ("json", "csv")
    }
    assert {report["format"]: report["sha256"] for report in reports} == hashes
    assert (ended["ev"], ended["exit_code"]) == ("program.ended", 0)


def test_the_log_names_neither_the_input_nor_the_folders(tmp_path, data_folder):
    secret = tmp_path / "Ada Lovelace knee.mp4"
    secret.write_bytes(b"no video at all")
    assert posture("analyze", secret, "-o", tmp_path / "out").returncode == 65
    assert [entry["ev"] for entry in entries()] == ["program.started", "program.ended"]
    assert entries()[-1]["exit_code"] == 65
    for path in (data_folder / "audit").iterdir():
        content = path.read_bytes()
        for word in ("Ada", "knee", str(tmp_path), "no video"):
            assert word.encode() not in content


def test_verified_models_are_logged():
    assert posture("models", "verify").returncode == 0
    verified = [entry["sha256"] for entry in entries() if entry["ev"] == "model.verified"]
    listed = json.loads(posture("models", "list", "--json").stdout)["models"]
    assert set(verified) <= {model["sha256"] for model in listed}
    assert len(verified) >= len([model for model in listed if not model["optional"]])


@pytest.mark.skipif(sys.platform == "win32", reason="a shell as editor")
def test_changed_settings_are_logged_by_name(tmp_path):
    file = tmp_path / "config.toml"
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf \'[pose]\\nmodel = "lite"\\npeople = 3\\n\' > "$1"\n')
    editor.chmod(0o700)
    environment = {"POSTURE_CONFIG": str(file), "VISUAL": str(editor)}
    file.write_text("")
    assert posture("config", "edit", **environment).returncode == 0
    file_after = file.read_text()
    assert "people = 3" in file_after
    assert [entry["setting"] for entry in entries() if entry["ev"] == "settings.changed"] == [
        "pose.model",
        "pose.people",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell as editor")
def test_that_the_log_was_switched_off_is_its_last_word(tmp_path, data_folder):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf '[audit]\\nenabled = false\\n' > \"$1\"\n")
    editor.chmod(0o700)
    file = tmp_path / "config.toml"
    file.write_text("")
    environment = {"POSTURE_CONFIG": str(file), "VISUAL": str(editor)}
    assert posture("config", "edit", **environment).returncode == 0
    before = entries()
    assert before[-2]["setting"] == "audit.enabled"
    assert posture("models", "verify", **environment).returncode == 0
    assert entries() == before
    assert posture("audit", "verify", **environment).returncode == 0


def test_switched_off_nothing_is_made(data_folder):
    assert posture("models", "verify", POSTURE_AUDIT__ENABLED="false").returncode == 0
    assert list(data_folder.iterdir()) == []


def test_a_log_that_cannot_be_written_stops_the_verb(data_folder, tmp_path):
    (data_folder / "audit").write_bytes(b"a file stands where the folder should be")
    done = posture("demo", "-o", tmp_path / "out")
    assert done.returncode == 73
    assert re.search(r"audit.*make its folder writable.*audit\.enabled = false", done.stderr)
    assert done.stderr.count("error") == 1
    assert not (tmp_path / "out").exists()


def test_a_log_that_breaks_meanwhile_is_said_once(data_folder, monkeypatch):
    monkeypatch.setattr(trail, "_trail", trail._Trail())  # verbs that ran in this process before have a log open
    trail.started("demo")
    (path,) = (data_folder / "audit").glob("*.log")
    path.write_bytes(b"")
    with pytest.raises(LogDamaged, match="became shorter"):
        trail.record(Event.CAMERA_OPENED)
    trail.ended(65)
    assert path.read_bytes() == b""


def test_a_broken_settings_file_switches_no_log_off(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text("[audit")
    assert posture("config", "reset", "-y", POSTURE_CONFIG=str(file)).returncode == 0
    assert [entry["ev"] for entry in entries()] == ["program.started", "program.ended"]


def test_a_reset_logs_the_settings_that_go_back(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text("[pose]\npeople = 2\n")
    assert posture("config", "reset", "-y", POSTURE_CONFIG=str(file)).returncode == 0
    assert [entry["setting"] for entry in entries() if entry["ev"] == "settings.changed"] == ["pose.people"]


def changed(log):
    path = next(log.glob("*.log"))
    data = bytearray(path.read_bytes())
    data[30] ^= 1
    path.write_bytes(data)
    return path


def test_a_changed_log_is_an_alarm_everywhere_until_a_restart(log, tmp_path):
    assert posture("audit", "verify").returncode == 0
    path = changed(log)
    content = path.read_bytes()
    for arguments in (["audit", "verify"], ["models", "verify"], ["audit", "export", tmp_path / "x"], ["demo"]):
        done = posture(*arguments)
        assert done.returncode == 65, arguments
        assert "LogDamaged" in done.stderr
    assert json.loads(posture("audit", "verify", "--json").stdout)["holds"] is False
    assert path.read_bytes() == content
    done = posture("audit", "restart", "--yes")
    assert done.returncode == 0
    assert "audit.aside-1" in done.stderr
    assert (log.with_name("audit.aside-1") / path.name).read_bytes() == content
    assert posture("audit", "verify").returncode == 0
    assert [entry["ev"] for entry in entries()] == ["log.restarted"]
    aside = log.with_name("audit.aside-1")
    assert posture("audit", "verify", "--folder", aside).returncode == 65
    assert "0 of 0 entries" in posture("audit", "show", "--folder", aside).stdout
    assert (aside / path.name).read_bytes() == content


def test_a_restart_asks_first(log):
    done = subprocess.run([*POSTURE, "audit", "restart"], input="n\n", capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert not log.with_name("audit.aside-1").exists()


def test_verify_says_what_holds_and_what_that_does_not_prove(log):
    words = posture("audit", "verify").stdout
    assert "4 entries, root " in words
    assert "signing key too" in words
    tree = json.loads(posture("audit", "verify", "--json").stdout)
    (month,) = tree["months"]
    assert (tree["holds"], month["entries"], month["signed"], month["expired"]) == (True, 4, 4, False)
    assert month["signed_until"] == entries()[-1]["wall"]
    assert posture("audit", "verify", "--key", tree["key"]).returncode == 0
    assert posture("audit", "verify", "--key", tree["key"][:-1]).returncode == 65


def test_a_checkpoint_kept_elsewhere_shows_a_log_that_was_set_back(log, tmp_path):
    older = {path: path.read_bytes() for path in log.iterdir()}
    assert posture("config", "reset", "-y").returncode == 0
    witness = tmp_path / "printed.txt"
    witness.write_text("\n" + posture("audit", "export", "--checkpoint").stdout + "\n\n")
    assert len(witness.read_text().split("\n\n")[0].split()) == 3
    done = posture("audit", "verify", "--against", witness)
    assert done.returncode == 0
    assert "still holds the 6 entries" in done.stdout
    for path, data in older.items():
        path.write_bytes(data)
    assert posture("audit", "verify").returncode == 0
    done = posture("audit", "verify", "--against", witness)
    assert done.returncode == 65
    assert "it was set back" in done.stderr


def test_an_export_is_checked_on_another_machine(log, tmp_path):
    file = tmp_path / "export.jsonl"
    assert posture("audit", "export", file).returncode == 0
    elsewhere = {"POSTURE_DATA": str(tmp_path / "elsewhere")}
    assert posture("audit", "verify", "--export", file, **elsewhere).returncode == 0
    refused = posture("audit", "export", file)
    assert refused.returncode == 73
    assert "--overwrite" in refused.stderr
    data = bytearray(file.read_bytes())
    data[-20] ^= 1
    file.write_bytes(data)
    assert posture("audit", "verify", "--export", file, **elsewhere).returncode == 65
    assert not (tmp_path / "elsewhere").exists()


def test_a_proof_of_one_entry(log, tmp_path):
    file, witness = tmp_path / "proof.json", tmp_path / "printed.txt"
    assert posture("audit", "export", "--checkpoint", witness).returncode == 0
    assert posture("audit", "export", "--checkpoint").stdout == witness.read_text()
    assert posture("audit", "prove", "2", "-o", file).returncode == 0
    elsewhere = {"POSTURE_DATA": str(tmp_path / "elsewhere")}
    done = posture("audit", "verify", "--proof", file, "--against", witness, **elsewhere)
    assert done.returncode == 0
    assert "entry 2, " in done.stdout
    assert "posture 0.1.0 was started: config.reset" in done.stdout
    assert posture("config", "reset", "-y").returncode == 0
    later = tmp_path / "later.json"
    later.write_text(posture("audit", "prove", "2").stdout)
    assert posture("audit", "verify", "--proof", later, "--against", witness, **elsewhere).returncode == 65
    later.write_text(posture("audit", "prove", "2", "--against", witness).stdout)
    assert posture("audit", "verify", "--proof", later, "--against", witness, **elsewhere).returncode == 0
    grown = tmp_path / "grown.json"
    grown.write_text(posture("audit", "prove", "--since", witness).stdout)
    done = posture("audit", "verify", "--proof", grown, "--against", witness, **elsewhere)
    assert "continues a checkpoint over 4" in done.stdout
    assert posture("audit", "prove", "99").returncode == 66


def test_show_picks(log):
    assert "2 of 4 entries" in posture("audit", "show", "--last", "2").stdout
    assert "2 of 2 entries" in posture("audit", "show", "--event", "program.ended").stdout
    assert posture("audit", "show", "--event", "program.finished").returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["export"],
        ["prove"],
        ["prove", "1", "--since", "x"],
        ["verify", "--export", "x", "--proof", "y"],
        ["verify", "--folder", "x", "--proof", "y"],
    ],
)
def test_half_a_question_is_refused(log, arguments):
    assert posture("audit", *arguments).returncode == 2


def test_a_file_that_is_not_there_is_named(log, tmp_path):
    for option in ("--export", "--proof", "--against"):
        done = posture("audit", "verify", option, tmp_path / "gone.json")
        assert done.returncode == 66
        assert "gone.json" in done.stderr


def test_every_event_has_a_sentence():
    assert set(SENTENCES) == set(Event)
    for event, text in SENTENCES.items():
        needed = {name for name, kind in FIELDS[event].items() if not kind.optional}
        assert set(re.findall(r"\{(\w+)\}", text)) <= needed


def test_an_event_of_a_newer_version_shows_its_fields():
    assert sentence({"seq": 1, "wall": 2, "mono_ns": 3, "ev": "thought.read", "count": 4}) == "count 4"
    assert sentence({"seq": 1, "wall": 2, "mono_ns": 3, "ev": "camera.opened"}) == "the camera was switched on"


def test_every_setting_can_be_named_in_the_log():
    for path in config.key_paths():
        check(Event.SETTINGS_CHANGED, {"setting": path}, config.key_paths())
    assert "audit.enabled" in config.key_paths()


def test_every_verb_that_is_logged_exists():
    from posture.cli import app

    def names(group, before=""):
        for command in group.registered_commands:
            yield before + (command.name or command.callback.__name__)
        for below in group.registered_groups:
            yield from names(below.typer_instance, f"{before}{below.name}.")

    assert set(VERBS) <= set(names(app))


def test_the_folder_can_be_named(tmp_path):
    assert data_folder({"POSTURE_DATA": str(tmp_path)}) == tmp_path
    assert data_folder({}).name == "posture"
