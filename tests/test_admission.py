"""Models of an organisation: signed, taken in, used, and at each step refused with one fault."""

import itertools
import os
import re
import shutil
import sys
from hashlib import sha256

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

import posture
from posture import admission
from posture.config import Settings
from posture.errors import ModelError, ModelMismatch, ModelMissing, ModelRefused, OutputExists, SinkError
from posture.job import JobSettings
from posture.pose import added as added_module
from posture.pose import package
from posture.pose.added import AddedModels
from posture.pose.catalogue import Catalogue
from posture.pose.choice import check_names, pose_model
from posture.pose.estimator import Estimator
from posture.pose.package import NOTE, SignedManifest
from posture.pose.settings import PoseSettings
from posture.pose.trusted_keys import TrustedKeys
from posture.signed_note import PrivateKey

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners and modes")
KEY, STRANGER = PrivateKey("clinic", bytes(32)), PrivateKey("stranger", bytes(range(32)))
LITE = Catalogue.load().read("pose_landmark_lite")


def onnx(nodes, shape=(4,), weights=()):
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", "y")]
    graph = helper.make_graph(nodes, "graph", ends[:1], ends[1:], list(weights))
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(made.SerializeToString())


RELU = onnx([helper.make_node("Relu", ["x"], ["y"])])
NAN = onnx([helper.make_node("Log", ["z"], ["y"]), helper.make_node("Neg", ["x"], ["z"])][::-1])


def hungry():
    """Multiplies two numbers to the size 2^36, which no check can see, and asks for that much."""
    number = [helper.make_tensor(name, TensorProto.INT64, [1], [1 << 18]) for name in ("a", "b")]
    nodes = [
        helper.make_node("Mul", ["a", "b"], ["s"]),
        helper.make_node("ConstantOfShape", ["s"], ["c"]),
        helper.make_node("ReduceSum", ["c"], ["t"], keepdims=0),
        helper.make_node("Add", ["x", "t"], ["y"]),
    ]
    return onnx(nodes, weights=number)


def slow():
    weights = helper.make_tensor(
        "w", TensorProto.FLOAT, [1024, 1024], np.zeros(1 << 20, np.float32).tobytes(), raw=True
    )
    names = ["x", *(f"v{i}" for i in range(400)), "y"]
    nodes = [helper.make_node("MatMul", [a, "w"], [b]) for a, b in itertools.pairwise(names)]
    return onnx(nodes, (8192, 1024), [weights])


@pytest.fixture
def added(tmp_path):
    """A store of its own that trusts KEY."""
    tmp_path.chmod(0o755)
    keys = TrustedKeys(tmp_path / "etc" / "trusted-keys", owner=os.getuid(), top=tmp_path)
    keys.add(KEY.public)
    return AddedModels(tmp_path / "store", keys)


@pytest.fixture
def folder(tmp_path):
    """A package with a landmark model, "office", signed by KEY."""
    path = tmp_path / "package"
    path.mkdir()
    (path / "office.onnx").write_bytes(LITE)
    admission.sign(path, KEY, source="the clinic", licence="Apache-2.0")
    return path


def take(folder, added, **changes):
    """Take in a folder; the reasons of refusals come back where it fails."""
    reasons = []
    try:
        admission.add(folder, added, Settings(**changes), lambda *both: reasons.append(both))
    except ModelError as error:
        return reasons, error
    return reasons, None


def sign_text(folder, text, key=KEY):
    (folder / NOTE).write_text(key.sign(text), "utf-8")


def manifest(folder):
    return msgspec.json.decode((folder / NOTE).read_text().partition("\n\n")[0], type=SignedManifest)


def resign(folder, key=KEY, **changes):
    """Sign again what the first model of the note says, with changes."""
    model = msgspec.structs.replace(manifest(folder).models[0], **changes)
    sign_text(folder, msgspec.json.encode(SignedManifest(1, (model,)), order="sorted").decode() + "\n", key)


def test_the_note_says_what_the_model_is(folder):
    (model,) = manifest(folder).models
    assert (model.name, model.file, model.role) == ("office", "office.onnx", "pose_landmark")
    assert (model.sha256, model.bytes) == (sha256(LITE).hexdigest(), len(LITE))
    assert (model.source, model.licence, model.min_app) == ("the clinic", "Apache-2.0", posture.__version__)
    entry = Catalogue.load().entry("pose_landmark_lite")
    assert [value.shape for value in model.outputs] == [tensor.shape for tensor in entry.outputs]
    assert model.ops == tuple(sorted(entry.operators))


def test_a_signed_model_is_taken_in_and_used(folder, added):
    assert take(folder, added) == ([], None)
    assert added.names() == ("office",)
    assert added.read("office") == LITE
    (found,) = [added.examine(name) for name in added.names()]
    assert (found.state, found.signer) == ("verified", f"clinic {KEY.public.key_id.hex()}")
    estimator = Estimator(Catalogue.load(), PoseSettings(model="office", providers=("cpu",)), added)
    assert estimator.model == ("office", sha256(LITE).hexdigest())
    built_in = Estimator(Catalogue.load(), PoseSettings(model="lite", providers=("cpu",)), added)
    assert built_in.model == ("pose_landmark_lite", sha256(LITE).hexdigest())
    take(folder, added)
    assert added.names() == ("office",)
    added.remove("office")
    assert list(added.folder.iterdir()) == []


def test_the_package_can_go_away_after_it_was_taken_in(folder, added):
    take(folder, added)
    shutil.rmtree(folder)
    assert added.read("office") == LITE


def test_a_model_of_another_kind_is_kept_and_not_used(folder, added):
    (folder / "relu.onnx").write_bytes(RELU)
    admission.sign(folder, KEY, source="", licence="", overwrite=True)
    assert take(folder, added) == ([], None)
    assert added.examine("relu").state == "verified"
    with pytest.raises(ModelRefused, match=r"role .other., and a pose model is wanted"):
        pose_model(Catalogue.load(), "relu", added)
    added.remove("office")
    assert added.read("relu") == RELU


# Refused when it is taken in: one fault each, and the reason for the audit trail.


def unsigned(folder):
    sign_text(folder, (folder / NOTE).read_text().partition("\n\n")[0] + "\n", STRANGER)


def changed_text(folder):
    (folder / NOTE).write_text((folder / NOTE).read_text().replace("Apache-2.0", "Apache-2.1"))


def changed_model(folder):
    data = bytearray(LITE)
    data[len(data) // 2] ^= 1
    (folder / "office.onnx").write_bytes(data)


def no_model(folder):
    (folder / "office.onnx").unlink()


def with_external_data(folder):
    """Rightly signed by somebody whose own tool does not look inside."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="hard-link.bin")
    data = onnx([helper.make_node("Add", ["x", "w"], ["y"])], weights=[tensor])
    (folder / "office.onnx").write_bytes(data)
    resign(folder, sha256=sha256(data).hexdigest(), bytes=len(data))


def other_shape(folder):
    (folder / "office.onnx").write_bytes(RELU)
    resign(folder, sha256=sha256(RELU).hexdigest(), bytes=len(RELU))


def other_role(folder):
    (folder / "office.onnx").unlink()
    (folder / "relu.onnx").write_bytes(RELU)
    admission.sign(folder, KEY, source="", licence="", overwrite=True)
    resign(folder, role="pose_landmark")


def too_new(folder):
    resign(folder, min_app="9999.0")


REFUSED = {
    "a signature of a stranger": (unsigned, "signature", "signed by stranger, none of which is trusted"),
    "a text changed after signing": (changed_text, "signature", "signature of clinic is wrong"),
    "another byte in the model": (changed_model, "hash", "expected SHA-256 .* found"),
    "no model": (no_model, "hash", "office.onnx cannot be read"),
    "external data": (with_external_data, "check", "external data"),
    "another shape than the note says": (other_shape, "shape", "other inputs, outputs or operators"),
    "another role than the shape": (other_role, "shape", "does not have the inputs and outputs"),
    "a newer program needed": (too_new, "shape", "needs version 9999.0"),
    "the name of a model of the program": (lambda f: resign(f, name="pose_landmark_full"), "signature", "rename"),
    "the short name of one": (lambda f: resign(f, name="heavy"), "signature", "heavy is the name of a model"),
    "a name that is a path": (lambda f: resign(f, name="../x"), "signature", "no manifest of this version"),
    "a file that is a path": (lambda f: resign(f, file="../office.onnx"), "signature", "no manifest of this version"),
    "a hash that is a path": (lambda f: resign(f, sha256="../" * 20), "signature", "no manifest of this version"),
    "a space in the JSON": (
        lambda f: sign_text(f, (f / NOTE).read_text().partition("\n\n")[0].replace(",", ", ", 1) + "\n"),
        "signature",
        "not written as",
    ),
    "an unknown field": (
        lambda f: sign_text(f, (f / NOTE).read_text().partition("\n\n")[0].replace('"v":1', '"v":1,"w":2') + "\n"),
        "signature",
        "no manifest of this version",
    ),
    "another version": (
        lambda f: sign_text(f, (f / NOTE).read_text().partition("\n\n")[0].replace('"v":1', '"v":2') + "\n"),
        "signature",
        "no manifest of this version",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "reason", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_leaves_nothing_behind(folder, added, change, reason, words):
    change(folder)
    reasons, error = take(folder, added)
    assert [each[1] for each in reasons] == [reason]
    assert len(reasons[0][0]) == 64
    assert isinstance(error, ModelError)
    assert re.search(words, str(error))
    assert not added.folder.exists() or list(added.folder.iterdir()) == []


def test_without_a_note_there_is_nothing_to_add(folder, added):
    (folder / NOTE).unlink()
    with pytest.raises(ModelMissing, match=r"models\.note cannot be read"):
        admission.add(folder, added, Settings())


def refused_at_first_run(tmp_path, added, data, **changes):
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / "hostile.onnx").write_bytes(data)
    admission.sign(folder, KEY, source="", licence="")
    reasons, error = take(folder, added, **changes)
    assert reasons == [(sha256(data).hexdigest(), "load")]
    assert isinstance(error, ModelRefused)
    assert added.names() == ()
    return str(error)


def test_a_model_that_runs_too_long_is_ended_in_its_child(tmp_path, added):
    words = refused_at_first_run(tmp_path, added, slow(), pose=PoseSettings(call_limit_s=0.3))
    assert "hostile.onnx: its first run failed" in words
    assert "call_limit_s = 0.3 s" in words


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux")
def test_a_model_that_asks_for_more_memory_than_there_is_fails_in_its_child(tmp_path, added):
    words = refused_at_first_run(tmp_path, added, hungry(), job=JobSettings(memory_mib=1024))
    assert "its first run failed" in words


def test_a_model_whose_results_are_no_numbers_is_not_taken(tmp_path, added):
    assert "no finite numbers" in refused_at_first_run(tmp_path, added, NAN)


def test_a_model_that_no_operator_set_knows_is_not_taken(tmp_path, added):
    data = onnx([helper.make_node("Unheard", ["x"], ["y"])])
    assert "Unheard" in refused_at_first_run(tmp_path, added, data)


@pytest.mark.skipif(sys.platform != "linux", reason="kernel limits of Linux")
def test_the_first_run_has_the_limits_of_decoding(folder, added, monkeypatch):
    specs = []
    job = admission.Job
    monkeypatch.setattr(admission, "Job", lambda spec, limits: specs.append((spec, limits)) or job(spec, limits))
    take(folder, added)
    ((spec, limits),) = specs
    assert (spec.trial_sha256, spec.pose.providers) == (sha256(LITE).hexdigest(), ("cpu",))
    assert (limits.stall_s, limits.time_limit_s) == (admission.TRIAL_S, admission.TRIAL_S)
    assert spec.memory_bytes == Settings().job.memory_mib << 20


# Refused when it is used, although it was taken in once.


def distrusted(added):
    added.keys.remove(KEY.public.key_id.hex())


def changed_content(added):
    (path,) = added.folder.glob("*.onnx")
    path.write_bytes(path.read_bytes()[:-1] + b"\0")


def lost_content(added):
    next(added.folder.glob("*.onnx")).unlink()


def changed_note(added):
    path = added.folder / "office.note"
    path.write_text(path.read_text().replace("the clinic", "the Clinic"))


def renamed_note(added):
    (added.folder / "office.note").rename(added.folder / "clinic.note")


@pytest.mark.parametrize(
    ("change", "reason", "words"),
    [
        (distrusted, "signature", "none of which is trusted here"),
        (changed_content, "hash", "is not the model that was signed"),
        (lost_content, "hash", "cannot be read"),
        (changed_note, "signature", "was changed after it was signed"),
        (renamed_note, "signature", "the note names no model 'clinic'"),
    ],
)
def test_every_use_verifies_again(folder, added, change, reason, words):
    take(folder, added)
    change(added)
    (name,) = added.names()
    found = added.examine(name)
    assert (found.state, found.reason) == ("failed", reason)
    assert words in found.message
    with pytest.raises(ModelError, match=words):
        Estimator(Catalogue.load(), PoseSettings(model=name), added)


def test_a_key_file_that_others_can_write_trusts_nobody(folder, added):
    take(folder, added)
    added.keys.path.chmod(0o666)
    found = added.examine("office")
    assert (found.state, found.model, found.signer) == ("failed", None, "")
    assert "chmod go-w" in found.message


def test_a_name_stays_with_its_model(folder, added):
    take(folder, added)
    (folder / "office.onnx").write_bytes(RELU)
    admission.sign(folder, KEY, source="", licence="", overwrite=True)
    with pytest.raises(ModelMismatch, match="posture models remove office"):
        admission.add(folder, added, Settings())
    assert added.read("office") == LITE


def test_all_models_of_a_folder_or_none(folder, added, monkeypatch):
    (folder / "relu.onnx").write_bytes(RELU)
    admission.sign(folder, KEY, source="", licence="", overwrite=True)
    whole_file, written = added_module.whole_file, []

    def full_disk(path, **options):
        written.append(path.name)
        if len(written) == 4:
            raise SinkError("the disk is full")
        return whole_file(path, **options)

    monkeypatch.setattr(added_module, "whole_file", full_disk)
    with pytest.raises(SinkError):
        admission.add(folder, added, Settings())
    assert list(added.folder.iterdir()) == []


def test_signing_refuses_what_would_be_refused_later(folder, tmp_path):
    with pytest.raises(OutputExists, match="--overwrite"):
        admission.sign(folder, KEY, source="", licence="")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelMissing, match=r"\.onnx"):
        admission.sign(tmp_path / "empty", KEY, source="", licence="")
    (folder / "Office.onnx").write_bytes(RELU)
    with pytest.raises(ModelMismatch, match="two models are called office"):
        admission.sign(folder, KEY, source="", licence="", overwrite=True)
    (folder / "Office.onnx").rename(folder / "full.onnx")
    with pytest.raises(ModelMismatch, match="full is the name of a model of the program"):
        admission.sign(folder, KEY, source="", licence="", overwrite=True)
    (folder / "full.onnx").rename(folder / "two words.onnx")
    with pytest.raises(ModelMismatch, match="cannot be described"):
        admission.sign(folder, KEY, source="", licence="", overwrite=True)
    (folder / "two words.onnx").write_bytes(b"no model")
    with pytest.raises(ModelMismatch, match=r"two words\.onnx: "):
        admission.sign(folder, KEY, source="", licence="", overwrite=True)


def test_an_unknown_name_gives_the_nearest(folder, added):
    take(folder, added)
    check_names("office", "blazepose", added)
    with pytest.raises(posture.errors.ConfigError, match=r"pose\.model = 'offise': did you mean 'office'"):
        check_names("offise", "blazepose", added)
    with pytest.raises(posture.errors.ConfigError, match=r"'nanodet': it is one for pose\.detector; there are lite"):
        check_names("nanodet", "blazepose", added)
    with pytest.raises(posture.errors.ConfigError, match=r"'movenet': it is one for pose\.model; there are blazepose"):
        check_names("office", "movenet", added)
    with pytest.raises(ModelMissing, match=r"did you mean 'full'.*lite, full, heavy, movenet, office"):
        pose_model(Catalogue.load(), "ful", added)
    for name in ("../office", "", "office.note"):
        with pytest.raises(ModelMissing):
            added.read(name)


@given(st.binary(max_size=300))
def test_no_bytes_are_a_note(content):
    with pytest.raises(ModelMismatch):
        package.open_note(content, (KEY.public,), posture.__file__)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_no_other_json_is_a_manifest(tree):
    with pytest.raises(ModelMismatch):
        package.open_note(KEY.sign(msgspec.json.encode(tree).decode() + "\n").encode(), (KEY.public,), posture.__file__)
