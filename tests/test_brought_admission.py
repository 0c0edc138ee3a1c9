"""Models with an entry come in as others do: signed with it, checked, run once without rights, used by name."""

import os
import shutil
import sys
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from tiny_tflite import tiny

from posture import admission
from posture.config import Settings, checked
from posture.errors import ConfigError, ModelError, ModelMismatch, ModelRefused
from posture.pose import package
from posture.pose.added import AddedModels
from posture.pose.catalogue import Catalogue
from posture.pose.estimator import Estimator
from posture.pose.settings import PoseSettings
from posture.pose.trusted_keys import TrustedKeys
from posture.signed_note import PrivateKey
from posture.sources.opening import open_source

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners and modes")
KEY = PrivateKey("clinic", bytes(32))
MEDIA = Path(__file__).resolve().parents[2] / "shared" / "media"
ENTRIES = Path(__file__).resolve().parent / "data" / "models"
with_media = pytest.mark.skipif(not MEDIA.is_dir(), reason="needs ../shared/media")
LITE = """
head = "blazepose"
[input]
width = 256
height = 256
layout = "NHWC"
dtype = "uint8"
fit = "region"
"""


@pytest.fixture
def added(tmp_path):
    tmp_path.chmod(0o755)
    keys = TrustedKeys(tmp_path / "etc" / "trusted-keys", owner=os.getuid(), top=tmp_path)
    keys.add(KEY.public)
    return AddedModels(tmp_path / "store", keys)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "package"
    path.mkdir()
    return path


def sign(folder):
    return admission.sign(folder, KEY, source="the clinic", licence="Apache-2.0", overwrite=True)


def take(folder, added):
    """Reasons of refusals, and the error."""
    reasons = []
    try:
        admission.add(folder, added, Settings(), lambda _, reason: reasons.append(reason))
    except ModelError as error:
        return reasons, error
    return reasons, None


def own_model(folder, entry=LITE):
    (folder / "office.onnx").write_bytes(Catalogue.load().read("pose_landmark_lite"))
    (folder / "office.toml").write_text(entry)


def test_the_entry_beside_a_model_is_signed_with_it(folder, added):
    own_model(folder)
    (model,) = sign(folder).models
    assert (model.role, model.use.head) == ("pose", "blazepose")
    assert take(folder, added) == ([], None)
    (folder / "office.toml").unlink()
    estimator = Estimator(Catalogue.load(), PoseSettings(model="office", providers=("cpu",)), added)
    assert estimator.model[0] == "office"
    estimator.close()


def test_a_note_without_entries_is_written_as_before(folder):
    (folder / "office.onnx").write_bytes(Catalogue.load().read("pose_landmark_lite"))
    sign(folder)
    assert '"use"' not in (folder / package.NOTE).read_text()
    assert '"open"' not in (folder / package.NOTE).read_text()


def test_an_entry_that_does_not_fit_is_refused_when_it_is_signed_and_when_it_is_used(folder, added, monkeypatch):
    own_model(folder, LITE.replace("256", "192", 1))
    with pytest.raises(ModelMismatch, match=r"office\.onnx: .*input\.width = 192.*the model takes \[1, 256, 256, 3\]"):
        sign(folder)
    with monkeypatch.context() as careless:
        careless.setattr(package, "check_agrees", lambda use, facts: None)
        sign(folder)
    reasons, error = take(folder, added)
    assert reasons == ["shape"]
    assert isinstance(error, ModelMismatch)
    assert "input.width = 192" in str(error)


@pytest.mark.parametrize(
    ("text", "words"), [("head = ", "no TOML"), ('head = "x"', r"office\.toml: "), ("\0", "no TOML")], ids=range(3)
)
def test_an_entry_that_cannot_be_read(folder, text, words):
    own_model(folder, text)
    with pytest.raises(ConfigError, match=words):
        sign(folder)


def test_the_format_must_be_that_of_the_name(folder):
    (folder / "office.tflite").write_bytes(Catalogue.load().read("pose_landmark_lite"))
    with pytest.raises(ModelMismatch, match=r"the content is ONNX"):
        sign(folder)


def test_a_hostile_tflite_model_is_refused_at_signing(folder):
    (folder / "bad.tflite").write_bytes(tiny(operator=32, custom="FlexAll"))
    with pytest.raises(ModelRefused, match=r"bad\.tflite: .*custom operators"):
        sign(folder)


def test_a_detector_is_no_pose_model_and_the_other_way_round(folder, added):
    own_model(folder)
    sign(folder)
    take(folder, added)
    with pytest.raises(ModelRefused, match="has the role 'pose', and a detector is wanted"):
        Estimator(Catalogue.load(), PoseSettings(detector="office"), added)
    with pytest.raises(ConfigError, match=r"pose\.detector = 'nobody'"):
        checked(msgspec.to_builtins(Settings()) | {"pose": {"detector": "nobody"}})


@with_media
def test_tflite_and_onnx_come_in_and_work_together(folder, added):
    """A pose model in 8-bit TFLite, in the child without rights, and a detector with open sizes."""
    pytest.importorskip("ai_edge_litert")
    for name, new in (("movenet_lightning_int8.tflite", "lightning"), ("rtmdet_nano_person_end2end.onnx", "rtmdet")):
        file = MEDIA / "models" / name
        shutil.copyfile(file, folder / f"{new}{file.suffix}")
        shutil.copyfile(ENTRIES / f"{file.stem}.toml", folder / f"{new}.toml")
    roles = {model.name: model.role for model in sign(folder).models}
    assert roles == {"lightning": "pose", "rtmdet": "detector"}
    assert take(folder, added) == ([], None)
    settings = PoseSettings(model="lightning", detector="rtmdet", providers=("cpu",))
    estimator = Estimator(Catalogue.load(), settings, added)
    with closing(open_source(MEDIA / "images" / "image3.jpeg")) as source:
        (pose,), others = estimator(next(iter(source)))
    assert (pose.skeleton, others) == ("coco-17", 0)
