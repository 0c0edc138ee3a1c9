"""Sentences of vault, recorder and files in German, and that those rooms still say them so."""

import ast
import re
from datetime import date
from pathlib import Path

import pytest
from filled_vault import FilledVault
from PyQt6.QtWidgets import QApplication

import posture
from posture.errors import Locked, OutputFull, PostureError
from posture.gui import told
from posture.gui.words import Language
from posture.output import translated


@pytest.fixture
def german(qapp):
    language = Language(QApplication.instance())
    language.use("de")
    yield
    language.use("en")


def said_in_the_code():
    """Every text with names in it, each name as {}."""
    found = set()
    for path in Path(posture.__file__).parent.rglob("*.py"):
        if path.name != "told.py":
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    found.add("".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found


def test_each_is_said_by_some_room():
    code = said_in_the_code()
    bare = {re.sub(r"\{\w+\}", "{}", sentence): sentence for sentence in told.SENTENCES}
    # "{where}" is " to FOLDER" or nothing
    pieces = {text.replace("written{}", "written to {}") for text in code}
    assert [sentence for text, sentence in bare.items() if text not in code | pieces] == []
    assert "the moon is in {}" not in code, "negative control"


def test_a_sentence_within_another_is_translated_too(german):
    full = OutputFull(
        "the disk of /mnt/nas is as good as full: free some space, or choose another folder (vault.folder)"
    )
    text = told.in_words(f"the recording stopped: {full}")
    assert text.startswith("die Aufnahme endete: die Platte von /mnt/nas ist so gut wie voll")
    assert text.endswith("wählen Sie einen anderen Ordner (vault.folder)")


def test_errors_as_they_really_come(german, tmp_path):
    error = translated(
        tmp_path / "a.mp4", PermissionError(13, "Permission denied"), "check the permissions of its folder"
    )
    assert told.of(error).startswith(f"{tmp_path / 'a.mp4'} lässt sich nicht schreiben: Permission denied; prüfen Sie")
    vault = FilledVault(tmp_path)
    vault.make()
    with pytest.raises(Locked) as none:
        vault.vault.recipients(date(2001, 1, 1))
    assert told.of(none.value).startswith("es gibt keinen Schlüssel für Aufnahmen vom 2001-01-01")


def test_anything_else_stays_as_it_is(german):
    assert told.of(PostureError("the moon is in the way")) == "the moon is in the way"


def test_in_english_nothing_changes(qapp):
    text = "/x does not answer; the recording goes on in /y"
    assert told.in_words(text) == text
