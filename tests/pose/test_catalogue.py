"""The catalogue hands out checked bytes or refuses, naming the file and both hashes."""

import shutil
from hashlib import sha256
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.errors import ModelMismatch, ModelMissing
from posture.pose import catalogue as module
from posture.pose.catalogue import MANIFEST, Catalogue, Manifest, ModelEntry, Origin, models_folder
from posture.pose.session import Session

SMALL = "face_detection_short_range"
NAMES = {
    *("pose_detection", "pose_detection.f16", "pose_landmark_lite", "pose_landmark_full", "pose_landmark_full.f16"),
    *("pose_landmark_heavy", "selfie_segmentation", "selfie_segmentation_landscape", SMALL),
    "face_detection_full_range_sparse",
    *("movenet_thunder", "nanodet_g"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The real manifest with one real model."""
    for name in (MANIFEST, f"{SMALL}.onnx"):
        shutil.copyfile(models_folder() / name, tmp_path / name)
    return tmp_path


def tiny(folder: Path, content: bytes, **changes: object) -> Catalogue:
    """A catalogue of one model called "tiny" with the given content."""
    (folder / "tiny.onnx").write_bytes(content)
    entry = ModelEntry(
        name="tiny",
        file="tiny.onnx",
        sha256=sha256(content).hexdigest(),
        bytes=len(content),
        purpose="",
        optional=False,
        licence="",
        source=Origin("", "", ""),
        compute="float32",
        opset=17,
        operators=(),
        inputs=(),
        outputs=(),
    )
    data = msgspec.json.encode(Manifest(1, (msgspec.structs.replace(entry, **changes),)))
    (folder / MANIFEST).write_bytes(data)
    return Catalogue.load(folder, manifest_sha256=sha256(data).hexdigest())


def test_the_shipped_models_are_what_the_manifest_says() -> None:
    results = Catalogue.load().verify_all()
    assert {result.entry.name for result in results} == NAMES
    assert [result.message for result in results if not result.ok] == []
    assert [result.entry.name for result in results if result.entry.optional] == ["pose_landmark_heavy"]


def test_one_changed_byte_is_refused_with_both_hashes(folder: Path) -> None:
    path = folder / f"{SMALL}.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    models = Catalogue.load(folder)
    with pytest.raises(ModelMismatch) as error:
        models.read(SMALL)
    assert str(path) in str(error.value)
    assert models.entry(SMALL).sha256 in str(error.value)
    assert sha256(data).hexdigest() in str(error.value)
    states = {result.entry.name: result.state for result in models.verify_all()}
    assert states[SMALL] == "failed"
    assert states["pose_detection"] == "missing"


@given(position=st.integers(0, 63), flip=st.integers(1, 255))
def test_any_changed_byte_is_refused(tmp_path_factory: pytest.TempPathFactory, position: int, flip: int) -> None:
    folder = tmp_path_factory.mktemp("models")
    content = bytes(range(64))
    models = tiny(folder, content)
    changed = bytearray(content)
    changed[position] ^= flip
    (folder / "tiny.onnx").write_bytes(changed)
    with pytest.raises(ModelMismatch):
        models.read("tiny")


@pytest.mark.parametrize("content", [b"", b"mode", b"model "])
def test_shorter_and_longer_files_are_refused(tmp_path: Path, content: bytes) -> None:
    models = tiny(tmp_path, b"model")
    assert models.read("tiny") == b"model"
    (tmp_path / "tiny.onnx").write_bytes(content)
    with pytest.raises(ModelMismatch, match=sha256(content).hexdigest()):
        models.read("tiny")


def test_the_size_of_the_manifest_counts_too(tmp_path: Path) -> None:
    with pytest.raises(ModelMismatch, match="5 bytes"):
        tiny(tmp_path, b"model", bytes=6).read("tiny")


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = tiny(tmp_path, b"model")
    monkeypatch.setattr(module, "MODEL_LIMIT_BYTES", 4)
    with pytest.raises(ModelMismatch, match="larger than 4 bytes"):
        models.read("tiny")


def test_a_changed_manifest_is_refused_with_both_hashes(folder: Path) -> None:
    path = folder / MANIFEST
    changed = path.read_bytes().replace(b'"optional": true', b'"optional":false')
    path.write_bytes(changed)
    with pytest.raises(ModelMismatch) as error:
        Catalogue.load(folder)
    assert module.MANIFEST_SHA256 in str(error.value)
    assert sha256(changed).hexdigest() in str(error.value)


@pytest.mark.parametrize("data", [b"{", b'{"version": 2, "models": []}', b'{"version": 1, "models": [], "more": 1}'])
def test_a_manifest_of_another_version_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(data)
    with pytest.raises(ModelMismatch, match="manifest"):
        Catalogue.load(tmp_path, manifest_sha256=sha256(data).hexdigest())


def test_without_a_manifest_there_are_no_models(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=MANIFEST):
        Catalogue.load(tmp_path)


def test_a_missing_file_or_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    models = tiny(tmp_path, b"model")
    (tmp_path / "tiny.onnx").unlink()
    with pytest.raises(ModelMissing, match=r"tiny\.onnx is not there"):
        models.read("tiny")
    (tmp_path / "tiny.onnx").mkdir()
    with pytest.raises(ModelMissing, match=r"tiny\.onnx is not there"):
        models.read("tiny")
    assert not models.verify_all()[0].ok


def test_a_missing_optional_model_names_the_command_and_is_no_failure(folder: Path) -> None:
    models = Catalogue.load(folder)
    with pytest.raises(ModelMissing, match=r"tools/build_models\.py --heavy"):
        models.read("pose_landmark_heavy")
    heavy = next(result for result in models.verify_all() if result.entry.optional)
    assert (heavy.state, heavy.ok) == ("missing", True)


def test_an_unknown_name_lists_what_exists() -> None:
    with pytest.raises(ModelMissing, match=r"'yolo'.*pose_landmark_full"):
        Catalogue.load().read("yolo")


def test_a_file_swapped_after_reading_changes_nothing(folder: Path) -> None:
    models = Catalogue.load(folder)
    data = models.read(SMALL)
    (folder / f"{SMALL}.onnx").write_bytes(b"swapped")
    image = np.full((1, 128, 128, 3), 90, np.uint8)
    expected = Session(Catalogue.load().read(SMALL), ["cpu"]).run(image)
    for name, value in Session(data, ["cpu"]).run(image).items():
        np.testing.assert_array_equal(value, expected[name])
    with pytest.raises(ModelMismatch):
        models.read(SMALL)


def test_graphics_processors_get_half_precision_where_there_is_a_file_for_it() -> None:
    models = Catalogue.load()
    assert models.variant("pose_landmark_full", "dml") == "pose_landmark_full.f16"
    assert models.variant("pose_detection", "cuda") == "pose_detection.f16"
    assert models.variant("pose_landmark_full", "cpu") == "pose_landmark_full"
    assert models.variant("pose_landmark_full", "coreml") == "pose_landmark_full"
    assert models.variant("pose_landmark_lite", "dml") == "pose_landmark_lite"
    assert models.reader("pose_detection")("dml") == models.read("pose_detection.f16")
    assert models.entry("pose_landmark_full.f16").compute == "float16"
