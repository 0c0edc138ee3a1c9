"""The Models page: what it shows of each state, and what it asks before anything comes in or goes."""

import threading
from dataclasses import replace

import pytest
from controls import cut_off, unnamed
from of_models import ADDED, SPEED
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QDialog

from posture.audit.events import Event
from posture.errors import ModelMismatch, SourceError
from posture.gui.models.card import FOR_GRAPHICS, USES
from posture.gui.models.dialogs import AddModel, RemoveModel
from posture.gui.models.shelf import Model, UserShelf, hashes_in
from posture.pose.added import AddedModels, Examined
from posture.pose.catalogue import Catalogue
from posture.pose.settings import PoseSettings
from posture.pose.trusted_keys import TrustedKeys

HASH = "ab" * 32
FULL = Model("pose_landmark_full", "full", "pose", "for the test", own=True, state="verified", sha256=HASH, chosen=True)


class PlayedShelf:
    """Implements Shelf."""

    def __init__(self):
        self.models = [FULL, *ADDED]
        self.asked = []
        self.ended = threading.Event()
        self.refuses = None

    def look(self):
        return tuple(self.models)

    def measure(self, name, on_start):
        if name == "office_rtmpose":  # this one takes for ever
            on_start(self.ended.set)
            self.ended.wait(10)
            raise SourceError("ended")
        return replace_name(name)

    def add(self, folder, hashes):
        if self.refuses:
            raise self.refuses
        self.asked.append((folder, hashes))
        self.models.append(replace(ADDED[0], name="new", title="new"))
        return ("new",)

    def remove(self, name):
        self.asked.append(name)
        self.models = [model for model in self.models if model.name != name]


def replace_name(name):
    import msgspec

    return msgspec.structs.replace(SPEED, name=name)


@pytest.fixture
def shelf():
    return PlayedShelf()


@pytest.fixture
def page(program, shelf, qtbot):
    program.curator._shelf = shelf
    program.window.show_page("models")
    qtbot.waitUntil(lambda: program.curator.models is not None)
    yield program.window.pages.models
    program.curator.close()


def choose(page, name):
    page.sheet.setCurrentCell([model.name for model in page._curator.models].index(name), 0)


def test_each_state_has_a_sign_and_a_word(page):
    states = {row[0]: row[2] for row in page.sheet.texts}
    assert states == {
        "full  (in use)": "● verified",
        "office_rtmpose": "● verified",
        "old_crowd": "▲ unknown signer",
        "hall_detector": "■ failed",
    }
    assert page.count.text() == "2 of 4 verified now"


def test_the_one_that_is_chosen_shows_and_says_what_is_wrong(page):
    choose(page, "hall_detector")
    assert page.card.title.text() == "hall_detector"
    assert "nothing was loaded" in page.card.problem.words.text()
    assert not page.card.measure.isEnabled()
    assert page.card.remove.isVisible()
    choose(page, "pose_landmark_full")
    assert not page.card.remove.isVisible()
    assert not page.card.problem.isVisible()


def test_the_hash_is_short_then_whole_and_is_copied_whole(page):
    assert page.card._hash.text() == f"{HASH[:16]}…"
    page.card.whole.click()
    assert "".join(page.card._hash.text().split()) == HASH
    page.card.copy.click()
    assert QGuiApplication.clipboard().text() == HASH


def test_speed_is_measured_on_each_provider(page, qtbot):
    page.card.measure.click()
    qtbot.waitUntil(lambda: "16.3" in page.card._speed.text())
    assert "cuda: does not run here" in page.card._speed.text()
    assert page.sheet.texts[0][3] == "16.3 ms"


def test_measuring_can_be_stopped_and_is_no_error(page, shelf, qtbot):
    failed = []
    page.failed.connect(failed.append)
    choose(page, "office_rtmpose")
    page.card.measure.click()
    assert page.card.measure.text() == "Stop"
    page.card.measure.click()
    qtbot.waitUntil(lambda: page.card.measure.text() == "Measure")
    assert shelf.ended.is_set()
    assert failed == []
    assert page.card._speed.text() == "not measured yet"


def test_adding_needs_a_signed_folder_and_a_hash(page, shelf, qtbot, tmp_path):
    dialog = AddModel(page)
    qtbot.addWidget(dialog)
    assert not dialog.act.isEnabled()
    dialog.folder_field.setText(str(tmp_path))
    assert "models.note" in dialog.problem.text()
    (tmp_path / "models.note").write_text("signed")
    dialog.hashes_field.setPlainText("12 34")
    assert not dialog.act.isEnabled()
    dialog.hashes_field.setPlainText(f"model.onnx: {HASH.upper()}\n")
    assert dialog.act.isEnabled()
    page._add(dialog)
    qtbot.waitUntil(lambda: page.card.title.text() == "new")
    assert shelf.asked == [(tmp_path, frozenset({HASH}))]
    assert page.add.isEnabled()


def test_a_refusal_is_said_and_another_try_is_possible(page, shelf, qtbot):
    shelf.refuses = ModelMismatch("not that one")
    failed = []
    page.failed.disconnect()
    page.failed.connect(failed.append)
    dialog = AddModel(page)
    qtbot.addWidget(dialog)
    page._add(dialog)
    qtbot.waitUntil(lambda: failed == ["not that one"])
    assert page.add.isEnabled()


def test_removing_asks_first(page, shelf, qtbot):
    choose(page, "old_crowd")
    page.card.remove.click()
    (dialog,) = page.findChildren(RemoveModel)
    assert shelf.asked == []
    dialog.act.click()
    qtbot.waitUntil(lambda: "old_crowd" not in [row[0] for row in page.sheet.texts])
    assert shelf.asked == ["old_crowd"]


def test_everything_has_a_name_and_room_in_the_longer_language(page, program, qtbot):
    program.file.change({"window.language": "de"})
    program.curator.speeds["pose_landmark_full"] = SPEED
    program._redress()
    page = program.window.pages.models
    page.show_models()
    for shown in (page, AddModel(), RemoveModel("x")):
        if isinstance(shown, QDialog):
            qtbot.addWidget(shown)
            shown.show()
        assert unnamed(shown) == []
        assert cut_off(shown) == []


def test_the_shelf_of_this_account_verifies_every_own_model(tmp_path):
    added = AddedModels(tmp_path / "models", TrustedKeys(tmp_path / "keys"))
    models = UserShelf(lambda: PoseSettings(model="movenet"), added=added).look()
    assert {model.name for model in models} == {entry.name for entry in Catalogue.load().entries}
    assert {model.state for model in models} <= {"verified", "missing"}
    assert [model.name for model in models if model.chosen] == ["movenet_thunder", "pose_detection"]
    assert {model.use.removesuffix(FOR_GRAPHICS) for model in models} == USES.keys(), "in words that are translated"


def test_the_detector_that_is_chosen_stands_beside_the_usual_one(tmp_path):
    added = AddedModels(tmp_path / "models", TrustedKeys(tmp_path / "keys"))
    models = UserShelf(lambda: PoseSettings(detector="nanodet"), added=added).look()
    assert [model.title for model in models if model.chosen] == ["full", "nanodet"]
    assert [model.title for model in models if model.role == "detector"][:2] == ["blazepose", "nanodet"]


def test_what_nobody_trusted_signed_is_unknown_and_what_was_altered_failed(monkeypatch):
    examined = {
        "stranger": Examined("stranger", "failed", "no trusted key", "signature"),
        "altered": Examined("altered", "failed", "another hash", "hash"),
    }
    monkeypatch.setattr(AddedModels, "names", lambda self: tuple(examined))
    monkeypatch.setattr(AddedModels, "examine", lambda self, name: examined[name])
    states = {model.name: model.state for model in UserShelf().look() if not model.own}
    assert states == {"stranger": "unknown", "altered": "failed"}


def test_removing_writes_the_log_and_what_is_in_use_stays(monkeypatch):
    noted, removed = [], []
    monkeypatch.setattr(
        AddedModels, "examine", lambda self, name: Examined(name, "verified", sha256=HASH, signer="who 1a2b")
    )
    monkeypatch.setattr(AddedModels, "remove", lambda self, name: removed.append(name))
    shelf = UserShelf(lambda: PoseSettings(model="ours"), lambda event, fields: noted.append((event, fields)))
    with pytest.raises(Exception, match="in use"):
        shelf.remove("ours")
    shelf.remove("other")
    assert removed == ["other"]
    assert noted == [(Event.MODEL_REMOVED, {"sha256": HASH, "key_id": "1a2b"})]


def test_hashes_are_found_in_what_was_pasted():
    assert hashes_in(f"sha256sum:\n{HASH.upper()}  model.onnx\n{HASH[:-1]}") == {HASH}
