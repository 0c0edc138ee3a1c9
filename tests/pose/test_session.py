"""The session runs on the provider it names, says why it is not another one, and translates every failure."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from posture.errors import ConfigError, ModelError, ModelMismatch, ModelRefused
from posture.pose import session as module
from posture.pose.catalogue import Catalogue
from posture.pose.session import PROVIDERS, Session, available_providers

ROOT = Path(__file__).parents[2]
FACE = "face_detection_short_range"


def model(
    op: str = "Relu",
    shape: tuple[object, ...] = (1, 2),
    inputs: int = 1,
    domain: str = "",
    dtype: int = TensorProto.FLOAT,
) -> bytes:
    """A model of one operator, from `image` (and more inputs) to `result`."""
    names = ["image", *(f"more{i}" for i in range(1, inputs))]
    node = helper.make_node(op, names, ["result"], domain=domain)
    values = [helper.make_tensor_value_info(name, dtype, shape) for name in names]
    result = helper.make_tensor_value_info("result", dtype, shape)
    opsets = [helper.make_opsetid("", 17), *([helper.make_opsetid(domain, 1)] if domain else [])]
    made = helper.make_model(helper.make_graph([node], "graph", values, [result]), opset_imports=opsets, ir_version=8)
    return bytes(made.SerializeToString())


def endless() -> bytes:
    """A model that counts to 10^15: it ends only when it is told to."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["going"], ["go_on"]), helper.make_node("Add", ["sum", "sum"], ["next"])],
        "body",
        [
            helper.make_tensor_value_info("number", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("sum", TensorProto.FLOAT, [1]),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, [1]),
        ],
    )
    graph = helper.make_graph(
        [helper.make_node("Loop", ["count", "yes", "image"], ["result"], body=body)],
        "graph",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("result", TensorProto.FLOAT, [1])],
        [
            helper.make_tensor("count", TensorProto.INT64, [], [10**15]),
            helper.make_tensor("yes", TensorProto.BOOL, [], [1]),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(made.SerializeToString())


@pytest.fixture
def second_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let "cuda" be a second name of the CPU: a provider that loads, and is treated as a graphics processor."""
    monkeypatch.setitem(PROVIDERS, "cuda", "CPUExecutionProvider")


def absent_provider() -> str:
    """A provider that no build for this platform has."""
    return next(name for name in PROVIDERS if name not in available_providers())


def test_every_shipped_model_loads_and_has_the_signature_of_the_manifest() -> None:
    models = Catalogue.load()
    for entry in (entry for entry in models.entries if not entry.optional):
        session = Session(models.read(entry.name), ["cpu"])
        assert (session.input_shape, session.input_dtype.name) == (entry.inputs[0].shape, entry.inputs[0].dtype)
        assert session.output_shapes == {output.name: output.shape for output in entry.outputs}
        outputs = session.run(np.full(session.input_shape, 128, session.input_dtype))
        assert {name: value.shape for name, value in outputs.items()} == session.output_shapes
        assert all(np.isfinite(value).all() and value.dtype == np.float32 for value in outputs.values())


def test_half_precision_gives_nearly_the_same() -> None:
    models = Catalogue.load()
    image = np.random.default_rng(5).integers(0, 256, (1, 256, 256, 3), np.uint8)
    names = ("pose_landmark_full", "pose_landmark_full.f16")
    full, half = (Session(models.read(name), ["cpu"]).run(image) for name in names)
    assert np.abs(full["landmarks"] - half["landmarks"]).max() < 0.5  # pixels of 256
    assert np.abs(full["flag"] - half["flag"]).max() < 0.01


def test_the_number_of_threads_does_not_change_the_result() -> None:
    data = Catalogue.load().read("pose_detection")
    image = np.random.default_rng(6).integers(0, 256, (1, 224, 224, 3), np.uint8)
    one, two = (Session(data, ["cpu"], threads=threads).run(image) for threads in (1, 2))
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])


def test_a_session_runs_what_it_is_given() -> None:
    session = Session(model("Relu"), ["cpu"])
    assert session.run(np.array([[-3, 4]], np.float32))["result"].tolist() == [[0, 4]]
    assert (session.provider, session.fallback_reason) == ("cpu", "")


@pytest.mark.parametrize(
    "tensor", [np.zeros((1, 3), np.float32), np.zeros((2,), np.float32), np.zeros((1, 2), np.float64)]
)
def test_another_shape_or_dtype_is_refused(tensor: np.ndarray) -> None:
    with pytest.raises(ModelMismatch, match=r"takes float32 \[1, 2\]"):
        Session(model(), ["cpu"]).run(tensor)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"no model at all", "not a readable ONNX model"),
        (model()[:-9], "not a readable ONNX model"),
        (model(shape=("batch", 2)), "fixed shape"),
        (model(dtype=TensorProto.DOUBLE), "tensor\\(double\\)"),
        (model("Add", inputs=2), "2 inputs"),
    ],
)
def test_bytes_that_are_no_such_model_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(ModelMismatch, match=message):
        Session(data, ["cpu"])


def test_a_model_that_no_provider_knows_is_refused_with_the_reason() -> None:
    with pytest.raises(ModelRefused, match=r"no provider runs the model: cpu: .*example:Magic"):
        Session(model("Magic", domain="example"), ["cpu"])


def test_no_bytes_at_all_are_refused() -> None:
    with pytest.raises(ModelRefused, match="No graph was found"):
        Session(b"", ["cpu"])


def test_an_unknown_provider_is_a_setting_to_correct() -> None:
    with pytest.raises(ConfigError, match="'gpu'; there are dml, cuda, coreml, cpu"):
        Session(model(), ["gpu"])


def test_the_first_choice_of_this_machine_needs_no_reason() -> None:
    session = Session(model())
    assert available_providers()[-1] == "cpu"
    assert session.provider == available_providers()[0]
    assert session.fallback_reason == ""


def test_a_provider_that_is_not_installed_is_named_as_the_reason() -> None:
    absent = absent_provider()
    session = Session(model(), [absent])
    assert session.provider == "cpu"
    assert session.fallback_reason == f"{absent}: not part of the installed onnxruntime"


@pytest.mark.filterwarnings("ignore:Specified provider:UserWarning")
def test_a_provider_that_the_runtime_drops_silently_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = absent_provider()
    monkeypatch.setattr(module.ort, "get_available_providers", lambda: list(PROVIDERS.values()))
    session = Session(model(), [absent])
    assert session.provider == "cpu"
    assert session.fallback_reason.startswith(f"{absent}: dropped by onnxruntime")


@pytest.mark.usefixtures("second_cpu")
def test_a_provider_with_senseless_results_is_left() -> None:
    session = Session(model("Log"), ["cuda"])  # log(0) is minus infinity
    assert session.provider == "cpu"
    assert session.fallback_reason == "cuda: its results are no finite numbers"


@pytest.mark.usefixtures("second_cpu")
def test_each_provider_is_offered_the_file_made_for_it() -> None:
    asked = []

    def read(provider: str) -> bytes:
        asked.append(provider)
        return model("Log") if provider == "cuda" else model("Relu")

    session = Session(read, ["cuda", "cpu"])
    assert asked == ["cuda", "cpu"]
    assert session.run(np.array([[-3, 4]], np.float32))["result"].tolist() == [[0, 4]]


def test_only_the_named_provider_is_loaded() -> None:
    session = Session(model(), ["cpu"])
    assert session._runtime.get_providers() == ["CPUExecutionProvider"]
    assert not any("Azure" in name for name in PROVIDERS.values())


def test_session_options() -> None:
    options = module._options(2)
    assert not options.enable_mem_pattern
    assert options.execution_mode == module.ort.ExecutionMode.ORT_SEQUENTIAL
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (2, 1)
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert options.get_session_config_entry("session.set_denormal_as_zero") == "1"


def test_one_call_at_a_time() -> None:
    """The lock is held during a run: a second call starts only when the first has ended."""
    session = Session(model(), ["cpu"])
    seen: list[bool] = []
    runtime = session._runtime

    class Watching:
        def run(self, *arguments: object) -> object:
            seen.append(session._lock.locked())
            return runtime.run(*arguments)

    session._runtime = Watching()  # type: ignore[assignment]
    threads = [threading.Thread(target=session.run, args=[np.ones((1, 2), np.float32)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 4
    assert not session._lock.locked()


@pytest.mark.timeout(60)
def test_a_call_that_hangs_is_ended_and_the_session_stays_closed() -> None:
    session = Session(endless(), ["cpu"])
    timer = threading.Timer(0.2, session.terminate)
    timer.start()
    with pytest.raises(ModelError, match="ended on request"):
        session.run(np.zeros(1, np.float32))
    timer.join()
    with pytest.raises(ModelError, match="ended on request"):
        session.run(np.zeros(1, np.float32))


def test_a_failing_call_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(model(), ["cpu"])
    monkeypatch.setattr(session, "_input", "another")
    with pytest.raises(ModelError, match=r"failed on cpu: .*another"):
        session.run(np.zeros((1, 2), np.float32))


WATCH_IMPORT = """
import importlib.abc, os, sys

class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print("at import:", os.environ.get("ORT_DISABLE_TELEMETRY"))

sys.meta_path.insert(0, Watch())
from posture.pose.catalogue import Catalogue
from posture.pose.session import Session
import numpy as np

session = Session(Catalogue.load().read("face_detection_short_range"), ["cpu"])
session.run(np.zeros(session.input_shape, np.uint8))
print("in use:", "onnxruntime" in sys.modules, os.environ["ORT_DISABLE_TELEMETRY"])
"""


def test_telemetry_is_off_before_the_runtime_is_imported_and_nothing_is_written(tmp_path: Path) -> None:
    hidden = ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    places = {key: str(tmp_path) for key in ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA")}
    done = subprocess.run(
        [sys.executable, "-c", WATCH_IMPORT],
        env={**environment, **places, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["at import: 1", "in use: True 1"]
    assert list(tmp_path.rglob("*")) == []
