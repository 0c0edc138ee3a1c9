"""From a new key to a report with an added model, as an organisation does it, with a copy of the program.

The copy differs in one function: its key file lies in a temporary folder instead of the system's, which no variable
and no option could bring about.
"""

import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from posture.audit.events import Event, check
from posture.cli import models as verbs
from posture.errors import ConfigError, ModelMismatch, PostureError
from posture.pose.added import AddedModels
from posture.pose.catalogue import Catalogue
from posture.pose.trusted_keys import TrustedKeys
from posture.signed_note import PrivateKey

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners and modes, symbolic links")
ROOT = Path(__file__).resolve().parents[2]
LITE = ROOT / "models" / "pose_landmark_lite.onnx"
KEY_FILE = """

def system_keys() -> TrustedKeys:
    return TrustedKeys(Path({path!r}), owner={owner}, top=Path({top!r}))
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """The copy, and beside it a folder with one model."""
    root = tmp_path_factory.mktemp("office")
    root.chmod(0o755)
    shutil.copytree(ROOT / "posture", root / "posture", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "models").symlink_to(ROOT / "models")
    keys = root / "etc" / "trusted-keys"
    with (root / "posture" / "pose" / "trusted_keys.py").open("a") as file:
        file.write(KEY_FILE.format(path=str(keys), owner=os.getuid(), top=str(root)))
    (root / "package").mkdir()
    shutil.copyfile(LITE, root / "package" / "office.onnx")
    return root


def posture(root, *arguments):
    done = subprocess.run(
        [sys.executable, "-P", "-c", "from posture.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "HOME": str(root), "POSTURE_POSE__PROVIDERS": '["cpu"]'},
    )
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    return done


def test_from_a_new_key_to_a_report_and_back(office):
    digest = sha256(LITE.read_bytes()).hexdigest()
    unknown = posture(office, "analyze", "x.mp4", "--model", "office")
    assert unknown.returncode == 2
    assert "there are lite, full, heavy, movenet; `posture models add`" in unknown.stderr

    signed = posture(office, "models", "sign", "package", "--key", "private.key", "--new-key", "clinic")
    assert signed.returncode == 0, signed.stderr
    line = signed.stdout.strip()
    key_id = line.split("+")[1]
    assert (office / "private.key").stat().st_mode & 0o777 == 0o600
    assert key_id in signed.stderr
    again = posture(office, "models", "sign", "package", "--key", "private.key", "--new-key", "clinic")
    assert again.returncode == 73
    assert "private.key is already there" in again.stderr

    stranger = posture(office, "models", "add", "package")
    assert stranger.returncode == 65
    assert "signed by clinic, none of which is trusted" in stranger.stderr

    assert posture(office, "models", "trust", line).returncode == 0
    assert posture(office, "models", "trust", "--list").stdout.strip() == line
    added = posture(office, "models", "add", "package")
    assert added.returncode == 0, added.stderr
    assert f"added office, signed by clinic {key_id}; use it with --model office" in added.stderr

    (listed,) = json.loads(posture(office, "models", "list", "--json").stdout)["added"]
    assert (listed["name"], listed["state"], listed["key_id"]) == ("office", "verified", key_id)
    assert (listed["sha256"], listed["model"]["role"]) == (digest, "pose_landmark")
    assert key_id in posture(office, "models", "list").stdout
    verified = posture(office, "models", "verify")
    assert verified.returncode == 0
    assert f"office (added, signed by clinic {key_id})" in verified.stdout

    portrait = ROOT / "posture" / "sources" / "portrait" / "astronaut.png"
    mistyped = posture(office, "analyze", portrait, "--model", "offic")
    assert mistyped.returncode == 2
    assert "did you mean 'office'?" in mistyped.stderr
    done = posture(office, "analyze", portrait, "--model", "office", "-o", "out", "--format", "json")
    assert done.returncode == 0, done.stderr
    report = next((office / "out").glob("*.json")).read_text()
    engine = json.loads(report)["engine"]
    assert (engine["model"], engine["model_sha256"]) == ("office", digest)

    assert posture(office, "models", "trust", "--remove", key_id).returncode == 0
    refused = posture(office, "analyze", portrait, "--model", "office", "-o", "out2", "--format", "json")
    assert refused.returncode == 65
    assert "none of which is trusted here" in refused.stderr
    assert not (office / "out2").exists()
    failed = posture(office, "models", "verify", "--json")
    assert failed.returncode == 65
    assert json.loads(failed.stdout)["added"][0]["state"] == "failed"
    assert posture(office, "models", "remove", "office").returncode == 0
    assert json.loads(posture(office, "models", "list", "--json").stdout)["added"] == []


@pytest.fixture
def record(monkeypatch, tmp_path):
    """The verbs with a store of their own in this process; gives what they write to the audit log."""
    tmp_path.chmod(0o755)
    added = AddedModels(tmp_path / "store", TrustedKeys(tmp_path / "etc" / "keys", owner=os.getuid(), top=tmp_path))
    events = []
    monkeypatch.setattr(verbs, "_added", lambda: added)
    others = {entry.sha256 for entry in Catalogue.load().entries} - {sha256(LITE.read_bytes()).hexdigest()}

    def keep(event, **fields):
        check(event, fields)
        if event != Event.PROGRAM_STARTED and fields.get("sha256") not in others:
            events.append((event, fields))

    monkeypatch.setattr(verbs.trail, "record", keep)
    return events


def run(*arguments):
    result = CliRunner().invoke(verbs.app, [str(argument) for argument in arguments])
    if isinstance(result.exception, PostureError):
        raise result.exception
    return result


def test_everything_that_happens_to_a_model_is_recorded(record, tmp_path, monkeypatch):
    (tmp_path / "package").mkdir()
    shutil.copyfile(LITE, tmp_path / "package" / "office.onnx")
    digest = sha256(LITE.read_bytes()).hexdigest()
    private = PrivateKey("clinic", bytes(32))
    key_id = private.public.key_id.hex()
    (tmp_path / "key").write_text(private.secret_text())
    run("sign", tmp_path / "package", "--key", tmp_path / "key")
    with pytest.raises(ModelMismatch):
        run("add", tmp_path / "package")
    run("trust", private.public)
    run("trust", private.public)
    monkeypatch.setenv("POSTURE_POSE__MODEL", "office")  # named before it is there
    run("add", tmp_path / "package")
    run("verify")
    run("trust", "--remove", key_id)
    assert run("verify").exit_code == 65
    run("remove", "office")
    note = sha256((tmp_path / "package" / "models.note").read_bytes()).hexdigest()
    assert record == [
        ("model.refused", {"sha256": note, "reason": "signature"}),
        ("model.key.trusted", {"key_id": key_id}),
        ("model.added", {"sha256": digest, "key_id": key_id}),
        ("model.verified", {"sha256": digest}),  # as a model of the program
        ("model.verified", {"sha256": digest}),  # as the added one
        ("model.key.distrusted", {"key_id": key_id}),
        ("model.verified", {"sha256": digest}),
        ("model.refused", {"sha256": note, "reason": "signature"}),
        ("model.removed", {"sha256": note}),
    ]


@pytest.mark.parametrize(
    ("content", "words"), [(None, "cannot be read"), ("x", "no private key"), ("PRIVATE+KEY+a", "no private key")]
)
def test_a_file_without_a_private_key_is_named(tmp_path, content, words):
    key = tmp_path / "key"
    if content is not None:
        key.write_text(content)
    with pytest.raises(ConfigError, match=f"key.* {words}.*--new-key NAME makes one"):
        run("sign", tmp_path, "--key", key)


@pytest.mark.usefixtures("record")
def test_what_cannot_be_done_is_said(tmp_path):
    with pytest.raises(ConfigError, match="this is no key line"):
        run("trust", "no key")
    with pytest.raises(ConfigError, match="--new-key 'two words'"):
        run("sign", tmp_path, "--key", tmp_path / "key", "--new-key", "two words")
    assert not (tmp_path / "key").exists()
    assert run("trust").exit_code == 2
    assert run("trust", "a", "--list").exit_code == 2
    with pytest.raises(PostureError, match="no model 'office' was added"):
        run("remove", "office")
