"""Every text of the window is there in German, and every setting has words in both languages."""

import ast
import string
from pathlib import Path

import pytest
import setting_help
from PyQt6.QtWidgets import QApplication, QDialogButtonBox

from posture import config
from posture.audit.sentences import SENTENCES
from posture.gui import setting_words, words
from posture.privacy import guard

GUI = Path(words.__file__).resolve().parent.parent


def literals():
    """Every text that is given to `tr` or `mark` as it stands, or as one of two, those of layers and log."""
    found = dict.fromkeys((*guard.WORDS, *SENTENCES.values()), "guard.py or sentences.py")
    for path in sorted(GUI.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("tr", "mark"):
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        found[part.value] = path.name
    return found


def fields(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def test_the_search_finds_texts():
    assert len(literals()) > 200
    assert {"Start", "Good posture", "Pause", "Resume"} <= set(literals())


def test_german_has_every_text_and_no_other():
    german = words.catalogue("de")["text"]
    missing = {text: where for text, where in literals().items() if text not in german}
    assert not missing
    # `setting_words` asks for units and choices that are the same in every language
    assert not set(german) - set(literals())


def test_german_keeps_the_places_of_values():
    german = words.catalogue("de")["text"]
    assert not {text for text, other in german.items() if fields(text) != fields(other)}


@pytest.mark.parametrize("path", config.key_paths())
def test_every_setting_has_words(path):
    english, german = setting_words.words(path, "en"), words.catalogue("de")["setting"][path]
    assert english.label
    assert german["label"]
    assert german["help"]


def test_the_english_help_is_what_the_sources_say():
    assert setting_help.FILE.read_text("utf-8") == setting_help.catalogue(), "run tools/setting_help.py"


def test_the_window_reads_no_sources(monkeypatch):
    """An installation may come without them."""
    monkeypatch.setattr("inspect.getsource", lambda _: pytest.fail("asked for sources"))
    assert "brightness" in setting_words.words("desk.min_luma", "en").help


def test_every_setting_is_explained_in_english():
    assert not [path for path in config.key_paths() if not setting_words.words(path, "en").help]


def test_the_language_reaches_texts_numbers_and_qts_own_dialogs(qapp):
    language = words.Language(qapp)
    try:
        language.use("de")
        assert words.tr("Resume") == "Fortsetzen"
        assert words.tr("limit {limit}", limit=3) == "Grenze 3"
        assert words.number(1.5, 1) == "1,5"
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        (button,) = box.buttons()
        assert "Schließen" in button.text().replace("&", "")
    finally:
        language.use("en")
    assert words.tr("Resume") == "Resume"
    assert words.number(-1.25, 1) == "−1.2"


def test_a_text_nobody_translated_stays_english(qapp):
    language = words.Language(qapp)
    language.use("de")
    try:
        assert QApplication.translate("posture", "no such text") == "no such text"
        assert QApplication.translate("elsewhere", "Resume") == "Resume"
    finally:
        language.use("en")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h 00 min"), (float("nan"), "–")],
)
def test_lengths_of_time(seconds, said):
    assert words.duration(seconds) == said
