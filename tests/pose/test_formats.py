"""Files that are no model at all: the error says what they are, and not what of ONNX they lack."""

from pathlib import Path

import pytest

from posture.errors import ModelMismatch
from posture.pose.catalogue import Catalogue
from posture.pose.formats import facts_of

PORTRAIT = Path(__file__).parents[2] / "posture" / "sources" / "portrait" / "astronaut.png"
LITE = Catalogue.load().read("pose_landmark_lite")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (PORTRAIT.read_bytes(), "neither ONNX nor TFLite"),
        (bytes(1000), "neither ONNX nor TFLite"),
        (b"version https://git-lfs.github.com/spec/v1\n", "neither ONNX nor TFLite"),
        (LITE[:-9], "^(?!.*neither)"),
    ],
    ids=["empty", "a picture", "zeros", "a pointer to the file", "an ONNX that is cut"],
)
def test_what_is_no_model_is_said_to_be_none(data, words):
    with pytest.raises(ModelMismatch, match=words):
        facts_of(data)
