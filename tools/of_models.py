"""Pictures of the Models page in each of its states, and of what it asks; for `screenshots.py`."""

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtWidgets import QDialog

from posture.bench.model import ModelSpeed, OnProvider
from posture.gui.app import Program
from posture.gui.models.dialogs import AddModel, RemoveModel
from posture.gui.models.shelf import Model

HASH = "5f1c" * 16
ADDED = (
    Model(
        "office_rtmpose", "office_rtmpose", "pose", "head simcc · coco-17", own=False, state="verified",
        licence="Apache-2.0", source="made by the ergonomics team", input="1×3×256×192 float32", bytes=13_500_000,
        sha256=HASH, signer="ergonomics 1a2b3c4d",
    ),
    Model(
        "old_crowd", "old_crowd", "other", "", own=False, state="unknown",
        message="old_crowd.note: no trusted key signed this; trusted are ergonomics 1a2b3c4d",
    ),
    Model(
        "hall_detector", "hall_detector", "detector", "head rtmdet", own=False, state="failed",
        message="hall_detector.onnx: expected SHA-256 5f1c5f1c…, found 09ab77e0…; nothing was loaded in its place",
        licence="Apache-2.0", source="not stated", input="1×3×320×320 float32", bytes=4_400_000, sha256=HASH,
        signer="ergonomics 1a2b3c4d",
    ),
)  # fmt: skip
SPEED = ModelSpeed(
    "pose_landmark_full", HASH, "1×256×256×3 uint8",
    [
        OnProvider("cpu", load_ms=84.0, first_ms=17.9, run_ms=16.3, run_ms_p90=18.8, runs=100),
        OnProvider("cuda", "dropped by onnxruntime; its driver or libraries are missing"),
    ],
    171.0,
)  # fmt: skip


@dataclass
class OfModels:
    """One window."""

    program: Program
    take: Callable[..., None]
    settle: Callable[[], None]

    def all(self) -> None:
        """The real models of this checkout, then three that were added, and the dialogs."""
        window, page, curator = self.program.window, self.program.window.pages.models, self.program.curator
        window.show_page("models")
        while curator.looking:
            self.settle()
        assert curator.models is not None
        self.take("models-1")
        curator.models = (*curator.models, *ADDED)
        curator.speeds["pose_landmark_full"] = SPEED
        page.show_models()
        page.card.whole.click()
        self.take("models-2-measured")
        curator.measuring = "pose_landmark_full"
        page.show_models()
        self.take("models-3-measuring")
        curator.measuring = ""
        for place, model in enumerate(ADDED):
            page.show_models()
            page.sheet.setCurrentCell(len(curator.models) - len(ADDED) + place, 0)
            self.take(f"models-4-{model.state}")
        add = AddModel(window)
        self.dialog(add, "models-add")
        self.dialog(RemoveModel("office_rtmpose", window), "models-remove")

    def dialog(self, dialog: QDialog, name: str) -> None:
        """One picture of it."""
        dialog.show()
        self.take(name, dialog)
        dialog.done(0)
