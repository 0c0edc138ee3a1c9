"""The watchdog ends what takes too long, at its limit, and nothing else."""

import gc
import itertools
import threading
import time
import weakref

import numpy as np
import pytest
from onnx import TensorProto, helper

from posture.errors import ModelError
from posture.pose.onnx_check import check
from posture.pose.session import Session
from posture.pose.watchdog import Watchdog

LIMIT_S = 0.3


def heavy(layers: int = 400, size: int = 1024) -> bytes:
    """Ordinary multiplications, 2 GFLOP each: a model that passes the check and takes minutes on one core."""
    weights = helper.make_tensor(
        "w", TensorProto.FLOAT, [size, size], np.zeros(size * size, np.float32).tobytes(), raw=True
    )
    names = ["x", *(f"v{i}" for i in range(layers - 1)), "y"]
    nodes = [helper.make_node("MatMul", [a, "w"], [b]) for a, b in itertools.pairwise(names)]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [8 * size, size]) for name in ("x", "y")]
    graph = helper.make_graph(nodes, "graph", ends[:1], ends[1:], [weights])
    return bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    )


def test_a_block_that_takes_too_long_is_ended_at_the_limit():
    ended = threading.Event()
    watchdog = Watchdog(LIMIT_S, ended.set)
    began = time.monotonic()
    with watchdog.watched():
        assert ended.wait(20)
    assert LIMIT_S <= time.monotonic() - began < 10
    assert watchdog.expired


def test_many_short_blocks_are_not_one_long_one():
    ended = threading.Event()
    watchdog = Watchdog(0.2, ended.set)
    began = time.monotonic()
    while time.monotonic() - began < 0.7:
        with watchdog.watched():
            assert not ended.wait(0.02)
    assert not watchdog.expired
    watchdog.close()
    watchdog._thread.join(20)
    assert not watchdog._thread.is_alive()


def test_the_limit_counts_from_the_start_of_the_block_that_runs():
    ended = threading.Event()
    watchdog = Watchdog(LIMIT_S, ended.set)
    with watchdog.watched():
        assert not ended.wait(LIMIT_S / 2)
    began = time.monotonic()
    with watchdog.watched():
        assert ended.wait(20)
    assert time.monotonic() - began >= LIMIT_S


def test_a_model_of_ordinary_operators_that_runs_for_minutes_is_ended():
    data = heavy()
    check(data)
    session = Session(data, ["cpu"], call_limit_s=LIMIT_S)
    began = time.monotonic()
    with pytest.raises(ModelError, match=r"longer than pose\.call_limit_s = 0\.3 s and was ended"):
        session.run(np.zeros(session.input_shape, np.float32))
    assert time.monotonic() - began < 30
    with pytest.raises(ModelError, match="call_limit_s"):
        session.run(np.zeros(session.input_shape, np.float32))


def test_a_session_that_is_dropped_takes_its_thread_along():
    session = Session(heavy(layers=1, size=8), ["cpu"])
    session.run(np.zeros(session.input_shape, np.float32))
    thread, gone = session._watchdog._thread, weakref.ref(session)
    assert thread.is_alive()
    del session
    gc.collect()
    assert gone() is None
    thread.join(20)
    assert not thread.is_alive()
