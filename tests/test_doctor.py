"""What the doctor says of broken installations, and that its bundle tells neither who nor where."""

import builtins
import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from posture import doctor


@pytest.fixture
def as_ada(monkeypatch, tmp_path):
    """Somebody with telling names everywhere."""
    home = tmp_path / "homes" / "Ada Lovelace"
    home.mkdir(parents=True)
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr("getpass.getuser", lambda: "lovelace7")
    monkeypatch.setattr(platform, "node", lambda: "analytical-engine")
    monkeypatch.delenv("POSTURE_CONFIG", raising=False)
    return home


def test_home_user_and_host_are_replaced(as_ada):
    text = f"{as_ada}/.config/x.toml, by lovelace7 (LOVELACE7_old) on analytical-engine.local; Ada Lovelace"
    redacted = doctor.redact(text)
    assert redacted == "~/.config/x.toml, by <user> (<user>_old) on <host>.local; <user>"


@pytest.mark.parametrize("config", ["/mnt/Smith & Sons/pos ture.toml", "clients/Smith.toml", "Smith.toml"])
def test_the_settings_file_is_not_named_wherever_it_lies(as_ada, monkeypatch, config):
    monkeypatch.setenv("POSTURE_CONFIG", config)
    redacted = doctor.redact(f"note  settings: {config}  {Path(config).absolute()} is not there: make it")
    assert redacted == "note  settings: <settings>  <settings> is not there: make it"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cannot read /srv/clients/Smith/a.onnx: denied", "cannot read <path>: denied"),
        ("'/srv/Smith/a', (/srv/Smith)", "'<path>', (<path>)"),
        (r"C:\Users\Smith\x.toml and \\server\Smith\x", "<path> and <path>"),
        ("20 frames/s on x86/64, 3 / 4; see .venv/bin", "20 frames/s on x86/64, 3 / 4; see .venv/bin"),
    ],
)
def test_other_absolute_paths_are_cut_and_nothing_else(as_ada, text, expected):
    assert doctor.redact(text) == expected


def test_a_folder_that_only_begins_like_the_home_is_another_one(as_ada):
    assert doctor.redact(f"{as_ada.parent}/Ada") != "~"
    assert "~" not in doctor.redact(f"{as_ada}2/x")


def test_the_bundle_of_bad_findings_is_redacted(as_ada, monkeypatch):
    monkeypatch.setenv("POSTURE_CONFIG", str(as_ada / "gone.toml"))
    finding = doctor._settings()
    assert (finding.state, "gone.toml" in finding.advice) == ("bad", True)
    text = doctor.bundle([finding, doctor.Finding("bad", "models", f"{as_ada}/m.onnx")])
    for word in ("Ada", "Lovelace", "gone", str(as_ada.parent)):
        assert word not in text


class Distribution:
    def __init__(self, name, folder):
        self.name, self.metadata = name, {"Name": name}
        self.files = [importlib.metadata.PackagePath(f"{folder}/__init__.py")]


def installed(monkeypatch, *pairs):
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: [Distribution(*pair) for pair in pairs])
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.28.0")


def test_an_add_on_is_no_second_runtime(monkeypatch):
    installed(
        monkeypatch,
        ("onnxruntime", "onnxruntime"),
        ("onnxruntime-extensions", "onnxruntime_extensions"),
        ("numpy", "numpy"),
    )
    assert doctor.runtimes() == ["onnxruntime"]
    assert doctor._runtime().state == "ok"


def test_two_runtimes_are_one_too_many(monkeypatch):
    installed(monkeypatch, ("onnxruntime", "onnxruntime"), ("onnxruntime-gpu", "onnxruntime"))
    finding = doctor._runtime()
    assert finding.state == "bad"
    assert "pip uninstall -y onnxruntime onnxruntime-gpu" in finding.advice


def test_without_a_runtime_the_findings_say_so(monkeypatch):
    real = builtins.__import__

    def refuse(name, *arguments, **named):
        if name.startswith("onnxruntime"):
            raise ModuleNotFoundError("No module named 'onnxruntime'")
        return real(name, *arguments, **named)

    installed(monkeypatch)
    monkeypatch.delitem(sys.modules, "posture.pose.session", raising=False)
    monkeypatch.setattr(builtins, "__import__", refuse)
    assert (doctor._runtime().state, doctor._providers().state) == ("bad", "bad")
    assert "onnxruntime" in doctor._providers().found
    assert doctor.telemetry().state in {"ok", "bad"}


def test_this_installation_is_in_order():
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
    quick = [doctor._system(), *doctor._libraries(), doctor._runtime(), doctor.telemetry(), doctor._providers()]
    assert {finding.state for finding in quick} == {"ok"}
    assert doctor._models().state == "ok"


def test_a_bundle_never_replaces_a_file_and_says_what_to_do(tmp_path):
    there = tmp_path / "bundle.txt"
    there.write_text("kept")
    command = [sys.executable, "-c", "from posture.cli import main; main()", "doctor", "--yes", "--bundle", str(there)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, there.read_text(), done.stdout) == (73, "kept", "")
    assert "--bundle" in done.stderr
    assert "--overwrite" not in done.stderr
    assert "-o" not in done.stderr.split()
