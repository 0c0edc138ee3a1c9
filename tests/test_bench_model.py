"""One model measured by itself."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from posture import admission
from posture.bench import model
from posture.bench.model import ModelSpeed, OnProvider, _difference, measured
from posture.cli import app
from posture.errors import ModelMismatch, ModelMissing, SourceError
from posture.pose import package

HASH = "ab" * 32


def test_a_model_of_the_program_by_its_short_name_agrees_with_itself(monkeypatch):
    monkeypatch.setattr(model, "MOST_RUNS", 6)
    speed = measured("movenet")
    assert speed.input == "1×256×256×3 uint8"
    assert len(speed.sha256) == 64
    on_cpu = speed.providers[0]
    assert (on_cpu.provider, on_cpu.why, on_cpu.runs, on_cpu.difference) == ("cpu", "", 6, 0.0)
    assert 0 < on_cpu.run_ms <= on_cpu.run_ms_p90


def test_a_provider_that_does_not_run_says_why(monkeypatch):
    monkeypatch.setattr(model, "MOST_RUNS", 6)
    monkeypatch.setattr(model, "available_providers", lambda: ("cuda", "cpu"))
    cpu, cuda = measured("movenet").providers
    assert cpu.why == ""
    assert cuda.provider == "cuda"
    assert cuda.why


def test_an_unknown_name_is_told_what_there_is():
    with pytest.raises(ModelMissing, match="there are lite, full"):
        model.found("nobody")


def test_the_difference_is_a_share_of_the_largest_number():
    truth = {"a": np.array([0.0, 10.0])}
    assert _difference({"a": np.array([1.0, 10.0])}, truth) == pytest.approx(0.1)
    assert _difference(truth, truth) == 0


def test_measuring_ends_at_once_when_it_is_asked_to():
    with pytest.raises(SourceError):
        model.measure("full", on_start=lambda end: end())


def test_the_verb_prints_one_document(monkeypatch):
    speed = ModelSpeed("full", HASH, "1×256×256×3 uint8", [OnProvider("cpu", run_ms=8.0, runs=9)], 100.0)
    monkeypatch.setattr(model, "measure", lambda name: speed)
    done = CliRunner().invoke(app, ["bench", "--model", "full", "--json"], catch_exceptions=False)
    tree = json.loads(done.stdout)
    assert (tree["schema"], tree["model"]["providers"][0]["run_ms"]) == ("posture.bench/1", 8.0)
    assert CliRunner().invoke(app, ["bench", "--model", "full", "--hour"]).exit_code == 2


def test_another_hash_than_expected_is_refused_before_the_model_is_read(monkeypatch, tmp_path):
    """`posture models add --sha256` and the page Models."""
    reasons = []
    opened = type("Opened", (), {})()
    opened.manifest = type("Manifest", (), {"models": [type("M", (), {"file": "a.onnx", "sha256": HASH})()]})()
    monkeypatch.setattr(package, "read_note", lambda path: b"note")
    monkeypatch.setattr(package, "open_note", lambda note, keys, path: opened)
    monkeypatch.setattr(admission, "read_limited", lambda *_: pytest.fail("the model was read"))
    added = type("Added", (), {"keys": type("Keys", (), {"read": staticmethod(tuple)})()})()
    with pytest.raises(ModelMismatch, match=HASH):
        admission.add(tmp_path, added, None, lambda _, reason: reasons.append(reason), frozenset({"cd" * 32}))
    assert reasons == ["hash"]
