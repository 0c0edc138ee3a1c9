"""What is asked before a model is added, and before one is removed."""

from pathlib import Path

from PyQt6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from posture.gui.models.shelf import hashes_in
from posture.gui.recordings.dialogs import Asking
from posture.gui.recordings.parts import button, label
from posture.gui.words import tr
from posture.pose.package import NOTE

_HASH_LINES = 3


class AddModel(Asking):
    """A folder that somebody signed, and the hashes that they told another way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Add models"), tr("Check and add"), parent)
        text = tr(
            "A folder with models and the note models.note, signed by somebody whose key an administrator of this "
            "computer trusts. Signature, hash and content are checked, and each model first runs in a process without "
            "rights. Nothing is downloaded."
        )
        self.column.addWidget(label(text))
        self.folder_field = QLineEdit()
        self.browse, self.browse_file = button(tr("Folder…")), button(tr("File…"))
        self.browse.setAccessibleName(tr("Choose the folder"))
        self.browse_file.setAccessibleName(tr("Choose a model in the folder"))
        for part in (self.browse, self.browse_file):
            part.setAutoDefault(False)
        self.browse.clicked.connect(lambda _=False: self._choose())
        self.browse_file.clicked.connect(lambda _=False: self._choose_file())
        self._named(tr("Folder"), self.folder_field)
        row = QHBoxLayout()
        row.addWidget(self.folder_field, 1)
        row.addWidget(self.browse)
        row.addWidget(self.browse_file)
        self.column.addLayout(row)
        self.hashes_field = QPlainTextEdit()
        self.hashes_field.setTabChangesFocus(True)
        self.hashes_field.setPlaceholderText(tr("64 hex digits for each model"))
        self.hashes_field.setFixedHeight((_HASH_LINES + 1) * self.fontMetrics().lineSpacing())
        self._named(tr("Expected SHA-256, as you were told it by whoever made the model"), self.hashes_field)
        self.column.addWidget(self.hashes_field)
        self.problem = label("", soft=False)
        self.column.addWidget(self.problem)
        self.folder_field.textChanged.connect(lambda _: self._look())
        self.hashes_field.textChanged.connect(self._look)
        self._look()

    @property
    def folder(self) -> Path:
        """The folder."""
        return Path(self.folder_field.text()).expanduser()

    @property
    def hashes(self) -> frozenset[str]:
        """What is expected."""
        return hashes_in(self.hashes_field.toPlainText())

    def _named(self, text: str, field: QWidget) -> None:
        name = QLabel(text)
        name.setBuddy(field)
        field.setAccessibleName(text)
        self.column.addWidget(name)

    def _choose(self) -> None:
        if chosen := QFileDialog.getExistingDirectory(self, tr("Choose the folder"), str(self.folder)):
            self.folder_field.setText(chosen)

    def _choose_file(self) -> None:
        kinds = tr("Models (*.onnx *.tflite)")
        chosen, _ = QFileDialog.getOpenFileName(self, tr("Choose a model in the folder"), str(self.folder), kinds)
        if chosen:
            self.folder_field.setText(str(Path(chosen).parent))

    def _look(self) -> None:
        problem = ""
        if not self.folder_field.text():
            problem = tr("Choose the folder.")
        elif not (self.folder / NOTE).is_file():
            problem = tr("There is no {note} in this folder: “posture models sign” writes it.", note=NOTE)
        elif not self.hashes:
            problem = tr("Enter the SHA-256 that you expect: 64 hex digits.")
        self.problem.setText(problem)
        self.act.setEnabled(not problem)


class RemoveModel(Asking):
    """Forgetting is no deletion elsewhere: the signed folder stays where it is."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(tr("Remove {name}?", name=name), tr("Remove"), parent)
        self.column.addWidget(
            label(tr("The program forgets this model. The folder that it came from stays."), soft=False)
        )
