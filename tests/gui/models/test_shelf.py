"""The way in of the Models page is that of `posture models add`, with the expected hash in front of it."""

import os
import shutil
import sys

import pytest

from posture import admission
from posture.audit.events import Event
from posture.errors import ModelMismatch
from posture.gui.models.shelf import UserShelf
from posture.pose.added import AddedModels
from posture.pose.catalogue import Catalogue
from posture.pose.trusted_keys import TrustedKeys
from posture.signed_note import PrivateKey

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners and modes")
KEY = PrivateKey("clinic", bytes(32))


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "package"
    path.mkdir()
    catalogue = Catalogue.load()
    shutil.copyfile(catalogue.folder / catalogue.entry("pose_landmark_lite").file, path / "ours.onnx")
    admission.sign(path, KEY, source="the clinic", licence="Apache-2.0")
    return path


@pytest.fixture
def noted():
    return []


@pytest.fixture
def shelf(tmp_path, noted):
    tmp_path.chmod(0o755)
    keys = TrustedKeys(tmp_path / "etc" / "trusted-keys", owner=os.getuid(), top=tmp_path)
    added = AddedModels(tmp_path / "store", keys)
    return UserShelf(note=lambda event, fields: noted.append((event, fields)), added=added)


def test_in_and_out_again(shelf, folder, noted):
    digest = Catalogue.load().entry("pose_landmark_lite").sha256
    shelf.added.keys.add(KEY.public)
    with pytest.raises(ModelMismatch, match="not one that you gave"):
        shelf.add(folder, frozenset({"ab" * 32}))
    assert [each for each in shelf.look() if not each.own] == []
    assert shelf.add(folder, frozenset({digest})) == ("ours",)
    (ours,) = (each for each in shelf.look() if not each.own)
    assert (ours.state, ours.role, ours.sha256, ours.licence) == ("verified", "pose", digest, "Apache-2.0")
    assert ours.signer.startswith("clinic ")
    shelf.remove("ours")
    key_id = KEY.public.key_id.hex()
    assert noted == [
        (Event.MODEL_REFUSED, {"sha256": digest, "reason": "hash"}),
        (Event.MODEL_ADDED, {"sha256": digest, "key_id": key_id}),
        (Event.MODEL_REMOVED, {"sha256": digest, "key_id": key_id}),
    ]


def test_a_hash_does_not_stand_for_a_signature(shelf, folder, noted):
    with pytest.raises(ModelMismatch):
        shelf.add(folder, frozenset({Catalogue.load().entry("pose_landmark_lite").sha256}))
    assert [fields["reason"] for _, fields in noted] == ["signature"]
