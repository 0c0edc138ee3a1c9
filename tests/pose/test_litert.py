"""LiteRT behind the same small interface as ONNX Runtime: what it takes, what it refuses, what is said without it."""

import sys

import numpy as np
import pytest
from tiny_tflite import tiny

from posture.errors import ModelError, ModelMismatch, ModelRefused
from posture.pose.formats import facts_of, is_tflite
from posture.pose.litert import LiteSession
from posture.pose.runtimes import loaded
from posture.pose.settings import PoseSettings

MODEL = tiny()


@pytest.fixture
def session():
    pytest.importorskip("ai_edge_litert")
    return loaded(lambda provider: MODEL, PoseSettings(), tflite=True)


def test_it_says_what_it_takes_and_where_it_runs(session):
    assert (session.input_shape, session.input_dtype, session.provider) == ((1, 4, 4, 3), np.float32, "cpu")
    assert session.output_shapes == {"y": (1, 6, 6, 3)}
    assert is_tflite(facts_of(MODEL))


@pytest.mark.parametrize("wrong", [np.zeros((1, 4, 4, 1), np.float32), np.zeros((1, 4, 4, 3), np.uint8)])
def test_another_shape_or_type_is_refused(session, wrong):
    with pytest.raises(ModelMismatch, match="the model takes float32"):
        session.run(wrong)


def test_results_stay_when_the_next_call_comes(session):
    first = session.run(np.ones((1, 4, 4, 3), np.float32))["y"]
    before = first.copy()
    session.run(np.zeros((1, 4, 4, 3), np.float32))
    assert np.array_equal(first, before)


def test_an_ended_session_runs_no_more(session):
    session.terminate()
    with pytest.raises(ModelError, match="ended on request"):
        session.run(np.ones((1, 4, 4, 3), np.float32))


def test_what_it_cannot_load_is_refused():
    pytest.importorskip("ai_edge_litert")
    with pytest.raises(ModelRefused, match="LiteRT does not take the model"):
        LiteSession(MODEL[:-40])


def test_without_it_the_advice_is_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(ModelRefused, match=r"pip install posture\[tflite\]"):
        LiteSession(MODEL)
