"""The exit codes: what the README promises is what each error gives."""

import inspect
import re
from pathlib import Path

import pytest

from posture import errors
from posture.cli import exits

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
ERRORS = {name: kind for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)}

# Exit code and a word of the README's sentence on that code.
PROMISED = {
    "PostureError": (1, "failed"),
    "ConfigError": (2, "wrong usage or setting"),
    "SourceError": (65, "no video"),
    "CameraUnavailable": (69, "no camera"),
    "CameraBusy": (69, "no camera"),
    "CameraLost": (69, "no camera"),
    "CameraPermission": (77, "not allowed"),
    "VideoUnreadable": (65, "no video"),
    "CannotRead": (65, "cannot be read"),
    "Stalled": (65, "cannot be read"),
    "CannotScrub": (65, "cannot be scrubbed"),
    "NoInput": (66, "no such file"),
    "ModelError": (65, "model or the audit log was changed"),
    "ModelMismatch": (65, "model or the audit log was changed"),
    "ModelMissing": (66, "no such file"),
    "ModelRefused": (69, "no provider"),
    "VaultError": (77, "not allowed"),
    "WrongKey": (77, "not allowed"),
    "Damaged": (77, "not allowed"),
    "LogDamaged": (65, "audit log"),
    "UnsupportedVersion": (77, "not allowed"),
    "Locked": (77, "not allowed"),
    "SinkError": (73, "report cannot be written"),
    "OutputExists": (73, "there already"),
    "OutputFull": (74, "disk is full"),
    "FleetError": (69, "no machine of the fleet"),
    "NetworkRefused": (77, "not allowed"),
}


def sentences():
    """Exit code to what the README says of it."""
    paragraph = re.search(r"^Exit codes: (.*?)\n\n", README, re.DOTALL | re.MULTILINE)[1]
    parts = (part.strip() for part in " ".join(paragraph.split()).rstrip(".").split(";"))
    sentences = {int(code): words for code, _, words in (part.partition(" ") for part in parts)}
    return sentences | {int(code): words for code, words in re.findall(r"\b(1[34]\d) ([^,;]+)", paragraph)}


def test_every_error_is_in_the_table():
    assert set(PROMISED) == set(ERRORS)


@pytest.mark.parametrize("name", PROMISED)
def test_each_error_has_the_code_that_the_readme_gives(name):
    code, words = PROMISED[name]
    assert exits.exit_code(ERRORS[name]("words")) == code
    assert words in sentences()[code]


def test_the_readme_names_every_code_and_no_other():
    codes = {value for name, value in vars(exits).items() if name.isupper() and isinstance(value, int)}
    assert set(sentences()) == codes
